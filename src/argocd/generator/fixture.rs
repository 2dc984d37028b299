//! What the tests of generators are made of.

use serde_json::{Value, json};

use super::{Generators, Language, Sources};
use crate::argocd::go::value::Value as GoValue;
use crate::argocd::{Fault, World};
use crate::base64::encode;

/// What the entries of `spec.generators` come to.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// The sets, or why there are none.
    pub sets: Result<Value, Fault>,
    /// The notes, as text.
    pub notes: Vec<String>,
}

/// Transforms every entry of a set's `spec`.
pub fn outcome(spec: &Value, secrets: &[Value]) -> Outcome {
    let mut world = World::new("argocd");
    world.secrets = secrets.to_vec();
    outcome_in(&world, spec)
}

/// Transforms every entry of a set's `spec` in a world.
pub fn outcome_in(world: &World, spec: &Value) -> Outcome {
    let options = spec["goTemplateOptions"].as_array().into_iter().flatten();
    let options: Vec<String> = options.filter_map(|option| option.as_str().map(str::to_owned)).collect();
    let language = Language::read(spec["goTemplate"] == json!(true), &options);
    let sources = Sources::new(world).expect("because the table's Secrets are well formed");
    let generators = Generators::new(spec, &language, &sources);
    let mut sets = Ok(json!([]));
    for index in 0..spec["generators"].as_array().map_or(0, Vec::len) {
        match (generators.transform(index), &mut sets) {
            (Ok(all), Ok(Value::Array(sets))) => {
                let is_go = language.is_go();
                let params = all.into_iter().flat_map(|generated| generated.params);
                sets.extend(params.map(|params| shown(&GoValue::Map(params.map(is_go)))));
            }
            (Err(fault), first) if first.is_ok() => *first = Err(fault),
            _ => {}
        }
    }
    let notes = generators.notes().into_iter();
    Outcome { sets, notes: notes.map(|note| format!("{}: {}", note.place, note.text)).collect() }
}

/// Makes a cluster Secret of labels and a name that says its server.
pub fn secret(name: &str, labels: &Value) -> Value {
    let mut secret = json!({
        "metadata": {"name": name, "labels": labels},
        "data": {"name": encode(name.as_bytes()), "server": encode(format!("https://{name}").as_bytes())},
    });
    secret["metadata"]["labels"]["argocd.argoproj.io/secret-type"] = json!("cluster");
    secret
}

/// Shows a value as JSON, and where it is no `map[string]interface {}` but a `map[string]string`.
fn shown(value: &GoValue) -> Value {
    match value {
        GoValue::Nil => Value::Null,
        GoValue::Bool(on) => json!(on),
        GoValue::Float(number) => json!(number),
        GoValue::Text(text) => json!(&**text),
        GoValue::List(list) => list.items.iter().map(shown).collect(),
        GoValue::Map(map) => {
            map.entries().iter().map(|(key, value)| (key.to_string(), shown(value))).collect()
        }
        GoValue::Texts(texts) => {
            let texts = texts.iter().map(|(key, value)| (key.to_string(), json!(&**value)));
            json!({"map[string]string": texts.collect::<serde_json::Map<_, _>>()})
        }
        other => json!(other.type_name()),
    }
}

/// Makes an entry that is a list.
pub fn list(elements: Value) -> Value {
    json!({"list": {"elements": elements}})
}
