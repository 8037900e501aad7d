//! The bytes of the log: what was stored once reads for ever, and what was not stored is refused.

mod bytes;
mod chain;
mod coins;
mod damage;
mod exit;
mod stores;

use uuid::Uuid;

use super::{Actor, Frame, FrameDraft, Head, Kind, RecordHeader, codec};
use crate::{
    books::{Account, Entry, Expense, Hold, Holder, Income, Label, Place, Realm},
    domain::{
        AddressId, AuthorizationId, CardId, Day, DeliveryId, DepositId, Digest, DocumentId, Event, ListingId,
        MerchantId, Month, PaymentId, PayoutId, Sealed, SecretId, SettlementId, Span, Subject, Timestamp,
        UserId, WithdrawalId, card, deposit, kyc, listing, merchant, order, payment, payout, points, rail,
        realm, settlement, signer, subject, subscription, token, user, wallet, webhook,
    },
    hex,
    money::{Currency, Money, Percent, Token},
    samples::adopt_key,
    state::IdempotencyKey,
};

const SHOP: MerchantId = MerchantId(7);
/// 2026-01-05T03:00:00.000001Z
const AT: Timestamp = Timestamp(1_767_582_000_000_001);

fn payment_id() -> PaymentId {
    "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap()
}

fn yen(minor: i128) -> Money {
    Money::new(minor, Currency::Jpy)
}

fn entry(amount: i128) -> Entry {
    Entry::write()
        .debit(Account::Rail(Label::SANDBOX), yen(amount))
        .credit(Account::Suspense(payment_id()), yen(amount))
        .close()
}

fn card() -> payment::Means {
    let card = payment::CardSummary { brand: payment::Brand::Visa, last_four: 1111, month: 12, year: 2030 };
    payment::Means { method: payment::Method::CreditCard, rail: Label::SANDBOX, card: Some(card) }
}

fn konbini() -> payment::Means {
    payment::Means { method: payment::Method::Konbini, rail: Label::SANDBOX, card: None }
}

fn delivery() -> DeliveryId {
    DeliveryId { payment: payment_id(), number: 1 }
}

fn terms() -> merchant::Terms {
    let percent = Percent::try_from("3.65".parse::<rust_decimal::Decimal>().unwrap()).unwrap();
    let rules = vec![merchant::ChargeRule { rail: Label::SANDBOX, percent, fixed: yen(30) }];
    merchant::Terms { rules, refund_returns_charge: true, ..merchant::Terms::default() }
}

fn registered() -> merchant::Registered {
    merchant::Registered {
        merchant: SHOP,
        name: "合同会社 帳合".into(),
        access_key: Digest([0xA1; 32]),
        client_id: "018f2f70-0000-7000-8000-000000000000".into(),
        client_secret: Digest([0xB2; 32]),
        secret: SecretId([0xC3; 16]),
        signature_required: true,
        mode: merchant::Mode::Test,
        terms: terms(),
    }
}

fn created() -> payment::Created {
    payment::Created {
        payment: payment_id(),
        merchant: SHOP,
        purpose: payment::Purpose::Sale,
        amount: yen(280_000),
        tax: yen(0),
        method_fee: yen(190),
        origin: payment::Origin::ItoPayment,
        deadline: AT + Span::days(1),
        private: Some(Sealed { subject: Subject::Payment(payment_id()), bytes: (0..48).collect() }),
    }
}

fn captured() -> payment::Captured {
    let entry = Entry::write()
        .debit(Account::PaymentHeld(payment_id()), yen(80_190))
        .debit(Account::Rail(Label::SANDBOX), yen(200_000))
        .credit(Account::Receivable(SHOP), yen(1_000))
        .credit(Account::MerchantPending(SHOP), yen(265_000))
        .credit(Account::Income(Income::Charge), yen(14_000))
        .credit(Account::Income(Income::MethodFee), yen(190))
        .close();
    payment::Captured {
        payment: payment_id(),
        merchant: SHOP,
        source: payment::Source::Rail(card()),
        total: yen(280_190),
        method_fee: yen(190),
        charge: yen(14_000),
        received: yen(200_000),
        entry,
    }
}

