//! File modes: what the ledger keeps is its owner's alone, whatever the machine's habits are.

use std::{
    fs::{self, Permissions},
    io::ErrorKind,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::harness::Server;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("there").permissions().mode() & 0o777
}

/// Everything under `folder`, and the folder itself.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut looked_at = 0;
    while let Some(path) = found.get(looked_at).cloned() {
        looked_at += 1;
        if path.is_dir() {
            found.extend(fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        }
    }
    found
}

/// RocksDB asks for modes that let everybody read; only the folder around it once kept them out.
#[tokio::test]
async fn nobody_else_reads_anything_of_the_ledger() {
    let mut server = Server::start();
    server.merchant().await;
    for moment in ["as it runs", "after a restart"] {
        let files = all(&server.data());
        assert!(files.len() > 10, "{files:?}");
        // RocksDB removes files of its own accord, also between listing them and now.
        for file in files {
            let metadata = match fs::symlink_metadata(&file) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                metadata => metadata.expect("it can be looked at"),
            };
            assert_eq!(metadata.permissions().mode() & 0o077, 0, "{} {moment}", file.display());
        }
        server.terminate();
        server.restart();
    }
    assert_eq!(mode(&server.ready_file()), 0o644, "whoever waits for it may be another user");
}

#[tokio::test]
async fn a_folder_that_others_can_look_into_is_closed() {
    let mut server = Server::start();
    server.terminate();
    assert!(!server.log().contains("0700"), "{}", server.log());
    fs::set_permissions(server.data(), Permissions::from_mode(0o755)).expect("it is ours");
    server.restart();
    assert_eq!(mode(&server.data()), 0o700);
    assert!(server.log().contains("its mode is 0700 now"), "{}", server.log());
}

/// The first start left a shared folder alone, and the second one closed it.
#[tokio::test]
async fn a_folder_with_other_things_in_it_stays_open() {
    let mut server = Server::start();
    server.terminate();
    fs::write(server.data().join("other.txt"), "somebody else's").expect("it is ours");
    fs::set_permissions(server.data(), Permissions::from_mode(0o755)).expect("it is ours");
    for _ in 0..2 {
        server.restart();
        assert_eq!(mode(&server.data()), 0o755);
        assert_eq!(mode(&server.data().join("ledger")), 0o700, "what is the ledger's is closed all the same");
        server.terminate();
    }
    assert!(server.log().contains("there are other things in it"), "{}", server.log());
}
