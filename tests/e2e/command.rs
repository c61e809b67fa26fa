//! The binary: its commands, what it says about a broken configuration, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

/// `skuery` with these arguments.
pub(crate) fn skuery(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuery"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    skuery(arguments).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// `check` of a configuration; the name of its file stands in front of every message as `FILE`.
pub(crate) fn check(name: &str, yaml: &str) -> (bool, String) {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.yaml"));
    std::fs::write(&file, yaml).expect("the directory for tests takes a file");
    let file = file.to_str().expect("UTF-8");
    let output = run(&["check", "--config", file]);
    let said = text(&output.stdout) + &text(&output.stderr);
    (output.status.success(), said.replace(file, "FILE"))
}

/// Two systems that know customers; the second serves what `second` names.
fn two_crms(second: &str) -> String {
    let system = |name: &str, lookup: &str| {
        let fields = match lookup {
            "credit" => "limit: { path: a }, used: { path: b }, currency: { path: c }",
            _ => "name: { path: a }",
        };
        format!(
            "  {name}:\n    connector: rest\n    url: http://127.0.0.1:9\n    mapping:\n      inline:\n        summary: a CRM\n        protocol: rest\n        lookups:\n          {lookup}: {{ request: {{ path: /x }}, answer: {{ key: {{ path: no }}, fields: {{ {fields} }} }} }}\n"
        )
    };
    format!(
        "{CHANNEL}systems:\n{}{}",
        system("crm", "customers"),
        system("erp", second)
    )
}

#[test]
fn customers_and_their_credit_are_known_to_one_system_each() {
    let (_, said) = check("two_crms", &two_crms("customers"));
    assert!(
        said.contains("crm, erp all serve customers; only one may"),
        "{said}"
    );
    let (_, said) = check("crm_and_credit", &two_crms("credit"));
    assert!(!said.contains("only one may"), "{said}");
    assert!(said.contains("crm"), "both are asked: {said}");
}

const CHANNEL: &str = "channels:\n  se: { languages: [sv], currency: SEK }\n";

#[test]
fn the_schema_command_prints_the_schema() {
    let output = run(&["schema"]);
    assert!(output.status.success());
    let sdl = text(&output.stdout);
    assert_eq!(sdl.trim_end(), skuery_schema::system::sdl().trim_end());
    for part in ["type Query {", "directive @inContext(", "): [ProductVariant]!"] {
        assert!(sdl.contains(part), "{part}");
    }
}

#[test]
fn an_unknown_command_is_explained() {
    let output = run(&["serv"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("serve"), "{}", text(&output.stderr));
    let output = run(&["serve"]);
    assert!(text(&output.stderr).contains("--config"));
}

#[test]
fn whoever_reads_only_the_first_lines_gets_no_panic() {
    let mut child = skuery(&["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_broken_configuration_is_told_with_file_line_key_and_what_is_allowed() {
    let system = |more: &str| {
        format!("systems:\n  wms:\n    connector: ongoing\n    url: http://127.0.0.1:1\n{more}{CHANNEL}")
    };
    let cases: [(&str, String, &[&str]); 20] = [
        ("connector", system("").replace("ongoing", "ongiong"), &[
            "FILE:3: systems.wms.connector: `ongiong` is unknown, use akeneo, business-central, ongoing, stripe, tryton, rest or jsonrpc",
        ]),
        ("unknown_key", format!("systems: {{}}\nchanels: {{}}\n{CHANNEL}"), &[
            "FILE", "FILE:2:", "unknown field `chanels`", "channels", "default_channel",
        ]),
        ("setting", system("    auth: { login: a, password: { env: PATH } }\n"), &["FILE:", "systems.wms", "goods_owner_id"]),
        ("unknown_setting", system("    auth: { login: a, password: { env: PATH } }\n    settings: { goods_owner: 7 }\n"), &[
            "FILE:", "systems.wms.settings", "goods_owner_id",
        ]),
        ("secret", system("    settings: { goods_owner_id: 7 }\n    auth:\n      login: a\n      password: { env: SKUERY_NOT_SET_ANYWHERE }\n"), &[
            "FILE:8: systems.wms.auth.password: environment variable `SKUERY_NOT_SET_ANYWHERE` is not set",
        ]),
        ("role", system("    roles: [prices]\n    settings: { goods_owner_id: 7 }\n    auth: { login: a, password: { env: PATH } }\n"), &[
            "FILE:5: systems.wms.roles: `prices` is not served by this connector, use stock",
        ]),
        ("address", system("    settings: { goods_owner_id: 7 }\n    auth: { login: a, password: { env: PATH } }\n").replace("http:", "ftp:"), &[
            "FILE:4: systems.wms.url: ", "http",
        ]),
        ("limit", system("    settings: { goods_owner_id: 7 }\n    auth: { login: a, password: { env: PATH } }\n    upstream: { concurrency: 0 }\n"), &[
            "FILE:7: systems.wms.upstream: concurrency: 0 is not allowed, use 1 to 1024",
        ]),
        ("currency", format!("systems: {{}}\n{}", CHANNEL.replace("SEK", "kronor")), &["FILE", "line 3", "`kronor` is not a currency"]),
        ("display", "systems: {}\nchannels:\n  se:\n    languages: [sv]\n    currency: SEK\n    stock_display: { kind: sometimes }\n".to_owned(), &[
            "FILE", "line 6", "unknown variant `sometimes`, expected one of exact, capped, banded, symbols, hidden",
        ]),
        ("tax_rate", "systems: {}\nchannels:\n  se:\n    languages: [sv]\n    currency: SEK\n    tax: { rates: { SE: 125 } }\n".to_owned(), &[
            "FILE", "line 6", "`125` is not a percentage from 0 to 100",
        ]),
        ("tax_country", "systems: {}\nchannels:\n  se:\n    languages: [sv]\n    currency: SEK\n    countries: [SE]\n    tax: { rates: { DE: 19 } }\n".to_owned(), &[
            "FILE:7: channels.se.tax.rates.DE: `DE` is not one of the channel's countries: SE",
        ]),
        ("tax_display", "systems: {}\nchannels:\n  se:\n    languages: [sv]\n    currency: SEK\n    tax: { display: both }\n".to_owned(), &[
            "FILE", "line 6", "unknown variant `both`, expected one of net, gross, as_given",
        ]),
        ("twin_locations", system("    settings: { goods_owner_id: 7 }\n    auth: { login: a, password: { env: PATH } }\n    locations:\n      A: 1\n      B: 1\n"), &[
            "FILE:9: systems.wms.locations.B: 1 is the key of `A` already",
        ]),
        ("no_keys", format!("systems: {{}}\n{CHANNEL}limits: {{ keys: 0 }}\n"), &["limits.keys: 0 is not allowed"]),
        ("page", format!("limits:\n  tokens: 100\n  page_size: 101\nsystems: {{}}\n{CHANNEL}"), &[
            "FILE:3: limits.page_size: 101 is not allowed, use 1 to 100",
        ]),
        ("deep", format!("systems: {{}}\n{CHANNEL}limits: {{ literal_nesting: 1600 }}\n"), &[
            "limits.literal_nesting: 1600 is not allowed, use 1 to 100",
        ]),
        ("no_stock", "systems: {}\nlocations: { A: { name: A } }\nchannels:\n  se:\n    languages: [sv]\n    currency: SEK\n    locations: [A]\n".to_owned(), &[
            "FILE:7: channels.se.locations: no system keeps `A`",
        ]),
        ("default_channel", format!("systems: {{}}\ndefault_channel: dk\n{CHANNEL}"), &[
            "FILE:2: default_channel: `dk` is not one of the channels: se",
        ]),
        ("time_zone", format!("time_zone: Mars/Olympus\nsystems: {{}}\n{CHANNEL}"), &[
            "FILE:1: time_zone: `Mars/Olympus` is not an IANA time zone",
        ]),
    ];
    for (name, yaml, parts) in cases {
        let (valid, said) = check(name, &yaml);
        assert!(!valid, "{name}: {said}");
        for part in parts {
            assert!(said.contains(part), "{name}: `{part}` is not in\n{said}");
        }
        assert!(!said.contains("panicked"), "{said}");
    }
    let missing = run(&["check", "--config", "no/such/file.yaml"]);
    assert_eq!(
        text(&missing.stderr),
        "skuery: no/such/file.yaml: cannot be read: No such file or directory (os error 2)\n"
    );
}

#[test]
fn check_tries_every_system_and_says_which_failed() {
    let yaml = format!(
        "systems:\n  wms:\n    connector: ongoing\n    url: http://127.0.0.1:1\n    settings: {{ goods_owner_id: 7 }}\n    auth: {{ login: a, password: {{ env: PATH }} }}\n{CHANNEL}"
    );
    let (ready, said) = check("unreachable", &yaml);
    assert!(said.starts_with("FILE: the configuration is valid\n"), "{said}");
    let tried = said.contains("wms:");
    assert_eq!(ready, !tried, "what was tried has failed: {said}");
    assert!(!said.contains("127.0.0.1"), "no address: {said}");
}

/// A running `skuery`; killed when a spec ends early.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Reads while it is written, or the pipe would fill.
    log: Option<JoinHandle<String>>,
    pub(crate) url: String,
}

impl Running {
    /// `skuery demo` on a free port, with its log at this level.
    pub(crate) fn demo(log: &str) -> Self {
        Self::start(&["demo", "--listen", "127.0.0.1:0"], log)
    }

    /// `skuery` with arguments that make it listen.
    pub(crate) fn start(arguments: &[&str], log: &str) -> Self {
        let mut command = skuery(arguments);
        command
            .env("SKUERY_LOG", log)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the line that says where");
        let url = line
            .split("Endpoint: ")
            .nth(1)
            .and_then(|rest| rest.strip_suffix("/graphql\n"));
        let url = url.unwrap_or_else(|| panic!("no address in {line}")).to_owned();
        let mut stderr = child.stderr.take().expect("a pipe");
        let log = std::thread::spawn(move || {
            let mut said = String::new();
            stderr.read_to_string(&mut said).expect("UTF-8");
            said
        });
        Self {
            child,
            stdout,
            log: Some(log),
            url,
        }
    }

    /// Sends a signal as an orchestrator does.
    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(kill.expect("kill runs").success());
    }

    /// Its exit code and all it said, once it has ended.
    pub(crate) async fn end(mut self) -> (Option<i32>, String) {
        let log = self.log.take().expect("one log");
        let mut said = tokio::task::spawn_blocking(|| log.join())
            .await
            .expect("no panic")
            .expect("no panic");
        self.stdout.read_to_string(&mut said).expect("UTF-8");
        for _ in 0..600 {
            if let Some(status) = self.child.try_wait().expect("its state") {
                return (status.code(), said);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not end: {said}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn ask(url: &str, query: &str) -> Value {
    let request = crate::shop::client()
        .post(format!("{url}/graphql"))
        .json(&json!({ "query": query }));
    crate::shop::send(request).await.body
}

async fn turn(url: &str, system: &str, change: Value) {
    let request = crate::shop::client()
        .post(format!("{url}/demo/systems/{system}"))
        .json(&change);
    assert_eq!(request.send().await.expect("an answer").status(), 200);
}

/// Calls that a demo system has answered.
async fn answered(url: &str, index: usize) -> u64 {
    let response = crate::shop::client()
        .get(format!("{url}/demo/systems"))
        .send()
        .await
        .expect("an answer");
    let systems: Value = response.json().await.expect("JSON");
    systems[index]["calls"].as_u64().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sigterm_a_request_in_flight_is_answered_and_the_process_ends_well() {
    for signal in ["TERM", "INT"] {
        let running = Running::demo("info");
        turn(&running.url, "wms", json!({ "latencyMs": 1200 })).await;
        let url = running.url.clone();
        let in_flight = tokio::spawn(async move {
            ask(
                &url,
                r#"{ variant(sku: "MC-10008-WHT-M") { price { kind } availability { quantity } } }"#,
            )
            .await
        });
        // The ERP has answered, so the warehouse has been asked as well and keeps us waiting.
        while answered(&running.url, 1).await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(!in_flight.is_finished());
        running.signal(signal);
        let answer = in_flight.await.expect("no panic");
        assert_eq!(
            answer["data"]["variant"]["availability"]["quantity"], "59",
            "{answer}"
        );
        assert!(answer["errors"].is_null());
        let url = running.url.clone();
        let (code, said) = running.end().await;
        assert_eq!(code, Some(0), "{said}");
        assert!(
            said.contains("stopping: requests in progress are finished first"),
            "{said}"
        );
        let late = crate::shop::client()
            .get(format!("{url}/health/live"))
            .send()
            .await;
        assert!(late.is_err(), "the port is closed");
    }
}

#[tokio::test]
async fn a_port_in_use_is_said_clearly() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = run(&["demo", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.starts_with(&format!("skuery: cannot listen on {address}: ")),
        "{said}"
    );
}
