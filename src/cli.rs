//! The command line.

mod explain;
mod ledger;

use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use clap::{Args, Parser, Subcommand};
use skuery_resolvers::commerce::gateway::Parts;
use skuery_resolvers::connector::CheckResult;
use tokio::task::JoinSet;

use crate::checks;
use crate::config::{self, CheckoutSetup, Config};
use crate::demo;
use crate::front::{Example, Playground};
use crate::identity::{self, Verifier};
use crate::persisted::Manifest;
use crate::start::{self, Server};

/// One GraphQL endpoint over a merchant's own systems.
#[derive(Parser)]
#[command(name = "skuery", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    demo: DemoArguments,
}

#[derive(Subcommand)]
enum Command {
    /// Start with embedded demo systems and the playground (the default).
    Demo(DemoArguments),
    /// Start with a configuration file.
    Serve {
        #[command(flatten)]
        config: ConfigFile,
        #[command(flatten)]
        listen: Listen,
    },
    /// Check a configuration file and try every system it names.
    Check(ConfigFile),
    /// Print the schema in SDL.
    Schema,
    /// Say what a query would ask of which systems, and what it costs; nothing is asked.
    Explain(explain::ExplainArguments),
    /// Look into the checkout ledger, check it, and decide on orders in doubt.
    Ledger(ledger::LedgerArguments),
}

