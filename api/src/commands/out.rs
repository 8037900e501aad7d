//! Standard output, whose reader may leave at any time.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

/// Writes a line. A reader who has seen enough, as in `| head`, is no trouble.
///
/// # Errors
/// When it cannot be written for any other reason, such as a full disk.
pub fn say(line: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
