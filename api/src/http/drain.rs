//! What a client is still sending when its answer is ready is taken and thrown away: hung up on in the middle of
//! its sending, it would see a broken connection instead of the answer.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream, HttpBody},
    extract::Request,
    http::header,
    response::Response,
};
use futures::{StreamExt, stream};
use tokio::sync::Mutex;

/// More than this is not worth taking; who sends it is hung up on.
const TAKEN_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Nor is waiting longer for it.
const TAKEN_FOR: Duration = Duration::from_secs(5);

/// A body that its handler and this share.
struct Shared {
    chunks: BodyDataStream,
    /// Whether anybody has asked for any of it.
    begun: bool,
}

/// Has `answer` answer, then takes what it left of the body.
pub async fn take_the_rest(request: Request, answer: impl AsyncFnOnce(Request) -> Response) -> Response {
    if request.body().is_end_stream() {
        return answer(request).await;
    }
    // Such a client sends nothing before it is told to, which asking for the body does.
    let waits = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let shared = Arc::new(Mutex::new(Shared { chunks: body.into_data_stream(), begun: false }));
    let handed_on = stream::unfold(shared.clone(), async |shared| {
        let chunk = {
            let mut body = shared.lock().await;
            body.begun = true;
            body.chunks.next().await
        };
        chunk.map(|chunk| (chunk, shared))
    });
    let response = answer(Request::from_parts(parts, Body::from_stream(handed_on))).await;
    let mut rest = shared.lock().await;
    if rest.begun || !waits {
        // Whether all of it was taken or not, the answer is the same.
        let _ = tokio::time::timeout(TAKEN_FOR, take(&mut rest.chunks)).await;
    }
    response
}

async fn take(chunks: &mut BodyDataStream) {
    let mut taken = 0;
    while taken < TAKEN_BYTES_MAX
        && let Some(Ok(chunk)) = chunks.next().await
    {
        taken += chunk.len();
    }
}
