//! What an answer means, compiled: where failures hide, where items and rows are, which key they belong to.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};
use smallvec::{SmallVec, smallvec};

use crate::connector::act::is_act;
use crate::connector::build::constant_value;
use crate::connector::convert;
use crate::connector::decode;
use crate::connector::document::Document;
use crate::connector::field::Field;
use crate::connector::languages::Chain;
use crate::connector::mapping::{AnswerSpec, FailureKind, FailureSpec, PagingSpec};
use crate::connector::nested::{Constants, RecordPlan};
use crate::connector::node::{Found, Node, View};
use crate::connector::path::Path;
use crate::connector::reader::{Reader, read_text};
use crate::connector::record::{Shape, record};
use crate::connector::value_list::ValueList;
use crate::connector::vars::Vars;
use crate::door::Reply;
use crate::door::fault::Fault;
use crate::error::ErrorKind;
use crate::port::PortLookup;

/// Pages of one answer when the mapping does not bound them.
const PAGES: usize = 20;

#[derive(Debug)]
pub(crate) struct AnswerPlan {
    items: Path,
    /// `None` where nothing is asked by key.
    key: Option<Field>,
    rows: Option<Path>,
    single: bool,
    value_list: Option<Path>,
    scope: Option<String>,
    pub(crate) record: RecordPlan,
    pub(crate) paging: Paging,
    pub(crate) total: Option<Path>,
}

#[derive(Debug)]
pub(crate) struct Paging {
    pub(crate) next: Option<Path>,
    pub(crate) page_size: Option<usize>,
    pub(crate) whole_pages: bool,
    pub(crate) max_pages: usize,
}

/// A sign of failure inside a successful answer.
#[derive(Debug)]
pub(crate) struct Failure {
    path: Path,
    is: Option<Json>,
    kind: ErrorKind,
}

impl Failure {
    pub(crate) fn new(spec: &FailureSpec) -> Result<Self, String> {
        Ok(Self {
            path: Path::new(&spec.path)?,
            is: spec.is.clone(),
            kind: match spec.kind {
                FailureKind::Rejected => ErrorKind::Rejected,
                FailureKind::Overloaded => ErrorKind::Overloaded,
                FailureKind::Unavailable => ErrorKind::Unavailable,
            },
        })
    }

    fn happened(&self, answer: Node<'_>) -> bool {
        match (self.path.find(answer), &self.is) {
            (None, _) => false,
            (Some(found), Some(is)) => found.node().is(is),
            (Some(found), None) => !found.node().is_null(),
        }
    }
}

/// The JSON of a reply, or why it is none: read once, by the rules of the whole mapping.
pub(crate) fn read(reply: Reply, failures: &[Failure], is_rpc: bool) -> Result<Document, Fault> {
    understood(decode::json(reply)?, failures, is_rpc)
}

/// The answer that a reply's JSON holds, or the failure it reports.
pub(crate) fn understood(answer: Document, failures: &[Failure], is_rpc: bool) -> Result<Document, Fault> {
    for failure in failures {
        if failure.happened(answer.root()) {
            return Err(Fault::new(failure.kind, "the answer reports a failure"));
        }
    }
    if !is_rpc {
        return Ok(answer);
    }
    if answer.root().get("error").is_some_and(|error| !error.is_null()) {
        return Err(Fault::new(ErrorKind::Rejected, "the answer reports a failure"));
    }
    answer
        .only("result")
        .ok_or_else(|| Fault::invalid_answer("the answer has neither result nor error"))
}

impl AnswerPlan {
    pub(crate) fn new(
        spec: &AnswerSpec,
        lookup: PortLookup,
        single: bool,
        settings: &Map<String, Json>,
    ) -> Result<Self, String> {
        let path = |source: &Option<String>| source.as_deref().map(Path::new).transpose();
        Ok(Self {
            items: Path::new(&spec.items)?,
            key: key(spec, lookup, settings)?,
            single,
            rows: path(&spec.rows)?,
            value_list: path(&spec.value_list)?,
            scope: scope(spec, settings)?,
            record: values(spec, lookup, settings)?,
            paging: paging(spec.paging.as_ref())?,
            total: path(&spec.total)?,
        })
    }

