//! `choai restore`: a backup put into an empty data folder, proved, and with everybody forgotten who was erased since.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use choai_engine::{ListOfErasures, Paths, Restored, hex, log::Backups, restore, vault::OsRandom};
use rustix::{fs::Mode, process::umask};
use serde_json::json;

use super::{
    backup::{Progress, as_json},
    out::say,
};

/// What `restore` can be told.
#[derive(clap::Args)]
pub struct Args {
    /// The folder of backups
    folder: PathBuf,
    /// Which backup [default: the newest]
    #[arg(long)]
    number: Option<u32>,
    /// The data folder to make; it must be empty, or not there
    #[arg(long)]
    data: PathBuf,
    /// The master key of the ledger [default: the data folder's name with .master-key, beside it]
    #[arg(long)]
    master_key: Option<PathBuf>,
    /// The witness to make [default: `witness` in the data folder]
    #[arg(long)]
    witness: Option<PathBuf>,
    /// The ledger's list of erasures, as it was last [default: the data folder's name with .erasures, beside it]
    #[arg(long)]
    erasures: Option<PathBuf>,
    /// The list of erasures is lost: restore all the same, whoever was erased since the backup
    #[arg(long, conflicts_with = "erasures")]
    erasures_lost: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Restores, and says what to do next.
///
/// # Errors
/// When the backup is damaged, the folder is not empty, or key or list is missing or another ledger's.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    umask(Mode::RWXG | Mode::RWXO);
    let mut paths = Paths::of(&args.data);
    if let Some(master_key) = &args.master_key {
        paths.master_key.clone_from(master_key);
    }
    if let Some(witness) = &args.witness {
        paths.witness.clone_from(witness);
    }
    let list = args.erasures.clone().unwrap_or_else(|| paths.erasures.clone());
    let listing = if args.erasures_lost { ListOfErasures::Lost } else { ListOfErasures::At(list) };
    let backups = Backups::open(&args.folder)?;
    let manifest = backups.find(args.number)?;
    let restored = {
        let mut progress = Progress::default();
        restore(&backups, manifest, &paths, &listing, Arc::new(OsRandom), &mut |step| progress.show(step))?
    };
    tell(args, &paths, &listing, &restored)?;
    Ok(ExitCode::SUCCESS)
}

fn tell(args: &Args, paths: &Paths, listing: &ListOfErasures, restored: &Restored) -> anyhow::Result<()> {
    let Restored { manifest, head, erased_again } = restored;
    let erased: Vec<String> = erased_again.iter().map(ToString::to_string).collect();
    if args.json {
        let mut told = as_json(manifest);
        told["data"] = json!(paths.data.display().to_string());
        told["erased_again"] = json!(erased);
        say(serde_json::to_string_pretty(&told)?)?;
        return Ok(());
    }
    let data = paths.data.display();
    say(format!("Backup {} of {} is in {data}, proved.", manifest.number, manifest.at))?;
    say(format!("position {}, head {}", head.position, hex(&head.hash)))?;
    say("What was acknowledged after that position is not in it.")?;
    match listing {
        ListOfErasures::At(_) if erased.is_empty() => say("Nobody was erased since.")?,
        ListOfErasures::At(_) => say(format!("Erased since, and so again: {}", erased.join(", ")))?,
        ListOfErasures::Lost => say("Whoever was erased since can be read again: erase them again.")?,
    }
    let (key, list) = (paths.master_key.display(), paths.erasures.display());
    say(format!("Its master key is {key}, its list of erasures {list}: keep both."))?;
    let flag =
        args.master_key.as_ref().map_or(String::new(), |key| format!(" --master-key {}", key.display()));
    say(format!("Next: choai audit --data {data}, then choai serve --data {data}{flag}"))?;
    Ok(())
}
