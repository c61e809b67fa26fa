//! A running gateway takes a new configuration: at SIGHUP, or when one of its files has changed.
//!
//! The file is read and checked as at start. One that cannot be used is refused with its errors, and the old one serves
//! on; one that can is put in its place whole. Systems that it describes as before are used on, with all that is known of
//! them. Certificates that change alone are replaced alone.

mod files;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use skuery_resolvers::connector::config::Secret;
use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;

use self::files::Files;
use crate::checks;
use crate::config::{Config, ConfigError, Environment, LedgerUrl, Running, TlsConfig, Whole};
use crate::front::Playground;
use crate::start::{Prepared, Site, with_ledger};

/// Why a configuration is refused; for the log and for `/health/ready`.
pub type Refused = String;

/// Makes the playground's page as a configuration wants it.
pub type Page = Box<dyn Fn(&Config) -> io::Result<Option<Playground>> + Send + Sync>;

/// Takes new configurations for a running gateway.
pub struct Reload {
    path: PathBuf,
    env: Arc<Environment>,
    page: Page,
    site: Arc<Site>,
    fixed: Fixed,
    /// The text that is served, and the certificates in it.
    text: String,
    tls: Option<TlsConfig>,
    watch: Option<Duration>,
    files: Files,
    tls_files: Files,
    /// What is tried of the systems that are served now.
    checks: JoinSet<()>,
}

/// What stays as it was at start.
pub struct Fixed {
    /// `None` where the command line said where to listen.
    listen: Option<String>,
    ledger: Option<LedgerUrl>,
    has_tls: bool,
    // Made at start where none were given: cursors, links and tokens of checkout outlive a reload.
    cursor_secret: Secret,
    token_keys: Vec<Secret>,
    // What the first configuration was read from.
    text: String,
    tls: Option<TlsConfig>,
    watch: Option<Duration>,
}

impl Fixed {
    /// What of the first configuration must stay; `is_listen_given` says that the file's address does not count.
    pub fn of(whole: &Whole, is_listen_given: bool) -> Self {
        let checkout = whole.checkout.as_ref();
        Self {
            listen: (!is_listen_given).then(|| whole.config.listen.clone()),
            ledger: checkout.map(|checkout| checkout.ledger.clone()),
            has_tls: whole.server.tls.is_some(),
            cursor_secret: whole.parts.cursor_secret.clone(),
            token_keys: checkout.map_or_else(Vec::new, |checkout| checkout.rules.token_keys.clone()),
            text: whole.text.clone(),
            tls: whole.config.server.tls.clone(),
            watch: whole.server.watch,
        }
    }

    /// Refuses what takes a restart.
    fn check(&self, whole: &Whole) -> Result<(), ConfigError> {
        let listen = &whole.config.listen;
        if let Some(first) = &self.listen
            && first != listen
        {
            let problem = format!("`{listen}` takes a restart: the gateway listens on `{first}`");
            return Err(whole.refuse("listen", &problem));
        }
        if self.has_tls != whole.server.tls.is_some() {
            let problem = match self.has_tls {
                true => "to serve without TLS takes a restart",
                false => "to serve with TLS takes a restart",
            };
            return Err(whole.refuse("server.tls", problem));
        }
        if self.ledger.as_ref() != whole.checkout.as_ref().map(|checkout| &checkout.ledger) {
            let problem = "another ledger, and checkout with or without one, takes a restart";
            return Err(whole.refuse("checkout.ledger", problem));
        }
        Ok(())
    }

    /// Puts what was made at start in the place of what was made anew.
    fn carry_over(&self, whole: &mut Whole) {
        if whole.config.cursor_secret.is_none() {
            whole.parts.cursor_secret = self.cursor_secret.clone();
        }
        let section = whole.config.checkout.as_ref();
        let has_keys = section.is_some_and(|section| !section.token_keys.is_empty());
        if let Some(checkout) = &mut whole.checkout
            && !has_keys
            && !self.token_keys.is_empty()
        {
            checkout.rules.token_keys = self.token_keys.clone();
        }
    }
}