    /// The items of a page. A page without the place where they should be is no answer.
    pub(crate) fn items<'a>(&self, page: impl Into<Node<'a>>) -> Result<Vec<Found<'a>>, Fault> {
        let missing = || Fault::invalid_answer("the answer has no list where one should be");
        match self.items.find(page).ok_or_else(missing)? {
            // A single record where one key was asked by its own address.
            Found::At(one) if self.single && matches!(one.view(), View::Object(_)) => {
                Ok(vec![Found::At(one)])
            }
            found => found.into_items().ok_or_else(missing),
        }
    }

    /// The key an item belongs to.
    pub(crate) fn key<'a>(&'a self, item: Node<'a>, chain: &'a Chain) -> Result<Option<Cow<'a, str>>, Fault> {
        static NONE: Constants = Constants::none();
        let Some(key) = &self.key else {
            return Ok(None);
        };
        if !key.depends_on_language() {
            return match key.raw(item, None)? {
                Some(Found::At(found)) => Ok(Some(Cow::Borrowed(convert::plain(found)?))),
                Some(Found::Made(made)) => Ok(Some(Cow::Owned(convert::plain((&*made).into())?.to_owned()))),
                None => Ok(None),
            };
        }
        let text = read_text(key, &self.reader(item, item, &NONE, chain), None)?;
        Ok(text.map(|(text, _)| Cow::Owned(text.to_string())))
    }

    /// What is the same in every row of a call.
    pub(crate) fn constants(&self, vars: &Vars) -> Result<Constants, Fault> {
        self.record.constants(vars)
    }

    /// The rows inside an item.
    pub(crate) fn rows<'a>(&self, item: Node<'a>) -> Result<SmallVec<[Found<'a>; 1]>, Fault> {
        let Some(rows) = &self.rows else {
            return Ok(smallvec![Found::At(item)]);
        };
        match rows.find(item).map(Found::into_items) {
            None => Ok(SmallVec::new()),
            Some(Some(rows)) => Ok(rows.into()),
            Some(None) => Err(Fault::invalid_answer("an item's rows are no list")),
        }
    }

    pub(crate) fn reader<'a>(
        &'a self,
        item: Node<'a>,
        row: Node<'a>,
        constants: &'a Constants,
        chain: &'a Chain,
    ) -> Reader<'a> {
        let list = self.value_list.as_ref().and_then(|path| path.find(item));
        let values = match list {
            Some(Found::At(list)) => ValueList::new(list, self.scope.as_deref(), chain),
            _ => None,
        };
        Reader {
            record: &self.record,
            row,
            constants,
            chain,
            values,
        }
    }
}

fn scope(spec: &AnswerSpec, settings: &Map<String, Json>) -> Result<Option<String>, String> {
    let Some(scope) = &spec.scope else {
        return Ok(None);
    };
    match constant_value(scope, settings)? {
        Some(Json::String(scope)) => Ok(Some(scope)),
        Some(_) => Err("answer.scope: not a text".to_owned()),
        None => Ok(None),
    }
}

/// Orders are asked for by owner, and a document is not read at all; everything else is matched by key.
fn key(spec: &AnswerSpec, lookup: PortLookup, settings: &Map<String, Json>) -> Result<Option<Field>, String> {
    let keyless = matches!(
        lookup,
        PortLookup::Orders | PortLookup::PastOrders | PortLookup::Document
    );
    if keyless || (is_act(lookup) && lookup != PortLookup::PlacedOrders) {
        return match &spec.key {
            None => Ok(None),
            Some(_) => Err(format!("answer.key: {} are not asked by key", lookup.as_str())),
        };
    }
    let key = spec.key.as_ref().ok_or("answer.key: missing")?;
    if key.default.is_some() || key.value.is_some() {
        return Err("answer.key: comes from the answer, not from `value` or `default`".to_owned());
    }
    Field::new(key, Shape::Text, settings)
        .map_err(|problem| format!("answer.key: {problem}"))?
        .ok_or("answer.key: needs a setting that is not given".to_owned())
        .map(Some)
}

fn values(spec: &AnswerSpec, lookup: PortLookup, settings: &Map<String, Json>) -> Result<RecordPlan, String> {
    let values = RecordPlan::new(&spec.fields, &spec.lists, record(lookup), settings)
        .map_err(|problem| format!("answer.{problem}"))?;
    let prices = ["price", "list_price", "net", "gross"];
    if lookup == PortLookup::Prices && !prices.iter().any(|name| values.fields.has(name)) {
        return Err(format!("answer.fields: needs one of {}", prices.join(", ")));
    }
    Ok(values)
}

fn paging(spec: Option<&PagingSpec>) -> Result<Paging, String> {
    let spec = spec.cloned().unwrap_or_default();
    if spec.page_size == Some(0) || spec.max_pages == Some(0) {
        return Err("answer.paging: 0 is not allowed".to_owned());
    }
    Ok(Paging {
        next: spec.next.as_deref().map(Path::new).transpose()?,
        page_size: spec.page_size,
        whole_pages: spec.whole_pages,
        max_pages: spec.max_pages.unwrap_or(PAGES),
    })
}
