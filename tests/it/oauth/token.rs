//! `POST /oauth/token`: every answer has Passport's status and body.

use serde_json::json;

use super::app::{Shop, access_token, said, with};
use crate::harness::{Answered, Server};

#[tokio::test]
async fn a_merchant_gets_a_token_however_it_asks() {
    let server = Server::start();
    let shop = Shop::open(&server).await;
    let post = || server.post("/oauth/token");
    let fields: serde_json::Map<_, _> =
        shop.credentials().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let basic =
        |request: reqwest::RequestBuilder| request.basic_auth(&shop.client_id, Some(&shop.client_secret));
    for request in [
        post().form(&shop.credentials()),
        post().json(&fields),
        basic(post()).form(&[("grant_type", "client_credentials")]),
        basic(post()).json(&json!({ "grant_type": "client_credentials", "scope": null })),
    ] {
        let token = access_token(request).await;
        let (status, answer) =
            server.get("/api/oauth/merchant/users/1/balance").bearer_auth(token).answer().await;
        assert_eq!((status, answer), (404, json!({ "message": "Not Found." })), "the token holds");
    }
    let response = post().form(&shop.credentials()).send().await.expect("an answer");
    let header = |name: &str| response.headers()[name].to_str().expect("plain text").to_owned();
    assert_eq!(header("content-type"), "application/json; charset=UTF-8");
    assert_eq!((header("cache-control"), header("pragma")), ("no-store".into(), "no-cache".into()));
    let answer: serde_json::Value = response.json().await.expect("JSON");
    let names: Vec<_> = answer.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(names, ["token_type", "expires_in", "access_token"], "no refresh token");
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(3_600)));
}

#[tokio::test]
async fn whoever_asks_wrongly_is_told_as_passport_tells_it() {
    let server = Server::start();
    let shop = Shop::open(&server).await;
    let app = shop.app(&server).await;
    let right = || shop.credentials();
    for (fields, expected) in [
        (
            with(right(), "grant_type", None),
            "400 unsupported_grant_type Check that all required parameters have been provided",
        ),
        (
            with(right(), "grant_type", Some("password")),
            "400 unsupported_grant_type Check that all required parameters have been provided",
        ),
        (with(right(), "client_id", None), "400 invalid_request Check the `client_id` parameter"),
        (with(right(), "client_id", Some("nobody")), "401 invalid_client"),
        (with(with(right(), "client_id", Some("nobody")), "client_secret", None), "401 invalid_client"),
        (with(right(), "client_secret", None), "400 invalid_request Check the `client_secret` parameter"),
        (with(right(), "client_secret", Some("wrong")), "401 invalid_client"),
        (with(right(), "scope", Some("all")), "400 invalid_scope Check the `all` scope"),
        (with(right(), "client_id", Some(&app)), "401 invalid_client"),
        (
            with(right(), "grant_type", Some("authorization_code")),
            "400 invalid_request Check the `code` parameter",
        ),
        (
            with(right(), "grant_type", Some("refresh_token")),
            "400 invalid_request Check the `refresh_token` parameter",
        ),
        (
            with(with(right(), "grant_type", Some("refresh_token")), "refresh_token", Some("rt_nobody")),
            "400 invalid_grant Cannot decrypt the refresh token",
        ),
    ] {
        let (status, answer) = server.post("/oauth/token").form(&fields).answer().await;
        assert_eq!(said(status, &answer), expected, "{fields:?}");
        assert_eq!(answer["message"], answer["error_description"]);
    }
    let response = server.post("/oauth/token").basic_auth(&shop.client_id, Some("wrong"));
    let response = response.form(&[("grant_type", "client_credentials")]).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 401);
    assert_eq!(response.headers()["www-authenticate"], "Basic realm=\"OAuth\"");
    for (body, content_type) in [("{", "application/json"), ("[]", "application/json"), ("x", "text/plain")] {
        let request = server.post("/oauth/token").header("content-type", content_type).body(body);
        assert_eq!(request.answer().await.0, 400, "{body}");
    }
    let (status, answer) = server.get("/oauth/token").answer().await;
    assert_eq!(status, 405, "{answer}");
}

#[tokio::test]
async fn a_revoked_token_holds_no_longer_and_only_its_own_app_revokes_it() {
    let server = Server::start();
    let (shop, other) = (Shop::open(&server).await, Shop::open(&server).await);
    let token = shop.token(&server).await;
    let holds = async || {
        let asked = server.get("/api/oauth/merchant/users/1/balance").bearer_auth(&token);
        asked.answer().await.0 == 404
    };
    let revoke = |shop: &Shop| {
        let fields = with(shop.credentials(), "token", Some(&token));
        server.post("/oauth/revoke").form(&fields)
    };
    assert!(holds().await);
    assert_eq!(revoke(&other).answer().await.0, 200);
    assert!(holds().await);
    assert_eq!(revoke(&shop).answer().await.0, 200);
    assert!(!holds().await);
    assert_eq!(revoke(&shop).answer().await.0, 200, "once more is no error");
    let (status, answer) = server.post("/oauth/revoke").form(&shop.credentials()).answer().await;
    assert_eq!(said(status, &answer), "400 invalid_request Check the `token` parameter");
}

#[tokio::test]
async fn tokens_outlive_a_kill() {
    let mut server = Server::start();
    let shop = Shop::open(&server).await;
    let token = shop.token(&server).await;
    server.restart();
    let asked = server.get("/api/oauth/merchant/users/1/balance").bearer_auth(&token);
    assert_eq!(asked.answer().await.0, 404);
    server.audit_full();
}

#[tokio::test]
async fn the_metadata_says_where_everything_is() {
    let server = Server::start();
    let (status, told) = server.get("/.well-known/oauth-authorization-server").answer().await;
    assert_eq!(status, 200, "{told}");
    for name in ["token_endpoint", "revocation_endpoint"] {
        let address = told[name].as_str().expect("an address");
        assert_eq!(server.http.post(address).answer().await.0, 400, "{address} is there");
    }
    assert_eq!(told["issuer"], server.url(""));
    assert_eq!(told["code_challenge_methods_supported"], json!(["S256"]));
}
