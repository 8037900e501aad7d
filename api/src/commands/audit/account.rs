//! `choai audit --account`: one account's history as a ledger page, read from the log and nothing else.
//!
//! The log is walked twice, first for what comes before the lines: how wide the columns are, and the balance. So a page
//! takes no more memory than a line, however long it is.

use std::io::{BufWriter, Write};

use choai_engine::{
    books::{AccountKey, Entry},
    domain::Timestamp,
    log::{Head, Log, Recorded, Walk},
    money::Money,
};
use serde::Serialize;

use crate::commands::out::unless_nobody_reads;

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

/// A page: whose, and up to where.
struct Page<'a> {
    log: &'a dyn Log,
    account: &'a AccountKey,
    at: Option<At>,
}

/// Prints the page of `account` up to `at`.
///
/// # Errors
/// When the log cannot be read, or is damaged on the way.
pub fn print(log: &dyn Log, account: &AccountKey, at: Option<At>, as_json: bool) -> anyhow::Result<()> {
    let page = Page { log, account, at };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = if as_json { page.write_json(&mut out) } else { page.write_text(&mut out) };
    unless_nobody_reads(written.and_then(|()| Ok(out.flush()?)))
}

impl Page<'_> {
    fn write_text(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let (mut widths, mut last) = (HEADINGS.map(str::len), None);
        self.each(&mut |line| {
            for (width, cell) in widths.iter_mut().zip(cells(&line)) {
                *width = cell.len().max(*width);
            }
            last = Some(line.balance);
            Ok(())
        })?;
        writeln!(out, "{} ({})", self.account, self.account.account.class().name())?;
        if last.is_some() {
            writeln!(out, "{}", row(HEADINGS, widths))?;
        } else {
            writeln!(out, "Nothing was posted to it.")?;
        }
        self.each(&mut |line| Ok(writeln!(out, "{}", row(cells(&line), widths))?))?;
        writeln!(out, "Balance {} {}", last.unwrap_or_else(|| self.nothing()), self.account.currency)?;
        Ok(())
    }

    /// One object, in which each line of the page is one of the text.
    fn write_json(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let mut last = None;
        self.each(&mut |line| {
            last = Some(line.balance);
            Ok(())
        })?;
        let (account, balance) = (self.account.to_string(), last.unwrap_or_else(|| self.nothing()));
        let (account, balance) = (serde_json::to_string(&account)?, serde_json::to_string(&balance)?);
        write!(out, "{{\"account\":{account},\"balance\":{balance},\"lines\":[")?;
        let mut between = "\n";
        self.each(&mut |line| {
            write!(out, "{between}{}", serde_json::to_string(&line)?)?;
            between = ",\n";
            Ok(())
        })?;
        writeln!(out, "]}}")?;
        Ok(())
    }

    fn nothing(&self) -> String {
        Money::zero(self.account.currency).to_decimal()
    }

    /// Hands every line of the page to `take`, oldest first.
    fn each(&self, take: &mut dyn FnMut(Line) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut debit_minor = 0;
        let mut walk = Walk::new(self.log, Head::default(), self.log.head()?.position);
        while let Some(frame) = walk.next_commit()? {
            for recorded in frame.records()? {
                if recorded.header.realm != Some(self.account.realm) {
                    continue;
                }
                // Positions and a realm's time rise together: nothing that follows belongs to the page.
                if self.at.is_some_and(|at| !at.includes(&recorded)) {
                    return Ok(());
                }
                self.lines_of(&recorded, &mut debit_minor).try_for_each(&mut *take)?;
            }
        }
        Ok(())
    }

    /// The lines of one event, each with the balance it leaves.
    fn lines_of(&self, recorded: &Recorded, debit_minor: &mut i128) -> impl Iterator<Item = Line> {
        let AccountKey { account, currency, .. } = *self.account;
        let decimal = move |minor| Money::new(minor, currency).to_decimal();
        let postings = recorded.event.entry().map(Entry::postings).unwrap_or_default();
        let mine =
            postings.iter().filter(move |posting| posting.account == account && posting.currency == currency);
        mine.map(move |posting| {
            let minor = posting.debit_minor;
            *debit_minor += minor;
            Line {
                position: recorded.position,
                effective_at: recorded.header.effective_at.to_string(),
                kind: recorded.kind.name(),
                stream: recorded.header.stream.to_string(),
                debit: (minor > 0).then(|| decimal(minor)),
                credit: (minor < 0).then(|| decimal(-minor)),
                balance: decimal(account.natural(*debit_minor)),
            }
        })
    }
}

const HEADINGS: [&str; 7] = ["position", "effective at", "event", "stream", "debit", "credit", "balance"];
/// Which columns end where their headings end.
const IS_FIGURE: [bool; 7] = [true, false, false, false, true, true, true];

fn cells(line: &Line) -> [String; 7] {
    [
        line.position.to_string(),
        line.effective_at.clone(),
        line.kind.to_owned(),
        line.stream.clone(),
        line.debit.clone().unwrap_or_default(),
        line.credit.clone().unwrap_or_default(),
        line.balance.clone(),
    ]
}

/// The cells in their columns. All are ASCII, so bytes are places.
fn row<T: AsRef<str>>(cells: [T; 7], widths: [usize; 7]) -> String {
    let columns = cells.into_iter().zip(widths).zip(IS_FIGURE);
    let aligned = columns.map(|((cell, width), is_figure)| match is_figure {
        true => format!("{:>width$}", cell.as_ref()),
        false => format!("{:<width$}", cell.as_ref()),
    });
    aligned.collect::<Vec<_>>().join("  ")
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
