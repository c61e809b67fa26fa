//! Requests compiled from a mapping: REST or JSON-RPC, every inserted value escaped for its place.

use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value as Json, json};
use url::Url;

use crate::connector::mapping::{QueryValue, RequestSpec, SpecialValue};
use crate::connector::template::{Target, Template};
use crate::connector::tree::Tree;
use crate::connector::vars::{NAMES, Vars};
use crate::door::fault::Fault;
use crate::error::ErrorKind;

/// A compiled request.
#[derive(Debug)]
pub(crate) struct RequestPlan {
    method: Method,
    path: Vec<Template>,
    query: Vec<(String, QueryPlan)>,
    headers: Vec<(HeaderName, Template)>,
    body: BodyPlan,
}

#[derive(Debug)]
enum QueryPlan {
    Text(Template),
    Each(Template),
    Json(Tree),
}

#[derive(Debug)]
enum BodyPlan {
    None,
    Json(Tree),
    Form(Vec<(String, QueryPlan)>),
    Rpc { method: String, params: Tree },
}

/// A request ready to be sent, without what the door adds.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
}

/// What a request may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It only asks.
    Read,
    /// It may change something.
    Write,
}

impl Purpose {
    fn method(self, name: &str) -> Result<Method, String> {
        match (self, name) {
            (_, "GET") => Ok(Method::GET),
            (_, "POST") => Ok(Method::POST),
            (Self::Write, "PUT") => Ok(Method::PUT),
            (Self::Write, "PATCH") => Ok(Method::PATCH),
            (Self::Write, "DELETE") => Ok(Method::DELETE),
            (Self::Read, other) => Err(format!("method: `{other}` is not allowed, use GET or POST")),
            (Self::Write, other) => Err(format!(
                "method: `{other}` is not allowed, use GET, POST, PUT, PATCH or DELETE"
            )),
        }
    }
}

impl RequestPlan {
    /// A REST request; `common` are the headers of every request.
    pub(crate) fn rest<'a>(
        spec: &'a RequestSpec,
        common: impl Iterator<Item = (&'a String, &'a String)>,
        purpose: Purpose,
    ) -> Result<Self, String> {
        if spec.call.is_some() || spec.params.is_some() {
            return Err("`call` and `params` belong to jsonrpc".to_owned());
        }
        let body = body(spec)?;
        let method = match spec.method.as_deref() {
            None if matches!(body, BodyPlan::None) => Method::GET,
            None => Method::POST,
            Some(name) => purpose.method(name)?,
        };
        let path = spec.path.as_deref().ok_or("path: missing")?;
        Ok(Self {
            method,
            path: segments(path).map_err(at("path"))?,
            query: pairs(&spec.query)?,
            headers: headers(common.chain(&spec.headers))?,
            body,
        })
    }

    /// A JSON-RPC call to `path`.
    pub(crate) fn rpc<'a>(
        spec: &'a RequestSpec,
        path: &str,
        common: impl Iterator<Item = (&'a String, &'a String)>,
    ) -> Result<Self, String> {
        let rest_only =
            spec.method.is_some() || spec.path.is_some() || spec.body.is_some() || !spec.query.is_empty();
        if rest_only || !spec.form.is_empty() {
            return Err("`method`, `path`, `query`, `body` and `form` belong to rest".to_owned());
        }
        let method = spec.call.clone().ok_or("call: missing")?;
        let params = spec.params.clone().unwrap_or_else(|| json!([]));
        Ok(Self {
            method: Method::POST,
            path: segments(path).map_err(at("rpc_path"))?,
            query: Vec::new(),
            headers: headers(common.chain(&spec.headers))?,
            body: BodyPlan::Rpc {
                method,
                params: Tree::new(&params, &NAMES).map_err(at("params"))?,
            },
        })
    }

    /// Whether it only asks, whatever its purpose.
    pub(crate) fn is_get(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether any part of it names this variable.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let in_query = |plan: &QueryPlan| match plan {
            QueryPlan::Text(template) | QueryPlan::Each(template) => template.uses(name),
            QueryPlan::Json(tree) => tree.uses(name),
        };
        let in_body = match &self.body {
            BodyPlan::None => false,
            BodyPlan::Form(pairs) => pairs.iter().any(|(_, plan)| in_query(plan)),
            BodyPlan::Json(tree) | BodyPlan::Rpc { params: tree, .. } => tree.uses(name),
        };
        in_body
            || self.path.iter().any(|segment| segment.uses(name))
            || self.query.iter().any(|(_, plan)| in_query(plan))
            || self.headers.iter().any(|(_, template)| template.uses(name))
    }

    /// Fills in one call's variables.
    pub(crate) fn prepare(&self, base: &Url, vars: &Vars) -> Result<Prepared, Fault> {
        let url = self.url(base, vars)?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, template) in &self.headers {
            if let Some(text) = template.text(vars.template())? {
                let value = HeaderValue::from_str(&text)
                    .map_err(|_| unwritable("a header holds a forbidden character"))?;
                headers.insert(name.clone(), value);
            }
        }
        let body = self.render_body(vars)?;
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type()));
        }
        Ok(Prepared {
            method: self.method.clone(),
            url,
            headers,
            body,
        })
    }

    fn url(&self, base: &Url, vars: &Vars) -> Result<Url, Fault> {
        let mut url = base.clone();
        url.set_path(&self.render_path(base, vars)?);
        let query = render_pairs(&self.query, vars)?;
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        Ok(url)
    }

    fn render_path(&self, base: &Url, vars: &Vars) -> Result<String, Fault> {
        let mut path = base.path().trim_end_matches('/').to_owned();
        for segment in &self.path {
            let segment = segment
                .text(vars.template())?
                .ok_or_else(|| unwritable("a piece of the path is undefined"))?;
            // A URL parser would walk upwards on these, whatever they were escaped as.
            if matches!(segment.as_str(), "." | "..") {
                return Err(unwritable("a key cannot stand in the path"));
            }
            path.push('/');
            path.push_str(&segment);
        }
        Ok(path)
    }

    fn media_type(&self) -> &'static str {
        match self.body {
            BodyPlan::Form(_) => "application/x-www-form-urlencoded",
            _ => "application/json",
        }
    }

    fn render_body(&self, vars: &Vars) -> Result<Option<Vec<u8>>, Fault> {
        let json = match &self.body {
            BodyPlan::None => return Ok(None),
            BodyPlan::Form(pairs) => return Ok(Some(render_pairs(pairs, vars)?.into_bytes())),
            BodyPlan::Json(tree) => tree.render(vars)?,
            BodyPlan::Rpc { method, params } => params
                .render(vars)?
                .map(|params| json!({"id": 1, "method": method, "params": params})),
        };
        Ok(json.map(|json| json.to_string().into_bytes()))
    }
}

