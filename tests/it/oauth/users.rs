//! Users as their merchant makes and sees them.

use serde_json::{Value, json};

use super::app::{PASSWORD, Shop, access_token, agree, exchange, log_in};
use crate::harness::{Answered, Server};

const USERS: &str = "/api/oauth/merchant/users";
const EMAIL: &str = "hanako@example.com";

#[tokio::test]
async fn a_user_belongs_to_the_client_that_made_it() {
    let server = Server::start();
    let (shop, other) = (Shop::open(&server).await, Shop::open(&server).await);
    let (token, others) = (shop.token(&server).await, other.token(&server).await);
    let fields = json!({ "name": "山田 花子", "email": "hanako@example.com", "phone": "+81 3-1234-5678", "password": PASSWORD });
    let (status, made) = server.post(USERS).bearer_auth(&token).json(&fields).answer().await;
    assert_eq!(status, 201, "{made}");
    let user = &made["data"];
    for name in ["name", "email", "phone"] {
        assert_eq!(user[name], fields[name]);
    }
    assert_eq!(user["created_by_client_id"], shop.client_id);
    assert_eq!((&user["status"], &user["kyc_status"]), (&json!("active"), &json!("unanswered")));
    assert_eq!(user.get("set_password_url"), None, "it has a password");
    let id = user["id"].as_u64().expect("a whole number");

    for path in ["balance", "kyc"] {
        let asked = |token: &str| server.get(&format!("{USERS}/{id}/{path}")).bearer_auth(token);
        assert_eq!(asked(&token).answer().await.0, 200, "{path}");
        let refused = (404, json!({ "message": "Not Found." }));
        assert_eq!(asked(&others).answer().await, refused, "somebody else's is not there");
        for nobody in ["0", "999", "x", "1%20"] {
            let asked = server.get(&format!("{USERS}/{nobody}/{path}")).bearer_auth(&token);
            assert_eq!(asked.answer().await, refused, "{nobody}");
        }
        let unauthenticated = (401, json!({ "message": "Unauthenticated." }));
        assert_eq!(asked("at_nobody").answer().await, unauthenticated);
        assert_eq!(server.get(&format!("{USERS}/{id}/{path}")).answer().await, unauthenticated);
    }
    let change = |token: &str| {
        let fields = json!({ "name": "山田 はな", "phone": null });
        server.http.patch(server.url(&format!("{USERS}/{id}/profile"))).bearer_auth(token).json(&fields)
    };
    assert_eq!(change(&others).answer().await.0, 404);
    let (status, changed) = change(&token).answer().await;
    assert_eq!(status, 200, "{changed}");
    let expected = (&json!("山田 はな"), &json!("hanako@example.com"), &Value::Null);
    assert_eq!((&changed["data"]["name"], &changed["data"]["email"], &changed["data"]["phone"]), expected);
    server.audit_full();
}

#[tokio::test]
async fn every_field_that_fails_is_named_and_nothing_is_made() {
    let server = Server::start();
    let shop = Shop::open(&server).await;
    let token = shop.token(&server).await;
    for (fields, failing) in [
        (json!({}), vec!["email", "name"]),
        (json!({ "name": "", "email": null }), vec!["email", "name"]),
        (json!({ "name": "A", "email": "no address" }), vec!["email"]),
        (json!({ "name": 1, "email": ["a@b.jp"] }), vec!["email", "name"]),
        (json!({ "name": "A".repeat(256), "email": "a@b.jp" }), vec!["name"]),
        (
            json!({ "name": "A", "email": "a@b.jp", "phone": "home", "password": "short" }),
            vec!["password", "phone"],
        ),
        (json!({ "name": "A", "email": "a@b.jp", "password": "x".repeat(129) }), vec!["password"]),
    ] {
        let (status, answer) = server.post(USERS).bearer_auth(&token).json(&fields).answer().await;
        let named: Vec<_> = answer["errors"].as_object().expect("fields").keys().cloned().collect();
        assert_eq!(
            (status, named),
            (422, failing.iter().map(|name| (*name).to_owned()).collect()),
            "{fields}"
        );
    }
    assert!(server.events_of("user.registered").is_empty());
}

