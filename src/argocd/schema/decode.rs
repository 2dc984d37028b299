//! JSON read into a type.
//!
//! Follows `encoding/json`, and sigs.k8s.io/json, which holds names of fields against the type letter by letter: a
//! value of another type is an error, `null` is what is not there, an unknown field is passed over.

use serde_json::{Map, Value};

use super::time::written_back;
use super::{Field, Type, Written};
use crate::argocd::Fault;

/// How the name of a field is held against those of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Letter by letter, as the controller reads from the API server.
    Exact,
    /// Upper and lower case alike where none fits exactly, as `encoding/json` does. Two keys may mean one field then;
    /// what comes later in the order of the keys is laid over what came before.
    AnyCase,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The object as Go writes it.
    pub value: Value,
    /// The fields that the type does not have, as paths, in the order of the input.
    pub unknown: Vec<String>,
}

/// Reads a value into a type.
///
/// # Errors
/// Every value that is of another type than the type says, with its path.
pub fn decode(of: Type, value: &Value, names: Names) -> Result<Decoded, Fault> {
    let mut decoding = Decoding { names, path: String::new(), unknown: Vec::new(), wrong: Vec::new() };
    let read = decoding.value(of, value, None);
    if decoding.wrong.is_empty() {
        Ok(Decoded { value: read.unwrap_or_default(), unknown: decoding.unknown })
    } else {
        Err(Fault::Wrong(decoding.wrong.join("; ")))
    }
}

struct Decoding {
    names: Names,
    path: String,
    unknown: Vec<String>,
    wrong: Vec<String>,
}

impl Decoding {
    /// Returns what is held once `value` was read onto what is `held`; `None` is Go's nil.
    fn value(&mut self, of: Type, value: &Value, held: Option<Value>) -> Option<Value> {
        match (of, value) {
            (Type::Raw, _) => Some(value.clone()),
            (Type::Pointer(_) | Type::List(_) | Type::Map(_), Value::Null) => None,
            (Type::Pointer(to), _) => self.value(*to, value, held),
            (Type::IntegerOrText, Value::Null) => Some(0.into()),
            (Type::Time, Value::Null) => Some(Value::Null),
            (_, Value::Null) => held.or_else(|| zero(of)),
            (Type::Text | Type::IntegerOrText, Value::String(_)) | (Type::Bool, Value::Bool(_)) => {
                Some(value.clone())
            }
            (Type::Integer, Value::Number(number)) if number.is_i64() => Some(value.clone()),
            (Type::IntegerOrText, Value::Number(number)) if is_int32(number) => Some(value.clone()),
            (Type::Time, Value::String(text)) if written_back(text).is_some() => {
                written_back(text).map(Value::from)
            }
            (Type::List(items), Value::Array(values)) => Some(self.list(*items, values, held)),
            (Type::Map(values), Value::Object(map)) => Some(self.map(*values, map, held)),
            (Type::Struct(fields), Value::Object(map)) => Some(self.object(fields, map, held)),
            _ => {
                self.wrong.push(refusal(&self.path, of, value));
                held.or_else(|| zero(of))
            }
        }
    }

    fn list(&mut self, of: Type, values: &[Value], held: Option<Value>) -> Value {
        let mut held = match held {
            Some(Value::Array(items)) => items.into_iter(),
            _ => Vec::new().into_iter(),
        };
        let mut items = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let length = self.path.len();
            self.path.push_str(&format!("[{index}]"));
            let item = self.value(of, value, held.next());
            items.push(item.unwrap_or_default());
            self.path.truncate(length);
        }
        Value::Array(items)
    }

    /// Reads a map; its keys are sorted, as Go writes them.
    fn map(&mut self, of: Type, values: &Map<String, Value>, held: Option<Value>) -> Value {
        let mut entries = match held {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        for (key, value) in values {
            let value = self.beneath(key, |decoding| decoding.value(of, value, None));
            entries.insert(key.clone(), value.unwrap_or_default());
        }
        entries.sort_keys();
        Value::Object(entries)
    }

    fn object(&mut self, fields: &'static [Field], map: &Map<String, Value>, held: Option<Value>) -> Value {
        let mut held = match held {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        let mut read: Vec<Option<Value>> = vec![None; fields.len()];
        let mut mentioned = vec![false; fields.len()];
        for (index, field) in fields.iter().enumerate() {
            read[index] = held.remove(field.name);
            mentioned[index] = read[index].is_some();
        }
        for (key, value) in self.in_order(map) {
            let Some(index) = self.find(fields, key) else {
                self.beneath(key, |decoding| decoding.unknown.push(decoding.path.clone()));
                continue;
            };
            let onto = read[index].take();
            read[index] = self.beneath(key, |decoding| decoding.value(fields[index].of, value, onto));
            mentioned[index] = true;
        }
        let entries = fields.iter().zip(read.into_iter().zip(mentioned));
        let written = entries.filter_map(|(field, (value, mentioned))| {
            Some((field.name.to_owned(), field.write(value, mentioned)?))
        });
        Value::Object(written.collect())
    }

    /// Returns the entries in the order in which they are read.
    fn in_order<'m>(&self, map: &'m Map<String, Value>) -> Vec<(&'m String, &'m Value)> {
        let mut entries: Vec<(&String, &Value)> = map.iter().collect();
        if self.names == Names::AnyCase {
            entries.sort_unstable_by_key(|(key, _)| *key);
        }
        entries
    }

    fn find(&self, fields: &[Field], key: &str) -> Option<usize> {
        let exact = fields.iter().position(|field| field.name == key);
        match self.names {
            Names::Exact => exact,
            Names::AnyCase => exact.or_else(|| position_in_any_case(fields, key)),
        }
    }

    fn beneath<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        let result = read(self);
        self.path.truncate(length);
        result
    }
}

