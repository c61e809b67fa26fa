//! Who is compared: a process each, over the same systems, on a port of its own.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;

use crate::Failure;
use crate::systems::Addresses;

/// How long whoever keeps answers keeps them: nothing expires during a run.
pub(crate) const KEPT_SECS: u32 = 86_400;

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Skuery,
    #[serde(rename = "by hand")]
    ByHand,
    #[serde(rename = "Apollo Server")]
    Apollo,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Skuery => "Skuery",
            Self::ByHand => "by hand",
            Self::Apollo => "Apollo Server",
        }
    }
}

/// A process that ends with this value.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or nothing can be done about it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Result<Self, Failure> {
        let name = command.get_program().display().to_string();
        let child = command.stdin(Stdio::null()).spawn();
        Ok(Self(child.map_err(|error| format!("{name}: {error}"))?))
    }

    pub(crate) fn process(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn output(&mut self) -> Option<std::process::ChildStdout> {
        self.0.stdout.take()
    }
}

pub(crate) struct Contender {
    pub(crate) kind: Kind,
    /// Where it takes GraphQL.
    pub(crate) url: String,
    running: Running,
}

impl Contender {
    /// Starts it with answers kept for so long, and waits until it listens.
    pub(crate) async fn start(
        kind: Kind,
        skuery: &Path,
        systems: &Addresses,
        fresh_secs: u32,
        scratch: &Path,
    ) -> Result<Self, Failure> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let listen = format!("127.0.0.1:{port}");
        let fresh = fresh_secs.to_string();
        let mut command = match kind {
            Kind::Skuery => {
                let config = scratch.join(format!("gateway-{fresh_secs}.yaml"));
                fs::write(&config, configuration(systems, &fresh))?;
                let mut command = Command::new(skuery);
                command.arg("serve").arg("--config").arg(config);
                command.args(["--listen", &listen]).env("SKUERY_LOG", "warn");
                command
            }
            Kind::ByHand => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["by-hand", "--listen", &listen, "--fresh-secs", &fresh]);
                command.args([
                    "--pim",
                    &systems.pim,
                    "--erp",
                    &systems.erp,
                    "--wms",
                    &systems.wms,
                ]);
                command
            }
            Kind::Apollo => {
                let mut command = Command::new("node");
                command
                    .arg(apollo().join("server.mjs"))
                    .args([&port.to_string(), &fresh]);
                command.args([&systems.pim, &systems.erp, &systems.wms]);
                command.env("NODE_ENV", "production");
                command
            }
        };
        for name in SECRETS {
            command.env(
                name,
                skuery::demo::secret(name).ok_or("the demo has no such secret")?,
            );
        }
        let running = Running::start(command.stdout(Stdio::null()))?;
        for _ in 0..200 {
            if TcpStream::connect(&listen).await.is_ok() {
                let url = format!("http://{listen}/graphql");
                return Ok(Self { kind, url, running });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(format!("{} does not listen on {listen}", kind.name()).into())
    }

    pub(crate) fn process(&self) -> u32 {
        self.running.process()
    }
}

const SECRETS: [&str; 4] = [
    "DEMO_PIM_CLIENT_SECRET",
    "DEMO_PIM_PASSWORD",
    "DEMO_ERP_CLIENT_SECRET",
    "DEMO_WMS_PASSWORD",
];

/// Where the Node part lies.
pub(crate) fn apollo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("apollo")
}

fn configuration(systems: &Addresses, fresh_secs: &str) -> String {
    include_str!("../gateway.yaml")
        .replace("${pim}", &systems.pim)
        .replace("${erp}", &systems.erp)
        .replace("${wms}", &systems.wms)
        .replace("${fresh_secs}", fresh_secs)
}