/// One event of every kind, with every optional part there.
fn samples() -> Vec<Event> {
    let payment = payment_id();
    let merchants = [
        merchant::Event::Registered(registered()),
        merchant::Event::ModeSet(merchant::ModeSet { merchant: SHOP, mode: merchant::Mode::Active }),
        merchant::Event::TermsSet(merchant::TermsSet { merchant: SHOP, terms: terms() }),
        merchant::Event::SecretIssued(merchant::SecretIssued {
            merchant: SHOP,
            number: 2,
            secret: SecretId([0xC4; 16]),
            earlier_until: AT,
        }),
        merchant::Event::OrderDeadlinesSet(merchant::OrderDeadlinesSet {
            merchant: SHOP,
            deadlines: merchant::Deadlines { pay: Span::hours(1), ..merchant::Deadlines::default() },
        }),
        merchant::Event::PlanSet(merchant::PlanSet { merchant: SHOP, plan: plan() }),
        merchant::Event::AccessKeyIssued(merchant::AccessKeyIssued {
            merchant: SHOP,
            access_key: Digest([0xA2; 32]),
            earlier_until: AT,
        }),
        merchant::Event::ClientSecretIssued(merchant::ClientSecretIssued {
            merchant: SHOP,
            client_secret: Digest([0xB2; 32]),
            earlier_until: AT,
        }),
        merchant::Event::ClientRegistered(merchant::ClientRegistered {
            merchant: SHOP,
            client_id: "0198f2e7-0000-7000-8000-000000000001".into(),
            name: "買い物".into(),
            redirect_uris: vec!["https://app.shop.jp/back".into(), "shop.jp:/back".into()],
        }),
        merchant::Event::KycFormSet(merchant::KycFormSet { merchant: SHOP, version: 2, form: form() }),
    ];
    let clock =
        realm::ClockAdvanced { realm: Realm::Test(SHOP), by: Span::days(180), ahead: Span::days(3_650) };
    let settled = Entry::write()
        .debit(Account::Bank(Label::MAIN), yen(96_350))
        .debit(Account::Expense(Expense::RailFee), yen(3_650))
        .credit(Account::Rail(Label::SANDBOX), yen(100_000))
        .close();
    let settled = rail::Settled { rail: Label::SANDBOX, net: yen(96_350), fee: yen(3_650), entry: settled };
    let mut samples: Vec<Event> = merchants.map(Event::from).into();
    samples.push(realm::Event::ClockAdvanced(clock).into());
    samples.push(rail::Event::Settled(settled).into());
    samples.extend(holders());
    samples.extend(asked().map(Event::from));
    samples.extend(incoming(payment).map(Event::from));
    samples.extend(outgoing(payment).map(Event::from));
    samples.extend(settled_and_paid_out());
    samples.extend(listings());
    samples.extend(orders());
    samples.extend(subscriptions().map(Event::from));
    samples.extend(cards().map(Event::from));
    samples.extend(coins::samples());
    samples.extend(deliveries().map(Event::from));
    samples.push(signer::Event::KeyAdopted(key_adopted()).into());
    samples
}

/// One field of every kind.
fn form() -> kyc::Form {
    let label = |text: &str| kyc::Label { ja: text.into(), en: text.into() };
    let kinds = [
        kyc::Kind::Text { chars_max: 300 },
        kyc::Kind::Date,
        kyc::Kind::Number,
        kyc::Kind::Boolean,
        kyc::Kind::Choice(vec![kyc::Choice { value: "yes".into(), label: label("はい") }]),
        kyc::Kind::Email,
        kyc::Kind::Phone,
        kyc::Kind::Country,
        kyc::Kind::Document,
    ];
    let field = |kind: kyc::Kind| kyc::Field {
        key: kind.word().into(),
        label: label(kind.word()),
        required: kind == kyc::Kind::Date,
        kind,
    };
    let fields = kinds.into_iter().map(field).collect();
    kyc::Form { sections: vec![kyc::Section { key: "all".into(), label: label("すべて"), fields }] }
}

/// What a user was asked.
fn asked() -> [kyc::Event; 4] {
    let user = UserId(5);
    let sealed = |byte| Sealed { subject: Subject::User(user), bytes: vec![byte; 40] };
    let document = kyc::Document {
        document: DocumentId([0xD0; 16]),
        hash: Digest([0xD1; 32]),
        media_type: kyc::MediaType::Pdf,
        length_bytes: 70_000,
    };
    let saved = kyc::Saved { user, form: 2, answers: sealed(1), documents: vec![document] };
    [
        kyc::Event::Saved(saved),
        kyc::Event::Submitted(kyc::Submitted { user }),
        kyc::Event::Approved(kyc::Approved { user }),
        kyc::Event::Rejected(kyc::Rejected { user, reason: sealed(2) }),
    ]
}

