//! `choai audit checkpoint`, `prove` and `consistency`: what an auditor takes away, made beside a running server.
//!
//! The tree is that of the read model, where it is there and far enough; otherwise it is built from the log in a
//! folder of its own. It is signed here, with the key that the master key opens, so it needs no server. Each proof is
//! verified before it is handed out: rows that are not what the log says sign nothing.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use anyhow::{Context, anyhow, bail, ensure};
use choai_engine::{
    Paths,
    domain::StreamId,
    log::{Log, RocksStore},
    proof::{Anchor, EventProof, GrowthProof, Keys, Proof, SignedCheckpoint},
    vault::{MasterKey, OsRandom, Vault},
};
use choai_projections::Models;
use serde_json::json;

use crate::{
    commands::{
        beside::{again, view},
        out::say,
        verify::{as_json, read_checkpoint},
    },
    signing,
};

/// What is wanted.
#[derive(clap::Subcommand)]
pub enum Wanted {
    /// Print the ledger's signed checkpoint: keep it, and what is proved against it cannot have been changed
    Checkpoint(Signed),
    /// Prove that an event is in the ledger
    Prove {
        /// The event: its position (42), or its stream and revision (merchant-7/3)
        event: EventName,
        /// Among how many of the first events, or in which checkpoint's file [default: all there are]
        #[arg(long)]
        at: Option<TreeName>,
        #[command(flatten)]
        signed: Signed,
    },
    /// Prove that nothing was changed between two checkpoints
    Consistency {
        /// The older: how many events it had, or its file
        old: TreeName,
        /// The newer [default: the ledger as it is]
        new: Option<TreeName>,
        #[command(flatten)]
        signed: Signed,
    },
}

/// Where the key is, and where the result goes.
#[derive(clap::Args)]
pub struct Signed {
    /// The master key [default: the data folder's name with .master-key, beside it]
    #[arg(long)]
    master_key: Option<PathBuf>,
    /// Write it to this file instead of standard output
    #[arg(long)]
    out: Option<PathBuf>,
}

/// An event, as people name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventName {
    /// By its place in the log.
    Position(u64),
    /// By its place in its stream.
    Revision(StreamId, u64),
}

impl FromStr for EventName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let revision = || {
            let (stream, revision) = text.rsplit_once('/')?;
            Some(Self::Revision(stream.parse().ok()?, revision.parse().ok()?))
        };
        let position = text.parse().ok().filter(|position| *position > 0).map(Self::Position);
        position
            .or_else(revision)
            .ok_or_else(|| "a position, or a stream and a revision (merchant-7/3)".into())
    }
}

/// A tree, as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeName {
    /// By how many events it has.
    Size(u64),
    /// By the file its checkpoint is in.
    File(PathBuf),
}

impl FromStr for TreeName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(0) => Err("of no events there is nothing to prove".into()),
            Ok(size) => Ok(Self::Size(size)),
            Err(_) => Ok(Self::File(text.into())),
        }
    }
}

/// Makes what is wanted, and prints it.
///
/// # Errors
/// When the ledger cannot be read, has no signing key yet, or has no such event or checkpoint.
pub fn print(paths: &Paths, wanted: &Wanted, as_json_wanted: bool) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir().context("a scratch folder")?;
    let (Wanted::Checkpoint(signed) | Wanted::Prove { signed, .. } | Wanted::Consistency { signed, .. }) =
        wanted;
    let ledger = Ledger::open(paths, signed, scratch.path(), least(wanted))?;
    let (text, told) = match wanted {
        Wanted::Checkpoint(_) => {
            let checkpoint = ledger.checkpoint(None)?;
            let keys = &ledger.keys;
            let (number, key) = keys.current();
            let key = json!({ "number": number, "verifier_key": keys.verifier(key).to_string() });
            let text = checkpoint.to_string();
            let checkpoint = as_json(&checkpoint.checkpoint);
            (text.clone(), json!({ "checkpoint": checkpoint, "signed_by": key, "note": text }))
        }
        Wanted::Prove { event, at, .. } => {
            let (position, proof) = ledger.prove(*event, at.as_ref())?;
            (proof.clone(), json!({ "position": position, "proof": proof }))
        }
        Wanted::Consistency { old, new, .. } => {
            let proof = ledger.consistency(old, new.as_ref())?;
            (proof.clone(), json!({ "proof": proof }))
        }
    };
    if let Some(out) = &signed.out {
        std::fs::write(out, &text).with_context(|| out.display().to_string())?;
    }
    match (as_json_wanted, &signed.out) {
        (true, _) => say(serde_json::to_string_pretty(&told)?)?,
        (false, Some(out)) => say(format!("written to {}", out.display()))?,
        (false, None) => say(text.trim_end_matches('\n'))?,
    }
    Ok(())
}

/// The position the tree has to reach for it, as far as that is known before anything is opened.
fn least(wanted: &Wanted) -> u64 {
    let size = |tree: Option<&TreeName>| match tree {
        Some(TreeName::Size(size)) => *size,
        Some(TreeName::File(_)) | None => 1,
    };
    match wanted {
        Wanted::Checkpoint(_) => 1,
        Wanted::Prove { event: EventName::Position(position), at, .. } => size(at.as_ref()).max(*position),
        Wanted::Prove { at, .. } => size(at.as_ref()),
        Wanted::Consistency { old, new, .. } => size(Some(old)).max(size(new.as_ref())),
    }
}

/// A ledger seen beside its server, with what it takes to prove and sign.
struct Ledger {
    store: Arc<RocksStore>,
    models: Models,
    vault: Vault,
    keys: Keys,
}

