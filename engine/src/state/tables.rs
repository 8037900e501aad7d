//! All tables together, and the few questions rules ask of more than one row.

use std::sync::Arc;

use super::{
    Answers, Checkpoint, Dues, KeyValue, Row, Table, TableId, TableRows, TableStore, answers, counts::Series,
    table::Rows,
};
use crate::{
    books::{Account, AccountKey, Draft, Entry, Holder, Label, Posting, Realm, Shortfall, check_guards},
    domain::{
        AddressId, AuthorizationId, CardId, Context, DeliveryId, DepositId, Digest, Event, ListingId,
        MerchantId, Month, OrderNumber, PaymentId, PayoutId, StreamId, Subject, Timestamp, UserId,
        WithdrawalId, apply,
        card::{Authorization, Card, CardToken},
        chain::{Address, ChainAddress, Output, Told},
        deposit::Deposit,
        kyc,
        listing::Listing,
        merchant::Merchant,
        order::Order,
        payment::{Payment, Sales},
        payout::Payout,
        points::Lots,
        realm::Clock,
        settlement::OpenDays,
        signer::Signer,
        subscription::{Invoice, Subscription},
        token::TokenTerms,
        user::User,
        webhook::Delivery,
        withdrawal::Withdrawal,
    },
    fault::Fault,
    log::{RecordHeader, codec},
    money::{Currency, Money, MoneyError},
    vault::{VaultFamily, VaultWrite},
};

/// Raised when a row changes its shape, or what is folded into it: older tables are then folded anew from the log.
/// `pinned.rs` notices when it was not.
pub const TABLES_VERSION: u32 = 8;

/// Where the answers are kept.
pub(super) const ANSWERS: answers::Places = answers::Places { pages: TableId(3), runs: TableId(16) };

/// What the writer knows: the fold of all events so far.
pub struct State {
    /// Debits less credits of every account, in smallest units.
    pub balances: Table<AccountKey, i128>,
    /// How many events stand in each stream.
    pub streams: Table<StreamId, u64>,
    /// What each idempotency key led to.
    pub answered: Answers,
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
    /// Which key signs.
    pub signer: Table<(), Signer>,
    /// Subjects whose personal data is erased.
    pub erased: Table<Subject, ()>,
    /// How many orders, holds, withdrawals and subscriptions of a user are open.
    pub undertakings: Table<UserId, u32>,
    /// How far what each user was asked has come.
    pub kyc: Table<UserId, kyc::Stage>,
    /// What happens by itself.
    pub dues: Dues,
    sales: Table<(Realm, MerchantId, Currency), Sales>,
    pub(super) counts: Table<Series, u32>,
    /// How often it was drained.
    drains: u32,
}

/// Rows that changed, taken out of the tables to be saved.
pub struct Unsaved {
    rows: Vec<Row>,
    answers: answers::Drained,
    drain: u32,
}

impl Unsaved {
    /// The drain's number, counted from 1: what [`State::evict`] is told once the rows are saved.
    pub const fn drain(&self) -> u32 {
        self.drain
    }

    /// Saves the rows. Sorting the answers takes its time, which need not be the writer's.
    ///
    /// # Errors
    /// [`Fault`] when `tables` cannot be read or written.
    pub fn save(self, tables: &dyn TableStore, checkpoint: Checkpoint) -> Result<(), Fault> {
        let before = tables.checkpoint()?;
        let mut rows = self.answers.into_rows(&mut |part| tables.save(before, part))?;
        rows.extend(self.rows);
        tables.save(checkpoint, rows)
    }

