//! What a verified token says, whether that holds here and now (RFC 7519), and whose identity it makes.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::Algorithm;
use serde_json::Value;
use serde_json::value::RawValue;
use skuery_resolvers::commerce::identity::{Identity, Permissions};

use crate::identity::object::{Object, parse, seconds};
use crate::identity::refusal::Reason;

/// A token may be issued so much later than it is here: clocks differ, but no provider lives in tomorrow.
const ISSUED_AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// The longest customer number and the like, in bytes.
const MAX_NUMBER_BYTES: usize = 64;
/// The longest subject, in bytes.
const MAX_SUBJECT_BYTES: usize = 256;

/// What makes a token good, and where it says what. The configuration has checked them.
#[derive(Debug, PartialEq)]
pub struct Rules {
    /// Who must have issued it.
    pub issuer: String,
    /// For whom it must be: one of these.
    pub audience: Vec<String>,
    /// How it may be signed; asymmetric only.
    pub algorithms: Vec<Algorithm>,
    /// How far the provider's clock may be from ours.
    pub leeway: SignedDuration,
    /// The longest token.
    pub max_token_bytes: usize,
    /// Where the claims are.
    pub claims: ClaimPaths,
    /// Which words mean what.
    pub words: Words,
}

/// Where the token says what; what has no path is never in a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimPaths {
    /// The customer's number: text.
    pub customer: Option<ClaimPath>,
    /// The company's number: text.
    pub company: Option<ClaimPath>,
    /// A price list's code: text.
    pub price_list: Option<ClaimPath>,
    /// Names of channels: a list of texts, or one text.
    pub channels: Option<ClaimPath>,
    /// Words for permissions: a list of texts, or one with spaces between them.
    pub permissions: Option<ClaimPath>,
}

/// A path of names with dots between them, such as `company.number`. A name may hold dots itself
/// (`https://shop.example/customer`): the longest that is there is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(String);

/// The token's words for our permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Sees all orders of the company.
    pub approver: Vec<String>,
    /// Works for the merchant.
    pub staff: Vec<String>,
}

impl ClaimPath {
    /// Takes a path; `None` when a name in it is empty.
    pub fn parse(path: &str) -> Option<Self> {
        let is_path = path.split('.').all(|name| !name.is_empty());
        is_path.then(|| Self(path.to_owned()))
    }
}

/// The claims of a token whose signature is right.
pub(super) struct Claims<'t>(Object<'t>);

impl<'t> Claims<'t> {
    pub(super) fn read(payload: &'t [u8]) -> Result<Self, Reason> {
        let payload = parse(payload).ok_or(Reason::Malformed)?;
        Object::read(payload).map(Self).ok_or(Reason::UnusableClaim)
    }

    /// The claim at a path. `null` is as good as absent.
    fn at(&self, path: &ClaimPath) -> Result<Option<Value>, Reason> {
        match find(&self.0, &path.0)? {
            None => Ok(None),
            Some(value) => match serde_json::from_str(value.get()) {
                Ok(Value::Null) => Ok(None),
                Ok(value) => Ok(Some(value)),
                Err(_) => Err(Reason::UnusableClaim),
            },
        }
    }

    fn named(&self, name: &str) -> Result<Option<Value>, Reason> {
        self.at(&ClaimPath(name.to_owned()))
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, Reason> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => seconds(value.get()).ok_or(Reason::UnusableClaim).map(Some),
        }
    }

    /// Text that is fit to be somebody's number or a code.
    fn number(&self, path: Option<&ClaimPath>) -> Result<Option<String>, Reason> {
        let Some(path) = path else { return Ok(None) };
        match self.at(path)? {
            None => Ok(None),
            Some(Value::String(text)) if is_number(&text) => Ok(Some(text)),
            Some(_) => Err(Reason::UnusableClaim),
        }
    }

    /// A list of texts; one text is split by `split`.
    fn list(&self, path: Option<&ClaimPath>, split: fn(&str) -> Vec<String>) -> Result<Vec<String>, Reason> {
        let Some(path) = path else { return Ok(Vec::new()) };
        match self.at(path)? {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(split(&text)),
            Some(Value::Array(items)) => texts(items),
            Some(_) => Err(Reason::UnusableClaim),
        }
    }
}

