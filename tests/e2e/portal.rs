//! A gateway with signed-in customers: the demo's PIM and WMS, an ERP that lists prices as a script says, and a CRM in
//! memory. Identities are given to the gateway as the transport does after it has verified a token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use skuery::demo::Demo;
use skuery_resolvers::commerce::gateway::{Gateway, GraphqlRequest};
use skuery_resolvers::commerce::identity::Identity;
use skuery_resolvers::error::{ErrorKind, LookupError};
use skuery_resolvers::port::customers::{CreditRecord, CustomerAbilities, CustomerRecord, Customers};
use skuery_resolvers::port::{Answers, Call, Port, PortLookup};
use skuery_schema::customer::CustomerContent;
use skuery_schema::ids::{Currency, CustomerNumber, SystemName};

use crate::script::{Reply, Script};
use crate::shop::{Answer, parts};

pub(crate) const SKUS: [&str; 2] = ["MC-10008-WHT-M", "MC-10008-WHT-L"];

/// Rows of the list, and apart from them the customer's own.
const ROWS: &str = r#"  erp:
    connector: rest
    url: ${url}
    mapping:
      inline:
        summary: an ERP
        protocol: rest
        lookups:
          prices:
            mode: rows
            keys: { max: 100 }
            request:
              path: /prices
              query:
                - [list, "{{ price_list }}"]
                - [customer, "{{ customer }}"]
                - [quantity, "{{ quantity }}"]
                - [unit, "{{ unit }}"]
                - [date, "{{ date }}"]
                - [sku, { each: "{{ keys }}" }]
            answer:
              items: prices
              key: { path: sku }
              fields:
                net: { path: net }
                minimum_quantity: { path: from }
                price_list: { path: list }
                customer: { path: customer }
                kind: { path: kind }
                currency: { path: currency }
"#;

/// The gateway and what is behind it; all end when this is dropped.
pub(crate) struct Portal {
    pub(crate) gateway: Gateway,
    pub(crate) script: Script,
    pub(crate) crm: Arc<Crm>,
    _demo: Demo,
}

/// How a portal differs from the usual one.
#[derive(Default)]
pub(crate) struct Setup {
    /// Changes in the configuration, from and to.
    pub(crate) changes: Vec<(String, String)>,
    /// No system keeps customers.
    pub(crate) without_crm: bool,
}

impl Portal {
    pub(crate) async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let script = Script::start(Reply::By(rows)).await;
        let change = |yaml: String| {
            let kept =
                "prices: { fresh_secs: 600 }\n  customers: { fresh_secs: 600 }\n  stock: { fresh_secs: 600 }";
            let yaml = format!("{}cache:\n  {kept}\n", with_rows(&yaml, &script.url));
            setup.changes.iter().fold(yaml, |yaml, (from, to)| {
                assert!(yaml.contains(from.as_str()), "{from}");
                yaml.replacen(from.as_str(), to, 1)
            })
        };
        let (demo, _, mut parts, _) = parts(change).await;
        let crm = Arc::new(Crm::new());
        for system in parts.systems.iter_mut().filter(|_| !setup.without_crm) {
            if system.name.as_str() == "erp" {
                system.customers = Some(crm.clone());
            }
        }
        Self {
            gateway: Gateway::new(parts),
            script,
            crm,
            _demo: demo,
        }
    }

    /// Asks as this customer; `None` is anonymous.
    pub(crate) async fn ask(&self, customer: Option<&str>, query: &str) -> Answer {
        self.ask_as(customer.map(identity), query).await
    }

    pub(crate) async fn ask_as(&self, identity: Option<Identity>, query: &str) -> Answer {
        let request = GraphqlRequest {
            query: query.to_owned(),
            identity: identity.map(Arc::new),
            ..GraphqlRequest::default()
        };
        let response = self.gateway.execute(&request).await.expect("it can be executed");
        let waves = response.waves.to_string().parse().expect("a header's value");
        Answer {
            status: 200,
            headers: [("x-skuery-waves".parse().expect("a name"), waves)]
                .into_iter()
                .collect(),
            body: serde_json::from_slice(&response.body).expect("JSON"),
        }
    }

    /// Both articles' prices and stock for a customer, then the errors, in a line.
    pub(crate) async fn prices(&self, customer: Option<&str>) -> String {
        let query = r#"{ variants(skus: ["MC-10008-WHT-M", "MC-10008-WHT-L"]) {
            price { unitPrice { net { amount } } } availability { quantity } } }"#;
        let answer = self.ask(customer, query).await;
        let mut line: Vec<String> = Vec::new();
        for index in 0..SKUS.len() {
            let variant = answer.partial(&format!("variants.{index}"));
            assert!(variant["availability"]["quantity"].is_string(), "{variant}");
            let net = &variant["price"]["unitPrice"]["net"]["amount"];
            line.push(net.as_str().unwrap_or("none").to_owned());
        }
        line.extend(answer.errors());
        line.join("; ")
    }

    /// What the ERP was asked since this was last asked, without the articles, sorted.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut requests = self.script.requests();
        for request in &mut requests {
            let articles = request.find("sku=").unwrap_or(request.len());
            request.truncate(articles);
            *request = request.trim_end_matches(['&', '?']).to_owned();
        }
        requests.sort();
        requests
    }
}

