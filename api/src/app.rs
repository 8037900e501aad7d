//! What every handler shares: the engine, the read models, and how this server is set up.

use std::{sync::Arc, time::Duration};

use choai_engine::{
    Engine, Envelope, Fault, Provenance, Receipt, SubmitError,
    books::Realm,
    domain::{Command, PaymentId},
    log::Actor,
};
use choai_projections::{Behind, Lag, Models};

use crate::{
    accounts::{passwords::Passwords, users::Addresses},
    gate::Gate,
    oauth,
    operator::BackupDesk,
    webhooks::guard::Guard,
};

/// Longest time a read waits for the models to see what was acknowledged before it.
const READ_WAIT: Duration = Duration::from_secs(5);

/// The running application; cheap to clone.
#[derive(Clone)]
pub struct App {
    shared: Arc<Shared>,
}

struct Shared {
    /// Before the engine, whose last handle tells that everything may be opened again: they are to be closed by then.
    models: Models,
    engine: Engine,
    public_url: String,
    guard: Guard,
    gate: Gate,
    oauth: oauth::Desk,
    passwords: Passwords,
    addresses: Addresses,
    backups: BackupDesk,
}

/// Why a read could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The models are too far behind.
    #[error(transparent)]
    Behind(#[from] Behind),
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl App {
    /// The application over an engine and the models that follow it.
    ///
    /// `public_url` is how customers reach this server, without a slash at its end.
    pub fn new(
        engine: Engine,
        models: Models,
        public_url: String,
        guard: Guard,
        gate: Gate,
        oauth: oauth::Desk,
    ) -> Self {
        let shared = Shared {
            engine,
            models,
            public_url,
            guard,
            gate,
            oauth,
            passwords: Passwords::default(),
            addresses: Addresses::default(),
            backups: BackupDesk::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    /// The read models, as far as they have come.
    pub fn models(&self) -> &Models {
        &self.shared.models
    }

    /// Where the backup stands that the operator asked for.
    pub fn backups(&self) -> &BackupDesk {
        &self.shared.backups
    }

    /// The OAuth server's desk.
    pub fn oauth(&self) -> &oauth::Desk {
        &self.shared.oauth
    }

    /// Where passwords are hashed.
    pub fn passwords(&self) -> &Passwords {
        &self.shared.passwords
    }

    /// Locks on addresses of people.
    pub fn addresses(&self) -> &Addresses {
        &self.shared.addresses
    }

    /// Where a webhook may go.
    pub fn guard(&self) -> &Guard {
        &self.shared.guard
    }

    /// The read models, once they have seen everything acknowledged so far.
    ///
    /// # Errors
    /// [`Behind`] if they do not get there in time.
    pub async fn current_models(&self) -> Result<&Models, Behind> {
        let head = self.engine().head().position;
        self.models().wait_for(head, READ_WAIT).await?;
        Ok(self.models())
    }

    /// The link a customer follows to pay.
    pub fn checkout_url(&self, payment: PaymentId) -> String {
        format!("{}/process-checkout?payment_id={payment}", self.shared.public_url)
    }

    /// This server's own address, as customers reach it.
    pub fn public_url(&self) -> &str {
        &self.shared.public_url
    }

    /// A new payment id.
    pub fn new_payment_id(&self) -> PaymentId {
        loop {
            // 3 bytes in 100 are passed over: 64 leave too few once in a blue moon.
            if let Some(payment) = PaymentId::from_random(&self.engine().random::<64>()) {
                return payment;
            }
        }
    }

    /// An envelope with nothing beside the command.
    pub fn envelope(&self, actor: Actor, realm: Option<Realm>, command: impl Into<Command>) -> Envelope {
        Envelope::new(Provenance::new(self.engine().new_id(), actor, realm), command.into())
    }

    /// How far the read models are behind what was acknowledged.
    pub fn lag(&self) -> Lag {
        self.models().lag(self.engine().head().position)
    }

    /// Whether new commands from outside are taken.
    pub fn is_open(&self) -> bool {
        self.shared.gate.is_open(self.lag())
    }

    /// Submits one command from outside. What must not wait, such as a record of what was done already, goes to the
    /// engine itself.
    ///
    /// # Errors
    /// [`SubmitError`]; `Busy` also while the read models are too far behind.
    pub async fn submit(&self, envelope: Envelope) -> Result<Receipt, SubmitError> {
        if !self.is_open() {
            metrics::counter!("commands_refused_total", "reason" => "models_behind").increment(1);
            return Err(SubmitError::Busy);
        }
        let submitted = self.engine().submit(envelope).await;
        if let Err(SubmitError::Busy) = submitted {
            metrics::counter!("commands_refused_total", "reason" => "queue_full").increment(1);
        }
        submitted
    }
}
