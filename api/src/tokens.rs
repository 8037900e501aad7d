//! Random tokens that are handed out once: the vault keeps what each stands for under its hash, until it ends.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use choai_engine::{
    Engine, Fault,
    domain::Timestamp,
    vault::{VaultFamily, VaultRows, VaultWrite},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// Rows that one sweep deletes at most.
const SWEPT_MAX: usize = 1_000;

/// A token as it is handed out, and the key of its row.
pub struct Fresh {
    /// Shown once.
    pub token: String,
    /// Its hash.
    pub key: [u8; 32],
}

impl Fresh {
    /// 256 random bits behind a prefix by which scanners know a secret.
    pub fn draw(engine: &Engine, prefix: &str) -> Self {
        let token = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(engine.random::<32>()));
        Self { key: Sha256::digest(&token).into(), token }
    }
}

/// The key of the row of a token with this prefix; a token of another kind has none.
pub fn key_of(prefix: &str, token: &str) -> Option<[u8; 32]> {
    token.starts_with(prefix).then(|| Sha256::digest(token).into())
}

/// What a row says; `None` where there is none.
///
/// # Errors
/// [`Fault`] when it cannot be read.
pub fn read<T: DeserializeOwned>(
    rows: &dyn VaultRows,
    family: VaultFamily,
    key: &[u8],
) -> Result<Option<T>, Fault> {
    rows.get(family, key)?.map(|row| decode(&row)).transpose()
}

/// What the bytes of a row say.
///
/// # Errors
/// [`Fault::Undecodable`] if they are not of its kind.
pub fn decode<T: DeserializeOwned>(row: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(row).map_err(|_| Fault::Undecodable("a token or grant in the vault".into()))
}

/// Rows to be written together.
#[derive(Default)]
pub struct Writes(Vec<VaultWrite>);

impl Writes {
    /// A row that stands until it is deleted, or until its end if that was said before.
    pub fn put<T: Serialize>(&mut self, family: VaultFamily, key: &[u8], row: &T) {
        let value = Some(serde_json::to_vec(row).expect("rows are plain data"));
        self.0.push(VaultWrite { family, key: key.to_vec(), value });
    }

    /// A row that can go at `ends_at`, unless it says then that it ends later.
    pub fn put_until<T: Serialize>(&mut self, family: VaultFamily, key: &[u8], row: &T, ends_at: Timestamp) {
        let end = [&end_bytes(ends_at)[..], &[family.number()], key].concat();
        self.0.push(VaultWrite { family: VaultFamily::TokenEnd, key: end, value: Some(Vec::new()) });
        self.put(family, key, row);
    }

    /// A row that goes now.
    pub fn delete(&mut self, family: VaultFamily, key: &[u8]) {
        self.0.push(VaultWrite { family, key: key.to_vec(), value: None });
    }

    /// The rows, to go with a commit.
    pub fn into_rows(self) -> Vec<VaultWrite> {
        self.0
    }

    /// Writes them, synced.
    ///
    /// # Errors
    /// [`Fault`] when they cannot be.
    pub fn write(self, rows: &dyn VaultRows) -> Result<(), Fault> {
        if self.0.is_empty() { Ok(()) } else { rows.write(&self.0) }
    }
}

/// All that a sweep reads of a row.
#[derive(Deserialize)]
struct Ending {
    ends_at: Timestamp,
}

/// Deletes what has had its time at `now`, as much as one sweep takes; true if there may be more.
///
/// # Errors
/// [`Fault`] when the vault cannot be read or written.
pub fn sweep(rows: &dyn VaultRows, now: Timestamp) -> Result<bool, Fault> {
    let mut over = rows.scan_from(VaultFamily::TokenEnd, &[], SWEPT_MAX)?;
    over.retain(|(key, _)| end_of(key).is_some_and(|end| end <= now));
    let mut writes = Writes::default();
    for (end, _) in &over {
        let (family, key) = named_by(end).ok_or_else(|| Fault::Undecodable("the end of a token".into()))?;
        // What was prolonged has another row that says until when. What is over is not prolonged any more.
        let ending: Option<Ending> = read(rows, family, key)?;
        if ending.is_none_or(|row| row.ends_at <= now) {
            writes.delete(family, key);
        }
        writes.delete(VaultFamily::TokenEnd, end);
    }
    writes.write(rows)?;
    Ok(over.len() == SWEPT_MAX)
}

/// In the order of time.
fn end_bytes(at: Timestamp) -> [u8; 8] {
    u64::try_from(at.0).unwrap_or_default().to_be_bytes()
}

fn end_of(key: &[u8]) -> Option<Timestamp> {
    let end = u64::from_be_bytes(*key.first_chunk()?);
    i64::try_from(end).ok().map(Timestamp)
}

/// The row that an end speaks of.
fn named_by(key: &[u8]) -> Option<(VaultFamily, &[u8])> {
    let (number, named) = key.get(8..)?.split_first()?;
    let families = [VaultFamily::Token, VaultFamily::Grant];
    families.into_iter().find(|family| family.number() == *number).map(|family| (family, named))
}

#[cfg(test)]
mod tests {
    use choai_engine::{domain::Span, log::MemoryStore};

    use super::*;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Row {
        ends_at: Timestamp,
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp(0) + Span::seconds(seconds)
    }

    #[test]
    fn what_has_had_its_time_is_swept_and_nothing_else() {
        let store = MemoryStore::new();
        let put = |family, key: &[u8], ends_at| {
            let mut writes = Writes::default();
            writes.put_until(family, key, &Row { ends_at }, ends_at);
            writes.write(&store).unwrap();
        };
        put(VaultFamily::Token, &[1; 32], at(10));
        put(VaultFamily::Token, &[2; 32], at(11));
        put(VaultFamily::Grant, b"user-1/abc", at(10));
        put(VaultFamily::Grant, b"user-2/abc", at(10));
        put(VaultFamily::Grant, b"user-2/abc", at(20));
        let left = |now| {
            assert!(!sweep(&store, now).unwrap());
            let keys = |family| VaultRows::scan(&store, family).unwrap().into_iter().map(|(key, _)| key);
            let count = VaultRows::scan(&store, VaultFamily::TokenEnd).unwrap().len();
            (keys(VaultFamily::Token).count(), keys(VaultFamily::Grant).count(), count)
        };
        assert_eq!(left(at(9)), (2, 2, 5));
        assert_eq!(left(at(10)), (1, 1, 2), "prolonged, the second grant goes on");
        assert_eq!(left(at(19)), (0, 1, 1));
        assert_eq!(left(at(20)), (0, 0, 0));
    }

    #[test]
    fn more_than_one_sweep_takes_is_told() {
        let store = MemoryStore::new();
        let mut writes = Writes::default();
        for number in 0..=SWEPT_MAX as u64 {
            writes.put_until(VaultFamily::Token, &number.to_be_bytes(), &Row { ends_at: at(1) }, at(1));
        }
        writes.write(&store).unwrap();
        assert!(sweep(&store, at(1)).unwrap());
        assert!(!sweep(&store, at(1)).unwrap());
        assert_eq!(VaultRows::scan(&store, VaultFamily::Token).unwrap(), []);
    }
}
