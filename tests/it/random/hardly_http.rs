//! What no client library would send: each is answered with a 4xx or hung up on, and the next one is served.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Answered, Server};

#[tokio::test]
async fn what_is_hardly_http_harms_nobody() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let before = server.position().await;
    let head = format!(
        "POST /payment/process HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n",
        merchant.access_key
    );
    let long = "x".repeat(1024 * 1024);
    for (what, request) in [
        ("nothing", String::new()),
        ("noise", "\u{0}\u{1}\u{2}\r\n\r\n".to_owned()),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}".to_owned()),
        ("another version", "GET /livez HTTP/9.9\r\n\r\n".to_owned()),
        ("half a line", "POST /payment/pro".to_owned()),
        ("a bad length", format!("{head}Content-Length: -1\r\n\r\n")),
        ("two lengths", format!("{head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab")),
        (
            "a length and chunks",
            format!("{head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        ("a broken chunk", format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n")),
        (
            "a body cut short",
            format!("{head}Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{{\"a\":1"),
        ),
        ("a huge header", format!("{head}X-Long: {long}\r\n\r\n")),
        ("a huge path", format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n")),
        ("many headers", format!("{head}{}\r\n", "a: b\r\n".repeat(5_000))),
        ("a control character", format!("{head}X: a\u{0}b\r\n\r\n")),
        (
            "a key beyond ASCII",
            "POST /payment/process HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer é\r\n\r\n".to_owned(),
        ),
    ] {
        let answer = answer_to(&server, request.as_bytes()).await;
        let is_refusal = answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4");
        assert!(answer.is_empty() || is_refusal, "{what}: {answer}");
        assert_eq!(server.get("/livez").text_answer().await.0, 200, "after {what}");
    }
    assert_eq!(server.position().await, before);
    server.audit_full();
}

/// PHP's stream wrapper spoke HTTP/1.0 for long: no chunks, and the connection ends with the answer.
#[tokio::test]
async fn http_1_0_is_spoken_too() {
    let server = Server::start();
    let answer = answer_to(&server, b"GET /payment/check-validity HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 401 "), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("transfer-encoding"), "{answer}");
    assert!(
        answer.ends_with(r#"{"code":401,"status":"error","message":"Invalid API credentials."}"#),
        "{answer}"
    );
}

/// A client that asks first is told no before it has sent anything.
#[tokio::test]
async fn who_asks_before_sending_is_refused_at_once() {
    let server = Server::start();
    let head =
        "POST /payment/process HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n";
    let mut connection = connect(&server).await;
    connection.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).await.expect("it listens");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.url("").trim_start_matches("http://")).await.expect("it listens")
}

/// Everything that comes back; nothing if it hung up.
async fn answer_to(server: &Server, request: &[u8]) -> String {
    let mut connection = connect(server).await;
    // It may hang up while we are still talking.
    let _ = connection.write_all(request).await;
    let _ = connection.shutdown().await;
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}
