//! What is kept of somebody in the vault under their own name: how they log in, what they handed in, what they have
//! allowed. It goes when they are erased.

use serde::{Deserialize, Serialize};

use super::{VaultFamily, VaultRows, VaultWrite};
use crate::{domain::Subject, fault::Fault, log::codec, state::KeyValue};

/// Rows read at once: a row may be a document.
const ROWS_AT_ONCE: usize = 16;

/// Kinds of rows whose keys begin with the name of a subject.
const PERSONAL: [VaultFamily; 3] = [VaultFamily::Login, VaultFamily::Document, VaultFamily::Grant];

/// How somebody logs in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Login {
    /// The password's hash in the PHC's format; none until one is set.
    pub password: Option<String>,
    /// Blind indexes under which they are found, such as that of their e-mail address.
    pub indexes: Vec<[u8; 32]>,
}

impl Login {
    /// How `subject` logs in, if that is known.
    ///
    /// # Errors
    /// [`Fault`] when the vault cannot be read.
    pub fn read(rows: &dyn VaultRows, subject: Subject) -> Result<Option<Self>, Fault> {
        let row = rows.get(VaultFamily::Login, &row_key(subject, &[]))?;
        row.map(|row| codec::from_bytes(&row)).transpose()
    }

    /// The rows that keep it in place of `earlier`: itself, and its blind indexes.
    pub fn rows(&self, subject: Subject, earlier: Option<&Self>) -> Vec<VaultWrite> {
        let (own, name) = (row_key(subject, &[]), subject.to_string().into_bytes());
        let mut rows =
            vec![VaultWrite { family: VaultFamily::Login, key: own, value: Some(codec::to_bytes(self)) }];
        let gone = earlier.iter().flat_map(|earlier| &earlier.indexes);
        rows.extend(gone.filter(|index| !self.indexes.contains(index)).map(|index| index_row(*index, None)));
        rows.extend(self.indexes.iter().map(|index| index_row(*index, Some(name.clone()))));
        rows
    }
}

/// Who is found under a blind index.
///
/// # Errors
/// [`Fault`] when the vault cannot be read.
pub fn found_by(rows: &dyn VaultRows, index: [u8; 32]) -> Result<Option<Subject>, Fault> {
    let Some(name) = rows.get(VaultFamily::Index, &index)? else { return Ok(None) };
    let subject = std::str::from_utf8(&name).ok().and_then(|name| name.parse().ok());
    subject.ok_or_else(|| Fault::Undecodable("a blind index".into())).map(Some)
}

/// The key of a subject's own row; `rest` tells it from others of its kind.
pub fn row_key(subject: Subject, rest: &[u8]) -> Vec<u8> {
    // No name is the beginning of another with the slash.
    [subject.to_string().as_bytes(), b"/", rest].concat()
}

/// A subject's own rows of one kind, in the order of their keys.
///
/// # Errors
/// [`Fault`] when the vault cannot be read.
pub fn rows_of(rows: &dyn VaultRows, family: VaultFamily, subject: Subject) -> Result<Vec<KeyValue>, Fault> {
    let prefix = row_key(subject, &[]);
    let mut own = Vec::new();
    let mut from = prefix.clone();
    loop {
        let page = rows.scan_from(family, &from, ROWS_AT_ONCE)?;
        let is_last = page.len() < ROWS_AT_ONCE;
        for row in page {
            if !row.0.starts_with(&prefix) {
                return Ok(own);
            }
            from = [&row.0[..], &[0]].concat();
            own.push(row);
        }
        if is_last {
            return Ok(own);
        }
    }
}

/// The deletion of everything the vault keeps of a subject beside its key.
///
/// # Errors
/// [`Fault`] when the vault cannot be read.
pub fn personal_deleted(rows: &dyn VaultRows, subject: Subject) -> Result<Vec<VaultWrite>, Fault> {
    let mut gone = Vec::new();
    if let Some(login) = Login::read(rows, subject)? {
        gone.extend(login.indexes.into_iter().map(|index| index_row(index, None)));
    }
    for family in PERSONAL {
        let own = rows_of(rows, family, subject)?;
        gone.extend(own.into_iter().map(|(key, _)| VaultWrite { family, key, value: None }));
    }
    Ok(gone)
}

/// Reads every row there is, a few at a time.
///
/// # Errors
/// [`Fault`] when one cannot be read.
pub fn read_through(rows: &dyn VaultRows) -> Result<(), Fault> {
    for family in VaultFamily::ALL {
        let mut from = Vec::new();
        while let Some((last, _)) = rows.scan_from(family, &from, ROWS_AT_ONCE)?.pop() {
            from = [&last[..], &[0]].concat();
        }
    }
    Ok(())
}

fn index_row(index: [u8; 32], value: Option<Vec<u8>>) -> VaultWrite {
    VaultWrite { family: VaultFamily::Index, key: index.to_vec(), value }
}
