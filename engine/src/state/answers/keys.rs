//! Keys in memory: their answers one behind the other, as they came, and an index that says where each is.

use hashbrown::HashTable;

use super::{filter::Print, page::Answer};
use crate::{log::EVENTS_MAX, state::idempotency::Answered};

/// As many as there are between two checkpoints when there is much to do: there is room for them from the first one on,
/// because a list that grows is copied, and an index put together again, while everybody waits.
const ROOM: usize = if cfg!(test) { 0 } else { 350_000 + EVENTS_MAX };

/// Answers by key. Writing one touches the end of a list and four bytes of the index, however many there are.
pub(super) struct Keys {
    answers: Vec<Answer>,
    index: HashTable<u32>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { answers: Vec::with_capacity(ROOM), index: HashTable::with_capacity(ROOM) }
    }
}

impl Keys {
    /// The answer of `key`, whose print is `print`.
    pub(super) fn get(&self, key: &[u8; 16], print: &Print) -> Option<Answered> {
        let at = self.index.find(print.hash(), |at| self.answers[*at as usize].0 == *key)?;
        Some(self.answers[*at as usize].1)
    }

    /// Adds an answer, or lengthens the one that `key` has.
    pub(super) fn add(&mut self, key: [u8; 16], answered: Answered) {
        // The events of a command come one after the other.
        if let Some((_, last)) = self.answers.last_mut().filter(|(last, _)| *last == key) {
            last.count += answered.count;
            return;
        }
        let at = u32::try_from(self.answers.len()).expect("keys are drained long before");
        let answers = &self.answers;
        self.index.insert_unique(Print::of(&key).hash(), at, |at| Print::of(&answers[*at as usize].0).hash());
        self.answers.push((key, answered));
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// None, in the memory of these: the system takes longer to give so much than it takes to fill.
    pub(super) fn emptied(mut self) -> Self {
        self.answers.clear();
        self.index.clear();
        self
    }

    /// All answers in the order of their keys.
    pub(super) fn sorted(&self) -> Vec<Answer> {
        // Sorting places is cheaper than moving answers about.
        let key = |at: u32| u128::from_be_bytes(self.answers[at as usize].0);
        let mut order: Vec<(u128, u32)> = (0..self.answers.len() as u32).map(|at| (key(at), at)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, at)| self.answers[at as usize]).collect()
    }
}
