//! The orders port's questions as sources of loaders. Whose orders they are is the scope, and, because the port must say it
//! to the system, the group too; nothing but `scoped` makes the two, so that they always agree.

use std::sync::Arc;

use jiff::SignedDuration;
use skuery_schema::ids::SystemName;

use crate::commerce::gateway::Policies;
use crate::commerce::orders::assemble::Assembly;
use crate::commerce::orders::merge::MergeSource;
use crate::commerce::orders::rules::{FieldGroup, OrderRules};
use crate::commerce::sources::is_same_port;
use crate::commerce::written::Written;
use crate::loader::{Loader, LoaderCounters, Scope, Scoped, Source};
use crate::port::orders::{
    DocumentRecord, FulfillmentRecord, OrderAbilities, OrderList, OrderPage, OrderQuestion, Orders, Owner,
    Which,
};
use crate::port::{Answers, ByKey, Call, PortLookup};

/// The most orders that one question asks for; a connector turns the pages of its system itself.
pub(crate) const MOST_ORDERS: usize = 250;

/// The scope and group of an owner's orders.
pub(crate) fn scoped(owner: &Owner) -> Scoped<Owner> {
    let scope = match owner {
        Owner::Customer(number) => Scope::Customer(number.clone()),
        Owner::Company(number) => Scope::Company(number.clone()),
    };
    Scoped::new(scope, owner.clone())
}

/// Orders of one list of one system.
pub(crate) struct OrderSource {
    port: Arc<dyn Orders>,
    list: OrderList,
}

impl OrderSource {
    fn lookup(&self) -> PortLookup {
        match self.list {
            OrderList::Orders => PortLookup::Orders,
            OrderList::Past => PortLookup::PastOrders,
        }
    }
}

impl Source for OrderSource {
    type Group = Owner;
    type Key = OrderQuestion;
    type Value = Arc<OrderPage>;

    fn system(&self) -> &SystemName {
        self.port.system()
    }

    fn operation(&self) -> &'static str {
        self.lookup().as_str()
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same_port(&self.port, &other.port) && self.list == other.list
    }

    fn can_exist(&self, question: &OrderQuestion) -> bool {
        match &question.which {
            Which::Placed { .. } => true,
            Which::Number(number) | Which::Reference(number) => number.is_writable(),
        }
    }

    /// One question is one call.
    fn max_keys(&self) -> usize {
        1
    }

    fn fetch<'a>(
        &'a self,
        call: Call,
        owner: &'a Owner,
        keys: &'a [OrderQuestion],
    ) -> Answers<'a, OrderQuestion, Arc<OrderPage>> {
        Box::pin(async move {
            let mut answers = ByKey::default();
            for question in keys {
                let page = self.port.orders(call, owner, question).await?;
                answers.insert(question.clone(), Ok(Arc::new(page)));
            }
            Ok(answers)
        })
    }

    fn has_large_answers(&self) -> bool {
        true
    }

    fn weight(&self, page: &Arc<OrderPage>) -> usize {
        let lines: usize = page.orders.iter().map(|order| order.lines.len()).sum();
        256 + page.orders.len() * 1024 + lines * 512
    }
}

/// Shipments by order number.
pub(crate) struct FulfillmentSource(Arc<dyn Orders>);

impl Source for FulfillmentSource {
    type Group = Owner;
    type Key = Arc<str>;
    type Value = Arc<[FulfillmentRecord]>;

    fn system(&self) -> &SystemName {
        self.0.system()
    }

    fn operation(&self) -> &'static str {
        PortLookup::OrderFulfillments.as_str()
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same_port(&self.0, &other.0)
    }

    fn can_exist(&self, number: &Arc<str>) -> bool {
        number.is_writable()
    }

    fn max_keys(&self) -> usize {
        self.0.max_keys(PortLookup::OrderFulfillments)
    }

    fn fetch<'a>(
        &'a self,
        call: Call,
        owner: &'a Owner,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[FulfillmentRecord]>> {
        self.0.fulfillments(call, owner, keys)
    }

    fn weight(&self, records: &Arc<[FulfillmentRecord]>) -> usize {
        let parts = records
            .iter()
            .map(|record| record.lines.len() + record.tracking.len());
        128 + records.len() * 256 + parts.sum::<usize>() * 128
    }
}

/// Documents by order number.
pub(crate) struct DocumentSource(Arc<dyn Orders>);

impl Source for DocumentSource {
    type Group = Owner;
    type Key = Arc<str>;
    type Value = Arc<[DocumentRecord]>;

    fn system(&self) -> &SystemName {
        self.0.system()
    }

    fn operation(&self) -> &'static str {
        PortLookup::OrderDocuments.as_str()
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same_port(&self.0, &other.0)
    }

    fn can_exist(&self, number: &Arc<str>) -> bool {
        number.is_writable()
    }

    fn max_keys(&self) -> usize {
        self.0.max_keys(PortLookup::OrderDocuments)
    }

    fn fetch<'a>(
        &'a self,
        call: Call,
        owner: &'a Owner,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[DocumentRecord]>> {
        self.0.documents(call, owner, keys)
    }

    fn weight(&self, records: &Arc<[DocumentRecord]>) -> usize {
        64 + records.len() * 256
    }
}

