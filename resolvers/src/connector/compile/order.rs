//! What a mapping of orders must hold to be asked safely: whose orders it asks for, and that their owner can be checked.

use crate::connector::machine::Lookup;
use crate::connector::mapping::{Ability, LookupSpec, Protocol};
use crate::port::PortLookup;

const OF_SEARCH: [(Ability, &str); 6] = [
    (Ability::Text, "text"),
    (Ability::Categories, "categories"),
    (Ability::Brands, "brands"),
    (Ability::Attributes, "attributes"),
    (Ability::UpdatedSince, "updated_since"),
    (Ability::Count, "count"),
];

const OF_ORDERS: [(Ability, &str); 2] = [(Ability::Company, "company"), (Ability::Reference, "reference")];

/// Refuses abilities of another lookup.
pub(super) fn check_abilities(lookup: PortLookup, spec: &LookupSpec) -> Result<(), String> {
    let known: &[(Ability, &str)] = match lookup {
        PortLookup::Search => &OF_SEARCH,
        PortLookup::Orders | PortLookup::PastOrders => &OF_ORDERS,
        _ => &[],
    };
    let mut given = spec.abilities.iter().chain(spec.ability_needs.keys());
    match given.find(|ability| !known.iter().any(|(known, _)| known == *ability)) {
        None => Ok(()),
        Some(_) if known.is_empty() => Err("abilities: this lookup has none".to_owned()),
        Some(ability) => {
            let all = OF_SEARCH.iter().chain(&OF_ORDERS);
            let name = all.clone().find(|(known, _)| known == ability).map(|it| it.1);
            let known: Vec<&str> = known.iter().map(|(_, name)| *name).collect();
            Err(format!(
                "abilities: `{}` is not one of this lookup's, use {}",
                name.unwrap_or_default(),
                known.join(", ")
            ))
        }
    }
}

/// Checks a compiled lookup of orders or documents; others pass.
pub(super) fn check(lookup: &Lookup, protocol: Protocol) -> Result<(), String> {
    match lookup.lookup {
        PortLookup::Orders | PortLookup::PastOrders => orders(lookup),
        PortLookup::Document if protocol == Protocol::Jsonrpc => {
            Err("a document is handed on as it is, which jsonrpc cannot".to_owned())
        }
        _ => Ok(()),
    }
}

/// Without these variables somebody else's orders, or always the same ones, would be asked for.
fn orders(lookup: &Lookup) -> Result<(), String> {
    let mut needed = vec!["customer", "number", "paging"];
    for (ability, name) in OF_ORDERS {
        if lookup.abilities.contains(&ability) {
            needed.push(name);
        }
    }
    for name in needed {
        if !lookup.questions.iter().any(|question| question.asks(name)) {
            return Err(format!(
                "request: no request makes use of `{name}`, so it could not be asked for"
            ));
        }
    }
    for question in &lookup.questions {
        let has = |name| question.answer.record.fields.has(name);
        if lookup.abilities.contains(&Ability::Company) && !has("company") {
            return Err("answer.fields.company: missing, the ability `company` needs it".to_owned());
        }
        if lookup.abilities.contains(&Ability::Reference) && !has("references") {
            return Err("answer.fields.references: missing, the ability `reference` needs it".to_owned());
        }
        if question.answer.paging.page_size.is_some() {
            return Err("answer.paging.page_size: orders are asked for by `paging.limit`".to_owned());
        }
    }
    Ok(())
}
