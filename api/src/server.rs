//! The two listeners: the public one with every surface, and the operator's.

use std::{any::Any, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, sensitive_headers::SetSensitiveRequestHeadersLayer, timeout::TimeoutLayer,
    trace::TraceLayer,
};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    app::App,
    gate::retry_after_s,
    http::{bounded::BODY_BYTES_MAX, drain, metrics},
    oauth,
    openapi::{OperatorApi, PublicApi},
    operator::{self, OperatorToken},
    pages, surfaces,
};

/// Longest time any request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything customers and merchants can reach.
pub fn public(app: App) -> Router {
    let (documented, api) = OpenApiRouter::with_openapi(PublicApi::openapi())
        .merge(surfaces::ito::router())
        .merge(pages::hosted::router())
        .merge(pages::password::router())
        .merge(oauth::router())
        .merge(health())
        .split_for_parts();
    let router = documented.merge(SwaggerUi::new("/docs").url("/openapi.json", api));
    dressed(with_fallbacks(router).with_state(app.clone()), move || retry_after_s(app.lag()))
}

/// Everything the operator can reach.
pub fn operator(app: App, token: OperatorToken) -> Router {
    let guarded = operator::router().layer(middleware::from_fn_with_state(token, operator::authenticate));
    let (documented, api) = OpenApiRouter::with_openapi(OperatorApi::openapi())
        .merge(guarded)
        .merge(health())
        .routes(routes!(render_metrics))
        .split_for_parts();
    let router = documented.merge(SwaggerUi::new("/docs").url("/openapi.json", api));
    dressed(with_fallbacks(router).with_state(app.clone()), move || retry_after_s(app.lag()))
}

fn health() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(ready))
}

fn with_fallbacks(router: Router<App>) -> Router<App> {
    router
        .fallback(async || problem(StatusCode::NOT_FOUND, "There is nothing at this address."))
        .method_not_allowed_fallback(async || {
            problem(StatusCode::METHOD_NOT_ALLOWED, "This address does not take this method.")
        })
}

/// What every answer gets, whichever route made it; whoever is to come back is told after how many seconds by
/// `retry_after_s`. As one layer: of several, each would box every request once.
fn dressed(router: Router, retry_after_s: impl Fn() -> u64 + Clone + Send + Sync + 'static) -> Router {
    let secrets = [header::AUTHORIZATION, header::COOKIE, HeaderName::from_static("x-signature")];
    let answer = move |request, next| answered(request, next, retry_after_s.clone());
    let dress = ServiceBuilder::new()
        .layer(SetSensitiveRequestHeadersLayer::new(secrets))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(middleware::from_fn(answer))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    router.layer(dress)
}

/// Lets a route answer, counts that, and completes the answer.
async fn answered(request: Request, next: Next, retry_after_s: impl Fn() -> u64) -> Response {
    let seen = metrics::Seen::of(&request);
    let answer = async |request| {
        let mut response = told_when(shaped(next.run(request).await), retry_after_s);
        let headers = response.headers_mut();
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
        seen.count(&response);
        response
    };
    drain::take_the_rest(request, answer).await
}

/// A span names the method and nothing else: paths and queries carry ids and keys.
fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    tracing::info_span!("request", method = %request.method())
}

/// Tells whoever may come back when to: there is no other place that does.
fn told_when(mut response: Response, retry_after_s: impl Fn() -> u64) -> Response {
    if matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s()));
    }
    response
}

/// Gives the errors of layers and extractors, which answer in plain text or not at all, the common shape.
fn shaped(response: Response) -> Response {
    let status = response.status();
    if status == StatusCode::REQUEST_TIMEOUT {
        let message =
            "The request took too long. Its outcome is unknown; retry with the same Idempotency-Key.";
        return problem(StatusCode::SERVICE_UNAVAILABLE, message);
    }
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_plain = content_type.is_none_or(|content_type| content_type.starts_with("text/plain"));
    if is_plain && (status.is_client_error() || status.is_server_error()) {
        return problem(status, status.canonical_reason().unwrap_or("The request was refused."));
    }
    response
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    problem(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side.")
}

/// An error outside any surface, in the shape most of them share.
fn problem(status: StatusCode, message: &str) -> Response {
    let body = Json(json!({ "code": status.as_u16(), "status": "error", "message": message }));
    (status, body).into_response()
}

/// Whether the process answers at all
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200, description = "It does.")))]
async fn live() -> &'static str {
    "ok\n"
}

/// Whether requests are served as they should be
///
/// Ready means: the writer runs, and the read models follow and are not too far behind for commands to be taken.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "health",
    responses(
        (status = 200, description = "They are.", body = Readiness),
        (status = 503, description = "They are not.", body = Readiness),
    ),
)]
async fn ready(State(app): State<App>) -> Response {
    let head = app.engine().head().position;
    let ended = app.engine().has_ended();
    let models_follow = app.models().fault().is_none();
    let is_ready = !ended && models_follow && app.is_open();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Readiness {
        ready: is_ready,
        writer: !ended,
        models: models_follow,
        position: head,
        models_behind: app.lag().events,
    };
    (status, Json(body)).into_response()
}

/// How ready the server is.
#[derive(Serialize, ToSchema)]
struct Readiness {
    /// All in all.
    ready: bool,
    /// The writer runs.
    writer: bool,
    /// The read models follow.
    models: bool,
    /// Where the log ends.
    position: u64,
    /// Events the furthest read model is behind.
    models_behind: u64,
}

/// Metrics in Prometheus' text format
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "health",
    responses((status = 200, content_type = "text/plain", description = "Counters, timings and positions.")),
)]
async fn render_metrics(State(app): State<App>) -> String {
    ::metrics::gauge!("log_position").set(app.engine().head().position as f64);
    for (model, position) in app.models().positions() {
        ::metrics::gauge!("model_position", "model" => model).set(position as f64);
    }
    let lag = app.lag();
    ::metrics::gauge!("models_behind_events").set(lag.events as f64);
    ::metrics::gauge!("models_behind_bytes").set(lag.bytes as f64);
    ::metrics::gauge!("models_behind_seconds").set(lag.time.as_secs_f64());
    metrics::recorder().render()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request, routing::get};
    use tower::ServiceExt;

    use super::*;

    /// A route that answers so, as it is served.
    async fn answered(status: StatusCode) -> Response {
        let router = Router::new().route("/", get(async move || status));
        dressed(router, || 7).oneshot(Request::new(Body::empty())).await.unwrap()
    }

    #[tokio::test]
    async fn whoever_may_come_back_is_told_when() {
        for (status, expected, again) in [
            (StatusCode::REQUEST_TIMEOUT, StatusCode::SERVICE_UNAVAILABLE, Some("7")),
            (StatusCode::SERVICE_UNAVAILABLE, StatusCode::SERVICE_UNAVAILABLE, Some("7")),
            (StatusCode::TOO_MANY_REQUESTS, StatusCode::TOO_MANY_REQUESTS, Some("7")),
            (StatusCode::INTERNAL_SERVER_ERROR, StatusCode::INTERNAL_SERVER_ERROR, None),
            (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND, None),
            (StatusCode::OK, StatusCode::OK, None),
        ] {
            let answer = answered(status).await;
            let said = answer.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap());
            assert_eq!((answer.status(), said), (expected, again), "{status}");
        }
    }
}
