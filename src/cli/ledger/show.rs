//! Orders and events in one line each.

use jiff::Timestamp;
use serde_json::Value;
use skuery_resolvers::checkout::ledger::Event;
use skuery_resolvers::checkout::record::OrderRecord;

/// An order of the list.
pub(super) fn order(order: &OrderRecord) -> String {
    let state = serde_json::to_value(order.state).ok();
    let mut parts = vec![
        time(order.intended_at),
        order.draft.external_number.to_string(),
        state.as_ref().and_then(Value::as_str).unwrap_or("?").to_owned(),
        format!("customer {}", order.draft.customer),
    ];
    if let Some(number) = &order.number {
        parts.push(format!("number {number}"));
    }
    let left = order.steps.iter().filter(|step| !step.done).count();
    if left > 0 {
        parts.push(format!("{left} steps left"));
    }
    if let Some(due) = order.due {
        parts.push(format!("due {}", time(due)));
    }
    parts.join("  ")
}

/// An event, with what it says of the row after it.
pub(super) fn event(event: &Event) -> String {
    let body = &event.body;
    let mut said = Vec::new();
    match &*event.subject {
        "attempt" => say(body, &["state", "epoch", "lease_until"], &mut said),
        "hold" => {
            say(body, &["state", "until", "given_back_at", "order"], &mut said);
            said.extend(list(body, "lines").map(held));
        }
        _ => {
            let fields = [
                "state",
                "epoch",
                "number",
                "sent",
                "absent",
                "sent_at",
                "settled_at",
                "due",
                "hold",
            ];
            say(body, &fields, &mut said);
            said.extend(
                body.pointer("/refusal/reason")
                    .and_then(Value::as_str)
                    .map(|reason| format!("refused {reason}")),
            );
            said.extend(list(body, "steps").map(step));
        }
    }
    // A key is JSON with the buyer, which is long; the order's own lines say it.
    let key = if &*event.subject == "attempt" {
        ""
    } else {
        &*event.key
    };
    format!(
        "{}  {} {key} {}: {}",
        time(event.at),
        event.subject,
        event.kind,
        said.join(", ")
    )
}

fn say(body: &Value, fields: &[&str], said: &mut Vec<String>) {
    for field in fields {
        match body.get(field) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => said.push(format!("{field} {text}")),
            Some(other) => said.push(format!("{field} {other}")),
        }
    }
}

fn list<'a>(body: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    body.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn held(line: &Value) -> String {
    let part = |field: &str| line.get(field).and_then(Value::as_str).unwrap_or("?");
    format!(
        "{} × {} at {} ({})",
        part("quantity"),
        part("sku"),
        part("location"),
        part("kind")
    )
}

fn step(step: &Value) -> String {
    let part = |field: &str| step.get(field).and_then(Value::as_str).unwrap_or("?");
    let done = step.get("done").and_then(Value::as_bool).unwrap_or(false);
    let state = if done { "done" } else { "to do" };
    format!("{} at {} {state}", part("kind"), part("system"))
}

fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S%.3fZ").to_string()
}
