//! What is settled before the ledger is opened, so that a wrong argument or a taken port leaves nothing behind.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::{TcpListener, TcpSocket};

use super::{Args, ready_file::Ready};
use crate::{
    operator::OperatorToken,
    webhooks::{client::GuardedClient, guard::Guard},
};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1_024;

/// Everything a server needs besides its ledger.
pub struct Prepared {
    pub public: Port,
    pub operator: Port,
    pub public_url: String,
    pub guard: Guard,
    pub client: GuardedClient,
    /// The operator's token, if there is one already.
    pub token: Option<OperatorToken>,
}

impl Prepared {
    /// Looks at the arguments and takes the ports.
    ///
    /// # Errors
    /// With what is wrong.
    pub fn of(args: &Args) -> anyhow::Result<Self> {
        let token = OperatorToken::find(&args.data)?;
        let (public, operator) = (Port::take(args.listen)?, Port::take(args.operator_listen)?);
        let public_url = public_url(args.public_url.as_deref(), public.address)?;
        let guard = Guard::new(args.allow_private_webhooks, vec![operator.address]);
        let client = GuardedClient::new(guard.clone());
        let client = client.context("TLS cannot be set up; install ca-certificates")?;
        Ok(Self { public, operator, public_url, guard, client, token })
    }

    /// Where both ports are.
    pub fn ready(&self) -> Ready {
        Ready { listen: self.public.address, operator_listen: self.operator.address }
    }
}

/// A port that is ours. Until we listen, connections to it are refused rather than kept waiting.
pub struct Port {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Port {
    fn take(address: SocketAddr) -> anyhow::Result<Self> {
        let take = || -> std::io::Result<Self> {
            let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            // A port that was in use until just now can be taken at once.
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            Ok(Self { address: socket.local_addr()?, socket })
        };
        take().with_context(|| format!("cannot listen on {address}"))
    }

    /// Lets connections come.
    ///
    /// # Errors
    /// When another process was quicker.
    pub fn listen(self) -> anyhow::Result<TcpListener> {
        self.socket.listen(BACKLOG).with_context(|| format!("cannot listen on {}", self.address))
    }
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
