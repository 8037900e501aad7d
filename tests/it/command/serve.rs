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

use super::outcome::outcome;
use crate::harness::{Answered, OPERATOR_TOKEN, Server, choai, client, eventually, payment_of, wait_for_end};

/// A server started as `make run` does, for what [`Server`] does not show.
struct Bare {
    process: Child,
    ready: Value,
    folder: tempfile::TempDir,
}

impl Bare {
    fn start() -> Self {
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
        let process = serve.spawn().expect("it can be started");
        let started = Instant::now();
        while !ready_file.exists() {
            assert!(started.elapsed() < Duration::from_secs(60), "it did not get ready");
            thread::sleep(Duration::from_millis(1));
        }
        let ready = serde_json::from_slice(&fs::read(&ready_file).expect("there")).expect("JSON");
        Self { process, ready, folder }
    }

    fn stop(mut self, signal: &str) {
        let told = outcome(Command::new("kill").arg(signal).arg(self.process.id().to_string()));
        assert_eq!(told.code, Some(0), "{}", told.err);
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
        assert_eq!(files.len(), 3, "data, master key, ready file, and nothing half written: {files:?}");
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4, "port 0 takes a free one each time");
}

/// The server once listened for signals only when it had nothing else to do, made its first merchant after it had
/// said that it was ready, and died of a signal that came between.
#[test]
fn whoever_waits_for_the_ready_file_can_stop_it_at_once() {
    for signal in ["-TERM", "-INT", "-TERM", "-INT", "-TERM", "-INT"] {
        Bare::start().stop(signal);
    }
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
