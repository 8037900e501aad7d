//! Where value lives: the one live realm, or a tenant's own test realm.

use serde::{Deserialize, Serialize};

use crate::domain::MerchantId;

/// Everything of value belongs to exactly one realm; no entry spans two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Realm {
    /// Real money, on the wall clock.
    Live,
    /// One tenant's sandbox, with a clock that can be moved forward.
    Test(MerchantId),
}

impl Realm {
    /// True for any test realm.
    pub const fn is_test(self) -> bool {
        matches!(self, Self::Test(_))
    }

    /// Every realm that `tenant` can have anything in.
    pub const fn all_of(tenant: MerchantId) -> [Self; 2] {
        [Self::Live, Self::Test(tenant)]
    }

    /// Whether `tenant` can have anything in this realm: everyone in live, its owner in a test realm.
    pub fn admits(self, tenant: MerchantId) -> bool {
        match self {
            Self::Live => true,
            Self::Test(owner) => owner == tenant,
        }
    }
}

impl std::fmt::Display for Realm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Live => f.write_str("live"),
            Self::Test(tenant) => write!(f, "test-{tenant}"),
        }
    }
}

impl std::str::FromStr for Realm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.strip_prefix("test-") {
            None if text == "live" => Ok(Self::Live),
            None => Err("a realm is `live` or `test-` and a merchant id"),
            Some(tenant) => tenant.parse().map(Self::Test),
        }
    }
}
