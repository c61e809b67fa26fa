//! Compiles what is done in a system: its steps and signs, with the checks that keep an end from being known wrongly.

use std::collections::HashMap;

use crate::connector::act::{Act, Meaning, Sign, Step, Test, is_act, only_looks};
use crate::connector::answer::AnswerPlan;
use crate::connector::compile::Compiler;
use crate::connector::config::ConfigError;
use crate::connector::mapping::{LookupSpec, Protocol, RefusalSpec, RequestSpec, SignSpec, StepSpec};
use crate::connector::path::Path;
use crate::connector::record::LOOKUPS;
use crate::connector::request::Purpose;
use crate::connector::template::{Target, Template};
use crate::connector::vars::NAMES;
use crate::error::ErrorKind;
use crate::port::PortLookup;

/// These say nothing about what was done: a login that ran out, overload, a wait that was too long.
const NO_SIGNS: [u16; 5] = [401, 407, 408, 425, 429];

impl Compiler<'_> {
    pub(crate) fn acts(&self) -> Result<HashMap<PortLookup, Act>, ConfigError> {
        let mut acts = HashMap::new();
        let known = LOOKUPS.into_iter().filter(|lookup| is_act(*lookup));
        for lookup in known {
            let name = lookup.as_str();
            let Some(spec) = self.mapping.lookups.get(name) else {
                continue;
            };
            if !self.is_served(name, spec)? {
                continue;
            }
            let act = self
                .act(lookup, spec)
                .map_err(|problem| ConfigError::new(format!("lookups.{name}"), problem))?;
            acts.insert(lookup, act);
        }
        super::sets::check(self.mapping, &acts)?;
        super::sets::keep_whole(&mut acts);
        Ok(acts)
    }

    fn act(&self, lookup: PortLookup, spec: &LookupSpec) -> Result<Act, String> {
        refuse_what_is_not_its_own(lookup, spec)?;
        let signs = signs(spec)?;
        let statuses = |may_end: bool| {
            let signs = signs.iter().filter(|_| may_end).filter_map(|sign| sign.status);
            let signs = signs.map(|status| (status, None));
            // A status that means "absent" elsewhere means nothing here: an absence is a sign of the lookup's own.
            let others = self
                .statuses()
                .iter()
                .copied()
                .filter(|(_, kind)| kind.is_some())
                .collect::<Vec<_>>();
            signs
                .chain(others)
                .collect::<std::sync::Arc<[(u16, Option<ErrorKind>)]>>()
        };
        let steps = self.steps(lookup, spec, &statuses)?;
        let also = spec
            .also
            .iter()
            .enumerate()
            .map(|(place, also)| {
                let at = |problem| format!("also.{place}.{problem}");
                let step = self
                    .step(lookup, &StepSpec::of(&also.request), &statuses(false))
                    .map_err(at)?;
                let answer = AnswerPlan::new(&also.answer, lookup, true, self.settings).map_err(at)?;
                Ok((step, answer))
            })
            .collect::<Result<Vec<_>, String>>()?;
        let act = Act {
            lookup,
            resolve: self.resolve(spec)?,
            steps,
            signs,
            answer: AnswerPlan::new(&spec.answer, lookup, true, self.settings)?,
            also,
        };
        check(&act)?;
        Ok(act)
    }

    fn steps(
        &self,
        lookup: PortLookup,
        spec: &LookupSpec,
        statuses: &dyn Fn(bool) -> std::sync::Arc<[(u16, Option<ErrorKind>)]>,
    ) -> Result<Vec<Step>, String> {
        if spec.steps.is_empty() {
            let whole = StepSpec {
                name: lookup.as_str().to_owned(),
                ..StepSpec::of(&spec.request)
            };
            return Ok(vec![self.step(lookup, &whole, &statuses(true))?]);
        }
        if self.has_request(&spec.request) {
            return Err("request: there are `steps` already".to_owned());
        }
        let mut steps: Vec<Step> = Vec::new();
        let mut may_end = true;
        for (place, step) in spec.steps.iter().enumerate() {
            let at = |problem: String| format!("steps.{place}.{problem}");
            if step.name.is_empty() || steps.iter().any(|earlier| earlier.name == step.name) {
                return Err(at("name: needs one of its own".to_owned()));
            }
            let compiled = self.step(lookup, step, &statuses(may_end)).map_err(at)?;
            let writes = compiled.writes;
            steps.push(Step { may_end, ..compiled });
            may_end &= !writes;
        }
        if may_end {
            return Err("steps: all of them only prepare".to_owned());
        }
        Ok(steps)
    }

    fn step(
        &self,
        lookup: PortLookup,
        spec: &StepSpec,
        statuses: &std::sync::Arc<[(u16, Option<ErrorKind>)]>,
    ) -> Result<Step, String> {
        let purpose = if only_looks(lookup) {
            Purpose::Read
        } else {
            Purpose::Write
        };
        let request = self
            .request(&spec.request, purpose)
            .map_err(|problem| format!("request.{problem}"))?;
        let when = spec.when.as_ref().map(|when| {
            Template::new(&format!("{{{{ {when} }}}}"), Target::Json, &NAMES)
                .map_err(|problem| format!("when: {problem}"))
        });
        Ok(Step {
            name: spec.name.clone(),
            when: when.transpose()?,
            writes: !(only_looks(lookup) || spec.prepares || request.is_get()),
            may_end: true,
            request,
            statuses: std::sync::Arc::clone(statuses),
        })
    }

    fn has_request(&self, request: &RequestSpec) -> bool {
        match self.mapping.protocol {
            Protocol::Rest => request.path.is_some(),
            Protocol::Jsonrpc => request.call.is_some(),
        }
    }
}

