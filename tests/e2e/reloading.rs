//! New configurations for a running gateway: taken whole or refused, with not one request lost.

mod kept;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::Router;
use serde_json::{Value, json};
use skuery::config::Whole;
use skuery::demo::{self, Demo};
use skuery::front::Stop;
use skuery::reload::{Fixed, Reload};
use skuery::start::{self, Prepared, Server, Site};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::raw::connect_to;
use crate::shop::{client, page, send};
use crate::socket_client::Socket;
use crate::tls::Pair;

/// A gateway that serves a configuration file, and can be told to read it again.
struct Reloadable {
    file: PathBuf,
    text: String,
    url: String,
    site: Arc<Site>,
    reload: Reload,
    demo: Demo,
    _stop: oneshot::Sender<Stop>,
    _server: JoinHandle<std::io::Result<()>>,
}

impl Reloadable {
    /// The demo's configuration with more at its end, in a file of this name.
    async fn start(name: &str, more: &str) -> Self {
        Self::of(name, |yaml| format!("{yaml}{more}")).await
    }

    /// The demo's configuration, changed.
    async fn of(name: &str, change: impl FnOnce(String) -> String) -> Self {
        let demo = demo::start().await.expect("the demo systems start");
        let text = change(demo::configuration(&demo));
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("reloading_{name}.yaml"));
        std::fs::write(&file, &text).expect("it is written");
        let whole = Whole::read(&file, &demo::secret).expect("the configuration is valid");
        let fixed = Fixed::of(&whole, false);
        let prepared = Prepared {
            parts: start::with_checkout(whole.parts, whole.checkout)
                .await
                .expect("a ledger"),
            identity: whole.identity,
            server: whole.server,
            documents: whole.config.persisted_documents.documents(None),
            playground: page(),
        };
        let server = Server::bind("127.0.0.1:0", prepared, Router::new()).await;
        let server = server.expect("a free port");
        let site = server.site().clone();
        let (stop, stopped) = oneshot::channel();
        Self {
            reload: Reload::new(
                file.clone(),
                Arc::new(demo::secret),
                Box::new(|_| Ok(page())),
                site.clone(),
                fixed,
            ),
            url: site.url(),
            _server: tokio::spawn(server.serve(async { stopped.await.unwrap_or(Stop::AtOnce) })),
            _stop: stop,
            file,
            text,
            site,
            demo,
        }
    }

    fn write(&self, text: &str) {
        std::fs::write(&self.file, text).expect("it is written");
    }

    async fn query(&self, query: &str) -> Value {
        let request = client().post(format!("{}/graphql", self.url));
        send(request.json(&json!({ "query": query }))).await.body
    }

    async fn readiness(&self) -> (u16, Value) {
        let request = client().get(format!("{}/health/ready", self.url));
        let answer = send(request).await;
        (answer.status, answer.body)
    }

    /// How many configurations are in use, once it is this many.
    async fn until_in_use(&self, count: usize) {
        while self.site.serving().process().lives() != count {
            tokio::task::yield_now().await;
        }
    }
}

const NAME: &str = r#"{ variant(sku: "MC-10008-WHT-M") { name } }"#;

