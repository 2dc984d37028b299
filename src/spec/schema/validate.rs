//! Holding a document against its schema: every finding, each at its place.

use std::sync::Arc;

use serde_json::Value;

use super::{Additional, Format, Schema, Type};
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::location::Location;
use crate::spec::yaml::{Entry, Kind, Node, Scalar, Style};

/// How much of a document is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it: required fields must be there.
    Whole,
    /// A layer of defaults: what is there must be right, the rest comes from elsewhere.
    Layer,
}

/// Reports everything in `node` that `schema` does not allow. `null` counts as not written.
pub fn validate(node: &Node, schema: &Arc<Schema>, extent: Extent, report: &mut Report) {
    Validator { extent, report }.node(node, schema, node.location);
}

struct Validator<'a> {
    extent: Extent,
    report: &'a mut Report,
}

impl Validator<'_> {
    /// `at` is where a person would look for the node: its key, or its own beginning.
    fn node(&mut self, node: &Node, schema: &Arc<Schema>, at: Location) {
        if node.is_null() {
            return;
        }
        let found = type_of(node);
        let schema = schema.alternative(found);
        if !allows(schema, found) {
            self.report.push(wrong_type(node, schema, found));
            return;
        }
        match &node.kind {
            Kind::Scalar { text, .. } => self.scalar(node, text, schema),
            Kind::List { items, .. } => self.list(items, schema, at),
            Kind::Map { entries, .. } => self.map(entries, schema, at),
        }
    }

    fn scalar(&mut self, node: &Node, text: &str, schema: &Schema) {
        if !schema.words.is_empty() && !schema.words.contains(&node.to_json()) {
            self.report.push(unknown_word(node, text, &schema.words));
            return;
        }
        let is_text = type_of(node) == Type::String;
        // As in JSON Schema: a format is for texts, bounds are for numbers.
        if let Some(format) = schema.format.filter(|format| is_text && !format.accepts(text)) {
            let message = format!("`{}` is not what this field takes", shown(text));
            self.report
                .push(Diagnostic::error("wrong-format", node.location, message).label(expects(format)));
            return;
        }
        let length = text.chars().count();
        let number = node.to_json().as_f64();
        let complaint = if number.is_some_and(|number| schema.minimum.is_some_and(|minimum| number < minimum))
        {
            schema.minimum.map(|minimum| format!("expected at least {minimum}"))
        } else if number.is_some_and(|number| schema.maximum.is_some_and(|maximum| number > maximum)) {
            schema.maximum.map(|maximum| format!("expected at most {maximum}"))
        } else if is_text && schema.at_least.is_some_and(|least| length < least) {
            Some("expected some text".to_owned())
        } else if is_text && schema.at_most.is_some_and(|most| length > most) {
            schema.at_most.map(|most| format!("expected at most {most} characters, found {length}"))
        } else {
            None
        };
        if let Some(label) = complaint {
            let message = format!("`{}` is out of bounds", shown(text));
            self.report.push(Diagnostic::error("out-of-bounds", node.location, message).label(label));
        }
    }

    fn list(&mut self, items: &[Node], schema: &Schema, at: Location) {
        if schema.at_least.is_some_and(|least| items.len() < least) {
            self.report
                .push(Diagnostic::error("out-of-bounds", at, "the list is empty").label("expected an item"));
        }
        if let Some(most) = schema.at_most.filter(|most| items.len() > *most) {
            let message = format!("the list has {} items", items.len());
            self.report.push(
                Diagnostic::error("out-of-bounds", at, message).label(format!("expected at most {most}")),
            );
        }
        let Some(item_schema) = &schema.items else { return };
        for item in items {
            if let Some(reason) = &item_schema.refused {
                let message = format!("this cannot stand here: {reason}");
                self.report.push(Diagnostic::error("out-of-bounds", start_of(item), message));
                continue;
            }
            if item.is_null() {
                let message = "an item of the list is empty";
                self.report.push(Diagnostic::error("wrong-type", item.location, message));
            }
            self.node(item, item_schema, item.location);
        }
    }

    fn map(&mut self, entries: &[Entry], schema: &Schema, at: Location) {
        for entry in entries {
            self.entry(entry, schema);
        }
        if self.extent == Extent::Layer {
            // An item of a list is only merged with others by its name, so that it must be there.
            return;
        }
        if schema.at_least.is_some_and(|least| entries.len() < least) {
            self.report
                .push(Diagnostic::error("out-of-bounds", at, "the map is empty").label("expected an entry"));
        }
        let written = |name: &str| entries.iter().find(|entry| &*entry.key == name && !entry.value.is_null());
        for name in schema.required.iter().filter(|name| written(name).is_none()) {
            let message = format!("the field `{name}` is missing");
            self.report.push(Diagnostic::error("missing-field", at, message).label("here"));
        }
        let chosen: Vec<&Entry> = schema.exactly_one.iter().filter_map(|name| written(name)).collect();
        if schema.exactly_one.is_empty() || chosen.len() == 1 {
            return;
        }
        let names: Vec<String> = schema.exactly_one.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("exactly one of {} must be there", names.join(", "));
        let mut diagnostic =
            Diagnostic::error("choose-one", chosen.first().map_or(at, |entry| entry.key_location), message);
        for entry in chosen.iter().skip(1) {
            diagnostic = diagnostic.related(entry.key_location, "this one too");
        }
        self.report.push(diagnostic);
    }

    fn entry(&mut self, entry: &Entry, schema: &Schema) {
        match schema.property(&entry.key) {
            Some(property) => match &property.refused {
                Some(reason) => {
                    let message = format!("`{}` is not supported yet: {reason}", entry.key);
                    self.report.push(Diagnostic::error("unsupported-field", entry.key_location, message));
                }
                None => self.node(&entry.value, property, entry.key_location),
            },
            None => {
                if let Additional::Refused = schema.additional {
                    self.report.push(unknown_field(entry, schema));
                    return;
                }
            }
        }
        let known = schema.properties.iter().any(|(name, _)| *name == entry.key);
        if let Some(format) = schema.property_names.filter(|format| !known && !format.accepts(&entry.key)) {
            let message = format!("`{}` cannot be a key here", shown(&entry.key));
            self.report
                .push(Diagnostic::error("wrong-format", entry.key_location, message).label(expects(format)));
        }
    }
}

