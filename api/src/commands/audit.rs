//! `choai audit`: one consistent view of a data folder, also beside a running server, and every law re-proved.

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use choai_engine::{
    Paths,
    audit::{Report, RowDifference, audit, compare_tables},
    log::{Log, RocksStore, Witness},
};
use choai_projections::Models;
use serde_json::{Value, json};

/// Differences printed before the rest is only counted.
const SHOWN_MAX: usize = 20;

/// What `audit` can be told.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder
    #[arg(long, default_value = "./data")]
    data: PathBuf,
    /// The witness [default: `witness` in the data folder]
    #[arg(long)]
    witness: Option<PathBuf>,
    /// Also rebuild tables and read models, and compare them where they stand
    #[arg(long)]
    full: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A line of the result: what was checked, and what is wrong with it.
struct Line {
    name: String,
    broken: Option<String>,
    position: Option<u64>,
}

/// Audits; anything broken makes it fail.
///
/// # Errors
/// When the folder cannot be read at all.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let paths = Paths::of(&args.data);
    if !RocksStore::exists(&paths.ledger()) {
        bail!("there is no ledger in {}", args.data.display());
    }
    let scratch = tempfile::tempdir().context("a scratch folder")?;
    // Read before the log, so that the log is at least as new as both.
    let witnessed = Witness::read(args.witness.as_ref().unwrap_or(&paths.witness));
    let models = if args.full && paths.models().exists() {
        Some(Models::open_beside(&paths.models(), &scratch.path().join("models-view"))?)
    } else {
        None
    };
    let store = open_ledger(&paths, &scratch.path().join("ledger-view"));
    let (report, mut lines) = match store {
        Ok(store) => {
            let report = audit(&store, progress())?;
            let mut lines = law_lines(&report);
            lines.push(witness_line(&store, &witnessed.map_err(|fault| fault.to_string())));
            if args.full && report.is_clean() {
                lines.extend(full(&store, models.as_ref(), scratch.path())?);
            }
            (Some(report), lines)
        }
        Err(fault) => {
            let position = if let choai_engine::Fault::Damaged { position, .. } = fault { Some(position) } else { None };
            let line = Line { name: "the ledger opens".into(), broken: Some(fault.to_string()), position };
            (None, vec![line])
        }
    };
    let clean = lines.iter().all(|line| line.broken.is_none());
    if args.json {
        println!("{}", serde_json::to_string_pretty(&as_json(report.as_ref(), &mut lines, clean))?);
    } else {
        print(report.as_ref(), &lines, clean);
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A running server may replace files while they are being opened: then once more.
fn open_ledger(paths: &Paths, scratch: &std::path::Path) -> Result<RocksStore, choai_engine::Fault> {
    let mut tries = 0;
    loop {
        match RocksStore::open_beside(&paths.ledger(), scratch) {
            Err(choai_engine::Fault::Store(_)) if tries < 5 => tries += 1,
            opened => return opened,
        }
    }
}

fn law_lines(report: &Report) -> Vec<Line> {
    let line = |check: &choai_engine::audit::Check| Line {
        name: check.name.to_owned(),
        broken: check.broken.as_ref().map(|broken| broken.what.clone()),
        position: check.broken.as_ref().map(|broken| broken.position),
    };
    report.checks.iter().map(line).collect()
}

fn witness_line(store: &RocksStore, witnessed: &Result<choai_engine::log::Head, String>) -> Line {
    let name = "the log holds everything the witness saw".to_owned();
    let head = store.head().map(|head| head.position).unwrap_or_default();
    let (broken, position) = match witnessed {
        Err(what) => (Some(what.clone()), None),
        Ok(seen) if seen.position > head => {
            (Some(format!("the witness saw position {}, the log ends at {head}", seen.position)), Some(head + 1))
        }
        Ok(_) => (None, None),
    };
    Line { name, broken, position }
}

/// Law 6: tables and read models, folded anew, are what is being served.
fn full(store: &RocksStore, models: Option<&Models>, scratch: &std::path::Path) -> anyhow::Result<Vec<Line>> {
    let (position, differences) = compare_tables(store)?;
    let mut lines = vec![Line {
        name: format!("the writer's tables equal their rebuild at position {position}"),
        broken: summary(&differences, |row: &RowDifference| format!("{} {} is {}", row.table, row.key, row.what)),
        position: None,
    }];
    let Some(models) = models else { return Ok(lines) };
    let differences = models.compare(store, &scratch.join("rebuilt"))?;
    for (model, position) in models.positions() {
        let own: Vec<_> = differences.iter().filter(|difference| difference.model == model).collect();
        lines.push(Line {
            name: format!("read model {model} equals its rebuild at position {position}"),
            broken: summary(&own, |difference| format!("{} differs", difference.key)),
            position: None,
        });
    }
    Ok(lines)
}

fn summary<T>(differences: &[T], show: impl Fn(&T) -> String) -> Option<String> {
    let shown: Vec<_> = differences.iter().take(SHOWN_MAX).map(show).collect();
    let rest = differences.len().saturating_sub(SHOWN_MAX);
    let rest = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    (!differences.is_empty()).then(|| format!("{}{rest}", shown.join("; ")))
}

/// Shown on a terminal only.
fn progress() -> impl FnMut(u64) {
    let (shown, mut last) = (std::io::stderr().is_terminal(), 0);
    move |position| {
        if shown && position - last >= 100_000 {
            eprint!("\rposition {position}");
            last = position;
        }
    }
}

fn print(report: Option<&Report>, lines: &[Line], clean: bool) {
    for line in lines {
        match (&line.broken, line.position) {
            (None, _) => println!("ok      {}", line.name),
            (Some(what), Some(position)) => println!("BROKEN  {}: at position {position}, {what}", line.name),
            (Some(what), None) => println!("BROKEN  {}: {what}", line.name),
        }
    }
    if let Some(report) = report {
        let (events, commits, entries) = (report.events, report.commits, report.entries);
        println!("{events} events in {commits} commits, {entries} entries, up to position {}", report.head.position);
        println!("head {}", hex(&report.head.hash));
    }
    println!("{}", if clean { "The books are in order." } else { "The books are NOT in order." });
}

fn as_json(report: Option<&Report>, lines: &mut [Line], clean: bool) -> Value {
    let checks: Vec<_> = lines
        .iter()
        .map(|line| json!({ "check": line.name, "ok": line.broken.is_none(), "position": line.position, "found": line.broken }))
        .collect();
    let counts = report.map(|report| {
        json!({
            "position": report.head.position,
            "head": hex(&report.head.hash),
            "commits": report.commits,
            "events": report.events,
            "entries": report.entries,
        })
    });
    json!({ "ok": clean, "log": counts, "checks": checks })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
