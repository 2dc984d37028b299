//! The tree that a rendered text is, parsed once however many clusters share it.
//!
//! A shape is what does not change from cluster to cluster: the documents as far as no value is missing, and a plan
//! of where values go. What can be decided without values is decided here: nulls and block maps without entries are
//! already gone. It must not know values.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Map, Value};

use crate::diagnostic::{Diagnostic, Report};
use crate::location::{FileId, Location};
use crate::spec::yaml::{self, Entry, Kind, Node, Style};

use super::hole;
use super::limits::{REMEMBERED_BYTES, SKELETON};

/// Shapes by their text, shared by all threads; forgets everything when it has grown past its limit.
#[derive(Debug, Default)]
pub struct Shapes {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    bytes: usize,
    /// By a hash of the text, which is compared again: of two texts with one hash only one is remembered.
    shapes: BTreeMap<u64, Arc<Shape>>,
}

/// A rendered text, parsed.
#[derive(Debug)]
pub(super) struct Shape {
    /// The text it was parsed from.
    pub(super) skeleton: String,
    /// Its documents, empty ones left out.
    pub(super) documents: Vec<Document>,
}

/// One document, ready to fill.
#[derive(Debug)]
pub(super) struct Document {
    /// Byte of the template's file where the document begins; `None` for one without `---` before it.
    pub(super) begins: Option<u32>,
    /// Byte of the text where its root begins.
    pub(super) starts: u32,
    /// The document with null where values go.
    pub(super) prototype: Value,
    /// Where values go.
    pub(super) plan: Plan,
}

/// What to do with one node of a prototype.
#[derive(Debug)]
pub(super) enum Plan {
    /// Nothing.
    Keep,
    /// It is a value, or text with values.
    Leaf(Leaf),
    /// Some of its values are to be filled, by place.
    Map(Vec<(usize, Plan)>, Emptied),
    /// Some of its items are to be filled, by place.
    List(Vec<(usize, Plan)>, Emptied),
    /// A map with keys to be filled, which has to be made anew.
    Keyed(Vec<KeyedEntry>, Emptied),
}

/// A scalar with values, and where it stands.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) text: LeafText,
    pub(super) at: Location,
}

/// What a scalar is filled with.
#[derive(Debug)]
pub(super) enum LeafText {
    /// One value, which keeps its type.
    Value(usize),
    /// Text with holes.
    Text(Arc<str>),
    /// The rendered text of this number; a plain one keeps the type of a value that is all of it.
    Rendered(usize, Style),
}

/// An entry of a map with keys to be filled.
#[derive(Debug)]
pub(super) struct KeyedEntry {
    pub(super) key: Key,
    pub(super) key_at: Location,
    pub(super) prototype: Value,
    pub(super) plan: Plan,
}

/// A key.
#[derive(Debug)]
pub(super) enum Key {
    Literal(Arc<str>),
    Filled(Leaf),
}

/// What becomes of a map or list when nothing is left in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Emptied {
    /// It goes too: it was written in block form.
    Goes,
    /// It stays: it was written in `{}` or `[]`.
    Stays,
}

/// Where a scalar stands, as far as its meaning depends on it.
pub(super) struct Scalar<'a> {
    pub(super) text: &'a Arc<str>,
    pub(super) style: Style,
    pub(super) at: Location,
    /// Whether it stands in `{}` or `[]`.
    pub(super) inside: Emptied,
}

impl Shapes {
    /// Returns the shape of a rendered text.
    ///
    /// # Errors
    /// Reports what is wrong with the text as YAML and as a template, by bytes of the text.
    pub(super) fn of(&self, skeleton: String) -> Result<Arc<Shape>, Report> {
        let hash = hash(skeleton.as_bytes());
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).shapes.get(&hash).cloned();
        if let Some(shape) = known.filter(|shape| shape.skeleton == skeleton) {
            return Ok(shape);
        }
        let bytes = skeleton.len();
        let shape = Arc::new(Shape::parse(skeleton)?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.bytes + bytes > REMEMBERED_BYTES {
            *known = Known::default();
        }
        known.bytes += bytes;
        known.shapes.insert(hash, shape.clone());
        Ok(shape)
    }
}

