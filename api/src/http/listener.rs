//! A listener's connections: no more than it can bear, none that dawdles over its request, all drained at the end.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

/// Connections open at once on one listener; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 8_192;
/// Longest wait for the next request's head, on a new connection or between two requests.
const HEAD_MAX: Duration = Duration::from_secs(30);
/// What an answer on its way out gets once the listener was told to stop, if its request has been served.
const FLUSH: Duration = Duration::from_secs(1);
/// Before accepting is tried again when the system has run out of something.
const RECOVERY: Duration = Duration::from_millis(100);

/// Serves `router` until `stop` turns true, then until the requests under way are answered.
pub async fn serve(listener: TcpListener, router: Router, stop: watch::Receiver<bool>) {
    let mut stopped = stop.clone();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // The sender going away means the same.
            _ = stopped.wait_for(|stop| *stop) => break,
            (stream, place) = accept(&listener, &places) => {
                connections.spawn(connection(stream, place, router.clone(), stop.clone()));
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

async fn connection(
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and complete: waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let under_way = Arc::new(AtomicUsize::new(0));
    let service = service_fn(|request: Request<Incoming>| {
        let (mut router, under_way) = (router.clone(), under_way.clone());
        under_way.fetch_add(1, Ordering::Relaxed);
        async move {
            let answer = tower::Service::call(&mut router, request.map(Body::new)).await;
            under_way.fetch_sub(1, Ordering::Relaxed);
            answer.map_err(|never: Infallible| match never {})
        }
    });
    let mut http = http1::Builder::new();
    let mut serving = pin!(
        http.timer(TokioTimer::new())
            .header_read_timeout(HEAD_MAX)
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        // Clients break off, or send what is not HTTP: theirs to know.
        _ = serving.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => serving.as_mut().graceful_shutdown(),
    }
    // A request whose head is not even here yet is not waited for.
    let dawdling = async {
        loop {
            tokio::time::sleep(FLUSH).await;
            if under_way.load(Ordering::Relaxed) == 0 {
                break;
            }
        }
    };
    tokio::select! {
        _ = serving => {}
        () = dawdling => {}
    }
}
