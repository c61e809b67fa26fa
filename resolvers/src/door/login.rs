//! Who we are to a system: fixed credentials, or a token that is obtained once and shared by all calls.
//!
//! A login runs in a task of its own, so it does not die with the caller that happened to need it first; there is at
//! most one per system. A token near its end is renewed in the background while calls still use it.

mod exchange;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};

use crate::door::Upstream;
use crate::door::fault::Fault;
use crate::door::secret::Secret;
use crate::error::ErrorKind;

/// The operation's name in metrics and errors.
pub(super) const OPERATION: &str = "login";
/// After a failed login, or a token that never worked, nobody logs in again for so long.
const BACKOFF: Duration = Duration::from_secs(1);
/// After a refused one for longer: a wrong password does not get better, and some systems lock the account.
const BACKOFF_REFUSED: Duration = Duration::from_secs(60);

impl Auth {
    /// Whether asking again can give another token: a refused password stays the same.
    pub(super) fn can_renew(&self) -> bool {
        !matches!(self, Self::None | Self::Basic { .. } | Self::Header { .. })
    }
}

/// How a system wants to be convinced. Paths are below the system's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Anyone may ask.
    None,
    /// HTTP Basic.
    Basic {
        /// User name.
        login: String,
        /// Its password.
        password: Secret,
    },
    /// A fixed header, such as `Authorization: Bearer …` or `X-Api-Key: …`.
    Header {
        /// Its name.
        name: HeaderName,
        /// What stands before the secret, such as `Bearer `.
        prefix: String,
        /// The rest of its value.
        secret: Secret,
    },
    /// OAuth 2 client credentials, sent as a form.
    ClientCredentials {
        /// Where tokens are given out.
        token_path: String,
        /// The client.
        client_id: String,
        /// Its secret.
        client_secret: Secret,
        /// The scope, where one is needed.
        scope: Option<String>,
    },
    /// OAuth 2 password grant with refresh tokens, sent as JSON with the client in HTTP Basic, as Akeneo wants it.
    Password {
        /// Where tokens are given out.
        token_path: String,
        /// The client.
        client_id: String,
        /// Its secret.
        client_secret: Secret,
        /// The user.
        login: String,
        /// Its password.
        password: Secret,
    },
    /// Tryton: `common.db.login` gives a session, sent as `Authorization: Session …`.
    TrytonSession {
        /// The JSON-RPC path of the database.
        rpc_path: String,
        /// The user.
        login: String,
        /// Its password.
        password: Secret,
    },
}

/// What is sent with each call. Its `Debug` shows nothing.
pub(crate) struct Token {
    name: HeaderName,
    value: HeaderValue,
    renew_at: Option<Instant>,
    expires_at: Option<Instant>,
    issued_at: Instant,
    refresh: Option<Secret>,
    accepted: AtomicBool,
}

impl Token {
    pub(super) fn header(&self) -> (HeaderName, HeaderValue) {
        (self.name.clone(), self.value.clone())
    }

    /// The system let a call with this token through.
    pub(super) fn mark_accepted(&self) {
        self.accepted.store(true, Ordering::Relaxed);
    }

    fn new(name: HeaderName, text: &str) -> Result<Self, Fault> {
        let mut value = HeaderValue::from_str(text).map_err(|_| {
            Fault::new(
                ErrorKind::Rejected,
                "the credentials hold characters no header may hold",
            )
        })?;
        value.set_sensitive(true);
        Ok(Self {
            name,
            value,
            renew_at: None,
            expires_at: None,
            issued_at: Instant::now(),
            refresh: None,
            accepted: AtomicBool::new(false),
        })
    }

    /// Renewed when four fifths of its life are over, at the latest a minute before its end.
    fn lasting(mut self, lifetime: Duration) -> Self {
        let margin = (lifetime / 5).min(Duration::from_secs(60));
        self.expires_at = Some(self.issued_at + lifetime);
        self.renew_at = Some(self.issued_at + lifetime.saturating_sub(margin));
        self
    }
}

type Login = Result<Arc<Token>, Fault>;

/// Holds the token. The lock guards a few assignments and never spans an await.
#[derive(Default)]
pub(super) struct Keeper(Mutex<State>);

#[derive(Default)]
struct State {
    token: Option<Arc<Token>>,
    /// Outlives the token it came with.
    refresh: Option<Secret>,
    flight: Option<Shared<BoxFuture<'static, Login>>>,
    failed: Option<(Instant, Fault)>,
}

