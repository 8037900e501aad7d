//! What an audit needs of a commit, taken from its bytes by whichever thread is free: nothing here depends on order.
//!
//! Of most events the entry is all that matters, so it is copied out and the rest is let go where it was decoded. Those
//! that a law has to see whole are handed on whole.

use std::collections::VecDeque;

use uuid::Uuid;

use super::{Level, report::Broken};
use crate::{
    books::{Account, Entry, Posting, Realm},
    domain::{Event, Timestamp, user},
    fault::Fault,
    log::{Frame, Recorded},
};

/// A commit that carries its own hash, and what it says.
pub(super) struct Commit {
    /// Its exact stored bytes.
    pub(super) frame: Frame,
    /// Its events, in order; none if one of them does not decode.
    pub(super) facts: Vec<Fact>,
    /// The postings of all its entries, in order.
    pub(super) postings: Vec<Posting>,
    /// The events that are handed on whole, in order.
    pub(super) whole: VecDeque<Recorded>,
    /// The first entry that is out of balance.
    pub(super) unbalanced: Option<Broken>,
    /// The first record that does not decode.
    pub(super) undecodable: Option<Broken>,
}

/// One event.
pub(super) struct Fact {
    pub(super) causation: Uuid,
    pub(super) realm: Option<Realm>,
    pub(super) effective_at: Timestamp,
    /// How many postings its entry has.
    pub(super) postings: usize,
    /// Whether it is handed on whole.
    pub(super) is_whole: bool,
}

impl Commit {
    /// Decodes every record of `frame`, for an audit at `level`.
    pub(super) fn of(frame: Frame, level: Level) -> Self {
        let count = frame.count() as usize;
        let mut commit = Self {
            facts: Vec::with_capacity(count),
            // Most entries have two lines.
            postings: Vec::with_capacity(2 * count),
            whole: VecDeque::new(),
            unbalanced: None,
            undecodable: None,
            frame,
        };
        let frame = commit.frame.clone();
        if let Err(fault) = frame.each_record(|recorded| commit.take(recorded, level)) {
            let position = if let Fault::Damaged { position, .. } = fault { position } else { frame.first() };
            commit.undecodable = Some(Broken { position, what: fault.to_string() });
            commit.facts.clear();
            commit.unbalanced = None;
        }
        commit
    }

    fn take(&mut self, recorded: Recorded, level: Level) {
        let postings = recorded.event.entry().map_or(&[][..], Entry::postings);
        if self.unbalanced.is_none() {
            let out = out_of_balance(postings);
            self.unbalanced = out.map(|what| Broken { position: recorded.position, what });
        }
        let is_whole = level == Level::Full || is_looked_into(&recorded.event, postings);
        self.postings.extend_from_slice(postings);
        self.facts.push(Fact {
            causation: recorded.header.causation,
            realm: recorded.header.realm,
            effective_at: recorded.header.effective_at,
            postings: postings.len(),
            is_whole,
        });
        if is_whole {
            self.whole.push_back(recorded);
        }
    }
}

/// An entry that does not balance does not decode either; an audit adds up for itself all the same.
fn out_of_balance(postings: &[Posting]) -> Option<String> {
    postings.iter().find_map(|Posting { currency, .. }| {
        let lines = postings.iter().filter(|line| line.currency == *currency);
        let sum: i128 = lines.map(|line| line.debit_minor).sum();
        (sum != 0).then(|| format!("out of balance by {sum} in {currency}"))
    })
}

/// Whether a law that [`Level::Books`] checks looks at more of an event than its entry, or its entry is of more than the
/// books' concern.
fn is_looked_into(event: &Event, postings: &[Posting]) -> bool {
    let is_kept_track_of = match event {
        Event::Order(_)
        | Event::Payment(_)
        | Event::Payout(_)
        | Event::Settlement(_)
        | Event::Subject(_)
        | Event::User(user::Event::Registered(_))
        | Event::Withdrawal(_) => true,
        Event::Card(_)
        | Event::Chain(_)
        | Event::Deposit(_)
        | Event::Kyc(_)
        | Event::Listing(_)
        | Event::Merchant(_)
        | Event::Points(_)
        | Event::Rail(_)
        | Event::Realm(_)
        | Event::Signer(_)
        | Event::Subscription(_)
        | Event::Token(_)
        | Event::User(user::Event::Closed(_) | user::Event::ProfileSet(_))
        | Event::Wallet(_)
        | Event::Webhook(_) => false,
    };
    // Settlements come to what was posted to these, and orders have to hold them, whatever the event was.
    let is_followed = |posting: &Posting| {
        matches!(posting.account, Account::MerchantPending(_) | Account::Escrow(_) | Account::PointsHeld(_))
    };
    is_kept_track_of || postings.iter().any(is_followed)
}
