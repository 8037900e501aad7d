//! The chart of accounts: each typed, with one printed form that parses back.

use serde::{Deserialize, Serialize};

use super::{Hold, Holder, Label, Place, Realm};
use crate::{
    domain::{MerchantId, OrderNumber, PaymentId, PayoutId, UserId, WithdrawalId},
    money::Currency,
};

/// What kind of account it is, and so on which side it grows. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Owned or due to the platform; grows by debits.
    Asset,
    /// Owed by the platform; grows by credits.
    Liability,
    /// The other side of conversions and issues; grows by credits.
    Equity,
    /// Earned; grows by credits.
    Income,
    /// Spent; grows by debits.
    Expense,
}

impl Class {
    /// The class in lower case, as statements print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Liability => "liability",
            Self::Equity => "equity",
            Self::Income => "income",
            Self::Expense => "expense",
        }
    }
}

/// What the platform earns from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Income {
    /// The platform's charge on captured payments.
    Charge,
    /// A fee the customer pays for the chosen method.
    MethodFee,
    /// Paid points that lapsed.
    Breakage,
    /// Users' subscriptions, where the platform earns them.
    Subscription,
    /// The fee on points bought with coins.
    ExchangeFee,
    /// What was left over below the smallest unit of what was bought.
    Rounding,
}

/// What the platform spends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Expense {
    /// What a rail keeps of what it settles.
    RailFee,
    /// Chargebacks beyond what the merchant bears, and their fees.
    Chargeback,
    /// Points given away, less those that lapsed.
    Promotion,
    /// What chains take for moving coins.
    NetworkFee,
}

/// An account of the chart, without its realm and currency.
///
/// Variants are stored by position: they are appended to and never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Account {
    /// Due from a payment rail.
    Rail(Label),
    /// Money in a bank account of the platform.
    Bank(Label),
    /// What a merchant owes after refunds and chargebacks.
    Receivable(MerchantId),
    /// Prepaid parts of a payment still short of its total.
    PaymentHeld(PaymentId),
    /// Earned by a merchant, not yet ready to be paid out.
    MerchantPending(MerchantId),
    /// Ready to be paid out.
    MerchantAvailable(MerchantId),
    /// Money that arrived for a payment which was not due it.
    Suspense(PaymentId),
    /// What the platform earned.
    Income(Income),
    /// What the platform spent.
    Expense(Expense),
    /// Money owed to a holder, at their disposal.
    Wallet(Holder),
    /// A user's live points.
    Points(UserId),
    /// The two sides of a conversion; which currency's is said by the key.
    Exchange,
    /// The other side of an issued token; which one's is said by the key.
    Issuer,
    /// A payout that the bank has neither confirmed nor sent back.
    Payout(PayoutId),
    /// What a user owes after chargebacks, cards cleared for more than was there, and deposits taken back.
    UserReceivable(UserId),
    /// Reserved in a wallet for one thing.
    WalletHeld(Hold),
    /// Points spent on an order that is not settled yet.
    PointsHeld(OrderNumber),
    /// A buyer's money between payment and release.
    Escrow(OrderNumber),
    /// Coins on a network: in one place of ours.
    Chain(Label, Place),
    /// Coins that a tenant's payment processor holds with us.
    Processor(MerchantId),
    /// Coins on their way out to a chain.
    Withdrawal(WithdrawalId),
    /// Coins that arrived on a network and have no owner yet.
    Unowned(Label),
}

impl Account {
    /// The side this account grows on.
    pub const fn class(self) -> Class {
        match self {
            Self::Rail(_)
            | Self::Bank(_)
            | Self::Receivable(_)
            | Self::UserReceivable(_)
            | Self::Chain(..) => Class::Asset,
            Self::PaymentHeld(_)
            | Self::MerchantPending(_)
            | Self::MerchantAvailable(_)
            | Self::Suspense(_)
            | Self::Wallet(_)
            | Self::Points(_)
            | Self::Payout(_)
            | Self::WalletHeld(_)
            | Self::PointsHeld(_)
            | Self::Escrow(_)
            | Self::Processor(_)
            | Self::Withdrawal(_)
            | Self::Unowned(_) => Class::Liability,
            Self::Exchange | Self::Issuer => Class::Equity,
            Self::Income(_) => Class::Income,
            Self::Expense(_) => Class::Expense,
        }
    }

