//! Pages of products, and facets.

use std::collections::HashMap;
use std::sync::Arc;

use skuery_schema::catalog::{Category, CategoryContent};
use skuery_schema::error::FieldError;
use skuery_schema::ids::CategoryCode;
use skuery_schema::listing::ProductConnection;
use skuery_schema::lookup;

use crate::commerce::listing::{CursorsShown, Listing, Page, Window, connection, listing, window};
use crate::commerce::questions::Found;
use crate::commerce::request::{CommerceRequest, Next, Step, no_system, value};
use crate::commerce::scan::{Labels, Matches, facets};
use crate::engine::{Answer, Ask};
use crate::loader::Want;
use crate::port::{Search, SearchPage};

pub(super) enum PageStep {
    Search(Arc<Listing>, Window, CursorsShown, Found<Arc<SearchPage>>),
    Scan(Arc<Listing>, Window, CursorsShown, Found<Matches>),
    FacetMatches(Found<Matches>),
    FacetLabels {
        matches: Matches,
        categories: Vec<(Arc<str>, Found<Arc<CategoryContent>>)>,
        attributes: Vec<(Arc<str>, Found<Arc<str>>)>,
    },
}

impl PageStep {
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Search(_, _, _, found) => found.waits(),
            Self::Scan(_, _, _, found) | Self::FacetMatches(found) => found.waits(),
            Self::FacetLabels {
                categories,
                attributes,
                ..
            } => {
                categories.iter().any(|(_, found)| found.waits())
                    || attributes.iter().any(|(_, found)| found.waits())
            }
        }
    }
}

impl From<PageStep> for Next {
    fn from(step: PageStep) -> Self {
        Self::Then(Step::Page(step))
    }
}

impl CommerceRequest<'_> {
    pub(super) fn ask_page(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        if ask.lookup == lookup::FACETS {
            return self.facets(ask);
        }
        let abilities = match &self.gateway.loaders().catalog {
            Some(catalog) => catalog.abilities,
            None => return Err(no_system("CATALOG")),
        };
        let category = ask
            .parent
            .as_any()
            .downcast_ref::<Category>()
            .map(|category| category.code.clone());
        let first_paging_argument = if category.is_some() { 0 } else { 3 };
        let listing = Arc::new(listing(ask.args, category, abilities)?);
        let question = listing.question(&self.context.locales);
        let (page, cursors) = (self.gateway.limits().page, self.gateway.cursors());
        let window = window(ask.args, first_paging_argument, page, cursors, &question)?;
        let count = ask.selection.is_some_and(|selection| {
            selection.selects("totalCount") || (abilities.more_needs_count && selection.selects("pageInfo"))
        });
        let selects_in = |name, inner| {
            ask.selection
                .is_some_and(|selection| selection.selects_in(name, inner))
        };
        let cursors = CursorsShown {
            edges: selects_in("edges", "cursor"),
            ends: selects_in("pageInfo", "startCursor") || selects_in("pageInfo", "endCursor"),
        };
        let catalog = self.catalog_role()?;
        let search = Search {
            count,
            ..listing.search.clone()
        };
        Ok(match listing.page_of_search(&window) {
            Some((offset, limit)) => {
                let search = Search {
                    offset,
                    limit,
                    ..search
                };
                let found = catalog.searches.ask(&catalog.scoped, &search, Want::default());
                PageStep::Search(listing, window, cursors, found).into()
            }
            None => {
                let found = catalog
                    .scans
                    .ask(&catalog.scoped, &listing.search, Want::default());
                PageStep::Scan(listing, window, cursors, found).into()
            }
        })
    }

    pub(super) fn go_on_page(&mut self, step: PageStep) -> Result<Next, FieldError> {
        let questions = self.catalog_role()?;
        match step {
            PageStep::Search(listing, window, cursors, found) => {
                let found = value(&questions.searches, found)?;
                let page = found.map(|found| Page::of_search(&found, &window));
                Ok(self.page(listing, page, cursors))
            }
            PageStep::Scan(listing, window, cursors, found) => {
                let found = value(&questions.scans, found)?;
                let page = found.map(|matches| Page::of_matches(&matches, listing.order, &window));
                Ok(self.page(listing, page, cursors))
            }
            PageStep::FacetMatches(found) => match value(&questions.scans, found)? {
                Some(matches) => Ok(self.facet_labels(matches)?.into()),
                None => Ok(Answer::Null.into()),
            },
            PageStep::FacetLabels {
                matches,
                categories,
                attributes,
            } => {
                let mut category_names = HashMap::new();
                for (code, found) in categories {
                    if let Ok(Some(content)) = value(&questions.categories, found) {
                        category_names.insert(code, content.name.clone());
                    }
                }
                let mut attribute_names = HashMap::new();
                for (code, found) in attributes {
                    if let Ok(Some(label)) = value(&questions.labels, found) {
                        attribute_names.insert(code, label);
                    }
                }
                let labels = Labels {
                    categories: &category_names,
                    attributes: &attribute_names,
                };
                Ok(Answer::objects(facets(&matches, &labels)).into())
            }
        }
    }

    fn page(&self, listing: Arc<Listing>, page: Option<Page>, shown: CursorsShown) -> Next {
        match page {
            Some(page) => {
                let question = listing.question(&self.context.locales);
                let cursors = self.gateway.cursors();
                Answer::object(connection(listing, page, shown, |position| {
                    cursors.encode(&question, position)
                }))
                .into()
            }
            None => Answer::Null.into(),
        }
    }

    fn facets(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let page = ask.parent.as_any().downcast_ref::<ProductConnection>();
        let listing = page.and_then(|page| page.question.downcast_ref::<Listing>());
        let Some(listing) = listing else {
            return Ok(Answer::Null.into());
        };
        let search = listing.search.clone();
        let catalog = self.catalog_role()?;
        Ok(PageStep::FacetMatches(catalog.scans.ask(&catalog.scoped, &search, Want::default())).into())
    }

    /// The names of categories and attributes are not in the matches; one more wave brings them, all at once.
    fn facet_labels(&mut self, matches: Matches) -> Result<PageStep, FieldError> {
        let catalog = self.catalog_role()?;
        let mut categories: Vec<(Arc<str>, Found<Arc<CategoryContent>>)> = Vec::new();
        let mut attributes: Vec<(Arc<str>, Found<Arc<str>>)> = Vec::new();
        for (_, content) in matches.iter() {
            for code in &content.categories {
                if !categories.iter().any(|(known, _)| **known == *code.as_str()) {
                    let key = CategoryCode::from(code.as_str());
                    let found = catalog.categories.ask(&catalog.scoped, &key, Want::default());
                    categories.push((code.as_str().into(), found));
                }
            }
            for attribute in &content.attributes {
                if !attributes.iter().any(|(known, _)| *known == attribute.code) {
                    let found = catalog
                        .labels
                        .ask(&catalog.scoped, &attribute.code, Want::default());
                    attributes.push((attribute.code.clone(), found));
                }
            }
        }
        Ok(PageStep::FacetLabels {
            matches,
            categories,
            attributes,
        })
    }
}
