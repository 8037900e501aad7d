//! `choai audit`: one consistent view of a data folder, also beside a running server, and every law re-proved.

mod account;
mod proofs;

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail, ensure};
use choai_engine::{
    Fault,
    audit::{Level, Report, RowDifference, TablesFound, audit, compare_tables},
    books::AccountKey,
    hex,
    log::{Head, Log, RocksStore, RocksTables, Witness},
    vault::{VaultFamily, VaultRows, is_erased, read_through},
};
use choai_projections::Models;
use serde_json::{Value, json};

use account::At;

use super::{
    beside::{again, ledger_in, view},
    out::say,
};

/// Differences printed before the rest is only counted.
const SHOWN_MAX: usize = 20;

/// What `audit` can be told.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder
    #[arg(long, global = true, default_value = "./data")]
    data: PathBuf,
    /// The witness [default: `witness` in the data folder]
    #[arg(long)]
    witness: Option<PathBuf>,
    /// Check every law, those too that need to remember everything there ever was; also rebuild tables and read
    /// models, and compare them where they stand
    #[arg(long)]
    full: bool,
    /// Print an account's history instead, such as live/merchant-pending:1/USD
    #[arg(long, conflicts_with_all = ["full", "witness"])]
    account: Option<AccountKey>,
    /// That history up to an instant of the realm's clock (2026-01-05T00:00:00Z), or up to a position
    #[arg(long, requires = "account")]
    at: Option<At>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    proof: Option<proofs::Wanted>,
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
    let paths = ledger_in(&args.data)?;
    if let Some(wanted) = &args.proof {
        let audits = args.full || args.account.is_some() || args.witness.is_some();
        ensure!(!audits, "--full, --account and --witness are for an audit, and this makes a proof");
        proofs::print(&paths, wanted, args.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let scratch = tempfile::tempdir().context("a scratch folder")?;
    if let Some(account) = &args.account {
        account::print(&view(&paths, scratch.path())?, account, args.at, args.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    // Read before the log, so that the log is at least as new as both.
    let witnessed = witnessed(args.witness.as_deref(), &paths.witness)?;
    let tables = (args.full && paths.tables().exists())
        .then(|| again(|| RocksTables::open_beside(&paths.tables(), &scratch.path().join("tables-view"))));
    let models = (args.full && paths.models().exists())
        .then(|| again(|| Models::open_beside(&paths.models(), &scratch.path().join("models-view"))));
    let level = if args.full { Level::Full } else { Level::Books };
    let mut lines = Vec::new();
    let store = view(&paths, scratch.path()).or_else(|fault| {
        lines.push(line("the ledger opens", &Err(fault)));
        // Damage near the end keeps a view from opening; what lies before it can be read, and tells where it is.
        RocksStore::open_read_only(&paths.ledger())
    });
    let report = store.as_ref().ok().map(|store| audit(store, level, progress())).transpose()?;
    if let (Ok(store), Some(report)) = (&store, &report) {
        lines.extend(law_lines(report));
        lines.push(match witnessed {
            None => line("there is no witness: whether the log was put back is not known", &Ok(())),
            Some(witnessed) => line("the log holds everything the witness saw", &seen(store, witnessed)),
        });
        if args.full && report.is_clean() {
            lines.push(line("no key of an erased subject is left", &forgotten(store, report)));
            lines.extend(full(store, tables, models, scratch.path()));
        }
    }
    let clean = lines.iter().all(|line| line.broken.is_none());
    if args.json {
        say(serde_json::to_string_pretty(&as_json(report.as_ref(), &lines, clean))?)?;
    } else {
        print(report.as_ref(), &lines, clean)?;
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the witness saw last; `None` if there is none where nobody said that there is one.
fn witnessed(asked: Option<&Path>, default: &Path) -> anyhow::Result<Option<Result<Head, Fault>>> {
    let path = asked.unwrap_or(default);
    match path.try_exists() {
        Ok(false) if asked.is_some() => bail!("there is no witness at {}", path.display()),
        Ok(false) => Ok(None),
        // Why it cannot be looked at is for reading it to tell.
        Ok(true) | Err(_) => Ok(Some(Witness::read(path))),
    }
}

fn line(name: &str, outcome: &Result<(), Fault>) -> Line {
    let position = match outcome {
        Err(Fault::Damaged { position, .. }) => Some(*position),
        Err(Fault::Missing { head, .. }) => Some(head + 1),
        Err(_) | Ok(()) => None,
    };
    Line { name: name.to_owned(), broken: outcome.as_ref().err().map(Fault::to_string), position }
}

fn law_lines(report: &Report) -> Vec<Line> {
    let line = |check: &choai_engine::audit::Check| Line {
        name: check.name.to_owned(),
        broken: check.broken.as_ref().map(|broken| broken.what.clone()),
        position: check.broken.as_ref().map(|broken| broken.position),
    };
    report.checks.iter().map(line).collect()
}

/// The commit that the witness saw last has to be in the log, that one and no other.
fn seen(store: &RocksStore, witnessed: Result<Head, Fault>) -> Result<(), Fault> {
    let (witnessed, head) = (witnessed?, store.head()?.position);
    if witnessed.position > head {
        return Err(Fault::Missing { head, witnessed: witnessed.position });
    }
    let is_there = witnessed == Head::default()
        || store.read(witnessed.position, 1)?.first().is_some_and(|frame| frame.head() == witnessed);
    let what = || "the witness saw another commit end here".to_owned();
    if is_there { Ok(()) } else { Err(Fault::Damaged { position: witnessed.position, what: what() }) }
}

/// Everybody whom the log calls erased is so to the vault, and their keys are not there.
fn forgotten(store: &RocksStore, report: &Report) -> Result<(), Fault> {
    for subject in &report.erased {
        let key = VaultRows::get(store, VaultFamily::SubjectKey, subject.to_string().as_bytes())?;
        if key.is_some() || !is_erased(store, *subject)? {
            return Err(Fault::Erasures(format!("{subject} was erased, and the vault says otherwise")));
        }
    }
    Ok(())
}

/// Law 6: tables and read models, folded anew, are what is being served. Of the vault, that it can be read.
fn full(
    store: &RocksStore,
    tables: Option<Result<RocksTables, Fault>>,
    models: Option<Result<Models, Fault>>,
    scratch: &Path,
) -> Vec<Line> {
    let vault = read_through(store);
    let mut lines = vec![line("every row of the vault can be read", &vault)];
    match tables {
        None => {}
        Some(Err(fault)) => lines.push(line("the writer's tables open", &Err(fault))),
        Some(Ok(tables)) => lines.push(tables_line(store, &tables)),
    }
    match models {
        None => {}
        Some(Err(fault)) => lines.push(line("the read models open", &Err(fault))),
        Some(Ok(models)) => lines.extend(model_lines(store, &models, scratch)),
    }
    lines
}

fn tables_line(store: &RocksStore, tables: &RocksTables) -> Line {
    match compare_tables(store, tables) {
        Err(fault) => line("the writer's tables can be read", &Err(fault)),
        Ok(TablesFound::OtherVersion) => {
            line("the writer's tables are of another version: the next start folds them anew", &Ok(()))
        }
        Ok(TablesFound::Compared { position, differences }) => Line {
            name: format!("the writer's tables equal their rebuild at position {position}"),
            broken: summary(&differences, |row: &RowDifference| {
                format!("{} {} is {}", row.table, row.key, row.what)
            }),
            position: None,
        },
    }
}

fn model_lines(store: &RocksStore, models: &Models, scratch: &Path) -> Vec<Line> {
    let differences = match models.compare(store, &scratch.join("rebuilt")) {
        Err(fault) => return vec![line("the read models can be read", &Err(fault))],
        Ok(differences) => differences,
    };
    let mut lines = Vec::new();
    for (model, position) in models.positions() {
        let own: Vec<_> = differences.iter().filter(|difference| difference.model == model).collect();
        let name = match position {
            // Never written, or by another version of the model: nobody is served from it.
            0 => format!("read model {model} holds nothing: the next start builds it"),
            position => format!("read model {model} equals its rebuild at position {position}"),
        };
        lines.push(Line {
            name,
            broken: summary(&own, |difference| format!("{} differs", difference.key)),
            position: None,
        });
    }
    lines
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

fn print(report: Option<&Report>, lines: &[Line], clean: bool) -> std::io::Result<()> {
    for line in lines {
        say(match (&line.broken, line.position) {
            (None, _) => format!("ok      {}", line.name),
            (Some(what), Some(position)) => {
                format!("BROKEN  {}: at position {position}, {what}", line.name)
            }
            (Some(what), None) => format!("BROKEN  {}: {what}", line.name),
        })?;
    }
    if let Some(report) = report {
        let (events, commits, entries) = (report.events, report.commits, report.entries);
        let position = report.head.position;
        say(format!("{events} events in {commits} commits, {entries} entries, up to position {position}"))?;
        say(format!("head {}", hex(&report.head.hash)))?;
        match report.level.left_out() {
            0 => {}
            laws => say(format!("{laws} more laws are checked with --full"))?,
        }
    }
    say(if clean { "The books are in order." } else { "The books are NOT in order." })
}

fn as_json(report: Option<&Report>, lines: &[Line], clean: bool) -> Value {
    let checks: Vec<_> = lines
        .iter()
        .map(|line| json!({ "check": line.name, "ok": line.broken.is_none(), "position": line.position, "found": line.broken }))
        .collect();
    let level = report.map(|report| match report.level {
        Level::Books => "books",
        Level::Full => "full",
    });
    let counts = report.map(|report| {
        json!({
            "position": report.head.position,
            "head": hex(&report.head.hash),
            "commits": report.commits,
            "events": report.events,
            "entries": report.entries,
        })
    });
    json!({ "ok": clean, "level": level, "log": counts, "checks": checks })
}