impl Upstream {
    /// The token for the next call; `refused` is one the system has just refused.
    pub(super) async fn token(
        &self,
        deadline: Instant,
        refused: Option<&Arc<Token>>,
    ) -> Result<Option<Arc<Token>>, Fault> {
        if matches!(self.0.auth, Auth::None) {
            return Ok(None);
        }
        let flight = {
            let mut state = self.keep();
            if let Some(refused) = refused {
                state.forget(refused)?;
            }
            match self.usable(&mut state) {
                Some(token) => return Ok(Some(token)),
                None => self.flight(&mut state)?,
            }
        };
        timeout_at(deadline, flight)
            .await
            .unwrap_or_else(|_| Err(Fault::new(ErrorKind::Timeout, "no login in time")))
            .map(Some)
    }

    /// The current token while it is valid; starts its renewal when that is due.
    fn usable(&self, state: &mut State) -> Option<Arc<Token>> {
        let now = Instant::now();
        let token = state.token.clone()?;
        if token.expires_at.is_some_and(|end| end <= now) {
            return None;
        }
        if token.renew_at.is_some_and(|due| due <= now) {
            // A failed renewal is no failure yet: the old token still works.
            let _ = self.flight(state);
        }
        Some(token)
    }

    /// The login in flight, or a new one.
    fn flight(&self, state: &mut State) -> Result<Shared<BoxFuture<'static, Login>>, Fault> {
        if let Some(flight) = &state.flight {
            return Ok(flight.clone());
        }
        if let Some((when, fault)) = &state.failed
            && when.elapsed() < backoff(fault)
        {
            return Err(fault.clone());
        }
        let refresh = state.refresh.clone();
        let upstream = self.clone();
        let task = tokio::spawn(async move { upstream.log_in_once(refresh).await });
        let flight = async move {
            task.await
                .unwrap_or_else(|_| Err(Fault::new(ErrorKind::Unavailable, "the login was interrupted")))
        }
        .boxed()
        .shared();
        state.flight = Some(flight.clone());
        Ok(flight)
    }

    async fn log_in_once(self, refresh: Option<Secret>) -> Login {
        let record = self.0.meter.start(OPERATION, 0);
        let deadline = Instant::now() + Duration::from_millis(self.0.limits.login_timeout_ms);
        let result = timeout_at(deadline, exchange::obtain(&self, refresh, deadline))
            .await
            .unwrap_or_else(|_| Err(Fault::new(ErrorKind::Timeout, "no login in time")))
            .map(Arc::new);
        record.finish(result.as_ref().err());
        let mut state = self.keep();
        state.flight = None;
        match &result {
            Ok(token) => {
                state.token = Some(Arc::clone(token));
                state.refresh = token.refresh.clone();
                state.failed = None;
            }
            Err(fault) => state.failed = Some((Instant::now(), fault.clone())),
        }
        drop(state);
        result
    }

    fn keep(&self) -> MutexGuard<'_, State> {
        self.0.keeper.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Drops the token the system refused, unless somebody has replaced it already. A brand-new token that never
    /// worked is kept for a moment: logging in again at once would only hammer the system.
    fn forget(&mut self, refused: &Arc<Token>) -> Result<(), Fault> {
        let is_current = self
            .token
            .as_ref()
            .is_some_and(|token| Arc::ptr_eq(token, refused));
        if !is_current {
            return Ok(());
        }
        let never_worked = !refused.accepted.load(Ordering::Relaxed);
        if never_worked && refused.issued_at.elapsed() < BACKOFF {
            return Err(Fault::refused_login("a fresh login was refused"));
        }
        self.token = None;
        Ok(())
    }
}

fn backoff(fault: &Fault) -> Duration {
    match fault.kind() {
        ErrorKind::Rejected | ErrorKind::Overloaded => BACKOFF_REFUSED,
        _ => BACKOFF,
    }
}

fn basic(login: &str, password: &Secret) -> String {
    let pair = format!("{login}:{}", password.reveal());
    format!("Basic {}", STANDARD.encode(pair))
}

/// Credentials that need no exchange.
fn fixed(auth: &Auth) -> Option<Result<Token, Fault>> {
    match auth {
        Auth::Basic { login, password } => Some(Token::new(AUTHORIZATION, &basic(login, password))),
        Auth::Header { name, prefix, secret } => {
            Some(Token::new(name.clone(), &format!("{prefix}{}", secret.reveal())))
        }
        _ => None,
    }
}
