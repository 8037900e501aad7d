//! The figures of a day or a period: what was earned, what was given back, and out of what.

use serde::{Deserialize, Serialize};

use crate::{
    books::{Account, Entry},
    domain::{
        MerchantId,
        payment::{self, Payment},
    },
    money::{Currency, Money},
};

/// What happened to a merchant's earnings, none of it below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Captured, less the fees for the method.
    pub gross: Money,
    /// The platform's charges on it.
    pub charges: Money,
    /// What of them was given back with refunds.
    pub charges_returned: Money,
    /// Refunded to customers.
    pub refunds: Money,
    /// What the merchant bears of chargebacks.
    pub chargebacks: Money,
    /// What it got back for disputes won.
    pub won_back: Money,
    /// How much of refunds and chargebacks came out of what was ready to be paid out.
    pub from_available: Money,
    /// How much of them the merchant was left owing.
    pub from_receivable: Money,
    /// How much of what was earned and won went to clear what the merchant owed.
    pub receivable_cleared: Money,
}

impl Figures {
    /// A day on which nothing happened.
    pub const fn zero(currency: Currency) -> Self {
        let nothing = Money::zero(currency);
        Self {
            gross: nothing,
            charges: nothing,
            charges_returned: nothing,
            refunds: nothing,
            chargebacks: nothing,
            won_back: nothing,
            from_available: nothing,
            from_receivable: nothing,
            receivable_cleared: nothing,
        }
    }

    /// What a fact about a payment adds; all zero where it neither earns nor costs its merchant anything.
    ///
    /// `known` is the payment as it was before. What came out of which account, and what was cleared, only the
    /// entry says; all else is told by the fact itself.
    pub(super) fn of(known: &Payment, event: &payment::Event) -> Self {
        let currency = known.paid_out_in();
        let none = Self::zero(currency);
        // Points and cents count alike.
        let money = |amount: Money| Money::new(amount.minor, currency);
        match event {
            payment::Event::Captured(event) => Self {
                gross: Money::new(event.total.minor - event.method_fee.minor, currency),
                charges: event.charge,
                ..none.posted(known.merchant, &event.entry)
            },
            payment::Event::Refunded(event) => Self {
                refunds: money(event.amount),
                charges_returned: event.charge_returned,
                ..none.posted(known.merchant, &event.entry)
            },
            payment::Event::ChargedBack(event) => {
                Self { chargebacks: money(event.merchant_bears), ..none.posted(known.merchant, &event.entry) }
            }
            payment::Event::ChargebackWon(event) => Self {
                won_back: known.chargeback.map_or(none.won_back, |won| money(won.merchant_bears)),
                ..none.posted(known.merchant, &event.entry)
            },
            payment::Event::Created(_)
            | payment::Event::AwaitingCustomer(_)
            | payment::Event::Authorized(_)
            | payment::Event::PartReceived(_)
            | payment::Event::Declined(_)
            | payment::Event::Cancelled(_)
            | payment::Event::Expired(_)
            | payment::Event::Failed(_)
            | payment::Event::ExcessReceived(_)
            | payment::Event::ExcessReturned(_) => none,
        }
    }

    /// With what `entry` took from the merchant's other accounts, and cleared.
    pub(in crate::domain) fn posted(mut self, merchant: MerchantId, entry: &Entry) -> Self {
        for posting in entry.postings() {
            let minor = posting.debit_minor;
            if posting.account == Account::MerchantAvailable(merchant) {
                self.from_available.minor += minor;
            } else if posting.account == Account::Receivable(merchant) {
                let side = if minor > 0 { &mut self.from_receivable } else { &mut self.receivable_cleared };
                side.minor += minor.abs();
            }
        }
        self
    }

    /// Adds what happened besides.
    pub(super) fn add(&mut self, other: &Self) {
        self.gross.minor += other.gross.minor;
        self.charges.minor += other.charges.minor;
        self.charges_returned.minor += other.charges_returned.minor;
        self.refunds.minor += other.refunds.minor;
        self.chargebacks.minor += other.chargebacks.minor;
        self.won_back.minor += other.won_back.minor;
        self.from_available.minor += other.from_available.minor;
        self.from_receivable.minor += other.from_receivable.minor;
        self.receivable_cleared.minor += other.receivable_cleared.minor;
    }

    /// What all of it added to what is pending, or took from it.
    pub const fn net(&self) -> Money {
        let earned = self.gross.minor - self.charges.minor + self.won_back.minor;
        let given_back = self.refunds.minor - self.charges_returned.minor + self.chargebacks.minor;
        let elsewhere =
            self.from_available.minor + self.from_receivable.minor - self.receivable_cleared.minor;
        Money::new(earned - given_back + elsewhere, self.gross.currency)
    }
}
