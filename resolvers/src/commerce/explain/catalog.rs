//! What lookups of the catalogue ask and bring.

use skuery_schema::input::{Args, Input};
use skuery_schema::lookup;
use skuery_schema::node_id::NodeId;

use crate::commerce::explain::assumed;
use crate::commerce::explain::sources::KnownCatalog;
use crate::commerce::explain::tally::Question;
use crate::commerce::explain::walk::{Asking, Objects, Path, State, Told, Walk, mix, public};
use crate::commerce::listing::USUAL_PAGE;
use crate::commerce::scan::Order;

/// Sets that are the same wherever they are asked for.
const ROOTS: u64 = 11;
const FACET_CATEGORIES: u64 = 12;
const FACET_ATTRIBUTES: u64 = 13;
/// Beside the set of objects: what belongs to them.
const VARIANTS: u64 = 14;
const MATCHES: u64 = 15;
const ABOVE: u64 = 16;
/// The key that asks for the roots.
const NO_PARENT: u64 = 17;

/// Which products of a list are asked for.
struct Window {
    size: u64,
    /// Whether the system's own search answers.
    is_search: bool,
    /// Whether it may begin between two pages of the system.
    is_shifted: bool,
}

impl<T: Told> Walk<'_, T> {
    pub(super) fn ask_catalog(&mut self, ask: &Asking<'_>, path: &Path<'_>) {
        let Objects { count, time, set, .. } = ask.objects;
        let found = match ask.lookup {
            lookup::VARIANT_BY_SKU => Objects::new(1, time, ask.set()),
            lookup::VARIANTS => Objects::new(keys(ask.args), time, ask.set()),
            _ => {
                let Some(catalog) = &self.sources.catalog else {
                    return;
                };
                match ask.lookup {
                    lookup::PRODUCT_BY => self.product_by(catalog, ask, path),
                    lookup::PRODUCTS | lookup::CATEGORY_PRODUCTS => self.listing(catalog, ask, path),
                    lookup::FACETS => return self.facets(catalog, ask.objects, path),
                    lookup::CATEGORY_BY => Objects::new(1, time, ask.set()),
                    lookup::CATEGORY_ROOTS => {
                        self.tell(public(catalog.children, NO_PARENT, 1, time), path);
                        Objects::new(assumed::ROOTS, time + 1, ROOTS).whole()
                    }
                    lookup::CATEGORY_CHILDREN => {
                        self.tell(public(catalog.children, set, count, time), path);
                        let children = assumed::CHILDREN.by(count);
                        Objects::new(children, time + 1, ask.set()).whole()
                    }
                    lookup::CATEGORY_PATH => self.path(catalog, ask.objects, path),
                    lookup::PRODUCT_VARIANTS => self.variants(catalog, ask.objects, path),
                    lookup::ATTRIBUTE_LABEL => {
                        let different = ask.objects.different;
                        return self.tell(public(catalog.labels, set, different, time), path);
                    }
                    // What is not asked of any system.
                    _ => return,
                }
            }
        };
        self.visit(ask.selection(), found, path);
    }

    /// Objects by ID, as far as the IDs can be of anything.
    pub(super) fn ask_nodes(&mut self, ask: &Asking<'_>, path: &Path<'_>) {
        let ids = match ask.args.get(0) {
            Some(Input::List(ids)) => ids.as_slice(),
            Some(one @ Input::Text(_)) => std::slice::from_ref(one),
            _ => return,
        };
        let types = ids.iter().filter_map(Input::as_text);
        let types: Vec<String> = types
            .filter_map(|id| NodeId::decode(id))
            .map(|id| id.type_name)
            .collect();
        for selection in ask
            .selection()
            .into_iter()
            .flat_map(|selection| &selection.by_type)
        {
            let name = selection.object.name;
            let count = types.iter().filter(|of| **of == name).count() as u64;
            let time = ask.objects.time;
            let found = match name {
                "Order" => match self.orders_by_number(ask, count, time, path) {
                    Some(found) => found,
                    None => continue,
                },
                // Customers are only shown to themselves.
                "Customer" if self.own_customer().is_none() => continue,
                "Customer" => self.own(count.min(1), time),
                _ => Objects::new(count, time, mix(ask.set(), selection.object.fields.len() as u64)),
            };
            self.fields(selection, found, path);
        }
    }

    fn product_by(&mut self, catalog: &KnownCatalog, ask: &Asking<'_>, path: &Path<'_>) -> Objects {
        let has = |name| ask.args.get(0).and_then(|by| by.field(name)).is_some();
        let (time, set) = (ask.objects.time, ask.set());
        let product = Objects::new(1, time, set);
        if has("id") {
            return product;
        }
        let later = Objects::new(1, time + 1, set);
        if has("slug") {
            self.tell(public(catalog.by_slug, set, 1, time), path);
            return later.whole();
        }
        self.tell(public(catalog.variants, set, 1, time), path);
        later
    }

    /// The variants of products, and where they are asked for.
    pub(super) fn variants(&mut self, catalog: &KnownCatalog, products: Objects, path: &Path<'_>) -> Objects {
        let count = assumed::VARIANTS.by(products.count);
        let set = mix(products.set, VARIANTS);
        if products.state == State::Whole && catalog.names_variants {
            return Objects::new(count, products.time, set).known();
        }
        self.tell(
            public(catalog.variants_of, products.set, products.count, products.time),
            path,
        );
        Objects::new(count, products.time + 1, set).whole()
    }

    /// The category itself is asked for first, then its parent, and so on.
    fn path(&mut self, catalog: &KnownCatalog, below: Objects, path: &Path<'_>) -> Objects {
        let Objects { count, time, set, .. } = below;
        self.tell(public(catalog.categories, set, count, time), path);
        let above = u64::from(assumed::LEVELS - 1);
        let calls = self.sources.of(catalog.categories).calls(count);
        let parents = Question {
            rounds: assumed::LEVELS,
            calls: Some(calls.saturating_mul(above)),
            ..public(
                catalog.categories,
                mix(set, ABOVE),
                count.saturating_mul(above),
                time,
            )
        };
        self.tell(parents, path);
        let levels = count.saturating_mul(above + 1);
        Objects::new(levels, time + 1, mix(set, ABOVE)).whole()
    }

    // ------------------------------------------------------------ lists

    fn listing(&mut self, catalog: &KnownCatalog, ask: &Asking<'_>, path: &Path<'_>) -> Objects {
        let Objects { count, time, .. } = ask.objects;
        let (paging, sort) = match ask.lookup {
            lookup::CATEGORY_PRODUCTS => (0, 4),
            _ => (3, 2),
        };
        let Some(window) = window(ask.args, paging, sort, self.gateway.limits().page) else {
            return Objects::new(0, time, 0);
        };
        let set = ask.set();
        match window.is_search {
            true => {
                let effort = self.sources.of(catalog.searches).effort;
                let counts = ask.selects("totalCount")
                    || (catalog.abilities.more_needs_count && ask.selects("pageInfo"));
                let each = 1
                    + u64::from(effort.whole_pages && window.is_shifted)
                    + u64::from(effort.counts_apart && counts);
                let calls = Some(count.saturating_mul(each));
                let search = public(catalog.searches, set, count, time);
                self.tell(Question { calls, ..search }, path);
            }
            false => self.tell(scan(catalog, set, count, time), path),
        }
        Objects {
            items: window.size,
            is_scanned: !window.is_search,
            ..Objects::new(count, time + 1, set)
        }
    }

    fn facets(&mut self, catalog: &KnownCatalog, lists: Objects, path: &Path<'_>) {
        self.tell(scan(catalog, lists.set, lists.count, lists.time), path);
        let is_kept = lists.is_scanned && self.sources.of(catalog.scans).keeps();
        let time = match is_kept {
            true => lists.time,
            false => lists.time + 1,
        };
        let categories = public(
            catalog.categories,
            FACET_CATEGORIES,
            assumed::FACET_CATEGORIES,
            time,
        );
        self.tell(categories, path);
        self.tell(
            public(catalog.labels, FACET_ATTRIBUTES, assumed::ATTRIBUTES, time),
            path,
        );
    }
}