// ---------------------------------------------------------------- loaders

/// All systems with orders, in order of precedence.
pub(crate) struct OrderLoaders {
    pub(crate) systems: Vec<OrderSystem>,
    pub(crate) assembly: Arc<Assembly>,
    pub(crate) join_window: SignedDuration,
}

/// One system with orders.
pub(crate) struct OrderSystem {
    pub(crate) name: SystemName,
    pub(crate) abilities: OrderAbilities,
    pub(crate) lists: Vec<OrderListLoader>,
    pub(crate) fulfillments: Option<Loader<FulfillmentSource>>,
    pub(crate) documents: Option<Loader<DocumentSource>>,
}

/// One list of a system.
pub(crate) struct OrderListLoader {
    pub(crate) list: OrderList,
    pub(crate) loader: Loader<OrderSource>,
}

impl OrderLoaders {
    pub(crate) fn new<'a>(
        ports: impl Iterator<Item = &'a Arc<dyn Orders>>,
        policies: &Policies,
        rules: &OrderRules,
        earlier: Option<&Self>,
    ) -> Self {
        let earlier = earlier.map_or(&[][..], |earlier| &earlier.systems);
        let system = |port: &Arc<dyn Orders>| {
            let earlier = earlier.iter().find(|system| system.name == *port.system());
            OrderSystem::new(port, policies, earlier)
        };
        let mut systems: Vec<OrderSystem> = ports.map(system).collect();
        rules.sort(&mut systems, |system| &system.name);
        let names: Vec<SystemName> = systems.iter().map(|system| system.name.clone()).collect();
        Self {
            systems,
            assembly: Arc::new(Assembly {
                ranks: rules.ranks(&names),
                systems: names,
            }),
            join_window: SignedDuration::try_from(rules.join_window).unwrap_or(SignedDuration::MAX),
        }
    }

    /// The lists that can be asked for an owner's orders, in the order of precedence of identity.
    pub(crate) fn sources(&self, owner: &Owner) -> Vec<MergeSource> {
        let mut systems: Vec<usize> = (0..self.systems.len())
            .filter(|system| self.systems[*system].can_list(owner))
            .collect();
        systems.sort_by_key(|system| self.assembly.ranks.of(FieldGroup::Identity, *system));
        let of_system = |system: usize| {
            let OrderSystem { name, lists, .. } = &self.systems[system];
            lists.iter().map(move |list| MergeSource {
                system,
                name: name.clone(),
                list: list.list,
                most: MOST_ORDERS,
            })
        };
        systems.into_iter().flat_map(of_system).collect()
    }

    /// Forgets an owner's orders, and those of every company, as any of them may have the same order.
    pub(crate) fn forget(&self, owner: &Scope) {
        fn of<S: Source>(loader: &Loader<S>, owner: &Scope) {
            loader.forget_scope(owner);
            loader.forget_companies();
        }
        for system in &self.systems {
            system.lists.iter().for_each(|list| of(&list.loader, owner));
            system.fulfillments.iter().for_each(|loader| of(loader, owner));
            system.documents.iter().for_each(|loader| of(loader, owner));
        }
    }

    /// Every loader's counters, with its system and operation.
    pub(crate) fn counters(&self) -> Vec<(&SystemName, &'static str, &LoaderCounters)> {
        fn of<S: Source>(loader: &Loader<S>) -> (&SystemName, &'static str, &LoaderCounters) {
            (
                loader.source().system(),
                loader.source().operation(),
                loader.counters(),
            )
        }
        let mut all = Vec::new();
        for system in &self.systems {
            all.extend(system.lists.iter().map(|list| of(&list.loader)));
            all.extend(system.fulfillments.iter().map(of));
            all.extend(system.documents.iter().map(of));
        }
        all
    }
}

impl OrderSystem {
    fn new(port: &Arc<dyn Orders>, policies: &Policies, earlier: Option<&Self>) -> Self {
        let policy = || policies.orders.clone();
        let abilities = port.order_abilities();
        let lists = [OrderList::Orders, OrderList::Past];
        let lists = lists.into_iter().take(1 + usize::from(abilities.past));
        let list = |list| {
            let source = OrderSource {
                port: port.clone(),
                list,
            };
            let earlier = earlier.and_then(|earlier| earlier.lists.iter().find(|it| it.list == list));
            let earlier = earlier.map(|earlier| &earlier.loader);
            OrderListLoader {
                list,
                loader: Loader::following(source, policy(), earlier),
            }
        };
        Self {
            name: port.system().clone(),
            abilities,
            lists: lists.map(list).collect(),
            fulfillments: abilities.fulfillments.then(|| {
                let earlier = earlier.and_then(|earlier| earlier.fulfillments.as_ref());
                Loader::following(FulfillmentSource(port.clone()), policy(), earlier)
            }),
            documents: abilities.documents.then(|| {
                let earlier = earlier.and_then(|earlier| earlier.documents.as_ref());
                Loader::following(DocumentSource(port.clone()), policy(), earlier)
            }),
        }
    }

    /// Whether it can be asked for this owner's orders.
    pub(crate) fn can_list(&self, owner: &Owner) -> bool {
        match owner {
            Owner::Customer(_) => true,
            Owner::Company(_) => self.abilities.company,
        }
    }
}
