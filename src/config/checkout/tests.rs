//! What is refused of a `checkout` section, and what is made of one that fits.

mod able;
mod opening;

use std::time::Duration;

use skuery_resolvers::checkout::rules::Capture;
use skuery_resolvers::commerce::gateway::Parts;
use skuery_resolvers::port::order_entry::ExternalNumber;
use skuery_schema::checkout::StockPromise;

use self::able::able;
use super::{CheckoutSetup, checkout};
use crate::config::{Config, build};

/// Its `checkout` section begins on line 19.
const SYSTEMS: &str = "systems:
  erp:
    connector: tryton
    url: http://127.0.0.1:9
    roles: [prices, stock]
    auth: { login: it, password: { env: PASSWORD } }
    settings: { database: shop }
    locations: { WH-ERP: ERP }
  wms:
    connector: ongoing
    url: http://127.0.0.1:9
    auth: { login: it, password: { env: PASSWORD } }
    settings: { goods_owner_id: 1 }
    locations: { WH-WMS: 1 }
locations:
  WH-ERP: { name: At the ERP }
  WH-WMS: { name: At the WMS }
channels: { se: { languages: [sv], currency: SEK, locations: [WH-ERP, WH-WMS] } }
checkout:
";

/// By name; the keys are as long as their names say.
fn env(name: &str) -> Option<String> {
    Some(match name {
        "PASSWORD" => "x".to_owned(),
        "KEY_31" => "k".repeat(31),
        "KEY_32" => "k".repeat(32),
        "LEDGER" => "postgres://skuery:secret-password@db/skuery".to_owned(),
        "NO_LEDGER" => "mysql://skuery:secret-password@db/skuery".to_owned(),
        _ => return None,
    })
}

/// What is made of a section, with an ERP that takes orders and finds them by number.
fn of(section: &str) -> Result<CheckoutSetup, String> {
    with(section, |parts| {
        parts.systems[0].order_entry = Some(able("erp", ExternalNumber::Searchable, false));
    })
}

/// `change` says what the systems, erp and wms, can do.
fn with(section: &str, change: impl FnOnce(&mut Parts)) -> Result<CheckoutSetup, String> {
    let text = format!("{SYSTEMS}{section}");
    let config = Config::parse("FILE", &text).map_err(|error| error.to_string())?;
    let mut parts = build(&config, "FILE", &text, &env).expect("the rest fits");
    change(&mut parts);
    let setup = checkout(&config, &parts, "FILE", &text, &env).map_err(|error| error.to_string())?;
    Ok(setup.expect("there is a section"))
}

/// The parts of a gateway whose ERP takes orders, with the section's checkout.
fn parts_with(section: &str) -> (Parts, Option<CheckoutSetup>) {
    let text = format!("{SYSTEMS}{section}");
    let config = Config::parse("FILE", &text).expect("it is read");
    let mut parts = build(&config, "FILE", &text, &env).expect("the rest fits");
    parts.systems[0].order_entry = Some(able("erp", ExternalNumber::Searchable, false));
    let setup = checkout(&config, &parts, "FILE", &text, &env).expect("it fits");
    (parts, setup)
}

/// What is said of a section that does not fit.
fn refused(section: &str) -> String {
    of(section).err().expect("it is refused")
}

const LEAST: &str = "  ledger: sqlite:ledger.db\n  orders: erp\n";

fn refused_line(line: &str) -> String {
    refused(&format!("{LEAST}  {line}\n"))
}

#[test]
fn the_least_section_has_these_rules() {
    let setup = of(LEAST).expect("it fits");
    assert_eq!(setup.ledger.as_str(), "sqlite:ledger.db");
    assert_eq!(setup.retention, Duration::from_hours(90 * 24));
    let rules = setup.rules;
    assert_eq!(rules.hold, Duration::from_mins(15));
    assert_eq!(rules.longest_hold, Duration::from_hours(1));
    assert_eq!(rules.deadline, Duration::from_secs(10));
    assert_eq!(&*rules.order_prefix, "SK-");
    assert_eq!(rules.guest_customer, None);
    assert!(!rules.payment_required);
    assert_eq!(rules.capture, Capture::Never);
    assert_eq!(rules.token_keys.len(), 1, "one is made");
}

#[test]
fn without_a_section_there_is_no_checkout() {
    let text = SYSTEMS.replace("checkout:\n", "");
    let config = Config::parse("FILE", &text).expect("it is read");
    let parts = build(&config, "FILE", &text, &env).expect("it fits");
    assert!(
        checkout(&config, &parts, "FILE", &text, &env)
            .expect("it fits")
            .is_none()
    );
}

#[test]
fn the_order_system_must_exist_and_take_orders() {
    let orders = |name: &str| refused(&format!("  ledger: sqlite:l.db\n  orders: {name}\n"));
    assert_eq!(
        orders("oms"),
        "FILE:21: checkout.orders: `oms` is not one of the systems: erp, wms"
    );
    assert_eq!(
        orders("wms"),
        "FILE:21: checkout.orders: `wms` takes no orders; use erp"
    );
    let none = with(LEAST, |_| ()).err();
    assert_eq!(
        none.as_deref(),
        Some("FILE:21: checkout.orders: `erp` takes no orders; no configured system does")
    );
}

