//! Who asks: a closed loop of clients that each send the next request when the last one is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use reqwest::header::CONTENT_TYPE;
use tokio::task::JoinSet;

use crate::Failure;
use crate::items::Item;

/// Keeps its connections.
#[derive(Clone)]
pub(crate) struct Client(reqwest::Client);

impl Client {
    pub(crate) fn new() -> Result<Self, Failure> {
        let client = reqwest::Client::builder()
            .no_proxy()
            // Skuery would compress its answers, which the others do not.
            .no_gzip()
            .timeout(Duration::from_secs(60));
        Ok(Self(client.build()?))
    }

    /// The answer to one POST; a failure unless it is a 200 without `errors`.
    pub(crate) async fn post(&self, url: &str, body: &Bytes) -> Result<Bytes, Failure> {
        let request = self.0.post(url).header(CONTENT_TYPE, "application/json");
        let answer = request.body(body.clone()).send().await?;
        let status = answer.status();
        let answer = answer.bytes().await?;
        // No field of the four documents is called so.
        let has_errors = answer.windows(9).any(|window| window == b"\"errors\":");
        match status.as_u16() == 200 && !has_errors {
            true => Ok(answer),
            false => {
                let shown = String::from_utf8_lossy(&answer);
                let shown: String = shown.chars().take(500).collect();
                Err(format!("{url} answered {status}: {shown}").into())
            }
        }
    }

    pub(crate) async fn get(&self, url: &str) -> Result<Bytes, Failure> {
        Ok(self.0.get(url).send().await?.error_for_status()?.bytes().await?)
    }

    /// So many requests by so many clients, in the order of the item's; how long each took.
    pub(crate) async fn load(
        &self,
        url: &str,
        item: &Item,
        clients: usize,
        requests: usize,
    ) -> Result<Vec<Duration>, Failure> {
        let bodies: Arc<[Bytes]> = item.requests.iter().map(|request| request.body.clone()).collect();
        let next = Arc::new(AtomicUsize::new(0));
        let mut running = JoinSet::new();
        for _ in 0..clients {
            let (client, url) = (self.clone(), url.to_owned());
            let (bodies, next) = (Arc::clone(&bodies), Arc::clone(&next));
            running.spawn(async move {
                let mut took = Vec::new();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= requests {
                        return Ok::<_, Failure>(took);
                    }
                    let begun = Instant::now();
                    client.post(&url, &bodies[at % bodies.len()]).await?;
                    took.push(begun.elapsed());
                }
            });
        }
        let mut took = Vec::with_capacity(requests);
        while let Some(done) = running.join_next().await {
            took.extend(done??);
        }
        Ok(took)
    }
}
