//! What OAuth remembers, in the vault: grants, and the tokens and codes that stand for them, by their hashes.
//!
//! A grant is one row, and says which pair of tokens holds: to revoke a family of tokens, or to replace a pair, is to
//! write that row. Whoever changes a row holds the lock of its key meanwhile, and writes are synced before anybody is
//! told. Everything here blocks: it is called where that does no harm.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use choai_engine::{
    Engine, Fault,
    domain::{MerchantId, Span, Subject, Timestamp, UserId},
    vault::{VaultFamily, VaultRows, row_key, rows_of},
};
use parking_lot::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};

use crate::tokens::{Fresh, Writes, decode, key_of, read};

/// How long a code can be exchanged. Source: the rule that it lives 60 s.
pub const CODE_LIFETIME: Span = Span::seconds(60);
/// A refresh token that was used so short a time ago is a retry, or two at once, and not a theft.
pub const ROTATION_GRACE: Span = Span::seconds(10);
/// What access tokens begin with.
const ACCESS: &str = "at_";
/// What refresh tokens begin with.
const REFRESH: &str = "rt_";
/// What codes begin with.
const CODE: &str = "ac_";
/// Locks that keys share among them.
const LOCKS: usize = 64;

/// How long tokens live.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// Access tokens.
    pub access: Span,
    /// Refresh tokens.
    pub refresh: Span,
}

impl Lifetimes {
    /// An hour and 30 days. Source: surfaces.md.
    pub const DEFAULT: Self = Self { access: Span::hours(1), refresh: Span::days(30) };
}

/// What an app may do, for itself or for a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The app.
    pub client_id: String,
    /// Whose app it is.
    pub tenant: MerchantId,
    /// For whom; `None` where it acts for itself.
    pub user: Option<UserId>,
    /// Which pair of tokens holds, counted from 1.
    pub generation: u32,
    /// Since when it does.
    pub rotated_at: Timestamp,
    /// Until when any token of it can hold.
    pub ends_at: Timestamp,
}

/// A code that stands for what a user has just agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The app it was given to.
    pub client_id: String,
    /// Whose app it is.
    pub tenant: MerchantId,
    /// Who agreed.
    pub user: UserId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// SHA-256 of the verifier, as the app wrote it.
    pub challenge: String,
    /// Until when it can be exchanged.
    pub ends_at: Timestamp,
    /// The key of the grant it became.
    pub became: Option<String>,
}

/// What a token's row says; the token itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Kept {
    /// An access token of a grant's generation.
    Access { grant: String, generation: u32, ends_at: Timestamp },
    /// A refresh token of it.
    Refresh { grant: String, generation: u32, ends_at: Timestamp },
    /// A code.
    Code(Code),
}

/// Tokens as they are handed out, once.
#[derive(Debug)]
pub struct Tokens {
    /// Presented with every request.
    pub access: String,
    /// Seconds it lives.
    pub expires_in_s: i64,
    /// Exchanged for the next pair; none where an app acts for itself.
    pub refresh: Option<String>,
}

/// Why a code or refresh token led to nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    /// Nobody was given it.
    #[error("unknown")]
    Unknown,
    /// Another app was.
    #[error("not issued to this client")]
    OtherClient,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// It was used, or what it stood for was revoked.
    #[error("revoked")]
    Revoked,
    /// The vault failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Locks on rows, shared by all who change them. Whoever holds a code's may take a grant's, and nobody takes two of a
/// kind.
#[derive(Debug)]
pub struct Locks {
    codes: [Mutex<()>; LOCKS],
    grants: [Mutex<()>; LOCKS],
}

impl Default for Locks {
    fn default() -> Self {
        let locks = || std::array::from_fn(|_| Mutex::default());
        Self { codes: locks(), grants: locks() }
    }
}

/// OAuth's rows in the vault of an engine.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    engine: &'a Engine,
    locks: &'a Locks,
    lifetimes: Lifetimes,
}

impl<'a> Rows<'a> {
    /// The rows in `engine`'s vault.
    pub const fn new(engine: &'a Engine, locks: &'a Locks, lifetimes: Lifetimes) -> Self {
        Self { engine, locks, lifetimes }
    }

