//! The ready file: there as long as a server stands behind it.
//!
//! Its server holds it locked, and a lock ends with its process: so a file that was left behind by a kill can be told
//! from one that is in use.

use std::{
    fs::{File, Permissions, TryLockError, remove_file, rename},
    io::{ErrorKind, Write},
    net::SocketAddr,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// What it says.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Ready {
    /// Where the public port ended up.
    pub listen: SocketAddr,
    /// Where the operator's port ended up.
    pub operator_listen: SocketAddr,
}

/// A server's ready file, removed with this.
pub struct ReadyFile {
    path: PathBuf,
    held: File,
}

/// Removes what a server that was killed left at `path`; what a running one has there stays.
///
/// # Errors
/// When the system refuses.
pub fn remove_stale(path: &Path) -> anyhow::Result<()> {
    let named = || path.display().to_string();
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened.with_context(named)?,
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(()),
        // Where there are no locks, nobody can tell; a file that was left behind is the likelier one.
        Ok(()) | Err(TryLockError::Error(_)) => remove_file(path).with_context(named),
    }
}

impl ReadyFile {
    /// Writes it; whoever waits for it finds it whole or not at all.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(path: &Path, ready: Ready) -> anyhow::Result<Self> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let write = || -> std::io::Result<File> {
            let mut held = File::create(&partial)?;
            // Whoever waits may be another user, and addresses are no secret.
            held.set_permissions(Permissions::from_mode(0o644))?;
            // Where there are no locks, the next start removes it all the same.
            let _ = held.try_lock();
            held.write_all(&serde_json::to_vec(&ready)?)?;
            Ok(held)
        };
        let held = write().with_context(|| partial.display().to_string())?;
        rename(&partial, path).with_context(|| path.display().to_string())?;
        Ok(Self { path: path.to_owned(), held })
    }

    /// Whether what stands at the path is still this one, and not another server's.
    fn is_there(&self) -> std::io::Result<bool> {
        let (there, held) = (self.path.metadata()?, self.held.metadata()?);
        Ok((there.dev(), there.ino()) == (held.dev(), held.ino()))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        let removed = self.is_there().and_then(|ours| if ours { remove_file(&self.path) } else { Ok(()) });
        match removed {
            // Whoever read it may have removed it.
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, "the ready file could not be removed");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(path: &Path) -> ReadyFile {
        let address = "127.0.0.1:1".parse().unwrap();
        ReadyFile::write(path, Ready { listen: address, operator_listen: address }).unwrap()
    }

    #[test]
    fn a_file_in_use_stays_and_one_left_behind_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        remove_stale(&path).unwrap();
        let in_use = write(&path);
        remove_stale(&path).unwrap();
        assert!(path.exists(), "its server runs");
        drop(in_use);
        assert!(!path.exists(), "its server has stopped");
        fs::write(&path, "{}").unwrap();
        remove_stale(&path).unwrap();
        assert!(!path.exists(), "its server was killed");
    }

    #[test]
    fn nobody_removes_anothers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        let (first, second) = (write(&path), write(&path));
        drop(first);
        assert!(path.exists(), "it is the second one's");
        fs::remove_file(&path).unwrap();
        drop(second);
    }
}
