//! The ceiling: a server in a process of its own whose route does nothing.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Command, Stdio},
};

use axum::{Router, body::Bytes, http::header, routing::post};
use choai_benches::{
    client::Request,
    server::{FORM, PATH, Process},
};

use crate::CONSTANT;

/// As long as a real answer.
const ANSWER: &str = r#"{"code":200,"status":"ok","payment_id":"AIYmQIOAz0GlmsjfhgiOeu304","message":"Your payment has been processed. Please follow the URL to complete the payment.","url":"http://127.0.0.1:40000/process-checkout?payment_id=AIYmQIOAz0GlmsjfhgiOeu304"}"#;

/// The server that does nothing.
pub struct ConstantServer {
    process: Process,
    listen: SocketAddr,
}

impl ConstantServer {
    pub fn start() -> Self {
        let this = std::env::current_exe().expect("a benchmark is a program");
        let process = Command::new(this).arg(CONSTANT).stdout(Stdio::piped()).spawn();
        let mut process = Process(process.expect("the benchmark starts again"));
        let mut line = String::new();
        let stdout = process.0.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        Self { process, listen: line.trim().parse().expect("an address") }
    }

    pub fn process_id(&self) -> u32 {
        self.process.0.id()
    }

    pub fn request(&self) -> Request {
        Request::post(self.listen, PATH, "00000000-0000-4000-8000-000000000000", FORM)
    }
}

/// Serves the constant until it is killed; the first line it prints is its address.
pub fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let json = [(header::CONTENT_TYPE, "application/json")];
        let router = Router::new().route(PATH, post(async move |_: Bytes| (json, ANSWER)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("bound"));
        axum::serve(listener, router).await.expect("it serves until it is killed");
    });
}
