//! Proof files: everything that is needed to check a proof, as lines of text.
//!
//! Each value is written in one way only, so that another byte is another proof, or none.

use super::{
    AdoptedKey, Checkpoint, Hash, Keys, PublicKey, Signature, SignedCheckpoint, VerifierKey, base64,
    disproof::Disproof, leaf_hash,
};

const EVENT_TITLE: &str = "choai event proof 1";
const GROWTH_TITLE: &str = "choai consistency proof 1";

/// Proof that an event is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventProof {
    /// The ledger's keys so far.
    pub keys: Keys,
    /// The event's leaf: the time of its commit and its record, as they are stored.
    pub leaf: Vec<u8>,
    /// Its place, from 0: its position less one.
    pub index: u64,
    /// The hashes beside its way up.
    pub path: Vec<Hash>,
    /// The tree it is in.
    pub checkpoint: SignedCheckpoint,
}

/// Proof that one checkpoint's events are the first of another's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrowthProof {
    /// The ledger's keys so far.
    pub keys: Keys,
    /// The hashes beside the way up from where the older tree ended.
    pub path: Vec<Hash>,
    /// The smaller tree.
    pub old: SignedCheckpoint,
    /// The larger.
    pub new: SignedCheckpoint,
}

/// What can be proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// An event is in the ledger.
    Event(EventProof),
    /// Nothing was changed between two checkpoints.
    Growth(GrowthProof),
}

/// What whoever verifies trusts already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor {
    /// Nothing: the keys are taken from the file.
    Nothing,
    /// A key that was handed over some other way.
    Key(VerifierKey),
    /// A checkpoint that was kept from before.
    Checkpoint(SignedCheckpoint),
}

/// A checkpoint that was proved to be signed, and by which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBy {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The key's number.
    pub number: u32,
    /// The key.
    pub key: VerifierKey,
}

/// What was proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proven {
    /// This leaf is at this index of this tree.
    Event {
        /// The time of its commit and its record.
        leaf: Vec<u8>,
        /// Its place, from 0.
        index: u64,
        /// The tree.
        within: SignedBy,
    },
    /// The one is the beginning of the other.
    Growth {
        /// The one.
        old: SignedBy,
        /// The other.
        new: SignedBy,
    },
}

impl Proof {
    /// Checks everything, down from what is trusted.
    ///
    /// # Errors
    /// The first [`Disproof`].
    pub fn verify(&self, anchor: &Anchor) -> Result<Proven, Disproof> {
        match self {
            Self::Event(proof) => proof.verify(anchor),
            Self::Growth(proof) => proof.verify(anchor),
        }
    }
}

impl EventProof {
    fn verify(&self, anchor: &Anchor) -> Result<Proven, Disproof> {
        let within = signed_by(&self.checkpoint, &self.keys)?;
        let tree = within.checkpoint.tree;
        if !tree.includes(leaf_hash(&[&self.leaf]), self.index, &self.path) {
            return Err(Disproof::NotInTree);
        }
        check_anchor(anchor, &self.keys, &within, &within)?;
        Ok(Proven::Event { leaf: self.leaf.clone(), index: self.index, within })
    }
}

impl GrowthProof {
    fn verify(&self, anchor: &Anchor) -> Result<Proven, Disproof> {
        let (old, new) = (signed_by(&self.old, &self.keys)?, signed_by(&self.new, &self.keys)?);
        if !old.checkpoint.tree.grew_into(&new.checkpoint.tree, &self.path) {
            return Err(Disproof::NotGrown);
        }
        check_anchor(anchor, &self.keys, &old, &new)?;
        Ok(Proven::Growth { old, new })
    }
}

fn signed_by(checkpoint: &SignedCheckpoint, keys: &Keys) -> Result<SignedBy, Disproof> {
    let signer = checkpoint.signer(keys)?;
    let (number, key) = keys.numbered().find(|(number, _)| *number == signer).ok_or(Disproof::Unsigned)?;
    Ok(SignedBy { checkpoint: checkpoint.checkpoint, number, key: keys.verifier(key) })
}

