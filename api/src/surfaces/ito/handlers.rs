//! The endpoints: parse, submit or ask, render.

use axum::{
    Json,
    extract::{Request, State},
    http::Method,
};
use choai_engine::{
    Receipt, SeenSignature, SubmitError,
    domain::{
        Command, Event, PaymentId, Rejection,
        payment::{self, Origin, Stage},
    },
    log::Actor,
    money::Money,
};

use super::{
    auth::{self, Caller, Signed},
    convert::{self, Asked},
    errors::{Error, ErrorBody},
    wire::{PaymentAnswer, PaymentRequest, ValidityAnswer, ValidityRequest},
};
use crate::{
    app::App,
    http::{
        body::{self, Fields},
        bounded,
        idempotency::{self, Scope},
    },
};

/// A request that has been read, authenticated and, if signed, verified.
struct Checked {
    caller: Caller,
    fields: Fields,
    signature: Option<SeenSignature>,
    /// What the same request, by its signature, had led to before.
    answered: Option<Receipt>,
    idempotency_key: Option<String>,
}

async fn check(app: &App, request: Request) -> Result<Checked, Error> {
    let (parts, body) = request.into_parts();
    let caller = auth::authenticate(app, &parts.headers).await?;
    let idempotency_key = idempotency::key(&parts.headers)?.map(str::to_owned);
    let body = bounded::read(body).await?;
    let content_type = parts.headers.get("content-type").map(|value| value.to_str().unwrap_or("?"));
    let mut fields = body::parse(content_type, &body)?;
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let signed =
        Signed { method: &parts.method, target, headers: &parts.headers, body: &body, fields: &fields };
    let signature = auth::check_signature(app, &caller, &signed)?;
    // Before the fields are read: what was answered once is answered alike whatever the rules for them are by now,
    // and what bears another request's signature is refused even where it would change nothing.
    let answered = match &signature {
        Some(signature) => app.engine().answered(signature).await?,
        None => None,
    };
    // A signature covers the body alone, so what a query says is only ever asked, never done.
    if matches!(parts.method, Method::GET | Method::HEAD) {
        fields = body::parse_query(parts.uri.query().unwrap_or_default())?;
    }
    Ok(Checked { caller, fields, signature, answered, idempotency_key })
}

/// Initiate a payment
///
/// Creates a payment and answers with the page on which the customer pays. Bodies may be JSON, a form or
/// multipart. `X-Timestamp` and `X-Signature` are optional unless the merchant made them mandatory.
#[utoipa::path(
    post,
    path = "/payment/process",
    tag = "ITO-Japan payments",
    security(("access_key" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key makes one payment and equal answers, for ever."),
        ("X-Timestamp" = Option<i64>, Header, description = "Unix time of the signature, within 300 s of ours."),
        ("X-Signature" = Option<String>, Header, description = "hex of HMAC-SHA-256(secret key, timestamp.body)"),
    ),
    request_body(content(
        (PaymentRequest = "application/json"),
        (PaymentRequest = "application/x-www-form-urlencoded"),
        (PaymentRequest = "multipart/form-data"),
    )),
    responses(
        (status = 200, body = PaymentAnswer),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 401, description = "Wrong access key or signature.", body = ErrorBody),
        (status = 409, description = "The Idempotency-Key was used for a different request.", body = ErrorBody),
        (status = 413, description = "The body is longer than 1 MiB.", body = ErrorBody),
        (status = 415, description = "Neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "Fields that fail, each named.", body = ErrorBody),
        (status = 429, description = "Too many requests are waiting; nothing changed. Come back after the seconds in `Retry-After`.", body = ErrorBody),
        (status = 503, description = "Not now, or the outcome is unknown: the message says which. Retry with the same Idempotency-Key.", body = ErrorBody),
    ),
)]
pub async fn process(State(app): State<App>, request: Request) -> Result<Json<PaymentAnswer>, Error> {
    let mut checked = check(&app, request).await?;
    let receipt = match checked.answered.take() {
        Some(receipt) => receipt,
        None => create(&app, checked).await?,
    };
    let created = receipt.events.iter().find_map(|recorded| match &recorded.event {
        Event::Payment(payment::Event::Created(created)) => Some(created.payment),
        _ => None,
    });
    let payment =
        created.ok_or_else(|| Error::Conflict("This key was used for another kind of request.".into()))?;
    Ok(Json(PaymentAnswer {
        code: 200,
        status: "ok",
        payment_id: payment.to_string(),
        message: "Your payment has been processed. Please follow the URL to complete the payment.",
        url: app.checkout_url(payment),
    }))
}

/// Creates the payment in the realm selected at this moment; tries again if that changed under way.
async fn create(app: &App, mut checked: Checked) -> Result<Receipt, Error> {
    loop {
        let realm = checked.caller.realm();
        let asked = Asked::read(&checked.fields, realm, app.guard())?;
        let outcome = submit_creation(app, &checked, &asked).await;
        let Err(SubmitError::Rejected(Rejection::Payment(payment::Rejection::RealmNotSelected))) = outcome
        else {
            return Ok(outcome?);
        };
        let merchant = app.current_models().await?.merchants().get(checked.caller.id())?;
        checked.caller.merchant = merchant.ok_or(Error::Credentials)?;
    }
}