/// The demo with its PIM alone: seven systems take long to be read a hundred times without optimisation.
fn catalog_alone(yaml: String) -> String {
    let begin = yaml.find("  pim:\n").expect("the PIM");
    let length = yaml[begin..].find("\n\n").expect("its end");
    let system = &yaml[begin..begin + length];
    format!("systems:\n{system}\nchannels:\n  se: {{ languages: [sv], currency: SEK }}\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_reloads_under_load_lose_no_request_and_leave_nothing_behind() {
    let mut gateway = Reloadable::of("load", catalog_alone).await;
    let (answered, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let is_over = Arc::new(AtomicBool::new(false));
    let mut load = JoinSet::new();
    for _ in 0..6 {
        let url = format!("{}/graphql", gateway.url);
        let (answered, failed, is_over) = (answered.clone(), failed.clone(), is_over.clone());
        load.spawn(async move {
            let client = client();
            while !is_over.load(Ordering::Acquire) {
                let answer = client.post(&url).json(&json!({ "query": NAME })).send().await;
                let is_good = match answer {
                    Ok(answer) => {
                        let body = answer.json::<Value>().await.unwrap_or_default();
                        body["errors"].is_null() && body["data"]["variant"]["name"].is_string()
                    }
                    Err(_) => false,
                };
                let counter = if is_good { &answered } else { &failed };
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while answered.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    for number in 0..100 {
        gateway.write(&format!("{}# {number}\n", gateway.text));
        gateway.reload.look().await;
    }
    is_over.store(true, Ordering::Release);
    while let Some(client) = load.join_next().await {
        client.expect("no panic");
    }
    assert_eq!(gateway.site.serving().process().reloads(), (100, 0));
    let (answered, failed) = (answered.load(Ordering::Relaxed), failed.load(Ordering::Relaxed));
    assert_eq!(failed, 0, "of {answered}");
    assert!(answered >= 100, "there was load: {answered}");
    gateway.until_in_use(1).await;
}

#[tokio::test]
async fn what_the_file_says_is_served_from_the_next_request_on() {
    let mut gateway = Reloadable::start("next", "").await;
    let refused = "query @inContext(channel: \"added\") { __typename }";
    assert!(gateway.query(refused).await["errors"].is_array());
    let channel = "  added: { languages: [en], currency: SEK }\n";
    let channels = "\nchannels:\n";
    assert!(gateway.text.contains(channels));
    gateway.write(
        &gateway
            .text
            .replacen(channels, &format!("{channels}{channel}"), 1),
    );
    gateway.reload.reload().await.expect("it is taken");
    assert_eq!(
        gateway.query(refused).await,
        json!({ "data": { "__typename": "Query" } })
    );
    gateway.write(&gateway.text);
    gateway.reload.reload().await.expect("it is taken");
    assert!(gateway.query(refused).await["errors"].is_array());
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_refused_and_the_old_one_serves_on() {
    let mut gateway = Reloadable::start("bad", "").await;
    let file = gateway.file.display().to_string();
    for (text, problem) in [
        ("systems: {".to_owned(), ":1: unclosed bracket"),
        (
            gateway.text.replacen(
                "\nchannels:\n",
                "\nchannels:\n  bad: { languages: [], currency: SEK }\n",
                1,
            ),
            "channels.bad.languages: ",
        ),
        (
            format!("{}server: {{ header_timeout_ms: 0 }}\n", gateway.text),
            "server.header_timeout_ms: 0 is not allowed",
        ),
        (
            format!("listen: 127.0.0.1:1\n{}", without_listen(&gateway.text)),
            "listen: `127.0.0.1:1` takes a restart",
        ),
        (
            format!(
                "{}server: {{ {} }}\n",
                gateway.text,
                Pair::make("reloading").entry()
            ),
            "server.tls: to serve with TLS takes a restart",
        ),
        (other_ledger(&gateway.text), "checkout.ledger: another ledger"),
    ] {
        gateway.write(&text);
        gateway.reload.look().await;
        let (status, readiness) = gateway.readiness().await;
        assert_eq!(status, 200);
        let why = readiness["degraded"][0]["why"].as_str().unwrap_or_default();
        assert_eq!(readiness["degraded"][0]["what"], "configuration", "{readiness}");
        assert!(
            why.starts_with(&file) && why.contains(problem),
            "`{problem}` is not in {why}"
        );
        assert_eq!(
            gateway.query("{ __typename }").await["data"]["__typename"],
            "Query"
        );
    }
    assert_eq!(gateway.site.serving().process().reloads(), (0, 6));
    gateway.reload.look().await;
    assert_eq!(gateway.site.serving().process().reloads(), (0, 6), "told once");
    gateway.write(&gateway.text);
    gateway.reload.look().await;
    let ready = json!({ "ready": true, "not_ready": [], "degraded": [] });
    assert_eq!(gateway.readiness().await, (200, ready));
    gateway.until_in_use(1).await;
}

fn without_listen(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("listen:")).collect();
    lines.join("\n")
}

fn other_ledger(text: &str) -> String {
    let other: Vec<String> = text
        .lines()
        .map(|line| match line.trim_start().starts_with("ledger: ") {
            true => "  ledger: sqlite:another.db".to_owned(),
            false => line.to_owned(),
        })
        .collect();
    let other = other.join("\n");
    assert_ne!(other.trim_end(), text.trim_end());
    other
}

#[tokio::test]
async fn what_was_made_at_start_outlives_a_reload() {
    let mut gateway = Reloadable::start("kept", "").await;
    let first = gateway
        .query("{ products(first: 2) { pageInfo { endCursor } } }")
        .await;
    let cursor = first["data"]["products"]["pageInfo"]["endCursor"].clone();
    assert!(cursor.is_string(), "{first}");
    gateway.reload.reload().await.expect("it is taken");
    let next = format!("{{ products(first: 2, after: {cursor}) {{ nodes {{ id }} }} }}");
    let next = gateway.query(&next).await;
    assert!(next["errors"].is_null(), "{next}");
    assert!(gateway.demo.system("erp").is_some());
}

#[tokio::test]
async fn sockets_of_an_old_configuration_end_once_nothing_runs_on_them() {
    let mut shop = Reloadable::start("sockets", "").await;
    let address = shop.site.address();
    let mut busy = Socket::ready_at(address).await;
    let idle = Socket::ready_at(address).await;
    let wms = shop.demo.system("wms").expect("a system of the demo");
    wms.turn(&json!({ "latencyMs": 500 })).expect("a dial it has");
    let slow = r#"{ variant(sku: "MC-10008-WHT-M") { availability { quantity } } }"#;
    busy.query("a", slow).await;
    while wms.peak_concurrency() == 0 {
        tokio::task::yield_now().await;
    }
    shop.reload.reload().await.expect("it is taken");
    assert_eq!(idle.end().await.0, 1001);
    let answer = busy.answer("a").await;
    assert_eq!(answer["data"]["variant"]["availability"]["quantity"], "59");
    assert_eq!(busy.end().await.0, 1001);
    shop.until_in_use(1).await;
    Socket::ready_at(address).await.close().await;
}

#[tokio::test]
async fn certificates_that_change_are_replaced_alone_and_bad_ones_are_refused() {
    let pair = Pair::make("reloaded");
    let more = format!("server: {{ {} }}\n", pair.entry());
    let mut gateway = Reloadable::start("certificates", &more).await;
    let address = gateway.site.address();
    let connect = async || connect_to(address).await.expect("the kernel takes it");
    let serves = async |pair: &Pair| pair.shake(connect().await, &[]).await.is_ok();
    assert!(serves(&pair).await);
    let life = gateway.site.serving().front();
    pair.renew();
    assert!(!serves(&pair).await, "nobody has looked yet");
    gateway.reload.look().await;
    assert!(serves(&pair).await);
    assert!(
        Arc::ptr_eq(&life, &gateway.site.serving().front()),
        "nothing else is made anew"
    );
    let before = std::fs::read(&pair.certificates).expect("it is there");
    let other = Pair::make("reloaded_other");
    std::fs::copy(&other.certificates, &pair.certificates).expect("it is copied");
    gateway.reload.look().await;
    assert!(serves(&other).await.eq(&false), "its key is not there");
    std::fs::write(&pair.certificates, before).expect("it is written");
    assert!(serves(&pair).await, "the old pair is used on");
    std::fs::copy(&other.certificates, &pair.certificates).expect("it is copied");
    std::fs::copy(&other.key, &pair.key).expect("it is copied");
    gateway.reload.look().await;
    assert!(serves(&other).await);
}
