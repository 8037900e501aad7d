//! Stories, for the tests of rooms: commands put to the rules one after another, and what is answered, as text.
//!
//! Every command goes through `decide` and every event through the fold, after whatever has become due. Two shops
//! are in test mode and one in live; users 1 and 2 are the first shop's, 3 the second's, 4 the third's.

use std::sync::Arc;

use crate::{
    books::{Account, Entry, Holder, Realm},
    domain::{self, Command, Context, Event, MerchantId, Span, Timestamp, UserId, merchant, user, wallet},
    log::{MemoryStore, codec},
    money::{Currency, Money},
    samples,
    state::{State, TableRows},
};

/// 2026-01-05T00:00:00Z
pub(crate) const START: Timestamp = Timestamp(1_767_571_200_000_000);
/// The first shop.
pub(crate) const SHOP: MerchantId = MerchantId(1);
/// Its test realm, where a story begins.
pub(crate) const HERE: Realm = Realm::Test(SHOP);

/// A user as a holder.
pub(crate) const fn user(number: u32) -> Holder {
    Holder::User(UserId(number))
}

pub(crate) const fn jpy(minor: i128) -> Money {
    Money::new(minor, Currency::Jpy)
}

pub(crate) const fn usd(minor: i128) -> Money {
    Money::new(minor, Currency::Usd)
}

pub(crate) const fn sgp(minor: i128) -> Money {
    Money::new(minor, Currency::SgpUsd)
}

pub(crate) const fn usdt(minor: i128) -> Money {
    Money::new(minor, Currency::Usdt)
}

pub(crate) const fn ton(minor: i128) -> Money {
    Money::new(minor, Currency::Ton)
}

/// Money for a wallet, out of nowhere.
pub(crate) const fn credit(holder: Holder, amount: Money) -> Command {
    Command::Wallet(wallet::Command::Credit { holder, amount })
}

/// A state, and what surrounds the next command.
pub(crate) struct Story {
    pub(crate) state: State,
    pub(crate) context: Context,
}

impl Story {
    pub(crate) fn begin() -> Self {
        let store: Arc<dyn TableRows> = Arc::new(MemoryStore::new());
        let context = Context { realm: None, tenant: None, now: START };
        let mut story = Self { state: State::load(&store).unwrap(), context };
        for mode in [merchant::Mode::Test, merchant::Mode::Test, merchant::Mode::Active] {
            story.given(Command::Merchant(samples::register(mode)));
        }
        for tenant in [1, 1, 2, 3].map(MerchantId) {
            story.given(Command::User(user::Command::Register { tenant }));
        }
        story.context.realm = Some(HERE);
        story
    }

    /// Something that happens and is not told of.
    pub(crate) fn given(&mut self, command: Command) {
        let events = domain::decide(&self.state, &command, &self.around(&command));
        self.fold(&events.unwrap_or_else(|refused| panic!("{command:?} was refused: {refused}")));
    }

    /// Lets `span` pass; tells what becomes due, each at its own time.
    pub(crate) fn wait(&mut self, span: Span) -> String {
        let (now, mut text) = (self.context.now + span, String::new());
        while let Some((at, due)) = self.state.dues.first(HERE).filter(|(at, _)| *at <= now) {
            self.context.now = at;
            let events = domain::decide_due(&self.state, due, &self.context);
            text += &format!("at {at}\n{}", self.fold(&events));
        }
        self.context.now = now;
        text
    }

    /// What each command leads to, or why to nothing.
    pub(crate) fn tell(&mut self, commands: impl IntoIterator<Item = Command>) -> String {
        let told = commands.into_iter().map(|command| {
            match domain::decide(&self.state, &command, &self.around(&command)) {
                Err(refused) => format!("refused: {refused}\n"),
                Ok(events) => self.fold(&events),
            }
        });
        told.collect()
    }

    /// Identities are in no realm, wherever the story is.
    fn around(&self, command: &Command) -> Context {
        let realm = self.context.realm.filter(|_| !domain::is_about_identity(command));
        Context { realm, ..self.context }
    }

    /// As [`Self::tell`], each command as if it were the only one.
    pub(crate) fn tell_apart(make: impl Fn() -> Self, commands: impl IntoIterator<Item = Command>) -> String {
        commands.into_iter().map(|command| make().tell([command])).collect()
    }

    /// As [`Self::tell`], in each of these realms and for each of these tenants, from the same beginning.
    pub(crate) fn tell_from<const PLACES: usize, const COMMANDS: usize>(
        make: impl Fn() -> Self,
        places: [(Option<Realm>, Option<MerchantId>); PLACES],
        commands: impl Fn(&Self) -> [Command; COMMANDS],
    ) -> String {
        let told = places.map(|(realm, tenant)| {
            let mut story = make();
            (story.context.realm, story.context.tenant) = (realm, tenant);
            let commands = commands(&story);
            story.tell(commands)
        });
        told.concat()
    }

    /// What an account here holds, debits less credits turned to the side it grows on.
    pub(crate) fn balance(&self, account: Account, currency: Currency) -> i128 {
        self.state.balance(HERE, account, currency).minor
    }

    fn fold(&mut self, events: &[Event]) -> String {
        let mut text = String::new();
        for event in events {
            domain::apply(&mut self.state, event, &self.context);
            let entry = event.entry().map(ledger).unwrap_or_default();
            text += &format!("{}{entry}\n", codec::encode_event(event).0.name());
        }
        text
    }
}

/// An entry on one line, debits and credits as they were written.
fn ledger(entry: &Entry) -> String {
    let line = |posting: &crate::books::Posting| {
        let side = if posting.debit_minor > 0 { "Dr" } else { "Cr" };
        let amount = Money::new(posting.debit_minor.abs(), posting.currency);
        format!("{side} {} {amount}", posting.account)
    };
    let lines: Vec<String> = entry.postings().iter().map(line).collect();
    if lines.is_empty() { String::new() } else { format!(": {}", lines.join(" · ")) }
}
