//! `choai serve`: opens the ledger, serves it, and closes it again without leaving anything undone.

mod clock;
mod data_folder;
mod open_files;
mod prepared;
mod ready_file;
mod room;
mod trace;
mod trouble;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, anyhow, bail};
use axum::http::HeaderMap;
use choai_engine::{Engine, Options, Paths, SystemClock, vault::OsRandom};
use choai_projections::{Follower, Models};
use rustix::{fs::Mode, process::umask};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

use self::{prepared::Prepared, ready_file::ReadyFile, trouble::Trouble};
use super::{out::say, runtime};
use crate::{
    app::App,
    gate::Gate,
    http::{listener, metrics},
    oauth,
    operator::{self, NewMerchant, OperatorToken},
    server,
    webhooks::courier::Courier,
};

pub use ready_file::Ready;

/// Longest time that what is under way gets to finish once the server is told to stop.
const DRAIN_MAX: Duration = Duration::from_secs(20);
/// Longest time that whoever holds the ledger gets to give it back before it is opened again: more than an erasure takes,
/// but not a backup of much.
const LET_GO_MAX: Duration = Duration::from_secs(90);
/// Longest time that those who did not give it back get before the process ends all the same.
const END_MAX: Duration = Duration::from_secs(5);

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
    /// The list of erasures [default: the data folder's name with .erasures, beside it]
    #[arg(long)]
    pub erasures: Option<PathBuf>,
    /// Events the read models may be behind before new commands are refused with 429
    #[arg(long, value_name = "EVENTS", default_value_t = Gate::DEFAULT.events_max)]
    pub models_behind_max: u64,
    /// The same in bytes of the log
    #[arg(long, value_name = "BYTES", default_value_t = Gate::DEFAULT.bytes_max)]
    pub models_behind_bytes_max: u64,
    /// Deliver webhooks to private and loopback addresses too
    #[arg(long)]
    pub allow_private_webhooks: bool,
    /// MiB of the ledger's disk that stay free: with less, commands are refused until there is more
    #[arg(long, default_value_t = 256)]
    pub reserve_mib: u64,
    /// Seconds that an OAuth access token lives
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    pub access_token_seconds: u32,
    /// Days that an OAuth refresh token lives
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub refresh_token_days: u32,
    /// On first start, make a merchant in test mode and print its keys with a line that makes a payment
    #[arg(long)]
    pub with_test_merchant: bool,
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// When anything needed to start is missing, taken, damaged or wrong, or a fault ended it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    // RocksDB makes its files as open as the process lets it: what is made from here on is its owner's alone.
    umask(Mode::RWXG | Mode::RWXO);
    trace::start();
    // Said once and first: a second provider linked in by a dependency would make the choice ambiguous.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = runtime()?;
    let served = runtime.block_on(serve(args));
    // A backup under way would hold up whoever is to start us again.
    runtime.shutdown_timeout(END_MAX);
    served.map(|()| ExitCode::SUCCESS)
}

async fn serve(mut args: Args) -> anyhow::Result<()> {
    metrics::recorder();
    tokio::spawn(metrics::upkeep());
    let mut prepared = Prepared::of(&args)?;
    if let Some(path) = &args.ready_file {
        ready_file::remove_stale(path)?;
    }
    let (mut signals, mut trouble) = (None, Trouble::default());
    loop {
        let ready = prepared.ready();
        let Ended::Fault(fault) = live(&args, prepared, &mut signals).await? else { break };
        if !trouble.may_go_on(Instant::now()) {
            return Err(fault);
        }
        tracing::error!("{fault:#}; opening it again");
        // Customers and merchants know where we are.
        (args.listen, args.operator_listen) = (ready.listen, ready.operator_listen);
        prepared = Prepared::of(&args)?;
    }
    tracing::info!("stopped");
    Ok(())
}

/// How a life ended that did not end in an error.
enum Ended {
    /// We were told to stop.
    Told,
    /// Nobody knows what is on disk: only opening it anew tells.
    Fault(anyhow::Error),
}

/// One life: from opening the ledger until nobody holds anything of it any more.
async fn live(args: &Args, prepared: Prepared, signals: &mut Option<Signals>) -> anyhow::Result<Ended> {
    let paths = paths(args);
    // Before the ledger is opened, which makes things there.
    let is_its_own = data_folder::is_its_own(&paths, args.ready_file.as_deref());
    let engine = Engine::open(&paths, Options { clock: Arc::new(SystemClock), random: Arc::new(OsRandom) })?;
    engine.keep_free(args.reserve_mib.saturating_mul(1024 * 1024));
    data_folder::close_to_others(&args.data, is_its_own);
    let (served, follower) = match Running::start(args, &paths, prepared, engine.clone(), signals) {
        Ok(mut running) => {
            let served = running.serve(args, signals).await;
            tracing::info!("stopping");
            (served, Some(running.drain().await))
        }
        Err(error) => (Err(error), None),
    };
    // However it went, writer and follower end before the process does: it would tear RocksDB down in their hands,
    // and abort.
    let closed = engine.close().await;
    let followed = follower.map_or(Ok(()), Follower::stop);
    // What went wrong first is the news; the rest followed from it.
    if let Ended::Fault(fault) = served? {
        return match timeout(LET_GO_MAX, engine.let_go()).await {
            Ok(()) => Ok(Ended::Fault(fault)),
            Err(_) => Err(fault.context("somebody did not let go of the ledger")),
        };
    }
    closed?;
    followed?;
    Ok(Ended::Told)
}

