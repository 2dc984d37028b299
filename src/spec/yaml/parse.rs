//! From bytes to nodes.

use std::collections::BTreeMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, StructureStyle};

use super::node::{Entry, Kind, Node, Scalar, Style};
use super::resolve::resolve;
use crate::diagnostic::{Diagnostic, Report};
use crate::location::{FileId, Location};

/// What to do with a key that stands twice in one map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// An error at both places: our own specs and templates.
    Refuse,
    /// The last one holds, as for Argo CD, and [`Document::duplicates`] names it: files written by others.
    LastHolds,
}

/// What to do with private-use characters, which mark the holes of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateUse {
    /// An error: everything that people write.
    Refuse,
    /// They pass: a rendered template.
    Allow,
}

/// How much one file may make of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Nodes after aliases are expanded.
    pub nodes: usize,
    /// Aliases and merge keys.
    pub aliases: usize,
    /// Nesting of lists and maps.
    pub depth: usize,
}

/// How to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Keys that stand twice.
    pub duplicates: Duplicates,
    /// Private-use characters.
    pub private_use: PrivateUse,
    /// Limits.
    pub limits: Limits,
}

/// One document of a file; empty documents are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The root.
    pub root: Node,
    /// Keys that stood twice under [`Duplicates::LastHolds`], in the order of the later ones.
    pub duplicates: Vec<Duplicate>,
}

/// A key that stands twice in one map, of which the last holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The key as the text JSON gives it.
    pub key: Arc<str>,
    /// Where the entry stands that is lost.
    pub lost: Location,
    /// Where the entry stands that holds.
    pub holds: Location,
}

impl Limits {
    /// What people write: 16 MiB, 500,000 nodes, 10,000 aliases, 100 levels.
    pub const SPEC: Self = Self { bytes: 16 << 20, nodes: 500_000, aliases: 10_000, depth: 100 };
}

impl Options {
    /// How our own specs are read: nothing twice, no private-use characters.
    pub const SPEC: Self =
        Self { duplicates: Duplicates::Refuse, private_use: PrivateUse::Refuse, limits: Limits::SPEC };
    /// How a rendered template is read, whose holes are private-use characters.
    pub const SKELETON: Self = Self { private_use: PrivateUse::Allow, ..Self::SPEC };
    /// How files by others are read, as Argo CD reads them.
    pub const FOREIGN: Self = Self { duplicates: Duplicates::LastHolds, ..Self::SPEC };
}

