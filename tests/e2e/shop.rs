//! A gateway before the demo systems, and the questions that specs ask it.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use axum::Router;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder, RequestBuilder};
use serde_json::{Value, json};
use skuery::config::{self, Config};
use skuery::demo::{self, Demo};
use skuery::front::{Playground, Stop};
use skuery::identity::Verifier;
use skuery::start::{self, Prepared, Server, Site};
use skuery_resolvers::commerce::gateway::Parts;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::form_urlencoded;

/// Freshness that does not run out while a spec runs.
pub(crate) const LONG: &str = "
cache:
  catalog: { fresh_secs: 600 }
  prices: { fresh_secs: 600, stale_if_error_secs: 900 }
  stock: { fresh_secs: 600, stale_if_error_secs: 900 }
";

/// Every answer is past its time at once, and may be served when the system fails.
pub(crate) const STALE: &str = "
cache:
  catalog: { fresh_secs: 0, stale_if_error_secs: 900 }
  prices: { fresh_secs: 0, stale_if_error_secs: 900 }
  stock: { fresh_secs: 0, stale_if_error_secs: 900 }
";

/// A running gateway with its demo systems; both end when this is dropped.
pub(crate) struct Shop {
    pub(crate) demo: Demo,
    pub(crate) url: String,
    pub(crate) site: Arc<Site>,
    client: Client,
    stop: Option<oneshot::Sender<Stop>>,
    server: JoinHandle<std::io::Result<()>>,
}

