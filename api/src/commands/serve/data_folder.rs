//! The data folder's mode: what the ledger keeps is nobody else's business, whoever made the folder.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use choai_engine::Paths;

use crate::operator;

/// What lets anyone in but the owner.
const OTHERS: u32 = 0o077;

/// Whether the folder at `paths.data` is, or is going to be, the ledger's alone: nothing is in it that is not the
/// ledger's, or `ready_file`.
pub fn is_its_own(paths: &Paths, ready_file: Option<&Path>) -> bool {
    let Ok(mut entries) = fs::read_dir(&paths.data) else {
        // One that is not there yet is opening's to make, and nobody else's.
        return !paths.data.exists();
    };
    let ready_file = ready_file.and_then(|path| std::path::absolute(path).ok());
    entries.all(|entry| {
        let Ok(path) = entry.map(|entry| entry.path()) else { return false };
        path == paths.witness || Some(&path) == ready_file.as_ref() || has_known_name(&path)
    })
}

/// Closes a data folder that others can look into: earlier versions left files in it that all may read. One that is
/// not its own stays as it is; what the ledger makes there is its owner's alone all the same.
pub fn close_to_others(data: &Path, is_its_own: bool) {
    let mode = fs::metadata(data).map(|metadata| metadata.permissions().mode());
    if !mode.is_ok_and(|mode| mode & OTHERS != 0) {
        return;
    }
    let folder = data.display();
    if !is_its_own {
        tracing::warn!(%folder, "others can look into the data folder; there are other things in it, so it stays so");
        return;
    }
    match fs::set_permissions(data, Permissions::from_mode(0o700)) {
        Ok(()) => tracing::warn!(%folder, "others could look into the data folder; its mode is 0700 now"),
        Err(error) => {
            tracing::warn!(%folder, %error, "others can look into the data folder, and it stays so")
        }
    }
}

/// What the ledger makes there, whole or half made.
fn has_known_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let known = ["ledger", "ledger.unfinished", "tables", "models", "witness", "lock", operator::TOKEN_FILE];
    known.contains(&name) || name.ends_with(".partial")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A start once closed a folder that the ledger shares with others, because a ledger was in it.
    #[test]
    fn only_a_folder_of_its_own_is_closed() {
        for (inside, expected) in [
            (&[][..], 0o700),
            (&["ledger/CURRENT", "ledger.unfinished", "tables", "models", "witness", "lock"], 0o700),
            (&["ledger", "operator-token", "operator-token.partial", "ready.json"], 0o700),
            (&["other.txt"], 0o755),
            (&["ledger/CURRENT", "other.txt"], 0o755),
            (&["ledger", "models", "ledger.old"], 0o755),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for path in inside {
                fs::create_dir_all(folder.path().join(path)).unwrap();
            }
            fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
            let (paths, ready_file) = (Paths::of(folder.path()), folder.path().join("ready.json"));
            close_to_others(folder.path(), is_its_own(&paths, Some(&ready_file)));
            let mode = fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, expected, "with {inside:?} in it");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_going_to_be_its_own() {
        let folder = tempfile::tempdir().unwrap();
        assert!(is_its_own(&Paths::of(&folder.path().join("data")), None));
    }
}
