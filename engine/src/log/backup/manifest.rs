//! What a backup is: where its log ends, and every file of it. Text, one thing a line, the last line the SHA-256 of all
//! before it, so that any tool can check it.

use std::{path::Path, str::FromStr};

use sha2::{Digest, Sha256};

use crate::{domain, domain::Timestamp, fault::Fault, hex, log::Head, private_file};

const FIRST_LINE: &str = "choai backup 1";

/// A proved backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Counted from 1 in its folder; never used again.
    pub number: u32,
    /// Where its log ends.
    pub head: Head,
    /// When it was taken, by the wall clock.
    pub at: Timestamp,
    /// How many subjects were erased by then: one with fewer than another has keys that were deleted since.
    pub erasures: u64,
    /// Every file of it; backups share those that are the same.
    pub(super) files: Vec<CopiedFile>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CopiedFile {
    /// Its path in the folder of backups.
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: [u8; 32],
}

impl Manifest {
    /// Bytes of all its files together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), Fault> {
        let path = folder.join(self.number.to_string());
        let text = self.text();
        let sum = hex(&Sha256::digest(&text));
        private_file::create(&path, &format!("{text}sum {sum}\n")).map_err(|error| Fault::file(&path, &error))
    }

    pub(super) fn read(path: &Path, number: u32) -> Result<Self, Fault> {
        let text = std::fs::read_to_string(path).map_err(|error| Fault::file(path, &error))?;
        let damaged = || Fault::Backup(format!("the manifest {} is damaged", path.display()));
        let signed = text.strip_suffix('\n').and_then(|text| text.rsplit_once("sum "));
        let (body, sum) = signed.ok_or_else(damaged)?;
        if hex(&Sha256::digest(body)) != sum {
            return Err(damaged());
        }
        Self::parse(body).filter(|manifest| manifest.number == number).ok_or_else(damaged)
    }

    fn text(&self) -> String {
        let Self { number, head, at, erasures, files } = self;
        let mut text = format!(
            "{FIRST_LINE}\nnumber {number}\nposition {}\nhash {}\ntaken_at {at}\nerasures {erasures}\n",
            head.position,
            hex(&head.hash)
        );
        for CopiedFile { name, bytes, sha256 } in files {
            text += &format!("file {} {bytes} {name}\n", hex(sha256));
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next() != Some(FIRST_LINE) {
            return None;
        }
        let number = field(lines.next()?, "number")?;
        let position = field(lines.next()?, "position")?;
        let hash = sha256(lines.next()?.strip_prefix("hash ")?)?;
        let at = field(lines.next()?, "taken_at")?;
        let erasures = field(lines.next()?, "erasures")?;
        let files = lines.map(file).collect::<Option<_>>()?;
        Some(Self { number, head: Head { position, hash }, at, erasures, files })
    }
}

fn field<T: FromStr>(line: &str, name: &str) -> Option<T> {
    line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok()
}

fn file(line: &str) -> Option<CopiedFile> {
    let mut words = line.strip_prefix("file ")?.splitn(3, ' ');
    let sha256 = sha256(words.next()?)?;
    Some(CopiedFile { sha256, bytes: words.next()?.parse().ok()?, name: words.next()?.to_owned() })
}

fn sha256(text: &str) -> Option<[u8; 32]> {
    domain::Digest::from_hex(text).map(|digest| digest.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn manifest() -> Manifest {
        let file = |number: u8| CopiedFile {
            name: format!("files/{number}.sst"),
            bytes: u64::MAX / 3,
            sha256: [number; 32],
        };
        let head = Head { position: 7, hash: [9; 32] };
        Manifest { number: 3, head, at: Timestamp(1), erasures: 2, files: (1..=4).map(file).collect() }
    }

    proptest! {
        /// Sizes that no disk has once were a panic when they were added up.
        #[test]
        fn a_manifest_nobody_wrote_is_read_without_a_panic(
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 0..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut text: Vec<char> = manifest().text().chars().collect();
            for (at, letter) in edits {
                let at = at.index(text.len());
                text[at] = letter;
            }
            for text in [&text[..], &text[..cut.index(text.len())]] {
                if let Some(read) = Manifest::parse(&text.iter().collect::<String>()) {
                    let _ = read.bytes();
                }
            }
        }
    }
}