/// The whole rest of the path first, then ever shorter beginnings of it.
fn find<'t>(object: &Object<'t>, path: &str) -> Result<Option<&'t RawValue>, Reason> {
    if let Some(value) = object.get(path) {
        return Ok(Some(value));
    }
    for (dot, _) in path.rmatch_indices('.') {
        if let Some(inner) = object.get(&path[..dot]) {
            if inner.get() == "null" {
                return Ok(None);
            }
            let inner = Object::read(inner).ok_or(Reason::UnusableClaim)?;
            return find(&inner, &path[dot + 1..]);
        }
    }
    Ok(None)
}

fn texts(items: Vec<Value>) -> Result<Vec<String>, Reason> {
    items
        .into_iter()
        .map(|item| match item {
            Value::String(text) => Ok(text),
            _ => Err(Reason::UnusableClaim),
        })
        .collect()
}

/// Whether this can be a customer's number: it goes into other systems' questions, into keys of caches and into logs.
pub(super) fn is_number(text: &str) -> bool {
    (1..=MAX_NUMBER_BYTES).contains(&text.len()) && text.trim() == text && !text.chars().any(char::is_control)
}

impl Rules {
    /// The identity that the claims make, when they hold at this moment.
    pub(super) fn identity(&self, claims: &Claims<'_>, now: Timestamp) -> Result<Identity, Reason> {
        self.issued_for_us(claims)?;
        let expires = self.valid_until(claims, now)?;
        let subject = match claims.named("sub")? {
            None => return Err(Reason::MissingClaim),
            Some(Value::String(text)) if is_subject(&text) => text,
            Some(_) => return Err(Reason::UnusableClaim),
        };
        let paths = &self.claims;
        let channels = claims.list(paths.channels.as_ref(), |text| vec![text.to_owned()])?;
        if !channels.iter().all(|name| is_number(name)) {
            return Err(Reason::UnusableClaim);
        }
        let words = claims.list(paths.permissions.as_ref(), |text| {
            text.split_ascii_whitespace().map(str::to_owned).collect()
        })?;
        let says_any = |ours: &[String]| words.iter().any(|word| ours.contains(word));
        Ok(Identity {
            subject: subject.into(),
            customer: claims.number(paths.customer.as_ref())?.as_deref().map(Into::into),
            company: claims.number(paths.company.as_ref())?.as_deref().map(Into::into),
            price_list: claims
                .number(paths.price_list.as_ref())?
                .as_deref()
                .map(Into::into),
            channels: channels.iter().map(|name| name.as_str().into()).collect(),
            permissions: Permissions {
                approver: says_any(&self.words.approver),
                staff: says_any(&self.words.staff),
            },
            expires,
        })
    }

    fn issued_for_us(&self, claims: &Claims<'_>) -> Result<(), Reason> {
        match claims.named("iss")? {
            Some(Value::String(issuer)) if issuer == self.issuer => {}
            _ => return Err(Reason::Issuer),
        }
        let audience = match claims.named("aud")? {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(items)) => texts(items)?,
            _ => return Err(Reason::Audience),
        };
        let is_ours = audience.iter().any(|name| self.audience.contains(name));
        is_ours.then_some(()).ok_or(Reason::Audience)
    }

    /// Until when it is accepted, leeway included.
    fn valid_until(&self, claims: &Claims<'_>, now: Timestamp) -> Result<Timestamp, Reason> {
        let later = |time: Timestamp, by: SignedDuration| time.saturating_add(by).unwrap_or(Timestamp::MAX);
        let expires = claims.time("exp")?.ok_or(Reason::MissingClaim)?;
        let end = later(expires, self.leeway);
        if end <= now {
            return Err(Reason::Expired);
        }
        let begins = claims.time("nbf")?;
        if begins.is_some_and(|begins| begins > later(now, self.leeway)) {
            return Err(Reason::NotYetValid);
        }
        let issued = claims.time("iat")?;
        if issued.is_some_and(|issued| issued > later(now, self.leeway + ISSUED_AHEAD)) {
            return Err(Reason::NotYetValid);
        }
        Ok(end)
    }
}

/// Whether it can stand in the audit log.
fn is_subject(text: &str) -> bool {
    (1..=MAX_SUBJECT_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
