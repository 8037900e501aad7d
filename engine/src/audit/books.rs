//! The books as an audit keeps them: what every account holds, whose it is, and what never may be.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};

use foldhash::fast::RandomState;

use super::law::{Findings, Law};
use crate::{
    books::{AccountKey, Holder, Posting, Realm},
    domain::{MerchantId, UserId, user},
    money::Currency,
};

/// Every account that holds something, and whose every user is.
///
/// An account that holds nothing is not kept: those of a single payment, order or payout are gone when it is over.
#[derive(Default)]
pub(super) struct Books {
    accounts: HashMap<AccountKey, Held, RandomState>,
    tenants: HashMap<UserId, MerchantId, RandomState>,
}

struct Held {
    debit_minor: i128,
    /// Whose holder's it is, once the log has said so.
    tenant: Option<MerchantId>,
}

impl Books {
    /// Takes whose a user is, which is said once.
    ///
    /// # Errors
    /// A user who is somebody else's already.
    pub(super) fn register(&mut self, registered: &user::Registered) -> Result<(), String> {
        let user::Registered { user, tenant, .. } = *registered;
        match self.tenants.insert(user, tenant) {
            Some(before) if before != tenant => Err(format!("user {user} is of {before} already")),
            Some(_) | None => Ok(()),
        }
    }

    /// Posts an entry.
    pub(super) fn post(
        &mut self,
        position: u64,
        realm: Option<Realm>,
        postings: &[Posting],
        findings: &mut Findings,
    ) {
        let Some(realm) = realm else {
            return findings.find(Law::Realms, position, || "an entry outside any realm".into());
        };
        // Of most entries nothing more is to be said than that every line was within bounds.
        let (mut first_tenant, mut is_plain) = (None, true);
        for posting in postings {
            let key = AccountKey { realm, account: posting.account, currency: posting.currency };
            let held = match self.accounts.entry(key) {
                Entry::Occupied(held) => held.into_mut(),
                Entry::Vacant(vacant) => vacant.insert(Held { debit_minor: 0, tenant: None }),
            };
            held.debit_minor += posting.debit_minor;
            if held.tenant.is_none() {
                held.tenant = posting.account.holder().and_then(|holder| tenant(&self.tenants, holder));
            }
            is_plain &= held.debit_minor != 0
                && (!key.account.is_guarded() || key.account.natural(held.debit_minor) > 0);
            if let Some(tenant) = held.tenant {
                is_plain &= realm.admits(tenant) && *first_tenant.get_or_insert(tenant) == tenant;
            }
        }
        if !is_plain {
            self.look_closer(position, realm, postings, findings);
        }
    }

    /// What an entry that was posted has left behind.
    fn look_closer(&mut self, position: u64, realm: Realm, postings: &[Posting], findings: &mut Findings) {
        let mut tenants = BTreeSet::new();
        for posting in postings {
            let key = AccountKey { realm, account: posting.account, currency: posting.currency };
            if let Some(tenant) = posting.account.holder().and_then(|holder| tenant(&self.tenants, holder)) {
                tenants.insert(tenant);
                if !realm.admits(tenant) {
                    findings.find(Law::Realms, position, || key.to_string());
                }
            }
            let natural = self.natural(&key);
            if key.account.is_guarded() && natural < 0 {
                findings.find(Law::Guards, position, || format!("{key} at {natural}"));
            }
            if natural == 0 {
                self.accounts.remove(&key);
            }
        }
        // In live every tenant has its holders; value still stays with one of them.
        if tenants.len() > 1 {
            findings.find(Law::Realms, position, || format!("one entry, tenants {tenants:?}"));
        }
    }

    /// What an account holds after all entries so far, on its natural side.
    pub(super) fn natural(&self, key: &AccountKey) -> i128 {
        key.account.natural(self.accounts.get(key).map_or(0, |held| held.debit_minor))
    }

    /// An account has to hold `expected`, as `says` its source.
    ///
    /// # Errors
    /// What it holds instead.
    pub(super) fn must_hold(&self, key: AccountKey, expected: i128, says: &str) -> Result<(), String> {
        let natural = self.natural(&key);
        if natural == expected {
            return Ok(());
        }
        Err(format!("{key} is at {natural}, {says} {expected}"))
    }

    /// The trial balance of every realm and currency has to be zero.
    ///
    /// # Errors
    /// The first that is not.
    pub(super) fn balance(&self) -> Result<(), String> {
        let mut sums = BTreeMap::<(Realm, Currency), i128>::new();
        for (key, held) in &self.accounts {
            *sums.entry((key.realm, key.currency)).or_default() += held.debit_minor;
        }
        match sums.into_iter().find(|(_, sum)| *sum != 0) {
            Some(((realm, currency), sum)) => Err(format!("{realm} is out by {sum} in {currency}")),
            None => Ok(()),
        }
    }
}

/// Whose holder it is, as far as the log has said.
fn tenant(tenants: &HashMap<UserId, MerchantId, RandomState>, holder: Holder) -> Option<MerchantId> {
    match holder {
        Holder::Merchant(merchant) => Some(merchant),
        Holder::User(user) => tenants.get(&user).copied(),
    }
}