impl StepSpec {
    fn of(request: &RequestSpec) -> Self {
        Self {
            request: request.clone(),
            ..Self::default()
        }
    }
}

/// Refuses the parts of another lookup: they would be read and never looked at.
pub(super) fn refuse_what_is_not_its_own(lookup: PortLookup, spec: &LookupSpec) -> Result<(), String> {
    let is = |known: &[PortLookup]| known.contains(&lookup);
    let parts = [
        (
            "steps",
            spec.steps.is_empty(),
            is(&[PortLookup::PlaceOrder, PortLookup::FinishOrder]),
        ),
        (
            "refusals",
            spec.refusals.is_empty(),
            is(&[PortLookup::PlaceOrder]),
        ),
        (
            "duplicate",
            spec.duplicate.is_empty(),
            is(&[PortLookup::PlaceOrder]),
        ),
        ("short", spec.short.is_empty(), is(&[PortLookup::Reserve])),
        (
            "absent",
            spec.absent.is_empty(),
            is(&[
                PortLookup::Reservation,
                PortLookup::ReleaseReservation,
                PortLookup::Authorization,
            ]),
        ),
        (
            "settled",
            spec.settled.is_empty(),
            is(&[PortLookup::Capture, PortLookup::Void]),
        ),
        ("also", spec.also.is_empty(), is(&[PortLookup::PlacedOrders])),
        ("alternatives", spec.alternatives.is_empty(), !is_act(lookup)),
        (
            "abilities",
            spec.abilities.is_empty() && spec.ability_needs.is_empty(),
            !is_act(lookup),
        ),
        ("count", spec.count.is_none(), !is_act(lookup)),
        ("answer.rows", spec.answer.rows.is_none(), !is_act(lookup)),
    ];
    match parts
        .into_iter()
        .find(|(_, is_empty, is_own)| !is_empty && !is_own)
    {
        None => Ok(()),
        Some((name, ..)) => Err(format!("{name}: is no part of `{}`", lookup.as_str())),
    }
}