    /// Whether its natural balance may never fall below zero.
    pub const fn is_guarded(self) -> bool {
        match self {
            Self::Receivable(_)
            | Self::PaymentHeld(_)
            | Self::MerchantPending(_)
            | Self::MerchantAvailable(_)
            | Self::Suspense(_)
            | Self::Wallet(_)
            | Self::Points(_)
            | Self::Payout(_)
            | Self::UserReceivable(_)
            | Self::WalletHeld(_)
            | Self::PointsHeld(_)
            | Self::Escrow(_)
            | Self::Processor(_)
            | Self::Withdrawal(_)
            | Self::Unowned(_) => true,
            Self::Rail(_)
            | Self::Bank(_)
            | Self::Chain(..)
            | Self::Income(_)
            | Self::Expense(_)
            | Self::Exchange
            | Self::Issuer => false,
        }
    }

    /// A balance seen from the side the account grows on, given debits less credits.
    pub const fn natural(self, debit_minor: i128) -> i128 {
        match self.class() {
            Class::Asset | Class::Expense => debit_minor,
            Class::Liability | Class::Equity | Class::Income => -debit_minor,
        }
    }

    /// Whose account it is; `None` for the platform's own and those of a single payment, order, hold or the like.
    pub const fn holder(self) -> Option<Holder> {
        match self {
            Self::Receivable(merchant)
            | Self::MerchantPending(merchant)
            | Self::MerchantAvailable(merchant)
            | Self::Processor(merchant) => Some(Holder::Merchant(merchant)),
            Self::Wallet(holder) => Some(holder),
            Self::Points(user) | Self::UserReceivable(user) => Some(Holder::User(user)),
            Self::Rail(_)
            | Self::Bank(_)
            | Self::PaymentHeld(_)
            | Self::Suspense(_)
            | Self::Income(_)
            | Self::Expense(_)
            | Self::Exchange
            | Self::Issuer
            | Self::Payout(_)
            | Self::WalletHeld(_)
            | Self::PointsHeld(_)
            | Self::Escrow(_)
            | Self::Chain(..)
            | Self::Withdrawal(_)
            | Self::Unowned(_) => None,
        }
    }
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rail(rail) => write!(f, "rail:{rail}"),
            Self::Bank(account) => write!(f, "bank:{account}"),
            Self::Receivable(merchant) => write!(f, "receivable:{merchant}"),
            Self::PaymentHeld(payment) => write!(f, "payment-held:{payment}"),
            Self::MerchantPending(merchant) => write!(f, "merchant-pending:{merchant}"),
            Self::MerchantAvailable(merchant) => write!(f, "merchant-available:{merchant}"),
            Self::Suspense(payment) => write!(f, "suspense:{payment}"),
            Self::Income(Income::Charge) => f.write_str("income:charge"),
            Self::Income(Income::MethodFee) => f.write_str("income:method-fee"),
            Self::Expense(Expense::RailFee) => f.write_str("expense:rail-fee"),
            Self::Income(Income::Breakage) => f.write_str("income:breakage"),
            Self::Expense(Expense::Chargeback) => f.write_str("expense:chargeback"),
            Self::Expense(Expense::Promotion) => f.write_str("expense:promotion"),
            Self::Wallet(holder) => write!(f, "wallet:{holder}"),
            Self::Points(user) => write!(f, "points:{user}"),
            Self::Exchange => f.write_str("exchange"),
            Self::Issuer => f.write_str("issuer"),
            Self::Payout(payout) => write!(f, "payout:{payout}"),
            Self::UserReceivable(user) => write!(f, "receivable:user-{user}"),
            Self::WalletHeld(hold) => write!(f, "wallet-held:{hold}"),
            Self::PointsHeld(order) => write!(f, "points-held:{order}"),
            Self::Escrow(order) => write!(f, "escrow:{order}"),
            Self::Chain(network, place) => write!(f, "chain:{network}:{place}"),
            Self::Processor(tenant) => write!(f, "processor:{tenant}"),
            Self::Withdrawal(withdrawal) => write!(f, "withdrawal:{withdrawal}"),
            Self::Unowned(network) => write!(f, "suspense:{network}"),
            Self::Income(Income::Subscription) => f.write_str("income:subscription"),
            Self::Income(Income::ExchangeFee) => f.write_str("income:exchange-fee"),
            Self::Income(Income::Rounding) => f.write_str("income:rounding"),
            Self::Expense(Expense::NetworkFee) => f.write_str("expense:network-fee"),
        }
    }
}

