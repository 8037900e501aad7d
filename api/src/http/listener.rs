//! A listener's connections: no more than it can bear, none that dawdles over its request, all drained at the end.

mod impatient;

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

use self::impatient::Impatient;

/// Bytes of a request's head, and of an answer that is not taken, for each connection: proxies send and take far less.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// Longest wait for the next request's head, on a new connection or between two requests: longer than common proxies
/// keep a connection for later (nginx: 60 s), so that it is they who close it and no request meets a closed one.
const HEAD_MAX: Duration = Duration::from_secs(75);
/// Longest time in which a client takes nothing of its answer.
const STALL_MAX: Duration = Duration::from_secs(30);
/// What an answer on its way out gets, once the listener was told to stop and the last request has been served.
const FLUSH: Duration = Duration::from_secs(1);
/// Before accepting is tried again when the system has run out of something.
const RECOVERY: Duration = Duration::from_millis(100);

/// Serves `router` until `stop` turns true, then until the requests under way are answered: at most `places`
/// connections at once, further ones waiting to be accepted.
pub async fn serve(listener: TcpListener, router: Router, places: usize, stop: watch::Receiver<bool>) {
    let mut stopped = stop.clone();
    let places = Arc::new(Semaphore::new(places));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // The sender going away means the same.
            _ = stopped.wait_for(|stop| *stop) => break,
            (stream, place) = accept(&listener, &places) => {
                // Answers are small and complete: waiting for more to send only delays them.
                let _ = stream.set_nodelay(true);
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    connection(Impatient::new(stream, STALL_MAX), router, stop).await;
                    drop(place);
                });
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    // Whoever connects now is told that nobody listens.
    drop(listener);
    connections.join_all().await;
}

/// The next connection, with its place among those that are open.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(RECOVERY).await;
            }
        }
    }
}

async fn connection<S>(stream: Impatient<S>, router: Router, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let under_way = watch::Sender::new(0_usize);
    let service = service_fn(|request: Request<Incoming>| {
        let (mut router, under_way) = (router.clone(), under_way.clone());
        under_way.send_modify(|count| *count += 1);
        async move {
            let answer = tower::Service::call(&mut router, request.map(Body::new)).await;
            under_way.send_modify(|count| *count -= 1);
            answer.map_err(|never: Infallible| match never {})
        }
    });
    let mut http = http1::Builder::new();
    let mut serving = pin!(
        http.timer(TokioTimer::new())
            .header_read_timeout(HEAD_MAX)
            .max_buf_size(BUFFER_BYTES_MAX)
            // A client that has said all it has to say may close its side and still wait for the answer.
            .half_close(true)
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        // Clients break off, or send what is not HTTP: theirs to know.
        _ = serving.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => serving.as_mut().graceful_shutdown(),
    }
    // A request whose head is not even here yet is not waited for.
    tokio::select! {
        _ = serving => {}
        () = idle_for(FLUSH, under_way.subscribe()) => {}
    }
}

/// Waits until nothing was under way for so long without a break.
async fn idle_for(long: Duration, mut under_way: watch::Receiver<usize>) {
    loop {
        // The connection, which holds the sender, outlives this.
        let _ = under_way.wait_for(|count| *count == 0).await;
        tokio::select! {
            () = tokio::time::sleep(long) => return,
            _ = under_way.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Poll};

    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        sync::Notify,
        time::Instant,
    };

    use super::*;

    /// More than any buffer on the way holds.
    const LONG: usize = 1 << 20;
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";

    fn router() -> Router {
        Router::new().route("/", get(async || "x".repeat(LONG)))
    }

    /// It kept its connection, and with it one of the places, for ever.
    #[tokio::test]
    async fn a_client_that_does_not_read_its_answer_is_hung_up_on() {
        let (mut client, server) = duplex(64);
        let (_stop, stopped) = watch::channel(false);
        client.write_all(ASK).await.unwrap();
        connection(Impatient::new(server, Duration::from_millis(20)), router(), stopped).await;
        let mut read = Vec::new();
        client.read_to_end(&mut read).await.unwrap();
        assert!(read.starts_with(b"HTTP/1.1 200 OK") && read.len() < LONG, "{}", read.len());
    }

    #[tokio::test]
    async fn no_head_is_read_far_beyond_its_bound() {
        for (bytes, status) in [(BUFFER_BYTES_MAX / 2, "200"), (4 * BUFFER_BYTES_MAX, "431")] {
            let (mut client, server) = duplex(4 * LONG);
            let (_stop, stopped) = watch::channel(false);
            let head = format!("GET / HTTP/1.1\r\nhost: here\r\nx-long: {}\r\n\r\n", "x".repeat(bytes));
            client.write_all(head.as_bytes()).await.unwrap();
            client.shutdown().await.unwrap();
            connection(Impatient::new(server, Duration::from_secs(30)), router(), stopped).await;
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{bytes} bytes: {}", &answer[..40]);
        }
    }

    /// Its answer was lost where serving the request took longer than its goodbye.
    #[tokio::test]
    async fn a_client_that_closes_its_side_first_still_gets_its_answer() {
        let (mut client, server) = duplex(1_024);
        let (_stop, stopped) = watch::channel(false);
        let (asked, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, wait) = (asked.clone(), go_on.clone());
        let handler = get(async move || {
            told.notify_one();
            wait.notified().await;
            "here it is"
        });
        let router = Router::new().route("/", handler);
        let serving =
            tokio::spawn(connection(Impatient::new(server, Duration::from_secs(30)), router, stopped));
        client.write_all(ASK).await.unwrap();
        asked.notified().await;
        client.shutdown().await.unwrap();
        // The server gets to see the end of what is sent before it has an answer.
        tokio::task::yield_now().await;
        go_on.notify_one();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("here it is"), "{answer}");
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_client_that_reads_slowly_gets_all_of_its_answer() {
        let (mut client, server) = duplex(LONG / 8);
        let (_stop, stopped) = watch::channel(false);
        client.write_all(ASK).await.unwrap();
        let stall_max = Duration::from_secs(1);
        let serving = tokio::spawn(connection(Impatient::new(server, stall_max), router(), stopped));
        let (begun, mut read, mut some) = (Instant::now(), 0, vec![0; LONG / 8]);
        while read < LONG {
            tokio::time::sleep(stall_max / 5).await;
            let count = client.read(&mut some).await.unwrap();
            assert!(count > 0, "hung up on after {read} bytes");
            read += count;
        }
        assert!(begun.elapsed() > stall_max, "longer in all than it may stand still");
        drop(client);
        serving.await.unwrap();
    }

    /// A look once a second cut off answers that were ready just before it.
    #[tokio::test]
    async fn the_second_begins_when_the_last_request_has_been_served() {
        let long = Duration::from_millis(50);
        let under_way = watch::Sender::new(1);
        let mut idle = pin!(idle_for(long, under_way.subscribe()));
        for _ in 0..3 {
            tokio::time::sleep(long / 2).await;
            under_way.send_replace(0);
            let mut looked = poll_fn(|context| Poll::Ready(idle.as_mut().poll(context)));
            assert!((&mut looked).await.is_pending(), "the time has only begun");
            under_way.send_replace(1);
            assert!(looked.await.is_pending(), "something is under way again");
        }
        under_way.send_replace(0);
        let served = Instant::now();
        idle.await;
        assert!(served.elapsed() >= long);
    }
}