/// Hashes eight bytes at a time; only speed matters, since equality is checked afterwards.
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(bytes.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    rest.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
}

impl Shape {
    fn parse(skeleton: String) -> Result<Self, Report> {
        // No file: whoever reports finds the template's own place for every byte of the text.
        let parsed = yaml::parse(FileId(0), skeleton.as_bytes(), SKELETON)?;
        let mut report = Report::default();
        let mut documents = Vec::new();
        for document in parsed {
            let mut leaf = |scalar: &Scalar<'_>| {
                leaf(scalar).unwrap_or_else(|diagnostic| {
                    report.push(*diagnostic);
                    None
                })
            };
            let root = document.root.location;
            if document.root.entries().is_none() {
                let message = format!("a document is {}, not an object", document.root.description());
                report.push(
                    Diagnostic::error("template-structure", root, message).label("expected `key: value`"),
                );
            } else if let Some((prototype, plan)) = build(&document.root, Emptied::Goes, &mut leaf) {
                let begins = hole::last_note(&skeleton[..root.start as usize]);
                documents.push(Document { begins, starts: root.start, prototype, plan });
            }
        }
        report.or(Self { skeleton, documents })
    }
}

/// Returns what a scalar of a rendered text is to be filled with; `None` where it is as it is.
fn leaf(scalar: &Scalar<'_>) -> Result<Option<LeafText>, Box<Diagnostic>> {
    let Scalar { text, style, at, inside } = *scalar;
    if !hole::has_any(text) {
        if text.contains("${{") {
            let message = "an expression is left over: what stands before it looks like a comment";
            let diagnostic = Diagnostic::error("template-structure", at, message);
            return Err(Box::new(diagnostic.hint("put the text in quotes")));
        }
        return Ok(None);
    }
    if style == Style::Plain && inside == Emptied::Stays {
        let message = "a bare expression cannot stand in `{}` or `[]`";
        let diagnostic = Diagnostic::error("template-structure", at, message)
            .hint("write the block form: `key: ${{ … }}` or `- ${{ … }}`, each on its own line")
            .hint("or put it in quotes, where it is text: `\"${{ … }}\"`");
        return Err(Box::new(diagnostic));
    }
    Ok(Some(match hole::only(text) {
        Some(number) if style == Style::Plain => LeafText::Value(number),
        _ => LeafText::Text(text.clone()),
    }))
}