impl Field {
    /// Returns what is written of a value; `None` where the field is left out.
    pub fn write(&self, value: Option<Value>, mentioned: bool) -> Option<Value> {
        match self.written {
            Written::Always => value.or_else(|| zero(self.of)).or(Some(Value::Null)),
            Written::NotEmpty => value.or_else(|| zero(self.of)).filter(|value| !self.is_empty(value)),
            Written::NotZero => value.filter(|value| {
                !value.is_null() && value.as_object().is_none_or(|fields| !fields.is_empty())
            }),
            Written::Mentioned => match (mentioned, self.of) {
                (false, _) => None,
                (true, Type::Pointer(Type::List(_)) | Type::List(_)) => {
                    value.or_else(|| Some(Value::Array(Vec::new())))
                }
                (true, _) => value.or_else(|| Some(Value::Object(Map::new()))),
            },
        }
    }

    /// Returns whether `omitempty` leaves a value out.
    pub fn is_empty(&self, value: &Value) -> bool {
        match self.of {
            Type::Struct(_) | Type::Time | Type::IntegerOrText => false,
            Type::Pointer(_) | Type::Raw => value.is_null(),
            Type::Text | Type::Bool | Type::Integer | Type::List(_) | Type::Map(_) => match value {
                Value::Null => true,
                Value::Bool(on) => !on,
                Value::Number(number) => number.as_i64() == Some(0),
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.is_empty(),
                Value::Object(map) => map.is_empty(),
            },
        }
    }
}

/// Returns the zero of a type; `None` is Go's nil.
fn zero(of: Type) -> Option<Value> {
    match of {
        Type::Text => Some("".into()),
        Type::Bool => Some(false.into()),
        Type::Integer | Type::IntegerOrText => Some(0.into()),
        Type::Time | Type::Raw => Some(Value::Null),
        Type::Pointer(_) | Type::List(_) | Type::Map(_) => None,
        Type::Struct(fields) => {
            let written =
                fields.iter().filter_map(|field| Some((field.name.to_owned(), field.write(None, false)?)));
            Some(Value::Object(written.collect()))
        }
    }
}

fn is_int32(number: &serde_json::Number) -> bool {
    number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
}