/// Why a text names no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no account; one looks like test-1/merchant-pending:1/USD")]
pub struct ParseAccountError(pub String);

impl std::str::FromStr for Account {
    type Err = ParseAccountError;

    fn from_str(text: &str) -> Result<Self, ParseAccountError> {
        let unknown = || ParseAccountError(text.to_owned());
        let (purpose, owner) = match text {
            "exchange" => return Ok(Self::Exchange),
            "issuer" => return Ok(Self::Issuer),
            text => text.split_once(':').ok_or_else(unknown)?,
        };
        match purpose {
            "rail" => owner.parse().ok().map(Self::Rail),
            "bank" => owner.parse().ok().map(Self::Bank),
            "receivable" => match owner.strip_prefix("user-") {
                Some(user) => user.parse().ok().map(Self::UserReceivable),
                None => owner.parse().ok().map(Self::Receivable),
            },
            "payment-held" => owner.parse().ok().map(Self::PaymentHeld),
            "merchant-pending" => owner.parse().ok().map(Self::MerchantPending),
            "merchant-available" => owner.parse().ok().map(Self::MerchantAvailable),
            // A payment id is longer than any label.
            "suspense" => {
                owner.parse().map(Self::Suspense).or_else(|_| owner.parse().map(Self::Unowned)).ok()
            }
            "income" => match owner {
                "charge" => Some(Self::Income(Income::Charge)),
                "method-fee" => Some(Self::Income(Income::MethodFee)),
                "breakage" => Some(Self::Income(Income::Breakage)),
                "subscription" => Some(Self::Income(Income::Subscription)),
                "exchange-fee" => Some(Self::Income(Income::ExchangeFee)),
                "rounding" => Some(Self::Income(Income::Rounding)),
                _ => None,
            },
            "expense" => match owner {
                "rail-fee" => Some(Self::Expense(Expense::RailFee)),
                "chargeback" => Some(Self::Expense(Expense::Chargeback)),
                "promotion" => Some(Self::Expense(Expense::Promotion)),
                "network-fee" => Some(Self::Expense(Expense::NetworkFee)),
                _ => None,
            },
            "wallet" => owner.parse().ok().map(Self::Wallet),
            "points" => owner.parse().ok().map(Self::Points),
            "payout" => owner.parse().ok().map(Self::Payout),
            "wallet-held" => owner.parse().ok().map(Self::WalletHeld),
            "points-held" => owner.parse().ok().map(Self::PointsHeld),
            "escrow" => owner.parse().ok().map(Self::Escrow),
            "chain" => owner
                .split_once(':')
                .and_then(|(network, place)| Some(Self::Chain(network.parse().ok()?, place.parse().ok()?))),
            "processor" => owner.parse().ok().map(Self::Processor),
            "withdrawal" => owner.parse().ok().map(Self::Withdrawal),
            _ => None,
        }
        .ok_or_else(unknown)
    }
}

