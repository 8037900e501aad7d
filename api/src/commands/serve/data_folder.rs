//! The data folder's mode: what the ledger keeps is nobody else's business, whoever made the folder.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use choai_engine::{Paths, log::RocksStore};

/// What lets anyone in but the owner.
const OTHERS: u32 = 0o077;

/// Whether the folder at `data` is, or is going to be, the ledger's alone. To be asked before the ledger is opened,
/// which makes things there.
pub fn is_its_own(data: &Path) -> bool {
    // One that cannot be looked at is opening's to make or to refuse.
    RocksStore::exists(&Paths::of(data).ledger()).unwrap_or(false) || is_empty(data)
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

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_folder_of_its_own_is_closed() {
        for (inside, expected) in [(None, 0o700), (Some("ledger/CURRENT"), 0o700), (Some("else"), 0o755)] {
            let folder = tempfile::tempdir().unwrap();
            if let Some(inside) = inside {
                fs::create_dir_all(folder.path().join(inside)).unwrap();
            }
            fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
            close_to_others(folder.path(), is_its_own(folder.path()));
            let mode = fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, expected, "with {inside:?} in it");
        }
    }
}