#[test]
fn an_order_system_that_cannot_find_orders_is_taken_only_knowingly() {
    let lossy = |parts: &mut Parts| {
        parts.systems[0].order_entry = Some(able("erp", ExternalNumber::None, false));
    };
    let refused = with(LEAST, lossy).err().expect("it is refused");
    assert!(
        refused
            .starts_with("FILE:21: checkout.orders: `erp` cannot find an order by the number it was given"),
        "{refused}"
    );
    assert!(with(&format!("{LEAST}  accept_unsearchable_orders: true\n"), lossy).is_ok());
}

#[test]
fn a_location_is_worth_what_its_system_can_do() {
    let promises = |reserves: bool, rejects_oversell: bool| {
        let setup = with(LEAST, |parts| {
            parts.systems[0].order_entry = Some(able("erp", ExternalNumber::Unique, rejects_oversell));
            if reserves {
                for system in &mut parts.systems {
                    system.reservations = Some(able(system.name.as_str(), ExternalNumber::Unique, false));
                }
            }
        });
        let stock = setup.expect("it fits").systems.stock;
        let of = |system: &skuery_resolvers::checkout::systems::StockSystem| {
            (system.port.system().as_str().to_owned(), system.promise)
        };
        stock.iter().map(of).collect::<Vec<_>>()
    };
    let both = |erp, wms| vec![("erp".to_owned(), erp), ("wms".to_owned(), wms)];
    use StockPromise::{AtomicReservation, GatewayOnly, OrderRefused};
    assert_eq!(promises(false, false), both(GatewayOnly, GatewayOnly));
    assert_eq!(
        promises(false, true),
        both(OrderRefused, GatewayOnly),
        "the order system refuses for its own stock only"
    );
    assert_eq!(
        promises(true, true),
        both(AtomicReservation, AtomicReservation),
        "several systems may reserve, and a reservation is worth most"
    );
}

#[test]
fn figures_of_other_systems_are_thought_to_lag_unless_said() {
    let after = |section: &str| {
        let stock = of(&format!("{LEAST}{section}")).expect("it fits").systems.stock;
        stock
            .iter()
            .map(|system| system.reflects_after.as_millis())
            .collect::<Vec<_>>()
    };
    assert_eq!(after(""), [0, 60_000]);
    assert_eq!(after("  reflects_after_ms: { erp: 500, wms: 0 }\n"), [500, 0]);
    assert_eq!(
        refused(&format!("{LEAST}  reflects_after_ms:\n    pim: 5\n")),
        "FILE:23: checkout.reflects_after_ms.pim: `pim` is not one of the systems with stock: erp, wms"
    );
    let without_stock = with(&format!("{LEAST}  reflects_after_ms: {{ wms: 5 }}\n"), |parts| {
        parts.systems[0].order_entry = Some(able("erp", ExternalNumber::Unique, false));
        parts.systems[1].stock = None;
    });
    assert_eq!(
        without_stock.err().as_deref(),
        Some("FILE:22: checkout.reflects_after_ms.wms: `wms` is not one of the systems with stock: erp")
    );
    assert_eq!(
        refused_line("reflects_after_ms: { wms: 86400001 }"),
        "FILE:22: checkout.reflects_after_ms.wms: 86400001 is not allowed, use 0 to 86400000"
    );
}

#[test]
fn prices_and_stock_are_needed() {
    let without = |take: fn(&mut Parts)| {
        with(LEAST, |parts| {
            parts.systems[0].order_entry = Some(able("erp", ExternalNumber::Unique, false));
            take(parts);
        })
    };
    let prices = without(|parts| parts.systems[0].prices = None).err();
    assert_eq!(
        prices.as_deref(),
        Some(
            "FILE:21: checkout.orders: nothing can be ordered without a price: no system has the role prices"
        )
    );
    let stock = without(|parts| parts.systems.iter_mut().for_each(|system| system.stock = None)).err();
    assert_eq!(
        stock.as_deref(),
        Some("FILE:21: checkout.orders: nothing can be held without stock: no system has the role stock")
    );
}

#[test]
fn a_required_payment_needs_a_provider() {
    let section = format!("{LEAST}  payment: {{ required: true, capture: on_placement }}\n");
    assert_eq!(
        refused(&section),
        "FILE:22: checkout.payment.required: true is not allowed: no system has the role payments"
    );
    let setup = with(&section, |parts| {
        parts.systems[0].order_entry = Some(able("erp", ExternalNumber::Unique, false));
        parts.systems[1].payments = Some(able("wms", ExternalNumber::Unique, false));
    });
    let setup = setup.expect("it fits");
    assert!(setup.rules.payment_required);
    assert_eq!(setup.rules.capture, Capture::OnPlacement);
    assert_eq!(setup.systems.payments.len(), 1);
}

