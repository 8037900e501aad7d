//! A commit's frame: events that became durable together, chained to the commit before.
//!
//! ```text
//! offset  size  field
//!      0     4  "CHOA"
//!      4     2  format version, 1
//!      6     2  zero
//!      8     8  first position
//!     16     4  number of records, 1 to 8,190
//!     20     4  bytes of all records
//!     24     8  time of the commit, µs since 1970, never falling
//!     32    32  hash of the previous commit; zeros for the first
//!     64     …  records (record.rs)
//!      …    32  SHA-256 of everything before it
//! ```
//! All integers are little-endian. The hash covers the exact stored bytes, so any tool can check the chain.

use std::{ops::Range, sync::Arc};

use sha2::{Digest, Sha256};

use super::{
    leaf::Leaf,
    record::{self, RecordHeader, Recorded},
};
use crate::{
    domain::{Event, Timestamp},
    fault::Fault,
};

const MAGIC: &[u8; 4] = b"CHOA";
const FORMAT: u16 = 1;
const HEADER_BYTES: usize = 64;
const HASH_BYTES: usize = 32;

/// Events in one commit at the most.
pub const EVENTS_MAX: usize = 8_190;

/// Where a log ends: its last position and the hash of its last commit; all zero for an empty log.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// The last event's position; 0 before the first.
    pub position: u64,
    /// The last commit's hash.
    pub hash: [u8; 32],
}

impl std::fmt::Debug for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Head({}, {:02x}{:02x}…)", self.position, self.hash[0], self.hash[1])
    }
}

/// A sealed commit: its exact stored bytes, known to carry their own hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    bytes: Arc<[u8]>,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({} to {}, {} bytes)", self.first(), self.last(), self.bytes.len())
    }
}

impl Frame {
    /// Accepts stored bytes as a frame.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if they are not exactly one frame that carries its own hash.
    pub fn verify(bytes: impl Into<Arc<[u8]>>) -> Result<Self, Fault> {
        let bytes = bytes.into();
        // What position the damage is at is only known if the header is there at all.
        let first =
            bytes.get(8..16).map_or(0, |field| u64::from_le_bytes(field.try_into().unwrap_or_default()));
        let damaged = |what: &str| Fault::Damaged { position: first, what: what.to_owned() };
        if bytes.len() < HEADER_BYTES + HASH_BYTES {
            return Err(damaged("the commit is too short"));
        }
        let frame = Self { bytes };
        if &frame.bytes[..4] != MAGIC || frame.u16_at(4) != FORMAT || frame.u16_at(6) != 0 {
            return Err(damaged("the commit is of an unknown format"));
        }
        if frame.bytes.len() != HEADER_BYTES + frame.u32_at(20) as usize + HASH_BYTES {
            return Err(damaged("the commit is not of the length it states"));
        }
        if frame.count() == 0 || frame.count() > EVENTS_MAX as u64 {
            return Err(damaged("the commit has an impossible number of events"));
        }
        if frame.first() == 0 || frame.first().checked_add(frame.count()).is_none() {
            return Err(damaged("the commit has impossible positions"));
        }
        if Sha256::digest(&frame.bytes[..frame.bytes.len() - HASH_BYTES])[..] != frame.hash() {
            return Err(damaged("the commit does not carry its own hash"));
        }
        Ok(frame)
    }

    /// The exact stored bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Position of the first event.
    pub fn first(&self) -> u64 {
        self.u64_at(8)
    }

    /// Position of the last event.
    pub fn last(&self) -> u64 {
        self.first() + self.count() - 1
    }

    /// How many events there are.
    pub fn count(&self) -> u64 {
        u64::from(self.u32_at(16))
    }

    /// When the commit was made, by the wall clock.
    pub fn recorded_at(&self) -> Timestamp {
        Timestamp(self.u64_at(24).cast_signed())
    }

    /// The hash of the commit before.
    pub fn previous(&self) -> [u8; 32] {
        self.array_at(32)
    }

    /// The hash of this commit.
    pub fn hash(&self) -> [u8; 32] {
        self.array_at(self.bytes.len() - HASH_BYTES)
    }

    /// Whether this commit is one that comes right after `head`.
    pub fn follows(&self, head: Head) -> bool {
        self.first() == head.position + 1 && self.previous() == head.hash
    }

    /// Where the log ends with this commit.
    pub fn head(&self) -> Head {
        Head { position: self.last(), hash: self.hash() }
    }

    /// Decodes every event.
    ///
    /// # Errors
    /// [`Fault::Damaged`] naming the first position that does not decode.
    pub fn records(&self) -> Result<Vec<Recorded>, Fault> {
        self.records_at(self.first(), self.count())
    }

    /// Decodes those of `count` events from position `first` on that are in this commit.
    ///
    /// # Errors
    /// [`Fault::Damaged`] naming the first position that does not decode.
    pub fn records_at(&self, first: u64, count: u64) -> Result<Vec<Recorded>, Fault> {
        let wanted = first.max(self.first())..first.saturating_add(count).min(self.last() + 1);
        let mut records = Vec::with_capacity((wanted.end.saturating_sub(wanted.start)) as usize);
        self.decode(wanted, |recorded| records.push(recorded))?;
        Ok(records)
    }