impl Ledger {
    fn open(paths: &Paths, signed: &Signed, scratch: &Path, least: u64) -> anyhow::Result<Self> {
        let path = signed.master_key.as_ref().unwrap_or(&paths.master_key);
        let master = MasterKey::load(path, false, &OsRandom)?;
        // Models first, so that the log reaches at least as far as they do.
        let models = again(|| Models::open_beside(&paths.models(), &scratch.join("models-view")));
        let store = Arc::new(view(paths, scratch)?);
        let vault = Vault::open(master, store.clone(), Arc::new(OsRandom))?;
        let models = match models {
            Ok(models) if reaches(&models, least) => models,
            Ok(_) | Err(_) => built(&*store, &scratch.join("models"))?,
        };
        let none = || {
            anyhow!(
                "the ledger has no signing key yet; `choai signing-key rotate` makes the first, on a running server"
            )
        };
        let keys = signing::keys(&models, &*store)?.ok_or_else(none)?;
        Ok(Self { store, models, vault, keys })
    }

    /// The tree's signed head: now, of a size, or as it is in a file.
    fn checkpoint(&self, of: Option<&TreeName>) -> anyhow::Result<SignedCheckpoint> {
        let tree = self.models.proofs().tree()?;
        let size = match of {
            None => tree.size(),
            Some(TreeName::Size(size)) => *size,
            Some(TreeName::File(path)) => return read_checkpoint(path),
        };
        ensure!(size <= tree.size(), "the ledger has {} events, not {size}", tree.size());
        Ok(signing::sign(&tree, size, &self.keys, &self.vault)?)
    }

    fn prove(&self, event: EventName, at: Option<&TreeName>) -> anyhow::Result<(u64, String)> {
        let position = self.position(event)?;
        let checkpoint = self.checkpoint(at)?;
        let (tree, size) = (self.models.proofs().tree()?, checkpoint.checkpoint.tree.size);
        ensure!(size <= tree.size(), "the checkpoint has {size} events, but the ledger only {}", tree.size());
        ensure!(position <= size, "there is no event {position} among the first {size}");
        let index = position - 1;
        let path = tree.inclusion(index, size)?;
        let leaf = self.leaf(position)?;
        let proof = Proof::Event(EventProof { keys: self.keys.clone(), leaf, index, path, checkpoint });
        Ok((position, checked(&proof)?))
    }

    fn consistency(&self, old: &TreeName, new: Option<&TreeName>) -> anyhow::Result<String> {
        let (old, new) = (self.checkpoint(Some(old))?, self.checkpoint(new)?);
        let [before, after] = [&old, &new].map(|signed| signed.checkpoint.tree.size);
        let tree = self.models.proofs().tree()?;
        let fits = 0 < before && before <= after && after <= tree.size();
        ensure!(
            fits,
            "of {before} and {after} events, the first must not be more, and the ledger has {}",
            tree.size()
        );
        let path = tree.consistency(before, after)?;
        checked(&Proof::Growth(GrowthProof { keys: self.keys.clone(), path, old, new }))
    }

    fn position(&self, event: EventName) -> anyhow::Result<u64> {
        match event {
            EventName::Position(position) => Ok(position),
            EventName::Revision(stream, revision) => {
                let found = self.models.streams().read(stream, revision, 1)?;
                found.first().copied().with_context(|| format!("{stream} has no event {revision}"))
            }
        }
    }

    fn leaf(&self, position: u64) -> anyhow::Result<Vec<u8>> {
        let frame = self.store.read(position, 1)?.into_iter().next().context("the log ends before that")?;
        let at = usize::try_from(position - frame.first())?;
        let leaves = frame.leaves()?;
        Ok(leaves.get(at).context("the log ends before that")?.to_bytes())
    }
}

/// Whether the tree and the streams have come that far.
fn reaches(models: &Models, least: u64) -> bool {
    let needed = |(model, _): &(&str, u64)| ["proofs", "streams"].contains(model);
    models.positions().iter().filter(|model| needed(model)).all(|(_, position)| *position >= least)
}

/// The models that are needed, built from the log in a folder of their own.
fn built(log: &dyn Log, folder: &Path) -> anyhow::Result<Models> {
    let models = Models::open(folder)?;
    for model in ["proofs", "streams"] {
        models.rebuild(log, Some(model), &mut |_| ())?;
    }
    Ok(models)
}

/// The proof's text, once it is known to prove something.
fn checked(proof: &Proof) -> anyhow::Result<String> {
    if let Err(disproof) = proof.verify(&Anchor::Nothing) {
        bail!(
            "{disproof}; if you gave no checkpoint of another ledger, `choai audit --full` tells what is wrong here"
        );
    }
    Ok(proof.to_string())
}

#[cfg(test)]
mod tests {
    use choai_engine::domain::MerchantId;

    use super::*;

    #[test]
    fn events_and_trees_are_named_in_two_ways_each() {
        let stream = StreamId::Merchant(MerchantId(7));
        assert_eq!("42".parse(), Ok(EventName::Position(42)));
        assert_eq!("merchant-7/3".parse(), Ok(EventName::Revision(stream, 3)));
        for wrong in ["", "0", "-1", "merchant-7", "merchant-7/", "nobody-7/3", "merchant-7/-1"] {
            assert!(wrong.parse::<EventName>().is_err(), "{wrong}");
        }
        assert_eq!("42".parse(), Ok(TreeName::Size(42)));
        assert_eq!("kept.txt".parse(), Ok(TreeName::File("kept.txt".into())));
        assert!("0".parse::<TreeName>().is_err());
    }
}
