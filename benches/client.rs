//! A client that costs next to nothing, so that it is the server that is measured.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What is sent over and over, and what every answer that takes it must hold.
#[derive(Clone)]
pub struct Request {
    /// Whom it is sent to.
    pub to: SocketAddr,
    /// All of it.
    pub bytes: Vec<u8>,
    /// What is somewhere in the answer.
    pub answered_with: &'static [u8],
}

impl Request {
    /// A POST of a form.
    pub fn post(to: SocketAddr, path: &str, access_key: &str, form: &str) -> Self {
        let bytes = format!(
            "POST {path} HTTP/1.1\r\nhost: {to}\r\nauthorization: Bearer {access_key}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        );
        Self { to, bytes: bytes.into_bytes(), answered_with: b"\"payment_id\":\"" }
    }
}

/// A keep-alive connection with one request under way at a time.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Taken,
    /// There are too many, and whoever asked is to come back so much later.
    Refused(Duration),
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody takes the connection within 30 seconds.
    pub async fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = tokio::time::timeout(Duration::from_secs(30), TcpStream::connect(to)).await??;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(4_096) })
    }

    /// Sends the request and reads one answer to its end.
    ///
    /// # Errors
    /// When the connection breaks, or the answer is neither what is expected nor a well-formed refusal.
    pub async fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        self.stream.write_all(&request.bytes).await?;
        self.received.clear();
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match answer_bytes(&self.received) {
                Some(bytes) if bytes < self.received.len() => return Err(self.unexpected()),
                Some(bytes) if bytes == self.received.len() => break,
                _ => {}
            }
        }
        if self.received.starts_with(b"HTTP/1.1 429 ") {
            let seconds = number_after(&self.received, b"\r\nretry-after: ");
            return Ok(Answer::Refused(Duration::from_secs(seconds.ok_or_else(|| self.unexpected())?)));
        }
        let is_ok = self.received.starts_with(b"HTTP/1.1 200 ");
        let is_as_expected = find(&self.received, request.answered_with).is_some();
        if is_ok && is_as_expected { Ok(Answer::Taken) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> io::Error {
        io::Error::other(String::from_utf8_lossy(&self.received).into_owned())
    }
}

/// The length of the answer that `received` begins with, once its head is there; hyper writes names in lower case.
fn answer_bytes(received: &[u8]) -> Option<usize> {
    let head = find(received, b"\r\n\r\n")? + 4;
    let body = number_after(&received[..head], b"\r\ncontent-length: ")?;
    Some(head + usize::try_from(body).ok()?)
}

/// The whole number after `name`.
fn number_after(within: &[u8], name: &[u8]) -> Option<u64> {
    let text = &within[find(within, name)? + name.len()..];
    let digits = text.split(|byte| *byte == b'\r').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}
