//! `choai serve`: opens the ledger, serves it, and closes it again without leaving anything undone.

use std::{
    io::{ErrorKind, IsTerminal, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use choai_engine::{Engine, Options, Paths, SystemClock, vault::OsRandom};
use choai_projections::Models;
use serde::{Deserialize, Serialize};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

use super::runtime;
use crate::{
    app::App,
    http::{listener, metrics},
    operator::{self, NewMerchant, OperatorToken},
    server,
    webhooks::{client::GuardedClient, courier::Courier, guard::Guard},
};

/// Longest time requests under way get to finish once the server is told to stop.
const DRAIN_MAX: Duration = Duration::from_secs(20);

/// What `serve` can be told.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; made if it is not there
    #[arg(long, default_value = "./data")]
    pub data: PathBuf,
    /// Where merchants and customers reach the server; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the operator reaches it; never let this be reached from outside
    #[arg(long, default_value = "127.0.0.1:8081")]
    pub operator_listen: SocketAddr,
    /// Written once requests are accepted: {"listen": "…", "operator_listen": "…"}
    #[arg(long)]
    pub ready_file: Option<PathBuf>,
    /// How customers reach this server, such as https://pay.example.com [default: http:// and the listen address]
    #[arg(long)]
    pub public_url: Option<String>,
    /// The master key [default: the data folder's name with .master-key, beside it]
    #[arg(long)]
    pub master_key: Option<PathBuf>,
    /// The witness [default: `witness` in the data folder]
    #[arg(long)]
    pub witness: Option<PathBuf>,
    /// Deliver webhooks to private and loopback addresses too
    #[arg(long)]
    pub allow_private_webhooks: bool,
    /// On first start, make a merchant in test mode and print its keys with a line that makes a payment
    #[arg(long)]
    pub with_test_merchant: bool,
}

/// The ready file.
#[derive(Serialize, Deserialize)]
pub struct Ready {
    /// Where the public port ended up.
    pub listen: SocketAddr,
    /// Where the operator's port ended up.
    pub operator_listen: SocketAddr,
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// When anything needed to start is missing, taken, damaged or wrong.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    start_trace();
    // Said once and first: a second provider linked in by a dependency would make the choice ambiguous.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    runtime()?.block_on(serve(args))
}

/// Traces to standard error, as RUST_LOG asks. Client libraries never below `info`: they would name the hosts
/// that webhooks go to.
fn start_trace() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let mut filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    for library in ["hyper", "hyper_util", "reqwest", "rustls", "h2"] {
        let quiet = format!("{library}=info").parse().expect("a library's name and a level make a directive");
        filter = filter.add_directive(quiet);
    }
    let ansi = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(ansi).with_writer(std::io::stderr).init();
}

async fn serve(args: Args) -> anyhow::Result<ExitCode> {
    metrics::recorder();
    let paths = paths(&args);
    let engine = Engine::open(&paths, Options { clock: Arc::new(SystemClock), random: Arc::new(OsRandom) })?;
    // Before anyone is served: who waits for the ready file may stop us as soon as it is there.
    let signals = Signals::listen()?;
    let running = match Running::start(&args, &paths, engine.clone()).await {
        Ok(running) => running,
        Err(error) => {
            // The writer must be gone before the process is; what kept us from starting is the news.
            let _ = engine.close().await;
            return Err(error);
        }
    };
    running.introduce(&args).await?;
    let stopped = running.until_stopped(&engine, signals).await;
    tracing::info!("stopping");
    let follower = running.drain().await;
    match stopped {
        // A fault ended the writer: nothing more can be saved, and whoever restarts us must know.
        Stopped::ByFault(fault) => anyhow::bail!("the ledger stopped: {fault}"),
        Stopped::BySignal => engine.close().await?,
    }
    follower.stop()?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn paths(args: &Args) -> Paths {
    let mut paths = Paths::of(&args.data);
    if let Some(master_key) = &args.master_key {
        paths.master_key.clone_from(master_key);
    }
    if let Some(witness) = &args.witness {
        paths.witness.clone_from(witness);
    }
    paths
}

/// The ways in which we are told to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals cannot be listened for");
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }
}

enum Stopped {
    BySignal,
    ByFault(String),
}

/// A started server.
struct Running {
    app: App,
    ready: Ready,
    is_first_start: bool,
    follower: choai_projections::Follower,
    stop: watch::Sender<bool>,
    listeners: Vec<JoinHandle<()>>,
    courier: JoinHandle<()>,
}

