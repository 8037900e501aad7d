//! The engine under measurement: opened as `choai serve` opens it, with commands made beforehand.

use std::{path::Path, sync::Arc};

use choai_benches::figures::Figures;
use choai_engine::{
    Engine, Envelope, Options, Outcome, Paths, Provenance, SystemClock,
    books::Realm,
    domain::{Command, Digest, MerchantId, PaymentId, SecretId, Subject, merchant, payment},
    log::Actor,
    money::{Currency, Money},
    vault::OsRandom,
};

use crate::{measure, timed};

/// Events and commits made beforehand at the most. On a fast disk this ends the measurement, not the time.
const EVENTS_MAX: usize = 100 * 8_190;
const COMMITS_MAX: usize = 60_000;
const SHOP: MerchantId = MerchantId(1);
/// What the payment surface seals of an ordinary payment is of this shape and length.
const PRIVATE: &[u8] = br#"{"custom":"DFU80XZIKS","details":"Digital Product","customer_email":"buyer@example.com","web_hook":"https://shop.example.com/web_hook.php","cancel_url":"https://shop.example.com/cancel_url.php","success_url":"https://shop.example.com/success_url.php"}"#;

/// Commits `size` events at a time into a new ledger at `data`, and leaves it there.
pub fn submitting(data: &Path, size: usize) -> Figures {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime for one caller");
    let options = Options { clock: Arc::new(SystemClock), random: Arc::new(OsRandom) };
    let engine = Engine::open(&Paths::of(data), options).expect("a new ledger opens");
    runtime.block_on(engine.submit(registration(&engine))).expect("the merchant is registered");
    let commits = (EVENTS_MAX / size).min(COMMITS_MAX);
    let prepared: Vec<Vec<Envelope>> =
        (0..commits).map(|_| (0..size).map(|_| creation(&engine)).collect()).collect();
    let mut prepared = prepared.into_iter();
    let figures = measure(|| {
        let envelopes = prepared.next()?;
        let (outcomes, took) = timed(|| runtime.block_on(engine.submit_all(envelopes)));
        let outcomes = outcomes.expect("the writer runs");
        let accepted = |outcome: &Outcome| matches!(outcome, Outcome::Accepted(_));
        assert!(outcomes.iter().all(accepted), "every payment is created");
        Some(took)
    });
    runtime.block_on(engine.close()).expect("the ledger closes");
    figures
}

fn registration(engine: &Engine) -> Envelope {
    let command = merchant::Command::Register {
        name: "Sample Shop".to_owned(),
        access_key: Digest(engine.random()),
        client_id: engine.new_id().to_string(),
        client_secret: Digest(engine.random()),
        secret: SecretId(engine.random()),
        signature_required: false,
        mode: merchant::Mode::Test,
    };
    Envelope::new(Provenance::new(engine.new_id(), Actor::Operator, None), Command::Merchant(command))
}

fn creation(engine: &Engine) -> Envelope {
    let payment = PaymentId::from_random(&engine.random::<64>()).expect("64 bytes spell 25 letters");
    let (private, key) = engine.vault().seal_new(Subject::Payment(payment), PRIVATE);
    let nothing = Money::zero(Currency::Usd);
    let command = payment::Command::Create(payment::Create {
        payment,
        merchant: SHOP,
        purpose: payment::Purpose::Sale,
        amount: Money::new(280_00, Currency::Usd),
        tax: nothing,
        method_fee: nothing,
        origin: payment::Origin::ItoPayment,
        private: Some(private),
    });
    let provenance = Provenance::new(engine.new_id(), Actor::Merchant(SHOP), Some(Realm::Test(SHOP)));
    let mut envelope = Envelope::new(provenance, Command::Payment(command));
    envelope.tenant = Some(SHOP);
    envelope.vault.push(key);
    envelope
}
