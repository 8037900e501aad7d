//! Notifications: to the byte, signed, at least once, every attempt on record, and never again once delivered.

use std::{fs, process::Command};

use serde_json::{Value, json};

use crate::harness::{
    Answer, Answered, Closed, Gate, Merchant, Received, Receiver, Server, Setup, eventually, payment_of,
};

/// A payment that is paid at once, announced to `shop`.
async fn paid(server: &Server, merchant: &Merchant, shop: &str) -> String {
    let payment = server.initiate(merchant, &payment_of(shop)).await;
    server.pay(&payment).await;
    payment
}

/// The attempts on record for `payment`, once there are `count`.
async fn attempts(server: &Server, payment: &str, count: usize) -> Vec<Value> {
    eventually(&format!("{count} attempts to announce {payment}"), async || {
        let mut attempts = server.events_of("webhook.attempted");
        attempts.retain(|event| event["body"]["delivery"]["payment"] == payment);
        (attempts.len() >= count).then_some(attempts)
    })
    .await
}

/// What was answered and what follows, such as `Status 500, retry`.
fn shown(attempts: &[Value]) -> Vec<String> {
    let show = |event: &Value| {
        let answer = match &event["body"]["answer"] {
            Value::String(word) => word.clone(),
            status => format!("Status {}", status["Status"]),
        };
        let verdict = event["body"]["verdict"].as_str().unwrap_or("retry").to_owned();
        format!("{answer}, {verdict}")
    };
    attempts.iter().map(show).collect()
}

#[track_caller]
fn check_signature(merchant: &Merchant, received: &Received) {
    let signed = merchant.sign(received.header("x-timestamp"), &received.body);
    assert_eq!(received.header("x-signature"), format!("sha256={signed}"));
}

/// Today in Asia/Tokyo, as the document writes dates.
fn tokyo_today() -> String {
    let output = Command::new("date").arg("+%d-%m-%Y").env("TZ", "JST-9").output().expect("date is there");
    String::from_utf8(output.stdout).expect("digits").trim().to_owned()
}

