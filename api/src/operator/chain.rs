//! Coins on chains as the operator sees them: addresses assigned, and coins that arrive on a sandbox of a chain.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use choai_engine::{
    Receipt,
    books::{Holder, Label, Realm},
    domain::{
        Command, Event, MerchantId,
        chain::{self, Block, ChainAddress, ChainHash, Custody, Output, Owner},
        deposit::{self, Stage},
    },
    log::Actor,
};

use super::{
    errors::{Error, ErrorBody, Unwritten},
    handlers::{amount, currency, find, keyed, read, submit},
    users::{known, selected},
    wire::{AddressAnswer, DepositAnswer, KeptName, NewAddress, SandboxDeposit},
};
use crate::{app::App, http::idempotency::Scope};

/// Assign a deposit address
///
/// To a user or a merchant, in the realm that the merchant's service mode selects. It keeps its owner for ever.
#[utoipa::path(
    post,
    path = "/operator/chain/{network}/addresses",
    tag = "chain",
    security(("operator_token" = [])),
    params(
        ("network" = String, Path, description = "Such as `ton` or `ethereum`."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key assigns once."),
    ),
    request_body = NewAddress,
    responses(
        (status = 200, body = AddressAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn assign(
    State(app): State<App>,
    Path(network): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AddressAnswer>, Error> {
    let (network, asked) = (label(&network)?, read::<NewAddress>(&body)?);
    let (owner, tenant, realm) = owner(&app, &asked).await?;
    let (address, currency) = (address(&asked.address)?, currency(&asked.currency_code)?);
    let command = chain::Command::Assign { network, address, currency, owner, private: None };
    let envelope = app.envelope(Actor::Operator, Some(realm), Command::Chain(command));
    // Without the realm, as with points: a retry must not assign in another because the mode was switched.
    let endpoint = "POST /operator/chain/{network}/addresses";
    let scope = Scope { realm: None, tenant: Some(tenant), endpoint };
    let request = [network.as_str().as_bytes(), b" ", &body].concat();
    let receipt = submit(&app, keyed(&app, envelope, scope, &headers, &request)?).await?;
    let assigned = find(&receipt, |event| match event {
        Event::Chain(chain::Event::AddressAssigned(assigned)) => Some(assigned.clone()),
        _ => None,
    })?;
    Ok(Json(AddressAnswer {
        address_id: assigned.id.0,
        realm: assigned.realm.to_string(),
        network: assigned.network.to_string(),
        address: assigned.address.to_string(),
        currency_code: assigned.currency.to_string(),
        owner: owner.holder().to_string(),
        kept: asked.kept,
    }))
}

/// Whose the address is to be, and in which realm.
async fn owner(app: &App, asked: &NewAddress) -> Result<(Owner, MerchantId, Realm), Error> {
    let (holder, tenant, realm) = match (asked.user_id, asked.merchant_id) {
        (Some(user), None) => {
            let known = known(app, &user.to_string()).await?;
            (Holder::User(known.user), known.tenant, selected(app, known.tenant)?)
        }
        (None, Some(merchant)) => {
            let merchant = MerchantId(merchant);
            app.current_models().await?;
            (Holder::Merchant(merchant), merchant, selected(app, merchant)?)
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(Error::Unreadable("the owner is either a user_id or a merchant_id".into()));
        }
    };
    let owner = match (asked.kept, holder) {
        (KeptName::Wallet, holder) => Owner::Keeps(Custody::Wallet(holder)),
        (KeptName::Points, Holder::User(user)) => Owner::Buys(user),
        (KeptName::Processor, Holder::Merchant(merchant)) => Owner::Keeps(Custody::Processor(merchant)),
        (KeptName::Points, Holder::Merchant(_)) => {
            return Err(Error::Unreadable("only a user buys points".into()));
        }
        (KeptName::Processor, Holder::User(_)) => {
            return Err(Error::Unreadable("only a merchant has a payment processor".into()));
        }
    };
    Ok((owner, tenant, realm))
}

/// Let coins arrive on a sandbox of a chain
///
/// What a chain worker would report: seen, then beyond doubt. In the merchant's test realm only.
#[utoipa::path(
    post,
    path = "/operator/sandbox/chain/{network}/deposits",
    tag = "sandbox",
    security(("operator_token" = [])),
    params(
        ("network" = String, Path, description = "Such as `ton` or `ethereum`."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key lets coins arrive once."),
    ),
    request_body = SandboxDeposit,
    responses(
        (status = 200, body = DepositAnswer),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        Unwritten,
    ),
)]
pub async fn arrive(
    State(app): State<App>,
    Path(network): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<DepositAnswer>, Error> {
    let (network, asked) = (label(&network)?, read::<SandboxDeposit>(&body)?);
    let realm = Realm::Test(MerchantId(asked.merchant_id));
    let (address, amount) =
        (address(&asked.address)?, amount(&asked.amount, currency(&asked.currency_code)?)?);
    let output = Output { transaction: transaction(&app, asked.tx_hash.as_deref())?, index: asked.index };
    let request = [network.as_str().as_bytes(), b" ", &body].concat();
    // Two commands, each with a key of its own: a retry goes on where the first attempt was cut off.
    let send = async |command, endpoint| {
        let envelope = app.envelope(Actor::Operator, Some(realm), Command::Deposit(command));
        let scope = Scope { realm: Some(realm), tenant: None, endpoint };
        submit(&app, keyed(&app, envelope, scope, &headers, &request)?).await
    };
    let report = deposit::Command::Report { network, output, address, amount, private: None };
    let receipt = send(report, "POST /operator/sandbox/chain/{network}/deposits").await?;
    let reported = find(&receipt, |event| match event {
        Event::Deposit(deposit::Event::Reported(reported)) => Some(reported.clone()),
        _ => None,
    })?;
    let at = app.engine().now();
    let block = Block { number: u64::try_from(at.unix_s()).unwrap_or_default(), at };
    let confirm = deposit::Command::Confirm { deposit: reported.deposit, block };
    let receipt = send(confirm, "POST /operator/sandbox/chain/{network}/deposits, confirmed").await?;
    let granted = receipt.events.iter().find_map(|recorded| match &recorded.event {
        Event::Deposit(deposit::Event::Granted(granted)) => Some(granted),
        _ => None,
    });
    Ok(Json(DepositAnswer {
        deposit_id: reported.deposit.0,
        realm: realm.to_string(),
        network: network.to_string(),
        address: asked.address,
        tx_hash: reported.output.transaction.to_string(),
        index: reported.output.index,
        currency_code: reported.amount.currency.to_string(),
        amount: reported.amount.to_decimal(),
        status: stage_after(&receipt).word().to_owned(),
        points: granted.map(|granted| granted.purchase.granted.to_decimal()),
        fee: granted.map(|granted| granted.purchase.fee.to_decimal()),
        lot: granted.map(|granted| granted.lot),
        position: receipt.events.last().map_or(0, |recorded| recorded.position),
    }))
}

/// The stage that a confirmation led to: told by the last event that says one.
fn stage_after(receipt: &Receipt) -> Stage {
    use deposit::Event as Happened;
    let stage = receipt.events.iter().rev().find_map(|recorded| {
        let Event::Deposit(event) = &recorded.event else { return None };
        match event {
            Happened::Confirmed(confirmed) if confirmed.owner.is_none() => Some(Stage::Unowned),
            Happened::Confirmed(_) | Happened::Assigned(_) => Some(Stage::Confirmed),
            Happened::Granted(_) => Some(Stage::Granted),
            Happened::Skipped(_) => Some(Stage::Skipped),
            Happened::Reorganised(_) => Some(Stage::Reorganised),
            Happened::Reported(_) => None,
        }
    });
    stage.unwrap_or(Stage::Pending)
}

/// The hash that was given, or one that nobody has seen.
fn transaction(app: &App, given: Option<&str>) -> Result<ChainHash, Error> {
    match given {
        Some(text) => text.parse().map_err(|error| Error::Unreadable(format!("tx_hash: {error}"))),
        None => Ok(app.engine().random::<32>().to_vec().try_into().expect("32 bytes are a hash")),
    }
}

fn label(text: &str) -> Result<Label, Error> {
    text.parse().map_err(|_| Error::NotFound(format!("no network is called {text}")))
}

fn address(text: &str) -> Result<ChainAddress, Error> {
    text.parse().map_err(|error| Error::Unreadable(format!("address: {error}")))
}
