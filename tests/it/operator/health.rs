//! What both ports say of themselves: alive, ready, described, measured; and nothing that should stay inside.

use serde_json::json;

use crate::harness::{Answered, NOBODY, Server, payment_of};

#[tokio::test]
async fn both_ports_are_alive_ready_and_described() {
    let server = Server::start();
    let merchant = server.merchant().await;
    server.initiate(&merchant, &payment_of(NOBODY)).await;
    for url in [server.url(""), server.operator_url("")] {
        let get = |path: &str| server.http.get(format!("{url}{path}"));
        assert_eq!(get("/livez").text_answer().await, (200, "ok\n".to_owned()));
        let (status, ready) = get("/readyz").answer().await;
        assert_eq!((status, &ready["ready"], &ready["position"]), (200, &json!(true), &json!(2)), "{ready}");
        let (status, api) = get("/openapi.json").answer().await;
        assert_eq!(status, 200);
        assert!(
            api["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")),
            "{}",
            api["openapi"]
        );
        let operations = api["paths"].as_object().into_iter().flatten().flat_map(|(path, methods)| {
            methods
                .as_object()
                .into_iter()
                .flatten()
                .map(move |(method, operation)| (path, method, operation))
        });
        for (path, method, operation) in operations {
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            let answers = ["200", "201"].map(|status| operation["responses"][status].is_object());
            assert!(answers.contains(&true), "{method} {path} has no answer");
            let keyed = ["/payment", "/operator", "/api"];
            let takes_a_key = keyed.iter().any(|prefix| path.starts_with(prefix));
            assert_eq!(operation["security"].is_array(), takes_a_key, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn each_description_has_its_own_ports_routes_and_no_others() {
    let server = Server::start();
    let paths = async |url: String| {
        let (_, api) = server.http.get(url).answer().await;
        api["paths"].as_object().expect("paths").keys().cloned().collect::<Vec<_>>()
    };
    let public = paths(server.url("/openapi.json")).await;
    assert!(public.contains(&"/payment/process".to_owned()), "{public:?}");
    assert!(public.iter().all(|path| !path.starts_with("/operator")), "{public:?}");
    let operator = paths(server.operator_url("/openapi.json")).await;
    for path in operator.iter().filter(|path| !["/livez", "/readyz"].contains(&path.as_str())) {
        assert!(path.starts_with("/operator") || path == "/metrics", "{path}");
        assert_eq!(server.get(path).text_answer().await.0, 404, "{path} on the public port");
    }
}

#[tokio::test]
async fn what_an_operator_may_be_told_is_described() {
    let server = Server::start();
    let (_, api) = server.http.get(server.operator_url("/openapi.json")).answer().await;
    let paths = api["paths"].as_object().expect("paths");
    for (path, methods) in paths.iter().filter(|(path, _)| path.starts_with("/operator")) {
        for (method, operation) in methods.as_object().expect("methods") {
            let expected = if method == "post" { &[400, 401, 409, 413, 429, 503][..] } else { &[401, 503] };
            for status in expected {
                let response = &operation["responses"][status.to_string()];
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(
                    schema, "#/components/schemas/OperatorError",
                    "{method} {path} {status}: {response}"
                );
                let again = response["headers"]["Retry-After"].is_object();
                assert_eq!(again, [429, 503].contains(status), "{method} {path} {status}: {response}");
            }
            if method == "post" {
                let path = path.replace("{id}", "1").replace("{payment_id}", "AIYmQIOAz0GlmsjfhgiOeu304");
                let long = json!({ "name": "x".repeat(2 * 1024 * 1024) });
                assert_eq!(server.operator_post(&path, &long).answer().await.0, 413, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn the_documentation_needs_nothing_from_outside() {
    let server = Server::start();
    for url in [server.url("/docs/"), server.operator_url("/docs/")] {
        let (status, page) = server.http.get(&url).text_answer().await;
        assert_eq!(status, 200);
        let linked = ["src=\"", "href=\""].into_iter().flat_map(|link| page.split(link).skip(1));
        let linked: Vec<&str> = linked.filter_map(|rest| rest.split('"').next()).collect();
        assert!(linked.len() >= 4, "{page}");
        for link in linked {
            assert!(!link.contains("//"), "{link} leads outside");
            let (status, _) = server.http.get(format!("{url}{link}")).text_answer().await;
            assert_eq!(status, 200, "{link}");
        }
    }
}

#[tokio::test]
async fn metrics_are_the_operators_and_carry_no_ids() {
    let server = Server::start();
    let merchant = server.merchant().await;
    let payment = server.initiate(&merchant, &payment_of(NOBODY)).await;
    server.get(&format!("/process-checkout?payment_id={payment}")).text_answer().await;
    for path in ["/metrics", &format!("/{payment}")] {
        assert_eq!(server.get(path).text_answer().await.0, 404, "{path}");
    }
    let (status, metrics) = server.http.get(server.operator_url("/metrics")).text_answer().await;
    assert_eq!(status, 200);
    for line in [
        r#"http_requests_total{method="POST",route="/payment/process",status="200"} 1"#,
        r#"http_requests_total{method="GET",route="/process-checkout",status="200"} 1"#,
        r#"http_requests_total{method="GET",route="unmatched",status="404"} 2"#,
        "log_position 2",
    ] {
        assert!(metrics.lines().any(|known| known == line), "{line} is not in {metrics}");
    }
    for id in [payment.as_str(), merchant.access_key.as_str()] {
        assert!(!metrics.contains(id), "{id}");
    }
}
