//! Apps: a merchant's own, which keeps a secret, and those its users may authorise, which keep none.

use choai_engine::{
    Fault,
    domain::{Digest, MerchantId, Timestamp},
};
use choai_projections::Models;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// An app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Whose app it is.
    pub tenant: MerchantId,
    /// What users are told it is called.
    pub name: String,
    /// How it proves to be that app.
    pub kind: Kind,
}

/// How an app proves to be that app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// By a secret: the hashes of those that are accepted.
    Confidential(Vec<Digest>),
    /// By where it sends users back to.
    Public(Vec<String>),
}

impl Client {
    /// The app of this id.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn find(models: &Models, id: &str, now: Timestamp) -> Result<Option<Self>, Fault> {
        let merchants = models.merchants();
        if let Some(app) = merchants.app(id)? {
            let kind = Kind::Public(app.redirect_uris);
            return Ok(Some(Self { id: id.to_owned(), tenant: app.merchant, name: app.name, kind }));
        }
        let Some(merchant) = merchants.by_client_id(id)? else { return Ok(None) };
        let accepted = merchant.client_secrets.iter().filter(|secret| secret.is_accepted(now));
        let kind = Kind::Confidential(accepted.map(|secret| secret.digest).collect());
        Ok(Some(Self { id: id.to_owned(), tenant: merchant.merchant, name: merchant.name, kind }))
    }

    /// Where it sends users back to.
    pub fn redirect_uris(&self) -> &[String] {
        match &self.kind {
            Kind::Confidential(_) => &[],
            Kind::Public(uris) => uris,
        }
    }

    /// Whether it keeps a secret.
    pub const fn is_confidential(&self) -> bool {
        matches!(self.kind, Kind::Confidential(_))
    }
}

/// Whether `secret` is one of the app's. It takes as long for an app that is not there.
pub fn proves(client: Option<&Client>, secret: &str) -> bool {
    let given: [u8; 32] = Sha256::digest(secret).into();
    let nobodys = [Digest([0; 32])];
    let known = match client.map(|client| &client.kind) {
        Some(Kind::Confidential(known)) if !known.is_empty() => known.as_slice(),
        Some(Kind::Confidential(_) | Kind::Public(_)) | None => &nobodys,
    };
    known.iter().fold(Choice::from(0), |found, digest| found | digest.0.ct_eq(&given)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_proves_the_app_whose_it_is_and_no_other() {
        let digest = |secret: &str| Digest(Sha256::digest(secret).into());
        let client = |kind| Client { id: "id".into(), tenant: MerchantId(1), name: "App".into(), kind };
        let confidential = client(Kind::Confidential(vec![digest("new"), digest("old")]));
        for (known, secret, expected) in [
            (Some(&confidential), "new", true),
            (Some(&confidential), "old", true),
            (Some(&confidential), "", false),
            (Some(&confidential), "newer", false),
            (Some(&client(Kind::Confidential(Vec::new()))), "new", false),
            (Some(&client(Kind::Public(vec!["https://app.jp/".into()]))), "", false),
            (None, "new", false),
        ] {
            assert_eq!(proves(known, secret), expected, "{known:?} {secret:?}");
        }
    }
}
