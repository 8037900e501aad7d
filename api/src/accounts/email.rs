//! E-mail addresses: read, and found again without being kept.

use choai_engine::{domain::MerchantId, vault::Vault};
use email_address::{EmailAddress, Options};

/// Characters in an address. Source: RFC 5321 §4.5.3.1.3, less the brackets.
pub const EMAIL_CHARS_MAX: usize = 254;

/// The address that `text` is, if it is one.
pub fn read(text: &str) -> Option<String> {
    let options = Options::default().without_display_text().without_domain_literal();
    let is_one =
        text.chars().count() <= EMAIL_CHARS_MAX && EmailAddress::parse_with_options(text, options).is_ok();
    is_one.then(|| text.to_owned())
}

/// Under which keyed hash a tenant's user with this address is found. Capitals make no other address.
pub fn index_of_user(vault: &Vault, tenant: MerchantId, address: &str) -> [u8; 32] {
    let (tenant, address) = (tenant.to_string(), address.to_lowercase());
    vault.keyed_hash("email of a user 1", &[tenant.as_bytes(), address.as_bytes()])
}

/// Under which keyed hash the owner of a merchant with this address is found.
pub fn index_of_owner(vault: &Vault, address: &str) -> [u8; 32] {
    vault.keyed_hash("email of an owner 1", &[address.to_lowercase().as_bytes()])
}
