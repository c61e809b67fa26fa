//! Gateways as processes of their own, before demo systems in this one.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use skuery::demo::{self, Demo};

/// A `skuery serve` that listens; killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
}

/// The names of the secrets that the demo's configuration refers to.
const SECRETS: [&str; 7] = [
    "DEMO_PIM_CLIENT_SECRET",
    "DEMO_PIM_PASSWORD",
    "DEMO_ERP_CLIENT_SECRET",
    "DEMO_WMS_PASSWORD",
    "DEMO_POS_PASSWORD",
    "DEMO_MARKETPLACE_KEY",
    "DEMO_PAYMENTS_KEY",
];

/// A file name that no other test takes.
pub(crate) fn own_file(ending: &str) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("checkout-{}-{number}.{ending}", std::process::id());
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Writes the demo's configuration with another ledger. Tokens hold beyond the end of a process.
pub(crate) fn configuration(demo: &Demo, ledger: &str) -> PathBuf {
    let yaml = demo::configuration_with_ledger(demo, ledger);
    let keyed = yaml.replacen(
        "  orders: erp\n",
        "  orders: erp\n  token_keys: [{ env: TOKEN_KEY }]\n",
        1,
    );
    assert_ne!(yaml, keyed, "the demo takes orders in the ERP");
    let file = own_file("yaml");
    std::fs::write(&file, keyed).expect("the directory for tests takes a file");
    file
}

/// `skuery` with the secrets that the configuration refers to.
pub(crate) fn skuery() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuery"));
    command.env("TOKEN_KEY", "signs the tokens of tests, and nothing else");
    for name in SECRETS {
        command.env(name, demo::secret(name).expect("a secret of the demo"));
    }
    command
}

impl Process {
    /// Starts a gateway that ends itself at `fault`, such as `after_intend` or `after_send:2`.
    pub(crate) fn start(config: &std::path::Path, fault: Option<&str>) -> Self {
        let mut command = skuery();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .env("SKUERY_LOG", "warn");
        if let Some(fault) = fault {
            command.env("SKUERY_FAULT", fault);
        }
        let mut child = command.spawn().expect("the binary runs");
        let stdout = child.stdout.take().expect("it is piped");
        let mut line = String::new();
        let mut reader = BufReader::new(stdout);
        reader.read_line(&mut line).expect("it says that it is ready");
        let address = line
            .split("Endpoint: ")
            .nth(1)
            .and_then(|rest| rest.split('/').nth(2));
        let address = address.unwrap_or_else(|| panic!("it says where it listens, not {line:?}"));
        Self {
            url: format!("http://{address}/graphql"),
            child,
        }
    }

    /// Ends it at once, as a crash would.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
