//! The vault: what must be forgettable, sealed under keys that can be deleted.

mod cipher;
mod erasure;
mod erasure_list;
mod master;
mod personal;
mod random;

use std::sync::Arc;

pub use erasure::{
    Erasure, Progress, erasures, finish, forget_keys, forget_personal, is_erased, key_deleted,
};
pub use erasure_list::{ErasureList, Listed};
pub use master::MasterKey;
pub use personal::{Login, found_by, personal_deleted, read_through, row_key, rows_of};
pub use random::{OsRandom, Random};
use zeroize::Zeroizing;

use crate::{
    domain::{Sealed, SecretId, Subject},
    fault::Fault,
    proof::{PublicKey, SecretKey},
    state::KeyValue,
};

/// A kind of vault row, with its stored number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VaultFamily {
    /// What proves that the master key is the right one.
    Node,
    /// The wrapped key of each subject.
    SubjectKey,
    /// Merchants' HMAC secrets.
    Secret,
    /// Request signatures seen lately.
    Signature,
    /// Secrets of the keys that sign checkpoints.
    SigningKey,
    /// Who was erased.
    Erasure,
    /// How somebody logs in, by their name.
    Login,
    /// Names, by blind indexes.
    Index,
    /// Documents that somebody handed in, sealed, by their name.
    Document,
    /// What somebody has allowed an app, or an app was allowed for itself, by their name.
    Grant,
    /// Tokens, codes and sessions, by their hashes.
    Token,
    /// The same by the time at which they end.
    TokenEnd,
}

impl VaultFamily {
    /// Every kind there is.
    pub const ALL: [Self; 12] = [
        Self::Node,
        Self::SubjectKey,
        Self::Secret,
        Self::Signature,
        Self::SigningKey,
        Self::Erasure,
        Self::Login,
        Self::Index,
        Self::Document,
        Self::Grant,
        Self::Token,
        Self::TokenEnd,
    ];

    /// The stored number; appended to, never reused.
    pub const fn number(self) -> u8 {
        match self {
            Self::Node => 1,
            Self::SubjectKey => 2,
            Self::Secret => 3,
            Self::Signature => 4,
            Self::SigningKey => 5,
            Self::Erasure => 7,
            Self::Login => 8,
            Self::Index => 9,
            Self::Document => 10,
            Self::Grant => 11,
            Self::Token => 12,
            Self::TokenEnd => 13,
        }
    }
}

/// A change to one vault row; no value deletes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultWrite {
    /// Which kind of row.
    pub family: VaultFamily,
    /// Its key.
    pub key: Vec<u8>,
    /// Its value, already sealed or hashed.
    pub value: Option<Vec<u8>>,
}

/// Where vault rows are kept.
pub trait VaultRows: Send + Sync {
    /// One row.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    fn get(&self, family: VaultFamily, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;

    /// Rows of a family from a key on, in the order of their keys, at most so many.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    fn scan_from(&self, family: VaultFamily, key: &[u8], most: usize) -> Result<Vec<KeyValue>, Fault>;

    /// Every row of a family, in the order of their keys: of kinds of which there are few.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    fn scan(&self, family: VaultFamily) -> Result<Vec<KeyValue>, Fault> {
        self.scan_from(family, &[], usize::MAX)
    }

    /// Writes rows on their own, synced. Rows that belong to a commit go with it instead.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be written.
    fn write(&self, writes: &[VaultWrite]) -> Result<(), Fault>;

    /// Makes deletions physical: once it returns, no file of the store has a byte of what stood under these keys, which
    /// were deleted before.
    ///
    /// # Errors
    /// [`Fault`] when that cannot be done, or when what held them is still there.
    fn forget(&self, family: VaultFamily, keys: &[Vec<u8>]) -> Result<(), Fault>;
}

/// Seals and opens, under keys that the master key wraps.
pub struct Vault {
    master: MasterKey,
    rows: Arc<dyn VaultRows>,
    random: Arc<dyn Random>,
}

const CHECK_KEY: &[u8] = b"master-key-check";
const CHECK_TEXT: &[u8] = b"this data was sealed under this key";

