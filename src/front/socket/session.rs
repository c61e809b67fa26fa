//! The state machine of one socket: who asks, what runs, and when it ends.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use futures_util::StreamExt;
use skuery_resolvers::commerce::explain::Explain;
use skuery_resolvers::commerce::gateway::{Answer, Event, Events, GraphqlRequest, NotExecuted};
use skuery_resolvers::engine::RequestError;
use skuery_resolvers::screen;
use skuery_schema::error::ErrorCode;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::{self, AbortHandle, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

use super::closing::Closing;
use super::credentials::Credentials;
use super::message::{self, ClientMessage};
use super::wire::{Heard, Said, Wire};
use crate::front::graphql::{Parameters, Unusable, error_entries, refusal_entries};
use crate::front::sender::Sender;
use crate::front::stop::{ends, stopped, until};
use crate::identity::Refusal;
use crate::persisted::Known;

/// How long a client may take to send `connection_init`.
pub(super) const INIT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long it may take to verify what it says.
pub(super) const VERIFY_TIMEOUT: Duration = Duration::from_secs(10);
/// After so much silence the client is sent a ping.
pub(super) const PING_AFTER: Duration = Duration::from_secs(30);
/// How long it may take to answer that.
pub(super) const PONG_TIMEOUT: Duration = Duration::from_secs(10);
/// The most operations at once on one socket. Their answers wait here until the client has taken those before, so this
/// bounds what a slow client can pile up.
pub(super) const MOST_OPERATIONS: usize = 32;

/// What a session asks of the gateway.
pub(super) trait Backend: Send + Sync + 'static {
    /// Who sends what comes with these headers.
    fn identify(&self, headers: &HeaderMap) -> impl Future<Output = Result<Sender, Refusal>> + Send;

    /// What variables may hold.
    fn limits(&self) -> &screen::Limits;

    /// The documents that may be named.
    fn documents(&self) -> Known<'_>;

    /// Answers one operation.
    fn answer(&self, request: GraphqlRequest) -> impl Future<Output = Result<Answer, NotExecuted>> + Send;

    /// Notes that a client took nothing for too long.
    fn note_too_slow(&self);
}

pub(super) struct Session<B> {
    backend: Arc<B>,
    credentials: Credentials,
    phase: Phase,
    running: Vec<Running>,
    /// A stream whose event is being written, and its place in `running`. It is asked for the next event after that, so
    /// that nothing is prepared for a client that does not read.
    told: Option<(usize, Events)>,
    /// Verification and operations; all end with the session.
    tasks: JoinSet<Done>,
    /// At most what one step has to say.
    outgoing: VecDeque<Said>,
    /// When the client last said anything, and whether it was sent a ping since.
    heard: Instant,
    is_pinged: bool,
    is_stopping: bool,
}

enum Phase {
    /// `connection_init` must come until then.
    Opened(Instant),
    /// The credentials are being verified.
    Verifying,
    /// Operations are welcome.
    Acknowledged {
        sender: Sender,
        /// When the token ends.
        until: Option<Instant>,
    },
}

/// One operation in progress.
struct Running {
    id: String,
    task: AbortHandle,
    /// It goes on until it is ended.
    is_stream: bool,
}

/// What a task has found out.
enum Done {
    Verified(Result<Sender, Refusal>),
    Answered(Result<Answer, NotExecuted>),
    /// What a stream gave, nothing at its end.
    Told(Events, Option<Event>),
}

impl<B: Backend> Session<B> {
    /// A session that waits for `connection_init`; `credentials` are those of the upgrade.
    pub(super) fn new(backend: Arc<B>, credentials: Credentials) -> Self {
        let now = Instant::now();
        Self {
            backend,
            credentials,
            phase: Phase::Opened(now + INIT_TIMEOUT),
            running: Vec::new(),
            told: None,
            tasks: JoinSet::new(),
            outgoing: VecDeque::new(),
            heard: now,
            is_pinged: false,
            is_stopping: false,
        }
    }

    /// Serves the socket to its end, which is at the latest when `stop` becomes true and nothing runs any more.
    pub(super) async fn run<S>(mut self, mut wire: Wire<S>, mut stop: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let closing = loop {
            if let Err(closing) = self.step(&mut wire, &mut stop).await {
                break closing;
            }
        };
        if closing.is_too_slow() {
            self.backend.note_too_slow();
        }
        // Operations in progress end here.
        drop(self);
        wire.close(closing).await;
    }