    /// A token for an app that acts for itself.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be written.
    pub fn issue_to_client(&self, client_id: &str, tenant: MerchantId) -> Result<Tokens, Fault> {
        let now = self.engine.now();
        let grant = self.new_key(&format!("client-{client_id}/"));
        let granted = Grant {
            client_id: client_id.to_owned(),
            tenant,
            user: None,
            generation: 1,
            rotated_at: now,
            // It goes with its only token.
            ends_at: now + self.lifetimes.access,
        };
        let mut writes = Writes::default();
        let access = self.access_token(&grant, &granted, &mut writes);
        writes.put_until(VaultFamily::Grant, grant.as_bytes(), &granted, granted.ends_at);
        writes.write(self.vault())?;
        Ok(self.tokens(access, None))
    }

    /// A code for what a user has agreed to; it begins now.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be written.
    pub fn issue_code(&self, code: Code) -> Result<String, Fault> {
        let Fresh { token, key } = Fresh::draw(self.engine, CODE);
        let mut writes = Writes::default();
        // Kept for as long as the tokens it may become: used again, it revokes them.
        let until = self.engine.now() + self.lifetimes.refresh;
        writes.put_until(VaultFamily::Token, &key, &Kept::Code(code), until);
        writes.write(self.vault())?;
        Ok(token)
    }