async fn submit_creation(app: &App, checked: &Checked, asked: &Asked) -> Result<Receipt, SubmitError> {
    let (merchant, realm) = (checked.caller.id(), checked.caller.realm());
    let (vault, payment) = (app.engine().vault(), app.new_payment_id());
    let (private, key_row) = asked.private.seal(vault, payment);
    let nothing = Money::zero(asked.amount.currency);
    let command = Command::Payment(payment::Command::Create(payment::Create {
        payment,
        merchant,
        purpose: payment::Purpose::Sale,
        amount: asked.amount,
        tax: nothing,
        method_fee: nothing,
        origin: Origin::ItoPayment,
        private: Some(private),
    }));
    let mut envelope = app.envelope(Actor::Merchant(merchant), Some(realm), command);
    let scope = Scope { realm: Some(realm), tenant: Some(merchant), endpoint: "POST /payment/process" };
    let key = checked.idempotency_key.as_deref();
    envelope.provenance.idempotency = key.map(|key| scope.hash(vault, key, &asked.fingerprint()));
    envelope.tenant = Some(merchant);
    envelope.signature = checked.signature;
    envelope.vault.push(key_row);
    app.submit(envelope).await
}

/// Check a payment
///
/// Valid means paid and not refunded in full. Only the merchant's own payments are known.
#[utoipa::path(
    post,
    path = "/payment/check-validity",
    tag = "ITO-Japan payments",
    security(("access_key" = [])),
    params(
        ("X-Timestamp" = Option<i64>, Header, description = "Unix time of the signature, within 300 s of ours."),
        ("X-Signature" = Option<String>, Header, description = "hex of HMAC-SHA-256(secret key, timestamp.body)"),
    ),
    request_body(content(
        (ValidityRequest = "application/json"),
        (ValidityRequest = "application/x-www-form-urlencoded"),
        (ValidityRequest = "multipart/form-data"),
    )),
    responses(
        (status = 200, body = ValidityAnswer),
        (status = 400, description = "The body or a header cannot be read.", body = ErrorBody),
        (status = 401, description = "Wrong access key or signature.", body = ErrorBody),
        (status = 404, description = "Not this merchant's, or not paid.", body = ErrorBody),
        (status = 413, description = "The body is longer than 1 MiB.", body = ErrorBody),
        (status = 415, description = "A body that is neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "No payment_id.", body = ErrorBody),
        (status = 429, description = "Too many requests are waiting.", body = ErrorBody),
        (status = 503, description = "Not now; try again.", body = ErrorBody),
    ),
)]
pub async fn check_validity_post(
    State(app): State<App>,
    request: Request,
) -> Result<Json<ValidityAnswer>, Error> {
    check_validity(&app, request).await
}

/// Check a payment, by query
///
/// The same with `payment_id` in the query, as older clients ask.
#[utoipa::path(
    get,
    path = "/payment/check-validity",
    tag = "ITO-Japan payments",
    security(("access_key" = [])),
    params(
        ("payment_id" = String, Query, description = "As `POST /payment/process` answered it."),
        ("X-Timestamp" = Option<i64>, Header, description = "Unix time of the signature, within 300 s of ours."),
        ("X-Signature" = Option<String>, Header, description = "hex of HMAC-SHA-256(secret key, timestamp.), since there is no body"),
    ),
    responses(
        (status = 200, body = ValidityAnswer),
        (status = 400, description = "The query, a body or a header cannot be read.", body = ErrorBody),
        (status = 401, description = "Wrong access key or signature.", body = ErrorBody),
        (status = 404, description = "Not this merchant's, or not paid.", body = ErrorBody),
        (status = 413, description = "The body is longer than 1 MiB.", body = ErrorBody),
        (status = 415, description = "A body that is neither JSON, form nor multipart.", body = ErrorBody),
        (status = 422, description = "No payment_id.", body = ErrorBody),
        (status = 429, description = "Too many requests are waiting.", body = ErrorBody),
        (status = 503, description = "Not now; try again.", body = ErrorBody),
    ),
)]
pub async fn check_validity_get(
    State(app): State<App>,
    request: Request,
) -> Result<Json<ValidityAnswer>, Error> {
    check_validity(&app, request).await
}

async fn check_validity(app: &App, request: Request) -> Result<Json<ValidityAnswer>, Error> {
    let checked = check(app, request).await?;
    // What is no id is nobody's payment.
    let payment: PaymentId = convert::payment_id(&checked.fields)?.parse().map_err(|_| Error::NotFound)?;
    let view = app.current_models().await?.payments().get(&payment)?.ok_or(Error::NotFound)?;
    let own = view.merchant == checked.caller.id() && view.realm == checked.caller.realm();
    if !own || view.stage != Stage::Captured {
        return Err(Error::NotFound);
    }
    Ok(Json(ValidityAnswer { code: 200, status: "ok", message: "Transaction is valid" }))
}
