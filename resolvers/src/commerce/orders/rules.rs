//! Which system is believed in what, where two know the same order.

use std::collections::BTreeMap;
use std::time::Duration;

use skuery_schema::ids::SystemName;

/// Fields of an order that are taken from one system together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldGroup {
    /// Number, system, time, channel; the order stands where this record stands.
    Identity,
    /// How far it is, with the system's own word.
    Status,
    /// Whether it is paid.
    PaymentStatus,
    /// Whether it is delivered.
    FulfillmentStatus,
    /// Its lines.
    Lines,
    /// Its sums.
    Totals,
    /// Its addresses.
    Addresses,
    /// Its shipments.
    Fulfillments,
    /// Its documents: of all systems, in this order.
    Documents,
    /// The customer's own reference.
    CustomerReference,
}

impl FieldGroup {
    /// Every group.
    pub const ALL: [Self; 10] = [
        Self::Identity,
        Self::Status,
        Self::PaymentStatus,
        Self::FulfillmentStatus,
        Self::Lines,
        Self::Totals,
        Self::Addresses,
        Self::Fulfillments,
        Self::Documents,
        Self::CustomerReference,
    ];

    /// The name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Status => "status",
            Self::PaymentStatus => "payment_status",
            Self::FulfillmentStatus => "fulfillment_status",
            Self::Lines => "lines",
            Self::Totals => "totals",
            Self::Addresses => "addresses",
            Self::Fulfillments => "fulfillments",
            Self::Documents => "documents",
            Self::CustomerReference => "customer_reference",
        }
    }
}

/// How the records of one order are put together.
#[derive(Clone, Debug)]
pub struct OrderRules {
    /// Systems, the most trusted first. Those not named follow in the order of their names.
    pub precedence: Vec<SystemName>,
    /// Systems that come before `precedence` for a group of fields.
    pub fields: BTreeMap<FieldGroup, Vec<SystemName>>,
    /// How far apart the records of one order may be placed.
    pub join_window: Duration,
}

impl Default for OrderRules {
    fn default() -> Self {
        Self {
            precedence: Vec::new(),
            fields: BTreeMap::new(),
            join_window: Duration::from_secs(72 * 3600),
        }
    }
}

impl OrderRules {
    /// Puts systems in their order of precedence.
    pub(crate) fn sort<T>(&self, systems: &mut [T], name: impl Fn(&T) -> &SystemName) {
        systems.sort_by_cached_key(|system| (place(&self.precedence, name(system)), name(system).clone()));
    }

    /// The rank of each of the systems in each group, from 0; `systems` is in order of precedence.
    pub(crate) fn ranks(&self, systems: &[SystemName]) -> Ranks {
        let of_group = |group: &FieldGroup| {
            let named = self.fields.get(group).map_or(&[][..], Vec::as_slice);
            let mut order: Vec<usize> = (0..systems.len()).collect();
            order.sort_by_key(|system| (place(named, &systems[*system]), *system));
            let mut ranks = vec![0; systems.len()];
            for (rank, system) in order.into_iter().enumerate() {
                ranks[system] = rank;
            }
            (*group, ranks)
        };
        Ranks(FieldGroup::ALL.iter().map(of_group).collect())
    }
}

fn place(named: &[SystemName], system: &SystemName) -> usize {
    named
        .iter()
        .position(|name| name == system)
        .unwrap_or(named.len())
}

/// The rank of each system in each group.
#[derive(Debug)]
pub(crate) struct Ranks(BTreeMap<FieldGroup, Vec<usize>>);

impl Ranks {
    pub(crate) fn of(&self, group: FieldGroup, system: usize) -> usize {
        let ranks = self.0.get(&group);
        ranks
            .and_then(|ranks| ranks.get(system))
            .copied()
            .unwrap_or(system)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_puts_its_own_systems_first_and_the_others_follow_the_general_order() {
        let names = |names: &[&str]| -> Vec<SystemName> {
            names.iter().map(|name| SystemName::from(*name)).collect()
        };
        let rules = OrderRules {
            precedence: names(&["oms", "erp"]),
            fields: BTreeMap::from([(FieldGroup::Status, names(&["pos", "erp"]))]),
            ..OrderRules::default()
        };
        let mut systems = names(&["web", "pos", "erp", "oms"]);
        rules.sort(&mut systems, |name| name);
        assert_eq!(
            systems,
            names(&["oms", "erp", "pos", "web"]),
            "the unnamed by name"
        );
        let ranks = rules.ranks(&systems);
        let of = |group| (0..4).map(|system| ranks.of(group, system)).collect::<Vec<_>>();
        assert_eq!(of(FieldGroup::Lines), [0, 1, 2, 3]);
        assert_eq!(of(FieldGroup::Status), [2, 1, 0, 3]);
    }
}
