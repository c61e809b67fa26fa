//! The gateway's own binary, started with a configuration file as an operator would.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A running `skuery serve`; killed when dropped.
pub(crate) struct Gateway {
    process: Child,
    endpoint: String,
    client: reqwest::Client,
}

/// The binary with its secrets in the environment.
pub(crate) fn skuery(arguments: &[&str], config: &Path, secrets: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuery"));
    command
        .args(arguments)
        .arg("--config")
        .arg(config)
        .envs(secrets.iter().copied());
    command
}

impl Gateway {
    pub(crate) fn start(config: &Path, secrets: &[(&str, &str)]) -> Self {
        let mut process = skuery(&["serve", "--listen", "127.0.0.1:0"], config, secrets)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stdout = process.stdout.take().expect("a pipe");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says where it listens");
        let endpoint = line.split_whitespace().last().expect("an address").to_owned();
        assert!(endpoint.ends_with("/graphql"), "unexpected first line: {line}");
        Self {
            process,
            endpoint,
            client: client(),
        }
    }

    /// The `data` of an answer without errors.
    pub(crate) async fn data(&self, channel: &str, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(channel, query, variables).await;
        assert_eq!(answer.get("errors"), None, "for {query}");
        answer["data"].take()
    }

    pub(crate) async fn answer(&self, channel: &str, query: &str, variables: Value) -> Value {
        let request = self.client.post(&self.endpoint).header("x-channel", channel);
        let response = request
            .json(&json!({ "query": query, "variables": variables }))
            .send()
            .await;
        response.expect("an answer").json().await.expect("JSON")
    }
}

/// Only loopback without TLS is asked here, but the client wants to know its cryptography all the same.
fn client() -> reqwest::Client {
    // Another test of this process may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
