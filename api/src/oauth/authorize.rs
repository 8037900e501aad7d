//! `/oauth/authorize`: a user logs in, agrees, and is sent back to the app with a code.
//!
//! Errors are shown for as long as nobody knows where to send them; from then on the app is told. Every form carries
//! what the app asked, and it is read anew with each: nothing is kept of an app's wish until a user has agreed.

use axum::{
    extract::{RawQuery, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use choai_engine::Fault;
use choai_projections::UserView;
use tower_http::csrf::CsrfLayer;
use url::Url;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    clients::Client,
    errors::Error,
    pkce,
    request::{check_scope, find},
    rows::{CODE_LIFETIME, Code},
};
use crate::{
    accounts::{
        email,
        login::{self, LoginError},
        profile::Profile,
        sessions::{self, Who},
    },
    app::{App, ReadError},
    http::{
        body::{self, Fields, Value},
        bounded,
    },
    pages::{
        agree::{AskedFields, Consent, LogIn, Problem, Trouble},
        checkout,
        language::Language,
    },
};

/// `GET` and `POST /oauth/authorize`. Forms that come from elsewhere are refused.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, act)).layer(CsrfLayer::new())
}

/// The form that the pages post, for the API description.
#[derive(ToSchema)]
#[schema(as = OAuthAuthorizeForm)]
#[expect(dead_code, reason = "describes a form that is read field by field")]
struct AuthorizeForm {
    /// `log_in`, `approve`, `deny` or `log_out`.
    #[schema(example = "approve")]
    action: String,
    /// With `log_in`.
    email: Option<String>,
    /// With `log_in`.
    password: Option<String>,
    /// As in the query, like all that follow.
    response_type: String,
    /// The app.
    client_id: String,
    /// Where the user is sent back to.
    redirect_uri: Option<String>,
    /// Empty: there are no scopes.
    scope: Option<String>,
    /// Given back to the app.
    state: Option<String>,
    /// SHA-256 of the verifier, in base64url.
    code_challenge: String,
    /// `S256`.
    code_challenge_method: String,
}

/// Let an app in
///
/// Where the app sends the user: to log in, to agree, and back with a code that can be exchanged once, within 60 seconds.
#[utoipa::path(
    get,
    path = "/oauth/authorize",
    tag = "ITO-Japan OAuth",
    params(
        ("response_type" = String, Query, description = "`code`."),
        ("client_id" = String, Query, description = "The app: a public client."),
        ("redirect_uri" = Option<String>, Query, description = "One of those that the app was registered with, letter by letter; may be left out if there is one only."),
        ("scope" = Option<String>, Query, description = "Empty: there are no scopes."),
        ("state" = Option<String>, Query, description = "Given back to the app."),
        ("code_challenge" = String, Query, description = "SHA-256 of the verifier, in base64url."),
        ("code_challenge_method" = String, Query, description = "`S256`."),
        ("prompt" = Option<String>, Query, description = "`none`: no page; whoever is not logged in or has not agreed before is sent back with `access_denied`."),
        ("language" = Option<String>, Query, description = "`ja` or `en`; `Accept-Language` unless given."),
    ),
    responses(
        (status = 200, content_type = "text/html", description = "A page to log in on, or to agree."),
        (status = 303, description = "Back to the app, with `code` or `error`, `state` and `iss`."),
        (status = 400, content_type = "text/html", description = "The app asked wrongly, and nobody knows where to send that."),
        (status = 401, content_type = "text/html", description = "No such app, or not such a redirect URI of it."),
        (status = 503, content_type = "text/html", description = "Not now; try again."),
    ),
)]
async fn show(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Ok(fields) = body::parse_query(&query.unwrap_or_default()) else {
        let language = language(&Fields::default(), &headers);
        return page(StatusCode::BAD_REQUEST, Problem::Request.render(None, language));
    };
    let language = language(&fields, &headers);
    answer(Visit::open(&app, &fields, &headers).await, language, async |visit| visit.show(None).await).await
}

/// Log in, agree, or do not
///
/// What the pages' forms do.
#[utoipa::path(
    post,
    path = "/oauth/authorize",
    tag = "ITO-Japan OAuth",
    request_body(content((AuthorizeForm = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, content_type = "text/html", description = "The next page."),
        (status = 303, description = "Logged in or out, and to be asked again; or back to the app, with `code` or `error`."),
        (status = 400, content_type = "text/html", description = "The form cannot be read."),
        (status = 401, content_type = "text/html", description = "No such app, or not such a redirect URI of it."),
        (status = 403, description = "The form comes from another site."),
        (status = 422, content_type = "text/html", description = "No such address, or not that password."),
        (status = 429, content_type = "text/html", description = "Too many tries."),
        (status = 503, content_type = "text/html", description = "Not now; try again."),
    ),
)]
async fn act(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let fields = match bounded::read(body).await {
        Ok(body) => body::parse(content_type, &body).ok(),
        Err(_) => None,
    };
    let Some(fields) = fields else {
        let language = language(&Fields::default(), &parts.headers);
        return page(StatusCode::BAD_REQUEST, Problem::Request.render(None, language));
    };
    let language = language(&fields, &parts.headers);
    let opened = Visit::open(&app, &fields, &parts.headers).await;
    answer(opened, language, async |visit| match text(&fields, "action") {
        Some("log_in") => visit.log_in(&fields).await,
        Some("log_out") => visit.log_out(&parts.headers).await,
        Some("approve") => visit.approve().await,
        Some("deny") => Ok(visit.denied()),
        Some(_) | None => Err(Stop::Shown(Problem::Request, Error::parameter("action"))),
    })
    .await
}

