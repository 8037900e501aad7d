//! `choai verify`: checks a proof with nothing but its file: no server, no data folder, no trust in who made it.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, anyhow};
use choai_engine::{
    log::Recorded,
    proof::{Anchor, Checkpoint, Disproof, Proof, Proven, SignedBy, SignedCheckpoint, VerifierKey},
};
use serde_json::{Value, json};

use super::{export, out::say};

/// What `verify` can be told.
#[derive(clap::Args)]
pub struct Args {
    /// A proof, or a checkpoint
    file: PathBuf,
    /// The key you trust, got some other way than with the file: choai/…+…+…
    #[arg(long, conflicts_with = "checkpoint")]
    key: Option<VerifierKey>,
    /// A checkpoint you kept: what is proved must begin with it
    #[arg(long)]
    checkpoint: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Verifies; what is not proved is refused.
///
/// # Errors
/// When the file proves nothing, and why.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let text = read(&args.file)?;
    let disproved = |disproof: Disproof| anyhow!("{} proves nothing: {disproof}", args.file.display());
    if let Ok(checkpoint) = text.parse::<SignedCheckpoint>() {
        let key = args.key.as_ref().ok_or_else(|| disproved(Disproof::Alone))?;
        checkpoint.check_signed_by(key).map_err(disproved)?;
        return tell(args, &told_of_checkpoint(&checkpoint.checkpoint, key));
    }
    let proof: Proof = text.parse().map_err(disproved)?;
    let anchor = match (&args.key, &args.checkpoint) {
        (Some(key), _) => Anchor::Key(key.clone()),
        (None, Some(path)) => Anchor::Checkpoint(read_checkpoint(path)?),
        (None, None) => Anchor::Nothing,
    };
    let proven = proof.verify(&anchor).map_err(disproved)?;
    tell(args, &told(&proven, &anchor)?)
}

/// The checkpoint in the file at `path`.
///
/// # Errors
/// When there is none.
pub fn read_checkpoint(path: &Path) -> anyhow::Result<SignedCheckpoint> {
    read(path)?.parse().map_err(|disproof: Disproof| anyhow!("{}: {disproof}", path.display()))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// What was proved, in lines for people, and as JSON.
struct Told {
    lines: Vec<String>,
    json: Value,
}

fn tell(args: &Args, told: &Told) -> anyhow::Result<ExitCode> {
    if args.json {
        say(serde_json::to_string_pretty(&told.json)?)?;
    } else {
        told.lines.iter().try_for_each(say)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn told_of_checkpoint(checkpoint: &Checkpoint, key: &VerifierKey) -> Told {
    let size = checkpoint.tree.size;
    let first = format!("proved   {} had these {size} events, root below, and no others", checkpoint.origin);
    let lines = vec![first, root_line(checkpoint), format!("signed   by {key}, the key you gave")];
    Told {
        lines,
        json: json!({ "proved": "checkpoint", "checkpoint": as_json(checkpoint), "trusted": "key" }),
    }
}

fn told(proven: &Proven, anchor: &Anchor) -> anyhow::Result<Told> {
    match proven {
        Proven::Event { leaf, index, within } => {
            let position = index + 1;
            let recorded = Recorded::of_leaf(position, leaf)
                .context("the event is in the ledger, but its record cannot be read by this version")?;
            let (origin, size) = (within.checkpoint.origin, within.checkpoint.tree.size);
            let event = export::line(&recorded);
            let mut lines = vec![
                format!("proved   event {position} is in {origin}, one of its first {size} events"),
                root_line(&within.checkpoint),
                signed_line(within),
            ];
            lines.push(trust_line(anchor));
            lines.push(format!("event    {}", serde_json::to_string(&event)?));
            let json = json!({
                "proved": "event",
                "position": position,
                "checkpoint": as_json(&within.checkpoint),
                "signed_by": key_json(within),
                "trusted": trusted(anchor),
                "event": event,
            });
            Ok(Told { lines, json })
        }
        Proven::Growth { old, new } => {
            let origin = new.checkpoint.origin;
            let [before, after] = [old, new].map(|by| by.checkpoint.tree.size);
            let what = format!(
                "proved   the first {before} events of {origin} are unchanged among its first {after}"
            );
            let mut lines = vec![what];
            for by in [old, new] {
                lines.extend([root_line(&by.checkpoint), signed_line(by)]);
            }
            lines.push(trust_line(anchor));
            let json = json!({
                "proved": "consistency",
                "old": as_json(&old.checkpoint),
                "old_signed_by": key_json(old),
                "new": as_json(&new.checkpoint),
                "new_signed_by": key_json(new),
                "trusted": trusted(anchor),
            });
            Ok(Told { lines, json })
        }
    }
}

fn root_line(checkpoint: &Checkpoint) -> String {
    format!("root     {} of {} events", choai_engine::hex(&checkpoint.tree.root), checkpoint.tree.size)
}

fn signed_line(by: &SignedBy) -> String {
    format!("signed   by key {}, {}", by.number, by.key)
}

fn trust_line(anchor: &Anchor) -> String {
    match anchor {
        Anchor::Nothing => "trusted  NOTHING: the key came from the file itself, so this proves only that the file \
                            agrees with itself. Compare the key with one you got another way, or give --key or \
                            --checkpoint."
            .into(),
        Anchor::Key(_) => "trusted  the key you gave, which signed this or vouches for the key that did".into(),
        Anchor::Checkpoint(_) => "trusted  the checkpoint you gave, which this begins with".into(),
    }
}

const fn trusted(anchor: &Anchor) -> &'static str {
    match anchor {
        Anchor::Nothing => "nothing",
        Anchor::Key(_) => "key",
        Anchor::Checkpoint(_) => "checkpoint",
    }
}

/// A checkpoint as JSON has it everywhere.
pub fn as_json(checkpoint: &Checkpoint) -> Value {
    let tree = checkpoint.tree;
    json!({ "origin": checkpoint.origin.to_string(), "size": tree.size, "root": choai_engine::hex(&tree.root) })
}

fn key_json(by: &SignedBy) -> Value {
    json!({ "number": by.number, "verifier_key": by.key.to_string() })
}
