//! A server on loopback that does to its callers whatever a test wants, byte by byte.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Method and path with query, as `GET /x?y`.
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// What to do with the connection, in order; afterwards it is closed.
pub(crate) enum Step {
    Send(Vec<u8>),
    /// The same bytes so many times.
    Repeat(Vec<u8>, usize),
    Wait(Duration),
    /// Never answers.
    Hang,
    /// Closes so that the other side sees a reset.
    Reset,
}

pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    peak: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start(act: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let peak = Arc::new(AtomicUsize::new(0));
        let now = Arc::new(AtomicUsize::new(0));
        let act = Arc::new(act);
        let (seen_here, peak_here) = (Arc::clone(&seen), Arc::clone(&peak));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (act, seen) = (Arc::clone(&act), Arc::clone(&seen_here));
                let (peak, now) = (Arc::clone(&peak_here), Arc::clone(&now));
                tokio::spawn(async move {
                    let Some((stream, request)) = read(stream).await else {
                        return;
                    };
                    seen.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(request.clone());
                    let running = now.fetch_add(1, Ordering::SeqCst) + 1;
                    peak.fetch_max(running, Ordering::SeqCst);
                    let steps = act(&request);
                    perform(stream, steps, &now).await;
                });
            }
        });
        Self { url, seen, peak }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The most requests it had at once.
    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::SeqCst)
    }
}

/// A complete answer.
pub(crate) fn reply(status: u16, content_type: &str, body: &[u8]) -> Vec<Step> {
    let head = head(status, content_type, body.len());
    vec![Step::Send([head.as_slice(), body].concat())]
}

pub(crate) fn json(body: &serde_json::Value) -> Vec<Step> {
    reply(200, "application/json", body.to_string().as_bytes())
}

pub(crate) fn head(status: u16, content_type: &str, length: usize) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )
    .into_bytes()
}

async fn read(mut stream: TcpStream) -> Option<(TcpStream, Seen)> {
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 4096];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let mut seen = Seen {
        line,
        head,
        body: String::new(),
    };
    let length: usize = seen
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    while bytes.len() < end + length {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    }
    seen.body = String::from_utf8_lossy(&bytes[end..]).into_owned();
    Some((stream, seen))
}

async fn perform(mut stream: TcpStream, steps: Vec<Step>, now: &AtomicUsize) {
    let last = steps.len().saturating_sub(1);
    for (index, step) in steps.into_iter().enumerate() {
        match step {
            Step::Send(bytes) => {
                if index == last {
                    // The caller may be back before this task runs again.
                    now.fetch_sub(1, Ordering::SeqCst);
                }
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Step::Repeat(bytes, times) => {
                for _ in 0..times {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            }
            Step::Wait(time) => tokio::time::sleep(time).await,
            Step::Hang => std::future::pending().await,
            Step::Reset => {
                let _ = stream.set_zero_linger();
                return;
            }
        }
    }
    let _ = stream.shutdown().await;
}