/// What shapes of before read as, where that is none of the samples: they lacked what is there today.
fn as_earlier_shapes_read() -> Vec<Event> {
    let (user, tenant, client, profile) = (UserId(5), SHOP, None, None);
    vec![user::Event::Registered(user::Registered { user, tenant, client, profile }).into()]
}

/// What users, tokens, wallets and points can tell.
fn holders() -> Vec<Event> {
    let (realm, holder) = (Realm::Test(SHOP), UserId(5));
    let token = Currency::Token(Token::new(7, 18).unwrap());
    let wallet = |holder| Account::Wallet(holder);
    let both = |debit, credit, amount| Entry::write().debit(debit, amount).credit(credit, amount).close();
    let tokens = Money::new(2_000_000_000_000_000_000, token);
    let points = Money::new(1_500, Currency::SgpUsd);
    let (user, merchant) = (Holder::User(holder), Holder::Merchant(SHOP));
    let purpose = points::Purpose::Payment(payment_id());
    let draws = vec![points::Draw {
        lot: 3,
        kind: points::Kind::Paid,
        issued_at: AT,
        expires_at: AT + Span::days(180),
        quantity: points,
    }];
    let exchange = |debit, credit| both(debit, credit, points);
    let spent = exchange(Account::Points(holder), Account::Exchange);
    let back = exchange(Account::Exchange, Account::Points(holder));
    let lapsed = exchange(Account::Points(holder), Account::Income(Income::Breakage));
    let profile = Sealed { subject: Subject::User(holder), bytes: vec![3; 40] };
    let issued = exchange(Account::Expense(Expense::Promotion), Account::Points(holder));
    vec![
        user::Event::Registered(user::Registered {
            user: holder,
            tenant: SHOP,
            client: Some("0198f2e7-0000-7000-8000-000000000001".into()),
            profile: Some(profile.clone()),
        })
        .into(),
        user::Event::ProfileSet(user::ProfileSet { user: holder, profile }).into(),
        user::Event::Closed(user::Closed { user: holder }).into(),
        subject::Event::Erased(subject::Erased {
            subject: Subject::Payment(payment_id()),
            cause: subject::Cause::Restored,
        })
        .into(),
        token::Event::Registered(token::Registered {
            token,
            tenant: SHOP,
            is_transferable: true,
            network: None,
        })
        .into(),
        wallet::Event::Credited(wallet::Credited {
            realm,
            holder: user,
            amount: yen(1_000),
            entry: both(Account::Rail(Label::SANDBOX), wallet(user), yen(1_000)),
        })
        .into(),
        wallet::Event::Issued(wallet::Issued {
            realm,
            holder: user,
            amount: tokens,
            entry: both(Account::Issuer, wallet(user), tokens),
        })
        .into(),
        wallet::Event::Transferred(wallet::Transferred {
            realm,
            from: user,
            to: merchant,
            amount: yen(300),
            entry: both(wallet(user), wallet(merchant), yen(300)),
        })
        .into(),
        points::Event::Issued(points::Issued {
            realm,
            holder,
            lot: 3,
            kind: points::Kind::Free,
            source: points::Source::Promotion,
            quantity: points,
            expires_at: AT + Span::days(180),
            entry: issued,
        })
        .into(),
        points::Event::Spent(points::Spent { realm, holder, purpose, draws: draws.clone(), entry: spent })
            .into(),
        points::Event::GivenBack(points::GivenBack { realm, holder, purpose, draws, entry: back }).into(),
        points::Event::Lapsed(points::Lapsed {
            realm,
            holder,
            lot: 3,
            kind: points::Kind::Paid,
            quantity: points,
            entry: lapsed,
        })
        .into(),
    ]
}

fn key_adopted() -> signer::KeyAdopted {
    let signer::Command::AdoptKey { number, key, endorsement } = adopt_key(2, 2, Some(1));
    signer::KeyAdopted { number, key, endorsement }
}

