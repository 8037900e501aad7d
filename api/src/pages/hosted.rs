//! The hosted checkout page's handlers: what a customer sees and does between initiation and return.
//!
//! The link is a bearer URL: it shows what is to be paid and lets it be paid, and once that is over only how
//! it ended. Nothing here shows the customer's e-mail.

use axum::{
    extract::{RawQuery, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use choai_engine::{
    domain::{
        PaymentId, StreamId, Timestamp,
        payment::{Method, Stage},
    },
    money::Money,
};
use choai_projections::PaymentView;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    checkout::{self, trouble::ProblemKind},
    language::Language,
};
use crate::{
    app::{App, ReadError},
    http::{
        body,
        bounded::{self, Unread},
    },
    private::Private,
    rails::card,
};

mod act;
mod show;
#[cfg(test)]
mod tests;
mod typed;

use show::{Shown, can_continue};
use typed::Form;

/// `GET` and `POST /process-checkout`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show_page, act))
}

/// The form that the page posts, for the API description.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read field by field")]
struct CheckoutForm {
    /// Which payment.
    payment_id: String,
    /// `pay`, `cancel`, or in test mode `pay_now`.
    #[schema(example = "pay")]
    action: String,
    /// The payment's revision that the page was made of. A form of a page that has been overtaken does nothing:
    /// the page is shown as it stands now. Only `cancel` still cancels if nothing has been paid. Without it, the form
    /// is about the payment as it stands.
    revision: Option<u64>,
    /// With `pay`: `credit_card`, `konbini`, `pay_easy`, `bank_transfer`, `web_money`, `net_cash`, `nanaco`, `bit_cash`.
    method: Option<String>,
    /// `ja` or `en`; the browser's choice unless given.
    language: Option<String>,
    /// The card's number; it is not stored.
    number: Option<String>,
    /// The card's expiry month.
    month: Option<String>,
    /// The card's expiry year, two or four digits.
    year: Option<String>,
    /// The card's security code; it is not stored.
    verification_value: Option<String>,
    /// The name on the card; it is not stored.
    name: Option<String>,
    /// With `konbini`: the store's slug.
    store: Option<String>,
    /// With a prepaid method: the 16 characters of the card.
    prepaid_number: Option<String>,
}

/// A page, or the way back to the shop.
enum Answer {
    Page(StatusCode, String),
    Redirect(String),
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self {
            Self::Page(status, html) => (status, Html(html)).into_response(),
            Self::Redirect(url) => Redirect::to(&url).into_response(),
        };
        let headers = response.headers_mut();
        let set = [
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CONTENT_SECURITY_POLICY, checkout::content_security_policy()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
        ];
        for (name, value) in set {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// One customer's visit to one payment.
struct Visit {
    app: App,
    language: Language,
    view: PaymentView,
    /// The revision of the payment's stream, or an earlier one if the payment changed while it was read.
    revision: u64,
    merchant_name: String,
    private: Option<Private>,
}

/// The hosted checkout page
///
/// Where the customer pays; afterwards, how it ended.
#[utoipa::path(
    get,
    path = "/process-checkout",
    tag = "ITO-Japan payments",
    params(
        ("payment_id" = String, Query, description = "As `POST /payment/process` answered it."),
        ("language" = Option<String>, Query, description = "`ja` or `en`; `Accept-Language` unless given."),
    ),
    responses(
        (status = 200, content_type = "text/html", description = "Where the payment stands."),
        (status = 404, content_type = "text/html", description = "There is no such payment."),
        (status = 503, content_type = "text/html", description = "Not now; try again."),
    ),
)]
async fn show_page(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    // A query nobody can read names no payment.
    let fields = body::parse_query(&query.unwrap_or_default()).unwrap_or_default();
    let query = Form::new(&fields);
    let language = language(query.text("language"), &headers);
    match Visit::open(app, query.text("payment_id"), language).await {
        Ok(visit) => visit.page(Shown::default()),
        Err(problem) => problem_page(problem, language, None),
    }
}

/// Pay, or call it off
///
/// What the page's forms do. Paid or called off, the customer is sent back to the shop with `payment_id` and
/// `custom` appended.
#[utoipa::path(
    post,
    path = "/process-checkout",
    tag = "ITO-Japan payments",
    request_body(content(
        (CheckoutForm = "application/x-www-form-urlencoded"),
        (CheckoutForm = "multipart/form-data"),
        (CheckoutForm = "application/json"),
    )),
    responses(
        (status = 200, content_type = "text/html", description = "Where the payment stands now."),
        (status = 303, description = "Back to `success_url` or `cancel_url`."),
        (status = 400, content_type = "text/html", description = "The form cannot be read."),
        (status = 413, content_type = "text/html", description = "The form is longer than 1 MiB."),
        (status = 402, content_type = "text/html", description = "Declined; the page says why."),
        (status = 404, content_type = "text/html", description = "There is no such payment."),
        (status = 422, content_type = "text/html", description = "Fields that fail; the page says which."),
        (status = 429, content_type = "text/html", description = "Too many at once."),
        (status = 503, content_type = "text/html", description = "Not now; the page says what to do."),
    ),
)]
async fn act(State(app): State<App>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let fallback = language(None, &parts.headers);
    let body = match bounded::read(body).await {
        Ok(body) => body,
        Err(unread) => return unread_page(unread, fallback),
    };
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Ok(fields) = body::parse(content_type, &body) else {
        return problem_page(ProblemKind::Unreadable, fallback, None);
    };
    let form = Form::new(&fields);
    let language = language(form.text("language"), &parts.headers);
    match Visit::open(app, form.text("payment_id"), language).await {
        Ok(visit) => {
            let id = visit.view.payment;
            visit.act(&form).await.unwrap_or_else(|problem| problem_page(problem, language, Some(id)))
        }
        Err(problem) => problem_page(problem, language, None),
    }
}

