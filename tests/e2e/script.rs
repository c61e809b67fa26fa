//! A stand-in system that answers as it is told: the faults that no dial of the demo systems makes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What every request is answered with.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A JSON body.
    Json(String),
    /// Any media type.
    Typed(&'static str, String),
    /// A status, with a JSON body.
    Status(u16, String),
    /// A status with a further header line and no body.
    Headed(u16, String),
    /// A JSON body, packed with gzip.
    Packed(Vec<u8>),
    /// Half of the body that was announced, then the connection breaks off.
    Truncated(String),
    /// A body of so many bytes that never ends well.
    Huge(usize),
    /// The head at once, then a byte now and then.
    Trickle(String),
    /// The connection stays open and silent.
    Silent,
    /// As the request, `METHOD path?query`, deserves.
    By(fn(&str) -> Reply),
}

impl Reply {
    pub(crate) fn json(text: impl Into<String>) -> Self {
        Self::Json(text.into())
    }
}

/// A system on 127.0.0.1; it ends when this is dropped.
pub(crate) struct Script {
    pub(crate) url: String,
    /// Held only to look up and note, never across an await.
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

struct State {
    reply: Reply,
    requests: Vec<String>,
}

impl Script {
    pub(crate) async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State {
            reply,
            requests: Vec::new(),
        }));
        let shared = state.clone();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { url, state, server }
    }

    /// From now on it answers so.
    pub(crate) fn say(&self, reply: Reply) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).reply = reply;
    }

    /// The requests since this was last asked, as `METHOD path?query`.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).requests)
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(read) if read > 0 => head.extend_from_slice(&chunk[..read]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let request: Vec<&str> = head.lines().next().unwrap_or_default().split(' ').collect();
    let reply = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let line = request[..2.min(request.len())].join(" ");
        let reply = match state.reply {
            Reply::By(choose) => choose(&line),
            ref reply => reply.clone(),
        };
        state.requests.push(line);
        reply
    };
    // Where the client has gone there is nobody to tell.
    let _ = answer(&mut stream, reply).await;
}

async fn answer(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    let typed = |media: &str| format!("content-type: {media}\r\n");
    let (status, headers, body, length) = match reply {
        Reply::Json(body) => (200, typed("application/json"), body.into_bytes(), None),
        Reply::Typed(media, body) => (200, typed(media), body.into_bytes(), None),
        Reply::Status(status, body) => (status, typed("application/json"), body.into_bytes(), None),
        Reply::Headed(status, line) => (status, format!("{line}\r\n"), Vec::new(), None),
        Reply::Packed(body) => {
            let packed = typed("application/json") + "content-encoding: gzip\r\n";
            (200, packed, body, None)
        }
        Reply::Truncated(body) => {
            let half = body.as_bytes()[..body.len() / 2].to_vec();
            (200, typed("application/json"), half, Some(body.len()))
        }
        Reply::Huge(bytes) => {
            let mut body = vec![b' '; bytes];
            body[0] = b'[';
            (200, typed("application/json"), body, None)
        }
        Reply::Trickle(body) => {
            let head = format!(
                "HTTP/1.1 200 Slowly\r\n{}content-length: {}\r\n\r\n",
                typed("application/json"),
                body.len()
            );
            stream.write_all(head.as_bytes()).await?;
            for byte in body.into_bytes() {
                stream.write_all(&[byte]).await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            return Ok(());
        }
        Reply::Silent => {
            // Ends when the client gives up.
            let mut rest = [0; 1];
            let _ = stream.read(&mut rest).await;
            return Ok(());
        }
        Reply::By(_) => unreachable!("a choice is made before it is sent"),
    };
    let length = length.unwrap_or(body.len());
    let head = format!(
        "HTTP/1.1 {status} Told So\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    stream.shutdown().await
}

/// The configuration with one system at another address.
pub(crate) fn with_address(yaml: &str, system: &str, url: &str) -> String {
    let mut lines: Vec<String> = yaml.lines().map(str::to_owned).collect();
    let wanted = format!("  {system}:");
    let at = lines
        .iter()
        .position(|line| *line == wanted)
        .expect("a system of this name");
    let line = lines[at..]
        .iter()
        .position(|line| line.trim().starts_with("url: "))
        .expect("its address");
    lines[at + line] = format!("    url: {url}");
    lines.join("\n") + "\n"
}
