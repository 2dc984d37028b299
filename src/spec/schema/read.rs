//! From a JSON Schema document to a [`Schema`].

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Additional, Format, Property, Schema, Type};

/// Nesting beyond which a `$ref` must be going round in circles.
const DEPTH: usize = 64;

/// How deep people may nest what a definition allows within itself, as a tree of namespaces.
const NESTING: usize = 16;

/// Reads a document; see [`Schema::read`].
pub(super) fn read(document: &Value) -> Result<Arc<Schema>, String> {
    let mut reader = Reader { document, definitions: BTreeMap::new(), open: Vec::new() };
    reader.schema(document, "#", 0)
}

struct Reader<'a> {
    document: &'a Value,
    definitions: BTreeMap<String, Arc<Schema>>,
    /// The definitions that are being read, the innermost last.
    open: Vec<String>,
}

impl Reader<'_> {
    fn schema(&mut self, value: &Value, pointer: &str, depth: usize) -> Result<Arc<Schema>, String> {
        let object = value.as_object().ok_or_else(|| format!("{pointer}: expected a map"))?;
        if depth > DEPTH {
            return Err(format!(
                "{pointer}: nested more than {DEPTH} deep; does a `$ref` lead back to itself?"
            ));
        }
        if let Some(reference) = object.get("$ref") {
            return self.reference(reference, object.get("default"), pointer, depth);
        }
        let mut schema = Schema::default();
        for (keyword, argument) in object {
            let pointer = format!("{pointer}/{keyword}");
            self.keyword(&mut schema, keyword, (argument, &pointer), depth)?;
        }
        Ok(Arc::new(schema))
    }

    fn reference(
        &mut self,
        reference: &Value,
        default: Option<&Value>,
        pointer: &str,
        depth: usize,
    ) -> Result<Arc<Schema>, String> {
        let name = reference.as_str().and_then(|text| text.strip_prefix("#/$defs/"));
        let name = name.ok_or_else(|| format!("{pointer}/$ref: only `#/$defs/NAME` is read"))?;
        let is_open = self.open.iter().any(|open| open == name);
        if is_open && self.open.last().is_none_or(|innermost| innermost != name) {
            return Err(format!("{pointer}/$ref: `{name}` leads back to itself through another definition"));
        }
        let schema = match self.definitions.get(name) {
            Some(schema) => schema.clone(),
            None => self.definition(name, pointer, depth)?,
        };
        Ok(match default {
            Some(default) => Arc::new(Schema { default: Some(default.clone()), ..(*schema).clone() }),
            None => schema,
        })
    }

    /// Reads a definition; one that allows itself within itself, as deep as people may nest it.
    fn definition(&mut self, name: &str, pointer: &str, depth: usize) -> Result<Arc<Schema>, String> {
        let definition = self.document.get("$defs").and_then(|all| all.get(name));
        let definition = definition.ok_or_else(|| format!("{pointer}/$ref: no `{name}` in `$defs`"))?.clone();
        let place = format!("#/$defs/{name}");
        let refused = format!("it is nested more than {NESTING} deep");
        let innermost = Arc::new(Schema { refused: Some(refused.into()), ..Schema::default() });
        self.definitions.insert(name.to_owned(), innermost.clone());
        self.open.push(name.to_owned());
        let mut schema = self.schema(&definition, &place, depth + 1)?;
        // The table holds the innermost schema, and so do we: whoever else does has been led back here.
        if Arc::strong_count(&innermost) > 2 {
            for _ in 1..NESTING {
                self.definitions.insert(name.to_owned(), schema);
                schema = self.schema(&definition, &place, depth + 1)?;
            }
        }
        self.open.pop();
        self.definitions.insert(name.to_owned(), schema.clone());
        Ok(schema)
    }

    fn keyword(
        &mut self,
        schema: &mut Schema,
        keyword: &str,
        (argument, pointer): (&Value, &str),
        depth: usize,
    ) -> Result<(), String> {
        match keyword {
            "type" => schema.types = types(argument, pointer)?,
            "properties" => {
                schema.properties = self.properties(object(argument, pointer)?, pointer, depth)?
            }
            "additionalProperties" => schema.additional = self.additional(argument, pointer, depth)?,
            "propertyNames" => schema.property_names = format_of(argument.get("format"), pointer)?,
            "required" => schema.required = texts(argument, pointer)?,
            "oneOf" => schema.exactly_one = exactly_one(argument, pointer)?,
            "anyOf" => {
                let branches = argument.as_array().ok_or_else(|| format!("{pointer}: expected a list"))?;
                let branch = |branch: &Value| self.schema(branch, pointer, depth + 1);
                schema.any_of = branches.iter().map(branch).collect::<Result<_, _>>()?;
            }
            "items" => schema.items = Some(self.schema(argument, pointer, depth + 1)?),
            "enum" => schema.words = argument.as_array().cloned().unwrap_or_default(),
            "const" => schema.words = vec![argument.clone()],
            "format" => schema.format = format_of(Some(argument), pointer)?,
            "minimum" => schema.minimum = argument.as_f64(),
            "maximum" => schema.maximum = argument.as_f64(),
            "minLength" | "minItems" => schema.at_least = length(argument),
            "maxLength" | "maxItems" => schema.at_most = length(argument),
            "x-refused" => schema.refused = argument.as_str().map(Arc::from),
            "default" => schema.default = Some(argument.clone()),
            "$schema" | "$id" | "$defs" | "$comment" | "title" | "description" | "examples" => {}
            unknown => return Err(format!("{pointer}: the keyword `{unknown}` is not read")),
        }
        Ok(())
    }

    fn properties(
        &mut self,
        properties: &Map<String, Value>,
        pointer: &str,
        depth: usize,
    ) -> Result<Vec<Property>, String> {
        let property = |(name, value): (&String, &Value)| {
            let schema = self.schema(value, &format!("{pointer}/{name}"), depth + 1)?;
            Ok((Arc::from(name.as_str()), schema))
        };
        properties.iter().map(property).collect()
    }

    fn additional(&mut self, argument: &Value, pointer: &str, depth: usize) -> Result<Additional, String> {
        match argument {
            Value::Bool(true) => Ok(Additional::Any),
            Value::Bool(false) => Ok(Additional::Refused),
            _ => Ok(Additional::Each(self.schema(argument, pointer, depth + 1)?)),
        }
    }
}

