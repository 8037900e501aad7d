//! The docs page of the books shows every transition table as the rules read it.

use super::{order, payment, payout};

/// What happens, from where, to where: a line of a table in the docs.
fn row<'a>(
    what: &str,
    from: impl Iterator<Item = &'a str>,
    to: impl Iterator<Item = &'a str>,
    stages: usize,
) -> String {
    let (from, to): (Vec<_>, Vec<_>) = (from.collect(), to.collect());
    let from = if from.len() == stages { "any".into() } else { from.join(", ") };
    let to = if to.is_empty() { "as it was".into() } else { to.join(", ") };
    format!("| {what} | {from} | {to} |\n")
}

fn check(room: &str, rows: impl Iterator<Item = String>) {
    let docs = include_str!("../../../docs/accounts.md");
    let table = format!("| {room} | From | To |\n| --- | --- | --- |\n{}", rows.collect::<String>());
    assert!(docs.contains(&table), "docs/accounts.md lacks this table:\n\n{table}");
}

#[test]
fn the_docs_show_what_can_happen_when() {
    check(
        "A payment is",
        payment::TRANSITIONS.iter().map(|line| {
            let words = |stages: &'static [payment::Stage]| stages.iter().map(|stage| stage.word());
            row(line.action.word(), words(line.from), words(line.to), payment::Stage::ALL.len())
        }),
    );
    check(
        "An order is",
        order::TRANSITIONS.iter().map(|line| {
            let words = |stages: &'static [order::Stage]| stages.iter().map(|stage| stage.word());
            row(line.action.word(), words(line.from), words(line.to), order::Stage::ALL.len())
        }),
    );
    check(
        "A payout is",
        payout::TRANSITIONS.iter().map(|line| {
            let [from, to] = [line.from, line.to].map(|stage| std::iter::once(stage.word()));
            row(line.action.word(), from, to, usize::MAX)
        }),
    );
}