/// Reads every document of a file.
///
/// # Errors
/// Reports the first syntax error, or every duplicate key, or the limit that was exceeded.
pub fn parse(file: FileId, bytes: &[u8], options: Options) -> Result<Vec<Document>, Report> {
    if bytes.len() > options.limits.bytes {
        return Err(error(
            "yaml-limit",
            Location::start_of(file),
            format!("the file has {} bytes, more than the limit of {}", bytes.len(), options.limits.bytes),
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|broken| {
        let at = Location::new(file, broken.valid_up_to(), broken.valid_up_to() + 1);
        error("yaml-encoding", at, "these bytes are not UTF-8")
    })?;
    let mut composer = Composer {
        file,
        text,
        parser: Parser::new_from_str(text),
        options,
        anchors: BTreeMap::new(),
        duplicates: Vec::new(),
    };
    composer.stream()
}

fn error(rule: &'static str, at: Location, message: impl Into<String>) -> Report {
    let mut report = Report::default();
    report.push(Diagnostic::error(rule, at, message));
    report
}

struct Composer<'a> {
    file: FileId,
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    options: Options,
    anchors: BTreeMap<usize, Node>,
    duplicates: Vec<Duplicate>,
}

impl<'a> Composer<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Report> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(problem)) => {
                let at = problem.marker().byte_offset().unwrap_or(self.text.len());
                Err(error("yaml-syntax", Location::new(self.file, at, at), problem.info()))
            }
            None => Ok((Event::StreamEnd, Span::empty(granit_parser::Marker::new(0, 0, 0)))),
        }
    }

    fn at(&self, span: Span) -> Location {
        let range = span.byte_range().unwrap_or(0..0);
        Location::new(self.file, range.start, range.end)
    }

    fn stream(&mut self) -> Result<Vec<Document>, Report> {
        let mut documents = Vec::new();
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(documents),
                (Event::DocumentStart(..), _) => {
                    let event = self.next()?;
                    let root = self.node(event, 0)?;
                    let duplicates = std::mem::take(&mut self.duplicates);
                    if !root.is_null() {
                        documents.push(Document { root, duplicates });
                    }
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, (event, span): (Event<'a>, Span), depth: usize) -> Result<Node, Report> {
        let location = self.at(span);
        if depth > self.options.limits.depth {
            return Err(error(
                "yaml-limit",
                location,
                format!("lists and maps nest deeper than the limit of {}", self.options.limits.depth),
            ));
        }
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let (style, value) = match style {
                    ScalarStyle::Plain => (Style::Plain, resolve(&text)),
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                        (Style::Quoted, Some(Scalar::String))
                    }
                    ScalarStyle::Literal | ScalarStyle::Folded => (Style::Block, Some(Scalar::String)),
                };
                let value = value.ok_or_else(|| error("yaml-syntax", location, "JSON has no such number"))?;
                (anchor, Node { location, kind: Kind::Scalar { text: text.as_ref().into(), style, value } })
            }
            Event::SequenceStart(style, anchor, _) => (anchor, self.list(location, style, depth)?),
            Event::MappingStart(style, anchor, _) => (anchor, self.map(location, style, depth)?),
            Event::Alias(id) => match self.anchors.get(&id) {
                Some(node) => (0, node.clone()),
                None => {
                    return Err(error("yaml-syntax", location, "the alias names an anchor that contains it"));
                }
            },
            other => return Err(error("yaml-syntax", location, format!("found {other:?}"))),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, start: Location, style: StructureStyle, depth: usize) -> Result<Node, Report> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                let location = Location { end: self.at(span).end, ..start };
                let flow = style == StructureStyle::Flow;
                return Ok(Node { location, kind: Kind::List { items: items.into(), flow } });
            }
            items.push(self.node((event, span), depth + 1)?);
        }
    }

    fn map(&mut self, start: Location, style: StructureStyle, depth: usize) -> Result<Node, Report> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                merged.retain(|entry| entries.iter().all(|own| own.key != entry.key));
                entries.extend(merged);
                let location = Location { end: self.at(span).end, ..start };
                let flow = style == StructureStyle::Flow;
                return Ok(Node { location, kind: Kind::Map { entries: entries.into(), flow } });
            }
            let key = self.node((event, span), depth + 1)?;
            let event = self.next()?;
            let value = self.node(event, depth + 1)?;
            match key_text(&key) {
                Some(text)
                    if &*text == "<<" && matches!(key.kind, Kind::Scalar { style: Style::Plain, .. }) =>
                {
                    merged.extend(value.entries().unwrap_or_default().iter().cloned());
                }
                Some(text) => {
                    if let Some(place) = entries.iter().position(|entry| entry.key == text) {
                        if self.options.duplicates == Duplicates::Refuse {
                            let message = format!("the key `{text}` stands twice in one map");
                            let diagnostic = Diagnostic::error("yaml-duplicate-key", key.location, message)
                                .related(entries[place].key_location, "here first");
                            return Err(Report { diagnostics: vec![diagnostic] });
                        }
                        let lost = entries.remove(place);
                        self.duplicates.push(Duplicate {
                            key: text.clone(),
                            lost: lost.key_location,
                            holds: key.location,
                        });
                    }
                    entries.push(Entry { key: text, key_location: key.location, value });
                }
                None => {
                    return Err(error(
                        "yaml-syntax",
                        key.location,
                        format!("{} cannot be a key", key.description()),
                    ));
                }
            }
        }
    }
}

fn key_text(key: &Node) -> Option<Arc<str>> {
    match &key.kind {
        Kind::Scalar { text, value, .. } => match value {
            Scalar::Null | Scalar::Unsigned(_) => None,
            Scalar::Bool(value) => Some(value.to_string().into()),
            Scalar::Integer(value) => Some(value.to_string().into()),
            Scalar::Float(value) => Some((*value as f32).to_string().into()),
            Scalar::String => Some(text.clone()),
        },
        Kind::List { .. } | Kind::Map { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<serde_json::Value>, Report> {
        let documents = parse(FileId(0), text.as_bytes(), Options::SKELETON)?;
        Ok(documents.iter().map(|document| document.root.to_json()).collect())
    }

    #[test]
    fn every_document_of_a_file_is_read_and_empty_ones_are_left_out() -> Result<(), Report> {
        let documents = read("# nothing\n---\na: yes\n---\n---\n- 0777\n- 1e3\n- \u{e000}12\u{e001}\n")?;

        let expected = [serde_json::json!({"a": true}), serde_json::json!([511, 1000, "\u{e000}12\u{e001}"])];
        assert_eq!(documents, expected);
        Ok(())
    }
}
