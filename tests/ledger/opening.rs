//! How a ledger is opened: tables are made once, and what cannot be used is refused with a reason.

use std::path::PathBuf;

use skuery::ledger::{OpenError, open, open_existing};
use tokio::task::JoinSet;

use crate::ground::Ground;
use crate::things::{LEASE, at, key};

async fn refused(address: &str) -> String {
    match open(address).await {
        Ok(_) => panic!("{address} was opened"),
        Err(error) => error.to_string(),
    }
}

pub(crate) async fn replicas_that_start_at_once_make_the_tables_once(ground: Ground) {
    let mut tasks = JoinSet::new();
    for number in 0..8 {
        let address = ground.address().to_owned();
        tasks.spawn(async move {
            let ledger = open(&address).await.expect("it opens");
            let key = key("c", &format!("k{number}"));
            ledger
                .begin(&key, &[1; 32], LEASE, at(0))
                .await
                .expect("it is ready");
        });
    }
    tasks.join_all().await;
    assert_eq!(ground.execute("DELETE FROM migration").await, 1);
}

pub(crate) async fn a_ledger_of_a_newer_version_is_refused(ground: Ground) {
    drop(ground.open().await);
    ground
        .execute("INSERT INTO migration (version, taken_at) VALUES (99, 0)")
        .await;
    let error = open(ground.address()).await.err().expect("refused");
    assert!(
        matches!(error, OpenError::TooNew { found: 99, known: 1 }),
        "{error}"
    );
    let said = "the ledger is of version 99; this version of skuery knows versions up to 1";
    assert_eq!(error.to_string(), said);
}

#[tokio::test]
async fn what_is_no_address_is_refused_and_never_repeated() {
    for address in [
        "",
        "mysql://user:hunter2@host/db",
        "postgres:hunter2",
        "postgres://user:hunter2@host:port/db",
        "postgres://user:hunter2@ho st/db",
        "postgres://user@host/db?pasword=hunter2",
        "sqlite:",
        "sqlite::memory:",
    ] {
        let said = refused(address).await;
        assert!(
            said.starts_with("the ledger's address must be sqlite:PATH or postgres://"),
            "{said}"
        );
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_without_its_password() {
    let said = refused("postgres://user:hunter2@127.0.0.1:9/db?password=hunter3").await;
    assert!(
        said.starts_with("the ledger's database cannot be used: "),
        "{said}"
    );
    assert!(!said.contains("hunter"), "{said}");
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[tokio::test]
async fn a_missing_directory_is_named() {
    let directory = path("no such directory");
    let said = refused(&format!("sqlite:{}/ledger.db", directory.display())).await;
    assert_eq!(
        said,
        format!("the ledger's directory {} is not there", directory.display())
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let file = path("no database.db");
    let text = "dear diary, ".repeat(1000);
    std::fs::write(&file, &text).expect("the directory takes a file");
    let said = refused(&format!("sqlite:{}", file.display())).await;
    assert!(said.contains("not a database"), "{said}");
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), text);
}

#[tokio::test]
async fn who_looks_into_a_ledger_makes_none() {
    let file = path("no ledger.db");
    let _ = std::fs::remove_file(&file);
    let address = format!("sqlite:{}", file.display());
    let error = open_existing(&address).await.err().expect("refused");
    assert!(matches!(error, OpenError::File(..)), "{error}");
    assert!(!file.exists());
}

#[tokio::test]
async fn a_ledger_is_for_its_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let file = path("private.db");
    let wal = path("private.db-wal");
    let _ = (std::fs::remove_file(&file), std::fs::remove_file(&wal));
    let ledger = open(&format!("sqlite:{}", file.display()))
        .await
        .expect("it opens");
    ledger
        .begin(&key("c", "k"), &[1; 32], LEASE, at(0))
        .await
        .expect("it is ready");
    for file in [file, wal] {
        let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}