fn body(spec: &RequestSpec) -> Result<BodyPlan, String> {
    match (&spec.body, spec.form.is_empty()) {
        (None, true) => Ok(BodyPlan::None),
        (Some(body), true) => Ok(BodyPlan::Json(Tree::new(body, &NAMES).map_err(at("body"))?)),
        (None, false) => Ok(BodyPlan::Form(pairs(&spec.form).map_err(at("form"))?)),
        (Some(_), false) => Err("form: there is a `body` already".to_owned()),
    }
}

fn pairs(specs: &[(String, QueryValue)]) -> Result<Vec<(String, QueryPlan)>, String> {
    specs
        .iter()
        .map(|(name, value)| Ok((name.clone(), query(value).map_err(at(name))?)))
        .collect()
}

/// Pairs in the form of a query, which is also that of a form's body.
fn render_pairs(pairs: &[(String, QueryPlan)], vars: &Vars) -> Result<String, Fault> {
    let mut query = Query::default();
    for (name, plan) in pairs {
        match plan {
            QueryPlan::Text(template) => {
                if let Some(text) = template.text(vars.template())? {
                    query.push(name, &text);
                }
            }
            QueryPlan::Each(template) => {
                for item in template.json(vars.template())?.iter().flat_map(items) {
                    query.push(name, &scalar(item)?);
                }
            }
            QueryPlan::Json(tree) => {
                if let Some(json) = tree.render(vars)? {
                    query.push(name, &json.to_string());
                }
            }
        }
    }
    Ok(query.0)
}

/// A query string in the making.
#[derive(Default)]
struct Query(String);

impl Query {
    fn push(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        // A space is `%20` here, never `+`: not every server reads the form's way.
        let pair = url::form_urlencoded::byte_serialize;
        self.0
            .extend(pair(name.as_bytes()).map(|piece| if piece == "+" { "%20" } else { piece }));
        self.0.push('=');
        self.0
            .extend(pair(value.as_bytes()).map(|piece| if piece == "+" { "%20" } else { piece }));
    }
}

fn query(value: &QueryValue) -> Result<QueryPlan, String> {
    Ok(match value {
        QueryValue::Text(source) => QueryPlan::Text(Template::new(source, Target::Text, &NAMES)?),
        QueryValue::Special(SpecialValue::Odata(source)) => {
            QueryPlan::Text(Template::new(source, Target::Odata, &NAMES)?)
        }
        QueryValue::Special(SpecialValue::Each(source)) => {
            QueryPlan::Each(Template::new(source, Target::Json, &NAMES)?)
        }
        QueryValue::Special(SpecialValue::Json(tree)) => QueryPlan::Json(Tree::new(tree, &NAMES)?),
    })
}

/// One template per path segment, split at the slashes outside of braces.
fn segments(source: &str) -> Result<Vec<Template>, String> {
    let mut pieces = vec![String::new()];
    let mut depth = 0_usize;
    for character in source.trim_start_matches('/').chars() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match (character, pieces.last_mut()) {
            ('/', _) if depth == 0 => pieces.push(String::new()),
            (character, Some(piece)) => piece.push(character),
            (_, None) => {}
        }
    }
    pieces
        .iter()
        .map(|piece| Template::new(piece, Target::Segment, &NAMES))
        .collect()
}

fn headers<'a>(
    specs: impl Iterator<Item = (&'a String, &'a String)>,
) -> Result<Vec<(HeaderName, Template)>, String> {
    specs
        .map(|(name, source)| {
            let header: HeaderName = name
                .parse()
                .map_err(|_| format!("headers: `{name}` is no header name"))?;
            if header == http::header::AUTHORIZATION {
                return Err("headers: `Authorization` comes from `auth`".to_owned());
            }
            let template = Template::new(source, Target::Text, &NAMES).map_err(at(name))?;
            Ok((header, template))
        })
        .collect()
}

fn items(json: &Json) -> &[Json] {
    match json {
        Json::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn scalar(json: &Json) -> Result<String, Fault> {
    match json {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(switch) => Ok(switch.to_string()),
        _ => Err(unwritable("a repeated parameter is not a text")),
    }
}

fn at(place: &str) -> impl Fn(String) -> String {
    move |problem| format!("{place}: {problem}")
}

fn unwritable(words: &str) -> Fault {
    Fault::new(
        ErrorKind::Rejected,
        format!("the request cannot be written: {words}"),
    )
}
