//! Codes: a user agrees, and an app exchanges what it was sent, once.

use serde_json::{Value, json};

use super::app::{
    CALLBACK, PASSWORD, Shop, VERIFIER, agree, exchange, log_in, page, parameter, said, visit, wish, with,
};
use crate::harness::{Answered, Server};

const EMAIL: &str = "hanako@example.com";

async fn desk() -> (Server, Shop, String, String) {
    let server = Server::start();
    let shop = Shop::open(&server).await;
    let token = shop.token(&server).await;
    shop.user(&server, &token, EMAIL).await;
    let app = shop.app(&server).await;
    let cookie = log_in(&server, &app, EMAIL).await;
    (server, shop, app, cookie)
}

async fn me(server: &Server, token: &Value) -> (u16, Value) {
    server.get("/api/oauth/user/me").bearer_auth(token.as_str().expect("a token")).answer().await
}

#[tokio::test]
async fn an_app_is_let_in_and_goes_on_by_refreshing() {
    let (server, _, app, cookie) = desk().await;
    let code = agree(&server, &app, &cookie).await;
    let (status, tokens) = server.post("/oauth/token").form(&exchange(&app, &code)).answer().await;
    assert_eq!(status, 200, "{tokens}");
    let names: Vec<_> = tokens.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(names, ["token_type", "expires_in", "access_token", "refresh_token"]);
    let (status, seen) = me(&server, &tokens["access_token"]).await;
    assert_eq!((status, &seen["data"]["email"]), (200, &json!(EMAIL)), "{seen}");

    let refresh = |token: &Value| {
        let token = token.as_str().expect("a token").to_owned();
        let fields = [
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", app.clone()),
            ("refresh_token", token),
        ];
        server.post("/oauth/token").form(&fields)
    };
    let (status, next) = refresh(&tokens["refresh_token"]).answer().await;
    assert_eq!(status, 200, "{next}");
    assert_eq!(me(&server, &tokens["access_token"]).await.0, 401, "the first pair has ended");
    assert_eq!(me(&server, &next["access_token"]).await.0, 200);
    let (status, again) = refresh(&tokens["refresh_token"]).answer().await;
    assert_eq!(said(status, &again), "400 invalid_grant Token has been revoked");
    assert_eq!(me(&server, &next["access_token"]).await.0, 200, "a retry at once is no theft");
    // Whoever has agreed is not asked again.
    let query = wish(&app);
    let answered = page(visit(&server, &query).header("cookie", &cookie)).await;
    assert_eq!((answered.status, parameter(&answered.location, "state")), (303, Some("xyz".into())));
    assert!(parameter(&answered.location, "code").is_some());
    server.audit_full();
}

#[tokio::test]
async fn a_code_that_is_not_what_it_should_be_leads_to_nothing() {
    let (server, shop, app, cookie) = desk().await;
    let code = agree(&server, &app, &cookie).await;
    let other = shop.app(&server).await;
    let right = || exchange(&app, &code);
    let wrong_verifier = VERIFIER.replace('d', "e");
    for (fields, expected) in [
        (
            with(right(), "code", Some("ac_nobody")),
            "400 invalid_grant Cannot validate the provided authorization code",
        ),
        (
            with(right(), "client_id", Some(&other)),
            "400 invalid_request Authorization code was not issued to this client",
        ),
        (with(right(), "redirect_uri", None), "400 invalid_request Check the `redirect_uri` parameter"),
        (with(right(), "redirect_uri", Some(&format!("{CALLBACK}/"))), "401 invalid_client"),
        (with(right(), "code_verifier", None), "400 invalid_request Check the `code_verifier` parameter"),
        (
            with(right(), "code_verifier", Some("short")),
            "400 invalid_request Code Verifier must follow the specifications of RFC-7636.",
        ),
        (
            with(right(), "code_verifier", Some(&wrong_verifier)),
            "400 invalid_grant Failed to verify `code_verifier`.",
        ),
    ] {
        let (status, answer) = server.post("/oauth/token").form(&fields).answer().await;
        assert_eq!(said(status, &answer), expected, "{fields:?}");
    }
    let (status, tokens) = server.post("/oauth/token").form(&right()).answer().await;
    assert_eq!(status, 200, "none of that used it up: {tokens}");
    let (status, answer) = server.post("/oauth/token").form(&right()).answer().await;
    assert_eq!(said(status, &answer), "400 invalid_grant Authorization code has been revoked");
    assert_eq!(me(&server, &tokens["access_token"]).await.0, 401, "used again, it revokes what it gave");
}