/// Why there is no next page.
enum Stop {
    /// Nobody knows where to send it.
    Shown(Problem, Error),
    /// The app is told.
    Told(Box<Answered>, Error),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        ReadError::from(fault).into()
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "an app's request could not be answered");
        Self::Shown(Problem::Unavailable, Error::Unavailable)
    }
}

async fn answer(
    opened: Result<Visit, Stop>,
    language: Language,
    then: impl AsyncFnOnce(&Visit) -> Result<Response, Stop>,
) -> Response {
    let done = match &opened {
        Ok(visit) => then(visit).await,
        Err(_) => Err(opened.err().expect("it was an error a moment ago")),
    };
    match done {
        Ok(response) => response,
        Err(Stop::Shown(problem, error)) => {
            let (status, _, _, hint) = error.parts();
            page(status, problem.render(hint.as_deref(), language))
        }
        Err(Stop::Told(back, error)) => {
            let (_, word, description, hint) = error.parts();
            back.send(&[
                ("error", word),
                ("error_description", description),
                ("hint", hint.as_deref().unwrap_or_default()),
            ])
        }
    }
}

/// Where the app is told, and what comes with every answer.
#[derive(Debug, Clone)]
struct Answered {
    redirect_uri: Url,
    state: Option<String>,
    issuer: String,
}

impl Answered {
    /// Sends the user back with these, leaving out what is empty.
    fn send(&self, pairs: &[(&str, &str)]) -> Response {
        let mut url = self.redirect_uri.clone();
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
            if let Some(state) = &self.state {
                query.append_pair("state", state);
            }
            query.append_pair("iss", &self.issuer);
        }
        dressed(Redirect::to(url.as_str()).into_response())
    }
}

/// An app's wish, found to be one, and who is logged in.
struct Visit {
    app: App,
    language: Language,
    client: Client,
    tenant: String,
    asked: AskedFields,
    redirect_uri: String,
    back: Answered,
    challenge: String,
    is_prompt_none: bool,
    user: Option<UserView>,
}

impl Visit {
    async fn open(app: &App, fields: &Fields, headers: &HeaderMap) -> Result<Self, Stop> {
        let shown = |error| Stop::Shown(Problem::App, error);
        let id = text(fields, "client_id").ok_or_else(|| shown(Error::parameter("client_id")))?;
        let unknown = || shown(Error::InvalidClient(false));
        let client = find(app, id).await?.ok_or_else(unknown)?;
        let redirect_uri = match (text(fields, "redirect_uri"), client.redirect_uris()) {
            (Some(uri), known) if known.iter().any(|known| known == uri) => uri.to_owned(),
            (None, [only]) => only.clone(),
            (Some(_) | None, _) => return Err(unknown()),
        };
        let back = Answered {
            redirect_uri: Url::parse(&redirect_uri).map_err(|_| unknown())?,
            state: text(fields, "state").map(str::to_owned),
            issuer: app.public_url().to_owned(),
        };
        let told = |error| Stop::Told(Box::new(back.clone()), error);
        if text(fields, "response_type") != Some("code") {
            return Err(told(Error::parameter("response_type")));
        }
        check_scope(text(fields, "scope")).map_err(told)?;
        let challenge = challenge(fields).map_err(told)?;
        let tenant = app.models().merchants().get(client.tenant)?.map(|merchant| merchant.name);
        let names = [
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "code_challenge",
            "code_challenge_method",
            "language",
        ];
        let asked =
            names.into_iter().filter_map(|name| Some((name, text(fields, name)?.to_owned()))).collect();
        let user = logged_in(app, &client, headers).await?;
        Ok(Self {
            app: app.clone(),
            language: language(fields, headers),
            tenant: tenant.unwrap_or_default(),
            asked,
            redirect_uri,
            challenge,
            is_prompt_none: text(fields, "prompt") == Some("none"),
            user,
            back,
            client,
        })
    }

