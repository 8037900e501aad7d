//! A merchant's server: takes every request, remembers it, and answers as its script says.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, LazyLock},
};

use axum::{
    body::Bytes,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use reqwest::header::HeaderMap;
use tokio::{
    net::{TcpListener, TcpSocket},
    runtime::Runtime,
    sync::{Mutex, mpsc, watch},
    task::JoinHandle,
};

/// Receivers run beside the tests, so that a test may block while its server knocks.
static BESIDE: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime")
});

/// What a receiver does with one request.
#[derive(Clone)]
pub enum Answer {
    /// Answers at once with this status.
    Status(u16),
    /// Redirects (307, which keeps method and body) to this URL.
    Redirect(String),
    /// Answers 200 once the gate is open, if anybody is still waiting.
    Behind(Gate),
    /// Answers 200 with this page.
    Page(&'static str),
}

/// A gate that is opened once.
#[derive(Clone)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    pub fn closed() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    pub fn open(&self) {
        self.0.send_replace(true);
    }

    async fn pass(&self) {
        // The sender cannot go away: this gate holds it.
        let _ = self.0.subscribe().wait_for(|open| *open).await;
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Received {
    /// A header's text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }
}

/// A running receiver; it stops when dropped.
pub struct Receiver {
    address: SocketAddr,
    arrivals: mpsc::UnboundedReceiver<Received>,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Desk {
    script: Arc<Mutex<VecDeque<Answer>>>,
    arrived: mpsc::UnboundedSender<Received>,
}

impl Receiver {
    /// Answers 200 to everything.
    pub async fn start() -> Self {
        Self::scripted([Answer::Status(200)]).await
    }

    /// Answers the first request with the first of these, and so on; the last one is for all that follow.
    pub async fn scripted(script: impl IntoIterator<Item = Answer>) -> Self {
        Closed::reserve().open_scripted(script).await
    }

    /// `http://127.0.0.1:…`, with nothing after it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next request that has come or will come.
    pub async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(super::WAIT_MAX, self.arrivals.recv()).await;
        next.expect("a request came in time").expect("the receiver runs")
    }

    /// The next request with this method; others, such as a browser's for an icon, are passed over.
    pub async fn next_with(&mut self, method: &str) -> Received {
        loop {
            let received = self.next().await;
            if received.method == method {
                return received;
            }
        }
    }

    /// What has come and was not taken with [`Self::next`].
    pub fn waiting(&mut self) -> Vec<Received> {
        std::iter::from_fn(|| self.arrivals.try_recv().ok()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An address where nobody listens yet: it is ours, and connections to it are refused.
pub struct Closed {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Closed {
    pub fn reserve() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let address = socket.local_addr().expect("it is bound");
        Self { socket, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers 200 to everything from now on.
    pub async fn open(self) -> Receiver {
        self.open_scripted([Answer::Status(200)]).await
    }

    pub async fn open_scripted(self, script: impl IntoIterator<Item = Answer>) -> Receiver {
        let script = Arc::new(Mutex::new(script.into_iter().collect()));
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let desk = Desk { script, arrived };
        let Self { socket, address } = self;
        // Listening begins before this returns; only then does the other runtime take the listener on.
        let listener = socket.listen(1024).expect("it can listen");
        let listener = listener.into_std().expect("it can change runtimes");
        let serving = BESIDE.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            let router = axum::Router::new().fallback(take).with_state(desk);
            axum::serve(listener, router).await.expect("it serves until it is dropped");
        });
        Receiver { address, arrivals, serving }
    }
}

async fn take(State(desk): State<Desk>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body");
    let answer = {
        let mut script = desk.script.lock().await;
        let next = if script.len() > 1 { script.pop_front() } else { script.front().cloned() };
        next.expect("the script says something")
    };
    let received = Received {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts.headers,
        body: body.into(),
    };
    // Nobody listening any more is the end of the test.
    let _ = desk.arrived.send(received);
    match answer {
        Answer::Status(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Answer::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response(),
        Answer::Behind(gate) => {
            gate.pass().await;
            StatusCode::OK.into_response()
        }
        Answer::Page(page) => ([("content-type", "text/html; charset=utf-8")], page).into_response(),
    }
}
