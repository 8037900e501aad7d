//! Keys of rows: bytes that sort as their parts do, none of them the beginning of another's part.

use std::ops::Range;

use choai_engine::{
    books::{Account, AccountKey, Class, Expense, Hold, Holder, Income, Label, Place, Realm},
    domain::{
        DeliveryId, Digest, DocumentId, MerchantId, OrderNumber, PaymentId, StreamId, Timestamp, UserId,
    },
};

/// A key, written part by part: first the number of the model's table, then what is looked up.
///
/// The numbers written here for variants are stored; a change to any of them is a new version of the models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// The key that begins every key of `table`.
    ///
    /// # Panics
    /// For table 255, after which no key could come.
    pub(crate) fn of(table: u8) -> Self {
        assert!(table < u8::MAX, "a table's number leaves room for a key after it");
        let mut bytes = Vec::with_capacity(48);
        bytes.push(table);
        Self(bytes)
    }

    /// The key's bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key's bytes, and nothing else of it.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The first key after all that begin with this one.
    pub(crate) fn end(mut self) -> Self {
        while self.0.last() == Some(&u8::MAX) {
            self.0.pop();
        }
        *self.0.last_mut().expect("a table's number is below 255") += 1;
        self
    }

    /// Every key that begins with this one.
    pub(crate) fn all(self) -> Range<Self> {
        self.clone()..self.end()
    }

    /// Every key that begins with this one and goes on with a number below `before`.
    pub(crate) fn all_before(self, before: Option<u64>) -> Range<Self> {
        match before {
            Some(before) => self.clone()..self.u64(before),
            None => self.all(),
        }
    }

    pub(crate) fn u16(self, number: u16) -> Self {
        self.part(&number.to_be_bytes())
    }

    pub(crate) fn u32(self, number: u32) -> Self {
        self.part(&number.to_be_bytes())
    }

    pub(crate) fn u64(self, number: u64) -> Self {
        self.part(&number.to_be_bytes())
    }

    /// With the sign turned over, instants before 1970 sort first.
    pub(crate) fn time(self, at: Timestamp) -> Self {
        self.u64(at.0.cast_unsigned() ^ (1 << 63))
    }

    pub(crate) fn digest(self, digest: &Digest) -> Self {
        self.part(&digest.0)
    }

    /// A text behind its length: texts sort by length first, and only equality is ever asked of them.
    pub(crate) fn text(self, text: &str) -> Self {
        self.u64(text.len() as u64).part(text.as_bytes())
    }

    pub(crate) fn merchant(self, merchant: MerchantId) -> Self {
        self.u32(merchant.0)
    }

    pub(crate) fn user(self, user: UserId) -> Self {
        self.u32(user.0)
    }

    pub(crate) fn holder(self, holder: Holder) -> Self {
        match holder {
            Holder::User(user) => self.part(&[0]).user(user),
            Holder::Merchant(merchant) => self.part(&[1]).merchant(merchant),
        }
    }

    pub(crate) fn payment(self, payment: PaymentId) -> Self {
        self.part(payment.as_str().as_bytes())
    }

    pub(crate) fn delivery(self, delivery: DeliveryId) -> Self {
        self.payment(delivery.payment).u16(delivery.number)
    }

    pub(crate) fn realm(self, realm: Realm) -> Self {
        match realm {
            Realm::Live => self.part(&[0]),
            Realm::Test(tenant) => self.part(&[1]).merchant(tenant),
        }
    }

    pub(crate) fn class(self, class: Class) -> Self {
        match class {
            Class::Asset => self.part(&[0]),
            Class::Liability => self.part(&[1]),
            Class::Equity => self.part(&[2]),
            Class::Income => self.part(&[3]),
            Class::Expense => self.part(&[4]),
        }
    }

    pub(crate) fn account(self, key: &AccountKey) -> Self {
        let key_so_far = self.realm(key.realm).u32(key.currency.number());
        match key.account {
            Account::Rail(rail) => key_so_far.part(&[0]).label(rail),
            Account::Bank(bank) => key_so_far.part(&[1]).label(bank),
            Account::Receivable(merchant) => key_so_far.part(&[2]).merchant(merchant),
            Account::PaymentHeld(payment) => key_so_far.part(&[3]).payment(payment),
            Account::MerchantPending(merchant) => key_so_far.part(&[4]).merchant(merchant),
            Account::MerchantAvailable(merchant) => key_so_far.part(&[5]).merchant(merchant),
            Account::Suspense(payment) => key_so_far.part(&[6]).payment(payment),
            Account::Income(Income::Charge) => key_so_far.part(&[7, 0]),
            Account::Income(Income::MethodFee) => key_so_far.part(&[7, 1]),
            Account::Expense(Expense::RailFee) => key_so_far.part(&[8, 0]),
            Account::Expense(Expense::Chargeback) => key_so_far.part(&[8, 1]),
            Account::Income(Income::Breakage) => key_so_far.part(&[7, 2]),
            Account::Expense(Expense::Promotion) => key_so_far.part(&[8, 2]),
            Account::Wallet(holder) => key_so_far.part(&[9]).holder(holder),
            Account::Points(user) => key_so_far.part(&[10]).user(user),
            Account::Exchange => key_so_far.part(&[11]),
            Account::Issuer => key_so_far.part(&[12]),
            Account::Payout(payout) => key_so_far.part(&[20]).u32(payout.0),
            Account::UserReceivable(user) => key_so_far.part(&[21]).user(user),
            Account::WalletHeld(hold) => key_so_far.part(&[22]).hold(hold),
            Account::PointsHeld(order) => key_so_far.part(&[23]).order(order),
            Account::Escrow(order) => key_so_far.part(&[24]).order(order),
            Account::Chain(network, place) => key_so_far.part(&[25]).label(network).place(place),
            Account::Processor(tenant) => key_so_far.part(&[26]).merchant(tenant),
            Account::Withdrawal(withdrawal) => key_so_far.part(&[27]).u32(withdrawal.0),
            Account::Unowned(network) => key_so_far.part(&[28]).label(network),
            Account::Income(Income::Subscription) => key_so_far.part(&[7, 3]),
            Account::Income(Income::ExchangeFee) => key_so_far.part(&[7, 4]),
            Account::Income(Income::Rounding) => key_so_far.part(&[7, 5]),
            Account::Expense(Expense::NetworkFee) => key_so_far.part(&[8, 3]),
        }
    }

    pub(crate) fn stream(self, stream: StreamId) -> Self {
        match stream {
            StreamId::Payment(payment) => self.part(&[0]).payment(payment),
            StreamId::Merchant(merchant) => self.part(&[1]).merchant(merchant),
            StreamId::Webhook(delivery) => self.part(&[2]).delivery(delivery),
            StreamId::Realm(realm) => self.part(&[3]).realm(realm),
            StreamId::Rail(rail) => self.part(&[4]).label(rail),
            StreamId::User(user) => self.part(&[5]).user(user),
            StreamId::Points(user, realm) => self.part(&[6]).user(user).realm(realm),
            StreamId::Wallet(holder, realm) => self.part(&[7]).holder(holder).realm(realm),
            StreamId::Settlement(merchant, currency, realm) => {
                self.part(&[20]).merchant(merchant).u32(currency.number()).realm(realm)
            }
            StreamId::Payout(payout) => self.part(&[21]).u32(payout.0),
            StreamId::Listing(listing) => self.part(&[22]).u32(listing.0),
            StreamId::Order(order) => self.part(&[23]).order(order),
            StreamId::Chain(network) => self.part(&[24]).label(network),
            StreamId::Deposit(deposit) => self.part(&[25]).u32(deposit.0),
            StreamId::Withdrawal(withdrawal) => self.part(&[26]).u32(withdrawal.0),
            StreamId::Card(card) => self.part(&[27]).u32(card.0),
            StreamId::Subscription(user, realm) => self.part(&[28]).user(user).realm(realm),
            StreamId::Signer => self.part(&[29]),
            StreamId::Subject(customer) => self.part(&[29]).part(&customer.0),
        }
    }

    pub(crate) fn document(self, document: DocumentId) -> Self {
        self.part(&document.0)
    }

    pub(crate) fn order(self, order: OrderNumber) -> Self {
        self.part(order.letters().as_bytes())
    }

    fn hold(self, hold: Hold) -> Self {
        match hold {
            Hold::Payment(payment) => self.part(&[0]).payment(payment),
            Hold::Authorization(authorization) => self.part(&[1]).u32(authorization.0),
        }
    }

    fn place(self, place: Place) -> Self {
        match place {
            Place::Address(address) => self.part(&[0]).u32(address.0),
            Place::Hot => self.part(&[1]),
            Place::Cold => self.part(&[2]),
        }
    }

    /// No label holds a zero, so a zero ends it.
    fn label(self, label: Label) -> Self {
        self.part(label.as_str().as_bytes()).part(&[0])
    }

    fn part(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use choai_engine::{domain::PayoutId, money::Currency};

    use super::*;

    #[test]
    fn keys_sort_as_their_parts_do() {
        let times = [i64::MIN, -1, 0, 1, i64::MAX].map(|at| Key::of(1).time(Timestamp(at)).0);
        assert!(times.is_sorted());
        let numbers = [0, 1, 255, 256, u64::MAX].map(|number| Key::of(1).u64(number).0);
        assert!(numbers.is_sorted());
    }

    #[test]
    fn a_prefix_holds_its_own_keys_and_no_others() {
        for (prefix, end) in [(vec![1], vec![2]), (vec![1, 255], vec![2]), (vec![1, 7, 255, 255], vec![1, 8])]
        {
            assert_eq!(Key(prefix.clone()).all(), Key(prefix)..Key(end));
        }
    }

    #[test]
    fn no_account_begins_with_another() {
        let payment = "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap();
        let merchants = [MerchantId(1), MerchantId(256)];
        let mut accounts = vec![
            Account::Income(Income::Charge),
            Account::Income(Income::MethodFee),
            Account::Expense(Expense::RailFee),
            Account::Expense(Expense::Chargeback),
            Account::PaymentHeld(payment),
            Account::Suspense(payment),
        ];
        for label in ["a", "ab", "sandbox", "sandbox-2"] {
            let label = label.parse().unwrap();
            accounts.extend([Account::Rail(label), Account::Bank(label)]);
        }
        for merchant in merchants {
            accounts.push(Account::Receivable(merchant));
            accounts.push(Account::MerchantPending(merchant));
            accounts.push(Account::MerchantAvailable(merchant));
            accounts.push(Account::Payout(PayoutId(merchant.0)));
        }
        let mut keys = Vec::new();
        for realm in [Realm::Live, Realm::Test(merchants[0]), Realm::Test(merchants[1])] {
            for currency in Currency::NAMED {
                keys.extend(
                    accounts
                        .iter()
                        .map(|&account| Key::of(1).account(&AccountKey { realm, account, currency }).0),
                );
            }
        }
        keys.sort();
        for pair in keys.windows(2) {
            assert!(!pair[1].starts_with(&pair[0]), "{pair:?}");
        }
    }
}
