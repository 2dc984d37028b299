//! Templates of Applications: merged, compiled, filled.
//!
//! Follows `mergeGeneratorTemplate` and `RenderTemplateParams` of Argo CD 3.5.1. A template is compiled once: what
//! holds no tag is kept as it is, so that filling touches only the rest.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Fault;
use super::fasttemplate::Text;

/// A template, compiled.
#[derive(Clone, Debug)]
pub struct Template {
    root: Part,
}

/// A part of a template.
#[derive(Clone, Debug)]
enum Part {
    /// Nothing in it can be filled.
    Fixed(Value),
    Text(Text),
    List(Vec<Part>),
    Map(Vec<(Text, Part)>),
}

/// Returns the generator's template with what it leaves empty filled from that of the set.
///
/// mergo without `WithOverride`: maps are merged, and of anything else what is empty in Go gives way.
pub fn merged(own: &Value, of_set: &Value) -> Value {
    match (own, of_set) {
        (Value::Object(own), Value::Object(of_set)) => {
            let mut merged = own.clone();
            for (key, value) in of_set {
                let filled = match own.get(key) {
                    Some(own) => self::merged(own, value),
                    None => value.clone(),
                };
                merged.insert(key.clone(), filled);
            }
            Value::Object(merged)
        }
        (own, of_set) if is_empty(own) => of_set.clone(),
        (own, _) => own.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(on) => !on,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    /// Refuses texts that Argo CD cannot read.
    pub fn compile(template: &Value) -> Result<Self, Fault> {
        Ok(Self { root: Part::compile(template)? })
    }

    /// Returns the names that are looked up, in the order of the template, with repetitions.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.names(&mut names);
        names
    }

    /// Returns the template with every tag that `value` knows filled in.
    pub fn fill<'v>(&self, value: &dyn Fn(&str) -> Option<&'v str>) -> Value {
        self.root.fill(value)
    }
}

impl Part {
    fn compile(value: &Value) -> Result<Self, Fault> {
        let part = match value {
            Value::String(text) => Self::Text(Text::compile(text)?),
            Value::Array(items) => Self::List(items.iter().map(Self::compile).collect::<Result<_, _>>()?),
            Value::Object(map) => {
                let entry = |(key, value): (&String, &Value)| -> Result<(Text, Self), Fault> {
                    Ok((Text::compile(key)?, Self::compile(value)?))
                };
                Self::Map(map.iter().map(entry).collect::<Result<_, _>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Fixed(value.clone()),
        };
        Ok(if part.is_fixed() { Self::Fixed(value.clone()) } else { part })
    }

    fn is_fixed(&self) -> bool {
        let is_fixed_entry = |(key, part): &(Text, Self)| key.is_fixed() && matches!(part, Self::Fixed(_));
        match self {
            Self::Fixed(_) => true,
            Self::Text(text) => text.is_fixed(),
            Self::List(items) => items.iter().all(|item| matches!(item, Self::Fixed(_))),
            Self::Map(entries) => entries.iter().all(is_fixed_entry),
        }
    }

    fn names<'t>(&'t self, names: &mut Vec<&'t str>) {
        match self {
            Self::Fixed(_) => {}
            Self::Text(text) => names.extend(text.names()),
            Self::List(items) => items.iter().for_each(|item| item.names(names)),
            Self::Map(entries) => {
                for (key, part) in entries {
                    names.extend(key.names());
                    part.names(names);
                }
            }
        }
    }

    fn fill<'v>(&self, value: &dyn Fn(&str) -> Option<&'v str>) -> Value {
        match self {
            Self::Fixed(fixed) => fixed.clone(),
            Self::Text(text) => text.fill(|name| value(name).map(Cow::Borrowed)).into(),
            Self::List(items) => items.iter().map(|item| item.fill(value)).collect(),
            Self::Map(entries) => {
                let entry = |(key, part): &(Text, Self)| {
                    (key.fill(|name| value(name).map(Cow::Borrowed)), part.fill(value))
                };
                Value::Object(entries.iter().map(entry).collect::<Map<_, _>>())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_generators_template_wins_where_it_is_not_empty() {
        let own =
            json!({"metadata": {"labels": {"a": "1", "b": ""}}, "spec": {"project": "x", "sources": []}});
        let of_set = json!({"metadata": {"name": "n", "labels": {"a": "2", "b": "2"}}, "spec": {"project": "y", "sources": [1], "destination": {}}});
        let expected = json!({"metadata": {"labels": {"a": "1", "b": "2"}, "name": "n"}, "spec": {"project": "x", "sources": [1], "destination": {}}});
        assert_eq!(merged(&own, &of_set), expected);
    }

    #[test]
    fn keys_and_values_are_filled_and_names_are_known() -> Result<(), Fault> {
        let template =
            Template::compile(&json!({"{{name}}": ["{{a}}", 1, {"x": "y"}], "fixed": {"z": "}}{{"}}))?;
        assert_eq!(template.names(), ["name", "a"]);
        let filled = template.fill(&|name| (name == "name").then_some("c1"));
        assert_eq!(filled, json!({"c1": ["{{a}}", 1, {"x": "y"}], "fixed": {"z": "}}{{"}}));
        Ok(())
    }
}