/// What a listing can tell.
fn listings() -> [Event; 4] {
    let (listing, realm) = (ListingId(3), Realm::Test(SHOP));
    [
        listing::Event::Listed(listing::Listed {
            listing,
            realm,
            merchant: SHOP,
            price: Money::new(20_00, Currency::Usd),
            stock: 1_000_000_000,
            is_shippable: true,
        }),
        listing::Event::Repriced(listing::Repriced { listing, price: yen(2_000) }),
        listing::Event::StockAdjusted(listing::StockAdjusted { listing, by: -5, stock: 995 }),
        listing::Event::Closed(listing::Closed { listing }),
    ]
    .map(Event::from)
}

/// What an order can tell.
fn orders() -> [Event; 8] {
    let (order, deadline) = ("ORD-AB12CD34".parse().unwrap(), AT + Span::days(14));
    let usd = |minor| Money::new(minor, Currency::Usd);
    let points = |minor| Money::new(minor, Currency::SgpUsd);
    let sealed = Sealed { subject: Subject::Payment(payment_id()), bytes: (0..48).collect() };
    let released = Entry::write()
        .debit(Account::Escrow(order), usd(15_00))
        .debit(Account::PointsHeld(order), points(15_00))
        .credit(Account::Exchange, points(15_00))
        .debit(Account::Exchange, usd(15_00))
        .credit(Account::MerchantPending(SHOP), usd(28_50))
        .credit(Account::Income(Income::Charge), usd(1_50))
        .close();
    let refunded = Entry::write()
        .debit(Account::MerchantPending(SHOP), usd(9_50))
        .debit(Account::Income(Income::Charge), usd(50))
        .credit(Account::Exchange, usd(10_00))
        .debit(Account::Exchange, points(10_00))
        .credit(Account::PointsHeld(order), points(10_00))
        .close();
    [
        order::Event::Placed(Box::new(order::Placed {
            order,
            realm: Realm::Test(SHOP),
            merchant: SHOP,
            buyer: UserId(5),
            listing: ListingId(3),
            quantity: 2,
            is_shippable: true,
            total: usd(40_00),
            parts: order::Parts { points: points(25_00), money: usd(15_00) },
            payment: Some(payment_id()),
            private: Some(sealed.clone()),
        })),
        order::Event::Paid(order::Paid { order, charge: usd(2_00), deadline }),
        order::Event::Shipped(order::Shipped {
            order,
            carrier: "ヤマト運輸".into(),
            tracking_number: "4711-0815".into(),
            deadline,
        }),
        order::Event::Delivered(order::Delivered { order, deadline }),
        order::Event::Disputed(order::Disputed { order, private: Some(sealed) }),
        order::Event::Released(order::Released {
            order,
            to_buyer: order::Parts { points: points(10_00), money: usd(0) },
            earned: usd(30_00),
            charge: usd(1_50),
            entry: released,
        }),
        order::Event::Cancelled(order::Cancelled { order }),
        order::Event::Refunded(order::Refunded {
            order,
            amount: usd(10_00),
            parts: order::Parts { points: points(10_00), money: usd(0) },
            charge_returned: usd(50),
            entry: refunded,
        }),
    ]
    .map(Event::from)
}

fn incoming(payment: PaymentId) -> [payment::Event; 6] {
    let line = payment::Instruction { kind: payment::InstructionKind::Store, value: "seven-eleven".into() };
    [
        payment::Event::Created(created()),
        payment::Event::AwaitingCustomer(payment::AwaitingCustomer {
            payment,
            means: konbini(),
            instructions: vec![line],
            deadline: AT + Span::days(3),
        }),
        payment::Event::Authorized(payment::Authorized {
            payment,
            source: payment::Source::Rail(card()),
            amount: yen(280_190),
            entry: Entry::default(),
        }),
        payment::Event::PartReceived(payment::PartReceived {
            payment,
            means: konbini(),
            amount: yen(2_000),
            entry: entry(2_000),
        }),
        payment::Event::Captured(captured()),
        payment::Event::Declined(payment::Declined {
            payment,
            method: payment::Method::CreditCard,
            reason: payment::DeclineReason::InsufficientFunds,
            number: 1,
        }),
    ]
}