/// Returns the field of a name, in any case where none fits exactly.
pub fn field_in_any_case(fields: &'static [Field], key: &str) -> Option<&'static Field> {
    let exact = fields.iter().find(|field| field.name == key);
    exact.or_else(|| position_in_any_case(fields, key).map(|index| &fields[index]))
}

fn position_in_any_case(fields: &[Field], key: &str) -> Option<usize> {
    fields.iter().position(|field| equal_in_any_case(field.name, key))
}

/// Compares names of fields as `encoding/json` folds them: letters of Unicode whose upper case is one of ASCII count.
fn equal_in_any_case(one: &str, other: &str) -> bool {
    let fold = |letter: char| match letter {
        // The long s and the sign of Kelvin.
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        _ => letter.to_ascii_lowercase(),
    };
    one.chars().map(fold).eq(other.chars().map(fold))
}

fn refusal(path: &str, of: Type, value: &Value) -> String {
    let found = match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(on) => format!("`{on}`"),
        Value::Number(number) => format!("the number `{number}`"),
        Value::String(text) => format!("the text `{text}`"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
    };
    let path = if path.is_empty() { "the object" } else { path };
    format!("`{path}` is {found} where {} is wanted", wanted(of))
}

fn wanted(of: Type) -> &'static str {
    match of {
        Type::Text => "a text",
        Type::Bool => "`true` or `false`",
        Type::Integer => "a whole number",
        Type::IntegerOrText => "a whole number or a text",
        Type::Time => "a time such as `2006-01-02T15:04:05Z`",
        Type::Raw => "anything",
        Type::Pointer(to) => wanted(*to),
        Type::List(_) => "a list",
        Type::Map(_) | Type::Struct(_) => "a map",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::argocd::schema::{APPLICATION, TEMPLATE};

    #[test]
    fn what_is_read_is_what_go_writes() -> Result<(), Fault> {
        let template = json!({
            "spec": {
                "source": {
                    "helm": {"values": "", "valuesObject": {"b": null, "a": 1.0}, "parameters": []},
                    "directory": {"jsonnet": {"libs": []}},
                    "plugin": {"env": [null], "parameters": [{"map": null, "array": ["x"]}, {"string": ""}]},
                    "kustomize": {"replicas": [{"count": "3"}, {}], "commonLabels": {"b": "1", "a": null}},
                },
                "syncPolicy": {"automated": {"prune": false}, "retry": {}},
                "project": null,
            },
        });
        let decoded = decode(Type::Struct(TEMPLATE), &template, Names::Exact)?;
        let expected = r#"{"metadata":{},"spec":{"source":{"repoURL":"","helm":{"valuesObject":{"b":null,"a":1.0}},"kustomize":{"commonLabels":{"a":"","b":"1"},"replicas":[{"name":"","count":"3"},{"name":"","count":0}]},"directory":{},"plugin":{"env":[null],"parameters":[{"array":["x"],"map":{},"name":""},{"name":"","string":""}]}},"destination":{},"project":"","syncPolicy":{"automated":{"prune":false},"retry":{}}}}"#;
        assert_eq!(decoded.value.to_string(), expected);
        assert_eq!(decode(Type::Struct(TEMPLATE), &decoded.value, Names::Exact)?, decoded);
        Ok(())
    }

    #[test]
    fn wrong_types_are_all_named_and_unknown_fields_are_passed_over() {
        let set = json!({"metadata": {"name": 1, "x": 1}, "spec": {"Project": "a", "info": [{"name": "a", "y": 1}, []]}});
        let wrong = "`metadata.name` is the number `1` where a text is wanted; `spec.info[1]` is a list where a map is wanted";
        assert_eq!(decode(Type::Struct(TEMPLATE), &set, Names::Exact), Err(Fault::wrong(wrong)));
        let set = json!({"metadata": {"x": 1}, "spec": {"Project": "a", "info": [{"name": "a", "y": 1}]}});
        let decoded = decode(Type::Struct(TEMPLATE), &set, Names::Exact);
        let unknown = ["metadata.x", "spec.Project", "spec.info[0].y"].map(str::to_owned);
        assert_eq!(decoded.map(|decoded| decoded.unknown), Ok(unknown.to_vec()));
    }

    #[test]
    fn in_any_case_two_keys_may_mean_one_field() -> Result<(), Fault> {
        let application = json!({
            "SPEC": {"project": "a", "info": [{"name": "x", "value": "1"}, {"name": "y"}]},
            "spec": {"info": [{"value": "2"}], "ſource": {"repourl": "r"}},
            "metadata": {"creationTimestamp": "2024-03-01T01:00:00+01:00", "Name": "n"},
            "status": {},
        });
        let decoded = decode(Type::Struct(APPLICATION), &application, Names::AnyCase)?;
        let spec = json!({"source": {"repoURL": "r"}, "destination": {}, "project": "a", "info": [{"name": "x", "value": "2"}]});
        assert_eq!(decoded.value["spec"], spec);
        let metadata = json!({"name": "n", "creationTimestamp": "2024-03-01T00:00:00Z"});
        assert_eq!(decoded.value["metadata"], metadata);
        Ok(())
    }

    #[test]
    fn numbers_must_fit_their_fields() {
        for (limit, fits) in
            [("5", true), ("5.0", false), ("1e3", false), ("9223372036854775808", false), ("\"5\"", false)]
        {
            let limit: Value = serde_json::from_str(limit).expect("because the table holds JSON");
            let template = json!({"spec": {"revisionHistoryLimit": limit}});
            assert_eq!(decode(Type::Struct(TEMPLATE), &template, Names::Exact).is_ok(), fits, "{limit}");
        }
    }
}
