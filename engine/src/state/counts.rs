//! Series of numbers: what is numbered by the ledger itself, counted from 1.

use serde::{Deserialize, Serialize};

use super::State;
use crate::{
    domain::{
        AddressId, AuthorizationId, CardId, DepositId, ListingId, MerchantId, PayoutId, SettlementId, UserId,
        WithdrawalId,
    },
    money::Token,
};

/// What is counted. Variants are stored by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Series {
    Merchants,
    Users,
    Tokens,
    Settlements,
    Payouts,
    Listings,
    Cards,
    Authorizations,
    Addresses,
    Deposits,
    Withdrawals,
}

impl State {
    /// The number the next merchant gets.
    pub fn next_merchant(&self) -> MerchantId {
        MerchantId(self.next(Series::Merchants))
    }

    /// Notes that `merchant` was registered.
    pub fn count_merchant(&mut self, merchant: MerchantId) {
        self.count(Series::Merchants, merchant.0);
    }

    /// The number the next user gets.
    pub fn next_user(&self) -> UserId {
        UserId(self.next(Series::Users))
    }

    /// Notes that `user` was registered.
    pub fn count_user(&mut self, user: UserId) {
        self.count(Series::Users, user.0);
    }

    /// The number the next token gets.
    pub fn next_token(&self) -> u32 {
        self.next(Series::Tokens)
    }

    /// Notes that `token` was registered.
    pub fn count_token(&mut self, token: Token) {
        self.count(Series::Tokens, token.id());
    }

    /// The number the next settlement gets.
    pub fn next_settlement(&self) -> SettlementId {
        SettlementId(self.next(Series::Settlements))
    }

    /// Notes that `settlement` was made.
    pub fn count_settlement(&mut self, settlement: SettlementId) {
        self.count(Series::Settlements, settlement.0);
    }

    /// The number the next payout gets.
    pub fn next_payout(&self) -> PayoutId {
        PayoutId(self.next(Series::Payouts))
    }

    /// Notes that `payout` was sent.
    pub fn count_payout(&mut self, payout: PayoutId) {
        self.count(Series::Payouts, payout.0);
    }

    /// The number the next listing gets.
    pub fn next_listing(&self) -> ListingId {
        ListingId(self.next(Series::Listings))
    }

    /// Notes that `listing` was made.
    pub fn count_listing(&mut self, listing: ListingId) {
        self.count(Series::Listings, listing.0);
    }

    /// The number the next card gets.
    pub fn next_card(&self) -> CardId {
        CardId(self.next(Series::Cards))
    }

    /// Notes that `card` was issued.
    pub fn count_card(&mut self, card: CardId) {
        self.count(Series::Cards, card.0);
    }

    /// The number the next authorisation gets.
    pub fn next_authorization(&self) -> AuthorizationId {
        AuthorizationId(self.next(Series::Authorizations))
    }

    /// Notes that `authorization` was made.
    pub fn count_authorization(&mut self, authorization: AuthorizationId) {
        self.count(Series::Authorizations, authorization.0);
    }

    /// The number the next address of ours on a chain gets.
    pub fn next_address(&self) -> AddressId {
        AddressId(self.next(Series::Addresses))
    }

    /// Notes that `address` became known, or was told of again.
    pub fn count_address(&mut self, address: AddressId) {
        self.count(Series::Addresses, address.0);
    }

    /// The number the next deposit gets.
    pub fn next_deposit(&self) -> DepositId {
        DepositId(self.next(Series::Deposits))
    }

    /// Notes that `deposit` was reported.
    pub fn count_deposit(&mut self, deposit: DepositId) {
        self.count(Series::Deposits, deposit.0);
    }

    /// The number the next withdrawal gets.
    pub fn next_withdrawal(&self) -> WithdrawalId {
        WithdrawalId(self.next(Series::Withdrawals))
    }

    /// Notes that `withdrawal` was asked for.
    pub fn count_withdrawal(&mut self, withdrawal: WithdrawalId) {
        self.count(Series::Withdrawals, withdrawal.0);
    }

    fn next(&self, series: Series) -> u32 {
        self.counts.get(&series).unwrap_or_default() + 1
    }

    /// Told of again, a number counts once.
    fn count(&mut self, series: Series, number: u32) {
        let highest = self.counts.get(&series).unwrap_or_default().max(number);
        self.counts.put(series, highest);
    }
}