    /// What a code stands for, if this app may exchange it still.
    ///
    /// One that was exchanged before revokes what it became.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn read_code(&self, code: &str, client_id: &str) -> Result<Code, Refused> {
        let key = key_of(CODE, code).ok_or(Refused::Unknown)?;
        let _alone = lock(&self.locks.codes, &key);
        self.usable_code(&key, client_id)
    }

    /// Exchanges a code, once.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn redeem_code(&self, code: &str, client_id: &str) -> Result<Tokens, Refused> {
        let key = key_of(CODE, code).ok_or(Refused::Unknown)?;
        let _alone = lock(&self.locks.codes, &key);
        let mut known = self.usable_code(&key, client_id)?;
        let now = self.engine.now();
        let prefix = row_key(Subject::User(known.user), &[]);
        let grant = self.new_key(std::str::from_utf8(&prefix).expect("names are ASCII"));
        let granted = Grant {
            client_id: known.client_id.clone(),
            tenant: known.tenant,
            user: Some(known.user),
            generation: 1,
            rotated_at: now,
            ends_at: now + self.lifetimes.refresh,
        };
        let mut writes = Writes::default();
        let tokens = self.pair(&grant, &granted, &mut writes);
        known.became = Some(grant);
        writes.put(VaultFamily::Token, &key, &Kept::Code(known));
        writes.write(self.vault())?;
        Ok(tokens)
    }

    fn usable_code(&self, key: &[u8; 32], client_id: &str) -> Result<Code, Refused> {
        let Some(Kept::Code(code)) = read(self.vault(), VaultFamily::Token, key)? else {
            return Err(Refused::Unknown);
        };
        if code.client_id != client_id {
            return Err(Refused::OtherClient);
        }
        if let Some(grant) = &code.became {
            self.revoke_grant(grant)?;
            return Err(Refused::Revoked);
        }
        if code.ends_at <= self.engine.now() { Err(Refused::Expired) } else { Ok(code) }
    }

    /// Exchanges a refresh token for the next pair; the pair before ends. One of two at once succeeds, and the other is
    /// told that it is too late. Whoever comes later than that with an old one has it from somewhere else: the whole
    /// family is revoked.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn refresh(&self, token: &str, client_id: &str) -> Result<Tokens, Refused> {
        let Some(Kept::Refresh { grant, generation, ends_at }) = self.token(REFRESH, token)? else {
            return Err(Refused::Unknown);
        };
        let _alone = lock(&self.locks.grants, grant.as_bytes());
        let Some(mut granted) = self.grant(&grant)? else { return Err(Refused::Revoked) };
        if granted.client_id != client_id {
            return Err(Refused::OtherClient);
        }
        let now = self.engine.now();
        if generation != granted.generation {
            let is_late = now - granted.rotated_at > ROTATION_GRACE;
            if is_late || generation + 1 != granted.generation {
                self.delete_grant(&grant)?;
            }
            return Err(Refused::Revoked);
        }
        if ends_at <= now {
            return Err(Refused::Expired);
        }
        granted.generation += 1;
        granted.rotated_at = now;
        granted.ends_at = now + self.lifetimes.refresh;
        let mut writes = Writes::default();
        let tokens = self.pair(&grant, &granted, &mut writes);
        writes.write(self.vault())?;
        Ok(tokens)
    }

    /// What an access token allows, if it does.
    ///
    /// # Errors
    /// [`Fault`] when the vault cannot be read.
    pub fn allowed(&self, token: &str) -> Result<Option<Grant>, Fault> {
        let Some(Kept::Access { grant, generation, ends_at }) = self.token(ACCESS, token)? else {
            return Ok(None);
        };
        if ends_at <= self.engine.now() {
            return Ok(None);
        }
        Ok(self.grant(&grant)?.filter(|granted| granted.generation == generation))
    }

    /// Revokes what a token of this app stands for; what is no token of its own is no matter. Source: RFC 7009.
    ///
    /// # Errors
    /// [`Fault`] when the vault cannot be read or written.
    pub fn revoke(&self, token: &str, client_id: &str) -> Result<(), Fault> {
        let known = match self.token(ACCESS, token)? {
            None => self.token(REFRESH, token)?,
            known => known,
        };
        let grant = match known {
            Some(Kept::Access { grant, .. } | Kept::Refresh { grant, .. }) => grant,
            Some(Kept::Code(_)) | None => return Ok(()),
        };
        let _alone = lock(&self.locks.grants, grant.as_bytes());
        match self.grant(&grant)? {
            Some(granted) if granted.client_id == client_id => self.delete_grant(&grant),
            Some(_) | None => Ok(()),
        }
    }

    /// Revokes everything a user has allowed.
    ///
    /// # Errors
    /// [`Fault`] when the vault cannot be read or written.
    pub fn revoke_all_of(&self, user: UserId) -> Result<(), Fault> {
        let mut writes = Writes::default();
        for (key, _) in rows_of(self.vault(), VaultFamily::Grant, Subject::User(user))? {
            writes.delete(VaultFamily::Grant, &key);
        }
        writes.write(self.vault())
    }

    /// Whether a user has allowed this app something that still holds.
    ///
    /// # Errors
    /// [`Fault`] when the vault cannot be read.
    pub fn has_allowed(&self, user: UserId, client_id: &str) -> Result<bool, Fault> {
        for (_, row) in rows_of(self.vault(), VaultFamily::Grant, Subject::User(user))? {
            let grant: Grant = decode(&row)?;
            if grant.client_id == client_id && grant.ends_at > self.engine.now() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn revoke_grant(&self, grant: &str) -> Result<(), Fault> {
        let _alone = lock(&self.locks.grants, grant.as_bytes());
        self.delete_grant(grant)
    }

    fn delete_grant(&self, grant: &str) -> Result<(), Fault> {
        let mut writes = Writes::default();
        writes.delete(VaultFamily::Grant, grant.as_bytes());
        writes.write(self.vault())
    }

    fn grant(&self, key: &str) -> Result<Option<Grant>, Fault> {
        read(self.vault(), VaultFamily::Grant, key.as_bytes())
    }

    fn token(&self, prefix: &str, token: &str) -> Result<Option<Kept>, Fault> {
        let Some(key) = key_of(prefix, token) else { return Ok(None) };
        read(self.vault(), VaultFamily::Token, &key)
    }

    fn vault(&self) -> &'a dyn VaultRows {
        self.engine.vault().rows()
    }

    /// The next pair of a user's grant, and the grant as it then is.
    fn pair(&self, grant: &str, granted: &Grant, writes: &mut Writes) -> Tokens {
        let access = self.access_token(grant, granted, writes);
        let Fresh { token, key } = Fresh::draw(self.engine, REFRESH);
        let ends_at = granted.ends_at;
        let kept = Kept::Refresh { grant: grant.to_owned(), generation: granted.generation, ends_at };
        writes.put_until(VaultFamily::Token, &key, &kept, ends_at);
        writes.put_until(VaultFamily::Grant, grant.as_bytes(), granted, ends_at);
        self.tokens(access, Some(token))
    }

    fn access_token(&self, grant: &str, granted: &Grant, writes: &mut Writes) -> String {
        let Fresh { token, key } = Fresh::draw(self.engine, ACCESS);
        let ends_at = granted.rotated_at + self.lifetimes.access;
        let kept = Kept::Access { grant: grant.to_owned(), generation: granted.generation, ends_at };
        writes.put_until(VaultFamily::Token, &key, &kept, ends_at);
        token
    }

    const fn tokens(&self, access: String, refresh: Option<String>) -> Tokens {
        Tokens { access, expires_in_s: self.lifetimes.access.0 / 1_000_000, refresh }
    }

    fn new_key(&self, prefix: &str) -> String {
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode(self.engine.random::<16>()))
    }
}

/// The lock that `key` shares with some others.
fn lock<'a>(locks: &'a [Mutex<()>; LOCKS], key: &[u8]) -> MutexGuard<'a, ()> {
    let at = key.iter().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    locks[at % LOCKS].lock()
}
