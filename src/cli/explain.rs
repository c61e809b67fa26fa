//! `skuery explain`: what a query would ask, by waves, and what it costs. Nothing is asked, and no secret is needed.

mod text;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value};
use skuery_resolvers::checkout::book::BookLedger;
use skuery_resolvers::commerce::gateway::{CheckoutPart, CheckoutPlan, Gateway, GraphqlRequest};
use skuery_resolvers::commerce::identity::{Identity, Permissions};
use skuery_resolvers::engine::RequestError;

use crate::cli::{Failure, say};
use crate::config::{self, Config};
use crate::demo;

/// `skuery explain FILE`.
#[derive(Args)]
pub(super) struct ExplainArguments {
    /// The document; `-` reads it from standard input.
    #[arg(value_name = "FILE")]
    document: PathBuf,
    /// Its variables: a file, or the JSON itself.
    #[arg(long, value_name = "FILE|JSON")]
    variables: Option<String>,
    /// Which of its operations, where it holds several.
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// The channel it runs in; the default channel otherwise.
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// As asked by this customer, who has signed in; anonymous otherwise.
    #[arg(long, value_name = "NUMBER")]
    customer: Option<String>,
    /// The configuration file; the demo's otherwise.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// As JSON, in the form of `extensions.plan`.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: ExplainArguments) -> Result<(), Failure> {
    let file = arguments.document.display().to_string();
    let request = GraphqlRequest {
        query: document(&arguments.document)?,
        operation_name: arguments.operation,
        variables: variables(arguments.variables.as_deref())?,
        channel: arguments.channel,
        identity: arguments.customer.as_deref().map(signed_in),
        ..GraphqlRequest::default()
    };
    let gateway = gateway(arguments.config.as_deref())?;
    let explained = gateway.explain(&request).await;
    let explanation = explained.map_err(|errors| of_document(&file, &errors))?;
    let told = match arguments.json {
        true => serde_json::to_string_pretty(&explanation)?,
        false => text::of(&explanation),
    };
    say(told.trim_end());
    match explanation.cost.exceeded() {
        Some(exceeded) => Err(format!("it would be refused: {}", exceeded.error().message).into()),
        None => Ok(()),
    }
}

fn document(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => std::io::stdin().read_to_string(&mut text).map(|_| text),
        false => std::fs::read_to_string(file),
    };
    read.map_err(|error| format!("{}: cannot be read: {error}", file.display()).into())
}

fn variables(given: Option<&str>) -> Result<Map<String, Value>, Failure> {
    let Some(given) = given else {
        return Ok(Map::new());
    };
    let (name, text) = match given.trim_start().starts_with('{') {
        true => ("--variables", given.to_owned()),
        false => {
            let text = std::fs::read_to_string(given);
            (
                given,
                text.map_err(|error| format!("{given}: cannot be read: {error}"))?,
            )
        }
    };
    serde_json::from_str(&text).map_err(|error| format!("{name}: not an object of variables: {error}").into())
}

/// A customer whose token says no more than the number.
fn signed_in(customer: &str) -> Arc<Identity> {
    Arc::new(Identity {
        subject: customer.into(),
        customer: Some(customer.into()),
        company: None,
        price_list: None,
        channels: Vec::new(),
        permissions: Permissions::default(),
        expires: Timestamp::MAX,
    })
}

/// A gateway as configured, with a ledger that nobody writes to.
fn gateway(file: Option<&Path>) -> Result<Gateway, Failure> {
    let (config, text, name) = match file {
        Some(file) => {
            let (config, text) = Config::read(file)?;
            (config, text, file.display().to_string())
        }
        None => {
            let text = demo::configuration_without_systems();
            let name = "demo.yaml".to_owned();
            (Config::parse(&name, &text)?, text, name)
        }
    };
    // Nobody is asked, so nobody has to be shown a secret.
    let any = |_: &str| Some("a secret that is shown to nobody at all".to_owned());
    let mut parts = config::build(&config, &name, &text, &any)?;
    if let Some(setup) = config::checkout(&config, &parts, &name, &text, &any)? {
        parts.checkout = Some(CheckoutPart::Own(Box::new(CheckoutPlan {
            ledger: Arc::new(BookLedger::default()),
            systems: setup.systems,
            rules: setup.rules,
            retention: setup.retention,
        })));
    }
    Ok(Gateway::new(parts))
}

/// Every error with its line and column.
fn of_document(file: &str, errors: &[RequestError]) -> String {
    let lines = errors.iter().map(|error| match error.locations.first() {
        Some((line, column)) => format!("{file}:{line}:{column}: {}", error.message),
        None => format!("{file}: {}", error.message),
    });
    lines.collect::<Vec<_>>().join("\n")
}
