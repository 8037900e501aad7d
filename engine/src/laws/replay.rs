//! Replay equals live: tables folded anew from the log are those the writer saved, and answer alike.

use std::sync::Arc;

use super::model::Model;
use crate::{
    audit::{Level, audit},
    books::{Account, AccountKey, Hold, Realm},
    domain::{Event, MerchantId, card, chain, payout, settlement, subject, token, user, webhook, withdrawal},
    log::{Log, MemoryStore, Recorded},
    money::Currency,
    state::{State, TABLES_VERSION, TableRows, TableStore},
};

/// Folds `log` event by event beside `model`, and compares what comes out with what is saved in `live`.
pub(crate) fn check(live: &Arc<MemoryStore>, log: &[Recorded]) {
    let fresh = Arc::new(MemoryStore::new());
    let mut folded = load(&fresh);
    let mut model = Model::default();
    for event in log {
        model.check(event);
        folded.fold(event.position, &event.header, &event.event);
        compare_with_model(&folded, &model, event);
    }
    model.check_months_paid();
    let loaded = load(live);
    for event in log {
        compare_answers(&folded, &loaded, event);
    }
    compare_rows(folded, &fresh, live);
    let report = audit(&**live, Level::Full, |_| ()).unwrap();
    assert!(report.is_clean(), "{:?}", report.checks);
}

fn load(store: &Arc<MemoryStore>) -> State {
    let rows: Arc<dyn TableRows> = store.clone();
    State::load(&rows).unwrap()
}

/// Held and suspense accounts hold what their payment says, and a payment says what its facts say.
fn compare_with_model(folded: &State, model: &Model, event: &Recorded) {
    for posting in event.event.entry().map_or(&[][..], |entry| entry.postings()) {
        let key = AccountKey {
            realm: event.header.realm.unwrap(),
            account: posting.account,
            currency: posting.currency,
        };
        assert_eq!(folded.balances.get(&key), model.posted(&key), "{key}");
    }
    for posting in event.event.entry().map_or(&[][..], |entry| entry.postings()) {
        if let Account::MerchantPending(merchant) | Account::MerchantAvailable(merchant) = posting.account {
            let key = (event.header.realm.unwrap(), merchant, posting.currency);
            model.check_open_days(key.0, key.1, key.2, folded.open_days.get(&key));
        }
    }
    if let Event::Deposit(fact) = &event.event {
        let id = fact.deposit();
        let deposit = folded.deposits.get(&id).expect("every fact is about a deposit that is there");
        model.check_deposit(id, &deposit);
    }
    if let Event::Withdrawal(fact) = &event.event {
        let id = fact.withdrawal();
        let withdrawal = folded.withdrawals.get(&id).expect("every fact is about a withdrawal that is there");
        let open = matches!(withdrawal.stage, withdrawal::Stage::Pending | withdrawal::Stage::Processing);
        let held = if open { withdrawal.amount.minor } else { 0 };
        let account = Account::Withdrawal(id);
        assert_eq!(folded.balance(withdrawal.realm, account, withdrawal.amount.currency).minor, held);
        model.check_withdrawal(id, &withdrawal);
    }
    if let Event::Payout(fact) = &event.event {
        let id = fact.payout();
        let payout = folded.payouts.get(&id).expect("every fact is about a payout that is there");
        let held = if payout.stage == payout::Stage::Sent { payout.amount.minor } else { 0 };
        let account = Account::Payout(id);
        assert_eq!(folded.balance(payout.realm, account, payout.amount.currency).minor, held);
        model.check_payout(id, &payout);
    }
    if let Event::Order(fact) = &event.event {
        let row = folded.orders.get(&fact.order()).expect("every fact is about an order that is there");
        model.check_order_row(fact.order(), &row);
        model.check_stock(row.listing, folded.listings.get(&row.listing).unwrap().stock);
    }
    if let Event::Subscription(fact) = &event.event {
        model.check_subscription(fact.whose(), folded);
    }
    if let Event::Card(fact) = &event.event {
        let card = folded.cards.get(&fact.card()).expect("every fact is about a card that is there");
        model.cards.check_card(fact.card(), &card);
        if let Some(id) = fact.authorization() {
            let authorization = folded.authorizations.get(&id).expect("it was made");
            let account = Account::WalletHeld(Hold::Authorization(id));
            assert_eq!(folded.balance(card.realm, account, card.currency), authorization.held);
            model.cards.check_authorization(id, &authorization);
        }
    }
    if let Event::Payment(fact) = &event.event {
        let id = fact.payment();
        let payment = folded.payments.get(&id).expect("every fact is about a payment that is there");
        let balance = |account| folded.balance(payment.realm, account, payment.currency()).minor;
        let sum =
            |parts: &[crate::domain::payment::Part]| parts.iter().map(|part| part.amount.minor).sum::<i128>();
        let held = if payment.captured.is_zero() { sum(&payment.parts) } else { 0 };
        assert_eq!(balance(Account::PaymentHeld(id)), held);
        assert_eq!(balance(Account::Suspense(id)), sum(&payment.excess));
        let set_aside = payment.wallet_hold().map_or(0, |(_, held)| held.minor);
        assert_eq!(balance(Account::WalletHeld(Hold::Payment(id))), set_aside);
        model.check_payment(id, &payment);
    }
}

