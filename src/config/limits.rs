//! The section `limits`: what one request may hold, take and ask for.

use std::time::Duration;

use serde::Deserialize;
use skuery_resolvers::commerce::gateway::Limits;
use skuery_resolvers::screen;

/// Bounds of requests.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// The largest request body, in bytes.
    pub body_bytes: usize,
    /// The longest query of a URL, in bytes.
    pub url_bytes: usize,
    /// The longest document, in bytes.
    pub document_bytes: usize,
    /// The most tokens of a document: names, numbers, texts and punctuation.
    pub tokens: usize,
    /// The most selection sets in each other.
    pub selection_nesting: usize,
    /// The most lists and objects in each other in one value of a document.
    pub literal_nesting: usize,
    /// The most aliases of an operation.
    pub aliases: usize,
    /// The most fields that an operation selects at its root.
    pub root_fields: usize,
    /// The most directives in one place.
    pub directives_per_place: usize,
    /// The most directives of a document.
    pub directives: usize,
    /// The most fields, inline fragments and spreads of an operation, each fragment put in its place.
    pub selections: usize,
    /// The most operations of a document.
    pub document_operations: usize,
    /// The most fragments that a document defines.
    pub document_fragments: usize,
    /// The most variables that an operation declares or a request gives.
    pub variables: usize,
    /// The longest JSON of variables, in bytes.
    pub variables_bytes: usize,
    /// The most lists and objects in each other in the variables.
    pub variables_nesting: usize,
    /// The most items of one list, in a document or in variables.
    pub keys: usize,
    /// The most entries of one page of a list.
    pub page_size: usize,
    /// The most products that are read to sort a list or to count its facets.
    pub scan_products: usize,
    /// The most orders that one request reads of one list of one system.
    pub scan_orders: usize,
    /// The most calls of systems that one operation may need.
    pub cost_calls: u64,
    /// The most keys in these calls.
    pub cost_keys: u64,
    /// How long one request may take.
    pub deadline_ms: u64,
    /// The most memory for prepared operations, in MiB.
    pub operations_mib: u32,
    /// The most connections at once.
    pub connections: usize,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let screen = screen::Limits::default();
        Self {
            body_bytes: 1_048_576,
            url_bytes: 16_384,
            document_bytes: screen.document_bytes,
            tokens: screen.tokens,
            selection_nesting: screen.selection_nesting,
            literal_nesting: screen.literal_nesting,
            aliases: screen.aliases,
            root_fields: screen.root_fields,
            directives_per_place: screen.directives_per_place,
            directives: screen.directives,
            selections: screen.selections,
            document_operations: screen.document_operations,
            document_fragments: screen.document_fragments,
            variables: screen.variables,
            variables_bytes: screen.variables_bytes,
            variables_nesting: screen.variables_nesting,
            keys: screen.keys,
            page_size: MOST_PAGE,
            scan_products: 5_000,
            scan_orders: 1_000,
            cost_calls: 500,
            cost_keys: 20_000,
            deadline_ms: 5_000,
            operations_mib: 32,
            connections: 10_000,
        }
    }
}

/// The web server reads no longer head of a request, of which the URL is one part.
const MOST_URL_BYTES: usize = 49_152;
/// What the schema promises clients that a page may have; a gateway may only allow less.
const MOST_PAGE: usize = 100;
/// The parser follows no more selection sets into each other.
const MOST_SELECTION_NESTING: usize = 64;
/// The parsers of documents and of JSON recurse over nested values; so deep, that is nothing to their stacks.
const MOST_VALUE_NESTING: usize = 100;

impl LimitsConfig {
    /// Refuses limits that mean nothing, or that would not protect; the error is the key and what is wrong with it.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let any = usize::MAX;
        let bounds = [
            ("body_bytes", self.body_bytes, any),
            ("url_bytes", self.url_bytes, MOST_URL_BYTES),
            ("document_bytes", self.document_bytes, any),
            ("tokens", self.tokens, any),
            (
                "selection_nesting",
                self.selection_nesting,
                MOST_SELECTION_NESTING,
            ),
            ("literal_nesting", self.literal_nesting, MOST_VALUE_NESTING),
            ("aliases", self.aliases, any),
            ("root_fields", self.root_fields, any),
            ("directives_per_place", self.directives_per_place, any),
            ("directives", self.directives, any),
            ("selections", self.selections, any),
            ("document_operations", self.document_operations, any),
            ("document_fragments", self.document_fragments, any),
            ("variables", self.variables, any),
            ("variables_bytes", self.variables_bytes, any),
            ("variables_nesting", self.variables_nesting, MOST_VALUE_NESTING),
            ("keys", self.keys, any),
            ("page_size", self.page_size, MOST_PAGE),
            ("scan_products", self.scan_products, any),
            ("scan_orders", self.scan_orders, any),
            ("cost_calls", usize::try_from(self.cost_calls).unwrap_or(any), any),
            ("cost_keys", usize::try_from(self.cost_keys).unwrap_or(any), any),
            (
                "deadline_ms",
                usize::try_from(self.deadline_ms).unwrap_or(any),
                any,
            ),
            (
                "operations_mib",
                usize::try_from(self.operations_mib).unwrap_or(any),
                any,
            ),
            ("connections", self.connections, any),
        ];
        for (name, given, most) in bounds {
            let allowed = match most == any {
                true => "use 1 or more".to_owned(),
                false => format!("use 1 to {most}"),
            };
            if given == 0 || given > most {
                return Err((
                    format!("limits.{name}"),
                    format!("{given} is not allowed, {allowed}"),
                ));
            }
        }
        Ok(())
    }

    /// The limits of the gateway; the others are the web server's.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            page: self.page_size,
            scan: self.scan_products,
            scan_orders: self.scan_orders,
            operation_bytes: u64::from(self.operations_mib) * 1_048_576,
            deadline: Duration::from_millis(self.deadline_ms),
            cost_calls: self.cost_calls,
            cost_keys: self.cost_keys,
            screen: screen::Limits {
                document_bytes: self.document_bytes,
                tokens: self.tokens,
                selection_nesting: self.selection_nesting,
                literal_nesting: self.literal_nesting,
                keys: self.keys,
                aliases: self.aliases,
                root_fields: self.root_fields,
                directives_per_place: self.directives_per_place,
                directives: self.directives,
                selections: self.selections,
                document_operations: self.document_operations,
                document_fragments: self.document_fragments,
                variables: self.variables,
                variables_bytes: self.variables_bytes,
                variables_nesting: self.variables_nesting,
            },
        }
    }
}
