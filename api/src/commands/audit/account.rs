//! `choai audit --account`: one account's history as a ledger page, read from the log and nothing else.

use std::process::ExitCode;

use choai_engine::{
    books::AccountKey,
    domain::Timestamp,
    log::{Head, Log, Recorded, Walk},
    money::Money,
};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::json;

use crate::commands::out::say;

/// How far back a page goes up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// An instant by the realm's clock, that instant included.
    Instant(Timestamp),
    /// A position, that event included.
    Position(u64),
}

impl std::str::FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let position = || text.parse().ok().map(Self::Position);
        let instant = || text.parse().ok().map(Self::Instant);
        position()
            .or_else(instant)
            .ok_or_else(|| "an instant (2026-01-05T00:00:00Z) or a position".to_owned())
    }
}

impl At {
    fn includes(self, recorded: &Recorded) -> bool {
        match self {
            Self::Instant(at) => recorded.header.effective_at <= at,
            Self::Position(at) => recorded.position <= at,
        }
    }
}

/// One line of the page.
#[derive(Serialize)]
struct Line {
    position: u64,
    effective_at: String,
    kind: &'static str,
    stream: String,
    debit: Option<String>,
    credit: Option<String>,
    balance: String,
}

/// Prints the page of `account` up to `at`.
///
/// # Errors
/// When the log cannot be read, or is damaged on the way.
pub fn print(log: &dyn Log, account: &AccountKey, at: Option<At>, as_json: bool) -> anyhow::Result<ExitCode> {
    let lines = read(log, account, at)?;
    let balance =
        lines.last().map_or_else(|| Money::zero(account.currency).to_decimal(), |line| line.balance.clone());
    if as_json {
        let page = json!({ "account": account.to_string(), "balance": balance, "lines": lines });
        say(serde_json::to_string_pretty(&page)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    say(format!("{account} ({})", account.account.class().name()))?;
    if lines.is_empty() {
        say("Nothing was posted to it.")?;
    } else {
        say(table(&lines).trim_fmt())?;
    }
    say(format!("Balance {balance} {}", account.currency))?;
    Ok(ExitCode::SUCCESS)
}

fn read(log: &dyn Log, account: &AccountKey, at: Option<At>) -> anyhow::Result<Vec<Line>> {
    let (mut lines, mut debit_minor) = (Vec::new(), 0);
    let mut walk = Walk::new(log, Head::default(), log.head()?.position);
    while let Some(frame) = walk.next_commit()? {
        for recorded in frame.records()? {
            // Positions and a realm's time rise together: nothing that follows belongs to the page.
            if recorded.header.realm == Some(account.realm) && at.is_some_and(|at| !at.includes(&recorded)) {
                return Ok(lines);
            }
            lines.extend(lines_of(&recorded, account, &mut debit_minor));
        }
    }
    Ok(lines)
}

/// The lines of one event, each with the balance it leaves.
fn lines_of(recorded: &Recorded, account: &AccountKey, debit_minor: &mut i128) -> Vec<Line> {
    let Some(entry) = recorded.event.entry().filter(|_| recorded.header.realm == Some(account.realm)) else {
        return Vec::new();
    };
    let mine = entry
        .postings()
        .iter()
        .filter(|posting| posting.account == account.account && posting.currency == account.currency);
    let decimal = |minor| Money::new(minor, account.currency).to_decimal();
    let line = |minor: i128| {
        *debit_minor += minor;
        Line {
            position: recorded.position,
            effective_at: recorded.header.effective_at.to_string(),
            kind: recorded.kind.name(),
            stream: recorded.header.stream.to_string(),
            debit: (minor > 0).then(|| decimal(minor)),
            credit: (minor < 0).then(|| decimal(-minor)),
            balance: decimal(account.account.natural(*debit_minor)),
        }
    };
    mine.map(|posting| posting.debit_minor).map(line).collect()
}

fn table(lines: &[Line]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["position", "effective at", "event", "stream", "debit", "credit", "balance"]);
    for line in lines {
        let amount =
            |text: Option<&str>| Cell::new(text.unwrap_or_default()).set_alignment(CellAlignment::Right);
        table.add_row([
            amount(Some(&line.position.to_string())),
            Cell::new(&line.effective_at),
            Cell::new(line.kind),
            Cell::new(&line.stream),
            amount(line.debit.as_deref()),
            amount(line.credit.as_deref()),
            amount(Some(&line.balance)),
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_at_an_instant_or_a_position() {
        for (text, expected) in [
            ("12", Some(At::Position(12))),
            ("1970-01-01T00:00:01Z", Some(At::Instant(Timestamp(1_000_000)))),
            ("1970-01-01T09:00:01+09:00", Some(At::Instant(Timestamp(1_000_000)))),
            ("-1", None),
            ("yesterday", None),
            ("2026-01-05", None),
        ] {
            assert_eq!(text.parse().ok(), expected, "{text}");
        }
    }
}
