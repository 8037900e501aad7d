//! The document's own PHP, run by PHP. `samples/` holds its text, byte for byte; only what a merchant fills in is
//! filled in, and every blank must be there to be filled.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::harness::{Answered, Merchant, NOBODY, Receiver, Server, client, eventually, payment_of};

const INITIATE: &str = include_str!("samples/initiate.php");
const CHECK_VALIDITY: &str = include_str!("samples/check_validity.php");
const WEBHOOK_RECEIVER: &str = include_str!("samples/webhook_receiver.php");

/// Puts each second text in the place of the first, which must occur exactly once.
fn fill_in(sample: &str, blanks: &[(&str, &str)]) -> String {
    blanks.iter().fold(sample.to_owned(), |sample, (blank, filled)| {
        assert_eq!(sample.matches(blank).count(), 1, "{blank:?} in the sample:\n{sample}");
        sample.replace(blank, filled)
    })
}

/// Runs a sample and gives what it left in `$response`.
fn response_of(sample: &str) -> Value {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = folder.path().join("sample.php");
    fs::write(&script, sample).expect("the sample can be written");
    let output =
        php().args(["-r", "require $argv[1]; echo $response;"]).arg(&script).output().expect("php runs");
    let (answer, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(
        output.status.success() && errors.is_empty(),
        "php ended with {}: {errors}{answer}",
        output.status
    );
    serde_json::from_str(answer.trim()).unwrap_or_else(|_| panic!("no JSON: {answer}"))
}

/// PHP that says everything it dislikes, and goes through no proxy.
fn php() -> Command {
    let mut php = Command::new("php");
    php.args(["-d", "error_reporting=E_ALL", "-d", "display_errors=stderr"]);
    php.env("no_proxy", "127.0.0.1");
    php
}

/// The document's receiver under PHP's own server, which ends with this.
struct PhpServer {
    process: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl PhpServer {
    fn start(secret_key: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let router = folder.path().join("web_hook.php");
        let snippet = fill_in(WEBHOOK_RECEIVER, &[("merchant側で事前共有したシークレット", secret_key)]);
        fs::write(&router, format!("<?php\n{snippet}")).expect("the snippet can be written");
        let mut process =
            php().args(["-S", "127.0.0.1:0"]).arg(&router).stderr(Stdio::piped()).spawn().expect("php runs");
        let said = BufReader::new(process.stderr.take().expect("it is piped"));
        let mut lines = said.lines().map_while(Result::ok);
        let announced = lines.find_map(|line| {
            let (_, after) = line.split_once("Development Server (")?;
            Some(after.split_once(')')?.0.to_owned())
        });
        // Read on, so that PHP is never stopped by a full pipe.
        std::thread::spawn(move || lines.count());
        Self { process, url: announced.expect("php says where it listens"), _folder: folder }
    }
}

impl Drop for PhpServer {
    fn drop(&mut self) {
        // Ours by its handle; it may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn initiate(server: &Server, merchant: &Merchant, shop: &str) -> String {
    fill_in(
        INITIATE,
        &[
            ("https://payment.ito-japan.jp", server.url("").as_str()),
            ("Bearer access_key", &format!("Bearer {}", merchant.access_key)),
            ("$secret_key", &format!("'{}'", merchant.secret_key)),
            ("[email\u{a0}protected]", "buyer@example.com"),
            ("https://yoursite.com/web_hook.php", &format!("{shop}/web_hook.php")),
            ("https://yoursite.com/cancel_url.php", &format!("{shop}/cancel_url.php")),
            ("https://yoursite.com/success_url.php", &format!("{shop}/success_url.php")),
        ],
    )
}

fn check_validity(server: &Server, merchant: &Merchant, payment: &str) -> String {
    fill_in(
        CHECK_VALIDITY,
        &[
            ("https://payment.ito-japan.jp", server.url("").as_str()),
            ("Bearer access_key", &format!("Bearer {}", merchant.access_key)),
            ("AIYmQIOAz0GlmsjfhgiOeu304", payment),
            ("]\n                \n", "];\n                \n"),
        ],
    )
}

#[tokio::test]
async fn the_samples_take_a_payment_from_initiation_to_verification() {
    let server = Server::start();
    // Mandatory, so that the sample's signature is what lets it in.
    let merchant = server.merchant_as(&json!({ "name": "Sample Shop", "signature_required": true })).await;
    let shop = PhpServer::start(&merchant.secret_key);

    let initiated = response_of(&initiate(&server, &merchant, &shop.url));
    assert_eq!(initiated["code"], 200, "{initiated}");
    let payment = initiated["payment_id"].as_str().expect("an id").to_owned();
    assert_eq!(initiated["url"], server.url(&format!("/process-checkout?payment_id={payment}")));

    server.pay(&payment).await;
    let attempted = eventually("the webhook", async || server.events_of("webhook.attempted").pop()).await;
    let (answer, verdict) = (&attempted["body"]["answer"], &attempted["body"]["verdict"]);
    assert_eq!((answer, verdict), (&json!({ "Status": 200 }), &json!("Delivered")), "the snippet took it");
    server.audit_full();
}

#[tokio::test]
async fn the_verification_sample_knows_paid_from_unpaid() {
    let server = Server::start();
    let (merchant, other) = (server.merchant().await, server.merchant().await);
    let payment = server.initiate(&merchant, &payment_of(NOBODY)).await;
    let check = |merchant| response_of(&check_validity(&server, merchant, &payment));
    let not_found = json!({ "code": 404, "status": "error", "message": "Transaction not found" });
    assert_eq!(check(&merchant), not_found);
    server.pay(&payment).await;
    assert_eq!(check(&merchant), json!({ "code": 200, "status": "ok", "message": "Transaction is valid" }));
    assert_eq!(check(&other), not_found);
    let stranger = Merchant { access_key: "51a4bd18-5bc1-4eaa-97b0-c09323398883".into(), ..other.clone() };
    assert_eq!(
        check(&stranger),
        json!({ "code": 401, "status": "error", "message": "Invalid API credentials." })
    );
}

#[tokio::test]
async fn the_receiver_snippet_takes_our_webhook_and_no_other() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let (snippet, mut tap) = (PhpServer::start(&merchant.secret_key), Receiver::start().await);
    let payment = server.initiate(&merchant, &payment_of(&tap.url())).await;
    server.pay(&payment).await;
    let ours = tap.next().await;
    let text = ours.text().to_owned();

    let http = client();
    let send = async |timestamp: &str, signature: &str, body: String| {
        let request = http.post(format!("{}/web_hook.php", snippet.url)).header("x-timestamp", timestamp);
        request.header("x-signature", signature).body(body).text_answer().await
    };
    let (timestamp, signature) = (ours.header("x-timestamp"), ours.header("x-signature"));
    let refused = (403, "Invalid signature".to_owned());
    assert_eq!(send(timestamp, signature, text.clone()).await, (200, String::new()));
    assert_eq!(send(timestamp, signature, text.replace("280.00", "28000")).await, refused, "another amount");
    assert_eq!(send(timestamp, signature, format!("{text} ")).await, refused, "one blank more");
    assert_eq!(send("1700000000", signature, text.clone()).await, refused, "another time");
    assert_eq!(
        send(timestamp, signature.trim_start_matches("sha256="), text.clone()).await,
        refused,
        "no prefix"
    );
    let forged = format!("sha256={}", server.merchant().await.sign(timestamp, text.as_bytes()));
    assert_eq!(send(timestamp, &forged, text).await, refused, "another's secret");
}
