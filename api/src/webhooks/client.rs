//! The one way out for webhooks: a client that connects only where the [`Guard`] lets it.

use super::guard::{Guard, Refused};
use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::lookup_host;
use url::Url;

/// How much of an answer's body is kept; the rest is not read.
pub const ANSWER_BYTES_MAX: usize = 4 * 1024;

/// How long a delivery may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To look up the name and connect.
    pub connect: Duration,
    /// For everything, the answer's body included.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(10) }
    }
}

/// What a destination said. A redirect is an answer like any other; it is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The first [`ANSWER_BYTES_MAX`] bytes of the body, or fewer if it broke off.
    pub body: Vec<u8>,
    /// From the start of the delivery to the end of what was read.
    pub duration_ms: u64,
}

/// Why there is no answer. Only a refusal is certain to have sent nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The guard would not have it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Nobody answered in time.
    #[error("the delivery timed out")]
    TimedOut,
    /// The connection could not be made or broke; the innermost reason.
    #[error("the delivery failed: {0}")]
    Failed(String),
}

/// Delivers webhooks, and cannot be made to deliver where its guard forbids: an address in a URL is checked
/// before anything else, the addresses of a name when it is resolved, and only those are connected to.
#[derive(Debug, Clone)]
pub struct GuardedClient {
    guard: Guard,
    client: Client,
    /// A resolver is not told for which port, so each operator port has a client whose resolver knows it.
    clients_at_operator_ports: Vec<(u16, Client)>,
}

impl GuardedClient {
    /// A client with the timeouts of production.
    ///
    /// # Errors
    /// If TLS cannot be set up, as on a machine without CA certificates.
    pub fn new(guard: Guard) -> Result<Self, reqwest::Error> {
        Self::with_timeouts(guard, Timeouts::default())
    }

    /// A client with other timeouts.
    ///
    /// # Errors
    /// As for [`GuardedClient::new`].
    pub fn with_timeouts(guard: Guard, timeouts: Timeouts) -> Result<Self, reqwest::Error> {
        let at_port = |port| Ok((port, client(&guard, port, timeouts)?));
        let clients_at_operator_ports =
            guard.operator_ports().map(at_port).collect::<Result<_, reqwest::Error>>()?;
        Ok(Self { client: client(&guard, ANY_OTHER_PORT, timeouts)?, clients_at_operator_ports, guard })
    }

    /// Posts `body` once and says what came back.
    ///
    /// # Errors
    /// [`DeliveryError`] if no status came back.
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: Vec<u8>) -> Result<Answer, DeliveryError> {
        self.guard.check_url(url)?;
        let started = Instant::now();
        let request = self.client_for(url).post(url.clone()).headers(headers).body(body);
        let mut response = request.send().await.map_err(delivery_error)?;
        let mut body = Vec::new();
        // The status has settled the delivery; a body that breaks off changes nothing.
        while body.len() < ANSWER_BYTES_MAX
            && let Ok(Some(chunk)) = response.chunk().await
        {
            body.extend_from_slice(&chunk);
        }
        body.truncate(ANSWER_BYTES_MAX);
        Ok(Answer {
            status: response.status().as_u16(),
            body,
            duration_ms: started.elapsed().as_millis().try_into().expect("a delivery is short"),
        })
    }

    fn client_for(&self, url: &Url) -> &Client {
        let of_port = |(port, _): &&(u16, Client)| url.port_or_known_default() == Some(*port);
        self.clients_at_operator_ports.iter().find(of_port).map_or(&self.client, |(_, client)| client)
    }
}

/// Stands for every port that is not the operator's; reqwest puts the URL's port in its place.
const ANY_OTHER_PORT: u16 = 0;