fn object<'a>(argument: &'a Value, pointer: &str) -> Result<&'a Map<String, Value>, String> {
    argument.as_object().ok_or_else(|| format!("{pointer}: expected a map"))
}

fn texts(argument: &Value, pointer: &str) -> Result<Vec<Arc<str>>, String> {
    let text =
        |item: &Value| item.as_str().map(Arc::from).ok_or_else(|| format!("{pointer}: expected texts"));
    argument.as_array().ok_or_else(|| format!("{pointer}: expected a list"))?.iter().map(text).collect()
}

fn length(argument: &Value) -> Option<usize> {
    argument.as_u64().and_then(|length| usize::try_from(length).ok())
}

fn types(argument: &Value, pointer: &str) -> Result<Vec<Type>, String> {
    let one = |argument: &Value| {
        argument.as_str().and_then(Type::named).ok_or_else(|| format!("{pointer}: not a JSON type"))
    };
    match argument {
        Value::Array(items) => items.iter().map(one).collect(),
        _ => Ok(vec![one(argument)?]),
    }
}

fn format_of(argument: Option<&Value>, pointer: &str) -> Result<Option<Format>, String> {
    let name = argument
        .and_then(Value::as_str)
        .ok_or_else(|| format!("{pointer}: expected the name of a format"))?;
    let format = Format::named(name).ok_or_else(|| format!("{pointer}: no format is called `{name}`"))?;
    Ok(Some(format))
}

fn exactly_one(argument: &Value, pointer: &str) -> Result<Vec<Arc<str>>, String> {
    let branches = argument.as_array().ok_or_else(|| format!("{pointer}: expected a list"))?;
    let name = |branch: &Value| {
        let required = texts(branch.get("required").unwrap_or(&Value::Null), pointer)?;
        match <[Arc<str>; 1]>::try_from(required) {
            Ok([name]) => Ok(name),
            Err(_) => Err(format!("{pointer}: only branches of one `required` field are read")),
        }
    };
    branches.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnostic::Report;
    use crate::location::FileId;
    use crate::spec::schema::{Extent, validate};
    use crate::spec::yaml::{Options, parse};

    /// Returns the messages about a tree of `depth` levels, `unknown` at the bottom.
    fn told(schema: &Arc<Schema>, depth: usize) -> Result<Vec<String>, Report> {
        let mut text = "{unknown: 1}".to_owned();
        for _ in 1..depth {
            text = format!("{{children: [{text}]}}");
        }
        let node = parse(FileId(0), text.as_bytes(), Options::SPEC)?[0].root.clone();
        let mut report = Report::default();
        validate(&node, schema, Extent::Whole, &mut report);
        Ok(report.diagnostics.into_iter().map(|finding| finding.message).collect())
    }

    #[test]
    fn a_definition_may_stand_within_itself_sixteen_deep() -> Result<(), Report> {
        let tree = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
        });
        let schema =
            read(&json!({"$ref": "#/$defs/tree", "$defs": {"tree": tree}})).expect("because it is read");
        for depth in [1, 2, 16] {
            assert_eq!(told(&schema, depth)?, ["unknown field `unknown`"], "{depth}");
        }
        assert_eq!(told(&schema, 17)?, ["this cannot stand here: it is nested more than 16 deep"]);
        Ok(())
    }

    #[test]
    fn two_definitions_that_lead_to_each_other_are_refused() {
        let one = json!({"type": "array", "items": {"$ref": "#/$defs/other"}});
        let other = json!({"type": "array", "items": {"$ref": "#/$defs/one"}});
        let refusal = read(&json!({"$ref": "#/$defs/one", "$defs": {"one": one, "other": other}}));
        assert_eq!(
            refusal.err().as_deref(),
            Some("#/$defs/other/items/$ref: `one` leads back to itself through another definition")
        );
    }
}
