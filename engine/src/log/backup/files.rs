//! The files of one backup among those of all, and a view of them that opens like a store.
//!
//! RocksDB keeps a text per backup, `meta/{number}`: some lines about it, then one a file, that begins with its path. A
//! file that backups share is named after what it is called in the store: `shared_checksum/000012_….sst`.

use std::{
    fs::{DirBuilder, File},
    io::{ErrorKind, Read},
    os::unix::fs::{DirBuilderExt, symlink},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::CopiedFile;
use crate::fault::Fault;

const SHARED: &str = "shared_checksum/";
const READ_BYTES: usize = 256 * 1024;

/// The paths of a backup's files, the list of them among them.
pub(super) fn files_of(folder: &Path, number: u32) -> Result<Vec<String>, Fault> {
    let list = format!("meta/{number}");
    let path = folder.join(&list);
    let text = std::fs::read_to_string(&path).map_err(|error| Fault::file(&path, &error))?;
    let own = format!("private/{number}/");
    let paths = text.lines().filter_map(|line| line.split(' ').next());
    let mut files: Vec<String> =
        paths.filter(|path| path.starts_with(SHARED) || path.starts_with(&own)).map(str::to_owned).collect();
    files.push(list);
    Ok(files)
}

/// How long a file is, and its hash.
pub(super) fn digest(path: &Path) -> Result<(u64, [u8; 32]), Fault> {
    let failed = |error: &std::io::Error| Fault::file(path, error);
    let mut file = File::open(path).map_err(|error| failed(&error))?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((bytes, hash.finalize().into())),
            Ok(read) => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(&error)),
        }
    }
}

/// A folder of links that opens like the store the backup is of; to be read only. It goes when it is dropped.
pub(super) struct View(PathBuf);

impl View {
    pub(super) fn make(folder: &Path, files: &[CopiedFile], at: &Path) -> Result<Self, Fault> {
        let folder = folder.canonicalize().map_err(|error| Fault::file(folder, &error))?;
        DirBuilder::new().mode(0o700).create(at).map_err(|error| Fault::file(at, &error))?;
        let view = Self(at.to_owned());
        for file in files {
            if let Some(name) = name_in_store(&file.name) {
                let link = at.join(name);
                symlink(folder.join(&file.name), &link).map_err(|error| Fault::file(&link, &error))?;
            }
        }
        Ok(view)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // It lies in a scratch folder, which goes anyway.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What the store calls a file; `None` for the list of them.
fn name_in_store(path: &str) -> Option<String> {
    match path.strip_prefix(SHARED) {
        Some(shared) => Some(format!("{}.sst", shared.split('_').next()?)),
        None => path.strip_prefix("private/")?.split_once('/').map(|(_, name)| name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_calls_files_what_the_store_calls_them() {
        for (path, expected) in [
            ("shared_checksum/000012_sABCDEF_1024.sst", Some("000012.sst")),
            ("private/3/CURRENT", Some("CURRENT")),
            ("private/3/000015.log", Some("000015.log")),
            ("meta/3", None),
        ] {
            assert_eq!(name_in_store(path).as_deref(), expected, "{path}");
        }
    }
}