impl Reload {
    /// Begins to watch over what a site serves, which was read from this file.
    pub fn new(path: PathBuf, env: Arc<Environment>, page: Page, site: Arc<Site>, mut fixed: Fixed) -> Self {
        let text = std::mem::take(&mut fixed.text);
        let tls = fixed.tls.clone();
        Self {
            files: Files::of(files::named(&path, &text)),
            tls_files: Files::of(certificates(tls.as_ref())),
            watch: fixed.watch,
            path,
            env,
            page,
            site,
            fixed,
            text,
            tls,
            checks: JoinSet::new(),
        }
    }

    /// Reloads at every sign, and whenever a file has changed; until it is dropped.
    pub async fn run(&mut self, mut signs: mpsc::Receiver<()>) {
        loop {
            let watch = self.watch;
            let pause = async {
                match watch {
                    Some(watch) => sleep(watch).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(()) = signs.recv() => self.reload_and_tell().await,
                () = pause => self.look().await,
            }
        }
    }

    /// Reloads what has changed.
    pub async fn look(&mut self) {
        if self.files.have_changed() {
            self.reload_and_tell().await;
        } else if self.tls_files.have_changed() {
            self.reload_certificates();
        }
    }

    async fn reload_and_tell(&mut self) {
        let process = self.site.serving().process();
        match self.reload().await {
            Ok(()) => {
                process.reloaded();
                tracing::info!(file = %self.path.display(), "reloaded the configuration");
            }
            Err(problem) => {
                process.refused(&problem);
                tracing::error!(
                    problem,
                    "the new configuration is refused, and the old one serves on"
                );
            }
        }
    }

    /// Reads the configuration and serves it.
    ///
    /// # Errors
    ///
    /// When it cannot be used, or not without a restart; the old one serves on.
    pub async fn reload(&mut self) -> Result<(), Refused> {
        self.files = Files::of(files::named(&self.path, &self.read_text()));
        let (path, env) = (self.path.clone(), self.env.clone());
        let front = self.site.serving().front();
        let running = Running::of(&front.gateway, front.identity.as_ref());
        let whole = spawn_blocking(move || Whole::read_beside(&path, &*env, &running)).await;
        let whole = whole.map_err(|error| error.to_string())?;
        let mut whole = whole.map_err(|error| error.to_string())?;
        self.fixed.check(&whole).map_err(|error| error.to_string())?;
        self.fixed.carry_over(&mut whole);
        let Whole {
            text,
            config,
            parts,
            identity,
            checkout,
            persisted,
            mut server,
            ..
        } = whole;
        let (watch, tls) = (server.watch, server.tls.take());
        let ledger = front.gateway.till().map(|till| till.ledger().clone());
        let parts = with_ledger(parts, checkout, ledger);
        let playground = (self.page)(&config).map_err(|error| error.to_string())?;
        let next = self.site.generation(Prepared {
            parts,
            identity,
            server,
            documents: config.persisted_documents.documents(persisted.as_ref()),
            playground,
        });
        if let Some(manifest) = &persisted {
            manifest.warm_or_refuse(next.front.gateway.engine()).await?;
        }
        self.site.replace(next).await;
        self.checks = checks::beside(&self.site.serving().front());
        if let (Some(tls), Some(files)) = (self.site.tls(), tls) {
            tls.replace(files.pair);
        }
        self.tls = config.server.tls;
        self.tls_files = Files::of(certificates(self.tls.as_ref()));
        (self.text, self.watch) = (text, watch);
        Ok(())
    }

    /// A pair of which only one file has been written yet is refused, and taken with the next look.
    fn reload_certificates(&self) {
        let (Some(tls), Some(files)) = (self.site.tls(), &self.tls) else {
            return;
        };
        let process = self.site.serving().process();
        match files.read(&self.path.display().to_string(), &self.text) {
            Ok(read) => {
                tls.replace(read.pair);
                process.certificates_reloaded();
                tracing::info!("reloaded the certificates");
            }
            Err(problem) => {
                process.certificates_refused(&problem.to_string());
                tracing::error!(%problem, "the new certificates are refused, and the old ones are used on");
            }
        }
    }

    /// The file as it is; what cannot be read is refused later, with its error.
    fn read_text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap_or_default()
    }
}

fn certificates(tls: Option<&TlsConfig>) -> Vec<PathBuf> {
    tls.map_or_else(Vec::new, |tls| vec![tls.certificates.clone(), tls.key.clone()])
}