#[tokio::test]
async fn one_address_is_one_user_of_a_merchant_also_of_many_at_once() {
    let server = Server::start();
    let (shop, other) = (Shop::open(&server).await, Shop::open(&server).await);
    let (token, others) = (shop.token(&server).await, other.token(&server).await);
    let make = |token: &str, email: &str| {
        let fields = json!({ "name": "A", "email": email });
        server.post(USERS).bearer_auth(token).json(&fields)
    };
    let all = (0..8).map(|turn| make(&token, if turn % 2 == 0 { "a@b.jp" } else { "A@B.jp" }).answer());
    let mut statuses: Vec<u16> =
        futures::future::join_all(all).await.into_iter().map(|(status, _)| status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422, 422, 422, 422, 422, 422, 422]);
    assert_eq!(make(&others, "a@b.jp").answer().await.0, 201, "another merchant's user is another");
    let (_, second) = make(&token, "c@d.jp").answer().await;
    let take = |email: &str| {
        let url = server.url(&format!("{USERS}/{}/profile", second["data"]["id"]));
        server.http.patch(url).bearer_auth(&token).json(&json!({ "email": email }))
    };
    assert_eq!(take("a@b.jp").answer().await.0, 422);
    assert_eq!(take("e@f.jp").answer().await.0, 200);
    assert_eq!(make(&token, "c@d.jp").answer().await.0, 201, "what it gave up is free");
    assert_eq!(make(&token, "e@f.jp").answer().await.0, 422);
}

#[tokio::test]
async fn a_key_makes_one_user_and_shows_its_link_once() {
    let server = Server::start();
    let shop = Shop::open(&server).await;
    let token = shop.token(&server).await;
    let make = |name: &str| {
        let fields = json!({ "name": name, "email": "a@b.jp" });
        server.post(USERS).bearer_auth(&token).header("idempotency-key", "one").json(&fields)
    };
    let (status, first) = make("A").answer().await;
    assert_eq!(status, 201, "{first}");
    let link = first["data"]["set_password_url"].as_str().expect("a link");
    assert!(link.starts_with(&server.url("/account/password?token=sp_")), "{link}");
    let (status, again) = make("A").answer().await;
    assert_eq!((status, &again["data"]["id"]), (201, &first["data"]["id"]), "{again}");
    assert_eq!(again["data"].get("set_password_url"), None, "shown once");
    assert_eq!(make("B").answer().await.0, 409);
    assert_eq!(server.events_of("user.registered").len(), 1);
}

/// Nothing of theirs is left, nobody acts for them, and the address is free.
#[tokio::test]
async fn an_erased_user_is_nobody() {
    let server = Server::start();
    let shop = Shop::open(&server).await;
    let token = shop.token(&server).await;
    let user = shop.user(&server, &token, EMAIL).await;
    let app = shop.app(&server).await;
    let code = agree(&server, &app, &log_in(&server, &app, EMAIL).await).await;
    let theirs = access_token(server.post("/oauth/token").form(&exchange(&app, &code))).await;
    let me = async || server.get("/api/oauth/user/me").bearer_auth(&theirs).answer().await.0;
    assert_eq!(me().await, 200);
    let kyc = server.http.patch(server.url(&format!("{USERS}/{user}/kyc"))).bearer_auth(&token);
    assert_eq!(kyc.json(&json!({ "family_name": "山田" })).answer().await.0, 200);

    let operator = async |path: String| server.operator_post(&path, &json!({})).answer().await;
    assert_eq!(operator(format!("/operator/users/{user}/close")).await.0, 200);
    assert_eq!(me().await, 401, "nobody acts for a user who is closed");
    let (status, erased) = operator(format!("/operator/subjects/user-{user}/erase")).await;
    assert_eq!(status, 200, "{erased}");
    let (status, answer) = server.get(&format!("{USERS}/{user}/kyc")).bearer_auth(&token).answer().await;
    assert_eq!((status, &answer["message"]), (409, &json!("The user was erased.")));
    server.audit_full();
    shop.user(&server, &token, EMAIL).await;
    let other = log_in(&server, &app, EMAIL).await;
    assert!(!other.is_empty(), "whoever has the address now logs in with it");
}
