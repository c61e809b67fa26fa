//! The command line.

mod explain;
mod ledger;
mod signals;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use clap::{Args, Parser, Subcommand};
use skuery_resolvers::connector::CheckResult;

use crate::checks;
use crate::config::{self, Config, Environment, Whole};
use crate::demo;
use crate::front::{Example, Playground};
use crate::identity;
use crate::reload::{Fixed, Reload};
use crate::start::{self, Prepared, Server};

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
    let mut config = Config::parse("demo.yaml", &text)?;
    // No load balancer stands before it.
    config.server.drain_delay_ms = 0;
    let whole = Whole::of(config, "demo.yaml".to_owned(), text, &demo::secret)?;
    let config = &whole.config;
    let prepared = Prepared {
        documents: config.persisted_documents.documents(None),
        playground: playground(config, true, demo::EXAMPLES)?,
        parts: start::with_checkout(whole.parts, whole.checkout).await?,
        identity: whole.identity,
        server: whole.server,
    };
    let listen = arguments.listen.listen.unwrap_or_else(|| config.listen.clone());
    let server = Server::bind(&listen, prepared, systems.routes());
    run_until_told(server.await?, !config.production).await
}

async fn serve(file: &Path, listen: Option<String>) -> Result<(), Failure> {
    let env: Arc<Environment> = Arc::new(config::env);
    let whole = Whole::read(file, &*env)?;
    let fixed = Fixed::of(&whole, listen.is_some());
    let Whole {
        config,
        parts,
        identity,
        checkout,
        persisted,
        server,
        ..
    } = whole;
    // Before anybody is served: an order must never be taken without a place to write it down.
    let parts = start::with_checkout(parts, checkout).await?;
    let listen = listen.unwrap_or_else(|| config.listen.clone());
    let prepared = Prepared {
        documents: config.persisted_documents.documents(persisted.as_ref()),
        playground: page(&config)?,
        parts,
        identity,
        server,
    };
    let server = Server::bind(&listen, prepared, Router::new()).await?;
    if let Some(manifest) = persisted {
        server.warm(&manifest).await?;
    }
    // Their end is the end of this scope.
    let _checks = checks::beside(&server.site().serving().front());
    let mut reload = Reload::new(file.to_owned(), env, Box::new(page), server.site().clone(), fixed);
    let signs = signals::hang_ups()?;
    tokio::select! {
        ended = run_until_told(server, !config.production) => ended,
        () = reload.run(signs) => Ok(()),
    }
}

/// The page of a gateway that knows nothing of the assortment.
fn page(config: &Config) -> std::io::Result<Option<Playground>> {
    playground(config, false, EXAMPLES)
}

/// The page, where it is shown.
fn playground(config: &Config, demo: bool, examples: &[Example]) -> std::io::Result<Option<Playground>> {
    if config.production {
        return Ok(None);
    }
    let notice = config.persisted_documents.only.then_some(ONLY_TRUSTED);
    Playground::new(demo, examples, notice).map(Some)
}

/// What the playground says where most of what can be typed into it is refused.
const ONLY_TRUSTED: &str = "Only documents of the manifest are answered here: what you write is refused.";

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
    let url = server.site().url();
    let (stop, again) = signals::stops()?;
    let playground = match has_playground {
        true => format!("Playground: {url}/  "),
        false => String::new(),
    };
    say(&format!("Skuery is ready. {playground}Endpoint: {url}/graphql"));
    tokio::select! {
        served = server.serve(stop) => Ok(served?),
        () = again => Err("told twice to stop: what was in progress is broken off".into()),
    }
}

async fn check(file: &Path) -> Result<(), Failure> {
    let Whole {
        parts,
        identity,
        checkout,
        persisted,
        ..
    } = Whole::read(file, &config::env)?;
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

/// What the command line is asked for goes to standard output; whoever closed it early, such as `head`, has enough.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[expect(clippy::print_stderr, reason = "a failed command says why on standard error")]
fn fail(error: &Failure) -> ExitCode {
    eprintln!("skuery: {error}");
    ExitCode::FAILURE
}
