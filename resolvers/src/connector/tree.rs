//! JSON bodies as trees: the shape is the mapping's, only leaves come from the call.
//!
//! A leaf that is one `{{ … }}` becomes that JSON value, and is left out when undefined; any other text is a text with
//! values inside. `{ $jq: … }` is a jq filter over the call's variables, `{ $json: … }` is a tree as JSON text, and
//! `{ $each: …, $item: … }` a tree for each element of a list, which is `item` there.

use serde_json::{Map, Value as Json};

use crate::connector::jq::Jq;
use crate::connector::template::{Target, Template, is_single};
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::error::ErrorKind;

#[derive(Debug)]
pub(crate) enum Tree {
    Fixed(Json),
    Value(Template),
    Text(Template),
    Jq(Jq),
    JsonText(Box<Tree>),
    Each(Template, Box<Tree>),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn new(source: &Json, known: &[&str]) -> Result<Self, String> {
        Ok(match source {
            Json::String(text) if is_single(text) => Self::Value(Template::new(text, Target::Json, known)?),
            Json::String(text) if text.contains('{') => Self::Text(Template::new(text, Target::Text, known)?),
            Json::Array(items) => Self::List(
                items
                    .iter()
                    .map(|item| Self::new(item, known))
                    .collect::<Result<_, _>>()?,
            ),
            Json::Object(members) => Self::object(members, known)?,
            other => Self::Fixed(other.clone()),
        })
    }

    fn object(members: &Map<String, Json>, known: &[&str]) -> Result<Self, String> {
        if let (Some(Json::String(list)), Some(item), 2) =
            (members.get("$each"), members.get("$item"), members.len())
        {
            let list = Template::new(list, Target::Json, known)?;
            return Ok(Self::Each(list, Box::new(Self::new(item, known)?)));
        }
        if let Some(special) = members.keys().find(|name| name.starts_with('$')) {
            let content = &members[special];
            return match (special.as_str(), content, members.len()) {
                ("$jq", Json::String(source), 1) => Ok(Self::Jq(Jq::new(source)?)),
                ("$json", tree, 1) => Ok(Self::JsonText(Box::new(Self::new(tree, known)?))),
                _ => Err(format!(
                    "`{special}` is not allowed here, use `$jq` or `$json` alone in its object, or `$each` with `$item`"
                )),
            };
        }
        let members: Result<Vec<_>, String> = members
            .iter()
            .map(|(name, member)| Ok((name.clone(), Self::new(member, known)?)))
            .collect();
        Ok(Self::Object(members?))
    }

    /// Whether any leaf names this variable.
    pub(crate) fn uses(&self, name: &str) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Value(template) | Self::Text(template) => template.uses(name),
            Self::Jq(filter) => filter.uses(name),
            Self::JsonText(tree) => tree.uses(name),
            Self::Each(list, item) => list.uses(name) || item.uses(name),
            Self::List(items) => items.iter().any(|item| item.uses(name)),
            Self::Object(members) => members.iter().any(|(_, member)| member.uses(name)),
        }
    }

    /// The JSON; `None` where it is undefined and so left out.
    pub(crate) fn render(&self, vars: &Vars) -> Result<Option<Json>, Fault> {
        Ok(Some(match self {
            Self::Fixed(json) => json.clone(),
            Self::Value(template) => return template.json(vars.template()),
            Self::Text(template) => match template.text(vars.template())? {
                Some(text) => Json::String(text),
                None => return Ok(None),
            },
            Self::Jq(filter) => return filter.first(&vars.json()),
            Self::JsonText(tree) => match tree.render(vars)? {
                Some(json) => Json::String(json.to_string()),
                None => return Ok(None),
            },
            Self::Each(list, item) => match list.json(vars.template())? {
                Some(Json::Array(elements)) => each(elements, item, vars)?,
                Some(_) => {
                    return Err(Fault::new(
                        ErrorKind::Rejected,
                        "`$each` is over something else than a list",
                    ));
                }
                None => return Ok(None),
            },
            Self::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.extend(item.render(vars)?);
                }
                Json::Array(list)
            }
            Self::Object(members) => {
                let mut object = Map::new();
                for (name, member) in members {
                    if let Some(json) = member.render(vars)? {
                        object.insert(name.clone(), json);
                    }
                }
                Json::Object(object)
            }
        }))
    }
}

fn each(elements: Vec<Json>, item: &Tree, vars: &Vars) -> Result<Json, Fault> {
    let mut list = Vec::with_capacity(elements.len());
    for element in elements {
        list.extend(item.render(&vars.with([("item", element)]))?);
    }
    Ok(Json::Array(list))
}