impl Running {
    async fn start(args: &Args, paths: &Paths, engine: Engine) -> anyhow::Result<Self> {
        let is_first_start = engine.head().position == 0;
        if let Some(path) = &args.ready_file {
            remove_stale(path)?;
        }
        let models = Models::open(&paths.models())?;
        let token = OperatorToken::load(&args.data)?;
        let public = bind(args.listen).await?;
        let operator = bind(args.operator_listen).await?;
        let ready = Ready { listen: public.local_addr()?, operator_listen: operator.local_addr()? };
        let public_url = public_url(args.public_url.as_deref(), ready.listen)?;
        let guard = Guard::new(args.allow_private_webhooks, vec![ready.operator_listen]);
        let client = GuardedClient::new(guard.clone());
        let client = client.context("TLS cannot be set up; install ca-certificates")?;
        // Nothing below can fail, so nothing that follows the log is left behind.
        let follower = models.follow(&engine);
        let app = App::new(engine, models, public_url, guard);
        let (stop, _) = watch::channel(false);
        let listeners = vec![
            tokio::spawn(listener::serve(public, server::public(app.clone()), stop.subscribe())),
            tokio::spawn(listener::serve(operator, server::operator(app.clone(), token), stop.subscribe())),
        ];
        let courier = tokio::spawn(Courier::new(app.clone(), client).run());
        tokio::spawn(metrics::upkeep());
        Ok(Self { app, ready, is_first_start, follower, stop, listeners, courier })
    }

    /// Says where we are, and on first start how to begin.
    async fn introduce(&self, args: &Args) -> anyhow::Result<()> {
        let url = self.app.public_url();
        println!(
            "Serving {url} (API description at {url}/docs), operator at http://{}",
            self.ready.operator_listen
        );
        if args.with_test_merchant && self.is_first_start {
            let new = NewMerchant { name: "Test Shop".to_owned(), signature_required: false, mode: None };
            let made = operator::register(&self.app, new, None).await;
            let made =
                made.map_err(|error| anyhow::anyhow!("the test merchant could not be made: {error:?}"))?;
            println!("{}", first_steps(url, &made));
        } else {
            let token = args.data.join(operator::TOKEN_FILE);
            let (data, operator) = (args.data.display(), self.ready.operator_listen);
            let choai = std::env::current_exe().map_or("choai".into(), |path| path.display().to_string());
            println!(
                "Make a merchant: {choai} merchant create --name NAME --data {data} --operator http://{operator}"
            );
            println!("The operator's token is in {}, or in {}.", token.display(), operator::TOKEN_VARIABLE);
        }
        std::io::stdout().flush()?;
        if let Some(path) = &args.ready_file {
            write_whole(path, &serde_json::to_vec(&self.ready)?)?;
        }
        Ok(())
    }

    async fn until_stopped(&self, engine: &Engine, mut signals: Signals) -> Stopped {
        tokio::select! {
            _ = signals.terminate.recv() => Stopped::BySignal,
            _ = signals.interrupt.recv() => Stopped::BySignal,
            ended = engine.ended() => Stopped::ByFault(match &*ended {
                Ok(()) => "it was closed".to_owned(),
                Err(fault) => fault.to_string(),
            }),
            // Serving what no longer follows the log would be serving what is not so.
            fault = self.app.models().faulted() => Stopped::ByFault(format!("the read models: {fault}")),
        }
    }

    /// Lets requests under way finish, and has nothing begin any more.
    async fn drain(self) -> choai_projections::Follower {
        self.stop.send_replace(true);
        let finished = async {
            for listener in self.listeners {
                // A listener that panicked has nothing left to drain.
                let _ = listener.await;
            }
        };
        if tokio::time::timeout(DRAIN_MAX, finished).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
        self.courier.abort();
        // An attempt broken off has no record, and is made again at the next start.
        let _ = self.courier.await;
        self.follower
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

fn public_url(given: Option<&str>, listen: SocketAddr) -> anyhow::Result<String> {
    let Some(given) = given else {
        if listen.ip().is_unspecified() {
            tracing::warn!(
                "checkout links will read http://{listen}: give --public-url as customers reach this server"
            );
        }
        return Ok(format!("http://{listen}"));
    };
    let url =
        url::Url::parse(given).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.with_context(|| format!("--public-url {given} is not an absolute http(s) URL"))?;
    Ok(given.trim_end_matches('/').to_owned())
}

/// A file left by an earlier start would say that this one is ready.
fn remove_stale(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| path.display().to_string())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Whoever waits for the file finds it whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, bytes).with_context(|| PathBuf::from(&partial).display().to_string())?;
    std::fs::rename(&partial, path).with_context(|| path.display().to_string())
}

fn first_steps(url: &str, made: &operator::MerchantMade) -> String {
    let access_key = made.access_key.as_deref().unwrap_or_default();
    let secret_key = made.secret_key.as_deref().unwrap_or_default();
    format!(
        "
A merchant in test mode was made. These keys are shown once:

  access key  {access_key}
  secret key  {secret_key}

Make a payment, and open the url it answers with (pay with 4111111111111111):

  curl {url}/payment/process \\
    -H 'Authorization: Bearer {access_key}' \\
    -d custom=ORDER-1 -d currency_code=JPY -d amount=1000 -d 'details=Green tea' \\
    -d web_hook=https://shop.example.com/hook -d cancel_url={url}/docs -d success_url={url}/docs \\
    -d customer_email=buyer@example.com
"
    )
}
