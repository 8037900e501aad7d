//! All tables together, and the few questions rules ask of more than one row.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Answered, Dues, IdempotencyKey, Row, Table, TableId, TableRows};
use crate::{
    books::{Account, AccountKey, Draft, Entry, Holder, Label, Realm, Shortfall, check_guards},
    domain::{
        AddressId, AuthorizationId, CardId, Context, DeliveryId, DepositId, Digest, Event, ListingId,
        MerchantId, Month, OrderNumber, PaymentId, PayoutId, SettlementId, StreamId, Subject, Timestamp,
        UserId, WithdrawalId, apply,
        card::{Authorization, Card, CardToken},
        chain::{Address, ChainAddress, Output, Told},
        deposit::Deposit,
        listing::Listing,
        merchant::Merchant,
        order::Order,
        payment::{Payment, Sales},
        payout::Payout,
        points::Lots,
        realm::Clock,
        settlement::OpenDays,
        subscription::{Invoice, Subscription},
        token::TokenTerms,
        user::User,
        webhook::Delivery,
        withdrawal::Withdrawal,
    },
    fault::Fault,
    log::{RecordHeader, codec},
    money::{Currency, Money, MoneyError, Token},
    vault::{VaultFamily, VaultWrite},
};

/// Raised when a row changes its shape, or what is folded into it: older tables are then folded anew from the log.
/// `pinned.rs` notices when it was not.
pub const TABLES_VERSION: u32 = 5;

/// What the writer knows: the fold of all events so far.
pub struct State {
    /// Debits less credits of every account, in smallest units.
    pub balances: Table<AccountKey, i128>,
    /// How many events stand in each stream.
    pub streams: Table<StreamId, u64>,
    /// What each idempotency key led to.
    pub answered: Table<[u8; 16], Answered>,
    /// Every realm's clock.
    pub clocks: Table<Realm, Clock>,
    /// Merchants.
    pub merchants: Table<MerchantId, Merchant>,
    /// Payments.
    pub payments: Table<PaymentId, Payment>,
    /// Deliveries.
    pub deliveries: Table<DeliveryId, Delivery>,
    /// Users.
    pub users: Table<UserId, User>,
    /// Custom tokens.
    pub tokens: Table<Currency, TokenTerms>,
    /// Every user's lots of points.
    pub points: Table<(Realm, UserId), Lots>,
    /// Every merchant's days that are not settled yet.
    pub open_days: Table<(Realm, MerchantId, Currency), OpenDays>,
    /// Payouts.
    pub payouts: Table<PayoutId, Payout>,
    /// Listings.
    pub listings: Table<ListingId, Listing>,
    /// Orders.
    pub orders: Table<OrderNumber, Order>,
    /// Subscriptions.
    pub subscriptions: Table<(Realm, UserId), Subscription>,
    /// Every month that was billed.
    pub invoices: Table<(Realm, UserId, Month), Invoice>,
    /// Issued cards.
    pub cards: Table<CardId, Card>,
    /// What is, or was, authorised on them.
    pub authorizations: Table<AuthorizationId, Authorization>,
    /// Which card each token of a rail names.
    pub card_tokens: Table<(Realm, Label, CardToken), CardId>,
    /// Addresses of ours on chains.
    pub addresses: Table<AddressId, Address>,
    /// Which address is written so.
    pub address_of: Table<(Realm, Label, ChainAddress), AddressId>,
    /// Deposits.
    pub deposits: Table<DepositId, Deposit>,
    /// Which deposit an output of a chain is.
    pub deposit_of: Table<(Realm, Label, Output), DepositId>,
    /// Withdrawals.
    pub withdrawals: Table<WithdrawalId, Withdrawal>,
    /// What a tenant's own names for withdrawals led to.
    pub withdrawal_of: Table<(Realm, MerchantId, Digest), WithdrawalId>,
    /// What of ours left a place on a chain, as far as it was told.
    pub told: Table<(Realm, Label, Told), ()>,
    /// Subjects whose personal data is erased.
    pub erased: Table<Subject, ()>,
    /// How many orders, holds, withdrawals and subscriptions of a user are open.
    pub undertakings: Table<UserId, u32>,
    /// What happens by itself.
    pub dues: Dues,
    sales: Table<(Realm, MerchantId, Currency), Sales>,
    merchant_count: Table<(), u32>,
    user_count: Table<(), u32>,
    token_count: Table<(), u32>,
    settlement_count: Table<(), u32>,
    payout_count: Table<(), u32>,
    listing_count: Table<(), u32>,
    card_count: Table<(), u32>,
    authorization_count: Table<(), u32>,
    chain_counts: Table<ChainSeries, u32>,
}

