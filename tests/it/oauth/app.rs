//! A merchant's OAuth client, an app that its users let in, and what both ask for.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::harness::{Answered, Server};

/// Where the app has users sent back to.
pub const CALLBACK: &str = "http://127.0.0.1:9/callback";
/// Source: RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const PASSWORD: &str = "correcthorse4Battery";

/// A merchant's own OAuth client.
pub struct Shop {
    pub merchant_id: u64,
    pub client_id: String,
    pub client_secret: String,
}

impl Shop {
    pub async fn open(server: &Server) -> Self {
        let (status, made) =
            server.operator_post("/operator/merchants", &json!({ "name": "茶舗" })).answer().await;
        assert_eq!(status, 200, "{made}");
        let text = |name: &str| made[name].as_str().expect("shown this once").to_owned();
        Self {
            merchant_id: made["merchant_id"].as_u64().expect("a number"),
            client_id: text("client_id"),
            client_secret: text("client_secret"),
        }
    }

    /// The fields of the document's request for a token.
    pub fn credentials(&self) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "client_credentials".into()),
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.clone()),
            ("scope", String::new()),
        ]
    }

    /// An access token for itself.
    pub async fn token(&self, server: &Server) -> String {
        access_token(server.post("/oauth/token").form(&self.credentials())).await
    }

    /// A user of its own, with [`PASSWORD`].
    pub async fn user(&self, server: &Server, token: &str, email: &str) -> u64 {
        let fields = json!({ "name": "山田 花子", "email": email, "password": PASSWORD });
        let asked = server.post("/api/oauth/merchant/users").bearer_auth(token).json(&fields);
        let (status, made) = asked.answer().await;
        assert_eq!(status, 201, "{made}");
        made["data"]["id"].as_u64().expect("a number")
    }

    /// An app that its users may let in; its client id.
    pub async fn app(&self, server: &Server) -> String {
        let body =
            json!({ "merchant_id": self.merchant_id, "name": "お茶アプリ", "redirect_uris": [CALLBACK] });
        let (status, made) = server.operator_post("/operator/oauth/clients", &body).answer().await;
        assert_eq!(status, 200, "{made}");
        made["client_id"].as_str().expect("an id").to_owned()
    }
}

/// The access token that a request is answered with.
pub async fn access_token(request: RequestBuilder) -> String {
    let (status, answer) = request.answer().await;
    assert_eq!(status, 200, "{answer}");
    answer["access_token"].as_str().expect("a token").to_owned()
}

/// The query of the document's first step.
pub fn wish(app: &str) -> Vec<(&'static str, String)> {
    vec![
        ("response_type", "code".into()),
        ("client_id", app.into()),
        ("redirect_uri", CALLBACK.into()),
        ("scope", String::new()),
        ("state", "xyz".into()),
        ("code_challenge", CHALLENGE.into()),
        ("code_challenge_method", "S256".into()),
    ]
}

/// The fields of the document's second step.
pub fn exchange(app: &str, code: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "authorization_code".into()),
        ("client_id", app.into()),
        ("redirect_uri", CALLBACK.into()),
        ("code", code.into()),
        ("code_verifier", VERIFIER.into()),
    ]
}

/// `fields` with one of them otherwise; without it where `value` is `None`.
pub fn with(
    fields: Vec<(&'static str, String)>,
    name: &'static str,
    value: Option<&str>,
) -> Vec<(&'static str, String)> {
    let others = fields.into_iter().filter(|(known, _)| *known != name);
    others.chain(value.map(|value| (name, value.to_owned()))).collect()
}

/// A browser that an app has sent to us.
pub fn visit(server: &Server, query: &[(&'static str, String)]) -> RequestBuilder {
    let url = reqwest::Url::parse_with_params(&server.url("/oauth/authorize"), query);
    server.http.get(url.expect("a URL"))
}

/// An answer to a browser: its status, where it leads, and the cookie it sets.
pub struct Page {
    pub status: u16,
    pub location: String,
    pub cookie: String,
    pub text: String,
}

pub async fn page(request: RequestBuilder) -> Page {
    let response = request.send().await.expect("the server answers");
    let header = |name: &str| {
        let value = response.headers().get(name).map(|value| value.to_str().expect("plain text").to_owned());
        value.unwrap_or_default()
    };
    let (status, location) = (response.status().as_u16(), header("location"));
    let cookie = header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    Page { status, location, cookie, text: response.text().await.expect("the answer has an end") }
}

/// Logs in on the app's behalf; gives the session's cookie.
pub async fn log_in(server: &Server, app: &str, email: &str) -> String {
    let typed = [("action", "log_in"), ("email", email), ("password", PASSWORD)];
    let form: Vec<_> =
        wish(app).into_iter().chain(typed.map(|(name, value)| (name, value.to_owned()))).collect();
    let answered = page(server.post("/oauth/authorize").form(&form)).await;
    assert_eq!(answered.status, 303, "{}", answered.text);
    assert!(answered.cookie.starts_with("__Host-choai_session=ss_"), "{}", answered.cookie);
    answered.cookie
}

/// Agrees; gives the code.
pub async fn agree(server: &Server, app: &str, cookie: &str) -> String {
    let form = with(wish(app), "action", Some("approve"));
    let answered = page(server.post("/oauth/authorize").header("cookie", cookie).form(&form)).await;
    assert_eq!(answered.status, 303, "{}", answered.text);
    parameter(&answered.location, "code").expect("a code")
}

/// A parameter of a redirect to the app.
pub fn parameter(location: &str, name: &str) -> Option<String> {
    let query = location.strip_prefix(CALLBACK)?.strip_prefix('?')?;
    let url = reqwest::Url::parse(&format!("http://a/?{query}")).expect("a query");
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// What an error answer says, in one line.
pub fn said(status: u16, answer: &Value) -> String {
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    format!("{status} {} {}", text("error"), text("hint")).trim_end().to_owned()
}
