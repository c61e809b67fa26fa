//! Signals to a process: those that end it, and the one that makes it read its configuration again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::command::Running;
use crate::shop::{client, send};

/// A configuration without systems, for a process of its own.
fn alone(name: &str, server: &str) -> (PathBuf, String) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("reloading_{name}.yaml"));
    let channel = "se: { languages: [sv], currency: SEK }";
    let text = format!(
        "listen: 127.0.0.1:0\nserver: {{ {server} }}\nsystems: {{}}\ndefault_channel: se\nchannels:\n  {channel}\n"
    );
    std::fs::write(&file, &text).expect("it is written");
    (file, text)
}

async fn until_served(running: &Running, channel: &str) {
    let query = format!("query @inContext(channel: \"{channel}\") {{ __typename }}");
    loop {
        let request = client().post(format!("{}/graphql", running.url));
        let answer = send(request.json(&json!({ "query": query }))).await;
        if answer.body["data"]["__typename"] == "Query" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_process_reloads_when_its_file_changes_and_when_it_is_told_to() {
    let added = "  added: { languages: [en], currency: EUR }\n";
    for (name, server, is_told) in [
        ("watched", "watch_ms: 20, drain_delay_ms: 0", false),
        ("told", "watch_ms: null, drain_delay_ms: 0", true),
    ] {
        let (file, text) = alone(name, server);
        let file_name = file.to_str().expect("UTF-8");
        let running = Running::start(&["serve", "--config", file_name], "info");
        until_served(&running, "se").await;
        std::fs::write(&file, format!("{text}{added}")).expect("it is written");
        if is_told {
            running.signal("HUP");
        }
        until_served(&running, "added").await;
        std::fs::write(&file, "systems: []\n").expect("it is written");
        if is_told {
            running.signal("HUP");
        }
        loop {
            let answer = send(client().get(format!("{}/health/ready", running.url))).await;
            assert_eq!(answer.status, 200);
            if answer.body["degraded"][0]["what"] == "configuration" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        until_served(&running, "added").await;
        running.signal("TERM");
        let (code, log) = running.end().await;
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("reloaded the configuration"), "{log}");
        assert!(log.contains("the new configuration is refused"), "{log}");
    }
}

#[tokio::test]
async fn whoever_is_told_twice_to_stop_stops_at_once() {
    let (file, _) = alone("twice", "drain_delay_ms: 3600000");
    let file_name = file.to_str().expect("UTF-8");
    let running = Running::start(&["serve", "--config", file_name], "info");
    until_served(&running, "se").await;
    running.signal("TERM");
    loop {
        let answer = send(client().get(format!("{}/health/ready", running.url))).await;
        if answer.status == 503 {
            assert_eq!(answer.body["not_ready"][0]["why"], "stopping");
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    until_served(&running, "se").await;
    running.signal("TERM");
    let (code, log) = running.end().await;
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("told twice to stop"), "{log}");
}