#[tokio::test]
async fn the_notification_is_the_printed_one_to_the_byte() {
    let server = Server::start();
    let mut shop = Receiver::start().await;
    let merchant = server.merchant().await;
    let mut events = Vec::new();
    for (currency, amount, numbers) in [
        ("USD", "100.00", r#""amount":100.00,"charge":5.00,"currency":"USD""#),
        ("USD", "0.99", r#""amount":0.99,"charge":0.05,"currency":"USD""#),
        ("JPY", "1000", r#""amount":1000,"charge":50,"currency":"JPY""#),
    ] {
        let mut fields = payment_of(&shop.url());
        fields["custom"] = json!("注文 \"1\"/é");
        fields["currency_code"] = json!(currency);
        fields["amount"] = json!(amount);
        let payment = server.initiate(&merchant, &fields).await;
        let before = tokyo_today();
        server.pay(&payment).await;
        let received = shop.next().await;
        let transaction = &payment[..11];
        let printed = |date: &str| {
            format!(
                r#"{{"code":200,"status":"ok","payment_id":"{payment}","transaction":"{transaction}",{numbers},"custom":"注文 \"1\"/é","date":"{date}"}}"#
            )
        };
        let on_either_side_of_midnight = [printed(&before), printed(&tokyo_today())];
        assert!(on_either_side_of_midnight.iter().any(|text| text == received.text()), "{}", received.text());
        assert_eq!((received.method.as_str(), received.target.as_str()), ("POST", "/web_hook.php"));
        assert_eq!(received.header("content-type"), "application/json");
        check_signature(&merchant, &received);
        events.push(received.header("x-event-id").to_owned());
        assert_eq!(shown(&attempts(&server, &payment, 1).await), ["Status 200, Delivered"]);
    }
    events.sort();
    events.dedup();
    assert_eq!(events.len(), 3, "each event has its own id: {events:?}");
}

/// All kinds of trouble at once, because the first retry takes ten seconds and noticing silence ten more.
#[tokio::test]
async fn a_receiver_in_trouble_gets_it_later_with_every_attempt_on_record() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let (well, silence) = (Answer::Status(200), Gate::closed());
    let mut elsewhere = Receiver::start().await;
    let redirect = Answer::Redirect(format!("{}/elsewhere", elsewhere.url()));
    let mut redirecting = Receiver::scripted([redirect, well.clone()]).await;
    let mut failing = Receiver::scripted([Answer::Status(500), well.clone()]).await;
    let mut slow = Receiver::scripted([Answer::Behind(silence.clone()), well]).await;
    let down = Closed::reserve();

    let while_down = paid(&server, &merchant, &down.url()).await;
    let while_failing = paid(&server, &merchant, &failing.url()).await;
    let while_redirecting = paid(&server, &merchant, &redirecting.url()).await;
    let while_slow = paid(&server, &merchant, &slow.url()).await;
    assert_eq!(shown(&attempts(&server, &while_down, 1).await), ["Unreachable, retry"]);
    let mut up = down.open().await;

    for (payment, receiver, first) in [
        (&while_failing, &mut failing, "Status 500, retry"),
        (&while_redirecting, &mut redirecting, "Status 307, retry"),
        (&while_slow, &mut slow, "TimedOut, retry"),
    ] {
        let (one, two) = (receiver.next().await, receiver.next().await);
        for received in [&one, &two] {
            check_signature(&merchant, received);
        }
        assert_eq!(one.text(), two.text(), "the same bytes");
        assert_eq!(one.header("x-event-id"), two.header("x-event-id"), "the same event");
        assert_ne!(one.header("x-timestamp"), two.header("x-timestamp"), "signed anew");
        let attempts = attempts(&server, payment, 2).await;
        assert_eq!(shown(&attempts), [first, "Status 200, Delivered"]);
        check_times(&attempts);
    }
    let late = up.next().await;
    check_signature(&merchant, &late);
    let attempts = attempts(&server, &while_down, 2).await;
    assert_eq!(shown(&attempts), ["Unreachable, retry", "Status 200, Delivered"]);
    check_times(&attempts);

    silence.open();
    assert!(elsewhere.waiting().is_empty(), "a redirect was followed");
    for receiver in [&mut up, &mut failing, &mut redirecting, &mut slow] {
        assert!(receiver.waiting().is_empty(), "something delivered was sent again");
    }
    server.audit_full();
}

/// The first retry is due 10 s after the failure, a fifth more or less, and is made when it is due.
fn check_times(attempts: &[Value]) {
    let number = |value: &Value| value.as_i64().expect("a number");
    let [first, second] = attempts else { panic!("{attempts:?}") };
    let failed_at = number(&first["body"]["started_at"]) + number(&first["body"]["duration_ms"]) * 1_000;
    let due_at = number(&first["body"]["verdict"]["RetryAt"]);
    // A duration is cut to whole milliseconds.
    assert!((8_000_000..=12_002_000).contains(&(due_at - failed_at)), "due after {} µs", due_at - failed_at);
    let late = number(&second["body"]["started_at"]) - due_at;
    assert!((0..5_000_000).contains(&late), "made {late} µs after it was due");
    let numbers: Vec<i64> = attempts.iter().map(|event| number(&event["body"]["number"])).collect();
    assert_eq!(numbers, [1, 2]);
}

/// Eight at once was the most one merchant could have, though all other places were free.
#[tokio::test]
async fn one_merchant_alone_gets_more_than_its_share_and_holds_up_nobody() {
    let server = Server::start();
    let (merchant, other) = (server.merchant().await, server.merchant().await);
    let silence = Gate::closed();
    let mut hanging = Receiver::scripted([Answer::Behind(silence.clone())]).await;
    let mut shop = Receiver::start().await;
    for _ in 0..12 {
        paid(&server, &merchant, &hanging.url()).await;
    }
    for _ in 0..12 {
        hanging.next().await;
    }
    assert_eq!(server.events_of("webhook.attempted").len(), 0, "all twelve are under way at once");
    let payment = paid(&server, &other, &shop.url()).await;
    assert!(shop.next().await.text().contains(&payment));
    silence.open();
    eventually("all are delivered", async || {
        (server.events_of("webhook.attempted").len() == 13).then_some(())
    })
    .await;
    server.audit_full();
}

#[tokio::test]
async fn a_failed_delivery_is_retried_after_a_restart() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let down = Closed::reserve();
    let payment = paid(&server, &merchant, &down.url()).await;
    let first = attempts(&server, &payment, 1).await;
    server.kill();
    let mut shop = down.open().await;
    fs::remove_dir_all(server.data().join("models")).expect("the read models are there");
    server.restart();

    let received = shop.next().await;
    check_signature(&merchant, &received);
    let attempts = attempts(&server, &payment, 2).await;
    assert_eq!(attempts[..1], first);
    assert_eq!(shown(&attempts), ["Unreachable, retry", "Status 200, Delivered"]);
    check_times(&attempts);
}

#[tokio::test]
async fn a_delivery_broken_off_is_made_again_as_the_same_event() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let silence = Gate::closed();
    let mut shop = Receiver::scripted([Answer::Behind(silence.clone()), Answer::Status(200)]).await;
    let payment = paid(&server, &merchant, &shop.url()).await;
    let before = shop.next().await;
    server.kill();
    assert_eq!(server.events_of("webhook.attempted").len(), 0);

    server.restart();
    let after = shop.next().await;
    assert_eq!(after.header("x-event-id"), before.header("x-event-id"));
    assert_eq!(after.text(), before.text());
    check_signature(&merchant, &after);
    assert_eq!(shown(&attempts(&server, &payment, 1).await), ["Status 200, Delivered"]);
    silence.open();
}

#[tokio::test]
async fn what_is_recorded_as_delivered_is_never_sent_again() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let mut shop = Receiver::start().await;
    for round in 0..3 {
        let payment = paid(&server, &merchant, &shop.url()).await;
        let received = shop.next().await;
        assert!(received.text().contains(&payment), "round {round} sent {}", received.text());
        attempts(&server, &payment, 1).await;
        server.terminate();
        fs::remove_dir_all(server.data().join("models")).expect("the read models are there");
        server.restart();
        eventually("the read models have caught up", async || {
            let (_, ready) = server.http.get(server.operator_url("/readyz")).answer().await;
            (ready["models_behind"] == 0).then_some(())
        })
        .await;
    }
    assert_eq!(shop.waiting().len(), 0);
    assert_eq!(server.events_of("webhook.attempted").len(), 3);
    server.audit_full();
}

/// A name may come to mean another address after initiation, so it is checked when it is called.
#[tokio::test]
async fn a_name_that_leads_home_is_refused_when_it_is_called() {
    let server = Server::start_as(Setup { allow_private_webhooks: false, ..Setup::default() });
    let merchant = server.merchant().await;
    let mut shop = Receiver::start().await;
    let payment = paid(&server, &merchant, &shop.url().replace("127.0.0.1", "localhost")).await;
    assert_eq!(shown(&attempts(&server, &payment, 1).await), ["Refused, retry"]);
    assert_eq!(shop.waiting().len(), 0);
}
