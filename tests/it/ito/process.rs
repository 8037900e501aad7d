//! `POST /payment/process`: the printed answer, and everything that must not become a payment.

use expect_test::expect;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::{
    refusals::Gatekeeper,
    request::{Draft, Encoding, multipart_of, quoted},
};
use crate::harness::{Answered, Server};

#[tokio::test]
async fn the_answer_is_the_printed_one_in_every_encoding() {
    let server = Server::start_with(&["--public-url", "https://pay.example.com/"]);
    let merchant = server.merchant().await;
    for encoding in Encoding::ALL {
        let request = Draft::sample().send_in(server.process(&merchant), encoding);
        let response = request.send().await.expect("the server answers");
        assert_eq!(response.headers()["content-type"], "application/json", "{encoding:?}");
        assert_eq!(response.status(), 200, "{encoding:?}");
        let text = response.text().await.expect("a body");
        let answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let id = answer["payment_id"].as_str().expect("an id");
        assert!(id.len() == 25 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        expect![[r#"{"code":200,"status":"ok","payment_id":"AIYmQIOAz0GlmsjfhgiOeu304","message":"Your payment has been processed. Please follow the URL to complete the payment.","url":"https://pay.example.com/process-checkout?payment_id=AIYmQIOAz0GlmsjfhgiOeu304"}"#]]
            .assert_eq(&text.replace(id, "AIYmQIOAz0GlmsjfhgiOeu304"));
    }
}

#[tokio::test]
async fn the_url_is_the_listen_address_unless_told_otherwise() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let (_, answer) = Draft::sample().send_in(server.process(&merchant), Encoding::Json).answer().await;
    let id = answer["payment_id"].as_str().expect("an id");
    assert_eq!(answer["url"], server.url(&format!("/process-checkout?payment_id={id}")));
}

#[tokio::test]
async fn what_is_at_the_edge_of_the_rules_is_taken() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let (longest, longest_url) =
        (quoted(&"茶".repeat(255)), quoted(&format!("https://a.jp/{}", "x".repeat(2_035))));
    let edges: &[&[(&str, &str)]] = &[
        &[("amount", "0.01")],
        &[("amount", "10000000000000.00")],
        &[("amount", r#""10.5""#)],
        &[("amount", "280")],
        &[("currency_code", r#""JPY""#), ("amount", "1")],
        &[("currency_code", r#""JPY""#), ("amount", "1000000000000000")],
        &[("currency_code", "")],
        &[("details", "")],
        &[("details", "null")],
        &[("custom", &longest), ("details", &longest)],
        &[("web_hook", r#""http://shop.example.com/hook""#), ("success_url", &longest_url)],
        &[("success_url", r#""HTTPS://日本.example:8443/注文?q=茶#さ""#)],
        &[("never_heard_of", r#""it""#)],
    ];
    for changes in edges {
        for encoding in Encoding::ALL {
            if encoding != Encoding::Json && changes.iter().any(|(_, value)| *value == "null") {
                continue;
            }
            let (status, answer) =
                Draft::with(changes).send_in(server.process(&merchant), encoding).answer().await;
            assert_eq!(status, 200, "{changes:?} as {encoding:?}: {answer}");
        }
    }
    server.audit_full();
}

#[tokio::test]
async fn a_payment_is_in_usd_unless_it_says_otherwise() {
    let server = Server::start();
    let merchant = server.merchant().await;
    for (code, expected) in [("", "1"), (r#""USD""#, "1"), (r#""JPY""#, "2")] {
        let draft = Draft::with(&[("currency_code", code), ("amount", "100")]);
        let (status, answer) = draft.send_in(server.process(&merchant), Encoding::Form).answer().await;
        assert_eq!(status, 200, "{answer}");
        let created = server.events_of("payment.created");
        let amount = &created.last().expect("it was just created")["body"]["amount"];
        assert_eq!(amount["currency"].to_string(), expected, "{amount}");
    }
}

#[tokio::test]
async fn an_amount_that_is_none_changes_nothing() {
    let gatekeeper = Gatekeeper::start().await;
    let numbers = ["-1", "-0.01", "0", "0.00", "-0", "1e400", "1e-400", "0.001", "10000000000000.01"];
    let thirty_digits = "123456789012345678901234567890";
    let texts = [
        "1,000",
        "NaN",
        "Infinity",
        "0x10",
        "１００",
        "+1",
        " 1",
        "1 ",
        "1_000",
        "1.2.3",
        ".",
        "-",
        "--1",
        "$1",
        "ten",
    ];
    for encoding in Encoding::ALL {
        for number in numbers.iter().chain([&thirty_digits]) {
            let request = Draft::with(&[("amount", number)]).send_in(gatekeeper.process(), encoding);
            gatekeeper.refuses(&format!("{number} as {encoding:?}"), request, 422, "amount").await;
        }
        for text in numbers.iter().chain(&texts).chain([&thirty_digits]) {
            let request = Draft::with(&[("amount", &quoted(text))]).send_in(gatekeeper.process(), encoding);
            gatekeeper.refuses(&format!("{text:?} as {encoding:?}"), request, 422, "amount").await;
        }
        for amount in ["10.5", "0.1", "1000000000000001"] {
            let draft = Draft::with(&[("currency_code", r#""JPY""#), ("amount", amount)]);
            let request = draft.send_in(gatekeeper.process(), encoding);
            gatekeeper.refuses(&format!("{amount} yen as {encoding:?}"), request, 422, "amount").await;
        }
    }
}

#[tokio::test]
async fn a_field_that_fails_is_named_and_changes_nothing() {
    let gatekeeper = Gatekeeper::start().await;
    let long = quoted(&"茶".repeat(300));
    let one_more = quoted(&"x".repeat(256));
    let long_url = quoted(&format!("https://a.jp/{}", "x".repeat(2_036)));
    let rows: &[(&[(&str, &str)], &str)] = &[
        (&[("custom", &long)], "custom"),
        (&[("custom", &one_more)], "custom"),
        (&[("custom", r#""""#)], "custom"),
        (&[("custom", "")], "custom"),
        (&[("custom", r#""\u0000""#)], "custom"),
        (&[("details", &long)], "details"),
        (&[("details", &one_more)], "details"),
        (&[("amount", "")], "amount"),
        (&[("currency_code", r#""EUR""#)], "currency_code"),
        (&[("currency_code", r#""XXX""#)], "currency_code"),
        (&[("currency_code", r#""SGP-USD""#)], "currency_code"),
        (&[("currency_code", r#""EUR""#), ("amount", "-1")], "amount currency_code"),
        (&[("web_hook", r#""yoursite.com/hook""#)], "web_hook"),
        (&[("web_hook", r#""/hook""#)], "web_hook"),
        (&[("web_hook", r#""https://""#)], "web_hook"),
        (&[("web_hook", r#""ftp://yoursite.com/""#)], "web_hook"),
        (&[("web_hook", r#""https://me:secret@yoursite.com/""#)], "web_hook"),
        (&[("web_hook", &long_url)], "web_hook"),
        (&[("cancel_url", r#""javascript:alert(1)""#)], "cancel_url"),
        (&[("success_url", r#""data:text/html,x""#)], "success_url"),
        (&[("success_url", "")], "success_url"),
        // What a URL parser would mend.
        (&[("success_url", r#""https:yoursite.com/x""#)], "success_url"),
        (&[("success_url", r#""https:/yoursite.com/x""#)], "success_url"),
        (&[("success_url", r#""https:///yoursite.com/x""#)], "success_url"),
        (&[("success_url", r#""http:/\\evil.example""#)], "success_url"),
        (&[("success_url", r#""https:\\\\evil.example""#)], "success_url"),
        (&[("success_url", r#""https://yoursite.com\\@evil.example""#)], "success_url"),
        (&[("cancel_url", r#"" https://yoursite.com/""#)], "cancel_url"),
        (&[("cancel_url", r#""https://yoursite.com/ ""#)], "cancel_url"),
        (&[("cancel_url", r#""https://your site.com/""#)], "cancel_url"),
        (&[("cancel_url", r#""https://your\tsite.com/""#)], "cancel_url"),
        (&[("cancel_url", r#""ht\ntps://yoursite.com/""#)], "cancel_url"),
        (&[("cancel_url", r#""\u3000https://yoursite.com/""#)], "cancel_url"),
        (&[("web_hook", r#""https:yoursite.com/hook""#)], "web_hook"),
        (&[("customer_email", r#""nobody""#)], "customer_email"),
        (&[("customer_email", r#""a b@example.com""#)], "customer_email"),
        (&[("customer_email", r#""[email\u00a0protected]""#)], "customer_email"),
        (&[("custom", &long), ("amount", "0"), ("customer_email", "")], "amount custom customer_email"),
    ];
    for (changes, fields) in rows {
        for encoding in Encoding::ALL {
            let request = Draft::with(changes).send_in(gatekeeper.process(), encoding);
            gatekeeper.refuses(&format!("{changes:?} as {encoding:?}"), request, 422, fields).await;
        }
    }
    let all = "amount cancel_url custom customer_email success_url web_hook";
    let by_query = "/payment/process?amount=280&custom=DFU80XZIKS&customer_email=buyer%40example.com";
    for (what, request) in [
        ("nothing", gatekeeper.process()),
        ("no fields", gatekeeper.process().json(&json!({}))),
        ("an empty form", gatekeeper.process().form(&[("", "")])),
        ("a query", gatekeeper.server.post(by_query).bearer_auth(&gatekeeper.merchant.access_key)),
    ] {
        let message = gatekeeper.refuses(what, request, 422, all).await;
        assert_eq!(message, "The amount field is required. (and 5 more errors)", "{what}");
    }
}

#[tokio::test]
async fn a_field_of_another_type_is_named_and_changes_nothing() {
    let gatekeeper = Gatekeeper::start().await;
    let names =
        ["custom", "currency_code", "details", "web_hook", "cancel_url", "success_url", "customer_email"];
    for value in ["true", "7", "[]", r#"["a"]"#, "{}", r#"{"a":"b"}"#] {
        for name in names {
            let request = Draft::with(&[(name, value)]).send_in(gatekeeper.process(), Encoding::Json);
            gatekeeper.refuses(&format!("{name} {value}"), request, 422, name).await;
        }
        if value != "7" {
            let request = Draft::with(&[("amount", value)]).send_in(gatekeeper.process(), Encoding::Json);
            gatekeeper.refuses(&format!("amount {value}"), request, 422, "amount").await;
        }
    }
    let mut fields = Draft::sample().fields();
    fields.iter_mut().for_each(|(name, _)| name.push_str("[]"));
    let all = "amount cancel_url currency_code custom customer_email details success_url web_hook";
    gatekeeper.refuses("lists in a form", gatekeeper.process().form(&fields), 422, all).await;
    gatekeeper
        .refuses("lists in a multipart", gatekeeper.process().multipart(multipart_of(fields)), 422, all)
        .await;
}

#[tokio::test]
async fn a_body_that_cannot_be_read_changes_nothing() {
    let gatekeeper = Gatekeeper::start().await;
    let typed = |content_type: &str, body: Vec<u8>| {
        gatekeeper.process().header("content-type", content_type).body(body)
    };
    let json = |body: &str| typed("application/json", body.as_bytes().to_vec());
    let whole = Draft::sample().json();
    let padded = |bytes: usize| {
        let details = "x".repeat(bytes - Draft::with(&[("details", r#""""#)]).json().len());
        Draft::with(&[("details", &quoted(&details))]).json().into_bytes()
    };
    let mebibyte = 1024 * 1024;
    let rows: Vec<(&str, RequestBuilder, u16)> = vec![
        ("half of JSON", json(&whole[..whole.len() - 1]), 400),
        ("two JSONs", json(&whole.repeat(2)), 400),
        ("a comma too many", json(&whole.replace('}', ",}")), 400),
        ("a comment", json(&format!("// hello\n{whole}")), 400),
        ("a repeated key", json(&whole.replace('}', r#","amount":1}"#)), 400),
        ("a list", json("[]"), 400),
        ("null", json("null"), 400),
        ("a deep one", json(&"[".repeat(100_000)), 400),
        ("half a surrogate pair", json(r#"{"custom":"\ud800"}"#), 400),
        ("no UTF-8", typed("application/json", b"{\"custom\":\"\xff\"}".to_vec()), 400),
        ("no UTF-8 in a form", typed("application/x-www-form-urlencoded", b"custom=%ff".to_vec()), 400),
        ("too many fields", gatekeeper.process().form(&vec![("a[]", "1"); 257]), 400),
        ("a multipart without boundary", typed("multipart/form-data", b"--x".to_vec()), 400),
        ("half a multipart", typed("multipart/form-data; boundary=x", b"--x\r\nContent-".to_vec()), 400),
        ("XML", typed("application/xml", b"<custom/>".to_vec()), 415),
        ("plain text", typed("text/plain", whole.clone().into_bytes()), 415),
        ("1 MiB and a byte", typed("application/json", padded(mebibyte + 1)), 413),
        ("8 MiB", typed("application/json", padded(8 * mebibyte)), 413),
        ("8 MiB as a form", typed("application/x-www-form-urlencoded", padded(8 * mebibyte)), 413),
        ("8 MiB as a multipart", typed("multipart/form-data; boundary=x", padded(8 * mebibyte)), 413),
    ];
    for (what, request, status) in rows {
        gatekeeper.refuses(what, request, status, "").await;
    }
    let exactly = typed("application/json", padded(mebibyte));
    gatekeeper.refuses("exactly 1 MiB can be read", exactly, 422, "details").await;
}

#[tokio::test]
async fn other_methods_and_unknown_routes_answer_in_the_same_shape() {
    let gatekeeper = Gatekeeper::start().await;
    for (method, path, status, allow) in [
        (Method::GET, "/payment/process", 405, Some("POST")),
        (Method::PUT, "/payment/process", 405, Some("POST")),
        (Method::DELETE, "/payment/process", 405, Some("POST")),
        (Method::PATCH, "/payment/check-validity", 405, Some("GET,HEAD,POST")),
        (Method::from_bytes(b"BREW").unwrap(), "/payment/process", 405, Some("POST")),
        (Method::DELETE, "/process-checkout", 405, Some("GET,HEAD,POST")),
        (Method::POST, "/payment", 404, None),
        (Method::POST, "/payment/process/", 404, None),
        (Method::POST, "/payment/refund", 404, None),
        (Method::GET, "/", 404, None),
        (Method::GET, "/payment/..%2f..%2fetc/passwd", 404, None),
        (Method::POST, "/operator/merchants", 404, None),
    ] {
        let what = format!("{method} {path}");
        let request = gatekeeper.server.http.request(method, gatekeeper.server.url(path));
        let allowed = request.try_clone().unwrap().send().await.unwrap().headers().get("allow").cloned();
        assert_eq!(allowed.as_ref().map(|value| value.to_str().unwrap()), allow, "{what}");
        gatekeeper.refuses(&what, request.bearer_auth(&gatekeeper.merchant.access_key), status, "").await;
    }
}

#[tokio::test]
async fn without_its_key_nobody_is_a_merchant() {
    let gatekeeper = Gatekeeper::start().await;
    let key = gatekeeper.merchant.access_key.as_str();
    let bare = || gatekeeper.server.post("/payment/process").json(&json!({}));
    let authorization = |value: String| bare().header("authorization", value);
    let other = gatekeeper.server.merchant().await;
    for (what, request) in [
        ("no header", bare()),
        ("an empty header", authorization(String::new())),
        ("no scheme", authorization(key.to_owned())),
        ("another scheme", authorization(format!("Basic {key}"))),
        ("the document's placeholder", authorization("Bearer access_key".into())),
        ("the document's example", authorization("Bearer 51a4bd18-5bc1-4eaa-97b0-c09323398883".into())),
        ("in capitals", authorization(format!("Bearer {}", key.to_uppercase()))),
        ("one letter short", authorization(format!("Bearer {}", &key[1..]))),
        ("another's secret key", authorization(format!("Bearer {}", other.secret_key))),
        ("the operator's token", authorization(format!("Bearer {}", crate::harness::OPERATOR_TOKEN))),
    ] {
        let message = gatekeeper.refuses(what, request, 401, "").await;
        assert_eq!(message, "Invalid API credentials.", "{what}");
    }
    let (_, printed) = bare().text_answer().await;
    assert_eq!(printed, r#"{"code":401,"status":"error","message":"Invalid API credentials."}"#);
}

#[tokio::test]
async fn active_mode_takes_only_https() {
    let gatekeeper = Gatekeeper::start().await;
    let path = format!("/operator/merchants/{}/mode", gatekeeper.merchant.id);
    let (status, _) = gatekeeper.server.operator_post(&path, &json!({ "mode": "active" })).answer().await;
    assert_eq!(status, 200);
    for name in ["web_hook", "cancel_url", "success_url"] {
        let draft = Draft::with(&[(name, r#""http://yoursite.com/""#)]);
        let request = draft.send_in(gatekeeper.process(), Encoding::Json);
        gatekeeper.refuses(name, request, 422, name).await;
    }
    let (status, answer) = Draft::sample().send_in(gatekeeper.process(), Encoding::Json).answer().await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn a_webhook_that_must_not_be_called_is_refused_at_initiation() {
    let strict = Gatekeeper::start_without_private_webhooks().await;
    let lenient = Gatekeeper::start().await;
    let operator = lenient.server.operator_url("/operator/merchants");
    for (hook, always) in [
        ("http://127.0.0.1:8080/hook", false),
        ("http://2130706433/", false),
        ("http://0x7f.1/", false),
        ("http://[::1]/", false),
        ("http://10.1.2.3/", false),
        ("http://192.168.0.1/", false),
        ("http://169.254.169.254/latest/meta-data", true),
        ("http://0.0.0.0/", true),
        ("http://[::ffff:127.0.0.1]/", true),
        (&operator, true),
    ] {
        let draft = Draft::with(&[("web_hook", &quoted(hook))]);
        let request = draft.send_in(strict.process(), Encoding::Json);
        strict.refuses(hook, request, 422, "web_hook").await;
        if always {
            let request = draft.send_in(lenient.process(), Encoding::Json);
            lenient
                .refuses(&format!("{hook} even where private ones are allowed"), request, 422, "web_hook")
                .await;
        }
    }
}