fn paths(args: &Args) -> Paths {
    let mut paths = Paths::of(&args.data);
    if let Some(master_key) = &args.master_key {
        paths.master_key.clone_from(master_key);
    }
    if let Some(witness) = &args.witness {
        paths.witness.clone_from(witness);
    }
    if let Some(erasures) = &args.erasures {
        paths.erasures.clone_from(erasures);
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

/// A started server.
struct Running {
    app: App,
    ready: Ready,
    ready_file: Option<ReadyFile>,
    is_first_start: bool,
    follower: Follower,
    stop: watch::Sender<bool>,
    listeners: Vec<JoinHandle<()>>,
    courier: JoinHandle<()>,
    sweep: JoinHandle<()>,
    clock: JoinHandle<()>,
    room: JoinHandle<()>,
}

impl Running {
    fn start(
        args: &Args,
        paths: &Paths,
        prepared: Prepared,
        engine: Engine,
        signals: &mut Option<Signals>,
    ) -> anyhow::Result<Self> {
        let is_first_start = engine.head().position == 0;
        let ready = prepared.ready();
        // Before anyone is served: who waits for the ready file may stop us as soon as it is there.
        if signals.is_none() {
            *signals = Some(Signals::listen()?);
        }
        let models = Models::open(&paths.models())?;
        let token = prepared.token.map_or_else(|| OperatorToken::create(&args.data), Ok)?;
        let (public, operator) = (prepared.public.listen()?, prepared.operator.listen()?);
        // Nothing below can fail, so nothing that follows the log is left behind.
        let follower = models.follow(&engine);
        let (stop, _) = watch::channel(false);
        let clock = tokio::spawn(clock::watch(engine.clone(), stop.subscribe()));
        let room = tokio::spawn(room::watch(engine.clone(), stop.subscribe()));
        let app =
            App::new(engine, models, prepared.public_url, prepared.guard, prepared.gate, prepared.oauth);
        let places = prepared.connections;
        let listeners = vec![
            tokio::spawn(listener::serve(public, server::public(app.clone()), places, stop.subscribe())),
            tokio::spawn(listener::serve(
                operator,
                server::operator(app.clone(), token),
                places,
                stop.subscribe(),
            )),
        ];
        let sweep = tokio::spawn(oauth::sweep(app.clone(), stop.subscribe()));
        let courier = Courier::new(app.clone(), prepared.client);
        let courier = tokio::spawn(courier.run(stop.subscribe()));
        let ready_file = None;
        Ok(Self {
            app,
            ready,
            ready_file,
            is_first_start,
            follower,
            stop,
            listeners,
            courier,
            sweep,
            clock,
            room,
        })
    }

    /// Says that it serves, and does until it is told to stop or a fault ends it.
    async fn serve(&mut self, args: &Args, signals: &mut Option<Signals>) -> anyhow::Result<Ended> {
        self.introduce(args).await?;
        let signals = signals.as_mut().expect("they are listened for since the start");
        tokio::select! {
            _ = signals.terminate.recv() => Ok(Ended::Told),
            _ = signals.interrupt.recv() => Ok(Ended::Told),
            ended = self.app.engine().ended() => match &*ended {
                Ok(()) => bail!("the ledger stopped: it was closed"),
                Err(fault) => Ok(Ended::Fault(anyhow!("the ledger stopped: {fault}"))),
            },
            // Serving what no longer follows the log would be serving what is not so.
            fault = self.app.models().faulted() => {
                Ok(Ended::Fault(anyhow!("the ledger stopped: the read models: {fault}")))
            }
        }
    }

    /// Says where we are, and on first start how to begin.
    async fn introduce(&mut self, args: &Args) -> anyhow::Result<()> {
        let (url, operator) = (self.app.public_url(), self.ready.operator_listen);
        say(format!("Serving {url} (API description at {url}/docs), operator at http://{operator}"))?;
        if args.with_test_merchant && self.is_first_start {
            let new = NewMerchant { name: "Test Shop".to_owned(), signature_required: false, mode: None };
            let made = operator::register(&self.app, new, &HeaderMap::new(), &[]).await;
            let made =
                made.map_err(|error| anyhow::anyhow!("the test merchant could not be made: {error:?}"))?;
            say(first_steps(url, &made))?;
        } else {
            let (data, token) = (args.data.display(), args.data.join(operator::TOKEN_FILE));
            let choai = std::env::current_exe().map_or("choai".into(), |path| path.display().to_string());
            say(format!(
                "Make a merchant: {choai} merchant create --name NAME --data {data} --operator http://{operator}"
            ))?;
            say(format!(
                "The operator's token is in {}, or in {}.",
                token.display(),
                operator::TOKEN_VARIABLE
            ))?;
        }
        if let Some(path) = &args.ready_file {
            self.ready_file = Some(ReadyFile::write(path, self.ready)?);
        }
        Ok(())
    }

    /// Has nothing begin any more, and lets what is under way finish.
    async fn drain(mut self) -> Follower {
        drop(self.ready_file);
        if self.app.engine().has_ended() {
            // No attempt can be recorded any more, so none is worth waiting for.
            self.courier.abort();
        }
        self.stop.send_replace(true);
        let limit = Instant::now() + DRAIN_MAX;
        let served = async {
            for listener in self.listeners {
                // A listener that panicked has nothing left to drain.
                let _ = listener.await;
            }
        };
        if timeout_at(limit, served).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
        if timeout_at(limit, &mut self.courier).await.is_err() {
            tracing::warn!("some webhooks did not finish in time");
            self.courier.abort();
            // An attempt broken off has no record, and is made again at the next start.
            let _ = self.courier.await;
        }
        // They end at once.
        let _ = (self.sweep.await, self.clock.await, self.room.await);
        self.follower
    }
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