fn outgoing(payment: PaymentId) -> [payment::Event; 8] {
    [
        payment::Event::Cancelled(payment::Cancelled { payment, entry: Entry::default() }),
        payment::Event::Expired(payment::Expired { payment, entry: entry(2_000) }),
        payment::Event::Failed(payment::Failed {
            payment,
            reason: payment::FailReason::Declines,
            entry: Entry::default(),
        }),
        payment::Event::Refunded(payment::Refunded {
            payment,
            amount: yen(1_000),
            charge_returned: yen(50),
            entry: entry(1_000),
        }),
        payment::Event::ChargedBack(payment::ChargedBack {
            payment,
            amount: yen(280_190),
            fee: yen(1_500),
            rail: card().rail,
            merchant_bears: yen(280_000),
            // More than 64 bits hold, so that the widest integers are among the bytes kept here.
            entry: entry(170_141_183_460_469_231_731),
        }),
        payment::Event::ChargebackWon(payment::ChargebackWon { payment, entry: entry(281_690) }),
        payment::Event::ExcessReceived(payment::ExcessReceived {
            payment,
            means: card(),
            amount: yen(7),
            entry: entry(7),
        }),
        payment::Event::ExcessReturned(payment::ExcessReturned {
            payment,
            parts: vec![payment::Part { rail: card().rail, amount: yen(7) }],
            entry: entry(7),
        }),
    ]
}

/// What settlements and payouts can tell.
fn settled_and_paid_out() -> [Event; 4] {
    let (realm, payout) = (Realm::Test(SHOP), PayoutId(9));
    let (available, held) = (Account::MerchantAvailable(SHOP), Account::Payout(payout));
    let both = |debit, credit, amount| Entry::write().debit(debit, amount).credit(credit, amount).close();
    let figures = settlement::Figures {
        gross: yen(20_000),
        charges: yen(1_000),
        charges_returned: yen(500),
        refunds: yen(10_000),
        chargebacks: yen(3_000),
        won_back: yen(2_000),
        from_available: yen(400),
        from_receivable: yen(300),
        receivable_cleared: yen(200),
    };
    let closed = settlement::Closed {
        settlement: SettlementId(4),
        realm,
        merchant: SHOP,
        currency: Currency::Jpy,
        from: Day(20_457),
        through: Day(20_458),
        figures,
        net: yen(9_000),
        carried_in: yen(-100),
        moved: yen(8_000),
        carried_out: yen(900),
        entry: both(Account::MerchantPending(SHOP), available, yen(8_000)),
    };
    let entry = both(available, held, yen(9_000));
    let sent = payout::Sent { payout, realm, merchant: SHOP, amount: yen(9_000), bank: Label::MAIN, entry };
    let confirmed = payout::Confirmed { payout, entry: both(held, Account::Bank(Label::MAIN), yen(9_000)) };
    let returned = payout::Returned { payout, entry: both(held, available, yen(9_000)) };
    [
        settlement::Event::Closed(Box::new(closed)).into(),
        payout::Event::Sent(sent).into(),
        payout::Event::Confirmed(confirmed).into(),
        payout::Event::Returned(returned).into(),
    ]
}

fn plan() -> merchant::Plan {
    merchant::Plan { price: Money::new(980, Currency::Usd), earner: merchant::Earner::Tenant }
}

/// What subscriptions can tell.
fn subscriptions() -> [subscription::Event; 7] {
    let (realm, user, month) = (Realm::Test(SHOP), UserId(5), Month(676));
    let merchant::Plan { price, earner } = plan();
    let both = |debit, credit| Entry::write().debit(debit, price).credit(credit, price).close();
    let (wallet, pending) = (Account::Wallet(Holder::User(user)), Account::MerchantPending(SHOP));
    let invoiced = subscription::Invoiced { realm, user, tenant: SHOP, month, price, earner };
    let (source, entry) = (subscription::Source::Wallet, both(wallet, pending));
    let paid = subscription::Paid { realm, user, month, price, source, entry };
    let (source, entry) =
        (subscription::Source::Points, both(Account::Income(Income::Subscription), Account::Exchange));
    let refunded = subscription::Refunded { realm, user, month, price, source, entry };
    [
        subscription::Event::Started(subscription::Started { realm, user }),
        subscription::Event::Invoiced(invoiced),
        subscription::Event::Paid(paid),
        subscription::Event::Refunded(refunded),
        subscription::Event::Failed(subscription::Failed { realm, user, month }),
        subscription::Event::Cancelled(subscription::Cancelled { realm, user, month }),
        subscription::Event::Stopped(subscription::Stopped { realm, user }),
    ]
}