fn client(guard: &Guard, port: u16, timeouts: Timeouts) -> Result<Client, reqwest::Error> {
    Client::builder()
        .dns_resolver(GuardedResolver { guard: guard.clone(), port })
        .redirect(Policy::none())
        // A proxy would resolve names itself, unguarded.
        .no_proxy()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        // Every attempt resolves and connects anew, so none fails because an idle connection had died.
        .pool_max_idle_per_host(0)
        .user_agent(concat!("Choai-Webhook/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Resolves names to addresses that have all been checked.
struct GuardedResolver {
    guard: Guard,
    port: u16,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, port) = (self.guard.clone(), self.port);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = lookup_host((name.as_str(), port)).await?.collect();
            guard.check_resolved(&addresses)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

fn delivery_error(error: reqwest::Error) -> DeliveryError {
    let timed_out = error.is_timeout();
    let mut innermost: &(dyn Error + 'static) = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match innermost.downcast_ref::<Refused>() {
        Some(refused) => DeliveryError::Refused(*refused),
        None if timed_out => DeliveryError::TimedOut,
        None => DeliveryError::Failed(innermost.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    const BODY: &[u8] = b"{\"amount\": 100.00}";

    async fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    /// Takes one request, gives `answer`, then hangs up or stays silent for ever. Returns the request.
    async fn answering(answer: String, hang_up: bool) -> (u16, JoinHandle<String>) {
        let (listener, port) = listener().await;
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(BODY) {
                let length = stream.read_buf(&mut request).await.unwrap();
                assert_ne!(length, 0, "the request broke off");
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            if !hang_up {
                pending::<()>().await;
            }
            String::from_utf8(request).unwrap()
        });
        (port, served)
    }

    fn assert_nobody_came(listener: TcpListener) {
        let accepted = listener.into_std().unwrap().accept();
        assert_eq!(accepted.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }

    fn client(guard: Guard, total_ms: u64) -> GuardedClient {
        let total = Duration::from_millis(total_ms);
        GuardedClient::with_timeouts(guard, Timeouts { connect: total, total }).unwrap()
    }

    /// A client that may go to the tests' listeners.
    fn open() -> GuardedClient {
        client(Guard::new(true, vec![]), 5_000)
    }

    async fn post(client: &GuardedClient, host: &str, port: u16) -> Result<Answer, DeliveryError> {
        let url = Url::parse(&format!("http://{host}:{port}/hook?a=b")).unwrap();
        let headers = HeaderMap::from_iter([("x-event-id".parse().unwrap(), "E1".parse().unwrap())]);
        client.post(&url, headers, BODY.to_vec()).await
    }

    #[tokio::test]
    async fn the_exact_bytes_and_headers_are_sent() {
        for host in ["127.0.0.1", "localhost"] {
            let (port, served) =
                answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".into(), true).await;
            let answer = post(&open(), host, port).await.unwrap();
            assert_eq!((answer.status, answer.body.as_slice()), (200, b"ok".as_slice()));

            let request = served.await.unwrap();
            assert!(request.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{request}");
            for line in ["x-event-id: E1", concat!("user-agent: Choai-Webhook/", env!("CARGO_PKG_VERSION"))] {
                assert!(request.contains(&format!("\r\n{line}\r\n")), "{request}");
            }
        }
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let (elsewhere, port_elsewhere) = listener().await;
        for status in [301, 302, 303, 307, 308] {
            let answer = format!(
                "HTTP/1.1 {status} Moved\r\nLocation: http://127.0.0.1:{port_elsewhere}/\r\nContent-Length: 0\r\n\r\n"
            );
            let (port, _served) = answering(answer, true).await;
            let answer = post(&open(), "127.0.0.1", port).await.unwrap();
            assert_eq!(answer.status, status);
        }
        assert_nobody_came(elsewhere);
    }

    #[tokio::test]
    async fn only_the_first_4_kib_of_an_answer_are_kept() {
        for (length, kept) in [(4_095, 4_095), (4_096, 4_096), (4_097, 4_096), (100_000, 4_096)] {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(length));
            let (port, _served) = answering(answer, false).await;
            let answer = post(&open(), "127.0.0.1", port).await.unwrap();
            assert_eq!(answer.body.len(), kept, "of {length}");
        }
    }

    #[tokio::test]
    async fn silence_times_out() {
        let (port, _served) = answering(String::new(), false).await;
        let delivered = post(&client(Guard::new(true, vec![]), 50), "127.0.0.1", port).await;
        assert_eq!(delivered, Err(DeliveryError::TimedOut));
    }

    #[tokio::test]
    async fn a_body_that_never_ends_leaves_the_status_standing() {
        let (port, _served) =
            answering("HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nhalf".into(), false).await;
        let answer = post(&client(Guard::new(true, vec![]), 300), "127.0.0.1", port).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (201, b"half".as_slice()));
        assert!(answer.duration_ms >= 250, "it was waited for: {} ms", answer.duration_ms);
    }

    #[tokio::test]
    async fn a_closed_port_or_a_broken_answer_fails_with_the_reason() {
        let (unused, port) = listener().await;
        drop(unused);
        let delivered = post(&open(), "127.0.0.1", port).await;
        let Err(DeliveryError::Failed(reason)) = delivered else { panic!("{delivered:?}") };
        assert!(reason.contains("refused"), "{reason}");

        let (port, _served) = answering("HTTP/1.1 20".into(), true).await;
        let delivered = post(&open(), "127.0.0.1", port).await;
        assert!(matches!(delivered, Err(DeliveryError::Failed(_))), "{delivered:?}");
    }

    #[tokio::test]
    async fn private_destinations_are_refused_by_address_and_by_name() {
        let (listener, port) = listener().await;
        for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
            let delivered = post(&client(Guard::new(false, vec![]), 5_000), host, port).await;
            assert!(
                matches!(delivered, Err(DeliveryError::Refused(Refused::NotRoutable(_)))),
                "{host}: {delivered:?}"
            );
        }
        assert_nobody_came(listener);
    }

    #[tokio::test]
    async fn the_operators_port_is_refused_by_address_and_by_name() {
        let (operator, port) = listener().await;
        let client = client(Guard::new(true, vec![operator.local_addr().unwrap()]), 5_000);
        for host in ["127.0.0.1", "127.0.0.2", "localhost"] {
            let delivered = post(&client, host, port).await;
            assert!(
                matches!(delivered, Err(DeliveryError::Refused(Refused::OperatorPort(_)))),
                "{host}: {delivered:?}"
            );
        }
        assert_nobody_came(operator);

        let (port, _served) = answering("HTTP/1.1 204 No Content\r\n\r\n".into(), true).await;
        assert_eq!(post(&client, "localhost", port).await.unwrap().status, 204);
    }
}
