//! How many files may be open at once: as many as the system lets us, and of these, how many are for connections.
//!
//! A store that cannot open a file ends the process, so connections must never take the last one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// For the stores' files, 512 of each at the most, webhooks under way, and whatever else there is.
const KEPT: u64 = 2_560;
/// Connections on one port at the most: so many clients that take all they may take still fit into memory.
const CONNECTIONS_MAX: u64 = 8_192;

/// Has the system let us open as many files as it ever would; gives how many connections each of two ports may have.
pub fn raise() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    // `None` is without end. What we may not raise stays as it is.
    let limit = if raised.is_ok() { maximum } else { current };
    let connections = connections(limit.unwrap_or(u64::MAX));
    if (connections as u64) < CONNECTIONS_MAX {
        tracing::warn!(connections, "the system lets us open few files, so each port takes few connections");
    }
    connections
}

/// For each of two ports. Where there are too few files for everything, connections get half of them.
fn connections(files: u64) -> usize {
    let free = files.saturating_sub(KEPT).max(files / 2);
    usize::try_from((free / 2).min(CONNECTIONS_MAX)).expect("it is a small number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_never_take_the_stores_files() {
        for (files, expected) in [
            (0, 0),
            (1_024, 256),
            (5_120, 1_280),
            (5_122, 1_281),
            (18_943, 8_191),
            (18_944, 8_192),
            (524_288, 8_192),
            (u64::MAX, 8_192),
        ] {
            assert_eq!(connections(files), expected, "of {files} files");
        }
    }
}