    /// Waits for one thing to happen, and sends what follows from it. The order matters: a client that never pauses
    /// must not hide that its time is up, and a pong that has arrived counts even if it was not read in time.
    async fn step<S>(&mut self, wire: &mut Wire<S>, stop: &mut watch::Receiver<bool>) -> Result<(), Closing>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        // Where operations are cancelled faster than they end, the client waits for them.
        let may_read = self.tasks.len() < 2 * MOST_OPERATIONS;
        let (time_limit, silence_limit) = (self.time_limit(), self.silence_limit());
        tokio::select! {
            biased;
            () = until(time_limit) => return Err(self.time_is_up()),
            () = stopped(stop), if !self.is_stopping => self.is_stopping = true,
            Some(done) = self.tasks.join_next_with_id() => self.finish(done)?,
            heard = wire.hear(), if may_read => self.receive(heard?)?,
            () = sleep_until(silence_limit) => self.silent()?,
        }
        while let Some(said) = self.outgoing.pop_front() {
            tokio::select! {
                sent = wire.say(said) => sent?,
                () = until(self.time_limit()) => return Err(self.time_is_up()),
            }
        }
        if let Some((at, events)) = self.told.take() {
            self.ask(at, events);
        }
        // Streams are not told that they are complete: their clients are to come back and subscribe again.
        if self.is_stopping && self.running.iter().all(|running| running.is_stream) {
            return Err(Closing::stopping());
        }
        Ok(())
    }

    // What the client says.

    fn receive(&mut self, heard: Heard) -> Result<(), Closing> {
        self.heard = Instant::now();
        self.is_pinged = false;
        let text = match heard {
            Heard::Text(text) => text,
            Heard::Binary => {
                return Err(Closing::invalid_message(
                    "binary messages are not taken".to_owned(),
                ));
            }
            Heard::Sign => return Ok(()),
        };
        match ClientMessage::read(&text).map_err(Closing::invalid_message)? {
            ClientMessage::ConnectionInit(payload) => {
                let Phase::Opened(_) = self.phase else {
                    return Err(Closing::too_many_initialisations());
                };
                let given = std::mem::take(&mut self.credentials);
                self.credentials = given.and_payload(&payload).map_err(Closing::forbidden)?;
                self.phase = Phase::Verifying;
                self.verify();
            }
            ClientMessage::Ping(payload) => self.say(message::pong(payload)),
            ClientMessage::Pong => {}
            ClientMessage::Subscribe { id, parameters } => {
                self.subscribe(id, parameters)?;
            }
            // An id that is not known may be of an operation that has just ended.
            ClientMessage::Complete { id } => {
                if let Some(at) = self.running.iter().position(|running| running.id == id) {
                    self.running.swap_remove(at).task.abort();
                }
            }
        }
        Ok(())
    }

    fn verify(&mut self) {
        let (backend, credentials) = (self.backend.clone(), self.credentials.clone());
        self.tasks.spawn(async move {
            let verdict = timeout(VERIFY_TIMEOUT, backend.identify(credentials.headers())).await;
            Done::Verified(verdict.unwrap_or(Err(Refusal::NoKeys)))
        });
    }

    fn subscribe(&mut self, id: String, parameters: Parameters<'_>) -> Result<(), Closing> {
        let Phase::Acknowledged { sender, .. } = &self.phase else {
            return Err(Closing::unauthorized());
        };
        if self.running.iter().any(|running| running.id == id) {
            return Err(Closing::subscriber_exists(&id));
        }
        if self.is_stopping {
            self.refuse(&id, ErrorCode::OperationNotAllowed, "the server is stopping");
        } else if self.running.len() >= MOST_OPERATIONS {
            let most = format!("a socket takes {MOST_OPERATIONS} operations at once");
            self.refuse(&id, ErrorCode::OperationNotAllowed, &most);
        } else {
            let limits = self.backend.limits();
            let channel = self.credentials.channel();
            let known = self.backend.documents();
            let request = match parameters.into_request(limits, known, channel, sender, Explain::default()) {
                Ok(request) => request,
                Err(Unusable::Refused(error)) => {
                    self.say(message::error(&id, &error_entries(&[error])));
                    return Ok(());
                }
                Err(Unusable::Malformed(why)) => {
                    return Err(Closing::invalid_message(format!("`payload`: {why}")));
                }
            };
            let backend = self.backend.clone();
            let task = self
                .tasks
                .spawn(async move { Done::Answered(backend.answer(request).await) });
            self.running.push(Running {
                id,
                task,
                is_stream: false,
            });
        }
        Ok(())
    }

    /// Waits for the next event of a stream.
    fn ask(&mut self, at: usize, mut events: Events) {
        let running = &mut self.running[at];
        running.is_stream = true;
        running.task = self.tasks.spawn(async move {
            let event = events.next().await;
            Done::Told(events, event)
        });
    }

    // What has been found out.

    fn finish(&mut self, done: Result<(task::Id, Done), JoinError>) -> Result<(), Closing> {
        match done {
            Ok((_, Done::Verified(verdict))) => return self.acknowledge(verdict),
            Ok((task, Done::Answered(answer))) => {
                // An operation that the client has completed meanwhile is answered by nothing.
                let Some(at) = self.position(task) else {
                    return Ok(());
                };
                match answer {
                    Ok(Answer::Events(events)) => self.ask(at, events),
                    Ok(Answer::Response(response)) => {
                        let id = self.end(at);
                        self.say(message::next(&id, &response.body));
                        self.say(message::complete(&id));
                    }
                    Err(refused) => self.fail(at, &refused),
                }
            }
            Ok((task, Done::Told(events, event))) => {
                let Some(at) = self.position(task) else {
                    return Ok(());
                };
                match event {
                    Some(Ok(response)) => {
                        self.say(message::next(&self.running[at].id, &response.body));
                        self.told = Some((at, events));
                    }
                    Some(Err(refused)) => self.fail(at, &refused),
                    None => {
                        let id = self.end(at);
                        self.say(message::complete(&id));
                    }
                }
            }
            Err(error) if error.is_cancelled() => {}
            Err(error) => {
                tracing::error!(%error, "an operation on a socket broke");
                let Some(at) = self.position(error.id()) else {
                    return Err(Closing::internal());
                };
                let id = self.end(at);
                self.refuse(&id, ErrorCode::Internal, "a fault of the gateway");
            }
        }
        Ok(())
    }

    fn acknowledge(&mut self, verdict: Result<Sender, Refusal>) -> Result<(), Closing> {
        let sender = verdict.map_err(|refusal| match refusal {
            Refusal::NoKeys => Closing::try_again_later(refusal.to_string()),
            _ => Closing::forbidden(refusal.to_string()),
        })?;
        let until = sender
            .identity
            .as_ref()
            .and_then(|identity| ends(identity.expires));
        if until.is_some_and(|until| until <= Instant::now()) {
            return Err(Closing::token_expired());
        }
        self.phase = Phase::Acknowledged { sender, until };
        self.say(message::connection_ack());
        Ok(())
    }

    fn position(&self, task: task::Id) -> Option<usize> {
        self.running.iter().position(|running| running.task.id() == task)
    }

    fn end(&mut self, at: usize) -> String {
        self.running.swap_remove(at).id
    }

    fn fail(&mut self, at: usize, refused: &NotExecuted) {
        let id = self.end(at);
        self.say(message::error(&id, &refusal_entries(refused)));
    }

    fn say(&mut self, message: tokio_tungstenite::tungstenite::Bytes) {
        self.outgoing.push_back(Said::Text(message));
    }

    fn refuse(&mut self, id: &str, code: ErrorCode, message: &str) {
        let error = RequestError::new(code, message);
        self.say(message::error(id, &error_entries(&[error])));
    }

    // What time brings.

    /// When this phase ends, whatever the client does.
    fn time_limit(&self) -> Option<Instant> {
        match self.phase {
            Phase::Opened(until) => Some(until),
            // The verification has its own.
            Phase::Verifying => None,
            Phase::Acknowledged { until, .. } => until,
        }
    }

    fn time_is_up(&self) -> Closing {
        match self.phase {
            Phase::Opened(_) | Phase::Verifying => Closing::initialisation_timeout(),
            Phase::Acknowledged { .. } => Closing::token_expired(),
        }
    }

    /// When a silent client is sent a ping, or is given up.
    fn silence_limit(&self) -> Instant {
        let pong = if self.is_pinged {
            PONG_TIMEOUT
        } else {
            Duration::ZERO
        };
        self.heard + PING_AFTER + pong
    }

    fn silent(&mut self) -> Result<(), Closing> {
        if self.is_pinged {
            return Err(Closing::no_pong());
        }
        self.is_pinged = true;
        self.outgoing.push_back(Said::Ping);
        Ok(())
    }
}
