//! `choai serve`: how it says that it is ready, and how it stops.

use std::{
    fs,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::outcome::{outcome, refusal};
use crate::harness::{
    Answer, Answered, Gate, OPERATOR_TOKEN, Receiver, Server, choai, client, eventually, payment_of, tell,
    wait_for_end,
};

/// A server started as `make run` does, for what [`Server`] does not show.
struct Bare {
    process: Child,
    ready: Value,
    folder: tempfile::TempDir,
}

impl Bare {
    fn start() -> Self {
        Self::start_as(|_| ())
    }

    /// With more said about how it is to be run.
    fn start_as(more: impl FnOnce(&mut Command)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ready_file = folder.path().join("ready.json");
        let mut serve = Command::new(choai());
        serve.args(["serve", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"]);
        serve
            .arg("--with-test-merchant")
            .arg("--data")
            .arg(folder.path().join("data"))
            .arg("--ready-file")
            .arg(&ready_file);
        serve.env("CHOAI_OPERATOR_TOKEN", OPERATOR_TOKEN).stdin(Stdio::null());
        serve.stdout(Stdio::null()).stderr(Stdio::null());
        more(&mut serve);
        let process = serve.spawn().expect("it can be started");
        let mut bare = Self { process, ready: Value::Null, folder };
        let started = Instant::now();
        while !ready_file.exists() {
            let ended = bare.process.try_wait().expect("a child can be asked");
            assert_eq!(ended, None, "it ended before it was ready");
            assert!(started.elapsed() < Duration::from_secs(60), "it did not get ready");
            thread::sleep(Duration::from_millis(1));
        }
        bare.ready = serde_json::from_slice(&fs::read(&ready_file).expect("there")).expect("JSON");
        bare
    }

    fn stop(mut self, signal: &str) {
        tell(&self.process, signal);
        let status = wait_for_end(&mut self.process);
        assert_eq!(status.code(), Some(0), "{signal}: {status}");
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn the_ready_file_has_both_addresses_and_both_answer() {
    let (one, other) = (Bare::start(), Bare::start());
    let mut all = Vec::new();
    for server in [&one, &other] {
        let ready = server.ready.as_object().expect("an object");
        assert_eq!(ready.keys().collect::<Vec<_>>(), ["listen", "operator_listen"]);
        for address in ready.values().map(|address| address.as_str().expect("text")) {
            let parsed: SocketAddr = address.parse().expect("an address");
            assert_ne!(parsed.port(), 0, "the port that was taken");
            let (status, text) = client().get(format!("http://{address}/livez")).text_answer().await;
            assert_eq!((status, text.as_str()), (200, "ok\n"));
            all.push(address.to_owned());
        }
        let files: Vec<_> = fs::read_dir(server.folder.path()).expect("there").collect();
        assert_eq!(files.len(), 4, "data, key, erasures, ready file, and nothing half written: {files:?}");
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4, "port 0 takes a free one each time");
}

/// The server once listened for signals only when it had nothing else to do, made its first merchant after it had
/// said that it was ready, and died of a signal that came between.
#[test]
fn whoever_waits_for_the_ready_file_can_stop_it_at_once() {
    for signal in ["TERM", "INT", "TERM", "INT", "TERM", "INT"] {
        Bare::start().stop(signal);
    }
}

/// Whoever polls for the file must never find one that nobody stands behind, nor miss one that somebody does.
#[tokio::test]
async fn the_ready_file_is_there_as_long_as_its_server() {
    let mut server = Server::start();
    let (ready_file, said) = (server.ready_file(), fs::read(server.ready_file()).expect("there"));
    let mut second = server.choai();
    second.args(["serve", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0", "--data"]);
    second.arg(server.data()).arg("--ready-file").arg(&ready_file);
    assert!(refusal(&mut second).contains("is in use by another server"));
    assert_eq!(
        fs::read(&ready_file).expect("still there"),
        said,
        "a server that was refused leaves it alone"
    );
    server.terminate();
    assert!(!ready_file.exists(), "it has stopped");

    server.restart();
    server.merchant().await;
    server.kill();
    assert!(ready_file.exists(), "nobody was left to remove it");
    // This one gets as far as opening the ledger, and no farther.
    fs::rename(server.data().join("ledger"), server.data().join("elsewhere")).expect("it can be moved");
    assert!(refusal(second.env("RUST_LOG", "error")).contains("events are missing"));
    assert!(!ready_file.exists(), "what a kill left behind is gone before the ledger is opened");
    fs::rename(server.data().join("elsewhere"), server.data().join("ledger")).expect("and back");
}

/// `choai serve | true` once ended in a panic.
#[tokio::test]
async fn nobody_has_to_listen_to_what_it_says() {
    let closed = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        writer
    };
    let deaf = Bare::start_as(|serve| {
        serve.stdout(closed()).stderr(closed()).env("RUST_LOG", "trace");
    });
    let address = deaf.ready["listen"].as_str().expect("text").to_owned();
    assert_eq!(client().get(format!("http://{address}/livez")).text_answer().await.0, 200);
    let data = deaf.folder.path().join("data");
    let mut audit = Command::new(choai());
    audit.arg("audit").arg("--data").arg(&data).stdout(closed()).stderr(closed());
    let audit = wait_for_end(&mut audit.spawn().expect("it can be started"));
    assert_eq!(audit.code(), Some(0));
    let mut refused = Command::new(choai());
    refused.arg("serve").arg("--data").arg(&data).args(["--listen", &address]);
    let refused =
        wait_for_end(&mut refused.stdout(closed()).stderr(closed()).spawn().expect("it can be started"));
    assert_eq!(refused.code(), Some(1));
    deaf.stop("TERM");
}

/// Only the token that was sent was once stripped of blanks: with one behind it, no token was the right one.
#[tokio::test]
async fn blanks_around_the_token_do_not_count() {
    let blank = format!(" {OPERATOR_TOKEN} \n");
    let server = Bare::start_as(|serve| {
        serve.env("CHOAI_OPERATOR_TOKEN", &blank);
    });
    let operator = server.ready["operator_listen"].as_str().expect("text");
    let asked = || client().get(format!("http://{operator}/operator/merchants"));
    assert_eq!(asked().bearer_auth(OPERATOR_TOKEN).answer().await.0, 200);
    assert_eq!(asked().bearer_auth(&OPERATOR_TOKEN[1..]).answer().await.0, 401);
    let mut create = Command::new(choai());
    create.args(["merchant", "create", "--operator", operator]).env("CHOAI_OPERATOR_TOKEN", &blank);
    let created = outcome(&mut create);
    assert_eq!(created.code, Some(0), "{}", created.err);
}

/// Every clean stop once broke off the attempts under way, whose receivers then got a second one after the restart.
#[tokio::test]
async fn told_to_stop_it_hears_receivers_out() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let silence = Gate::closed();
    let mut shop = Receiver::scripted([Answer::Behind(silence.clone()), Answer::Status(200)]).await;
    let payment = server.initiate(&merchant, &payment_of(&shop.url())).await;
    server.pay(&payment).await;
    shop.next().await;
    let address = server.url("").trim_start_matches("http://").to_owned();
    let stopping = thread::spawn(move || {
        server.terminate();
        server
    });
    while TcpStream::connect(&address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!stopping.is_finished(), "it waits for the receiver");
    silence.open();
    let mut server = stopping.join().expect("it ends with 0");
    let attempts = server.events_of("webhook.attempted");
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0]["body"]["verdict"], "Delivered");
    server.restart();
    let payment = server.initiate(&merchant, &payment_of(&shop.url())).await;
    server.pay(&payment).await;
    assert!(shop.next().await.text().contains(&payment), "the first one is not told twice");
    server.audit_full();
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_it_has_begun() {
    let mut server = Server::start();
    let merchant = server.merchant().await;
    let body = payment_of("https://shop.example.com").to_string();
    let address = server.url("").trim_start_matches("http://").to_owned();
    let mut slow = TcpStream::connect(&address).await.expect("a connection");
    let head = format!(
        "POST /payment/process HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\nidempotency-key: slow\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        merchant.access_key,
        body.len()
    );
    slow.write_all(head.as_bytes()).await.expect("it can be sent");
    // The handler asks for the body: the request is under way.
    assert_eq!(read_to(&mut slow, "\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    let stopping = thread::spawn(move || {
        server.terminate();
        server
    });
    while TcpStream::connect(&address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!stopping.is_finished(), "it waits for the request");
    slow.write_all(body.as_bytes()).await.expect("it is still read");
    let answer = read_to(&mut slow, "\"}").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let mut server = stopping.join().expect("it ends with 0");
    server.restart();
    let again = server.process(&merchant).header("idempotency-key", "slow");
    let again = again.header("content-type", "application/json").body(body).answer().await.1;
    assert!(answer.contains(again["payment_id"].as_str().expect("an id")), "{answer} is not {again}");
    assert_eq!(server.events_of("payment.created").len(), 1);
    server.audit_full();
}

/// A connection that had sent half a request once kept the server from ending until its patience was over.
#[tokio::test]
async fn told_to_stop_it_does_not_wait_for_what_never_began() {
    let mut server = Server::start();
    let address = server.url("").trim_start_matches("http://").to_owned();
    let mut half = TcpStream::connect(&address).await.expect("a connection");
    half.write_all(b"GET /livez HTTP/1.1\r\nhos").await.expect("it can be sent");
    // Accepted after it, so the server knows of the other one too.
    assert_eq!(server.get("/livez").text_answer().await.0, 200);
    server.terminate();
    assert!(!server.log().contains("did not finish in time"), "{}", server.log());
    // Hung up on, without an answer.
    assert!(matches!(half.read(&mut [0; 1]).await, Ok(0) | Err(_)));
}

async fn read_to(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let mut bytes = [0; 1_024];
        let count = stream.read(&mut bytes).await.expect("it answers");
        assert_ne!(count, 0, "it hung up after: {text}");
        text.push_str(std::str::from_utf8(&bytes[..count]).expect("text"));
    }
    text
}

#[tokio::test]
async fn the_first_start_prints_a_line_that_makes_a_payment() {
    let mut server = Server::start_with(&["--with-test-merchant"]);
    let printed =
        eventually("the line", async || Some(server.log()).filter(|log| log.contains("customer_email")))
            .await;
    let words = shell_words(printed.split_once("curl ").expect("a command").1);
    let after = |flag: &str| {
        let pairs = words.windows(2).filter(|pair| pair[0] == flag);
        pairs.map(|pair| pair[1].split_once([':', '=']).expect("a name and a value")).collect::<Vec<_>>()
    };
    let (headers, fields) = (after("-H"), after("-d"));
    assert_eq!((headers.len(), fields.len()), (1, 8), "{printed}");
    let request = client().post(&words[0]).header(headers[0].0, headers[0].1.trim()).form(&fields);
    let (status, answer) = request.answer().await;
    assert_eq!(status, 200, "{answer}");
    let page = client().get(answer["url"].as_str().expect("a page")).text_answer().await;
    assert!(page.0 == 200 && page.1.contains("Green tea"), "{}", page.1);

    server.terminate();
    server.restart();
    let merchants = server.operator_get("/operator/merchants").answer().await.1;
    assert_eq!(merchants.as_array().map(Vec::len), Some(1), "made once: {merchants}");
}

/// The words of a command as a shell would split them, as far as quotes and continued lines go.
fn shell_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in text.replace("\\\n", " ").chars() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            '\n' if !is_quoted => break,
            ' ' if !is_quoted => words.push(String::new()),
            letter => words.last_mut().expect("never empty").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
