//! The list of erasures, kept outside the data folder and outside backups: whoever restores a backup from before an
//! erasure learns from it what to forget again.
//!
//! A text file. The first line names the ledger; each other is an erasure: when it was listed, the event that the
//! subject's stream began with, and the subject. Every line ends with a keyed hash over itself and the hash of the
//! line before, so that none can be added, changed, moved or taken out without the master key.
//! Lines at its end can be cut off; that the log tells of an erasure which is not listed then shows it.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{Erasure, MasterKey};
use crate::{
    domain::{Subject, Timestamp},
    fault::Fault,
    hex, private_file,
};

const FIRST_LINE: &str = "choai erasures 1";
const PURPOSE: &str = "choai erasure list 1";
/// Bytes of each line's hash.
const TAG_BYTES: usize = 16;

/// An erasure as the list has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// When it was listed.
    pub at: Timestamp,
    /// The event that the subject's own stream began with.
    pub began: Uuid,
    /// Who.
    pub subject: Subject,
}

/// The list, read and proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureList {
    path: PathBuf,
    listed: Vec<Listed>,
}

impl ErasureList {
    /// Reads the list at `path`; `None` if there is none.
    ///
    /// # Errors
    /// [`Fault::Erasures`] if it is another ledger's, or not what was written.
    pub fn read(path: &Path, master: &MasterKey) -> Result<Option<Self>, Fault> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Fault::file(path, &error)),
        };
        let refused =
            |what: String| Fault::Erasures(format!("the list of erasures {}: {what}", path.display()));
        let mut lines = text.lines();
        let (mut before, mut listed) = (String::new(), Vec::new());
        let first = lines.next().and_then(|line| signed(line, &mut before, master));
        if first != Some(FIRST_LINE) {
            return Err(refused("it is no list of this ledger's".into()));
        }
        for (index, line) in lines.enumerate() {
            let entry = signed(line, &mut before, master).and_then(entry);
            listed.push(entry.ok_or_else(|| refused(format!("line {} is damaged", index + 2)))?);
        }
        Ok(Some(Self { path: path.to_owned(), listed }))
    }

    /// Reads the list at `path`, or begins one.
    ///
    /// # Errors
    /// As [`Self::read`], and when it cannot be written.
    pub fn open(path: &Path, master: &MasterKey) -> Result<Self, Fault> {
        match Self::read(path, master)? {
            Some(list) => Ok(list),
            None => Self { path: path.to_owned(), listed: Vec::new() }.write(master),
        }
    }

    /// What is on it, the oldest first.
    pub fn listed(&self) -> &[Listed] {
        &self.listed
    }

    /// Adds what is not on it, synced; `at` is the wall clock's time.
    ///
    /// # Errors
    /// [`Fault::File`] when it cannot be written; it is then as it was.
    pub fn add(self, erased: &[Erasure], at: Timestamp, master: &MasterKey) -> Result<Self, Fault> {
        let Self { path, mut listed } = self;
        let count = listed.len();
        for Erasure { subject, began, .. } in erased {
            if !listed.iter().any(|known| (known.subject, known.began) == (*subject, *began)) {
                listed.push(Listed { at, began: *began, subject: *subject });
            }
        }
        let list = Self { path, listed };
        if list.listed.len() == count { Ok(list) } else { list.write(master) }
    }

    /// The same list at another place.
    ///
    /// # Errors
    /// [`Fault::File`] when it cannot be written.
    pub fn copy_to(&self, path: &Path, master: &MasterKey) -> Result<Self, Fault> {
        Self { path: path.to_owned(), listed: self.listed.clone() }.write(master)
    }

    fn write(self, master: &MasterKey) -> Result<Self, Fault> {
        let mut text = String::new();
        let mut before = String::new();
        let lines = self.listed.iter().map(|Listed { at, began, subject }| format!("{at} {began} {subject}"));
        for line in std::iter::once(FIRST_LINE.to_owned()).chain(lines) {
            before = tag(&before, &line, master);
            text += &format!("{line} {before}\n");
        }
        private_file::create(&self.path, &text).map_err(|error| Fault::file(&self.path, &error))?;
        Ok(self)
    }
}

/// What a line says before its hash, if that is the right one; `before` is the hash of the line before, and then this.
fn signed<'a>(line: &'a str, before: &mut String, master: &MasterKey) -> Option<&'a str> {
    let (said, signature) = line.rsplit_once(' ')?;
    *before = tag(before, said, master);
    (signature == before).then_some(said)
}

fn tag(before: &str, line: &str, master: &MasterKey) -> String {
    hex(&master.keyed_hash(PURPOSE, &[before.as_bytes(), line.as_bytes()])[..TAG_BYTES])
}

fn entry(line: &str) -> Option<Listed> {
    let mut words = line.split(' ');
    let at = words.next()?.parse().ok()?;
    let began = words.next()?.parse().ok()?;
    let subject = words.next()?.parse().ok()?;
    words.next().is_none().then_some(Listed { at, began, subject })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{domain::UserId, vault::Progress};

    const AT: Timestamp = Timestamp(1_767_571_200_000_000);

    fn erasure(number: u32) -> Erasure {
        let subject = Subject::User(UserId(number));
        Erasure { subject, began: Uuid::from_u128(number.into()), progress: Progress::Recorded }
    }

    proptest! {
        #[test]
        fn bytes_that_nobody_listed_are_no_list(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("list");
            std::fs::write(&path, &bytes).unwrap();
            prop_assert!(ErasureList::read(&path, &MasterKey::from_bytes([1; 32])).is_err());
        }
    }

    #[test]
    fn a_list_is_read_as_it_was_written_and_no_other_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        let (ours, theirs) = (MasterKey::from_bytes([1; 32]), MasterKey::from_bytes([2; 32]));
        assert_eq!(ErasureList::read(&path, &ours).unwrap(), None);
        let list = ErasureList::open(&path, &ours).unwrap();
        let list = list.add(&[erasure(1), erasure(2)], AT, &ours).unwrap();
        let list = list.add(&[erasure(2), erasure(3)], AT, &ours).unwrap();
        let subjects: Vec<String> = list.listed().iter().map(|one| one.subject.to_string()).collect();
        assert_eq!(subjects, ["user-1", "user-2", "user-3"], "each once");
        assert_eq!(ErasureList::read(&path, &ours).unwrap(), Some(list));
        assert!(ErasureList::read(&path, &theirs).is_err(), "another ledger's");

        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (what, lines) in [
            ("another subject", text.replace("user-2", "user-9")),
            ("another time", text.replacen("2026", "2025", 1)),
            ("a line taken out", [lines[0], lines[1], lines[3]].join("\n")),
            ("lines that changed places", [lines[0], lines[2], lines[1], lines[3]].join("\n")),
            ("a line twice", [lines[0], lines[1], lines[1]].join("\n")),
            ("half a line", text[..text.len() - 9].to_owned()),
            ("no first line", lines[1..].join("\n")),
            ("nothing", String::new()),
        ] {
            std::fs::write(&path, lines).unwrap();
            assert!(matches!(ErasureList::read(&path, &ours), Err(Fault::Erasures(_))), "{what}");
        }
    }
}