/// Returns the JSON type of a node.
pub fn type_of(node: &Node) -> Type {
    match &node.kind {
        Kind::List { .. } => Type::Array,
        Kind::Map { .. } => Type::Object,
        Kind::Scalar { value, .. } => match value {
            Scalar::Null => Type::Null,
            Scalar::Bool(_) => Type::Boolean,
            Scalar::Integer(_) | Scalar::Unsigned(_) => Type::Integer,
            Scalar::Float(_) => Type::Number,
            Scalar::String => Type::String,
        },
    }
}

fn allows(schema: &Schema, found: Type) -> bool {
    if schema.any_of.is_empty() {
        schema.types.is_empty() || schema.types.iter().any(|allowed| allowed.accepts(found))
    } else {
        // `Schema::alternative` found no branch for the type.
        false
    }
}

fn expects(format: Format) -> String {
    format!("expected {}", format.expected())
}

fn wrong_type(node: &Node, schema: &Schema, found: Type) -> Diagnostic {
    let branches = schema.any_of.iter().flat_map(|branch| branch.types.iter());
    let expected: Vec<&str> = schema.types.iter().chain(branches).map(|kind| kind.word()).collect();
    let expected = expected.join(" or ");
    if let Kind::Scalar { text, style: Style::Quoted, .. } = &node.kind {
        let message = format!("`{}` in quotes is text", shown(text));
        return Diagnostic::error("wrong-type", node.location, message)
            .label(format!("expected {expected}, without quotes"));
    }
    let Kind::Scalar { text, style: Style::Plain, .. } = &node.kind else {
        let message = format!("{} cannot stand here", found.word());
        return Diagnostic::error("wrong-type", start_of(node), message)
            .label(format!("expected {expected}"));
    };
    let wants_text = schema.types.contains(&Type::String);
    let is_minor = matches!(schema.format, Some(Format::Minor | Format::PickRange));
    let rule = if is_minor && found != Type::String { "minor-unquoted" } else { "wrong-type" };
    if !wants_text || found == Type::String {
        let message = format!("`{}` is {} here", shown(text), found.word());
        return Diagnostic::error(rule, node.location, message).label(format!("expected {expected}"));
    }
    let reads_as = node.to_json().to_string();
    let message = if reads_as == **text {
        format!("`{text}` is {} here", found.word())
    } else {
        format!("`{text}` is {} here, and reads as {reads_as}", found.word())
    };
    let label = match schema.format.filter(|format| !format.accepts(text)) {
        Some(format) => expects(format),
        None => format!("quote it: `\"{text}\"`"),
    };
    Diagnostic::error(rule, node.location, message).label(label)
}

/// Returns the first line of a node, where the caret of a long one should stand.
fn start_of(node: &Node) -> Location {
    let end = node.location.start + u32::from(node.location.end > node.location.start);
    Location { end, ..node.location }
}

fn unknown_word(node: &Node, text: &str, words: &[Value]) -> Diagnostic {
    let known: Vec<String> =
        words.iter().map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned)).collect();
    let message = format!("`{}` is not known here", shown(text));
    let expected = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let diagnostic =
        Diagnostic::error("unknown-word", node.location, message).label(format!("expected {expected}"));
    match nearest(text, known.iter().map(String::as_str)) {
        Some(word) if known.len() > 1 => diagnostic.hint(format!("did you mean `{word}`?")),
        _ => diagnostic,
    }
}

fn unknown_field(entry: &Entry, schema: &Schema) -> Diagnostic {
    let message = format!("unknown field `{}`", shown(&entry.key));
    let diagnostic = Diagnostic::error("unknown-field", entry.key_location, message);
    let known = schema.properties.iter().map(|(name, _)| &**name);
    match nearest(&entry.key, known.clone()) {
        Some(name) => diagnostic.label(format!("did you mean `{name}`?")),
        None => diagnostic.hint(format!("known here: {}", known.collect::<Vec<_>>().join(", "))),
    }
}

/// Cuts a text to what a message can hold.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST && line.len() == text.len() {
        return line.to_owned();
    }
    let cut: String = line.chars().take(MOST).collect();
    format!("{cut}…")
}