#[derive(Args)]
struct ConfigFile {
    /// The configuration file (YAML).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Args)]
struct DemoArguments {
    #[command(flatten)]
    listen: Listen,
    /// Keep the checkout ledger here, such as sqlite:ledger.db; otherwise it ends with the demo.
    #[arg(long, value_name = "URL")]
    ledger: Option<String>,
}

#[derive(Args)]
struct Listen {
    /// Address and port to listen on, instead of the configuration's.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

type Failure = Box<dyn std::error::Error>;

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    start_log();
    #[cfg(feature = "fault-points")]
    arm_fault();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let result = runtime.block_on(async {
        match cli.command {
            None => demo(cli.demo).await,
            Some(Command::Demo(arguments)) => demo(arguments).await,
            Some(Command::Serve { config, listen }) => serve(&config.config, listen.listen).await,
            Some(Command::Check(config)) => check(&config.config).await,
            Some(Command::Schema) => {
                say(skuery_schema::system::sdl().trim_end());
                Ok(())
            }
            Some(Command::Explain(arguments)) => explain::run(arguments).await,
            Some(Command::Ledger(arguments)) => ledger::run(arguments).await,
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// `SKUERY_LOG` chooses what is logged, in the notation of tracing's `EnvFilter`; `info` otherwise. The audit is always
/// logged.
fn start_log() {
    let filter = config::env("SKUERY_LOG").unwrap_or_else(|| "info".to_owned());
    let filter = tracing_subscriber::EnvFilter::new(format!("{filter},audit=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
}

/// `SKUERY_FAULT=after_intend` ends this process there, `after_intend:2` when it passes there for the second time.
#[cfg(feature = "fault-points")]
fn arm_fault() {
    let Some(fault) = config::env("SKUERY_FAULT") else {
        return;
    };
    let (name, nth) = fault.split_once(':').unwrap_or((&fault, "1"));
    skuery_resolvers::checkout::fault::arm(name, nth.parse().unwrap_or(1));
}

async fn demo(arguments: DemoArguments) -> Result<(), Failure> {
    let systems = demo::start().await?;
    let text = match &arguments.ledger {
        Some(ledger) => demo::configuration_with_ledger(&systems, ledger),
        None => demo::configuration(&systems),
    };
    let config = Config::parse("demo.yaml", &text)?;
    let parts = config::build(&config, "demo.yaml", &text, &demo::secret)?;
    let identity = config::identity(&config, "demo.yaml", &text)?;
    let checkout = config::checkout(&config, &parts, "demo.yaml", &text, &demo::secret)?;
    let parts = start::with_checkout(parts, checkout).await?;
    let playground = playground(&config, true, demo::EXAMPLES)?;
    let listen = arguments.listen.listen.unwrap_or_else(|| config.listen.clone());
    let server = Server::bind(
        &listen,
        &config,
        parts,
        identity,
        playground,
        None,
        systems.routes(),
    );
    run_until_told(server.await?, !config.production).await
}

async fn serve(file: &Path, listen: Option<String>) -> Result<(), Failure> {
    let Read {
        config,
        parts,
        identity,
        checkout,
        persisted,
    } = read(file)?;
    // Before anybody is served: an order must never be taken without a place to write it down.
    let parts = start::with_checkout(parts, checkout).await?;
    let playground = playground(&config, false, EXAMPLES)?;
    let listen = listen.unwrap_or_else(|| config.listen.clone());
    // Their end is the end of this scope.
    let _checks = check_beside(&parts, identity.clone());
    let manifest = persisted.as_ref();
    let server = Server::bind(
        &listen,
        &config,
        parts,
        identity,
        playground,
        manifest,
        Router::new(),
    )
    .await?;
    if let Some(manifest) = manifest {
        warm(&server, manifest).await?;
    }
    run_until_told(server, !config.production).await
}

/// The page, where it is shown.
fn playground(config: &Config, demo: bool, examples: &[Example]) -> Result<Option<Playground>, Failure> {
    if config.production {
        return Ok(None);
    }
    let notice = config.persisted_documents.only.then_some(ONLY_TRUSTED);
    Ok(Some(Playground::new(demo, examples, notice)?))
}

/// What the playground says where most of what can be typed into it is refused.
const ONLY_TRUSTED: &str = "Only documents of the manifest are answered here: what you write is refused.";

/// Before anybody is served: a client whose documents cannot be answered must not find that out request by request.
async fn warm(server: &Server, manifest: &Manifest) -> Result<(), Failure> {
    let warmed = server.warm(manifest).await;
    if !warmed.refused.is_empty() {
        let problem = "persisted documents that cannot be served";
        return Err(format!(
            "{} {problem}:\n{}",
            warmed.refused.len(),
            warmed.refused.join("\n")
        )
        .into());
    }
    tracing::info!("persisted documents: {warmed}");
    if let Some(problem) = warmed.too_large(manifest) {
        tracing::warn!("{problem}");
    }
    Ok(())
}

/// Tries every system while the gateway already serves: it logs in before the first shopper needs it, and what would
/// fail silently, such as a location that answers nothing, is in the log. No system's outage delays the start.
fn check_beside(parts: &Parts, identity: Option<Arc<Verifier>>) -> JoinSet<()> {
    let mut tries = JoinSet::new();
    for system in parts.systems.clone() {
        let channels = parts.channels.clone();
        tries.spawn(async move {
            for result in checks::all(&system, &channels).await {
                log_check(system.name.as_str(), result);
            }
        });
    }
    if let Some(identity) = identity {
        tries.spawn(async move { log_check(identity::PROVIDER, checks::identity(&identity).await) });
    }
    tries
}

fn log_check(system: &str, result: CheckResult) {
    match result.outcome {
        Ok(seen) => tracing::info!(system, check = result.name, seen, "start-up check"),
        Err(problem) => tracing::warn!(system, check = result.name, problem, "start-up check failed"),
    }
}

/// What the playground offers where nothing is known of the assortment.
const EXAMPLES: &[Example] = &[
    Example {
        name: "Products with price and stock",
        query: include_str!("front/examples/products.graphql"),
        variables: "",
    },
    Example {
        name: "Connected systems",
        query: include_str!("front/examples/systems.graphql"),
        variables: "",
    },
];

async fn run_until_told(server: Server, has_playground: bool) -> Result<(), Failure> {
    let address = server.address();
    let stop = stop_signal()?;
    let playground = match has_playground {
        true => format!("Playground: http://{address}/  "),
        false => String::new(),
    };
    say(&format!(
        "Skuery is ready. {playground}Endpoint: http://{address}/graphql"
    ));
    server.serve(stop).await?;
    Ok(())
}

/// A configuration file and what it comes to.
struct Read {
    config: Config,
    parts: Parts,
    identity: Option<Arc<Verifier>>,
    checkout: Option<CheckoutSetup>,
    persisted: Option<Manifest>,
}

fn read(file: &Path) -> Result<Read, Failure> {
    let (config, text) = Config::read(file)?;
    let file = file.display().to_string();
    let parts = config::build(&config, &file, &text, &config::env)?;
    let identity = config::identity(&config, &file, &text)?;
    let checkout = config::checkout(&config, &parts, &file, &text, &config::env)?;
    let persisted = config::persisted_documents(&config, &file, &text)?;
    Ok(Read {
        config,
        parts,
        identity,
        checkout,
        persisted,
    })
}

async fn check(file: &Path) -> Result<(), Failure> {
    let Read {
        parts,
        identity,
        checkout,
        persisted,
        ..
    } = read(file)?;
    say(&format!("{}: the configuration is valid", file.display()));
    let mut failed = 0;
    let mut report = |system: &str, result: CheckResult| match result.outcome {
        Ok(seen) => say(&format!("ok      {system}: {}: {seen}", result.name)),
        Err(problem) => {
            failed += 1;
            say(&format!("FAILED  {system}: {}: {problem}", result.name));
        }
    };
    for system in &parts.systems {
        for result in checks::all(system, &parts.channels).await {
            report(system.name.as_str(), result);
        }
    }
    if let Some(identity) = identity {
        report(identity::PROVIDER, checks::identity(&identity).await);
    }
    if let Some(checkout) = checkout {
        report("checkout", checks::ledger(&checkout.ledger).await);
    }
    if let Some(manifest) = persisted {
        for result in checks::persisted_documents(&manifest, &parts.limits).await {
            report("persisted_documents", result);
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(format!("{failed} of the checks failed").into()),
    }
}

/// Ends at SIGTERM or Ctrl-C.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: requests in progress are finished first");
    })
}

/// What the command line is asked for goes to standard output; whoever closed it early, such as `head`, has enough.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[expect(clippy::print_stderr, reason = "a failed command says why on standard error")]
fn fail(error: &Failure) -> ExitCode {
    eprintln!("skuery: {error}");
    ExitCode::FAILURE
}
