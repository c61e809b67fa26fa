//! What a run must have met, or else it proves nothing of it.

use super::world::World;

/// All that a run must have met.
pub(super) fn required(world: &World) -> Vec<(&'static str, String)> {
    let types = world.types;
    let mut required = Vec::new();
    for (ty, field) in &world.fields {
        required.push(("fields selected", format!("{ty}.{}", field.name)));
        required.push(("fields with a value", format!("{ty}.{}", field.name)));
        for argument in field.args {
            required.push((
                "arguments and input fields",
                format!("{ty}.{}.{}", field.name, argument.name),
            ));
        }
    }
    let inputs = types
        .inputs
        .iter()
        .map(|input| (input.name.to_owned(), input.fields));
    let directives = types
        .directives
        .iter()
        .map(|directive| (format!("@{}", directive.name), directive.args));
    for (on, fields) in inputs.chain(directives) {
        for field in fields {
            required.push(("arguments and input fields", format!("{on}.{}", field.name)));
        }
    }
    for form in [
        "variable",
        "null",
        "list",
        "object",
        "one value for a list",
        "plain",
    ] {
        required.push(("arguments, by form", form.to_owned()));
    }
    for given in ["absent", "null", "given"] {
        required.push(("variables, by what is given", given.to_owned()));
    }
    for place in ["field", "inline fragment", "spread"] {
        for name in ["skip", "include"] {
            for condition in ["true", "false", "variable"] {
                required.push(("directives", format!("@{name} {condition} on {place}")));
            }
        }
    }
    let interfaces = types.interfaces.iter().map(|interface| interface.name);
    for name in interfaces.chain(types.unions.iter().map(|union| union.name)) {
        required.push(("abstract type conditions", name.to_owned()));
        for object in types.possible(name) {
            required.push(("type conditions", format!("{} within {name}", object.name)));
        }
    }
    for operation in [
        "query one",
        "query one of several",
        "mutation one",
        "mutation one of several",
    ] {
        required.push(("operations", operation.to_owned()));
    }
    for error in [
        "injected, field, null",
        "injected, field, null above",
        "injected, field, beside its value",
        "injected, item, null",
        "injected, item, null above",
        "injected, item, beside its value",
        "null for a field that is never null, field, null above",
        "null for a field that is never null, item, null above",
        "argument refused, field, null",
    ] {
        required.push(("errors", error.to_owned()));
    }
    for merged in ["leaves", "objects"] {
        required.push(("merged fields", merged.to_owned()));
    }
    required
}
