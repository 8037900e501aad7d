//! The auditor: judges commits in the order of the log, one event after the other.

use super::{
    Level,
    books::Books,
    ever::Ever,
    facts::{Commit, Fact},
    history::Clocks,
    law::{Findings, Law},
    report::Report,
    underway::Underway,
};
use crate::{
    books::Posting,
    domain::{Event, user},
    fault::Fault,
    log::{Chain, Head, Recorded},
};

/// Everything an audit remembers of what it has seen.
pub(super) struct Auditor {
    level: Level,
    chain: Chain,
    commits: u64,
    events: u64,
    entries: u64,
    clocks: Clocks,
    books: Books,
    underway: Underway,
    /// Only at the full level.
    ever: Option<Ever>,
    findings: Findings,
}

impl Auditor {
    pub(super) fn new(level: Level) -> Self {
        Self {
            level,
            chain: Chain::default(),
            commits: 0,
            events: 0,
            entries: 0,
            clocks: Clocks::default(),
            books: Books::default(),
            underway: Underway::default(),
            ever: (level == Level::Full).then(Ever::default),
            findings: Findings::default(),
        }
    }

    /// The chain is proved up to here.
    pub(super) const fn head(&self) -> Head {
        self.chain.head()
    }

    /// Checks the next commit, `None` being one that is not there; false when what follows cannot be judged any more.
    pub(super) fn commit(&mut self, commit: Option<Commit>) -> bool {
        if let Err(fault) = self.chain.link(commit.as_ref().map(|commit| &commit.frame)) {
            return self.unreadable(fault);
        }
        let Some(commit) = commit else { return false };
        let Commit { frame, facts, postings, mut whole, unbalanced, undecodable } = commit;
        self.commits += 1;
        self.findings.note(Law::Time, frame.first(), self.clocks.record(frame.recorded_at()));
        if let Some(broken) = unbalanced {
            self.findings.find(Law::Entries, broken.position, || broken.what);
        }
        if let Some(broken) = undecodable {
            self.findings.find(Law::Decoding, broken.position, || broken.what);
            return false;
        }
        let mut postings = postings.as_slice();
        for (position, fact) in (frame.first()..).zip(&facts) {
            let (own, rest) = postings.split_at(fact.postings);
            postings = rest;
            self.event(position, fact, own);
            if fact.is_whole {
                let recorded = whole.pop_front().expect("what is to be handed on whole was");
                self.whole(&recorded);
            }
        }
        true
    }

    /// What comes next cannot be read, and what cannot be read is no better than what is not there.
    pub(super) fn unreadable(&mut self, fault: Fault) -> bool {
        let (position, what) = match fault {
            Fault::Damaged { position, what } => (position, what),
            unreadable => (self.head().position + 1, unreadable.to_string()),
        };
        self.findings.find(Law::Chain, position, || what);
        false
    }

    fn event(&mut self, position: u64, fact: &Fact, postings: &[Posting]) {
        self.events += 1;
        self.underway.before(fact.causation, position, &self.books, &mut self.findings);
        self.findings.note(Law::Time, position, self.clocks.effect(fact.realm, fact.effective_at));
        if !postings.is_empty() {
            self.entries += 1;
            self.books.post(position, fact.realm, postings, &mut self.findings);
        }
    }

    /// An event that laws look into, after its entry was posted.
    fn whole(&mut self, recorded: &Recorded) {
        if let Event::User(user::Event::Registered(registered)) = &recorded.event {
            self.findings.note(Law::Realms, recorded.position, self.books.register(registered));
        }
        self.underway.follow(recorded, &self.books, &mut self.findings);
        if let Some(ever) = &mut self.ever {
            ever.follow(recorded, &self.books, &mut self.findings);
        }
    }

    /// Checks what has to hold at the end, and tells what was found.
    pub(super) fn close(mut self) -> Report {
        let head = self.head();
        let erased = self.underway.close(head.position, &self.books, &mut self.findings);
        if let Some(ever) = self.ever {
            ever.close(head.position, &mut self.findings);
        }
        self.findings.note(Law::TrialBalance, head.position, self.books.balance());
        let Self { level, commits, events, entries, .. } = self;
        Report { level, head, commits, events, entries, erased, checks: self.findings.into_checks(level) }
    }
}
