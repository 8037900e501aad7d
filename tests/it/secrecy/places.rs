//! Every place where a server keeps something: rows as they are before RocksDB compresses them, and files as they are.

use std::{fs, path::Path};

use choai_engine::{
    Paths,
    books::Realm,
    log::{Log, RocksStore, RocksTables, codec::to_bytes},
    state::{KeyValue, State, TableRows},
    vault::{VaultFamily, VaultRows},
};
use choai_projections::Models;

use crate::harness::Server;

/// Bytes, and where they are.
pub type Place = (String, Vec<u8>);

/// Every row of the ledger and of the read models.
pub fn rows(data: &Path, merchant: u64) -> Vec<Place> {
    let mut rows = ledger_rows(data);
    rows.extend(model_rows(data, merchant));
    rows
}

/// Every file under the server's folder, with its bytes.
pub fn files(server: &Server) -> Vec<Place> {
    let data = server.data();
    let mut folders = vec![data.parent().expect("the data has a folder around it").to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                // One that is gone by now was deleted by RocksDB; what it held is in another.
                files.push((path.display().to_string(), bytes));
            }
        }
    }
    for expected in [
        "/ledger/CURRENT",
        "/tables/CURRENT",
        "/models/CURRENT",
        "/witness",
        "/server.log",
        "/data.master-key",
    ] {
        assert!(files.iter().any(|(path, _)| path.ends_with(expected)), "{expected} was not searched");
    }
    files
}

fn ledger_rows(data: &Path) -> Vec<Place> {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let store = RocksStore::open_beside(&Paths::of(data).ledger(), scratch.path()).expect("the ledger opens");
    let mut rows = Vec::new();
    let tables = RocksTables::open_beside(&Paths::of(data).tables(), &scratch.path().join("tables"));
    for (place, scanned) in scans(&store, &tables.expect("the tables open")) {
        rows.extend(scanned.into_iter().map(|(key, value)| (place.clone(), [key, value].concat())));
    }
    let head = store.head().expect("a head").position;
    let mut next = 1;
    while next <= head {
        for frame in store.read(next, usize::MAX).expect("the log reads") {
            next = frame.last() + 1;
            rows.push(("log".to_owned(), frame.bytes().to_vec()));
        }
    }
    rows
}

fn scans(store: &RocksStore, tables: &RocksTables) -> Vec<(String, Vec<KeyValue>)> {
    let tables = State::table_ids()
        .map(|table| (format!("table {}", table.0), tables.scan(table).expect("the tables read")));
    let vault = VaultFamily::ALL.map(|family| {
        (format!("vault {family:?}"), VaultRows::scan(store, family).expect("the vault reads"))
    });
    tables.chain(vault).collect()
}

fn model_rows(data: &Path, merchant: u64) -> Vec<Place> {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let models = Models::open_beside(&Paths::of(data).models(), scratch.path()).expect("the models open");
    let merchant = merchant.to_string().parse().expect("a merchant id");
    let realm = Realm::Test(merchant);
    let row = |place: &str, bytes| (place.to_owned(), bytes);
    let mut rows = Vec::new();
    rows.extend(
        models.merchants().all().expect("they read").iter().map(|view| row("merchants", to_bytes(view))),
    );
    let payments = models.payments().by_merchant(realm, merchant, None, usize::MAX).expect("they read");
    rows.extend(payments.iter().map(|view| row("payments", to_bytes(view))));
    let deliveries = models.deliveries().by_merchant(realm, merchant, None, usize::MAX).expect("they read");
    for view in &deliveries {
        rows.push(row("deliveries", to_bytes(view)));
        let attempts = models.deliveries().attempts(view.delivery).expect("they read");
        rows.extend(attempts.iter().map(|view| row("attempts", to_bytes(view))));
    }
    let balances = models.balances().all().expect("they read");
    rows.extend(balances.iter().map(|(account, _)| row("balances", account.to_string().into_bytes())));
    rows
}
