//! Checkpoints: a tree's head under a ledger's name, signed, as C2SP's tlog-checkpoint writes them.

use super::{
    base64,
    disproof::Disproof,
    key::SecretKey,
    keys::{Keys, Origin},
    note::Note,
    tree::TreeHead,
};

/// What is signed: whose tree it is, how large, and its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose.
    pub origin: Origin,
    /// The tree.
    pub tree: TreeHead,
}

impl std::fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let TreeHead { size, root } = self.tree;
        write!(f, "{}\n{size}\n{}\n", self.origin, base64::encode(&root))
    }
}

impl Checkpoint {
    /// Reads what is signed. The format lets others' logs say more on further lines; ours say nothing more.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next()?.parse().ok()?;
        let size = lines.next()?.parse().ok()?;
        let root = base64::decode_array(lines.next()?)?;
        // Whatever reads as this but is written otherwise, such as with a sign before the size, is none of ours.
        Some(Self { origin, tree: TreeHead { size, root } }).filter(|read| read.to_string() == text)
    }

    /// Signs it with the ledger's key.
    pub fn sign(self, key: &SecretKey) -> SignedCheckpoint {
        let text = self.to_string();
        let signature = key.sign(text.as_bytes());
        let note = Note::signed(text, &self.origin.to_string(), &key.public(), &signature);
        SignedCheckpoint { checkpoint: self, note }
    }
}

/// A checkpoint with its signatures, which are not proved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Reads a checkpoint's text with its signature lines, both without their last line break.
    pub(super) fn of_parts(text: &str, signatures: &str) -> Result<Self, Disproof> {
        let note = Note::parse(text, signatures).ok_or(Disproof::NoNote)?;
        let checkpoint = Checkpoint::parse(&note.text).ok_or(Disproof::NoCheckpoint)?;
        Ok(Self { checkpoint, note })
    }

    /// The number of the last of the ledger's keys that signed it.
    ///
    /// # Errors
    /// [`Disproof`] if it is another ledger's, or not signed by any of them, or a signature is not good.
    pub fn signer(&self, keys: &Keys) -> Result<u32, Disproof> {
        let origin = self.checkpoint.origin;
        if origin != keys.origin() {
            return Err(Disproof::OtherLedger { expected: keys.origin(), found: origin });
        }
        let name = origin.to_string();
        let mut last = Err(Disproof::Unsigned);
        for (number, key) in keys.numbered() {
            match self.note.is_signed_by(&name, key) {
                Some(true) => last = Ok(number),
                Some(false) => return Err(Disproof::Forged { number }),
                None => {}
            }
        }
        last
    }

    /// Whether `key`, named by whoever trusts it, signed it.
    ///
    /// # Errors
    /// [`Disproof`] if it did not.
    pub fn check_signed_by(&self, key: &super::VerifierKey) -> Result<(), Disproof> {
        match self.note.is_signed_by(&key.name, &key.key) {
            _ if key.name != self.checkpoint.origin.to_string() => Err(Disproof::KeyOfAnother),
            Some(true) => Ok(()),
            Some(false) => Err(Disproof::Altered),
            None => Err(Disproof::NotByThisKey),
        }
    }
}

impl std::fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.note.fmt(f)
    }
}

impl std::str::FromStr for SignedCheckpoint {
    type Err = Disproof;

    fn from_str(text: &str) -> Result<Self, Disproof> {
        let (text, signatures) =
            text.strip_suffix('\n').and_then(|text| text.rsplit_once("\n\n")).ok_or(Disproof::NoNote)?;
        Self::of_parts(text, signatures)
    }
}