/// All signs of a lookup, those that say most first: an order that is there already is not refused.
fn signs(spec: &LookupSpec) -> Result<Vec<Sign>, String> {
    let plain = [
        (
            "duplicate",
            &spec.duplicate,
            (|| Meaning::Duplicate) as fn() -> Meaning,
        ),
        ("short", &spec.short, || Meaning::Short),
        ("absent", &spec.absent, || Meaning::Absent),
        ("settled", &spec.settled, || Meaning::Settled),
    ];
    let mut signs = Vec::new();
    for (name, specs, meaning) in plain {
        for (place, spec) in specs.iter().enumerate() {
            signs.push(sign(spec, meaning()).map_err(|problem| format!("{name}.{place}: {problem}"))?);
        }
    }
    for (place, spec) in spec.refusals.iter().enumerate() {
        let refused = refused(spec).and_then(|meaning| sign(&spec.sign(), meaning));
        signs.push(refused.map_err(|problem| format!("refusals.{place}: {problem}"))?);
    }
    Ok(signs)
}

fn refused(spec: &RefusalSpec) -> Result<Meaning, String> {
    Ok(Meaning::Refused {
        reason: spec.reason,
        message: spec.message.as_deref().map(Into::into),
        message_path: spec.message_path.as_deref().map(Path::new).transpose()?,
    })
}

fn sign(spec: &SignSpec, meaning: Meaning) -> Result<Sign, String> {
    let at = match (&spec.path, &spec.is, &spec.contains) {
        (None, None, None) => None,
        (None, ..) => return Err("`is` and `contains` need a `path`".to_owned()),
        (Some(path), None, None) => Some((Path::new(path)?, Test::There)),
        (Some(path), Some(is), None) => Some((Path::new(path)?, Test::Is(is.clone()))),
        (Some(path), None, Some(part)) => Some((Path::new(path)?, Test::Contains(part.clone()))),
        (Some(_), Some(_), Some(_)) => return Err("only one of `is` and `contains`".to_owned()),
    };
    match spec.status {
        Some(status) if NO_SIGNS.contains(&status) || !(200..600).contains(&status) || status / 100 == 3 => {
            return Err(format!("status: {status} does not tell what was done"));
        }
        Some(status) if status >= 500 && at.is_none() => {
            return Err(format!(
                "status: {status} alone does not tell what was done, add a `path`"
            ));
        }
        None if at.is_none() && spec.when.is_none() => {
            return Err("needs one of status, path, when".to_owned());
        }
        _ => {}
    }
    let when = spec.when.as_ref().map(|when| {
        Template::new(&format!("{{{{ {when} }}}}"), Target::Json, &NAMES)
            .map_err(|problem| format!("when: {problem}"))
    });
    Ok(Sign {
        status: spec.status,
        at,
        when: when.transpose()?,
        meaning,
    })
}

/// Without these variables always the same, or nothing in particular, would be done.
fn check(act: &Act) -> Result<(), String> {
    let needed: &[&str] = match act.lookup {
        PortLookup::Reserve => &["reference", "lines"],
        PortLookup::CommitReservation => &["reference", "order_number"],
        PortLookup::Reservation | PortLookup::ReleaseReservation => &["reference"],
        PortLookup::PlaceOrder => &["customer", "lines"],
        PortLookup::PlacedOrders => &["external_number"],
        PortLookup::Authorization => &["authorization"],
        PortLookup::Capture => &["authorization", "amount", "idempotency_key"],
        PortLookup::Void => &["authorization", "idempotency_key"],
        _ => &[],
    };
    if let Some(name) = needed.iter().find(|name| !act.uses(name)) {
        return Err(format!("request: does not make use of `{name}`"));
    }
    if act.lookup == PortLookup::FinishOrder && !act.uses("placed") && !act.uses("external_number") {
        return Err("request: makes use of neither `placed` nor `external_number`".to_owned());
    }
    if let Some(place) = act
        .also
        .iter()
        .position(|(step, _)| !step.request.uses("external_number"))
    {
        return Err(format!(
            "also.{place}.request: does not make use of `external_number`"
        ));
    }
    if act.answer.paging.page_size.is_some() {
        return Err("answer.paging.page_size: only `next` is followed here".to_owned());
    }
    if act.answer.paging.next.is_some() && act.lookup != PortLookup::PlacedOrders {
        return Err("answer.paging: there is only one answer".to_owned());
    }
    Ok(())
}