/// Makes a prototype and a plan of a node; `None` where nothing remains of it.
///
/// `leaf` says of each scalar, keys included, what it is to be filled with.
pub(super) fn build(
    node: &Node,
    inside: Emptied,
    leaf: &mut dyn FnMut(&Scalar<'_>) -> Option<LeafText>,
) -> Option<(Value, Plan)> {
    match &node.kind {
        Kind::Scalar { text, style, .. } => {
            let scalar = Scalar { text, style: *style, at: node.location, inside };
            if let Some(text) = leaf(&scalar) {
                return Some((Value::Null, Plan::Leaf(Leaf { text, at: node.location })));
            }
            let value = node.to_json();
            (!value.is_null()).then_some((value, Plan::Keep))
        }
        Kind::List { items, flow } => {
            let inside = Emptied::of(*flow);
            let mut prototype = Vec::with_capacity(items.len());
            let mut plans = Vec::new();
            for item in items.iter() {
                let Some((item, plan)) = build(item, inside, leaf) else { continue };
                if !matches!(plan, Plan::Keep) {
                    plans.push((prototype.len(), plan));
                }
                prototype.push(item);
            }
            let gone = prototype.is_empty() && inside == Emptied::Goes;
            let plan = if plans.is_empty() { Plan::Keep } else { Plan::List(plans, inside) };
            (!gone).then_some((Value::Array(prototype), plan))
        }
        Kind::Map { entries, flow } => map(entries, Emptied::of(*flow), leaf),
    }
}

fn map(
    entries: &[Entry],
    inside: Emptied,
    leaf: &mut dyn FnMut(&Scalar<'_>) -> Option<LeafText>,
) -> Option<(Value, Plan)> {
    let mut built = Vec::with_capacity(entries.len());
    for entry in entries {
        let scalar = Scalar { text: &entry.key, style: key_style(entry), at: entry.key_location, inside };
        let key = match leaf(&scalar) {
            Some(text) => Key::Filled(Leaf { text, at: entry.key_location }),
            None => Key::Literal(entry.key.clone()),
        };
        if let Some((prototype, plan)) = build(&entry.value, inside, leaf) {
            built.push(KeyedEntry { key, key_at: entry.key_location, prototype, plan });
        }
    }
    if built.is_empty() {
        return (inside == Emptied::Stays).then(|| (Value::Object(Map::new()), Plan::Keep));
    }
    if built.iter().any(|entry| matches!(entry.key, Key::Filled(_))) {
        return Some((Value::Null, Plan::Keyed(built, inside)));
    }
    let mut prototype = Map::with_capacity(built.len());
    let mut plans = Vec::new();
    for (place, entry) in built.into_iter().enumerate() {
        let Key::Literal(key) = entry.key else { continue };
        if !matches!(entry.plan, Plan::Keep) {
            plans.push((place, entry.plan));
        }
        prototype.insert(key.to_string(), entry.prototype);
    }
    let plan = if plans.is_empty() { Plan::Keep } else { Plan::Map(plans, inside) };
    Some((Value::Object(prototype), plan))
}

/// Tells a bare key from a quoted one by the quotes that its place includes.
fn key_style(entry: &Entry) -> Style {
    let length = entry.key_location.end.saturating_sub(entry.key_location.start) as usize;
    if length == entry.key.len() { Style::Plain } else { Style::Quoted }
}

impl Emptied {
    fn of(flow: bool) -> Self {
        if flow { Self::Stays } else { Self::Goes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(shapes: &Shapes) -> (usize, usize) {
        let known = shapes.known.read().unwrap_or_else(PoisonError::into_inner);
        (known.shapes.len(), known.bytes)
    }

    #[test]
    fn a_shape_is_parsed_once_and_shared() -> Result<(), Report> {
        let shapes = Shapes::default();
        let text = "a: \u{e000}0\u{e001}\n";

        let (first, second) = (shapes.of(text.to_owned())?, shapes.of(text.to_owned())?);

        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(known(&shapes), (1, text.len()));
        Ok(())
    }

    #[test]
    fn shapes_are_forgotten_before_they_take_too_much() -> Result<(), Report> {
        let shapes = Shapes::default();
        let filler = "#".repeat(REMEMBERED_BYTES / 4);

        for number in 0..6 {
            shapes.of(format!("a: {number}\n{filler}"))?;
        }

        assert!(known(&shapes).1 <= REMEMBERED_BYTES);
        assert!(known(&shapes).0 < 6);
        Ok(())
    }

    #[test]
    fn texts_of_one_hash_are_told_apart() -> Result<(), Report> {
        let shapes = Shapes::default();
        let other = Arc::new(Shape { skeleton: "b: 1".to_owned(), documents: Vec::new() });
        let mut remembered = shapes.known.write().unwrap_or_else(PoisonError::into_inner);
        remembered.shapes.insert(hash(b"a: 1"), other);
        drop(remembered);

        let shape = shapes.of("a: 1".to_owned())?;

        assert_eq!(shape.documents[0].prototype, serde_json::json!({"a": 1}));
        Ok(())
    }

    #[test]
    fn what_needs_no_value_is_decided_once() -> Result<(), Report> {
        let shape = Shape::parse("a: null\nb:\n  c:\nd: {e: 1}\nf:\n  g: \u{e000}0\u{e001}\n".to_owned())?;

        let document = &shape.documents[0];
        assert_eq!(document.prototype, serde_json::json!({"d": {"e": 1}, "f": {"g": null}}));
        assert!(
            matches!(&document.plan, Plan::Map(plans, Emptied::Goes) if plans.len() == 1 && plans[0].0 == 1)
        );
        Ok(())
    }
}
