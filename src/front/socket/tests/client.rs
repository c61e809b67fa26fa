//! What the specs of the session stand on: a gateway that answers as it is told, and a client over a connection in memory.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::HeaderMap;
use futures_util::stream::unfold;
use futures_util::{SinkExt, StreamExt};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use skuery_resolvers::commerce::gateway::{Answer, Event, Events, GraphqlRequest, NotExecuted};
use skuery_resolvers::commerce::identity::{Identity, Permissions};
use skuery_resolvers::engine::{RequestError, Response};
use skuery_resolvers::screen;
use tokio::io::DuplexStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::front::sender::Sender;
use crate::front::socket::credentials::Credentials;
use crate::front::socket::session::{Backend, Session};
use crate::front::socket::wire::Wire;
use crate::identity::{Reason, Refusal};
use crate::persisted::{Documents, Known};

/// What the connection in memory holds before writing waits.
pub(super) const HELD_BYTES: usize = 4 * 1024;
/// The longest message a client may send.
const MOST_BYTES: usize = 100_000;
/// How long the token `Bearer short` lasts.
pub(super) const SHORT: Duration = Duration::from_secs(600);

/// Answers by what the document says.
#[derive(Default)]
pub(super) struct Fake {
    /// The operations that never end by themselves and have not ended yet.
    pub(super) hanging: Arc<AtomicUsize>,
    /// The events that streams were asked for.
    pub(super) events: Arc<AtomicUsize>,
    pub(super) too_slow: AtomicUsize,
    limits: screen::Limits,
    documents: Documents,
}

struct Hanging(Arc<AtomicUsize>);

impl Hanging {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn response(data: impl Into<String>) -> Response {
    Response {
        body: json!({ "data": data.into() }).to_string().into_bytes(),
        waves: 0,
        errors: Vec::new(),
    }
}

impl Fake {
    /// Two events, and then what `then` says.
    fn stream(&self, then: String) -> Events {
        let state = (Hanging::new(&self.hanging), self.events.clone(), 0);
        let events = unfold(state, move |(hanging, events, number)| {
            let then = then.clone();
            async move {
                events.fetch_add(1, Ordering::SeqCst);
                let event: Option<Event> = match (number, &*then) {
                    (_, "long") => Some(Ok(response("å".repeat(50_000)))),
                    (0 | 1, _) => Some(Ok(response(number.to_string()))),
                    (2, "fail") => Some(Err(RequestError::bad_input("no more").into())),
                    (_, "break") => panic!("a fault"),
                    (_, "hang") => pending().await,
                    _ => None,
                };
                Some((event?, (hanging, events, number + 1)))
            }
        });
        Events::of(events)
    }
}

impl Backend for Fake {
    async fn identify(&self, headers: &HeaderMap) -> Result<Sender, Refusal> {
        let authorization = headers.get("authorization");
        let authorization = authorization.map(|given| given.to_str().expect("ASCII"));
        let lasts = match authorization {
            None => return Ok(Sender::default()),
            Some("Bearer short") => SignedDuration::try_from(SHORT).expect("short"),
            Some("Bearer past") => SignedDuration::from_secs(-1),
            Some("Bearer endless") => SignedDuration::from_hours(24 * 365 * 200),
            Some("Bearer slow") => pending().await,
            Some("Bearer broken") => panic!("a fault"),
            Some("Bearer unknown") => {
                return Err(Refusal::NoKeys);
            }
            Some(_) => return Err(Reason::Signature.into()),
        };
        let identity = Identity {
            subject: "somebody".into(),
            customer: None,
            company: None,
            price_list: None,
            channels: Vec::new(),
            permissions: Permissions::default(),
            expires: Timestamp::now() + lasts,
        };
        let sender = Sender {
            identity: Some(Arc::new(identity)),
        };
        Ok(sender)
    }

    fn limits(&self) -> &screen::Limits {
        &self.limits
    }

    fn documents(&self) -> Known<'_> {
        self.documents.known_to(None)
    }

    fn note_too_slow(&self) {
        self.too_slow.fetch_add(1, Ordering::SeqCst);
    }

    async fn answer(&self, request: GraphqlRequest) -> Result<Answer, NotExecuted> {
        if let Some(then) = request.query.strip_prefix("stream ") {
            return Ok(Answer::Events(self.stream(then.to_owned())));
        }
        let data = match &*request.query {
            "hang" => {
                let _guard = Hanging::new(&self.hanging);
                pending().await
            }
            "slow" => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                "slow".to_owned()
            }
            "break" => panic!("a fault"),
            "refuse" => return Err(RequestError::bad_input("not so").into()),
            "long" => "å".repeat(50_000),
            "who" => request
                .identity
                .map_or("nobody".to_owned(), |who| who.subject.to_string()),
            _ => request.query,
        };
        Ok(Answer::Response(response(data)))
    }
}

pub(super) struct Client {
    pub(super) io: WebSocketStream<DuplexStream>,
    pub(super) backend: Arc<Fake>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) session: JoinHandle<()>,
    pub(super) since: Instant,
}

impl Client {
    /// A socket that has said nothing yet.
    pub(super) async fn open() -> Self {
        let (client, server) = tokio::io::duplex(HELD_BYTES);
        let backend = Arc::new(Fake::default());
        let stop = watch::Sender::new(false);
        let wire = Wire::open(server, MOST_BYTES).await;
        let session = Session::new(backend.clone(), Credentials::default());
        Self {
            io: WebSocketStream::from_raw_socket(client, Role::Client, None).await,
            backend,
            session: tokio::spawn(session.run(wire, stop.subscribe())),
            stop,
            since: Instant::now(),
        }
    }

    /// A socket that is acknowledged.
    pub(super) async fn ready(payload: Value) -> Self {
        let mut client = Self::open().await;
        client
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
        client
    }

    pub(super) async fn say(&mut self, message: Value) {
        let sent = self.io.send(Message::text(message.to_string())).await;
        sent.expect("the server reads");
    }

    pub(super) async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "id": id, "type": "subscribe", "payload": { "query": query } }))
            .await;
    }

    pub(super) async fn hear(&mut self) -> Value {
        match self.io.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("{other:?} instead of a message"),
        }
    }

    /// One event of a stream.
    pub(super) async fn event(&mut self, id: &str, data: &str) {
        let next = json!({ "id": id, "type": "next", "payload": { "data": data } });
        assert_eq!(self.hear().await, next);
    }

    /// The answer to one operation.
    pub(super) async fn answer(&mut self, id: &str, data: &str) {
        self.event(id, data).await;
        assert_eq!(self.hear().await, json!({ "id": id, "type": "complete" }));
    }

    /// Waits for the end: its code and reason, and after how many seconds.
    pub(super) async fn end(mut self) -> (u16, String, u64) {
        let (code, reason) = match self.io.next().await {
            Some(Ok(Message::Close(Some(frame)))) => (frame.code.into(), frame.reason.to_string()),
            other => panic!("{other:?} instead of the end"),
        };
        let seconds = self.since.elapsed().as_secs();
        assert!(self.io.next().await.is_none(), "nothing follows the close frame");
        self.session.await.expect("the session does not panic");
        assert_eq!(self.backend.hanging.load(Ordering::SeqCst), 0, "nothing runs on");
        (code, reason, seconds)
    }

    /// Waits until so many operations hang.
    pub(super) async fn hanging(&self, count: usize) {
        while self.backend.hanging.load(Ordering::SeqCst) != count {
            tokio::task::yield_now().await;
        }
    }
}
