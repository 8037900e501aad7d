//! The page on which a user sets a password, by a link that works once.

use axum::{
    extract::{RawQuery, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use tower_http::csrf::CsrfLayer;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    agree::{PasswordTrouble, Problem, SetPassword},
    checkout,
    language::Language,
};
use crate::{
    accounts::{
        passwords::PASSWORD_CHARS,
        users::{UserError, accept_invitation, invited},
    },
    app::App,
    http::{
        body::{self, Fields, Value},
        bounded,
    },
};

/// `GET` and `POST /account/password`. Forms that come from elsewhere are refused.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, set)).layer(CsrfLayer::new())
}

/// The form that the page posts, for the API description.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read field by field")]
struct PasswordForm {
    /// Of the link.
    token: String,
    /// 8 to 128 characters.
    password: String,
    /// `ja` or `en`.
    language: Option<String>,
}

/// The page to set a password on
#[utoipa::path(
    get,
    path = "/account/password",
    tag = "ITO-Japan OAuth",
    params(
        ("token" = String, Query, description = "Of the link in `set_password_url`."),
        ("language" = Option<String>, Query, description = "`ja` or `en`; `Accept-Language` unless given."),
    ),
    responses(
        (status = 200, content_type = "text/html", description = "The form."),
        (status = 404, content_type = "text/html", description = "The link was used, or is too old."),
        (status = 503, content_type = "text/html", description = "Not now; try again."),
    ),
)]
async fn show(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let fields = body::parse_query(&query.unwrap_or_default()).unwrap_or_default();
    let (token, language) = (text(&fields, "token").unwrap_or_default(), language(&fields, &headers));
    match invited(&app, token) {
        Ok(Some(_)) => form(StatusCode::OK, token, None, language),
        Ok(None) => problem(StatusCode::NOT_FOUND, Problem::Link, language),
        Err(error) => unavailable(&error.into(), language),
    }
}

/// Set a password
#[utoipa::path(
    post,
    path = "/account/password",
    tag = "ITO-Japan OAuth",
    request_body(content((PasswordForm = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, content_type = "text/html", description = "It is set, and everything the user had allowed before has ended."),
        (status = 400, content_type = "text/html", description = "The form cannot be read."),
        (status = 403, description = "The form comes from another site."),
        (status = 404, content_type = "text/html", description = "The link was used, or is too old."),
        (status = 422, content_type = "text/html", description = "Too short or too long."),
        (status = 429, content_type = "text/html", description = "Too many at once."),
        (status = 503, content_type = "text/html", description = "Not now; try again."),
    ),
)]
async fn set(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let fields = bounded::read(body).await.ok().and_then(|body| body::parse(content_type, &body).ok());
    let Some(fields) = fields else {
        return problem(
            StatusCode::BAD_REQUEST,
            Problem::Request,
            language(&Fields::default(), &parts.headers),
        );
    };
    let language = language(&fields, &parts.headers);
    let (token, password) = (text(&fields, "token").unwrap_or_default(), text(&fields, "password"));
    let password = password.unwrap_or_default();
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        return form(StatusCode::UNPROCESSABLE_ENTITY, token, Some(PasswordTrouble::Length), language);
    }
    match accept_invitation(&app, token, password).await {
        Ok(Some(_)) => page(StatusCode::OK, Problem::PasswordSet.render(None, language)),
        Ok(None) => problem(StatusCode::NOT_FOUND, Problem::Link, language),
        Err(UserError::Busy(_)) => {
            form(StatusCode::TOO_MANY_REQUESTS, token, Some(PasswordTrouble::TooMany), language)
        }
        Err(error) => unavailable(&error, language),
    }
}

fn form(status: StatusCode, token: &str, trouble: Option<PasswordTrouble>, language: Language) -> Response {
    page(status, SetPassword { token: token.to_owned(), trouble }.render(language))
}

fn problem(status: StatusCode, problem: Problem, language: Language) -> Response {
    page(status, problem.render(None, language))
}

fn unavailable(error: &UserError, language: Language) -> Response {
    tracing::error!(%error, "a password could not be set");
    problem(StatusCode::SERVICE_UNAVAILABLE, Problem::Unavailable, language)
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    match fields.get(name)? {
        Value::Text(text) => Some(text),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::File { .. } => None,
    }
}

fn language(fields: &Fields, headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::choose(text(fields, "language"), accepted)
}

fn page(status: StatusCode, html: String) -> Response {
    let mut response = (status, Html(html)).into_response();
    let set = [
        (header::CACHE_CONTROL, "no-store"),
        // The address of this page holds a secret.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, checkout::content_security_policy()),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in set {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
