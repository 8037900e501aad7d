//! A page: answers in the order of their keys, as the store has them.
//!
//! Each takes 44 bytes: key (16), request (16), first position (8, little-endian), count (4, little-endian).

use crate::{
    fault::Fault,
    state::{idempotency::Answered, store::KeyValue},
};

/// Answers on a page: as many as fit a block of the disk.
pub(super) const PAGE_KEYS: usize = 93;
const ANSWER_BYTES: usize = 44;

/// A key with its answer.
pub(super) type Answer = ([u8; 16], Answered);

/// A page as it is stored.
pub(super) struct Page<'a>(&'a [[u8; ANSWER_BYTES]]);

impl<'a> Page<'a> {
    /// # Errors
    /// [`Fault::Undecodable`] for bytes that are no page: half an answer once went unnoticed, and so did its key.
    pub(super) fn over(bytes: &'a [u8]) -> Result<Self, Fault> {
        match bytes.as_chunks() {
            (answers, []) if (1..=PAGE_KEYS).contains(&answers.len()) => Ok(Self(answers)),
            _ => Err(Fault::Undecodable("a run of answers: a page is of no length".into())),
        }
    }

    /// The bytes of a page with these answers.
    pub(super) fn encode(answers: &[Answer]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(answers.len() * ANSWER_BYTES);
        for (key, Answered { request, first, count }) in answers {
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(request);
            bytes.extend_from_slice(&first.to_le_bytes());
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        bytes
    }

    /// The answer of `key`, if it is on this page.
    pub(super) fn get(&self, key: &[u8; 16]) -> Option<Answered> {
        let at = self.0.binary_search_by(|answer| answer[..16].cmp(key)).ok()?;
        Some(decode(&self.0[at]).1)
    }

    /// Every answer, in the order of the keys.
    pub(super) fn answers(&self) -> impl Iterator<Item = Answer> + 'a {
        self.0.iter().map(decode)
    }
}

fn decode(bytes: &[u8; ANSWER_BYTES]) -> Answer {
    fn part<const N: usize>(bytes: &[u8]) -> [u8; N] {
        bytes.try_into().expect("the parts of an answer have their lengths")
    }
    let answered = Answered {
        request: part(&bytes[16..32]),
        first: u64::from_le_bytes(part(&bytes[32..40])),
        count: u32::from_le_bytes(part(&bytes[40..])),
    };
    (part(&bytes[..16]), answered)
}

/// The answers on all `pages`, each as a row of its own in the order of the keys: which page of which run an answer is on
/// depends on when the tables were saved.
pub(in crate::state) fn spread(pages: &[KeyValue]) -> Vec<KeyValue> {
    let pages = pages.iter().filter(|(key, _)| !key.ends_with(&super::run::INDEX.to_be_bytes()));
    let row = |answer: &[u8; ANSWER_BYTES]| (answer[..16].to_vec(), answer[16..].to_vec());
    let spread = |page: &KeyValue| match Page::over(&page.1) {
        Ok(answers) => answers.0.iter().map(row).collect(),
        // Whoever compares finds that nothing else has such a row.
        Err(_) => vec![page.clone()],
    };
    let mut rows: Vec<KeyValue> = pages.flat_map(spread).collect();
    rows.sort_unstable();
    // What was merged is in two runs until the next checkpoint.
    rows.dedup();
    rows
}
