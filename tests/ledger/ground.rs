//! An empty store for each test, several handles on it, and a way round the ledger to break it by hand.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use skuery_resolvers::checkout::ledger::Ledger;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

/// An empty store.
pub(crate) struct Ground {
    address: String,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

fn name() -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("ledger_{}_{number}", std::process::id())
}

impl Ground {
    pub(crate) fn sqlite() -> Self {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.db", name()));
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
        }
        Self {
            address: format!("sqlite:{}", file.display()),
        }
    }

    #[cfg(feature = "real-systems")]
    #[expect(
        clippy::disallowed_methods,
        reason = "the test is told of the real system by the environment"
    )]
    pub(crate) async fn postgres() -> Self {
        let server = std::env::var("SKUERY_POSTGRES")
            .expect("SKUERY_POSTGRES names a PostgreSQL; scripts/test starts one");
        let server = server.trim_end_matches('/').to_owned();
        let database = name();
        let admin = Self {
            address: format!("{server}/postgres"),
        };
        admin
            .execute(&format!("DROP DATABASE IF EXISTS {database}"))
            .await;
        admin.execute(&format!("CREATE DATABASE {database}")).await;
        Self {
            address: format!("{server}/{database}"),
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.address.starts_with("sqlite:")
    }

    /// One more handle on the store, as another replica has it.
    pub(crate) async fn open(&self) -> Arc<dyn Ledger> {
        skuery::ledger::open(&self.address)
            .await
            .expect("the ledger opens")
    }

    /// Runs a statement past the ledger; how many rows it changed.
    pub(crate) async fn execute(&self, sql: &str) -> u64 {
        let query = AssertSqlSafe(sql.to_owned());
        let done = if self.is_sqlite() {
            let options = SqliteConnectOptions::from_str(&self.address).expect("an address");
            let options = options.foreign_keys(false).busy_timeout(Duration::from_secs(20));
            let mut connection = options.connect().await.expect("the store answers");
            sqlx::query(query)
                .execute(&mut connection)
                .await
                .map(|done| done.rows_affected())
        } else {
            let mut connection = PgConnection::connect(&self.address)
                .await
                .expect("the store answers");
            sqlx::query(query)
                .execute(&mut connection)
                .await
                .map(|done| done.rows_affected())
        };
        done.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}