    /// The next page for whoever is, or is not, logged in.
    async fn show(&self, last_try: Option<(StatusCode, Trouble, &str)>) -> Result<Response, Stop> {
        let Some(user) = &self.user else {
            if self.is_prompt_none {
                return Ok(self.denied());
            }
            let (status, trouble, email) = match last_try {
                Some((status, trouble, email)) => (status, Some(trouble), email.to_owned()),
                None => (StatusCode::OK, None, String::new()),
            };
            let (app, tenant, asked) = (self.client.name.clone(), self.tenant.clone(), self.asked.clone());
            let login = LogIn { app, tenant, asked, email, trouble };
            return Ok(page(status, login.render(self.language)));
        };
        let (number, client_id) = (user.user, self.client.id.clone());
        if self.app.oauth().blocking(&self.app, move |rows| rows.has_allowed(number, &client_id)).await? {
            return self.approve().await;
        }
        if self.is_prompt_none {
            return Ok(self.denied());
        }
        let vault = self.app.engine().vault();
        let profile = user.profile.as_ref().map(|sealed| Profile::open(vault, sealed)).transpose()?.flatten();
        let consent = Consent {
            app: self.client.name.clone(),
            tenant: self.tenant.clone(),
            asked: self.asked.clone(),
            name: profile.map(|profile| profile.name).unwrap_or_default(),
            host: self.back.redirect_uri.host_str().unwrap_or(self.back.redirect_uri.scheme()).to_owned(),
        };
        Ok(page(StatusCode::OK, consent.render(self.language)))
    }

    async fn log_in(&self, fields: &Fields) -> Result<Response, Stop> {
        let (typed, password) = (text(fields, "email").unwrap_or_default(), text(fields, "password"));
        let again = async |status, trouble| self.show(Some((status, trouble, typed))).await;
        let index = email::index_of_user(self.app.engine().vault(), self.client.tenant, typed.trim());
        let found = match login::check(&self.app, index, password.unwrap_or_default()).await {
            Ok(found) => found,
            Err(LoginError::Busy(_)) => return again(StatusCode::TOO_MANY_REQUESTS, Trouble::TooMany).await,
            Err(LoginError::Fault(fault)) => return Err(fault.into()),
        };
        let Some(user) = found.and_then(login::user) else {
            return again(StatusCode::UNPROCESSABLE_ENTITY, Trouble::Wrong).await;
        };
        let cookie = sessions::begin(&self.app, Who::User(user)).await?;
        Ok(self.asked_again(cookie))
    }

    async fn log_out(&self, headers: &HeaderMap) -> Result<Response, Stop> {
        let cookie = sessions::end(&self.app, headers).await?;
        Ok(self.asked_again(cookie))
    }

    /// Back to the beginning, by a link that can be loaded anew.
    fn asked_again(&self, cookie: HeaderValue) -> Response {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.asked);
        let mut response =
            dressed(Redirect::to(&format!("/oauth/authorize?{}", query.finish())).into_response());
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        response
    }

    async fn approve(&self) -> Result<Response, Stop> {
        let Some(user) = &self.user else { return Box::pin(self.show(None)).await };
        let code = Code {
            client_id: self.client.id.clone(),
            tenant: self.client.tenant,
            user: user.user,
            redirect_uri: self.redirect_uri.clone(),
            challenge: self.challenge.clone(),
            ends_at: self.app.engine().now() + CODE_LIFETIME,
            became: None,
        };
        let code = self.app.oauth().blocking(&self.app, move |rows| rows.issue_code(code)).await?;
        Ok(self.back.send(&[("code", &code)]))
    }

    fn denied(&self) -> Response {
        let description = "The resource owner or authorization server denied the request.";
        let hint = "The user denied the request";
        self.back.send(&[("error", "access_denied"), ("error_description", description), ("hint", hint)])
    }
}

/// The challenge; without one, or by another method, whoever intercepts the code could exchange it.
fn challenge(fields: &Fields) -> Result<String, Error> {
    let challenge = text(fields, "code_challenge")
        .ok_or_else(|| Error::InvalidRequest("Code challenge must be provided for public clients".into()))?;
    if text(fields, "code_challenge_method") != Some("S256") {
        return Err(Error::InvalidRequest("Code challenge method must be one of `S256`".into()));
    }
    match pkce::is_well_formed(challenge) {
        true => Ok(challenge.to_owned()),
        false => {
            Err(Error::InvalidRequest("Code challenge must follow the specifications of RFC-7636.".into()))
        }
    }
}

/// The user of the app's tenant who is logged in.
async fn logged_in(app: &App, client: &Client, headers: &HeaderMap) -> Result<Option<UserView>, Stop> {
    let Some(Who::User(user)) = sessions::current(app, headers)? else { return Ok(None) };
    let models = app.current_models().await.map_err(ReadError::from)?;
    let user = models.users().get(user)?;
    Ok(user.filter(|user| user.tenant == client.tenant && user.closed_at.is_none()))
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    match fields.get(name)? {
        Value::Text(text) => Some(text.as_str()).filter(|text| !text.is_empty()),
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
    dressed((status, Html(html)).into_response())
}

/// What every answer gets that a browser shows.
fn dressed(mut response: Response) -> Response {
    let set = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CONTENT_SECURITY_POLICY, checkout::content_security_policy()),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in set {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