#[tokio::test]
async fn an_app_that_is_not_known_gets_nobody_sent_anywhere() {
    let (server, _, app, cookie) = desk().await;
    for (query, status) in [
        (with(wish(&app), "client_id", None), 400),
        (with(wish(&app), "client_id", Some("nobody")), 401),
        (with(wish(&app), "redirect_uri", Some("https://evil.example/")), 401),
        (with(wish(&app), "redirect_uri", Some(&format!("{CALLBACK}?"))), 401),
        (with(wish(&app), "redirect_uri", Some(&CALLBACK.replace("callback", "Callback"))), 401),
    ] {
        for request in [
            visit(&server, &query),
            server.post("/oauth/authorize").form(&with(query.clone(), "action", Some("approve"))),
        ] {
            let answered = page(request.header("cookie", &cookie)).await;
            assert_eq!((answered.status, answered.location.as_str()), (status, ""), "{query:?}");
        }
    }
}

#[tokio::test]
async fn an_app_that_asks_wrongly_is_told_where_it_wants_users_sent() {
    let (server, _, app, cookie) = desk().await;
    for (query, error, hint) in [
        (
            with(wish(&app), "response_type", Some("token")),
            "invalid_request",
            "Check the `response_type` parameter",
        ),
        (with(wish(&app), "scope", Some("all")), "invalid_scope", "Check the `all` scope"),
        (
            with(wish(&app), "code_challenge", None),
            "invalid_request",
            "Code challenge must be provided for public clients",
        ),
        (
            with(wish(&app), "code_challenge_method", None),
            "invalid_request",
            "Code challenge method must be one of `S256`",
        ),
        (
            with(wish(&app), "code_challenge_method", Some("plain")),
            "invalid_request",
            "Code challenge method must be one of `S256`",
        ),
        (
            with(wish(&app), "code_challenge", Some("short")),
            "invalid_request",
            "Code challenge must follow the specifications of RFC-7636.",
        ),
        (with(wish(&app), "action", Some("deny")), "access_denied", "The user denied the request"),
    ] {
        let action = with(query.clone(), "action", Some("deny"));
        let answered = page(server.post("/oauth/authorize").header("cookie", &cookie).form(&action)).await;
        assert_eq!(answered.status, 303, "{query:?}");
        let told = |name| parameter(&answered.location, name).unwrap_or_default();
        assert_eq!((told("error").as_str(), told("hint").as_str()), (error, hint));
        assert_eq!((told("state"), told("iss")), ("xyz".into(), server.url("")));
        assert_eq!(told("code"), "");
    }
    let silent = with(wish(&app), "prompt", Some("none"));
    let answered = page(visit(&server, &silent)).await;
    assert_eq!(
        parameter(&answered.location, "error").as_deref(),
        Some("access_denied"),
        "nobody is logged in"
    );
}

#[tokio::test]
async fn who_logs_in_is_told_nothing_about_others() {
    let (server, _, app, cookie) = desk().await;
    let other = Shop::open(&server).await;
    let elsewhere = other.app(&server).await;
    let log_in = async |app: &str, email: &str, password: &str| {
        let typed = [("action", "log_in"), ("email", email), ("password", password)];
        let form: Vec<_> =
            wish(app).into_iter().chain(typed.map(|(name, value)| (name, value.to_owned()))).collect();
        page(server.post("/oauth/authorize").form(&form)).await
    };
    let shown = async |app: &str, email: &str, password: &str| {
        let answered = log_in(app, email, password).await;
        assert_eq!((answered.status, answered.cookie.as_str()), (422, ""), "{email}");
        answered.text.replace(email, "").replace(app, "")
    };
    let wrong_password = shown(&app, EMAIL, "wrong-horse").await;
    assert!(wrong_password.contains("not right"), "{wrong_password}");
    assert_eq!(shown(&app, "nobody@example.com", PASSWORD).await, wrong_password);
    assert_eq!(shown(&app, EMAIL, "").await, wrong_password);
    // A session is one tenant's: elsewhere its user is asked to log in.
    assert!(
        shown(&elsewhere, EMAIL, PASSWORD).await.contains("not right"),
        "another merchant's users are not ours"
    );
    let answered = page(visit(&server, &wish(&elsewhere)).header("cookie", &cookie)).await;
    assert!(answered.status == 200 && answered.text.contains("name=\"password\""), "{}", answered.text);
}

#[tokio::test]
async fn forms_from_elsewhere_are_refused() {
    let (server, _, app, cookie) = desk().await;
    let form = with(wish(&app), "action", Some("approve"));
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        let request =
            server.post("/oauth/authorize").header("cookie", &cookie).header(name, value).form(&form);
        let answered = page(request).await;
        assert_eq!((answered.status, answered.location.as_str()), (403, ""), "{name}: {value}");
    }
    let own =
        server.post("/oauth/authorize").header("cookie", &cookie).header("sec-fetch-site", "same-origin");
    assert_eq!(page(own.form(&form)).await.status, 303);
}
