//! `choai merchant create`: makes a merchant through the operator's port, and shows its keys once.

use std::process::Command;

use serde_json::Value;

use super::outcome::{outcome, refusal};
use crate::harness::{Answered, Merchant, Server, payment_of};

fn create(server: &Server, args: &[&str]) -> Command {
    let mut create = server.choai();
    create.args(["merchant", "create", "--operator", &server.operator_url("")]).args(args);
    create
}

#[tokio::test]
async fn its_keys_work() {
    let server = Server::start();
    let outcome = outcome(create(&server, &["--json", "--name", "茶舗 Choai"]).arg("--signature-required"));
    assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""));
    let made: Value = serde_json::from_str(&outcome.out).expect("JSON");
    assert_eq!((&made["name"], &made["mode"]), (&Value::from("茶舗 Choai"), &Value::from("test")));
    let text = |name: &str| made[name].as_str().expect("text").to_owned();
    let id = made["merchant_id"].as_u64().expect("a number");
    let merchant = Merchant { id, access_key: text("access_key"), secret_key: text("secret_key") };
    for name in ["client_id", "client_secret"] {
        assert!(!text(name).is_empty(), "{name}");
    }
    let body = payment_of("https://shop.example.com").to_string();
    let now =
        std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is later than 1970").as_secs().to_string();
    let request = server.process(&merchant).header("content-type", "application/json").body(body.clone());
    let unsigned = request.try_clone().expect("it is not a stream").answer().await;
    assert_eq!(unsigned.0, 401, "{}", unsigned.1);
    let signature = merchant.sign(&now, body.as_bytes());
    let signed = request.header("x-timestamp", now).header("x-signature", signature).answer().await;
    assert_eq!(signed.0, 200, "{}", signed.1);
}

#[tokio::test]
async fn people_and_programs_are_shown_the_same() {
    let server = Server::start();
    let shown = outcome(&mut create(&server, &[]));
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), ""));
    let value = |label: &str| {
        let line = shown.out.lines().find_map(|line| line.strip_prefix(label));
        line.unwrap_or_else(|| panic!("no {label} in {}", shown.out)).trim().to_owned()
    };
    for label in ["access key", "secret key", "client id", "client secret"] {
        assert!(value(label).len() >= 32, "{label}: {}", value(label));
    }
    assert_eq!(value("merchant id"), "1");
    let merchant = Merchant { id: 1, access_key: value("access key"), secret_key: value("secret key") };
    server.initiate(&merchant, &payment_of("https://shop.example.com")).await;
    // An address without its scheme is what the ready file says.
    let address = server.operator_url("").trim_start_matches("http://").to_owned();
    let mut second = server.choai();
    let second = outcome(second.args(["merchant", "create", "--json", "--operator", &address]));
    let second: Value = serde_json::from_str(&second.out).expect("JSON");
    assert_eq!(second["merchant_id"], 2);
}

#[tokio::test]
async fn a_refusal_is_one_line() {
    let server = Server::start();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let folder = tempfile::tempdir().expect("a folder");
    let no_server = refusal(server.choai().args(["merchant", "create", "--operator", &nobody.to_string()]));
    assert!(no_server.starts_with(&format!("no server answers at http://{nobody}")), "{no_server}");
    let wrong_token = refusal(create(&server, &[]).env("CHOAI_OPERATOR_TOKEN", "the-token-of-nobody"));
    assert!(wrong_token.starts_with("the server answered 401"), "{wrong_token}");
    let no_token =
        refusal(create(&server, &["--data"]).arg(folder.path()).env_remove("CHOAI_OPERATOR_TOKEN"));
    assert!(no_token.starts_with("no CHOAI_OPERATOR_TOKEN, and no operator-token in"), "{no_token}");
    let bad_name = refusal(&mut create(&server, &["--name", "\u{7}"]));
    assert!(bad_name.starts_with("the server answered 422"), "{bad_name}");
    assert_eq!(server.position().await, 0, "nothing was made");
}
