//! Where coins of ours are on a network.

use serde::{Deserialize, Serialize};

use crate::domain::AddressId;

/// A place on a network; printed `address-5`, `hot` or `cold`. Variants are stored by position.
///
/// Addresses are as long as their network likes: the books know them by number, and the log has the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// An address that deposits are sent to.
    Address(AddressId),
    /// The wallet that withdrawals are sent from.
    Hot,
    /// The wallet whose keys are kept away from any network.
    Cold,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(address) => write!(f, "address-{address}"),
            Self::Hot => f.write_str("hot"),
            Self::Cold => f.write_str("cold"),
        }
    }
}

impl std::str::FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "a place on a network is `hot`, `cold`, or `address-` and its number";
        match text.strip_prefix("address-") {
            Some(address) => address.parse().map(Self::Address).map_err(|_| WRONG),
            None if text == "hot" => Ok(Self::Hot),
            None if text == "cold" => Ok(Self::Cold),
            None => Err(WRONG),
        }
    }
}