/// What is counted of chains. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum ChainSeries {
    Addresses,
    Deposits,
    Withdrawals,
}

impl State {
    /// The tables as of the last checkpoint in `store`.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    pub fn load(store: &Arc<dyn TableRows>) -> Result<Self, Fault> {
        let clocks: Table<Realm, Clock> = Table::new(TableId(4), store.clone());
        let mut dues = Dues::load(TableId(10), store)?;
        // Of every realm, not only of those in which something is due by now.
        for (realm, clock) in store.scan(TableId(4))? {
            dues.set_ahead(codec::from_bytes(&realm)?, codec::from_bytes::<Clock>(&clock)?.ahead);
        }
        Ok(Self {
            balances: Table::new(TableId(1), store.clone()),
            streams: Table::new(TableId(2), store.clone()),
            answered: Table::new(TableId(3), store.clone()),
            clocks,
            merchants: Table::new(TableId(5), store.clone()),
            payments: Table::new(TableId(6), store.clone()),
            deliveries: Table::new(TableId(7), store.clone()),
            sales: Table::new(TableId(8), store.clone()),
            merchant_count: Table::new(TableId(9), store.clone()),
            users: Table::new(TableId(11), store.clone()),
            user_count: Table::new(TableId(12), store.clone()),
            tokens: Table::new(TableId(13), store.clone()),
            token_count: Table::new(TableId(14), store.clone()),
            points: Table::new(TableId(15), store.clone()),
            open_days: Table::new(TableId(21), store.clone()),
            settlement_count: Table::new(TableId(22), store.clone()),
            payouts: Table::new(TableId(23), store.clone()),
            payout_count: Table::new(TableId(24), store.clone()),
            listings: Table::new(TableId(31), store.clone()),
            listing_count: Table::new(TableId(32), store.clone()),
            orders: Table::new(TableId(33), store.clone()),
            addresses: Table::new(TableId(41), store.clone()),
            address_of: Table::new(TableId(42), store.clone()),
            deposits: Table::new(TableId(43), store.clone()),
            deposit_of: Table::new(TableId(44), store.clone()),
            withdrawals: Table::new(TableId(45), store.clone()),
            withdrawal_of: Table::new(TableId(46), store.clone()),
            told: Table::new(TableId(47), store.clone()),
            chain_counts: Table::new(TableId(48), store.clone()),
            cards: Table::new(TableId(51), store.clone()),
            card_count: Table::new(TableId(52), store.clone()),
            authorizations: Table::new(TableId(53), store.clone()),
            authorization_count: Table::new(TableId(54), store.clone()),
            card_tokens: Table::new(TableId(55), store.clone()),
            subscriptions: Table::new(TableId(61), store.clone()),
            invoices: Table::new(TableId(62), store.clone()),
            erased: Table::new(TableId(71), store.clone()),
            undertakings: Table::new(TableId(72), store.clone()),
            dues,
        })
    }

    /// Every table there is, for whoever compares them.
    pub fn table_ids() -> impl Iterator<Item = TableId> {
        let rooms = (1..=15)
            .chain(21..=24)
            .chain(31..=33)
            .chain(41..=48)
            .chain(51..=55)
            .chain(61..=62)
            .chain(71..=72);
        rooms.map(TableId)
    }

    /// The table's name, as audit prints it.
    pub const fn table_name(id: TableId) -> &'static str {
        match id.0 {
            1 => "balances",
            2 => "streams",
            3 => "answered",
            4 => "clocks",
            5 => "merchants",
            6 => "payments",
            7 => "deliveries",
            8 => "sales",
            9 => "merchant_count",
            10 => "dues",
            11 => "users",
            12 => "user_count",
            13 => "tokens",
            14 => "token_count",
            15 => "points",
            21 => "open_days",
            22 => "settlement_count",
            23 => "payouts",
            24 => "payout_count",
            31 => "listings",
            32 => "listing_count",
            33 => "orders",
            41 => "addresses",
            42 => "address_of",
            43 => "deposits",
            44 => "deposit_of",
            45 => "withdrawals",
            46 => "withdrawal_of",
            47 => "told",
            48 => "chain_counts",
            51 => "cards",
            52 => "card_count",
            53 => "authorizations",
            54 => "authorization_count",
            55 => "card_tokens",
            61 => "subscriptions",
            62 => "invoices",
            71 => "erased",
            72 => "undertakings",
            _ => "unknown",
        }
    }

    /// Folds one recorded event into the tables.
    pub fn fold(&mut self, position: u64, header: &RecordHeader, event: &Event) {
        self.streams.put(header.stream, header.revision + 1);
        if let Some(realm) = header.realm {
            let clock = self.clocks.get(&realm).unwrap_or_default();
            self.clocks.put(realm, Clock { last: header.effective_at, ..clock });
        }
        if let Some(idempotency) = header.idempotency {
            self.remember(idempotency, position);
        }
        let context = Context { realm: header.realm, tenant: None, now: header.effective_at };
        apply(self, event, &context);
    }

    /// A command's events share its key: the first opens the answer, the others lengthen it.
    fn remember(&mut self, idempotency: IdempotencyKey, position: u64) {
        let earlier = self.answered.get(&idempotency.key);
        let answered = match earlier {
            Some(answered) => Answered { count: answered.count + 1, ..answered },
            None => Answered { request: idempotency.request, first: position, count: 1 },
        };
        self.answered.put(idempotency.key, answered);
    }

    /// The revision of the stream's last event; `None` for a stream without any.
    pub fn revision(&self, stream: StreamId) -> Option<u64> {
        self.streams.get(&stream).map(|count| count - 1)
    }

    /// The realm's time when the wall clock shows `wall`; the wall clock's own for identities.
    pub fn now(&self, realm: Option<Realm>, wall: Timestamp) -> Timestamp {
        realm.map_or(wall, |realm| self.clocks.get(&realm).unwrap_or_default().now(wall))
    }

    /// Whether a vault's row would bring back the key of a user who was erased. What still comes in about one, such as
    /// coins for an address of theirs, is sealed like everything else, and nobody keeps the key. A payment's is written
    /// once, with its creation.
    pub fn is_key_of_the_erased(&self, row: &VaultWrite) -> bool {
        if row.family != VaultFamily::SubjectKey || row.value.is_none() || !row.key.starts_with(b"user-") {
            return false;
        }
        let subject = std::str::from_utf8(&row.key).ok().and_then(|name| name.parse().ok());
        subject.is_some_and(|subject: Subject| self.erased.get(&subject).is_some())
    }

    /// Posts an entry.
    ///
    /// # Panics
    /// If a guarded account ends beyond its guard: a rule let it through.
    pub fn post(&mut self, realm: Realm, entry: &Entry) {
        for posting in entry.postings() {
            let key = AccountKey { realm, account: posting.account, currency: posting.currency };
            let before = self.balances.get(&key).unwrap_or_default();
            let after =
                before.checked_add(posting.debit_minor).expect("amounts are bounded, so balances fit");
            self.balances.put(key, after);
        }
        for posting in entry.postings().iter().filter(|posting| posting.account.is_guarded()) {
            let key = AccountKey { realm, account: posting.account, currency: posting.currency };
            let natural = posting.account.natural(self.balances.get(&key).unwrap_or_default());
            assert!(natural >= 0, "{key} went beyond its guard by {natural}");
        }
    }

    /// Proves that `entry` leaves every guarded account at zero or more.
    ///
    /// # Errors
    /// [`Shortfall`] for the first that it would not.
    pub fn check_guards(&self, realm: Realm, entry: &Entry) -> Result<(), Shortfall> {
        check_guards(realm, entry, |key| self.balances.get(key).unwrap_or_default())
    }

    /// An account's balance, seen from the side it grows on.
    pub fn balance(&self, realm: Realm, account: Account, currency: Currency) -> Money {
        let key = AccountKey { realm, account, currency };
        Money::new(account.natural(self.balances.get(&key).unwrap_or_default()), currency)
    }

    /// Credits `amount` to `holder` in `account`: what the holder owes is cleared before anything is put there.
    ///
    /// # Errors
    /// [`MoneyError`] for amounts that cannot be reckoned.
    pub fn credit_to(
        &self,
        realm: Realm,
        holder: Holder,
        account: Account,
        amount: Money,
        entry: Draft,
    ) -> Result<Draft, MoneyError> {
        let receivable = holder.receivable();
        let cleared = amount.at_most(self.balance(realm, receivable, amount.currency))?;
        Ok(entry.credit(receivable, cleared).credit(account, amount.minus(cleared)?))
    }

    /// A merchant's captured sales of the last 30 days.
    pub fn sales(&self, realm: Realm, merchant: MerchantId, currency: Currency, now: Timestamp) -> Money {
        let sales = self.sales.get(&(realm, merchant, currency)).unwrap_or_default();
        Money::new(sales.recent_minor(now), currency)
    }

    /// Adds a captured sale.
    pub fn add_sale(
        &mut self,
        realm: Realm,
        merchant: MerchantId,
        currency: Currency,
        at: Timestamp,
        minor: i128,
    ) {
        let key = (realm, merchant, currency);
        let mut sales = self.sales.get(&key).unwrap_or_default();
        sales.add(at, minor);
        self.sales.put(key, sales);
    }

    /// The number the next merchant gets.
    pub fn next_merchant(&self) -> MerchantId {
        MerchantId(self.merchant_count.get(&()).unwrap_or_default() + 1)
    }

    /// Notes that `merchant` was registered.
    pub fn count_merchant(&mut self, merchant: MerchantId) {
        self.merchant_count.put((), merchant.0);
    }

    /// The number the next user gets.
    pub fn next_user(&self) -> UserId {
        UserId(self.user_count.get(&()).unwrap_or_default() + 1)
    }

    /// Notes that `user` was registered.
    pub fn count_user(&mut self, user: UserId) {
        self.user_count.put((), user.0);
    }

    /// The number the next token gets.
    pub fn next_token(&self) -> u32 {
        self.token_count.get(&()).unwrap_or_default() + 1
    }

    /// Notes that `token` was registered.
    pub fn count_token(&mut self, token: Token) {
        self.token_count.put((), token.id());
    }

    /// The number the next settlement gets.
    pub fn next_settlement(&self) -> SettlementId {
        SettlementId(self.settlement_count.get(&()).unwrap_or_default() + 1)
    }

    /// Notes that `settlement` was made.
    pub fn count_settlement(&mut self, settlement: SettlementId) {
        self.settlement_count.put((), settlement.0);
    }

    /// The number the next payout gets.
    pub fn next_payout(&self) -> PayoutId {
        PayoutId(self.payout_count.get(&()).unwrap_or_default() + 1)
    }

    /// Notes that `payout` was sent.
    pub fn count_payout(&mut self, payout: PayoutId) {
        self.payout_count.put((), payout.0);
    }

    /// The number the next listing gets.
    pub fn next_listing(&self) -> ListingId {
        ListingId(self.listing_count.get(&()).unwrap_or_default() + 1)
    }

    /// Notes that `listing` was made.
    pub fn count_listing(&mut self, listing: ListingId) {
        self.listing_count.put((), listing.0);
    }

    /// The number the next card gets.
    pub fn next_card(&self) -> CardId {
        CardId(self.card_count.get(&()).unwrap_or_default() + 1)
    }

    /// Notes that `card` was issued.
    pub fn count_card(&mut self, card: CardId) {
        self.card_count.put((), card.0);
    }

    /// The number the next authorisation gets.
    pub fn next_authorization(&self) -> AuthorizationId {
        AuthorizationId(self.authorization_count.get(&()).unwrap_or_default() + 1)
    }

    /// Notes that `authorization` was made.
    pub fn count_authorization(&mut self, authorization: AuthorizationId) {
        self.authorization_count.put((), authorization.0);
    }

    /// The number the next address of ours on a chain gets.
    pub fn next_address(&self) -> AddressId {
        AddressId(self.chain_count(ChainSeries::Addresses) + 1)
    }

    /// Notes that `address` became known, or was told of again.
    pub fn count_address(&mut self, address: AddressId) {
        self.count_chain(ChainSeries::Addresses, address.0);
    }

    /// The number the next deposit gets.
    pub fn next_deposit(&self) -> DepositId {
        DepositId(self.chain_count(ChainSeries::Deposits) + 1)
    }

    /// Notes that `deposit` was reported.
    pub fn count_deposit(&mut self, deposit: DepositId) {
        self.count_chain(ChainSeries::Deposits, deposit.0);
    }

    /// The number the next withdrawal gets.
    pub fn next_withdrawal(&self) -> WithdrawalId {
        WithdrawalId(self.chain_count(ChainSeries::Withdrawals) + 1)
    }

    /// Notes that `withdrawal` was asked for.
    pub fn count_withdrawal(&mut self, withdrawal: WithdrawalId) {
        self.count_chain(ChainSeries::Withdrawals, withdrawal.0);
    }

    fn chain_count(&self, series: ChainSeries) -> u32 {
        self.chain_counts.get(&series).unwrap_or_default()
    }

    fn count_chain(&mut self, series: ChainSeries, number: u32) {
        let highest = self.chain_count(series).max(number);
        self.chain_counts.put(series, highest);
    }

    /// The rows that changed since the last checkpoint.
    pub fn drain_dirty(&mut self) -> Vec<Row> {
        let mut rows = Vec::new();
        self.balances.drain_dirty(&mut rows);
        self.streams.drain_dirty(&mut rows);
        self.answered.drain_dirty(&mut rows);
        self.clocks.drain_dirty(&mut rows);
        self.merchants.drain_dirty(&mut rows);
        self.payments.drain_dirty(&mut rows);
        self.deliveries.drain_dirty(&mut rows);
        self.sales.drain_dirty(&mut rows);
        self.merchant_count.drain_dirty(&mut rows);
        self.users.drain_dirty(&mut rows);
        self.user_count.drain_dirty(&mut rows);
        self.tokens.drain_dirty(&mut rows);
        self.token_count.drain_dirty(&mut rows);
        self.points.drain_dirty(&mut rows);
        self.open_days.drain_dirty(&mut rows);
        self.settlement_count.drain_dirty(&mut rows);
        self.payouts.drain_dirty(&mut rows);
        self.payout_count.drain_dirty(&mut rows);
        self.listings.drain_dirty(&mut rows);
        self.listing_count.drain_dirty(&mut rows);
        self.orders.drain_dirty(&mut rows);
        self.subscriptions.drain_dirty(&mut rows);
        self.invoices.drain_dirty(&mut rows);
        self.cards.drain_dirty(&mut rows);
        self.card_count.drain_dirty(&mut rows);
        self.authorizations.drain_dirty(&mut rows);
        self.authorization_count.drain_dirty(&mut rows);
        self.card_tokens.drain_dirty(&mut rows);
        self.addresses.drain_dirty(&mut rows);
        self.address_of.drain_dirty(&mut rows);
        self.deposits.drain_dirty(&mut rows);
        self.deposit_of.drain_dirty(&mut rows);
        self.withdrawals.drain_dirty(&mut rows);
        self.withdrawal_of.drain_dirty(&mut rows);
        self.told.drain_dirty(&mut rows);
        self.chain_counts.drain_dirty(&mut rows);
        self.erased.drain_dirty(&mut rows);
        self.undertakings.drain_dirty(&mut rows);
        self.dues.drain_dirty(&mut rows);
        rows
    }

    /// Forgets rows that were saved, where there are too many to keep.
    pub fn evict(&mut self) {
        self.balances.evict();
        self.streams.evict();
        self.answered.evict();
        self.clocks.evict();
        self.merchants.evict();
        self.payments.evict();
        self.deliveries.evict();
        self.sales.evict();
        self.users.evict();
        self.tokens.evict();
        self.points.evict();
        self.open_days.evict();
        self.payouts.evict();
        self.listings.evict();
        self.orders.evict();
        self.subscriptions.evict();
        self.invoices.evict();
        self.cards.evict();
        self.authorizations.evict();
        self.card_tokens.evict();
        self.addresses.evict();
        self.address_of.evict();
        self.deposits.evict();
        self.deposit_of.evict();
        self.withdrawals.evict();
        self.withdrawal_of.evict();
        self.told.evict();
        self.erased.evict();
        self.undertakings.evict();
    }
}
