//! A gateway without its web server: for specs that give it what no request over HTTP can, such as an identity.

use serde_json::Value;
use skuery::config::{self, Config};
use skuery::demo::{self, Demo};
use skuery_resolvers::commerce::gateway::{Gateway, GraphqlRequest, Parts};

/// The parts of a gateway over the demo systems, by this configuration.
pub(crate) fn parts(text: &str) -> Parts {
    let config = Config::parse("test.yaml", text).expect("the configuration is read");
    let secret = |name: &str| demo::secret(name).or_else(|| name.strip_prefix("GIVEN_").map(str::to_owned));
    config::build(&config, "test.yaml", text, &secret).expect("the configuration is valid")
}

/// A gateway over the demo systems by their configuration, changed.
pub(crate) async fn gateway(change: impl FnOnce(String) -> String) -> (Demo, Gateway) {
    // Fails only when another provider is installed already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let demo = demo::start().await.expect("the demo systems start");
    let gateway = Gateway::new(parts(&change(demo::configuration(&demo))));
    (demo, gateway)
}

/// What the gateway answers, without errors.
pub(crate) async fn execute(gateway: &Gateway, request: &GraphqlRequest) -> Value {
    let response = gateway.execute(request).await.expect("it can be executed");
    let answer: Value = serde_json::from_slice(&response.body).expect("JSON");
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"].clone()
}
