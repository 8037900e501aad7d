//! Damaged backups: whichever file it is and whatever was done to it, the backup is refused.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use super::*;
use crate::{
    domain::{Event, MerchantId, Span, realm},
    log::{Actor, FrameDraft, RecordHeader},
};

const AT: Timestamp = Timestamp(1_767_571_200_000_000);

/// A store with some commits, and a folder for its backups.
struct Desk {
    folder: TempDir,
    store: RocksStore,
}

impl Desk {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        RocksStore::make(&path).unwrap();
        Self { store: RocksStore::open(&path).unwrap(), folder }
    }

    fn commit(&self, count: usize) {
        for _ in 0..count {
            let head = self.store.head().unwrap();
            let realm = crate::books::Realm::Test(MerchantId(1));
            let advanced = realm::ClockAdvanced { realm, by: Span::MICRO, ahead: Span::MICRO };
            let event = Event::from(realm::Event::ClockAdvanced(advanced));
            let id = uuid::Uuid::from_u128(head.position.into());
            let header = RecordHeader {
                stream: event.stream(),
                revision: head.position,
                id,
                realm: Some(realm),
                effective_at: AT,
                causation: id,
                correlation: id,
                actor: Actor::Operator,
                idempotency: None,
            };
            let mut draft = FrameDraft::new(head.position + 1, AT);
            draft.push(&header, &event);
            self.store.append(head, &draft.seal(head), &[]).unwrap();
        }
    }

    fn backups(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    fn take(&self) -> Taken {
        let backups = Backups::make(&self.backups()).unwrap();
        let number = backups.copy(&self.store).unwrap();
        backups.complete(number, Outdated::Drop, self.scratch().path(), AT, &mut |_| ()).unwrap()
    }

    fn scratch(&self) -> TempDir {
        tempfile::tempdir_in(self.folder.path()).unwrap()
    }

    /// Whether the newest backup is said to be whole, and whether it can be restored.
    fn stands(&self) -> (bool, bool) {
        let backups = Backups::open(&self.backups()).unwrap();
        let Ok(manifest) = backups.find(None) else { return (false, false) };
        let (scratch, into) = (self.scratch(), self.scratch());
        let is_whole = backups.verify(&manifest, scratch.path(), &mut |_| ()).is_ok();
        (is_whole, backups.restore(&manifest, &into.path().join("ledger"), &mut |_| ()).is_ok())
    }
}

#[test]
fn a_backup_is_proved_and_shares_what_is_there() {
    let desk = Desk::open();
    desk.commit(2_000);
    let first = desk.take();
    assert_eq!((first.manifest.number, first.manifest.head), (1, desk.store.head().unwrap()));
    desk.commit(3);
    let second = desk.take();
    assert_eq!(second.manifest.head.position, 2_003);
    assert!(
        second.copied_bytes * 2 < first.copied_bytes,
        "{} after {}",
        second.copied_bytes,
        first.copied_bytes
    );
    let listed = Backups::open(&desk.backups()).unwrap().list().unwrap();
    assert_eq!(listed, [first.manifest, second.manifest]);
    assert_eq!(desk.stands(), (true, true));
}

#[test]
fn damage_in_any_file_is_noticed_before_anything_is_restored() {
    type Damage = (&'static str, fn(Vec<u8>) -> Option<Vec<u8>>);
    let damages: [Damage; 4] = [
        ("a bit in the middle", |mut bytes| {
            let middle = bytes.len() / 2;
            *bytes.get_mut(middle)? ^= 1;
            Some(bytes)
        }),
        ("the last byte", |mut bytes| {
            *bytes.last_mut()? ^= 1;
            Some(bytes)
        }),
        ("cut short", |bytes| Some(bytes[..bytes.len().saturating_sub(1)].to_vec())),
        ("deleted", |_| None),
    ];
    let desk = Desk::open();
    desk.commit(20);
    let taken = desk.take();
    let mut files: Vec<PathBuf> =
        taken.manifest.files.iter().map(|file| desk.backups().join(&file.name)).collect();
    files.push(desk.backups().join(MANIFESTS).join("1"));
    for path in files {
        let whole = fs::read(&path).unwrap();
        for (what, damage) in damages {
            if whole.is_empty() && what != "deleted" {
                continue; // An empty log has no byte to lose.
            }
            match damage(whole.clone()) {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            assert_eq!(desk.stands(), (false, false), "{what}: {}", path.display());
        }
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(desk.stands(), (true, true), "put back as it was");
}

#[test]
fn a_folder_has_backups_of_one_log_only() {
    let (one, other) = (Desk::open(), Desk::open());
    one.commit(5);
    one.take();
    other.commit(4);
    let refused = Backups::make(&one.backups()).unwrap().copy(&other.store);
    assert!(matches!(refused, Err(Fault::Backup(_))), "{refused:?}");
    let busy = Backups::open(&one.backups()).unwrap();
    assert!(matches!(Backups::open(&one.backups()), Err(Fault::Backup(_))), "one at a time");
    drop(busy);
    Backups::open(&one.backups()).unwrap();
}