/// How many keys the first argument lists.
fn keys(args: &Args) -> u64 {
    match args.get(0) {
        Some(Input::List(keys)) => keys.len() as u64,
        _ => 0,
    }
}

/// All matches, read page by page.
fn scan(catalog: &KnownCatalog, list: u64, count: u64, time: u32) -> Question {
    Question {
        calls: Some(count.saturating_mul(catalog.scan_calls)),
        ..public(catalog.scans, mix(list, MATCHES), count, time)
    }
}

/// `None` where the arguments are refused.
fn window(args: &Args, paging: usize, sort: usize, most: usize) -> Option<Window> {
    let size = |at: usize| match args.int(at) {
        None => Some(None),
        Some(size) => match usize::try_from(size) {
            Ok(size) if size <= most => Some(Some(size as u64)),
            _ => None,
        },
    };
    let (first, last) = (size(paging)?, size(paging + 2)?);
    let has = |at: usize| args.text(at).is_some();
    let (after, before) = (has(paging + 1), has(paging + 3));
    let is_last = first.is_none() && last.is_some() && !before;
    let is_relevance = args
        .text(sort)
        .is_none_or(|sort| Order::parse(sort) == Order::Relevance);
    let all = first.or(last).unwrap_or(USUAL_PAGE.min(most) as u64);
    Some(Window {
        size: last.map_or(all, |last| last.min(all)),
        is_search: is_relevance && !is_last,
        is_shifted: after || before,
    })
}