/// What a token says of a buyer that only has a customer number.
pub(crate) fn identity(customer: &str) -> Identity {
    Identity {
        subject: "somebody".into(),
        customer: Some(customer.into()),
        company: None,
        price_list: None,
        channels: Vec::new(),
        permissions: skuery_resolvers::commerce::identity::Permissions::default(),
        expires: jiff::Timestamp::MAX,
    }
}

/// The demo's configuration with an ERP at this address instead of its own; it knows prices and nothing else.
pub(crate) fn with_rows(yaml: &str, url: &str) -> String {
    let (before, rest) = yaml.split_once("  erp:\n").expect("the ERP's section");
    let (_, after) = rest.split_once("\n  wms:\n").expect("the section after it");
    format!("{before}{}\n  wms:\n{after}", ROWS.replace("${url}", url))
}

/// A price per list, and per customer with agreements: C-1 pays 71, C-2 pays 72, who buys by GOLD pays 90.
pub(crate) fn rows(line: &str) -> Reply {
    let net = match (parameter(line, "customer"), parameter(line, "list")) {
        (Some("C-1"), _) => Some("71"),
        (Some("C-2"), _) => Some("72"),
        (Some(_), _) => None,
        (None, Some("GOLD")) => Some("90"),
        (None, Some("SILVER")) => Some("95"),
        (None, Some("RETAIL-SEK")) => Some("100"),
        (None, _) => None,
    };
    let row = |sku: &str, net: &str| {
        let owner = match (parameter(line, "customer"), parameter(line, "list")) {
            (Some(customer), _) => format!(r#","customer":"{customer}","kind":"contract""#),
            (None, Some(list)) => format!(r#","list":"{list}""#),
            (None, None) => String::new(),
        };
        format!(r#"{{"sku":"{sku}","net":{net},"currency":"SEK"{owner}}}"#)
    };
    let skus = SKUS.iter().filter(|sku| line.contains(*sku));
    let rows: Vec<String> = skus.filter_map(|sku| Some(row(sku, net?))).collect();
    Reply::json(format!(r#"{{"prices":[{}]}}"#, rows.join(",")))
}

/// A parameter of a request line.
pub(crate) fn parameter<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = line.split_once('?')?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// A CRM in memory that fails on request.
pub(crate) struct Crm {
    system: SystemName,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    customers: HashMap<CustomerNumber, Arc<CustomerRecord>>,
    credit: HashMap<CustomerNumber, CreditRecord>,
    is_down: bool,
    calls: usize,
}

impl Crm {
    fn new() -> Self {
        let crm = Self {
            system: "crm".into(),
            state: Mutex::default(),
        };
        // Two with agreements or perhaps with some, three who certainly have none.
        crm.knows("C-1", Some("GOLD"), Some(true));
        crm.knows("C-2", Some("GOLD"), None);
        crm.knows("C-3", Some("GOLD"), Some(false));
        crm.knows("C-4", Some("GOLD"), Some(false));
        crm.knows("C-5", None, Some(false));
        crm
    }

    pub(crate) fn knows(&self, number: &str, list: Option<&str>, individual_prices: Option<bool>) {
        let content = CustomerContent {
            name: Some(format!("Customer {number}").into()),
            ..CustomerContent::default()
        };
        self.set(
            number,
            CustomerRecord {
                content: Arc::new(content),
                price_list: list.map(Into::into),
                individual_prices,
                discount_percent: None,
                currency: None,
            },
        );
    }

    pub(crate) fn set(&self, number: &str, record: CustomerRecord) {
        self.with(|state| state.customers.insert(number.into(), Arc::new(record)));
    }

    pub(crate) fn grants(&self, number: &str, limit: i64, used: i64) {
        let record = CreditRecord {
            limit: limit.into(),
            used: used.into(),
            currency: Currency::parse("SEK").expect("a code"),
            blocked: used > limit,
        };
        self.with(|state| state.credit.insert(number.into(), record));
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        self.with(|state| state.is_down = is_down);
    }

    /// The calls since this was last asked.
    pub(crate) fn calls(&self) -> usize {
        self.with(|state| std::mem::take(&mut state.calls))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer<'a, V: Clone + Send + 'a>(
        &'a self,
        keys: &'a [CustomerNumber],
        known: fn(&State) -> &HashMap<CustomerNumber, V>,
    ) -> Answers<'a, CustomerNumber, V> {
        assert_eq!(keys.len(), 1, "one customer a call");
        let answer = self.with(|state| {
            state.calls += 1;
            if state.is_down {
                let lookup = PortLookup::Customers.as_str();
                return Err(LookupError::new(
                    ErrorKind::Unavailable,
                    &self.system,
                    lookup,
                    "down",
                ));
            }
            let record = known(state).get(&keys[0]).cloned();
            Ok(record
                .map(|record| (keys[0].clone(), Ok(record)))
                .into_iter()
                .collect())
        });
        Box::pin(async move { answer })
    }
}

impl Port for Crm {
    fn system(&self) -> &SystemName {
        &self.system
    }

    fn max_keys(&self, _: PortLookup) -> usize {
        1
    }
}

impl Customers for Crm {
    fn customer_abilities(&self) -> CustomerAbilities {
        CustomerAbilities {
            customers: true,
            credit: true,
        }
    }

    fn customers<'a>(
        &'a self,
        _: Call,
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, Arc<CustomerRecord>> {
        self.answer(keys, |state| &state.customers)
    }

    fn credit<'a>(
        &'a self,
        _: Call,
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, CreditRecord> {
        self.answer(keys, |state| &state.credit)
    }
}