/// A state read back from its rows answers every question as one that was never saved.
fn compare_answers(folded: &State, loaded: &State, event: &Recorded) {
    let header = &event.header;
    assert_eq!(folded.revision(header.stream), loaded.revision(header.stream));
    let now = folded.now(header.realm, event.recorded_at);
    assert_eq!(now, loaded.now(header.realm, event.recorded_at));
    assert_eq!(folded.next_merchant(), loaded.next_merchant());
    assert_eq!(folded.dues.next_wake(), loaded.dues.next_wake());
    if let Some(key) = header.idempotency {
        assert_eq!(folded.answered.get(&key.key), loaded.answered.get(&key.key));
        assert!(folded.answered.get(&key.key).is_some());
    }
    if let Some(realm) = header.realm {
        assert_eq!(folded.dues.first(realm), loaded.dues.first(realm));
        compare_sales(folded, loaded, realm, now);
    }
    match &event.event {
        Event::Payment(fact) => {
            assert_eq!(folded.payments.get(&fact.payment()), loaded.payments.get(&fact.payment()));
        }
        Event::Card(fact) => {
            let card = folded.cards.get(&fact.card());
            assert_eq!(card, loaded.cards.get(&fact.card()));
            if let Some(id) = fact.authorization() {
                assert_eq!(folded.authorizations.get(&id), loaded.authorizations.get(&id));
            }
            if let card::Event::Issued(fact) = fact {
                let token = (fact.realm, fact.rail, fact.token.clone());
                assert_eq!(loaded.card_tokens.get(&token), Some(fact.card));
            }
            assert_eq!(folded.next_card(), loaded.next_card());
            assert_eq!(folded.next_authorization(), loaded.next_authorization());
        }
        Event::Webhook(webhook::Event::Owed(fact)) => {
            assert_eq!(folded.deliveries.get(&fact.delivery), loaded.deliveries.get(&fact.delivery));
        }
        Event::Points(fact) => {
            let (holder, realm) = fact.whose();
            assert_eq!(folded.points.get(&(realm, holder)), loaded.points.get(&(realm, holder)));
        }
        Event::Settlement(settlement::Event::Closed(fact)) => {
            let key = (fact.realm, fact.merchant, fact.currency);
            assert_eq!(folded.open_days.get(&key), loaded.open_days.get(&key));
            assert_eq!(folded.next_settlement(), loaded.next_settlement());
        }
        Event::Listing(fact) => {
            assert_eq!(folded.listings.get(&fact.listing()), loaded.listings.get(&fact.listing()));
            assert_eq!(folded.next_listing(), loaded.next_listing());
        }
        Event::Order(fact) => {
            assert_eq!(folded.orders.get(&fact.order()), loaded.orders.get(&fact.order()));
        }
        Event::Payout(fact) => {
            assert_eq!(folded.payouts.get(&fact.payout()), loaded.payouts.get(&fact.payout()));
            assert_eq!(folded.next_payout(), loaded.next_payout());
        }
        Event::Subscription(fact) => {
            let whose = fact.whose();
            assert_eq!(folded.subscriptions.get(&whose), loaded.subscriptions.get(&whose));
        }
        Event::Chain(chain::Event::AddressAssigned(fact)) => {
            assert_eq!(folded.addresses.get(&fact.id), loaded.addresses.get(&fact.id));
            let key = (fact.realm, fact.network, fact.address.clone());
            assert_eq!(folded.address_of.get(&key), Some(fact.id));
            assert_eq!(loaded.address_of.get(&key), Some(fact.id));
            assert_eq!(folded.next_address(), loaded.next_address());
        }
        Event::Deposit(fact) => {
            assert_eq!(folded.deposits.get(&fact.deposit()), loaded.deposits.get(&fact.deposit()));
            assert_eq!(folded.next_deposit(), loaded.next_deposit());
        }
        Event::Withdrawal(fact) => {
            let id = fact.withdrawal();
            assert_eq!(folded.withdrawals.get(&id), loaded.withdrawals.get(&id));
            assert_eq!(folded.next_withdrawal(), loaded.next_withdrawal());
        }
        Event::Subject(subject::Event::Erased(fact)) => {
            assert_eq!(folded.erased.get(&fact.subject), loaded.erased.get(&fact.subject));
        }
        Event::User(user::Event::Registered(fact)) => {
            assert_eq!(folded.users.get(&fact.user), loaded.users.get(&fact.user));
            assert_eq!(folded.next_user(), loaded.next_user());
        }
        Event::Token(token::Event::Registered(fact)) => {
            assert_eq!(folded.tokens.get(&fact.token), loaded.tokens.get(&fact.token));
            assert_eq!(folded.next_token(), loaded.next_token());
        }
        Event::Signer(_) => assert_eq!(folded.signer.get(&()), loaded.signer.get(&())),
        Event::Kyc(fact) => assert_eq!(folded.kyc.get(&fact.user()), loaded.kyc.get(&fact.user())),
        Event::Chain(_)
        | Event::Merchant(_)
        | Event::Rail(_)
        | Event::Realm(_)
        | Event::User(_)
        | Event::Wallet(_)
        | Event::Webhook(_) => {}
    }
}

fn compare_sales(folded: &State, loaded: &State, realm: Realm, now: crate::domain::Timestamp) {
    for merchant in (1..=3).map(MerchantId) {
        assert_eq!(folded.merchants.get(&merchant), loaded.merchants.get(&merchant));
        for currency in [Currency::Jpy, Currency::Usd] {
            let [one, other] = [folded, loaded].map(|state| state.sales(realm, merchant, currency, now));
            assert_eq!(one, other, "sales of {merchant}");
        }
    }
}

/// Row by row, in however many parts the writer saved them.
fn compare_rows(mut folded: State, fresh: &Arc<MemoryStore>, live: &Arc<MemoryStore>) {
    let checkpoint = live.checkpoint().unwrap();
    assert_eq!((checkpoint.head, checkpoint.version), (live.head().unwrap(), TABLES_VERSION));
    folded.drain().save(&**fresh, checkpoint).unwrap();
    for table in State::table_ids() {
        let rows = |store: &MemoryStore| State::comparable(table, TableRows::scan(store, table).unwrap());
        let [replayed, saved] = [fresh, live].map(|store| rows(store));
        assert_eq!(replayed, saved, "{}", State::table_name(table));
    }
}
