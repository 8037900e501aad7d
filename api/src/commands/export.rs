//! `choai export`: the ledger in a form other tools read.

use std::{
    borrow::Cow,
    io::{BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
};

use choai_engine::{
    books::Posting,
    log::{Frame, Head, Log, Recorded, Walk},
    money::Money,
};
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    beside::{ledger_in, view},
    out::unless_nobody_reads,
};

mod body;

/// What `export` can be told.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder
    #[arg(long, default_value = "./data")]
    data: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Every event, in the order of the log
    Events {
        /// One JSON object a line
        #[arg(long, value_enum, default_value_t = Format::Jsonl)]
        format: Format,
        /// The first position to write
        #[arg(long, default_value_t = 1)]
        from: u64,
    },
    /// Every commit's exact stored bytes, one after the other, for tools that check the chain themselves
    Frames,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Jsonl,
}

/// Writes to standard output; every commit is proved before it is written.
///
/// # Errors
/// When the log is damaged, or nobody reads on.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    unless_nobody_reads(write(args)).map(|()| ExitCode::SUCCESS)
}

fn write(args: &Args) -> anyhow::Result<()> {
    let paths = ledger_in(&args.data)?;
    let scratch = tempfile::tempdir()?;
    let store = view(&paths, scratch.path())?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut walk = Walk::new(&store, Head::default(), store.head()?.position);
    while let Some(frame) = walk.next_commit()? {
        match args.what {
            What::Events { format: Format::Jsonl, from } => write_events(&mut out, &frame, from)?,
            What::Frames => out.write_all(frame.bytes())?,
        }
    }
    out.flush()?;
    Ok(())
}

fn write_events(out: &mut impl Write, frame: &Frame, from: u64) -> anyhow::Result<()> {
    if frame.last() < from {
        return Ok(());
    }
    for recorded in frame.records()?.iter().filter(|recorded| recorded.position >= from) {
        serde_json::to_writer(&mut *out, &line(recorded))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// One event: where it stands, and what it says in the ledger's own words. Sealed fields stay sealed.
#[derive(Serialize)]
pub(super) struct Line {
    position: u64,
    stream: String,
    revision: u64,
    id: String,
    kind: &'static str,
    schema: u16,
    realm: Option<String>,
    recorded_at: String,
    effective_at: String,
    causation: String,
    correlation: String,
    actor: String,
    body: Box<RawValue>,
    entry: Option<Vec<PostingLine>>,
}

/// One line of an entry.
#[derive(Serialize)]
struct PostingLine {
    account: String,
    side: &'static str,
    amount: String,
    currency: Cow<'static, str>,
}

pub(super) fn line(recorded: &Recorded) -> Line {
    let header = &recorded.header;
    Line {
        position: recorded.position,
        stream: header.stream.to_string(),
        revision: header.revision,
        id: header.id.to_string(),
        kind: recorded.kind.name(),
        schema: recorded.kind.schema,
        realm: header.realm.map(|realm| realm.to_string()),
        recorded_at: recorded.recorded_at.to_string(),
        effective_at: header.effective_at.to_string(),
        causation: header.causation.to_string(),
        correlation: header.correlation.to_string(),
        actor: header.actor.to_string(),
        body: body::json(&recorded.event),
        entry: recorded.event.entry().map(|entry| entry.postings().iter().map(posting_line).collect()),
    }
}

fn posting_line(posting: &Posting) -> PostingLine {
    PostingLine {
        account: posting.account.to_string(),
        side: if posting.debit_minor >= 0 { "debit" } else { "credit" },
        amount: Money::new(posting.debit_minor.abs(), posting.currency).to_decimal(),
        currency: posting.currency.code(),
    }
}
