//! A client that costs next to nothing, so that it is the server that is measured.

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use choai_benches::figures::Figures;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

use crate::{MEASURED, WARM_UP};

/// What is sent over and over, and what every answer must hold.
#[derive(Clone)]
pub struct Request {
    pub to: SocketAddr,
    pub bytes: Vec<u8>,
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

/// Keeps every connection busy through warm-up and measurement; counts answers that came within the latter.
///
/// `begin` is called once, between the two.
pub fn run(connections: usize, request: &Request, begin: impl FnOnce()) -> Figures {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let figures = Rc::new(RefCell::new(Figures::default()));
    let from = Instant::now() + WARM_UP;
    let all = LocalSet::new();
    for _ in 0..connections {
        all.spawn_local(keep_busy(request.clone(), from, figures.clone()));
    }
    all.block_on(&runtime, async {
        tokio::time::sleep_until(from.into()).await;
        begin();
        tokio::time::sleep_until((from + MEASURED).into()).await;
    });
    // Requests still under way are broken off with the runtime.
    drop((all, runtime));
    figures.take()
}

async fn keep_busy(request: Request, from: Instant, figures: Rc<RefCell<Figures>>) {
    let mut connection = Connection::open(request.to).await.expect("the server takes connections");
    loop {
        let sent = Instant::now();
        connection.ask(&request).await.expect("the server answers");
        let answered = Instant::now();
        if answered >= from && answered < from + MEASURED {
            figures.borrow_mut().add(answered - sent);
        }
    }
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    async fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = tokio::time::timeout(Duration::from_secs(5), TcpStream::connect(to)).await??;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(4_096) })
    }

    /// Sends the request and reads one answer to its end; anything but the one expected is an error.
    async fn ask(&mut self, request: &Request) -> io::Result<()> {
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
        let is_ok = self.received.starts_with(b"HTTP/1.1 200 ");
        let is_as_expected = find(&self.received, request.answered_with).is_some();
        if is_ok && is_as_expected { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> io::Error {
        io::Error::other(String::from_utf8_lossy(&self.received).into_owned())
    }
}

/// The length of the answer that `received` begins with, once its head is there; hyper writes names in lower case.
fn answer_bytes(received: &[u8]) -> Option<usize> {
    const LENGTH: &[u8] = b"\r\ncontent-length: ";
    let head = find(received, b"\r\n\r\n")? + 4;
    let length = &received[find(&received[..head], LENGTH)? + LENGTH.len()..];
    let digits = length.split(|byte| *byte == b'\r').next()?;
    let body: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(head + body)
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}
