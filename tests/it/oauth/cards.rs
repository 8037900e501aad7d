//! A user's cards, as their merchant and their app see them.

use serde_json::{Value, json};

use super::app::{Shop, access_token, agree, exchange, log_in};
use crate::harness::{Answered, Server};

/// Two users of one shop with a card each, both issued by the operator, and the first user's app.
struct Holders {
    server: Server,
    own: String,
    first: String,
}

impl Holders {
    async fn begin() -> Self {
        let server = Server::start();
        let shop = Shop::open(&server).await;
        let own = shop.token(&server).await;
        for (user, email, last_four) in [(1, "a@example.com", "0042"), (2, "b@example.com", "0043")] {
            assert_eq!(shop.user(&server, &own, email).await, user);
            let card = json!({ "user_id": user, "currency_code": "JPY", "brand": "jcb", "last_four": last_four, "expiry_month": 3, "expiry_year": 2031 });
            let (status, made) = server.operator_post("/operator/cards", &card).answer().await;
            assert_eq!(status, 200, "{made}");
        }
        let app = shop.app(&server).await;
        let code = agree(&server, &app, &log_in(&server, &app, "a@example.com").await).await;
        let first = access_token(server.post("/oauth/token").form(&exchange(&app, &code))).await;
        Self { server, own, first }
    }

    async fn ask(&self, path: &str, token: &str) -> (u16, Value) {
        self.server.get(path).bearer_auth(token).answer().await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let request = self.server.post(&format!("/api/oauth/user/cards/{path}"));
        request.bearer_auth(&self.first).json(&body).answer().await
    }
}

#[tokio::test]
async fn a_card_is_seen_by_its_holder_and_their_merchant() {
    let holders = Holders::begin().await;
    let (status, mine) = holders.ask("/api/oauth/user/cards", &holders.first).await;
    assert_eq!(status, 200, "{mine}");
    let issued_at = mine["data"][0]["issued_at"].clone();
    assert!(issued_at.is_string(), "{mine}");
    let card = json!({
        "id": 1, "brand": "jcb", "last4": "0042", "expiry_month": 3, "expiry_year": 2031,
        "currency_code": "JPY", "status": "active", "issued_at": issued_at,
    });
    assert_eq!(mine["data"], json!([card]));
    let of =
        async |user: u32| holders.ask(&format!("/api/oauth/merchant/users/{user}/cards"), &holders.own).await;
    assert_eq!(of(1).await, (200, mine));
    assert_eq!(of(2).await.1["data"][0]["last4"], "0043");
    assert_eq!(of(3).await.0, 404);
    holders.server.audit_full();
}

#[tokio::test]
async fn of_a_card_only_the_last_digits_are_told_and_only_to_its_holder() {
    let holders = Holders::begin().await;
    let told = json!({ "data": { "card_id": 1, "last4": "0042" } });
    for (body, expected) in [
        (json!({ "card_id": 1 }), (200, told.clone())),
        (json!({ "card_id": "1" }), (200, told)),
        (json!({ "card_id": 2 }), (404, json!({ "message": "Not Found." }))),
        (json!({ "card_id": 9 }), (404, json!({ "message": "Not Found." }))),
        (json!({ "card_id": -1 }), (404, json!({ "message": "Not Found." }))),
        (json!({ "card_id": [1] }), (404, json!({ "message": "Not Found." }))),
    ] {
        assert_eq!(holders.post("sensitive", body.clone()).await, expected, "{body}");
    }
    let (status, refused) = holders.post("sensitive", json!({})).await;
    assert_eq!((status, &refused["errors"]["card_id"][0]), (422, &json!("The card_id field is required.")));
}

#[tokio::test]
async fn who_is_not_entitled_gets_no_card() {
    let holders = Holders::begin().await;
    for (body, status) in [
        (json!({}), 409),
        (json!({ "currency_code": "JPY" }), 409),
        (json!({ "currency_code": "EUR" }), 422),
        (json!({ "currency_code": 1 }), 422),
    ] {
        let (answered, refused) = holders.post("issue", body.clone()).await;
        assert_eq!(answered, status, "{body} {refused}");
        assert!(refused["message"].as_str().is_some_and(|message| !message.is_empty()), "{refused}");
    }
    let expected = "A card needs an approved KYC; this user's is unanswered.";
    assert_eq!(holders.post("issue", json!({})).await.1["message"], expected);
    assert_eq!(holders.server.events_of("card.issued").len(), 2, "the operator's");
}