impl Visit {
    async fn open(app: App, payment: Option<&str>, language: Language) -> Result<Self, ProblemKind> {
        let payment: PaymentId = payment.and_then(|id| id.parse().ok()).ok_or(ProblemKind::NotFound)?;
        let read = async || -> Result<Option<Self>, ReadError> {
            let models = app.current_models().await?;
            // Before the payment itself: a revision that is older than what is shown is refused later on, one
            // that is newer would let a form through that was filled in for another state of affairs.
            let revision = models.streams().last_revision(StreamId::Payment(payment))?;
            let (Some(revision), Some(view)) = (revision, models.payments().get(&payment)?) else {
                return Ok(None);
            };
            let now = models.realms().now(view.realm, app.engine().now())?;
            let view = view.as_of(now);
            let merchant = models.merchants().get(view.merchant)?;
            let vault = app.engine().vault();
            let private =
                view.private.as_ref().map(|sealed| Private::open(vault, sealed)).transpose()?.flatten();
            let merchant_name = merchant.map(|merchant| merchant.name).unwrap_or_default();
            Ok(Some(Self { app: app.clone(), language, view, revision, merchant_name, private }))
        };
        match read().await {
            Ok(visit) => visit.ok_or(ProblemKind::NotFound),
            Err(error) => {
                tracing::error!(%error, "a checkout page could not be read");
                Err(ProblemKind::Unavailable)
            }
        }
    }

    /// What is still to be paid.
    fn due(&self) -> Money {
        self.view.total.minus(self.view.paid).unwrap_or(self.view.total)
    }

    /// Every method that can take what is still to be paid: the page offers these, and no others are accepted.
    /// None in live until one is switched on.
    fn offered(&self) -> Vec<Method> {
        if !self.view.realm.is_test() {
            return Vec::new();
        }
        let begun_with = self.view.means.map(|means| means.method);
        let takes_it = |method: &Method| match self.view.stage {
            Stage::Created => method.accepts(self.view.total),
            // Parts are of one brand, and only of one that lets a payment go on with another number.
            Stage::Pending => begun_with == Some(*method) && can_continue(*method),
            Stage::AwaitingCustomer
            | Stage::Authorized
            | Stage::Captured
            | Stage::Refunded
            | Stage::Cancelled
            | Stage::Expired
            | Stage::Failed
            | Stage::ChargedBack => false,
        };
        Method::ALL.into_iter().filter(takes_it).collect()
    }
}

fn unread_page(unread: Unread, language: Language) -> Answer {
    let (status, kind) = match unread {
        Unread::TooLong { .. } => (StatusCode::PAYLOAD_TOO_LARGE, ProblemKind::Unreadable),
        Unread::TooMany => return problem_page(ProblemKind::TooManyRequests, language, None),
        Unread::Broken => (StatusCode::BAD_REQUEST, ProblemKind::Unreadable),
    };
    let problem = checkout::Problem { kind, payment_id: None };
    Answer::Page(status, problem.render(language))
}

fn problem_page(kind: ProblemKind, language: Language, payment: Option<PaymentId>) -> Answer {
    let status = match kind {
        ProblemKind::NotFound => StatusCode::NOT_FOUND,
        ProblemKind::Unreadable => StatusCode::BAD_REQUEST,
        ProblemKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ProblemKind::Unavailable | ProblemKind::OutcomeUnknown => StatusCode::SERVICE_UNAVAILABLE,
    };
    let problem = checkout::Problem { kind, payment_id: payment.map(|id| id.to_string()) };
    Answer::Page(status, problem.render(language))
}

fn language(picked: Option<&str>, headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::choose(picked, accepted)
}

/// The current year and month in Asia/Tokyo, by the wall clock: cards expire in the real world.
fn tokyo_month(now: Timestamp) -> (u16, u8) {
    let (year, month) = now.tokyo_month();
    (u16::try_from(year).unwrap_or_default(), month)
}

/// Card errors in the page's words.
const fn field_error(error: card::CardError) -> checkout::trouble::FieldError {
    use card::CardError as Typed;
    use checkout::trouble::FieldError as Shown;
    match error {
        Typed::NumberMissing => Shown::NumberMissing,
        Typed::NumberInvalid => Shown::NumberInvalid,
        Typed::ExpiryMissing => Shown::ExpiryMissing,
        Typed::ExpiryInvalid => Shown::ExpiryInvalid,
        Typed::ExpiryPast => Shown::ExpiryPast,
        Typed::VerificationValueInvalid => Shown::VerificationValueInvalid,
    }
}