/// What issued cards can tell.
fn cards() -> [card::Event; 10] {
    let summary = card().card.expect("a card's means tell of the card");
    let (card, authorization, user) = (CardId(3), AuthorizationId(5), UserId(5));
    let wallet = Account::Wallet(Holder::User(user));
    let held = Account::WalletHeld(Hold::Authorization(authorization));
    let (owed, rail) = (Account::UserReceivable(user), Account::Rail(Label::ISSUING));
    let both = |debit, credit, amount| Entry::write().debit(debit, amount).credit(credit, amount).close();
    let cleared = Entry::write()
        .debit(held, yen(800))
        .debit(wallet, yen(150))
        .debit(owed, yen(50))
        .credit(rail, yen(1_000))
        .close();
    [
        card::Event::Issued(card::Issued {
            card,
            realm: Realm::Test(SHOP),
            tenant: SHOP,
            user,
            rail: Label::ISSUING,
            token: "tok_8f2K".parse().unwrap(),
            summary,
            currency: Currency::Jpy,
        }),
        card::Event::Blocked(card::Blocked { card }),
        card::Event::Unblocked(card::Unblocked { card }),
        card::Event::Closed(card::Closed { card }),
        card::Event::Authorized(card::Authorized {
            card,
            authorization,
            amount: yen(900),
            expires_at: AT + Span::days(7),
            entry: both(wallet, held, yen(900)),
        }),
        card::Event::AuthorizationIncreased(card::AuthorizationIncreased {
            card,
            authorization,
            amount: yen(100),
            held: yen(1_000),
            entry: both(wallet, held, yen(100)),
        }),
        card::Event::Reversed(card::Reversed {
            card,
            authorization,
            amount: yen(100),
            held: yen(900),
            entry: both(held, wallet, yen(100)),
        }),
        card::Event::Cleared(card::Cleared {
            card,
            authorization,
            amount: yen(1_000),
            excess: yen(200),
            held: yen(100),
            expires_at: Some(AT + Span::days(7)),
            entry: cleared,
        }),
        card::Event::AuthorizationExpired(card::AuthorizationExpired {
            card,
            authorization,
            amount: yen(100),
            entry: both(held, wallet, yen(100)),
        }),
        card::Event::Refunded(card::Refunded { card, amount: yen(200), entry: both(rail, owed, yen(200)) }),
    ]
}

fn deliveries() -> [webhook::Event; 3] {
    let delivery = delivery();
    [
        webhook::Event::Owed(webhook::Owed {
            delivery,
            merchant: SHOP,
            topic: webhook::Topic::ItoPaymentCaptured,
        }),
        webhook::Event::Attempted(webhook::Attempted {
            delivery,
            number: 1,
            started_at: AT,
            duration_ms: 1_234,
            answer: webhook::Answer::Status(503),
            verdict: webhook::Verdict::RetryAt(AT + Span::seconds(30)),
        }),
        webhook::Event::Requeued(webhook::Requeued { delivery }),
    ]
}

/// A header that writes out whatever can be left out.
fn full_header(event: &Event) -> RecordHeader {
    RecordHeader {
        stream: event.stream(),
        revision: 3,
        id: Uuid::from_u128(0xE1),
        realm: Some(Realm::Test(SHOP)),
        effective_at: AT + Span::days(180),
        causation: Uuid::from_u128(0xE0),
        correlation: Uuid::from_u128(0xC0),
        actor: Actor::Merchant(SHOP),
        idempotency: Some(IdempotencyKey { key: [0x11; 16], request: [0x22; 16] }),
    }
}

/// A header that leaves out whatever can be.
fn short_header(event: &Event) -> RecordHeader {
    let id = Uuid::from_u128(0xE2);
    RecordHeader {
        stream: event.stream(),
        revision: 0,
        id,
        realm: None,
        effective_at: AT,
        causation: id,
        correlation: id,
        actor: Actor::Ledger,
        idempotency: None,
    }
}

/// A commit of these events after `after`.
fn commit(after: Head, events: &[Event], header: fn(&Event) -> RecordHeader) -> Frame {
    let mut draft = FrameDraft::new(after.position + 1, AT);
    for event in events {
        draft.push(&header(event), event);
    }
    draft.seal(after)
}

fn from_hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
        .collect()
}
