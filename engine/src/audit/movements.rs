//! Movements of our own coins as the log alone has them: each is booked once, and so is what it cost.

use std::collections::HashSet;

use crate::{
    books::{Label, Place, Realm},
    domain::{
        Event,
        chain::{self, ChainHash, Output},
        deposit, withdrawal,
    },
    money::Money,
};

/// Something on a network, in a realm.
type At<What> = (Realm, Label, What);

/// Everything that left a place of ours, and every fee.
#[derive(Default)]
pub(super) struct Movements {
    left: HashSet<At<Output>>,
    /// What we moved to addresses of ours.
    ours: HashSet<At<Output>>,
    fees: HashSet<At<ChainHash>>,
    /// Those told in parts.
    fee_parts: HashSet<At<ChainHash>>,
}

impl Movements {
    /// Takes one fact.
    ///
    /// # Errors
    /// What is booked for the second time.
    pub(super) fn follow(&mut self, realm: Realm, event: &Event) -> Result<(), String> {
        match event {
            Event::Chain(event) => self.chain(realm, event),
            Event::Deposit(deposit::Event::Reported(event)) => {
                match self.ours.contains(&(realm, event.network, event.output.clone())) {
                    false => Ok(()),
                    true => Err(format!("{} was moved by us, and is a deposit", event.output)),
                }
            }
            Event::Withdrawal(withdrawal::Event::Processed(event)) => {
                self.withdrawn((realm, event.network), &event.output, event.fee)
            }
            Event::Withdrawal(withdrawal::Event::SentAnyway(event)) => {
                self.withdrawn((realm, event.network), &event.output, event.fee)
            }
            Event::Deposit(
                deposit::Event::Confirmed(_)
                | deposit::Event::Granted(_)
                | deposit::Event::Skipped(_)
                | deposit::Event::Assigned(_)
                | deposit::Event::Reorganised(_),
            )
            | Event::Withdrawal(
                withdrawal::Event::Requested(_)
                | withdrawal::Event::Sent(_)
                | withdrawal::Event::Expired(_)
                | withdrawal::Event::Failed(_),
            )
            | Event::Card(_)
            | Event::Kyc(_)
            | Event::Listing(_)
            | Event::Merchant(_)
            | Event::Order(_)
            | Event::Payment(_)
            | Event::Payout(_)
            | Event::Points(_)
            | Event::Rail(_)
            | Event::Realm(_)
            | Event::Settlement(_)
            | Event::Signer(_)
            | Event::Subject(_)
            | Event::Subscription(_)
            | Event::Token(_)
            | Event::User(_)
            | Event::Wallet(_)
            | Event::Webhook(_) => Ok(()),
        }
    }

    fn chain(&mut self, realm: Realm, event: &chain::Event) -> Result<(), String> {
        match event {
            chain::Event::AddressAssigned(_) => Ok(()),
            chain::Event::Swept(event) => self.leave((realm, event.network, event.output.clone())),
            chain::Event::Moved(event) => {
                let output = (realm, event.network, event.output.clone());
                if let Place::Address(_) = event.to {
                    self.ours.insert(output.clone());
                }
                self.leave(output)
            }
            chain::Event::FeePaid(event) => {
                let fee = (realm, event.network, event.transaction.clone());
                let in_parts = self.fee_parts.contains(&fee);
                once(self.fees.insert(fee) && !in_parts, "the fee of", &event.transaction)
            }
        }
    }

    fn withdrawn(
        &mut self,
        (realm, network): (Realm, Label),
        output: &Output,
        fee: Option<Money>,
    ) -> Result<(), String> {
        if fee.is_some_and(|fee| !fee.is_zero()) {
            let fee = (realm, network, output.transaction.clone());
            once(!self.fees.contains(&fee), "the fee of", &output.transaction)?;
            self.fee_parts.insert(fee);
        }
        self.leave((realm, network, output.clone()))
    }

    fn leave(&mut self, output: At<Output>) -> Result<(), String> {
        let text = output.2.to_string();
        once(self.left.insert(output), "the movement", &text)
    }
}

fn once(is_first: bool, of: &str, what: &dyn std::fmt::Display) -> Result<(), String> {
    if is_first { Ok(()) } else { Err(format!("{of} {what} is booked twice")) }
}