/// That what was proved follows from what is trusted: the key signed, or vouched for who did, or the trusted
/// checkpoint is the one it begins with.
fn check_anchor(anchor: &Anchor, keys: &Keys, first: &SignedBy, last: &SignedBy) -> Result<(), Disproof> {
    match anchor {
        Anchor::Nothing => Ok(()),
        Anchor::Key(key) if key.name != keys.origin().to_string() => Err(Disproof::KeyOfAnother),
        Anchor::Key(VerifierKey { key: trusted, .. }) => {
            let place = keys.numbered().find(|(_, key)| *key == trusted);
            let (trusted, _) = place.ok_or(Disproof::UnknownKey)?;
            let signer = last.number;
            if signer < trusted { Err(Disproof::OlderKey { signer, trusted }) } else { Ok(()) }
        }
        Anchor::Checkpoint(kept) => {
            let (kept, found) = (signed_by(kept, keys)?.checkpoint.tree, first.checkpoint.tree);
            if kept.size != found.size {
                return Err(Disproof::OtherSize { found: found.size, given: kept.size });
            }
            let size = kept.size;
            if kept.root == found.root { Ok(()) } else { Err(Disproof::Equivocation { size }) }
        }
    }
}

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (title, keys, path) = match self {
            Self::Event(proof) => (EVENT_TITLE, &proof.keys, &proof.path),
            Self::Growth(proof) => (GROWTH_TITLE, &proof.keys, &proof.path),
        };
        writeln!(f, "{title}")?;
        for AdoptedKey { key, endorsement } in keys.adopted() {
            let key = base64::encode(key.bytes());
            match endorsement {
                None => writeln!(f, "key {key}")?,
                Some(by) => writeln!(f, "key {key} {}", base64::encode(by.bytes()))?,
            }
        }
        if let Self::Event(EventProof { leaf, index, .. }) = self {
            writeln!(f, "leaf {}\nindex {index}", base64::encode(leaf))?;
        }
        for hash in path {
            writeln!(f, "path {}", base64::encode(hash))?;
        }
        match self {
            Self::Event(proof) => write!(f, "\n{}", proof.checkpoint),
            Self::Growth(proof) => write!(f, "\n{}\n{}", proof.old, proof.new),
        }
    }
}

impl std::str::FromStr for Proof {
    type Err = Disproof;

    fn from_str(text: &str) -> Result<Self, Disproof> {
        let title = text.split('\n').next().unwrap_or_default();
        let is_event = match title {
            EVENT_TITLE => true,
            GROWTH_TITLE => false,
            _ => return Err(Disproof::Unknown),
        };
        let (head, notes) = text.split_once("\n\n").ok_or(Disproof::Notes)?;
        let mut lines = Lines { rest: head.split('\n').collect(), at: 1 };
        let adopted = lines.all("key", "a signing key", adopted)?;
        let leaf = is_event.then(|| lines.one("leaf", "the event's leaf", base64::decode)).transpose()?;
        let index = is_event.then(|| lines.one("index", "the leaf's index", number)).transpose()?;
        let path = lines.all("path", "a hash of the path", base64::decode_array)?;
        lines.end()?;
        let keys = Keys::prove(adopted)?;
        let notes = notes.strip_suffix('\n').ok_or(Disproof::Notes)?;
        let notes: Vec<&str> = notes.split("\n\n").collect();
        match (leaf, index, &notes[..]) {
            (Some(leaf), Some(index), [text, signatures]) => {
                let checkpoint = SignedCheckpoint::of_parts(text, signatures)?;
                Ok(Self::Event(EventProof { keys, leaf, index, path, checkpoint }))
            }
            (None, None, [old, old_signatures, new, new_signatures]) => {
                let old = SignedCheckpoint::of_parts(old, old_signatures)?;
                let new = SignedCheckpoint::of_parts(new, new_signatures)?;
                Ok(Self::Growth(GrowthProof { keys, path, old, new }))
            }
            _ => Err(Disproof::Notes),
        }
    }
}

/// The lines before the first empty one.
struct Lines<'a> {
    rest: Vec<&'a str>,
    /// The next, counted from 0.
    at: usize,
}

impl<'a> Lines<'a> {
    /// What follows `name` and a blank on the next line, if that is what it begins with.
    fn value(&self, name: &str) -> Option<&'a str> {
        self.rest.get(self.at)?.strip_prefix(name)?.strip_prefix(' ')
    }

    fn one<T>(
        &mut self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Disproof> {
        let malformed = Disproof::Malformed { line: self.at + 1, expected };
        let value = self.value(name).and_then(read).ok_or(malformed)?;
        self.at += 1;
        Ok(value)
    }

    fn all<T>(
        &mut self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, Disproof> {
        let mut values = Vec::new();
        while self.value(name).is_some() {
            values.push(self.one(name, expected, &read)?);
        }
        Ok(values)
    }

    fn end(&self) -> Result<(), Disproof> {
        let expected = "what stands there in a proof";
        if self.at == self.rest.len() {
            Ok(())
        } else {
            Err(Disproof::Malformed { line: self.at + 1, expected })
        }
    }
}

fn adopted(text: &str) -> Option<AdoptedKey> {
    let (key, endorsement) = match text.split_once(' ') {
        None => (text, None),
        Some((key, endorsement)) => (key, Some(Signature::try_from(base64::decode(endorsement)?).ok()?)),
    };
    let key = PublicKey::try_from(base64::decode_array(key)?).ok()?;
    Some(AdoptedKey { key, endorsement })
}

/// A number in its only way of writing.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}
