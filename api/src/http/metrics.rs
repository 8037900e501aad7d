//! Counters and timings of every request, by route and status; rendered on the operator port.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    response::Response,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

const SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// The process's one recorder, installed on first use.
pub fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&SECONDS).expect("there is at least one bucket");
        builder.install_recorder().expect("nothing else in this process installs a recorder")
    })
}

/// Keeps the recorder's memory bounded; ends with the process.
pub async fn upkeep() {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        recorder().run_upkeep();
    }
}

/// Clients can make up methods; the recorder would remember each of them for ever.
fn method_label(method: &Method) -> &'static str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let names = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.iter().zip(names).find(|(known, _)| *known == method).map_or("other", |(_, name)| name)
}

/// A request that has come. Labels are routes, never paths: those carry ids.
pub struct Seen {
    at: Instant,
    method: &'static str,
    route: Option<MatchedPath>,
}

impl Seen {
    /// Notes that `request` has come.
    pub fn of(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().cloned();
        Self { at: Instant::now(), method: method_label(request.method()), route }
    }

    /// Counts and times it, answered by `response`.
    pub fn count(self, response: &Response) {
        let route = self.route.as_ref().map_or("unmatched", MatchedPath::as_str).to_owned();
        let status = response.status().as_u16().to_string();
        let labels = [("method", self.method.to_owned()), ("route", route), ("status", status)];
        metrics::counter!("http_requests_total", &labels).increment(1);
        metrics::histogram!("http_request_seconds", &labels).record(self.at.elapsed());
    }
}
