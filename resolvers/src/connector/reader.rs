//! Reads a record's values out of one row of an answer.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use skuery_schema::catalog::{Attribute, Media, MediaKind, ProductOption, SelectedOption};
use url::Url;

use crate::connector::convert;
use crate::connector::field::{Field, Source};
use crate::connector::languages::Chain;
use crate::connector::mapping::ReadAs;
use crate::connector::nested::{Constants, RecordPlan};
use crate::connector::node::{Items, Node, View};
use crate::connector::value_list::ValueList;
use crate::door::fault::Fault;

/// A text and, where it depends on the language, our name of the language it is in.
pub(crate) type Localized = (Arc<str>, Option<Arc<str>>);

/// One row, what is the same for all rows of the call, and the languages wanted.
pub(crate) struct Reader<'a> {
    pub(crate) record: &'a RecordPlan,
    pub(crate) row: Node<'a>,
    pub(crate) constants: &'a Constants,
    pub(crate) chain: &'a Chain,
    pub(crate) values: Option<ValueList<'a>>,
}

impl Reader<'_> {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.record.fields.has(name)
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<Arc<str>>, Fault> {
        Ok(self.localized(name)?.map(|(text, _)| text))
    }

    pub(crate) fn localized(&self, name: &str) -> Result<Option<Localized>, Fault> {
        let Some((place, field)) = self.record.fields.find(name) else {
            return Ok(None);
        };
        read_text(field, self, self.constants.at(place)).map_err(|fault| fault.at(name))
    }

    /// A text that is only looked at, which spares a copy.
    pub(crate) fn seen<T>(&self, name: &str, see: impl Fn(&str) -> T) -> Result<Option<T>, Fault> {
        let field = self.record.fields.get(name);
        if field.is_some_and(Field::depends_on_language) {
            return Ok(self.text(name)?.map(|text| see(&text)));
        }
        self.read(name, |_, json| convert::plain(json).map(&see))
    }

    /// A text that is not empty.
    pub(crate) fn filled(&self, name: &str) -> Result<Option<Arc<str>>, Fault> {
        Ok(self.text(name)?.filter(|text| !text.is_empty()))
    }

    /// A text that must be there.
    pub(crate) fn needed(&self, name: &str) -> Result<Arc<str>, Fault> {
        self.filled(name)?
            .ok_or_else(|| Fault::invalid_value(format!("a record has no {name}")))
    }

    pub(crate) fn decimal(&self, name: &str) -> Result<Option<Decimal>, Fault> {
        self.read(name, |field, json| match field.read_as {
            ReadAs::DecimalText => convert::decimal_text(json),
            _ => convert::decimal(json),
        })
    }

    pub(crate) fn switch(&self, name: &str) -> Result<Option<bool>, Fault> {
        self.read(name, |_, json| convert::switch(json))
    }

    pub(crate) fn date(&self, name: &str) -> Result<Option<Date>, Fault> {
        self.read(name, |_, json| convert::date(json))
    }

    pub(crate) fn timestamp(&self, name: &str) -> Result<Option<Timestamp>, Fault> {
        self.read(name, |_, json| convert::timestamp(json))
    }

    /// A point in time; a day begins in UTC.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<Timestamp>, Fault> {
        self.read(name, |field, json| match field.read_as {
            ReadAs::Date => convert::midnight(convert::date(json)?),
            ReadAs::Unix => convert::unix(json),
            _ => convert::timestamp(json),
        })
    }

    /// Whether a value counts smallest units of its currency.
    pub(crate) fn is_minor(&self, name: &str) -> bool {
        let field = self.record.fields.get(name);
        field.is_some_and(|field| field.read_as == ReadAs::MinorUnits)
    }

    /// Whether a value is read as a day, so that the hour is unknown.
    pub(crate) fn is_day(&self, name: &str) -> bool {
        let field = self.record.fields.get(name);
        field.is_some_and(|field| field.read_as == ReadAs::Date)
    }

    /// An address of the web; anything else, such as a script, is none.
    pub(crate) fn link(&self, name: &str) -> Result<Option<Arc<str>>, Fault> {
        match (self.record.fields.get(name), self.filled(name)?) {
            (Some(field), Some(value)) => Ok(linked(field, &value)?.map(Arc::from)),
            _ => Ok(None),
        }
    }

    /// The records of a list inside this one, in order; `None` where the mapping does not name the list. What `read` has
    /// nothing for is left out, more than `most` are refused.
    pub(crate) fn records<T>(
        &self,
        name: &str,
        most: usize,
        read: impl Fn(&Reader<'_>) -> Result<Option<T>, Fault>,
    ) -> Result<Option<Vec<T>>, Fault> {
        let Some(list) = self.record.lists.get(name) else {
            return Ok(None);
        };
        let found = list.find(self.row).map_err(|fault| fault.at(name))?;
        let found = found.as_ref().map(|found| found.node());
        let (one, several) = match found.map(|found| (found, found.view())) {
            None => (None, None),
            Some((_, View::List(rows))) => (None, Some(rows)),
            Some((one, View::Object(_))) => (Some(one), None),
            Some(_) => return Err(Fault::invalid_value("a value is not a list").at(name)),
        };
        let count = several.as_ref().map_or(usize::from(one.is_some()), Items::len);
        if count > most {
            return Err(Fault::invalid_answer(format!("more than {most} of them")).at(name));
        }
        let mut records = Vec::with_capacity(count);
        for row in one.into_iter().chain(several.into_iter().flatten()) {
            let reader = Reader {
                record: &list.record,
                row,
                constants: self.constants.of(name),
                chain: self.chain,
                values: None,
            };
            records.extend(read(&reader).map_err(|fault| fault.at(name))?);
        }
        Ok(Some(records))
    }

    pub(crate) fn list(&self, name: &str) -> Result<Option<Vec<Arc<str>>>, Fault> {
        if let Some(field) = self.record.fields.get(name)
            && let Source::Attribute(code) = &field.source
        {
            let data = self.values.and_then(|values| values.data(values.of(code)?));
            return data.map(|(data, _)| convert::list(data)).transpose();
        }
        self.read(name, |_, json| convert::list(json))
    }

    pub(crate) fn attributes(&self) -> Vec<Attribute> {
        self.each("attributes", |values, code, entries| {
            Some(values.attribute(code, entries))
        })
    }

    pub(crate) fn options(&self) -> Vec<ProductOption> {
        let Some(field) = self.record.fields.get("options") else {
            return Vec::new();
        };
        let Source::Attributes(Some(codes)) = &field.source else {
            return Vec::new();
        };
        codes
            .iter()
            .map(|code| ProductOption {
                code: Arc::from(code.as_str()),
                label: Arc::from(code.as_str()),
                values: Vec::new(),
            })
            .collect()
    }

    pub(crate) fn selected_options(&self) -> Vec<SelectedOption> {
        self.each("options", |values, code, entries| {
            let (value, _) = values.text(entries)?;
            Some(SelectedOption {
                code: Arc::from(code),
                label: Arc::from(code),
                value,
            })
        })
    }

    /// Addresses; those that are none are left out, since a broken picture is no broken product.
    pub(crate) fn media(&self) -> Result<Vec<Media>, Fault> {
        let Some(field) = self.record.fields.get("media") else {
            return Ok(Vec::new());
        };
        let mut addresses = Vec::new();
        match &field.source {
            Source::Attributes(_) => {
                for address in self.each("media", |values, _, entries| values.data(entries)) {
                    addresses.extend(convert::list(address.0).unwrap_or_default());
                }
            }
            _ => addresses.extend(self.list("media")?.unwrap_or_default()),
        }
        let mut media = Vec::with_capacity(addresses.len());
        for address in addresses {
            media.extend(self.medium(field, &address)?);
        }
        Ok(media)
    }

    fn medium(&self, field: &Field, address: &str) -> Result<Option<Media>, Fault> {
        Ok(linked(field, address)?.map(|url| Media {
            kind: kind(&url),
            url: Arc::from(url),
            alt_text: None,
            width: None,
            height: None,
        }))
    }

    fn each<'v, T>(
        &'v self,
        name: &str,
        read: impl Fn(&ValueList<'v>, &'v str, Node<'v>) -> Option<T>,
    ) -> Vec<T> {
        let (Some(field), Some(values)) = (self.record.fields.get(name), &self.values) else {
            return Vec::new();
        };
        match &field.source {
            Source::Attributes(None) => values
                .all()
                .filter_map(|(code, entries)| read(values, code, entries))
                .collect(),
            Source::Attributes(Some(codes)) => codes
                .iter()
                .filter_map(|code| read(values, code, values.of(code)?))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn read<T>(
        &self,
        name: &str,
        convert: impl Fn(&Field, Node<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let Some((place, field)) = self.record.fields.find(name) else {
            return Ok(None);
        };
        let raw = field.raw(self.row, self.constants.at(place));
        let value = raw.and_then(|found| found.map(|found| convert(field, found.node())).transpose());
        value.map_err(|fault| fault.at(name))
    }
}

/// An address as the field's `link` makes it; `None` where that is no address of the web.
fn linked(field: &Field, value: &str) -> Result<Option<String>, Fault> {
    let url = match &field.link {
        Some(link) => link.filled("value", value)?.unwrap_or_default(),
        None => value.to_owned(),
    };
    let is_address = Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    Ok(is_address.then_some(url))
}

/// Reads a text field of a row; also used for an item's key.
pub(crate) fn read_text(
    field: &Field,
    reader: &Reader<'_>,
    constant: Option<&Json>,
) -> Result<Option<Localized>, Fault> {
    if let Source::Attribute(code) = &field.source {
        return Ok(reader.values.and_then(|values| values.text(values.of(code)?)));
    }
    let Some(raw) = field.raw(reader.row, constant)? else {
        return Ok(None);
    };
    if field.read_as == ReadAs::Localized {
        return Ok(reader
            .chain
            .pick(raw.node())
            .map(|(text, language)| (text, Some(language))));
    }
    Ok(Some((convert::text(raw.node())?, None)))
}

fn kind(url: &str) -> MediaKind {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    match path.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("mp4" | "webm" | "mov") => MediaKind::Video,
        Some("pdf" | "doc" | "docx" | "zip") => MediaKind::Document,
        _ => MediaKind::Image,
    }
}
