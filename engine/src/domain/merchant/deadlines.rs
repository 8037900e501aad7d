//! Deadlines of a merchant's orders: how long each step may take before something happens by itself.

use serde::{Deserialize, Serialize};

use crate::domain::Span;

/// How long a merchant's orders wait for each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlines {
    /// For the choice of how to pay; a delayed method has a deadline of its own.
    pub pay: Span,
    /// For shipping, from payment on: then the order is refunded.
    pub ship: Span,
    /// For delivery, from shipping on, or from payment where nothing is sent: then it is taken to be delivered.
    pub deliver: Span,
    /// For the buyer to accept or object, from delivery on: then it is taken to be accepted.
    pub accept: Span,
}

/// The shortest and the longest of any deadline.
pub const DEADLINE_RANGE: std::ops::RangeInclusive<Span> = Span::seconds(60)..=Span::days(365);

impl Default for Deadlines {
    /// Source: accounting rules §4.3.
    fn default() -> Self {
        Self {
            pay: Span::seconds(30 * 60),
            ship: Span::days(14),
            deliver: Span::days(21),
            accept: Span::days(7),
        }
    }
}

impl Deadlines {
    /// Whether each is in [`DEADLINE_RANGE`].
    pub(super) fn is_possible(&self) -> bool {
        [self.pay, self.ship, self.deliver, self.accept].iter().all(|span| DEADLINE_RANGE.contains(span))
    }
}
