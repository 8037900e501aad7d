//! Who tells the story: submits a wish, and shows every event that followed, with its entry.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use choai_engine::{
    Engine, Envelope, Options, Paths, Provenance, SystemClock,
    books::{Entry, Realm},
    domain::{Command, Span, Timestamp, realm},
    log::{Actor, Recorded},
    money::Money,
    vault::OsRandom,
};
use choai_projections::{Follower, Models};

use super::step;

/// Longest time to wait for the read models.
const READ_WAIT: Duration = Duration::from_secs(20);

/// An open ledger, and the realm that the story is set in.
pub(super) struct Teller {
    engine: Engine,
    models: Models,
    follower: Follower,
    pub(super) realm: Realm,
}

impl Teller {
    /// Opens the ledger under `data`.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(data: &Path, realm: Realm) -> anyhow::Result<Self> {
        let paths = Paths::of(data);
        let options = Options { clock: Arc::new(SystemClock), random: Arc::new(OsRandom) };
        let engine = Engine::open(&paths, options)?;
        let models = Models::open(&paths.models())?;
        let follower = models.follow(&engine);
        Ok(Self { engine, models, follower, realm })
    }

    /// Does what `command` asks for, and shows what it led to; the events, for whoever needs what is in them.
    ///
    /// # Errors
    /// When it is refused.
    pub(super) async fn tell(&self, what: &str, command: Command) -> anyhow::Result<Vec<Recorded>> {
        self.submit(what, Some(self.realm), command).await
    }

    /// As [`Self::tell`], about an identity, which has no realm.
    ///
    /// # Errors
    /// As there.
    pub(super) async fn introduce(&self, what: &str, command: Command) -> anyhow::Result<Vec<Recorded>> {
        self.submit(what, None, command).await
    }

    /// Shows that `command` is refused, and why.
    ///
    /// # Errors
    /// When it is not.
    pub(super) async fn refuse(&self, what: &str, command: Command) -> anyhow::Result<()> {
        let refused = self.engine.submit(self.envelope(Some(self.realm), command)).await.err();
        step(what, &format!("refused: {}", refused.context("what should be refused was not")?))?;
        Ok(())
    }

    /// Moves the realm's clock, and shows what became due meanwhile.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub(super) async fn wait(&self, what: &str, by: Span) -> anyhow::Result<Vec<Recorded>> {
        self.tell(what, Command::Realm(realm::Command::AdvanceClock { by })).await
    }

    /// Random bytes, for the ids that a wish comes with.
    pub(super) fn random<const N: usize>(&self) -> [u8; N] {
        self.engine.random()
    }

    /// The read models, once they have seen everything so far.
    ///
    /// # Errors
    /// When they do not come that far.
    pub(super) async fn models(&self) -> anyhow::Result<&Models> {
        self.models.wait_for(self.engine.head().position, READ_WAIT).await?;
        Ok(&self.models)
    }

    /// The realm's time.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) async fn now(&self) -> anyhow::Result<Timestamp> {
        Ok(self.models().await?.realms().now(self.realm, self.engine.now())?)
    }

    /// Lets go of the ledger.
    ///
    /// # Errors
    /// When something could not be saved.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.follower.stop()?;
        Ok(self.engine.close().await?)
    }

    async fn submit(
        &self,
        what: &str,
        realm: Option<Realm>,
        command: Command,
    ) -> anyhow::Result<Vec<Recorded>> {
        let before = self.engine.head().position;
        let receipt =
            self.engine.submit(self.envelope(realm, command)).await.with_context(|| what.to_owned())?;
        ensure!(!receipt.repeated, "nothing of this was asked before");
        let after = self.engine.head().position;
        let events = self.engine.events(before + 1, after - before)?;
        step(what, &events.iter().map(shown).collect::<String>())?;
        Ok(events)
    }

    fn envelope(&self, realm: Option<Realm>, command: Command) -> Envelope {
        Envelope::new(Provenance::new(self.engine.new_id(), Actor::Operator, realm), command)
    }
}

/// An event's kind, and its entry line by line.
fn shown(recorded: &Recorded) -> String {
    let lines = recorded.event.entry().map(Entry::postings).unwrap_or_default().iter().map(|posting| {
        let side = if posting.debit_minor > 0 { "Dr" } else { "Cr" };
        let amount = Money::new(posting.debit_minor.abs(), posting.currency);
        let account = posting.account.to_string();
        format!("  {side} {account:<44} {:>14} {}\n", amount.to_decimal(), posting.currency)
    });
    std::iter::once(format!("{}\n", recorded.kind.name())).chain(lines).collect()
}
