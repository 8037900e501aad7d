//! The docs page of the books shows every transition table as the rules read it, and no other.

use std::{fmt::Display, slice::from_ref};

use super::{card, deposit, order, payment, payout, subscription, withdrawal};

const PAGE: &str = include_str!("../../../docs/accounts.md");
/// The part of the page that has these tables and nothing else with columns.
const SECTION: &str = "\n## What can happen when\n";

/// What happens, from where, to where: a line of a table in the docs.
fn row<Stage: Display>(what: &str, from: &[Stage], to: &[Stage], all: &[Stage]) -> String {
    let words = |stages: &[Stage]| stages.iter().map(Stage::to_string).collect::<Vec<_>>().join(", ");
    let from = if from.len() == all.len() { "any".into() } else { words(from) };
    let to = if to.is_empty() { "as it was".into() } else { words(to) };
    format!("| {what} | {from} | {to} |\n")
}

fn table(room: &str, rows: impl Iterator<Item = String>) -> String {
    format!("| {room} | From | To |\n| --- | --- | --- |\n{}", rows.collect::<String>())
}

/// Every table, in the order of the page.
fn tables() -> [String; 8] {
    let payments = payment::TRANSITIONS
        .iter()
        .map(|line| row(line.action.word(), line.from, line.to, &payment::Stage::ALL));
    let orders =
        order::TRANSITIONS.iter().map(|line| row(line.action.word(), line.from, line.to, &order::Stage::ALL));
    let payouts = payout::TRANSITIONS
        .iter()
        .map(|line| row(line.action.word(), from_ref(&line.from), from_ref(&line.to), &payout::Stage::ALL));
    let deposits = deposit::TRANSITIONS
        .iter()
        .map(|line| row(line.action.word(), line.from, line.to, &deposit::Stage::ALL));
    let withdrawals = withdrawal::TRANSITIONS
        .iter()
        .map(|line| row(line.action.word(), line.from, from_ref(&line.to), &withdrawal::Stage::ALL));
    let invoices = subscription::TRANSITIONS.iter().map(|line| {
        row(line.action.word(), from_ref(&line.from), from_ref(&line.to), &subscription::Stage::ALL)
    });
    let cards = card::CARD_TRANSITIONS
        .iter()
        .map(|line| row(line.action.word(), line.from, line.to, &card::CardStage::ALL));
    let authorizations = card::AUTHORIZATION_TRANSITIONS
        .iter()
        .map(|line| row(line.action.word(), line.from, line.to, &card::AuthorizationStage::ALL));
    [
        table("A payment is", payments),
        table("An order is", orders),
        table("A payout is", payouts),
        table("A deposit is", deposits),
        table("A withdrawal is", withdrawals),
        table("A month's invoice is", invoices),
        table("A card is", cards),
        table("An authorisation is", authorizations),
    ]
}

#[test]
fn the_docs_show_what_can_happen_when() {
    let (_, section) = PAGE.split_once(SECTION).expect("docs/accounts.md has the section of the tables");
    let section = section.split("\n## ").next().unwrap_or_default();
    let shown: String =
        section.lines().filter(|line| line.starts_with('|')).map(|line| format!("{line}\n")).collect();
    let tables = tables();
    for table in &tables {
        assert!(shown.contains(table), "docs/accounts.md lacks this table:\n\n{table}");
    }
    assert_eq!(shown, tables.concat(), "docs/accounts.md has these tables, in this order, and no others");
}
