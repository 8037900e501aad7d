//! What users are asked: drafts, completeness, submission, decisions, documents.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::app::Shop;
use crate::harness::{Answered, Server};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nthe rest is not looked at";

struct Desk {
    server: Server,
    token: String,
    user: u64,
}

impl Desk {
    async fn open() -> Self {
        let server = Server::start();
        let shop = Shop::open(&server).await;
        let token = shop.token(&server).await;
        let user = shop.user(&server, &token, "hanako@example.com").await;
        Self { server, token, user }
    }

    fn url(&self, rest: &str) -> String {
        self.server.url(&format!("/api/oauth/merchant/users/{}/kyc{rest}", self.user))
    }

    async fn draft(&self, fields: Value) -> (u16, Value) {
        self.server.http.patch(self.url("")).bearer_auth(&self.token).json(&fields).answer().await
    }

    async fn save(&self, fields: Value) -> (u16, Value) {
        self.server.http.put(self.url("")).bearer_auth(&self.token).json(&fields).answer().await
    }

    async fn upload(&self, name: &str, bytes: Vec<u8>) -> (u16, Value) {
        let form = Form::new().part(name.to_owned(), Part::bytes(bytes).file_name("picture.png"));
        self.server.http.patch(self.url("")).bearer_auth(&self.token).multipart(form).answer().await
    }

    async fn submit(&self) -> (u16, Value) {
        self.server.http.post(self.url("/submit")).bearer_auth(&self.token).answer().await
    }

    async fn seen(&self) -> Value {
        let (status, seen) = self.server.http.get(self.url("")).bearer_auth(&self.token).answer().await;
        assert_eq!(status, 200, "{seen}");
        seen["data"].clone()
    }

    async fn decide(&self, body: Value) -> (u16, Value) {
        self.server.operator_post(&format!("/operator/kyc/{}/decision", self.user), &body).answer().await
    }
}

/// Every required answer but the document.
fn answers() -> Value {
    json!({
        "family_name": "山田", "given_name": "花子", "birth_date": "1990-02-28", "nationality": "JP",
        "phone": "+81 3-1234-5678", "country": "JP", "postal_code": "100-0001", "prefecture": "東京都",
        "city": "千代田区", "street": "1-1", "occupation": "employed", "purpose": "shopping",
        "document_type": "passport",
    })
}

#[tokio::test]
async fn a_user_answers_hands_in_and_is_approved() {
    let desk = Desk::open().await;
    let seen = desk.seen().await;
    assert_eq!(
        (&seen["status"], &seen["complete"], &seen["values"]),
        (&json!("unanswered"), &json!(false), &json!({}))
    );
    assert_eq!(seen["form"]["sections"][0]["fields"][0]["key"], "family_name");

    let (status, saved) = desk.draft(json!({ "family_name": "山田", "birth_date": "1990-02-28" })).await;
    assert_eq!((status, &saved["data"]["status"]), (200, &json!("draft")), "{saved}");
    let (status, refused) = desk.submit().await;
    assert_eq!(status, 422, "{refused}");
    assert_eq!(refused["errors"]["given_name"], json!(["The given_name field is required."]));
    let (status, refused) = desk.save(answers()).await;
    assert_eq!(
        (status, refused["errors"].as_object().map(|errors| errors.len())),
        (422, Some(1)),
        "{refused}"
    );
    let (status, saved) = desk.upload("document_front", PNG.to_vec()).await;
    assert_eq!(status, 200, "{saved}");
    let document = saved["data"]["values"]["document_front"].clone();
    assert_eq!(
        (&document["media_type"], &document["length_bytes"]),
        (&json!("image/png"), &json!(PNG.len()))
    );
    let (status, saved) = desk.save(answers()).await;
    assert_eq!((status, &saved["data"]["complete"]), (200, &json!(true)), "{saved}");
    assert_eq!(saved["data"]["values"]["document_front"], document, "documents stay");

    let (status, handed_in) = desk.submit().await;
    assert_eq!((status, &handed_in["data"]["status"]), (200, &json!("submitted")), "{handed_in}");
    assert_eq!(desk.draft(json!({ "city": "港区" })).await.0, 409, "locked");
    let (status, rejected) = desk.decide(json!({ "decision": "reject", "reason": "写真が不鮮明です" })).await;
    assert_eq!((status, &rejected["status"]), (200, &json!("rejected")), "{rejected}");
    assert_eq!(desk.seen().await["rejection_reason"], "写真が不鮮明です");
    assert_eq!(desk.draft(json!({ "city": "港区" })).await.0, 200, "open again");
    assert_eq!(desk.submit().await.0, 200);
    assert_eq!(desk.decide(json!({ "decision": "approve" })).await.0, 200);
    let seen = desk.seen().await;
    assert_eq!((&seen["status"], &seen["rejection_reason"]), (&json!("approved"), &Value::Null));
    assert_eq!(desk.decide(json!({ "decision": "approve" })).await.0, 409);

    let id = document["document"].as_str().expect("an id");
    let url = format!("/operator/kyc/{}/documents/{id}", desk.user);
    let shown = desk.server.operator_get(&url).send().await.expect("an answer");
    assert_eq!(shown.headers()["content-type"], "image/png");
    assert_eq!(shown.bytes().await.expect("all of it"), PNG);
    desk.server.audit_full();
}

