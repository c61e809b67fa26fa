//! One value of an answer, wherever it is kept: in a document, or made by a mapping as JSON of its own.

use serde_json::{Map, Number, Value as Json};

use crate::connector::document::{Document, Kind};

/// A value to look at; copying it copies nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node<'a> {
    Read(&'a Document, u32),
    Made(&'a Json),
}

/// What a path or a filter leads to.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    At(Node<'a>),
    Made(Box<Json>),
}

/// A value by its type. A number is its digits.
#[derive(Clone, Debug)]
pub(crate) enum View<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(&'a str),
    List(Items<'a>),
    Object(Members<'a>),
}

impl<'a> Node<'a> {
    pub(crate) fn view(self) -> View<'a> {
        match self {
            Self::Read(document, at) => match document.kind(at) {
                Kind::Null => View::Null,
                Kind::False => View::Bool(false),
                Kind::True => View::Bool(true),
                Kind::Number => View::Number(document.text(at)),
                Kind::Text => View::Text(document.text(at)),
                Kind::List => View::List(Items::Read(Rest::of(document, at))),
                Kind::Object | Kind::Large => View::Object(Members::Read(Rest::of(document, at))),
            },
            Self::Made(Json::Null) => View::Null,
            Self::Made(Json::Bool(switch)) => View::Bool(*switch),
            Self::Made(Json::Number(number)) => View::Number(number.as_str()),
            Self::Made(Json::String(text)) => View::Text(text),
            Self::Made(Json::Array(items)) => View::List(Items::Made(items.iter())),
            Self::Made(Json::Object(members)) => View::Object(Members::Made(members.iter())),
        }
    }

    /// A member of an object.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        match self {
            Self::Read(document, at) => document.member(at, name).map(|at| Self::Read(document, at)),
            Self::Made(json) => json.get(name).map(Self::Made),
        }
    }

    pub(crate) fn is_null(self) -> bool {
        match self {
            Self::Read(document, at) => document.kind(at) == Kind::Null,
            Self::Made(json) => json.is_null(),
        }
    }

    pub(crate) fn as_str(self) -> Option<&'a str> {
        match self {
            Self::Read(document, at) => (document.kind(at) == Kind::Text).then(|| document.text(at)),
            Self::Made(json) => json.as_str(),
        }
    }

    /// A whole number.
    pub(crate) fn as_i64(self) -> Option<i64> {
        match self.view() {
            View::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn as_u64(self) -> Option<u64> {
        match self.view() {
            View::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The elements of a list.
    pub(crate) fn items(self) -> Option<Items<'a>> {
        match self.view() {
            View::List(items) => Some(items),
            _ => None,
        }
    }

    /// The members of an object, in order.
    pub(crate) fn members(self) -> Option<Members<'a>> {
        match self.view() {
            View::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Whether it is this value; the order of members does not count, the digits of numbers do.
    pub(crate) fn is(self, json: &Json) -> bool {
        match (self.view(), json) {
            (View::Null, Json::Null) => true,
            (View::Bool(one), Json::Bool(other)) => one == *other,
            (View::Number(digits), Json::Number(number)) => is_number(digits, number),
            (View::Text(one), Json::String(other)) => one == other,
            (View::List(items), Json::Array(others)) => {
                items.len() == others.len() && items.zip(others).all(|(item, other)| item.is(other))
            }
            (View::Object(members), Json::Object(others)) => {
                members.len() == others.len()
                    && members
                        .into_iter()
                        .all(|(name, member)| others.get(name).is_some_and(|other| member.is(other)))
            }
            _ => false,
        }
    }

    /// A copy of its own, for what needs one.
    pub(crate) fn to_json(self) -> Json {
        if let Self::Made(json) = self {
            return json.clone();
        }
        match self.view() {
            View::Null => Json::Null,
            View::Bool(switch) => Json::Bool(switch),
            View::Number(digits) => digits.parse().map_or(Json::Null, Json::Number),
            View::Text(text) => Json::String(text.to_owned()),
            View::List(items) => Json::Array(items.map(Self::to_json).collect()),
            View::Object(members) => {
                let members = members.map(|(name, member)| (name.to_owned(), member.to_json()));
                Json::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

impl<'a> From<&'a Json> for Node<'a> {
    fn from(json: &'a Json) -> Self {
        Self::Made(json)
    }
}

impl Found<'_> {
    pub(crate) fn made(json: Json) -> Self {
        Self::Made(Box::new(json))
    }

    pub(crate) fn node(&self) -> Node<'_> {
        match self {
            Self::At(node) => *node,
            Self::Made(json) => Node::Made(json),
        }
    }
}

impl<'a> Found<'a> {
    /// The elements of a list.
    pub(crate) fn into_items(self) -> Option<Vec<Self>> {
        match self {
            Self::At(node) => Some(node.items()?.map(Found::At).collect()),
            Self::Made(json) => match *json {
                Json::Array(items) => Some(items.into_iter().map(Found::made).collect()),
                _ => None,
            },
        }
    }
}

/// What is left of a list or object in a document.
#[derive(Clone, Debug)]
pub(crate) struct Rest<'a> {
    document: &'a Document,
    at: u32,
    left: u32,
}

impl<'a> Rest<'a> {
    fn of(document: &'a Document, container: u32) -> Self {
        Self {
            document,
            at: container + 1,
            left: document.len(container),
        }
    }

    /// The place of the next value, which lies so many entries on.
    fn step(&mut self, on: u32) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        let at = self.at + on;
        self.at = self.document.after(at);
        Some(at)
    }
}

/// The elements of a list.
#[derive(Clone, Debug)]
pub(crate) enum Items<'a> {
    Read(Rest<'a>),
    Made(std::slice::Iter<'a, Json>),
}

impl<'a> Iterator for Items<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        match self {
            Self::Read(rest) => rest.step(0).map(|at| Node::Read(rest.document, at)),
            Self::Made(items) => items.next().map(Node::Made),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match self {
            Self::Read(rest) => rest.left as usize,
            Self::Made(items) => items.len(),
        };
        (len, Some(len))
    }
}

impl ExactSizeIterator for Items<'_> {}

/// serde_json writes exponents in a way of its own: `1E5` is `1e+5`.
fn is_number(digits: &str, number: &Number) -> bool {
    let is_so_written = || digits.parse::<Number>().is_ok_and(|written| written == *number);
    digits == number.as_str() || digits.contains(['e', 'E']) && is_so_written()
}

/// The members of an object.
#[derive(Clone, Debug)]
pub(crate) enum Members<'a> {
    Read(Rest<'a>),
    Made(serde_json::map::Iter<'a>),
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Read(rest) => {
                let at = rest.step(1)?;
                Some((rest.document.text(at - 1), Node::Read(rest.document, at)))
            }
            Self::Made(members) => members
                .next()
                .map(|(name, json)| (name.as_str(), Node::Made(json))),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match self {
            Self::Read(rest) => rest.left as usize,
            Self::Made(members) => members.len(),
        };
        (len, Some(len))
    }
}

impl ExactSizeIterator for Members<'_> {}
