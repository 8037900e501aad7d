//! `choai backup`: a proved copy of the ledger, beside a running server or without one; and what is in a folder of them.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use choai_engine::{
    Engine, Fault, Options, SystemClock, hex,
    log::{Backups, Manifest, Outdated, Step},
    vault::OsRandom,
};
use rustix::{fs::Mode, process::umask};
use serde_json::{Value, json};

use super::{beside::ledger_in, client::Where, out::say, runtime};
use crate::operator::{self, BackupStands, BackupTaken, TakeBackup};

/// Time between two looks at what the server does.
const LOOK: Duration = Duration::from_millis(100);

/// What `backup` can be told.
#[derive(clap::Args)]
pub struct Args {
    /// The folder of backups; made if it is not there, and never within the data folder
    folder: PathBuf,
    /// List the backups in the folder instead
    #[arg(long, conflicts_with = "verify")]
    list: bool,
    /// Check every byte of a backup in the folder instead, and prove its chain
    #[arg(long)]
    verify: bool,
    /// Which backup to verify [default: the newest]
    #[arg(long, requires = "verify")]
    number: Option<u32>,
    /// Keep earlier backups that hold keys of subjects erased since
    #[arg(long)]
    keep_outdated: bool,
    /// The master key, where no server runs [default: the data folder's name with .master-key, beside it]
    #[arg(long)]
    master_key: Option<PathBuf>,
    /// The list of erasures, where no server runs [default: the data folder's name with .erasures, beside it]
    #[arg(long)]
    erasures: Option<PathBuf>,
    #[command(flatten)]
    server: Where,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Does what was asked for.
///
/// # Errors
/// When the backup fails, or one that is looked at is damaged.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    // RocksDB makes its files as open as the process lets it, and a backup has all that the ledger has.
    umask(Mode::RWXG | Mode::RWXO);
    if args.list {
        list(args)?;
    } else if args.verify {
        verify(args)?;
    } else {
        take(args)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn take(args: &Args) -> anyhow::Result<()> {
    let folder = std::path::absolute(&args.folder)?;
    // The folder's lock tells whether a server has the ledger open.
    let taken = match take_closed(args, &folder) {
        Err(Fault::InUse(_)) => runtime()?.block_on(take_beside(args, &folder))?,
        taken => taken?,
    };
    if args.json {
        say(serde_json::to_string_pretty(&taken)?)?;
        return Ok(());
    }
    let (number, position, folder) = (taken.number, taken.position, folder.display());
    say(format!("Backup {number} in {folder}: proved up to position {position}."))?;
    say(format!("head {}", taken.hash))?;
    say(format!("{} bytes, {} of them copied now", taken.bytes, taken.copied_bytes))?;
    if !taken.dropped.is_empty() {
        say(format!("Deleted, because they held keys erased since: backups {}", numbers(&taken.dropped)))?;
    }
    if !taken.outdated.is_empty() {
        say(format!("Kept, though they hold keys erased since: backups {}", numbers(&taken.outdated)))?;
    }
    Ok(())
}

fn take_closed(args: &Args, folder: &Path) -> Result<BackupTaken, Fault> {
    let mut paths = ledger_in(args.server.data()).map_err(|error| Fault::Backup(error.to_string()))?;
    if let Some(master_key) = &args.master_key {
        paths.master_key.clone_from(master_key);
    }
    if let Some(erasures) = &args.erasures {
        paths.erasures.clone_from(erasures);
    }
    let scratch = tempfile::tempdir().map_err(|error| Fault::file(&std::env::temp_dir(), &error))?;
    let options = Options { clock: Arc::new(SystemClock), random: Arc::new(OsRandom) };
    let outdated = if args.keep_outdated { Outdated::Keep } else { Outdated::Drop };
    let mut progress = Progress::default();
    let show = &mut |step| progress.show(step);
    let taken = Engine::back_up_closed(&paths, &options, folder, outdated, scratch.path(), show)?;
    Ok(operator::told(&taken))
}

async fn take_beside(args: &Args, folder: &Path) -> anyhow::Result<BackupTaken> {
    let operator = args.server.operator()?;
    let folder = folder.to_str().context("the folder's name is not UTF-8")?.to_owned();
    let wish = TakeBackup { folder, keep_outdated: args.keep_outdated };
    let mut stands: BackupStands = operator.answer(operator.post("/operator/backups").json(&wish)).await?;
    let mut progress = Progress::default();
    loop {
        match stands {
            BackupStands::Running { step, done, of } => progress.print(&step, done, of),
            BackupStands::Done { backup } => return Ok(backup),
            BackupStands::Failed { message } => bail!(message),
            BackupStands::Idle => bail!("the server was restarted before the backup was done"),
        }
        tokio::time::sleep(LOOK).await;
        stands = operator.answer(operator.get("/operator/backups")).await?;
    }
}

fn list(args: &Args) -> anyhow::Result<()> {
    let manifests = Backups::open(&args.folder)?.list()?;
    if args.json {
        let told: Vec<Value> = manifests.iter().map(as_json).collect();
        say(serde_json::to_string_pretty(&told)?)?;
        return Ok(());
    }
    for manifest in manifests {
        let (number, at, position) = (manifest.number, manifest.at, manifest.head.position);
        say(format!("{number}  {at}  position {position}  {} bytes", manifest.bytes()))?;
    }
    Ok(())
}

fn verify(args: &Args) -> anyhow::Result<()> {
    let backups = Backups::open(&args.folder)?;
    let manifest = backups.find(args.number)?;
    let scratch = tempfile::tempdir().context("a scratch folder")?;
    let mut progress = Progress::default();
    backups.verify(&manifest, scratch.path(), &mut |step| progress.show(step))?;
    if args.json {
        say(serde_json::to_string_pretty(&as_json(&manifest))?)?;
        return Ok(());
    }
    let (number, position) = (manifest.number, manifest.head.position);
    say(format!("Backup {number} is whole, and its chain is proved up to position {position}."))?;
    say(format!("head {}", hex(&manifest.head.hash)))?;
    Ok(())
}

/// A backup as scripts read it.
pub fn as_json(manifest: &Manifest) -> Value {
    json!({
        "number": manifest.number,
        "position": manifest.head.position,
        "hash": hex(&manifest.head.hash),
        "taken_at": manifest.at.to_string(),
        "erasures": manifest.erasures,
        "bytes": manifest.bytes(),
    })
}

fn numbers(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

/// How far it has come, on a terminal only.
#[derive(Default)]
pub struct Progress {
    shown: Option<String>,
}

impl Progress {
    /// Shows a step.
    pub fn show(&mut self, step: Step) {
        if let BackupStands::Running { step, done, of } = operator::running(step) {
            self.print(&step, done, of);
        }
    }

    fn print(&mut self, step: &str, done: u64, of: u64) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let percent = (done * 100).checked_div(of).unwrap_or_default();
        let line = format!("{step} {percent:>3} %");
        if self.shown.as_deref() != Some(&line) {
            eprint!("\r{line:<20}");
            self.shown = Some(line);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            eprintln!();
        }
    }
}