#[test]
fn times_have_bounds() {
    for (line, said) in [
        (
            "deadline_ms: 999",
            "deadline_ms: 999 is not allowed, use 1000 to 60000",
        ),
        (
            "deadline_ms: 60001",
            "deadline_ms: 60001 is not allowed, use 1000 to 60000",
        ),
        (
            "hold_seconds: 0",
            "hold_seconds: 0 is not allowed, use 1 to 3600 (`longest_hold_seconds`)",
        ),
        (
            "hold_seconds: 3601",
            "hold_seconds: 3601 is not allowed, use 1 to 3600 (`longest_hold_seconds`)",
        ),
        (
            "longest_hold_seconds: 59",
            "longest_hold_seconds: 59 is not allowed, use 60 to 86400",
        ),
        (
            "longest_hold_seconds: 86401",
            "longest_hold_seconds: 86401 is not allowed, use 60 to 86400",
        ),
        (
            "retention_days: 0",
            "retention_days: 0 is not allowed, use 1 to 3650",
        ),
    ] {
        assert_eq!(refused_line(line), format!("FILE:22: checkout.{said}"));
    }
    assert_eq!(
        refused(&format!("{LEAST}  longest_hold_seconds: 600\n")),
        "FILE:19: checkout.hold_seconds: 900 is not allowed, use 1 to 600 (`longest_hold_seconds`)",
        "the usual hold does not fit either"
    );
}

#[test]
fn numbers_of_orders_and_customers_are_plain() {
    for prefix in ["''", "SK-12345-", "'SK 1'", "'Å'", "'SK/'"] {
        let said = refused_line(&format!("order_prefix: {prefix}"));
        assert!(said.starts_with("FILE:22: checkout.order_prefix: `"), "{said}");
        assert!(
            said.ends_with("use 1 to 8 of A–Z, a–z, 0–9, `-` and `_`"),
            "{said}"
        );
    }
    for guest in ["''", "' 10'", "\"1\\n0\""] {
        let said = refused_line(&format!("guest_customer: {guest}"));
        assert!(
            said.starts_with("FILE:22: checkout.guest_customer: use the number of a customer"),
            "{said}"
        );
    }
    let setup = of(&format!(
        "{LEAST}  guest_customer: C-900\n  order_prefix: SK-12345\n"
    ))
    .expect("it fits");
    assert_eq!(
        setup.rules.guest_customer.as_ref().map(|guest| guest.as_str()),
        Some("C-900")
    );
}

#[test]
fn token_keys_cannot_be_guessed_and_are_shared_where_the_ledger_is() {
    assert_eq!(
        refused_line("token_keys: [{ env: KEY_32 }, { env: KEY_31 }]"),
        "FILE:22: checkout.token_keys: a key is too short: use 32 random characters or more"
    );
    assert_eq!(
        refused_line("token_keys: [{ env: MISSING }]"),
        "FILE:22: checkout.token_keys: environment variable `MISSING` is not set"
    );
    let literal = refused_line(&format!("token_keys: [{}]", "k".repeat(32)));
    assert!(
        literal.contains("must not stand in the file") && !literal.contains("kkk"),
        "{literal}"
    );
    let shared = "  ledger: { env: LEDGER }\n  orders: erp\n";
    assert_eq!(
        refused(shared),
        "FILE:19: checkout.token_keys: needed with PostgreSQL, whose replicas must accept each other's tokens: \
         write `[{ env: NAME }]`"
    );
    let setup = of(&format!("{shared}  token_keys: [{{ env: KEY_32 }}]\n")).expect("it fits");
    assert_eq!(
        setup.ledger.as_str(),
        "postgres://skuery:secret-password@db/skuery"
    );
    assert!(!format!("{:?}", setup.ledger).contains("secret"));
}

#[test]
fn the_ledger_is_a_file_or_a_database_and_its_password_is_elsewhere() {
    let ledger = |ledger: &str| refused(&format!("  ledger: {ledger}\n  orders: erp\n"));
    for nothing in ["'sqlite:'", "'sqlite::memory:'", "'sqlite://'"] {
        assert_eq!(
            ledger(nothing),
            "FILE:20: checkout.ledger: the ledger must outlive the process: name a file, such as `sqlite:ledger.db`"
        );
    }
    let form = "FILE:20: checkout.ledger: this is no address of a ledger, use `sqlite:PATH` or \
                `postgres://USER@HOST/DATABASE`";
    assert_eq!(ledger("ledger.db"), form);
    assert_eq!(ledger("{ env: NO_LEDGER }"), form);
    for password in [
        "postgres://a:hush@db/skuery",
        "postgres://db/skuery?password=hush",
    ] {
        let said = ledger(password);
        assert!(
            said.starts_with("FILE:20: checkout.ledger: a password must not stand in the file"),
            "{said}"
        );
        assert!(!said.contains("hush"));
    }
    assert_eq!(
        ledger("{ env: MISSING }"),
        "FILE:20: checkout.ledger: environment variable `MISSING` is not set"
    );
}

#[test]
fn unknown_keys_and_words_are_refused() {
    assert!(refused_line("colour: red").starts_with("FILE:22: "));
    assert!(refused_line("payment: { capture: sometimes }").starts_with("FILE:22: "));
}
