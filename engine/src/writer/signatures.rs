//! Request signatures seen lately: each opens one request, and only that one, until it is forgotten.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{Outcome, Placed, SeenSignature};
use crate::{
    domain::{Rejection, Timestamp},
    fault::Fault,
    log::{EVENTS_MAX, codec},
    vault::{VaultFamily, VaultRows, VaultWrite},
};

/// Rows deleted with one commit: more than come with it, and not all that a busy spell left.
const DELETIONS_MAX: usize = 2 * EVENTS_MAX;

/// What a signature has led to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    request: [u8; 16],
    pub(crate) placed: Placed,
}

impl Seen {
    /// What the vault remembers of one signature: what is durable, for whoever is not the writer.
    pub(crate) fn in_vault(vault: &dyn VaultRows, key: &[u8; 16]) -> Result<Option<Self>, Fault> {
        vault.get(VaultFamily::Signature, key)?.map(|value| Ok(Self::decode(&value)?.0)).transpose()
    }

    /// The answer to a request that bears the same signature.
    pub(crate) fn outcome(self, request: [u8; 16]) -> Outcome {
        if self.request == request {
            Outcome::Repeated(self.placed)
        } else {
            Outcome::refused(Rejection::SignatureReused)
        }
    }

    fn decode(value: &[u8]) -> Result<(Self, Timestamp), Fault> {
        let (request, first, count, until) = codec::from_bytes(value)?;
        Ok((Self { request, placed: Placed { first, count } }, until))
    }
}

/// The signatures still remembered; their vault rows are written with the commits they led to.
pub(super) struct Signatures {
    seen: HashMap<[u8; 16], Seen>,
    by_end: BTreeSet<(Timestamp, [u8; 16])>,
    /// Forgotten, and in the vault still.
    gone: VecDeque<[u8; 16]>,
    /// How many these are, for whoever is not the writer.
    count: Arc<AtomicUsize>,
}

impl Signatures {
    /// Reads what the vault remembers.
    pub(super) fn load(vault: &dyn VaultRows) -> Result<Self, Fault> {
        let mut signatures = Self {
            seen: HashMap::new(),
            by_end: BTreeSet::new(),
            gone: VecDeque::new(),
            count: Arc::default(),
        };
        for (key, value) in vault.scan(VaultFamily::Signature)? {
            let key = key.try_into().map_err(|_| Fault::Undecodable("a signature seen".into()))?;
            let (seen, until) = Seen::decode(&value)?;
            signatures.seen.insert(key, seen);
            signatures.by_end.insert((until, key));
        }
        signatures.tell_count();
        Ok(signatures)
    }

    /// How many there are, now and later on.
    pub(super) fn count(&self) -> Arc<AtomicUsize> {
        self.count.clone()
    }

    fn tell_count(&self) {
        self.count.store(self.seen.len(), Ordering::Relaxed);
    }

    /// What `key` has led to.
    pub(super) fn get(&self, key: &[u8; 16]) -> Option<Seen> {
        self.seen.get(key).copied()
    }

    /// Remembers a signature; gives the vault row that goes into its commit.
    pub(super) fn remember(&mut self, signature: SeenSignature, placed: Placed) -> VaultWrite {
        let SeenSignature { key, request, until } = signature;
        self.seen.insert(key, Seen { request, placed });
        self.by_end.insert((until, key));
        self.tell_count();
        let value = codec::to_bytes(&(request, placed.first, placed.count, until));
        VaultWrite { family: VaultFamily::Signature, key: key.into(), value: Some(value) }
    }

    /// Forgets what has had its time by `now`.
    pub(super) fn expire(&mut self, now: Timestamp) {
        while let Some((_, key)) = self.by_end.first().copied().filter(|(until, _)| *until < now) {
            self.by_end.pop_first();
            self.seen.remove(&key);
            self.gone.push_back(key);
        }
        self.tell_count();
    }

    /// Deletions of vault rows of what was forgotten, as many as go well into a commit.
    pub(super) fn deletions(&mut self) -> Vec<VaultWrite> {
        let some = self.gone.len().min(DELETIONS_MAX);
        let gone = self.gone.drain(..some).filter(|key| !self.seen.contains_key(key));
        gone.map(|key| VaultWrite { family: VaultFamily::Signature, key: key.into(), value: None }).collect()
    }
}