/// One account of one realm in one currency: what has a balance.
///
/// Printed `{realm}/{account}/{currency}`, such as `test-1/merchant-pending:1/USD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountKey {
    /// Whose world it is in.
    pub realm: Realm,
    /// Which account.
    pub account: Account,
    /// In which currency.
    pub currency: Currency,
}

impl std::fmt::Display for AccountKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.realm, self.account, self.currency)
    }
}

impl std::str::FromStr for AccountKey {
    type Err = ParseAccountError;

    fn from_str(text: &str) -> Result<Self, ParseAccountError> {
        let unknown = || ParseAccountError(text.to_owned());
        let mut parts = text.split('/');
        let (Some(realm), Some(account), Some(currency), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unknown());
        };
        Ok(Self {
            realm: realm.parse().map_err(|_| unknown())?,
            account: account.parse().map_err(|_| unknown())?,
            currency: Currency::from_code(currency).ok_or_else(unknown)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AddressId, AuthorizationId};

    #[test]
    fn every_account_parses_back_from_its_printed_form() {
        let (merchant, payment) = (MerchantId(7), "AIYmQIOAz0GlmsjfhgiOeu304".parse().unwrap());
        let (order, ton) = ("ORD-AB12CD34".parse().unwrap(), "ton".parse().unwrap());
        for account in [
            Account::Rail(Label::SANDBOX),
            Account::Bank(Label::MAIN),
            Account::Receivable(merchant),
            Account::PaymentHeld(payment),
            Account::MerchantPending(merchant),
            Account::MerchantAvailable(merchant),
            Account::Suspense(payment),
            Account::Income(Income::Charge),
            Account::Income(Income::MethodFee),
            Account::Expense(Expense::RailFee),
            Account::Expense(Expense::Chargeback),
            Account::Income(Income::Breakage),
            Account::Expense(Expense::Promotion),
            Account::Wallet(Holder::User(UserId(5))),
            Account::Wallet(Holder::Merchant(merchant)),
            Account::Points(UserId(5)),
            Account::Exchange,
            Account::Issuer,
            Account::Payout(PayoutId(5)),
            Account::UserReceivable(UserId(5)),
            Account::WalletHeld(Hold::Payment(payment)),
            Account::WalletHeld(Hold::Authorization(AuthorizationId(5))),
            Account::PointsHeld(order),
            Account::Escrow(order),
            Account::Chain(ton, Place::Address(AddressId(5))),
            Account::Chain(ton, Place::Hot),
            Account::Chain(ton, Place::Cold),
            Account::Processor(merchant),
            Account::Withdrawal(WithdrawalId(5)),
            Account::Unowned(ton),
            Account::Income(Income::Subscription),
            Account::Income(Income::ExchangeFee),
            Account::Income(Income::Rounding),
            Account::Expense(Expense::NetworkFee),
        ] {
            for realm in [Realm::Live, Realm::Test(merchant)] {
                let key = AccountKey { realm, account, currency: Currency::SgpUsd };
                assert_eq!(key.to_string().parse(), Ok(key));
            }
        }
    }

    #[test]
    fn what_names_no_account_says_so() {
        for text in [
            "",
            "live",
            "live/rail:sandbox",
            "live/rail:/USD",
            "mars/rail:sandbox/USD",
            "live/income:x/USD",
            "live/exchange:/USD",
            "live/wallet:5/USD",
            "live/wallet:user-05/USD",
            "live/payout:05/USD",
            "live/receivable:user-05/USD",
            "live/chain:ton/TON",
            "live/chain:ton:/TON",
            "live/chain:ton:lukewarm/TON",
            "live/chain:ton:address-05/TON",
            "live/wallet-held:5/USD",
            "live/escrow:ord-AB12CD34/USD",
            "live/rail:sandbox/USD/",
        ] {
            assert_eq!(text.parse::<AccountKey>(), Err(ParseAccountError(text.to_owned())));
        }
    }
}
