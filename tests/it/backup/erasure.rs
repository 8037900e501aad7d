//! After an erasure neither what was sealed nor its key is found anywhere, and no backup brings it back.

use serde_json::{Value, json};

use super::folders::{holding, refusal, wrapped_key};
use crate::harness::{Answered, Merchant, NOBODY, Server, Setup, payment_of};

const EMAIL: &str = "plantedforerasure9Kd";
const DETAILS: &str = "plantedtea4Vx";

/// A payment of somebody who is to be forgotten, called off so that it can be.
async fn over(server: &Server, merchant: &Merchant) -> String {
    let mut fields = payment_of(NOBODY);
    fields["customer_email"] = json!(format!("{EMAIL}@example.com"));
    fields["details"] = json!(DETAILS);
    let id = server.initiate(merchant, &fields).await;
    let form = [("payment_id", id.as_str()), ("action", "cancel")];
    assert_eq!(server.post("/process-checkout").form(&form).text_answer().await.0, 303);
    id
}

async fn erase(server: &Server, subject: &str) -> (u16, Value) {
    let path = format!("/operator/subjects/{subject}/erase");
    server.operator_post(&path, &json!({})).answer().await
}

async fn show(server: &Server, subject: &str) -> Value {
    let (status, seen) = server.operator_get(&format!("/operator/subjects/{subject}")).answer().await;
    assert_eq!(status, 200, "{seen}");
    seen
}

#[tokio::test]
async fn what_is_erased_is_nowhere_and_no_backup_brings_it_back() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let id = over(&server, &merchant).await;
    let subject = format!("payment-{id}");
    // In table files, and in a log that is not yet; one that stays, so that there is something to keep.
    server.terminate();
    server.restart();
    let stays = over(&server, &merchant).await;
    let key = wrapped_key(&server.data(), &subject).expect("it has a key");
    let planted: [&[u8]; 3] = [&key, EMAIL.as_bytes(), DETAILS.as_bytes()];
    assert_ne!(holding(&server.data(), &planted), Vec::<std::path::PathBuf>::new(), "the search finds keys");
    let before = show(&server, &subject).await;
    assert_eq!(before["fields"]["customer_email"], format!("{EMAIL}@example.com"), "{before}");
    let older = server.back_up(&[]);

    let (status, erased) = erase(&server, &subject).await;
    assert_eq!(status, 200, "{erased}");
    assert!(erased["position"].as_u64() > older["position"].as_u64(), "{erased}");
    assert_eq!(holding(&server.data(), &planted), Vec::<std::path::PathBuf>::new(), "as it is answered");
    let seen = show(&server, &subject).await;
    assert_eq!((&seen["erased"], &seen["fields"]["details"]), (&json!(true), &json!("[erased]")), "{seen}");
    let page = server.get(&format!("/process-checkout?payment_id={id}")).text_answer().await;
    assert!(page.0 == 200 && !page.1.contains(DETAILS), "{}", page.1);
    assert_eq!(erase(&server, &subject).await.0, 409, "once");
    assert_eq!(show(&server, &format!("payment-{stays}")).await["erased"], false);
    server.audit_full();

    // One from before brings it back only without the list.
    let told = server.restored("again", &["--number", "1"]);
    assert_eq!((&told["position"], &told["erased_again"]), (&older["position"], &json!([subject])));
    assert_eq!(
        holding(&server.beside("again"), &planted),
        Vec::<std::path::PathBuf>::new(),
        "forgotten again"
    );
    let said = refusal(&server.restore("without", &["--number", "1"]));
    assert!(said.contains("there is no list of erasures"), "{said}");

    // One taken afterwards has none of it, though it shares files with what was there before; and the older one goes.
    let newer = server.back_up(&[]);
    assert_eq!((&newer["dropped"], &newer["erasures"]), (&json!([1]), &json!(1)), "{newer}");
    assert_eq!(holding(&server.beside("backups"), &planted), Vec::<std::path::PathBuf>::new());
    server.restored("after", &[]);
    assert_eq!(holding(&server.beside("after"), &planted), Vec::<std::path::PathBuf>::new());

    // The restored log of before does not tell of the erasure: the next start has it do so.
    server.terminate();
    std::fs::rename(server.data(), server.beside("gone")).unwrap();
    std::fs::rename(server.beside("again"), server.data()).unwrap();
    server.restart();
    crate::harness::eventually("the erasure is told again", async || {
        (server.events_of("subject.erased").len() == 1).then_some(())
    })
    .await;
    assert_eq!(server.events_of("subject.erased")[0]["body"]["cause"], "Restored");
    assert_eq!(show(&server, &subject).await["fields"]["details"], "[erased]");
    assert_eq!(show(&server, &format!("payment-{stays}")).await["fields"]["details"], DETAILS);
    server.terminate();
    server.audit_full();
    assert_eq!(holding(&server.data(), &planted), Vec::<std::path::PathBuf>::new());
}

/// Backups that hold what was erased are kept on request only, and told of.
#[tokio::test]
async fn outdated_backups_are_kept_on_request() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let id = over(&server, &merchant).await;
    server.back_up(&[]);
    assert_eq!(erase(&server, &format!("payment-{id}")).await.0, 200);
    let kept = server.back_up(&["--keep-outdated"]);
    assert_eq!((&kept["outdated"], &kept["dropped"]), (&json!([1]), &json!([])), "{kept}");
    let dropped = server.back_up(&[]);
    assert_eq!((&dropped["outdated"], &dropped["dropped"]), (&json!([]), &json!([1])), "{dropped}");
    let list = server.beside("data.erasures").display().to_string();
    // A list from before the erasure is no list for a backup from after it.
    std::fs::write(server.beside("short"), std::fs::read_to_string(&list).unwrap().lines().next().unwrap())
        .unwrap();
    let short = server.beside("short").display().to_string();
    let said = refusal(&server.restore("short-list", &["--erasures", &short]));
    assert!(said.contains("the list of erasures is older than the backup"), "{said}");
}

#[tokio::test]
async fn nobody_is_erased_for_whom_anything_is_open() {
    let server = Server::start_as(Setup::default());
    let merchant = server.merchant().await;
    let open = server.initiate(&merchant, &payment_of(NOBODY)).await;
    for body in [json!({ "merchant_id": merchant.id }), json!({ "merchant_id": merchant.id })] {
        assert_eq!(server.operator_post("/operator/users", &body).answer().await.0, 200);
    }
    for (subject, expected, what) in [
        (format!("payment-{open}"), 409, "the payment is created and not at its end"),
        ("user-1".to_owned(), 409, "user-1 is not closed"),
        ("user-9".to_owned(), 404, "there is no subject user-9"),
        ("payment-AIYmQIOAz0GlmsjfhgiOeu304".to_owned(), 404, "there is no subject"),
        (format!("customer-{}", "d5".repeat(32)), 404, "there is no subject"),
        ("merchant-1".to_owned(), 404, "there is no subject merchant-1"),
    ] {
        let (status, answer) = erase(&server, &subject).await;
        let message = answer["message"].as_str().unwrap_or_default();
        assert_eq!(status, expected, "{subject}: {answer}");
        assert!(message.contains(what), "{subject}: {answer}");
    }
    assert_eq!(server.events_of("subject.erased").len(), 0);
}