impl Vault {
    /// Opens the vault in `rows` with its master key; the first to open it decides which that is.
    ///
    /// # Errors
    /// [`Fault::MasterKey`] if the rows were sealed under another key.
    pub fn open(master: MasterKey, rows: Arc<dyn VaultRows>, random: Arc<dyn Random>) -> Result<Self, Fault> {
        let vault = Self { master, rows, random };
        match vault.rows.get(VaultFamily::Node, CHECK_KEY)? {
            None => {
                let value = vault.wrap(CHECK_KEY, CHECK_TEXT);
                vault.rows.write(&[VaultWrite {
                    family: VaultFamily::Node,
                    key: CHECK_KEY.into(),
                    value: Some(value),
                }])?;
            }
            Some(sealed) => {
                let opened = cipher::open(vault.master.wrapping(), CHECK_KEY, &sealed);
                opened.ok_or_else(|| {
                    Fault::MasterKey("this master key is not the one the data was sealed with".into())
                })?;
            }
        }
        Ok(vault)
    }

    /// Seals `plain` under a new key of `subject`; the key's row must go into the commit that carries it.
    pub fn seal_new(&self, subject: Subject, plain: &[u8]) -> (Sealed, VaultWrite) {
        let mut key = Zeroizing::new([0; 32]);
        self.random.fill(&mut key[..]);
        let name = subject.to_string();
        let bytes = cipher::seal(&key, name.as_bytes(), plain, self.nonce());
        let row = VaultWrite {
            family: VaultFamily::SubjectKey,
            key: name.as_bytes().to_vec(),
            value: Some(self.wrap(name.as_bytes(), &key[..])),
        };
        (Sealed { subject, bytes }, row)
    }

    /// Seals `plain` under the key that `subject` has; `None` if it has none, or none any more.
    ///
    /// # Errors
    /// [`Fault`] when its key cannot be read.
    pub fn seal(&self, subject: Subject, plain: &[u8]) -> Result<Option<Sealed>, Fault> {
        let name = subject.to_string();
        let Some(key) = self.key_of(&name)? else { return Ok(None) };
        Ok(Some(Sealed { subject, bytes: cipher::seal(&key, name.as_bytes(), plain, self.nonce()) }))
    }

    fn key_of(&self, name: &str) -> Result<Option<Zeroizing<[u8; 32]>>, Fault> {
        let Some(wrapped) = self.rows.get(VaultFamily::SubjectKey, name.as_bytes())? else { return Ok(None) };
        let unreadable = || Fault::Undecodable(format!("the key of {name}"));
        let key = cipher::open(self.master.wrapping(), name.as_bytes(), &wrapped).ok_or_else(unreadable)?;
        let key = Zeroizing::new(key);
        Ok(Some(Zeroizing::new(<[u8; 32]>::try_from(&key[..]).map_err(|_| unreadable())?)))
    }

    /// Opens what was sealed; `None` if its subject has been erased.
    ///
    /// # Errors
    /// [`Fault::Undecodable`] if the bytes or the key are not what was written, or the key is gone and nobody erased
    /// it: that is damage, and not to be taken for an erasure.
    pub fn open_sealed(&self, sealed: &Sealed) -> Result<Option<Vec<u8>>, Fault> {
        let name = sealed.subject.to_string();
        let Some(key) = self.key_of(&name)? else {
            let lost = || Fault::Undecodable(format!("the key of {name} is lost"));
            return if is_erased(&*self.rows, sealed.subject)? { Ok(None) } else { Err(lost()) };
        };
        let unreadable = || Fault::Undecodable(format!("what is sealed of {name}"));
        cipher::open(&key, name.as_bytes(), &sealed.bytes).map(Some).ok_or_else(unreadable)
    }

    /// The row that keeps a merchant's HMAC secret.
    pub fn seal_secret(&self, id: SecretId, secret: &[u8]) -> VaultWrite {
        let value = Some(self.wrap(&id.0, secret));
        VaultWrite { family: VaultFamily::Secret, key: id.0.to_vec(), value }
    }