    /// Decodes every event, one after the other, and hands each on as soon as it is there.
    ///
    /// # Errors
    /// [`Fault::Damaged`] naming the first position that does not decode; those before it were handed on.
    pub fn each_record(&self, take: impl FnMut(Recorded)) -> Result<(), Fault> {
        self.decode(self.first()..self.last() + 1, take)
    }

    /// Decodes those events whose positions are `wanted`, none of which lies behind this commit.
    fn decode(&self, wanted: Range<u64>, mut take: impl FnMut(Recorded)) -> Result<(), Fault> {
        let (recorded_at, mut scratch) = (self.recorded_at(), Vec::new());
        let mut rest = &self.bytes[HEADER_BYTES..self.bytes.len() - HASH_BYTES];
        for position in self.first()..wanted.end {
            let damaged = |fault: Fault| Fault::Damaged { position, what: fault.to_string() };
            let record = record::split(&mut rest).map_err(damaged)?;
            if wanted.contains(&position) {
                take(record::decode(record, position, recorded_at, &mut scratch).map_err(damaged)?);
            }
        }
        if rest.is_empty() || wanted.end <= self.last() {
            return Ok(());
        }
        Err(Fault::Damaged { position: self.last(), what: "bytes follow the last record".to_owned() })
    }

    /// Every event's leaf, in order; nothing is decoded.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if the records are not as long together as the commit.
    pub fn leaves(&self) -> Result<Vec<Leaf<'_>>, Fault> {
        let damaged = |position| Fault::Damaged { position, what: "the record is of no length".to_owned() };
        let time = &self.bytes[24..32];
        let mut rest = &self.bytes[HEADER_BYTES..self.bytes.len() - HASH_BYTES];
        let mut leaves = Vec::with_capacity(self.count() as usize);
        for position in self.first()..=self.last() {
            let length = rest.first_chunk().map(|length| 4 + u32::from_le_bytes(*length) as usize);
            let parts = length.and_then(|length| rest.split_at_checked(length));
            let (record, after) = parts.ok_or_else(|| damaged(position))?;
            leaves.push(Leaf { time, record });
            rest = after;
        }
        if rest.is_empty() { Ok(leaves) } else { Err(damaged(self.last())) }
    }

    fn array_at<const N: usize>(&self, at: usize) -> [u8; N] {
        self.bytes[at..at + N].try_into().expect("a slice of N bytes is an array of N bytes")
    }

    fn u16_at(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.array_at(at))
    }

    fn u32_at(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array_at(at))
    }

    fn u64_at(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.array_at(at))
    }
}

/// A commit being written.
pub struct FrameDraft {
    bytes: Vec<u8>,
    first: u64,
    recorded_at: Timestamp,
    count: u32,
}

impl FrameDraft {
    /// Starts the commit whose first event gets position `first`.
    pub fn new(first: u64, recorded_at: Timestamp) -> Self {
        Self { bytes: vec![0; HEADER_BYTES], first, recorded_at, count: 0 }
    }

    /// Appends an event; gives its position.
    pub fn push(&mut self, header: &RecordHeader, event: &Event) -> u64 {
        record::encode(&mut self.bytes, self.recorded_at, header, event);
        self.count += 1;
        self.first + u64::from(self.count) - 1
    }

    /// When the commit is made.
    pub const fn recorded_at(&self) -> Timestamp {
        self.recorded_at
    }

    /// The position the next event gets.
    pub const fn next_position(&self) -> u64 {
        self.first + self.count as u64
    }

    /// How many events there are so far.
    pub const fn count(&self) -> usize {
        self.count as usize
    }

    /// Seals the commit: chains it to `previous` and hashes it.
    ///
    /// # Panics
    /// If it is empty, does not follow `previous`, or holds more events or bytes than a commit can.
    pub fn seal(mut self, previous: Head) -> Frame {
        assert!((1..=EVENTS_MAX).contains(&self.count()), "a commit holds 1 to {EVENTS_MAX} events");
        assert_eq!(self.first, previous.position + 1, "positions leave no gap");
        let body =
            u32::try_from(self.bytes.len() - HEADER_BYTES).expect("commits are bounded by their events");
        self.bytes[..4].copy_from_slice(MAGIC);
        self.bytes[4..6].copy_from_slice(&FORMAT.to_le_bytes());
        self.bytes[8..16].copy_from_slice(&self.first.to_le_bytes());
        self.bytes[16..20].copy_from_slice(&self.count.to_le_bytes());
        self.bytes[20..24].copy_from_slice(&body.to_le_bytes());
        self.bytes[24..32].copy_from_slice(&self.recorded_at.0.to_le_bytes());
        self.bytes[32..64].copy_from_slice(&previous.hash);
        let hash = Sha256::digest(&self.bytes);
        self.bytes.extend_from_slice(&hash);
        Frame { bytes: self.bytes.into() }
    }
}
