//! Random typed data for any tables: every object is a place to draw from, and every value is drawn from the place of its
//! object, its field and its arguments. The engine and the reference draw the same.

use std::any::Any;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, OnceLock};

use jiff::Timestamp;
use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use skuery_resolvers::engine::Answer;
use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::input::Args;
use skuery_schema::table::{List, Lookup, Object, ObjectType, SchemaTypes, Source, TypeRef, Value};

use crate::world::Seed;

/// Where a value is drawn from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) types: &'static SchemaTypes,
    /// With how often things fail, out of 256: errors, and null where it must not be.
    pub(crate) seed: Seed,
    /// How often there is nothing where that is allowed, out of 256.
    pub(crate) gaps: u8,
    /// The type that values of interfaces and unions have more often than others.
    pub(crate) favourite: Option<&'static str>,
}

/// What is to be drawn at a place.
enum Fate {
    Error,
    Null,
    Value,
}

/// How the message of an injected error begins; the rest tells it from others.
pub(crate) const INJECTED: &str = "injected \"\u{e5}\" ";

impl Place {
    pub(crate) fn at(self, tag: impl Hash) -> Self {
        Self {
            seed: self.seed.at(tag),
            ..self
        }
    }

    fn below(self, n: usize) -> usize {
        self.seed.below(n as u64) as usize
    }

    fn often(self, tag: &str, of_256: usize) -> bool {
        self.at(tag).below(256) < of_256
    }

    fn failures(self) -> usize {
        usize::from(self.seed.failures)
    }

    fn fate(self, ty: TypeRef<'_>) -> Fate {
        let gaps = if ty.non_null() { 0 } else { usize::from(self.gaps) };
        if self.often("fails", self.failures()) {
            Fate::Error
        } else if self.often("missing", gaps + self.failures()) {
            Fate::Null
        } else {
            Fate::Value
        }
    }

    /// Few items, none at times, and at times so many that the last has an index of two digits.
    fn length(self) -> usize {
        match self.at("length").below(32) {
            31 => 11,
            28..=30 => 0,
            few => 1 + few % 3,
        }
    }

    pub(crate) fn failure(self) -> FieldError {
        let codes = [
            ErrorCode::SystemUnavailable,
            ErrorCode::Internal,
            ErrorCode::BadUserInput,
        ];
        FieldError {
            code: codes[self.at("code").below(3)],
            message: format!("{INJECTED}{:x}", self.seed.hash).into(),
            system: (self.at("system").below(2) == 0).then(|| "erp \"1\"".into()),
            retryable: self.at("again").below(2) == 0,
        }
    }

    /// A value of an object, interface or union type; `None` for other types.
    fn object(self, name: &str) -> Option<Drawn> {
        let possible = self.types.possible(name);
        let favourite = possible.iter().find(|table| Some(table.name) == self.favourite);
        let table = match favourite.filter(|_| self.at("favourite").below(4) > 0) {
            Some(table) => *table,
            None => *possible.get(self.at("kind").below(possible.len().max(1)))?,
        };
        let form = match self.at("form").below(4) {
            0 | 1 if table.whole.is_some() => Form::Unknown,
            2 if table.whole.is_some() => Form::Known,
            _ => Form::Whole,
        };
        Some(Drawn::new(table, self, form))
    }

