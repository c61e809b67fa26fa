//! Slow, cut off, too large, of the wrong kind: each fails with its kind and within its time.

use std::time::Duration;

use super::server::{Server, Step, head, reply};
use super::{ask, call, request, upstream};
use crate::door::limits::UpstreamConfig;
use crate::door::{Auth, Health};
use crate::error::ErrorKind;

async fn check(act: impl Fn() -> Vec<Step> + Send + Sync + 'static) -> Result<usize, ErrorKind> {
    let server = Server::start(move |_| act()).await;
    let limits = UpstreamConfig {
        max_response_bytes: 1_000_000,
        ..UpstreamConfig::default()
    };
    let upstream = upstream(&server.url, limits, Auth::None);
    let result = ask(&upstream, call(60)).await;
    let snapshot = upstream.snapshot();
    assert_eq!(snapshot.in_flight, 0, "every place was given back");
    assert_eq!(snapshot.operations["prices"].calls, 1, "nothing was repeated");
    result.map_err(|error| {
        assert!(!error.detail().contains("127.0.0.1"), "{}", error.detail());
        error.kind()
    })
}

fn announced(length: usize) -> Step {
    Step::Send(head(200, "application/json", length))
}

#[tokio::test(start_paused = true)]
async fn a_system_that_never_answers_times_out() {
    assert_eq!(check(|| vec![Step::Hang]).await, Err(ErrorKind::Timeout));
}

#[tokio::test(start_paused = true)]
async fn a_trickling_body_times_out_as_a_whole() {
    let act = || {
        let mut steps = vec![announced(100)];
        for _ in 0..100 {
            steps.push(Step::Send(b" ".to_vec()));
            steps.push(Step::Wait(Duration::from_secs(1)));
        }
        steps
    };
    assert_eq!(check(act).await, Err(ErrorKind::Timeout));
}

#[tokio::test]
async fn a_connection_lost_in_the_body_is_unavailable() {
    let reset = || vec![announced(100), Step::Send(b"{".to_vec()), Step::Reset];
    assert_eq!(check(reset).await, Err(ErrorKind::Unavailable));
    let closed = || vec![announced(100), Step::Send(b"{".to_vec())];
    assert_eq!(check(closed).await, Err(ErrorKind::Unavailable));
    assert_eq!(check(|| vec![Step::Reset]).await, Err(ErrorKind::Unavailable));
}

#[tokio::test]
async fn nobody_listening_is_unavailable() {
    let server = Server::start(|_| Vec::new()).await;
    let free = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let upstream = upstream(
        &format!("http://{address}"),
        UpstreamConfig::default(),
        Auth::None,
    );
    let error = ask(&upstream, call(5)).await.expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.retryable());
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_endless_body_is_cut_off_at_the_limit() {
    let act = || {
        vec![
            Step::Send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n".to_vec()),
            Step::Repeat(vec![b' '; 65_536], 16_384),
        ]
    };
    assert_eq!(check(act).await, Err(ErrorKind::InvalidAnswer));
    let promised = || vec![announced(1_073_741_824)];
    assert_eq!(check(promised).await, Err(ErrorKind::InvalidAnswer));
}

#[tokio::test]
async fn a_gzip_bomb_is_cut_off_at_the_limit() {
    let act = || {
        let bomb = bomb();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            bomb.len()
        );
        vec![Step::Send([head.as_bytes(), &bomb].concat())]
    };
    assert!(bomb().len() < 20_000, "the bomb itself is within the limit");
    assert_eq!(check(act).await, Err(ErrorKind::InvalidAnswer));
}

/// Two million zero bytes as gzip, made of stored blocks' cheaper cousin: one fixed-Huffman block of long matches.
fn bomb() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(1, 1);
    bits.push(1, 2);
    bits.huffman(0b0011_0000, 8);
    for _ in 0..8_000 {
        // Length 258 (code 285), distance 1 (code 0).
        bits.huffman(0b1100_0101, 8);
        bits.huffman(0, 5);
    }
    bits.huffman(0, 7);
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    gzip.extend(bits.finish());
    gzip.extend([0; 8]);
    gzip
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u8,
}

impl Bits {
    fn push(&mut self, value: u32, count: u8) {
        for bit in 0..count {
            if self.used == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(value >> bit & 1 == 1) << self.used;
            }
            self.used = (self.used + 1) % 8;
        }
    }

    /// Huffman codes go in with their highest bit first.
    fn huffman(&mut self, code: u32, count: u8) {
        for bit in (0..count).rev() {
            self.push(code >> bit & 1, 1);
        }
    }

    fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_its_encoding_says_is_no_answer() {
    let act = || {
        vec![Step::Send(
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 12\r\n\r\n{\"a\": \"b\"} "
                .to_vec(),
        )]
    };
    assert_eq!(check(act).await, Err(ErrorKind::InvalidAnswer));
}

#[tokio::test]
async fn statuses_become_kinds() {
    let cases = [
        (400, ErrorKind::Rejected),
        (403, ErrorKind::Rejected),
        (404, ErrorKind::Rejected),
        (408, ErrorKind::Timeout),
        (429, ErrorKind::Overloaded),
        (500, ErrorKind::Unavailable),
        (503, ErrorKind::Unavailable),
    ];
    for (status, kind) in cases {
        let act = move || reply(status, "text/plain", b"secret words of the system");
        assert_eq!(check(act).await, Err(kind), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let act = || {
        vec![Step::Send(
            b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n".to_vec(),
        )]
    };
    assert_eq!(check(act).await, Err(ErrorKind::InvalidAnswer));
}

#[tokio::test]
async fn another_origin_is_refused_before_anything_is_sent() {
    let server = Server::start(|_| reply(200, "application/json", b"[]")).await;
    let elsewhere = Server::start(|_| reply(200, "application/json", b"[]")).await;
    let upstream = upstream(&server.url, UpstreamConfig::default(), Auth::None);
    let mut request = request(&upstream);
    request.url = elsewhere.url.parse().expect("an address");
    let error = upstream
        .send(call(5), request, |_| Ok(()))
        .await
        .expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn failures_show_in_health_and_counters() {
    let server = Server::start(|_| reply(500, "text/plain", b"")).await;
    let upstream = upstream(&server.url, UpstreamConfig::default(), Auth::None);
    assert_eq!(upstream.snapshot().health, Health::Unknown);
    for _ in 0..3 {
        let _ = ask(&upstream, call(5)).await;
    }
    let snapshot = upstream.snapshot();
    assert_eq!(snapshot.health, Health::Down);
    let prices = &snapshot.operations["prices"];
    assert_eq!((prices.calls, prices.keys, prices.ok), (3, 3, 0));
    assert_eq!(prices.errors["unavailable"], 3);
    assert_eq!(prices.duration_buckets.iter().sum::<u64>(), 3);
}