    /// The rows as they are stored.
    ///
    /// # Errors
    /// [`Fault`] when what is to be merged cannot be read.
    pub fn into_rows(self) -> Result<Vec<Row>, Fault> {
        let mut rows = self.rows;
        let rest = self.answers.into_rows(&mut |part| {
            rows.extend(part);
            Ok(())
        })?;
        rows.extend(rest);
        Ok(rows)
    }
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
            answered: Answers::load(ANSWERS, store)?,
            clocks,
            merchants: Table::new(TableId(5), store.clone()),
            payments: Table::new(TableId(6), store.clone()),
            deliveries: Table::new(TableId(7), store.clone()),
            sales: Table::new(TableId(8), store.clone()),
            counts: Table::new(TableId(9), store.clone()),
            users: Table::new(TableId(11), store.clone()),
            tokens: Table::new(TableId(13), store.clone()),
            points: Table::new(TableId(15), store.clone()),
            open_days: Table::new(TableId(21), store.clone()),
            payouts: Table::new(TableId(23), store.clone()),
            listings: Table::new(TableId(31), store.clone()),
            orders: Table::new(TableId(33), store.clone()),
            addresses: Table::new(TableId(41), store.clone()),
            address_of: Table::new(TableId(42), store.clone()),
            deposits: Table::new(TableId(43), store.clone()),
            deposit_of: Table::new(TableId(44), store.clone()),
            withdrawals: Table::new(TableId(45), store.clone()),
            withdrawal_of: Table::new(TableId(46), store.clone()),
            told: Table::new(TableId(47), store.clone()),
            cards: Table::new(TableId(51), store.clone()),
            authorizations: Table::new(TableId(53), store.clone()),
            card_tokens: Table::new(TableId(55), store.clone()),
            subscriptions: Table::new(TableId(61), store.clone()),
            invoices: Table::new(TableId(62), store.clone()),
            signer: Table::new(TableId(71), store.clone()),
            erased: Table::new(TableId(72), store.clone()),
            undertakings: Table::new(TableId(73), store.clone()),
            kyc: Table::new(TableId(74), store.clone()),
            dues,
            drains: 0,
        })
    }

    /// Every table there is, for whoever compares them.
    pub fn table_ids() -> impl Iterator<Item = TableId> {
        let numbers = (1..=11)
            .chain([13, 15, 16, 21, 23, 31, 33])
            .chain(41..=47)
            .chain([51, 53, 55, 61, 62])
            .chain(71..=74);
        numbers.map(TableId)
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
            9 => "counts",
            10 => "dues",
            11 => "users",
            13 => "tokens",
            15 => "points",
            16 => "answered_runs",
            21 => "open_days",
            23 => "payouts",
            31 => "listings",
            33 => "orders",
            41 => "addresses",
            42 => "address_of",
            43 => "deposits",
            44 => "deposit_of",
            45 => "withdrawals",
            46 => "withdrawal_of",
            47 => "told",
            51 => "cards",
            53 => "authorizations",
            55 => "card_tokens",
            61 => "subscriptions",
            62 => "invoices",
            71 => "signer",
            72 => "erased",
            73 => "undertakings",
            74 => "kyc",
            _ => "unknown",
        }
    }

    /// The rows of a table as they compare between tables that were saved at different times.
    pub fn comparable(id: TableId, rows: Vec<KeyValue>) -> Vec<KeyValue> {
        match id {
            _ if id == ANSWERS.pages => answers::spread(&rows),
            // Made of the pages, which are compared.
            _ if id == ANSWERS.runs => Vec::new(),
            _ => rows,
        }
    }

    /// Folds one recorded event into the tables.
    pub fn fold(&mut self, position: u64, header: &RecordHeader, event: &Event) {
        self.streams.update(&header.stream, |_| header.revision + 1);
        if let Some(realm) = header.realm {
            let last = header.effective_at;
            self.clocks.update(&realm, |clock| Clock { last, ..clock.copied().unwrap_or_default() });
        }
        let context = Context { realm: header.realm, tenant: None, now: header.effective_at };
        apply(self, event, &context);
        if let Some(idempotency) = header.idempotency {
            self.answered.remember(idempotency, position);
        }
    }

    /// The revision of the stream's last event; `None` for a stream without any.
    pub fn revision(&self, stream: StreamId) -> Option<u64> {
        self.streams.get(&stream).map(|count| count - 1)
    }

    /// The realm's time when the wall clock shows `wall`; the wall clock's own for identities.
    pub fn now(&self, realm: Option<Realm>, wall: Timestamp) -> Timestamp {
        realm.map_or(wall, |realm| self.clocks.get(&realm).unwrap_or_default().now(wall))
    }

    /// Whether a vault's row would bring back the key of a user who was erased, or what goes with it. What still comes in about one, such as
    /// coins for an address of theirs, is sealed like everything else, and nobody keeps the key. A payment's is written
    /// once, with its creation.
    pub fn is_key_of_the_erased(&self, row: &VaultWrite) -> bool {
        let Some(value) = &row.value else { return false };
        let name = match row.family {
            VaultFamily::SubjectKey => &row.key,
            VaultFamily::Index => value,
            VaultFamily::Login | VaultFamily::Document | VaultFamily::Grant => {
                row.key.split(|byte| *byte == b'/').next().expect("a split has a first part")
            }
            VaultFamily::Node
            | VaultFamily::Secret
            | VaultFamily::Signature
            | VaultFamily::SigningKey
            | VaultFamily::Erasure
            | VaultFamily::Token
            | VaultFamily::TokenEnd => return false,
        };
        if !name.starts_with(b"user-") {
            return false;
        }
        let subject = std::str::from_utf8(name).ok().and_then(|name| name.parse().ok());
        subject.is_some_and(|subject: Subject| self.erased.get(&subject).is_some())
    }

    /// Posts an entry.
    ///
    /// # Panics
    /// If a guarded account ends beyond its guard: a rule let it through.
    pub fn post(&mut self, realm: Realm, entry: &Entry) {
        for (at, posting) in entry.postings().iter().enumerate() {
            let key = AccountKey { realm, account: posting.account, currency: posting.currency };
            let after = self.balances.update(&key, |before| {
                let after = before.copied().unwrap_or_default().checked_add(posting.debit_minor);
                after.expect("amounts are bounded, so balances fit")
            });
            let is_posted_again =
                |later: &Posting| later.account == posting.account && later.currency == posting.currency;
            // Within an entry an account may go anywhere.
            if posting.account.is_guarded() && !entry.postings()[at + 1..].iter().any(is_posted_again) {
                let natural = posting.account.natural(after);
                assert!(natural >= 0, "{key} went beyond its guard by {natural}");
            }
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

    /// How many rows changed since the last drain, answers aside: of those there is at most one for each event.
    pub fn changed(&mut self) -> usize {
        self.tables().iter().map(|table| table.changed()).sum::<usize>()
    }

    /// How often it was drained.
    pub const fn drains(&self) -> u32 {
        self.drains
    }

    /// Takes out the rows that changed since the last drain. Tables go on to answer with them.
    pub fn drain(&mut self) -> Unsaved {
        self.drains += 1;
        let mut rows = Vec::new();
        self.tables().into_iter().for_each(|table| table.drain(&mut rows));
        let drain = self.drains;
        Unsaved { rows, answers: self.answered.drain(drain), drain }
    }

    /// Forgets rows, where there are too many to keep. Those of drains after number `saved` stay: the store does not
    /// have them.
    pub fn evict(&mut self, saved: u32) {
        self.answered.evict(saved);
        self.tables().into_iter().for_each(|table| table.evict(saved));
    }

    /// Whether `row` is one of some table's.
    #[cfg(test)]
    pub(super) fn reads(&mut self, row: &Row) -> bool {
        self.tables().iter().any(|table| table.reads(row))
    }

    /// Every table of rows.
    fn tables(&mut self) -> [&mut dyn Rows; 32] {
        [
            &mut self.balances,
            &mut self.streams,
            &mut self.clocks,
            &mut self.merchants,
            &mut self.payments,
            &mut self.deliveries,
            &mut self.sales,
            &mut self.counts,
            &mut self.dues,
            &mut self.users,
            &mut self.tokens,
            &mut self.points,
            &mut self.open_days,
            &mut self.payouts,
            &mut self.listings,
            &mut self.orders,
            &mut self.subscriptions,
            &mut self.invoices,
            &mut self.cards,
            &mut self.authorizations,
            &mut self.card_tokens,
            &mut self.addresses,
            &mut self.address_of,
            &mut self.deposits,
            &mut self.deposit_of,
            &mut self.withdrawals,
            &mut self.withdrawal_of,
            &mut self.told,
            &mut self.signer,
            &mut self.erased,
            &mut self.undertakings,
            &mut self.kyc,
        ]
    }
}