    fn value<'a>(self, ty: TypeRef<'_>) -> Value<'a> {
        match self.fate(ty) {
            Fate::Error => Value::Error(self.failure()),
            Fate::Null => Value::Null,
            Fate::Value => match (ty.item(), self.object(ty.name())) {
                (Some(item), _) => Value::Items(
                    (0..self.length())
                        .map(|index| self.at(index).value(item))
                        .collect(),
                ),
                (None, Some(object)) => Value::Made(Box::new(object)),
                (None, None) => self.scalar(ty.name()),
            },
        }
    }

    fn scalar<'a>(self, name: &str) -> Value<'a> {
        let number = self.at("scalar").below(1 << 20);
        if let Some(enumeration) = self.types.enumeration(name) {
            return Value::Name(enumeration.values[number % enumeration.values.len()].0);
        }
        match name {
            "Boolean" => Value::Boolean(number.is_multiple_of(2)),
            "Int" => Value::Int([0, -1, 7, 10, i32::MAX, i32::MIN, number as i32][number % 7]),
            "Decimal" => Value::Decimal(Decimal::new(
                [0, 1, -1, 100, number as i64, -(number as i64), i64::MAX][number % 7],
                (number / 7 % 9) as u32,
            )),
            "DateTime" => {
                Value::DateTime(Timestamp::from_nanosecond(INSTANTS[number % INSTANTS.len()]).unwrap())
            }
            "Date" => Value::Date(date(1999 + (number % 40) as i16, 2, 1 + (number % 28) as i8)),
            "URL" => Value::Text(format!("https://a.example/?q={number}&r=\u{e5}")),
            "JSON" => Value::Json(&JSON[number % JSON.len()]),
            _ if number.is_multiple_of(3) => Value::Str(TEXTS[number / 3 % TEXTS.len()]),
            _ => Value::Text(format!("{} {number}", TEXTS[number % TEXTS.len()])),
        }
    }

    /// The answer of a lookup whose field has this type.
    pub(crate) fn answer(self, ty: TypeRef<'_>) -> Answer {
        match self.fate(ty) {
            Fate::Error => return Answer::Error(self.failure()),
            Fate::Null => return Answer::Null,
            Fate::Value => {}
        }
        if self.often("flawed", self.failures()) {
            let value = self.at("of flawed").answer(ty);
            return Answer::Flawed(Arc::new((value, self.failure())));
        }
        let misfit = self.often("misfit", self.failures() / 8);
        match (ty.item(), self.object(ty.name())) {
            (Some(_), Some(object)) if misfit => Answer::object(object),
            (Some(item), _) => Answer::List(
                (0..self.length())
                    .map(|index| self.at(index).answer(item))
                    .collect(),
            ),
            (None, Some(_)) if misfit => match self.at("misfit").below(2) {
                0 => Answer::List(Arc::new([])),
                _ => Answer::object(Drawn::new(self.types.query(), self, Form::Whole)),
            },
            (None, Some(object)) => Answer::object(object),
            (None, None) => match self.scalar("String") {
                Value::Str(text) => Answer::Text(text.into()),
                Value::Text(text) => Answer::Text(text.into()),
                _ => unreachable!("a text is a text"),
            },
        }
    }

    /// What completes a reference of this type.
    pub(crate) fn completion(self, table: &'static ObjectType) -> Answer {
        match self.fate(TypeRef("Reference")) {
            Fate::Error => Answer::Error(self.failure()),
            Fate::Null => Answer::Null,
            Fate::Value if self.often("misfit", self.failures() / 8) => Answer::Text("no object".into()),
            Fate::Value => Answer::object(Drawn::new(table, self, Form::Whole)),
        }
    }
}

const INSTANTS: [i128; 5] = [
    0,
    1_700_000_000_000_000_000,
    1_700_000_000_120_000_000,
    1_700_000_000_000_000_001,
    -9_000_000_000_000_000_000,
];

const TEXTS: [&str; 8] = [
    "",
    "plain",
    "\"quoted\" and \\",
    "line\nbreak\ttab\r",
    "\u{0} \u{1f} \u{7f} \u{2028}",
    "\u{e5}\u{e4}\u{f6} \u{4f60}\u{597d}",
    "\u{1f9f0}\u{1f3fd}",
    "</script> {{ $x }} #",
];

static JSON: LazyLock<[Json; 6]> = LazyLock::new(|| {
    [
        Json::Null,
        json!({ "b": [1, null, "x\n"], "a": { "c": true, "aa": [] } }),
        json!([[], {}, "\u{1f9f0}", -1.5, 1e30]),
        json!("text"),
        json!(18_446_744_073_709_551_615_u64),
        json!(false),
    ]
});

/// Whether an object is all there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Whole,
    /// A reference to something that is known to exist.
    Known,
    /// A reference that may name nothing.
    Unknown,
}

