//! Who was erased, as the vault knows it: what tells a key that was deleted from one that was lost.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Vault, VaultFamily, VaultRows, VaultWrite, personal_deleted};
use crate::{domain::Subject, fault::Fault, log::codec};

/// How far an erasure has come. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// The log tells of it, and the key can no longer be read; its bytes may still lie about in old files.
    Recorded,
    /// No file of the ledger's has the key's bytes.
    Done,
    /// As `Done`, by the list, in a store that was restored; its log does not tell of it yet.
    Restored,
}

/// An erased subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// Who.
    pub subject: Subject,
    /// The event that the subject's own stream begins with: a restored ledger gives the same number to somebody else.
    pub began: Uuid,
    /// How far it has come.
    pub progress: Progress,
}

impl Erasure {
    /// The row that keeps it.
    pub fn row(&self) -> VaultWrite {
        VaultWrite {
            family: VaultFamily::Erasure,
            key: self.subject.to_string().into_bytes(),
            value: Some(codec::to_bytes(&(self.began.into_bytes(), self.progress))),
        }
    }

    /// What goes into the commit that records it: the key goes, and the row comes.
    pub fn rows(subject: Subject, began: Uuid) -> Vec<VaultWrite> {
        vec![key_deleted(subject), Self { subject, began, progress: Progress::Recorded }.row()]
    }

    fn read(key: &[u8], value: &[u8]) -> Result<Self, Fault> {
        let unreadable = || Fault::Undecodable("an erasure in the vault".into());
        let subject = std::str::from_utf8(key).ok().and_then(|name| name.parse().ok());
        let (began, progress) = codec::from_bytes::<([u8; 16], Progress)>(value)?;
        Ok(Self { subject: subject.ok_or_else(unreadable)?, began: Uuid::from_bytes(began), progress })
    }
}

/// The deletion of a subject's key.
pub fn key_deleted(subject: Subject) -> VaultWrite {
    VaultWrite { family: VaultFamily::SubjectKey, key: subject.to_string().into_bytes(), value: None }
}

/// Everybody who was erased.
///
/// # Errors
/// [`Fault`] when the vault cannot be read.
pub fn erasures(rows: &dyn VaultRows) -> Result<Vec<Erasure>, Fault> {
    rows.scan(VaultFamily::Erasure)?.iter().map(|(key, value)| Erasure::read(key, value)).collect()
}

/// Whether a subject was erased.
///
/// # Errors
/// [`Fault`] when the vault cannot be read.
pub fn is_erased(rows: &dyn VaultRows, subject: Subject) -> Result<bool, Fault> {
    Ok(rows.get(VaultFamily::Erasure, subject.to_string().as_bytes())?.is_some())
}

/// Lists whose erasure is not finished, sees that no byte of their keys is left in the store, and notes that.
///
/// # Errors
/// [`Fault`] when that cannot be done, or not be seen; what is left to do stays noted.
pub fn finish(
    vault: &Vault,
    mut list: impl FnMut(&[Erasure]) -> Result<(), Fault>,
) -> Result<Vec<Erasure>, Fault> {
    let rows = &*vault.rows;
    let is_open = |erasure: &Erasure| erasure.progress == Progress::Recorded;
    let open: Vec<Erasure> = erasures(rows)?.into_iter().filter(is_open).collect();
    if open.is_empty() {
        return Ok(open);
    }
    // First the list: nothing is to be erased for good that a restored backup would bring back unnoticed.
    list(&open)?;
    // From the commit on that recorded it, nothing of theirs is written any more.
    forget_personal(rows, &open)?;
    forget_keys(rows, &open)?;
    let done = open.iter().map(|erasure| Erasure { progress: Progress::Done, ..*erasure }.row());
    rows.write(&done.collect::<Vec<_>>())?;
    Ok(open)
}

/// Deletes what is kept of these subjects beside their keys, and sees that no byte of it is left in the store.
///
/// # Errors
/// [`Fault`] when that cannot be done, or not be seen.
pub fn forget_personal(rows: &dyn VaultRows, erased: &[Erasure]) -> Result<(), Fault> {
    let mut gone = Vec::new();
    for erasure in erased {
        gone.extend(personal_deleted(rows, erasure.subject)?);
    }
    rows.write(&gone)?;
    for family in VaultFamily::ALL {
        let keys: Vec<_> =
            gone.iter().filter(|row| row.family == family).map(|row| row.key.clone()).collect();
        if !keys.is_empty() {
            rows.forget(family, &keys)?;
        }
    }
    Ok(())
}

/// Sees that no byte of these subjects' keys, which are deleted, is left in the store.
///
/// # Errors
/// [`Fault`] when that cannot be done, or not be seen.
pub fn forget_keys(rows: &dyn VaultRows, erased: &[Erasure]) -> Result<(), Fault> {
    let keys: Vec<_> = erased.iter().map(|erasure| erasure.subject.to_string().into_bytes()).collect();
    rows.forget(VaultFamily::SubjectKey, &keys)
}