    /// A merchant's HMAC secret.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn secret(&self, id: SecretId) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        let Some(sealed) = self.rows.get(VaultFamily::Secret, &id.0)? else { return Ok(None) };
        let opened = cipher::open(self.master.wrapping(), &id.0, &sealed);
        opened
            .map(|secret| Some(Zeroizing::new(secret)))
            .ok_or_else(|| Fault::Undecodable("a merchant's secret".into()))
    }

    /// A new key that signs checkpoints, and the row that keeps it, which must go into the commit that adopts it.
    pub fn new_signing_key(&self) -> (SecretKey, VaultWrite) {
        let mut seed = Zeroizing::new([0; 32]);
        self.random.fill(&mut seed[..]);
        let key = SecretKey::of_seed(&seed);
        let name = key.public().bytes().to_vec();
        let value = Some(self.wrap(&name, &seed[..]));
        (key, VaultWrite { family: VaultFamily::SigningKey, key: name, value })
    }

    /// Takes the secret of a key away that is replaced, with the commit that replaces it: it signs no more.
    pub fn forget_signing_key(&self, key: &PublicKey) -> VaultWrite {
        VaultWrite { family: VaultFamily::SigningKey, key: key.bytes().to_vec(), value: None }
    }

    /// The secret of the key that signs checkpoints.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read, or is not there, as that of a key which was replaced meanwhile.
    pub fn signing_key(&self, key: &PublicKey) -> Result<SecretKey, Fault> {
        let name = key.bytes();
        let unreadable = || Fault::Undecodable("the secret of a signing key".into());
        let gone =
            || Fault::Store("the secret of this signing key is not there; was it just replaced?".into());
        let sealed = self.rows.get(VaultFamily::SigningKey, name)?.ok_or_else(gone)?;
        let seed = cipher::open(self.master.wrapping(), name, &sealed).map(Zeroizing::new);
        let seed = seed.ok_or_else(unreadable)?;
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed[..].try_into().map_err(|_| unreadable())?);
        let secret = SecretKey::of_seed(&seed);
        if secret.public() == *key { Ok(secret) } else { Err(unreadable()) }
    }

    /// Where its rows are kept.
    pub fn rows(&self) -> &dyn VaultRows {
        &*self.rows
    }

    /// The node's master key, for what is kept outside the vault.
    pub const fn master(&self) -> &MasterKey {
        &self.master
    }

    /// A hash that only this node can make: for look-ups by what must not be stored in the clear.
    pub fn keyed_hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.master.keyed_hash(purpose, parts)
    }

    fn wrap(&self, name: &[u8], plain: &[u8]) -> Vec<u8> {
        cipher::seal(self.master.wrapping(), name, plain, self.nonce())
    }

    fn nonce(&self) -> [u8; 24] {
        let mut nonce = [0; 24];
        self.random.fill(&mut nonce);
        nonce
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::MemoryStore;

    fn vault(master: u8, rows: &Arc<MemoryStore>) -> Result<Vault, Fault> {
        Vault::open(MasterKey::from_bytes([master; 32]), rows.clone(), Arc::new(OsRandom))
    }

    fn subject() -> Subject {
        Subject::Payment("AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap())
    }

    #[test]
    fn what_is_sealed_opens_until_its_key_is_gone() {
        let rows = Arc::new(MemoryStore::new());
        let vault = vault(1, &rows).unwrap();
        let (sealed, key) = vault.seal_new(subject(), b"buyer@example.com");
        assert!(!sealed.bytes.windows(5).any(|bytes| bytes == b"buyer"));
        rows.write(std::slice::from_ref(&key)).unwrap();
        assert_eq!(vault.open_sealed(&sealed).unwrap().as_deref(), Some(&b"buyer@example.com"[..]));
        let mut bent = sealed.clone();
        bent.bytes[30] ^= 1;
        assert!(vault.open_sealed(&bent).is_err(), "a flipped bit is noticed");
        rows.write(&[VaultWrite { value: None, ..key }]).unwrap();
        assert!(vault.open_sealed(&sealed).is_err(), "a key that is lost was not erased");
        rows.write(&Erasure::rows(subject(), uuid::Uuid::nil())).unwrap();
        assert_eq!(vault.open_sealed(&sealed).unwrap(), None, "erased");
    }

    #[test]
    fn a_signing_key_opens_by_its_public_half() {
        let rows = Arc::new(MemoryStore::new());
        let vault = vault(1, &rows).unwrap();
        let (key, row) = vault.new_signing_key();
        assert!(vault.signing_key(&key.public()).is_err(), "not before its commit");
        rows.write(std::slice::from_ref(&row)).unwrap();
        assert_eq!(vault.signing_key(&key.public()).unwrap().public(), key.public());
        rows.write(&[vault.forget_signing_key(&key.public())]).unwrap();
        assert!(vault.signing_key(&key.public()).is_err(), "replaced");
        let (other, other_row) = vault.new_signing_key();
        rows.write(&[VaultWrite { value: row.value, ..other_row }]).unwrap();
        assert!(vault.signing_key(&other.public()).is_err(), "each is sealed under its own name");
    }

    #[test]
    fn data_sealed_under_another_master_key_is_refused() {
        let rows = Arc::new(MemoryStore::new());
        vault(1, &rows).unwrap();
        vault(1, &rows).unwrap();
        assert!(matches!(vault(2, &rows), Err(Fault::MasterKey(_))));
    }
}