/// An object of any type of the tables.
pub(crate) struct Drawn {
    table: &'static ObjectType,
    pub(crate) place: Place,
    form: Form,
    /// What it owns, by field, once it has been read.
    kept: Vec<OnceLock<Kept>>,
}

enum Kept {
    One(Drawn),
    Many(Items),
}

struct Items(Vec<Result<Option<Drawn>, FieldError>>);

impl List for Items {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn at(&self, index: usize) -> Value<'_> {
        match &self.0[index] {
            Ok(object) => Value::object(object.as_ref()),
            Err(error) => Value::Error(error.clone()),
        }
    }
}

impl Drawn {
    pub(crate) fn new(table: &'static ObjectType, place: Place, form: Form) -> Self {
        Self {
            table,
            place,
            form,
            kept: table.fields.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// The same object once more.
    pub(crate) fn again(&self) -> Self {
        Self::new(self.table, self.place, self.form)
    }

    /// A value that the object owns; `None` where its type is none that can be owned.
    fn owned(&self, field: usize, ty: TypeRef<'_>, place: Place) -> Option<Value<'_>> {
        let item = ty.item();
        if item.is_some_and(|item| item.item().is_some()) || self.place.types.possible(ty.name()).is_empty() {
            return None;
        }
        let kept = self.kept[field].get_or_init(|| match item {
            None => Kept::One(place.object(ty.name()).unwrap()),
            Some(item) => Kept::Many(Items(
                (0..place.length())
                    .map(|index| {
                        let place = place.at(index);
                        match place.fate(item) {
                            Fate::Error => Err(place.failure()),
                            Fate::Null => Ok(None),
                            Fate::Value => Ok(place.object(item.name())),
                        }
                    })
                    .collect(),
            )),
        });
        Some(match kept {
            Kept::One(object) => Value::Object(object),
            Kept::Many(items) => Value::List(items),
        })
    }
}

impl Object for Drawn {
    fn object_type(&self) -> &'static ObjectType {
        self.table
    }

    fn read<'a>(&'a self, field: usize, args: &Args) -> Value<'a> {
        let table = &self.table.fields[field];
        match table.source {
            Source::Own => {}
            Source::Whole => assert!(self.is_whole(), "{} of a bare reference is read", table.name),
            Source::Live(_) => panic!("{} is live, and is read", table.name),
        }
        let place = self.place.at((field, format!("{args:?}")));
        let ty = TypeRef(table.ty);
        if table.args.is_empty()
            && place.at("owned").below(2) == 0
            && matches!(place.fate(ty), Fate::Value)
            && let Some(value) = self.owned(field, ty, place)
        {
            return value;
        }
        place.value(ty)
    }

    fn is_whole(&self) -> bool {
        self.form == Form::Whole
    }

    fn is_known(&self) -> bool {
        self.form != Form::Unknown
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The place of an object; a root is drawn from `root`.
fn place_of(object: &dyn Object, root: Place) -> Place {
    object
        .as_any()
        .downcast_ref::<Drawn>()
        .map_or(root, |drawn| drawn.place)
}

/// One question: the lookup, where its object is drawn from, and the arguments.
pub(crate) type Question = (u16, u64, String);

pub(crate) fn question(lookup: Lookup, parent: &dyn Object, args: &Args, root: Place) -> Question {
    (lookup.0, place_of(parent, root).seed.hash, format!("{args:?}"))
}

/// What a lookup answers: the same for the same question.
pub(crate) fn answer(lookup: Lookup, parent: &dyn Object, args: &Args, root: Place) -> Answer {
    let place = place_of(parent, root).at((lookup, format!("{args:?}")));
    let table = parent.object_type();
    if table.whole == Some(lookup) {
        return place.completion(table);
    }
    place.answer(TypeRef(type_of(place.types, lookup)))
}

/// The type of the fields that a lookup answers: the strictest, where it answers several.
fn type_of(types: &SchemaTypes, lookup: Lookup) -> &'static str {
    let fields = types.objects.iter().flat_map(|object| object.fields);
    fields
        .filter(|field| field.source == Source::Live(lookup))
        .map(|field| field.ty)
        .max_by_key(|ty| ty.matches('!').count())
        .unwrap()
}
