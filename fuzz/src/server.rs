//! A system on loopback that answers with given bytes, whatever it is asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The answers that are still to be given.
type Answers = Arc<Mutex<VecDeque<Vec<u8>>>>;

pub(crate) struct Server {
    pub(crate) url: String,
    answers: Answers,
}

impl Server {
    /// Starts it on the current runtime.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answers = Answers::default();
        let given = answers.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, given.clone()));
            }
        });
        Self { url, answers }
    }

    /// What it answers from now on, one request after the other; then `null`.
    pub(crate) fn answer_with(&self, answers: Vec<Vec<u8>>) {
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = answers.into();
    }
}

async fn serve(mut stream: TcpStream, answers: Answers) -> Option<()> {
    let mut read = Vec::new();
    loop {
        let head = loop {
            if let Some(at) = read.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
        };
        let text = String::from_utf8_lossy(&read[..head]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(Some(0), |length| length.trim().parse().ok())?;
        while read.len() < head + length {
            if stream.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
        }
        let body = match is_login(&text, &read[head..head + length]) {
            true => {
                br#"{"access_token": "t", "expires_in": 3600, "id": 0, "result": [1, "session"]}"#.to_vec()
            }
            false => {
                let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                answers.pop_front().unwrap_or_else(|| b"null".to_vec())
            }
        };
        read.drain(..head + length);
        let length = body.len();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(&[head.as_bytes(), &body].concat()).await.ok()?;
    }
}

fn is_login(head: &str, body: &[u8]) -> bool {
    let line = head.lines().next().unwrap_or_default();
    line.contains("token") || String::from_utf8_lossy(body).contains("common.db.login")
}