#[tokio::test]
async fn what_is_no_answer_is_refused_and_changes_nothing() {
    let desk = Desk::open().await;
    for (fields, failing) in [
        (json!({ "birth_date": "1990-02-30" }), "birth_date"),
        (json!({ "birth_date": "1990-2-3" }), "birth_date"),
        (json!({ "nationality": "Japan" }), "nationality"),
        (json!({ "occupation": "astronaut" }), "occupation"),
        (json!({ "family_name": "x".repeat(101) }), "family_name"),
        (json!({ "family_name": ["山田"] }), "family_name"),
        (json!({ "phone": "none" }), "phone"),
        (json!({ "document_front": "a picture" }), "document_front"),
        (json!({ "favourite_colour": "green" }), "favourite_colour"),
    ] {
        let (status, answer) = desk.draft(fields.clone()).await;
        assert_eq!(status, 422, "{fields}");
        assert!(answer["errors"].get(failing).is_some(), "{answer}");
    }
    assert_eq!(desk.upload("document_front", b"GIF89a".to_vec()).await.0, 422, "neither JPEG, PNG nor PDF");
    assert_eq!(desk.upload("family_name", PNG.to_vec()).await.0, 422);
    let long = [PNG, &vec![0; 10 * 1024 * 1024]].concat();
    assert_eq!(desk.upload("document_front", long).await.0, 422, "longer than 10 MiB");
    let longest = [PNG, &vec![0; 10 * 1024 * 1024 - PNG.len()]].concat();
    assert_eq!(desk.upload("document_front", longest).await.0, 200);
    assert_eq!(desk.server.events_of("kyc.saved").len(), 1);
}

/// Each reads the answers before the other has written them.
#[tokio::test]
async fn of_changes_to_different_fields_at_once_all_survive() {
    let desk = Desk::open().await;
    let keys = ["family_name", "given_name", "city", "street", "prefecture", "postal_code"];
    let all = keys.map(|key| desk.draft(json!({ key: "x" })));
    for (status, answer) in futures::future::join_all(all).await {
        assert_eq!(status, 200, "{answer}");
    }
    let seen = desk.seen().await;
    for key in keys {
        assert_eq!(seen["values"][key], "x", "{key}");
    }
}

#[tokio::test]
async fn a_merchant_may_ask_for_something_else() {
    let desk = Desk::open().await;
    assert_eq!(desk.draft(json!({ "family_name": "山田", "city": "港区" })).await.0, 200);
    let label = |text: &str| json!({ "ja": text, "en": text });
    let field =
        |key: &str, kind: &str| json!({ "key": key, "label": label(key), "type": kind, "required": true });
    let form = json!({ "sections": [
        { "key": "all", "label": label("all"), "fields": [field("city", "text"), field("age", "number"), field("agreed", "boolean")] },
    ] });
    let (status, set) = desk.server.operator_post("/operator/merchants/1/kyc-form", &form).answer().await;
    assert_eq!((status, &set["version"]), (200, &json!(2)), "{set}");
    let seen = desk.seen().await;
    assert_eq!((&seen["values"], &seen["missing"]), (&json!({ "city": "港区" }), &json!(["age", "agreed"])));
    assert_eq!(desk.draft(json!({ "age": 1.5 })).await.0, 422);
    let (status, saved) = desk.draft(json!({ "age": 35, "agreed": true })).await;
    assert_eq!((status, &saved["data"]["complete"]), (200, &json!(true)), "{saved}");
    assert_eq!(desk.submit().await.0, 200);
    let nobodys =
        json!({ "sections": [{ "key": "all", "label": label("all"), "fields": [field("x", "colour")] }] });
    assert_eq!(desk.server.operator_post("/operator/merchants/1/kyc-form", &nobodys).answer().await.0, 400);
}