/// One answer over HTTP.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Shop {
    /// The demo configuration with long freshness.
    pub(crate) async fn start() -> Self {
        Self::with(|yaml| format!("{yaml}{LONG}")).await
    }

    /// The demo configuration, changed.
    pub(crate) async fn with(change: impl FnOnce(String) -> String) -> Self {
        Self::serve(parts(change).await).await
    }

    /// The demo as a visitor meets it, checkout and all.
    pub(crate) async fn selling() -> Self {
        let (demo, config, mut parts, identity) = parts(|yaml| yaml).await;
        let text = demo::configuration(&demo);
        let checkout = config::checkout(&config, &parts, "test.yaml", &text, &demo::secret);
        let checkout = checkout.expect("the configuration is valid");
        parts = start::with_checkout(parts, checkout).await.expect("a ledger");
        Self::serve((demo, config, parts, identity)).await
    }

    /// The demo configuration, with parts that no configuration can name.
    pub(crate) async fn of_parts(change: impl FnOnce(&mut Parts)) -> Self {
        let mut all = parts(|yaml| yaml).await;
        change(&mut all.2);
        Self::serve(all).await
    }

    async fn serve((demo, config, parts, identity): (Demo, Config, Parts, Option<Arc<Verifier>>)) -> Self {
        let manifest = config::persisted_documents(&config, "test.yaml", "");
        let manifest = manifest.expect("a manifest, if one is named");
        let prepared = Prepared {
            parts,
            identity,
            server: config::server(&config, "test.yaml", "").expect("the configuration is valid"),
            documents: config.persisted_documents.documents(manifest.as_ref()),
            playground: page(),
        };
        let server = Server::bind("127.0.0.1:0", prepared, Router::new()).await;
        let server = server.expect("a free port");
        let url = format!("http://{}", server.address());
        let site = server.site().clone();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(server.serve(async move {
            // Both a message and a dropped sender mean the end.
            stopped.await.unwrap_or(Stop::AtOnce)
        }));
        Self {
            demo,
            url,
            site,
            client: client(),
            stop: Some(stop),
            server,
        }
    }

    /// Ends the gateway as a signal would, and waits until it has finished.
    pub(crate) async fn finish(mut self) {
        drop(self.stop.take());
        (&mut self.server)
            .await
            .expect("the server does not panic")
            .expect("it ends well");
    }

    /// Ends the gateway as an orchestrator's signal would, when it is called.
    pub(crate) fn announced_end(&mut self) -> impl FnOnce() -> JoinHandle<std::io::Result<()>> + use<> {
        let stop = self.stop.take().expect("it has not been told before");
        let server = std::mem::replace(&mut self.server, tokio::spawn(async { Ok(()) }));
        move || {
            stop.send(Stop::Announced).expect("it serves");
            server
        }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    /// A request whose parameters stand in the URL, as a client sends it that no page of another site could be.
    pub(crate) fn get_with(&self, pairs: &[(&str, &str)]) -> RequestBuilder {
        self.get_bare(pairs).header("apollo-require-preflight", "1")
    }

    /// The same, as any page could send it.
    pub(crate) fn get_bare(&self, pairs: &[(&str, &str)]) -> RequestBuilder {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        self.get(&format!("/graphql?{query}"))
    }

    pub(crate) fn post(&self) -> RequestBuilder {
        self.client.post(format!("{}/graphql", self.url))
    }

    /// Asks one document.
    pub(crate) async fn query(&self, query: &str) -> Answer {
        self.ask(json!({ "query": query })).await
    }

    /// Asks one document in a channel.
    pub(crate) async fn query_in(&self, channel: &str, query: &str) -> Answer {
        let request = self.post().header("x-channel", channel);
        send(request.json(&json!({ "query": query }))).await
    }

    /// Asks one document as a customer of the demo.
    pub(crate) async fn query_as(&self, customer: &str, query: &str) -> Answer {
        let token = self.demo.token(customer).expect("a customer of the demo");
        send(self.post().bearer_auth(token).json(&json!({ "query": query }))).await
    }

    pub(crate) async fn query_with_as(&self, customer: &str, query: &str, variables: Value) -> Answer {
        let token = self.demo.token(customer).expect("a customer of the demo");
        let body = json!({ "query": query, "variables": variables });
        send(self.post().bearer_auth(token).json(&body)).await
    }

    pub(crate) async fn query_with(&self, query: &str, variables: Value) -> Answer {
        self.ask(json!({ "query": query, "variables": variables })).await
    }

    pub(crate) async fn ask(&self, body: Value) -> Answer {
        send(self.post().json(&body)).await
    }

    /// The calls each system received since this was last asked.
    pub(crate) fn calls(&self) -> String {
        let mut line = String::new();
        for name in ["pim", "erp", "wms"] {
            let calls = self.system(name).calls();
            let separator = if line.is_empty() { "" } else { ", " };
            write!(line, "{separator}{name} {calls}").expect("a string takes it");
            self.system(name).reset_counters();
        }
        line
    }

    pub(crate) fn system(&self, name: &str) -> &demo::System {
        self.demo.system(name).expect("one of the demo's systems")
    }

    /// Turns dials of a demo system.
    pub(crate) fn turn(&self, name: &str, change: Value) {
        self.system(name).turn(&change).expect("a dial it has");
    }

    /// A system breaks off every connection, or is well again.
    pub(crate) fn set_down(&self, name: &str, down: bool) {
        self.turn(name, json!({ "down": down }));
    }

    /// Some SKUs that have a price and plenty of stock, all in the first warehouse.
    pub(crate) fn plenty(&self, skus: &[&str]) {
        let stock: Value = skus
            .iter()
            .map(|sku| ((*sku).to_owned(), json!(500)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        self.turn("wms", json!({ "stock": stock }));
    }
}

impl Answer {
    /// The value at a path such as `variants.0.price`, of an answer without errors.
    #[track_caller]
    pub(crate) fn data(&self, path: &str) -> &Value {
        assert!(self.body["errors"].is_null(), "{:#}", self.body["errors"]);
        self.partial(path)
    }

    /// The same, of an answer that may have errors.
    #[track_caller]
    pub(crate) fn partial(&self, path: &str) -> &Value {
        assert!(!self.body["data"].is_null(), "no data: {:#}", self.body);
        let parts = path.split('.').filter(|part| !part.is_empty());
        let mut steps = parts.map(|part| (part, part.parse::<usize>().ok()));
        let found = steps.try_fold(&self.body["data"], |value, (name, index)| match index {
            Some(index) => value.get(index),
            None => value.get(name),
        });
        found.unwrap_or_else(|| panic!("nothing at {path}: {:#}", self.body))
    }

    /// Every error as `path code system retryable`, in order of paths.
    pub(crate) fn errors(&self) -> Vec<String> {
        let errors = self.body["errors"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut lines: Vec<String> = errors.iter().map(error_line).collect();
        lines.sort();
        lines
    }

    /// The one message of a request that could not be executed: no data, nothing else.
    #[track_caller]
    pub(crate) fn refusal(&self) -> (&str, &str) {
        assert!(self.body.get("data").is_none(), "{:#}", self.body);
        let errors = self.body["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{:#}", self.body);
        let text = |value: &'_ Value| value.as_str().map(str::to_owned);
        assert!(text(&errors[0]["message"]).is_some_and(|message| !message.is_empty()));
        let code = errors[0]["extensions"]["code"].as_str().expect("a code");
        (code, errors[0]["message"].as_str().expect("a message"))
    }

    /// How often the request waited for systems.
    #[track_caller]
    pub(crate) fn waves(&self) -> u32 {
        let waves = self.headers.get("x-skuery-waves").expect("the header");
        waves.to_str().expect("ASCII").parse().expect("a number")
    }
}

fn error_line(error: &Value) -> String {
    let path = error["path"].as_array().map(Vec::as_slice).unwrap_or_default();
    let path: Vec<String> = path
        .iter()
        .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
        .collect();
    let extensions = &error["extensions"];
    let system = extensions["system"].as_str().unwrap_or("-");
    let retryable = extensions["retryable"].as_bool().unwrap_or_default();
    let again = if retryable { "retryable" } else { "final" };
    format!(
        "{} {} {system} {again}",
        path.join("."),
        extensions["code"].as_str().unwrap_or("-")
    )
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer over HTTP");
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.expect("a whole body");
    Answer {
        status,
        headers,
        body: serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")),
    }
}

/// The demo systems, and the parts of a gateway before them.
pub(crate) async fn parts(
    change: impl FnOnce(String) -> String,
) -> (Demo, Config, Parts, Option<Arc<Verifier>>) {
    let demo = demo::start().await.expect("the demo systems start");
    let text = change(patient(&demo::configuration(&demo)));
    let config = Config::parse("test.yaml", &text).expect("the configuration is read");
    let secret = |name: &str| demo::secret(name).or_else(|| name.strip_prefix("GIVEN_").map(str::to_owned));
    let parts = config::build(&config, "test.yaml", &text, &secret).expect("the configuration is valid");
    let identity = config::identity(&config, "test.yaml", &text).expect("the configuration is valid");
    (demo, config, parts, identity)
}

/// So much patience that a busy machine changes nothing.
const PATIENCE: &str = "attempt_timeout_ms: 30000, queue_timeout_ms: 30000, connect_timeout_ms: 10000";

/// How the demo's channel for dealers is closed to all others.
pub(crate) const LISTED: &str = "    access: listed\n";

fn patient(yaml: &str) -> String {
    let goods_owner = "    settings: { goods_owner_id: 7 }\n";
    assert!(yaml.contains(goods_owner) && yaml.contains("{ concurrency: 4 }"));
    // Specs of channels and price lists ask as anybody; specs of customers close it again.
    assert!(yaml.contains(LISTED));
    let yaml = yaml
        .replace(LISTED, "")
        .replace(
            goods_owner,
            &format!("{goods_owner}    upstream: {{ {PATIENCE} }}\n"),
        )
        .replace("{ concurrency: 4 }", &format!("{{ concurrency: 4, {PATIENCE} }}"));
    format!("limits: {{ deadline_ms: 60000 }}\n{yaml}")
}

/// The configuration with further limits.
pub(crate) fn limited(yaml: &str, limits: &str) -> String {
    let patience = "limits: { deadline_ms: 60000 }\n";
    assert!(yaml.starts_with(patience));
    yaml.replacen(patience, &format!("limits: {{ {limits} }}\n"), 1)
}

/// A client that takes what the specification calls the GraphQL response.
pub(crate) fn client() -> Client {
    let mut headers = HeaderMap::new();
    headers.insert(
        "accept",
        HeaderValue::from_static("application/graphql-response+json"),
    );
    let client = builder()
        .default_headers(headers)
        // A connection may come back a moment after the next request has opened another one. Used in turn, both would
        // live for ever, and nothing could wait until there is only one.
        .pool_max_idle_per_host(1);
    client.build().expect("a client")
}

/// A client that only does what it is told.
pub(crate) fn builder() -> ClientBuilder {
    // Fails only when another provider is installed already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().tls_certs_only(Vec::new()).no_proxy().no_gzip()
}

/// Unpacking the page takes a while, so all gateways of this process share one.
pub(crate) fn page() -> Option<Playground> {
    static PAGE: OnceLock<Playground> = OnceLock::new();
    PAGE.get_or_init(|| Playground::new(true, demo::EXAMPLES, None).expect("the embedded page"))
        .clone()
        .into()
}

/// The texts of a list of objects, such as every `sku`.
#[track_caller]
pub(crate) fn column<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|row| row[field].as_str().unwrap_or("null"))
        .collect()
}
