//! What is settled before the ledger is opened, so that a wrong argument or a taken port leaves nothing behind.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, ensure};
use choai_engine::domain::Span;
use tokio::net::{TcpListener, TcpSocket};

use super::{Args, open_files, ready_file::Ready};
use crate::{
    gate::Gate,
    oauth::{self, Lifetimes},
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
    pub gate: Gate,
    pub oauth: oauth::Desk,
    /// Connections that each port may have.
    pub connections: usize,
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
        check_apart(args.listen, args.operator_listen)?;
        let (public, operator) = (Port::take(args.listen)?, Port::take(args.operator_listen)?);
        // A free one may turn out to be the other's.
        check_apart(public.address, operator.address)?;
        let public_url = public_url(args.public_url.as_deref(), public.address)?;
        let guard = Guard::new(args.allow_private_webhooks, vec![operator.address]);
        let gate = Gate { events_max: args.models_behind_max, bytes_max: args.models_behind_bytes_max };
        let lifetimes = Lifetimes {
            access: Span::seconds(args.access_token_seconds.into()),
            refresh: Span::days(args.refresh_token_days.into()),
        };
        let client = GuardedClient::new(guard.clone());
        let client = client.context("TLS cannot be set up; install ca-certificates")?;
        Ok(Self {
            public,
            operator,
            public_url,
            guard,
            gate,
            oauth: oauth::Desk::new(lifetimes),
            connections: open_files::raise(),
            client,
            token,
        })
    }

    /// Where both ports are.
    pub fn ready(&self) -> Ready {
        Ready { listen: self.public.address, operator_listen: self.operator.address }
    }
}

/// A port that is reserved. Until we listen, connections to it are refused rather than kept waiting, and whoever asks for
/// it in the same way can reserve it too: one of them is refused when both listen.
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

/// Both of two that overlap can be reserved; that only one can be listened on would show when the ledger has been made.
fn check_apart(listen: SocketAddr, operator_listen: SocketAddr) -> anyhow::Result<()> {
    let are_apart = listen.port() == 0 || !overlap(listen, operator_listen);
    ensure!(are_apart, "--listen {listen} and --operator-listen {operator_listen} are one port; take two");
    Ok(())
}

/// Whether a connection could be for either.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let [one_ip, other_ip] = [one, other].map(|address| address.ip().to_canonical());
    // Listening on all of IPv6 means all of IPv4 too.
    let takes = |all: IpAddr, ip: IpAddr| all.is_unspecified() && (all.is_ipv6() || ip.is_ipv4());
    let is_one_place = one_ip == other_ip || takes(one_ip, other_ip) || takes(other_ip, one_ip);
    one.port() == other.port() && is_one_place
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_overlap_where_one_connection_could_be_for_both() {
        for (one, other, expected) in [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("127.0.0.1:80", "127.0.0.2:80", false),
            ("127.0.0.1:80", "0.0.0.0:80", true),
            ("127.0.0.1:80", "0.0.0.0:81", false),
            ("127.0.0.1:80", "[::]:80", true),
            ("127.0.0.1:80", "[::1]:80", false),
            ("127.0.0.1:80", "[::ffff:127.0.0.1]:80", true),
            ("[::1]:80", "[::]:80", true),
            ("[::1]:80", "0.0.0.0:80", false),
            ("0.0.0.0:80", "[::]:80", true),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                assert_eq!(overlap(one.parse().unwrap(), other.parse().unwrap()), expected, "{one} {other}");
            }
        }
    }
}
