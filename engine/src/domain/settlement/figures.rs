//! The figures of a day or a period: what was earned, what was given back, and out of what.

use serde::{Deserialize, Serialize};

use crate::{
    books::{Account, Entry},
    domain::{
        MerchantId,
        order::{self, Order},
        payment::{self, Payment, Purpose},
        points,
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
        if let Purpose::Order(_) = known.purpose {
            return Self::of_order(known, event);
        }
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

    /// What a fact about an order's payment adds. What is earned by an order and refunded of it, the order tells; its
    /// payment knows of disputes, and only the entry whether the money had left escrow by then.
    fn of_order(known: &Payment, event: &payment::Event) -> Self {
        let none = Self::zero(known.paid_out_in());
        let of_merchant = |entry: &Entry| {
            let pending = Account::MerchantPending(known.merchant);
            let postings = entry.postings().iter().filter(|posting| posting.account == pending);
            let told = none.posted(known.merchant, entry);
            let minor = postings.map(|posting| posting.debit_minor).sum::<i128>()
                + told.from_available.minor
                + told.from_receivable.minor
                - told.receivable_cleared.minor;
            (Money::new(minor.abs(), none.gross.currency), told)
        };
        match event {
            payment::Event::ChargedBack(event) => {
                let (chargebacks, told) = of_merchant(&event.entry);
                Self { chargebacks, ..told }
            }
            payment::Event::ChargebackWon(event) => {
                let (won_back, told) = of_merchant(&event.entry);
                Self { won_back, ..told }
            }
            payment::Event::Created(_)
            | payment::Event::AwaitingCustomer(_)
            | payment::Event::Authorized(_)
            | payment::Event::PartReceived(_)
            | payment::Event::Captured(_)
            | payment::Event::Declined(_)
            | payment::Event::Cancelled(_)
            | payment::Event::Expired(_)
            | payment::Event::Failed(_)
            | payment::Event::Refunded(_)
            | payment::Event::ExcessReceived(_)
            | payment::Event::ExcessReturned(_) => none,
        }
    }

    /// What an order that was settled, or refunded after that, adds.
    pub(super) fn of_settled(known: &Order, event: &order::Event) -> Self {
        let none = Self::zero(known.paid_out_in());
        match event {
            order::Event::Released(event) => Self {
                gross: event.earned,
                charges: event.charge,
                ..none.posted(known.merchant, &event.entry)
            },
            // Before it is released, nobody has earned anything.
            order::Event::Refunded(event) if known.stage == order::Stage::Released => Self {
                refunds: points::in_money(event.amount),
                charges_returned: event.charge_returned,
                ..none.posted(known.merchant, &event.entry)
            },
            order::Event::Placed(_)
            | order::Event::Paid(_)
            | order::Event::Shipped(_)
            | order::Event::Delivered(_)
            | order::Event::Disputed(_)
            | order::Event::Cancelled(_)
            | order::Event::Refunded(_) => none,
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
