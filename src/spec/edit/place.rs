//! The place of a field in a document: where its value stands, or where it would be written by somebody who cares.

use std::collections::BTreeMap;

use super::splice::Splice;
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::yaml::{Entry, Kind, Node, Style, is_text};

/// One document of a file.
pub(super) struct Document<'a> {
    pub(super) root: &'a Node,
    /// The whole file.
    pub(super) bytes: &'a [u8],
}

/// A field that is set.
pub(super) struct Field<'f> {
    pub(super) name: &'f str,
    /// The fields that it is written behind, the best first.
    pub(super) behind: &'f [&'f str],
}

impl Document<'_> {
    /// Sets a field of `map`, which has entries.
    ///
    /// # Errors
    /// Says why only somebody who sees more than one field can do that.
    pub(super) fn set(&self, map: &Node, field: &Field<'_>, value: &str) -> Result<Splice, Report> {
        let entries = map.entries().unwrap_or_default();
        match entries.iter().find(|entry| &*entry.key == field.name) {
            Some(entry) if stands_in(entry.key_location, map.location) => self.replace(map, entry, value),
            // What `<<` brought stays where it is: others have it, too.
            Some(_) => self.insert_text(map, field.name, &written(value), own(map).last()),
            None => {
                let own = own(map);
                let named = |name: &&str| own.iter().find(|entry| *entry.key == **name).copied();
                let behind = field.behind.iter().find_map(named);
                self.insert_text(map, field.name, &written(value), behind.as_ref())
            }
        }
    }

    /// Writes a `spec` into a document that has none, or an empty one.
    pub(super) fn write_spec(
        &self,
        fields: &[(Field<'_>, &str)],
        pools: &BTreeMap<String, String>,
    ) -> Result<Splice, Report> {
        let mut parts: Vec<String> =
            fields.iter().map(|(field, value)| format!("{}: {}", field.name, written(value))).collect();
        if !pools.is_empty() {
            let pools: Vec<(&str, &str)> =
                pools.iter().map(|(name, version)| (&**name, &**version)).collect();
            parts.push(format!("nodePools: [{}]", flow_pools(&pools)));
        }
        let spec = format!("{{{}}}", parts.join(", "));
        let entries = self.root.entries().unwrap_or_default();
        match entries.iter().find(|entry| &*entry.key == "spec") {
            Some(entry) => {
                let Location { start, end, .. } = self.not_repeated(&entry.value, entry)?;
                let blank = if start == end { " " } else { "" };
                Ok(Splice::replace(start as usize, end as usize, format!("{blank}{spec}")))
            }
            None => self.insert_text(self.root, "spec", &spec, own(self.root).last()),
        }
    }

    /// Adds pools to the cluster's own `nodePools`, or those with them.
    pub(super) fn add_pools(&self, spec: &Node, pools: &[(&str, &str)]) -> Result<Splice, Report> {
        let own = own(spec);
        let written = own.iter().find(|entry| &*entry.key == "nodePools");
        let list = written.map(|entry| (entry, &entry.value)).filter(|(_, list)| list.items().is_some());
        let Some((entry, list)) = list else {
            return self.insert_pools(spec, pools, own.last());
        };
        self.not_repeated(list, entry)?;
        let (Kind::List { flow, .. }, Some(last)) = (&list.kind, list.items().and_then(<[Node]>::last))
        else {
            return Err(refusal(entry.key_location, "the pools cannot be added to").into());
        };
        if *flow {
            return Ok(Splice::insert(last.location.end as usize, format!(", {}", flow_pools(pools))));
        }
        let indent = self.indent(list.location.start as usize);
        let items = pools.iter().map(|pool| format!("{indent}- {}", flow_pools(&[*pool])));
        Ok(self.lines_behind(list.location.end as usize, &items.collect::<Vec<_>>()))
    }

    fn insert_pools(
        &self,
        spec: &Node,
        pools: &[(&str, &str)],
        last: Option<&&Entry>,
    ) -> Result<Splice, Report> {
        if is_flow(spec) {
            return self.insert_text(spec, "nodePools", &format!("[{}]", flow_pools(pools)), last);
        }
        self.not_shared(spec.location)?;
        let indent = self.indent(spec.location.start as usize);
        let mut lines = vec![format!("{indent}nodePools:")];
        lines.extend(pools.iter().map(|pool| format!("{indent}  - {}", flow_pools(&[*pool]))));
        Ok(self.lines_behind(spec.location.end as usize, &lines))
    }

    /// Puts a value in the place of another, in the quotes or the style that has.
    fn replace(&self, map: &Node, entry: &Entry, value: &str) -> Result<Splice, Report> {
        let at = self.not_repeated(&entry.value, entry)?;
        self.not_shared(map.location)?;
        let (start, end) = (at.start as usize, at.end as usize);
        let text = &self.bytes[start..end];
        if text.is_empty() {
            let colon = if self.bytes[..start].ends_with(b":") { "" } else { ":" };
            return Ok(Splice::insert(start, format!("{colon} {}", written(value))));
        }
        let (old, style) = match &entry.value.kind {
            Kind::Scalar { text, style, .. } => (&**text, *style),
            Kind::List { .. } | Kind::Map { .. } => ("", Style::Plain),
        };
        let inner = find(text, old.trim_end().as_bytes());
        match inner.filter(|_| style != Style::Plain || is_text(value)) {
            Some(inner) => {
                let start = start + inner;
                Ok(Splice::replace(start, start + old.trim_end().len(), value))
            }
            None => Ok(Splice::replace(start, end, written(value))),
        }
    }

    /// Writes `name: text` into a map, behind an entry of its own, or before all.
    fn insert_text(
        &self,
        map: &Node,
        name: &str,
        text: &str,
        behind: Option<&&Entry>,
    ) -> Result<Splice, Report> {
        self.not_shared(map.location)?;
        let start = map.location.start as usize;
        // An alias is shorter or longer than what it repeats, so nobody knows here where it ends.
        let behind = behind.filter(|entry| stands_in(entry.value.location, map.location));
        if is_flow(map) {
            let is_json = |entry: &Entry| self.bytes[entry.key_location.start as usize] == b'"';
            let field = match behind.or(own(map).first()).is_some_and(|entry| is_json(entry)) {
                true if text.starts_with(['"', '[', '{']) => format!("\"{name}\": {text}"),
                true => format!("\"{name}\": \"{text}\""),
                false => format!("{name}: {text}"),
            };
            return Ok(match behind.filter(|entry| entry.value.location.start < entry.value.location.end) {
                Some(entry) => Splice::insert(entry.value.location.end as usize, format!(", {field}")),
                None => Splice::insert(start + 1, format!("{field}, ")),
            });
        }
        let line = format!("{}{name}: {text}", self.indent(start));
        match behind {
            Some(entry) => Ok(self.lines_behind(entry.value.location.end as usize, &[line])),
            None => Ok(self.lines_above(start, &line)),
        }
    }

    /// Returns what stands before a place in its line, with blanks for everything else.
    fn indent(&self, at: usize) -> String {
        let line = self.line_start(at);
        // A byte order mark takes no room.
        let line = if self.bytes[line..at].starts_with("\u{feff}".as_bytes()) { line + 3 } else { line };
        String::from_utf8_lossy(&self.bytes[line..at]).chars().map(|_| ' ').collect()
    }

    fn line_start(&self, at: usize) -> usize {
        self.bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1)
    }

    /// Writes lines behind the line that ends with or behind the byte `at`, with the end that line has.
    fn lines_behind(&self, at: usize, lines: &[String]) -> Splice {
        // The text of a block scalar ends with its line.
        let from = if at > 0 && self.bytes[at - 1] == b'\n' { at - 1 } else { at };
        match self.bytes[from..].iter().position(|byte| *byte == b'\n') {
            Some(newline) => {
                let end = self.line_end(from + newline);
                let lines: String = lines.iter().map(|line| format!("{line}{end}")).collect();
                Splice::insert(from + newline + 1, lines)
            }
            None => {
                let last = self.bytes.iter().rposition(|byte| *byte == b'\n');
                let end = last.map_or("\n", |newline| self.line_end(newline));
                let lines: String = lines.iter().map(|line| format!("{end}{line}")).collect();
                Splice::insert(self.bytes.len(), lines)
            }
        }
    }

    /// Writes a line above the map that begins at `at`, and above the comments that belong to its first entry.
    fn lines_above(&self, at: usize, line: &str) -> Splice {
        let mut top = self.line_start(at);
        while top > 0 {
            let above = self.line_start(top - 1);
            let text = self.bytes[above..top].trim_ascii();
            if !text.starts_with(b"#") {
                break;
            }
            top = above;
        }
        let newline = self.bytes[at..].iter().position(|byte| *byte == b'\n');
        let end = newline.map_or("\n", |newline| self.line_end(at + newline));
        Splice::insert(top, format!("{line}{end}"))
    }

    /// Returns the end of the line whose newline stands at a byte.
    fn line_end(&self, newline: usize) -> &'static str {
        if self.bytes[..newline].ends_with(b"\r") { "\r\n" } else { "\n" }
    }

    /// Returns where the value of an entry stands, if it stands behind its key and nowhere else.
    fn not_repeated(&self, value: &Node, entry: &Entry) -> Result<Location, Report> {
        let at = value.location;
        if at.start < entry.key_location.end {
            let message = format!("`{}` is an alias here, and its anchor belongs to others, too", entry.key);
            return Err(refusal(entry.key_location, message)
                .related(at, "the anchor")
                .hint("write the value itself in the place of the alias")
                .into());
        }
        if at.start < at.end {
            self.not_shared(at)?;
        }
        Ok(at)
    }

    /// Makes sure that what stands at a place is one node of the document, and not what aliases repeat.
    fn not_shared(&self, at: Location) -> Result<(), Report> {
        let mut paths = Vec::new();
        find_paths(self.root, at, &mut String::new(), &mut paths);
        match &paths[..] {
            [first, second, ..] => {
                let message = format!("`{first}` is `{second}`, too, through an alias");
                Err(refusal(at, message)
                    .label("an edit would change both")
                    .hint("write the one that stays as a value of its own")
                    .into())
            }
            [_] | [] => Ok(()),
        }
    }
}

/// Collects the paths of the nodes that stand at a place.
fn find_paths(node: &Node, at: Location, path: &mut String, found: &mut Vec<String>) {
    if node.location == at {
        found.push(path.trim_start_matches('.').to_owned());
    }
    let length = path.len();
    let mut visit = |step: String, child: &Node| {
        path.push_str(&step);
        find_paths(child, at, path, found);
        path.truncate(length);
    };
    match &node.kind {
        Kind::Map { entries, .. } => {
            entries.iter().for_each(|entry| visit(format!(".{}", entry.key), &entry.value));
        }
        Kind::List { items, .. } => {
            items.iter().enumerate().for_each(|(index, item)| visit(format!("[{index}]"), item));
        }
        Kind::Scalar { .. } => {}
    }
}

/// Returns the entries of a map that are written in it, in their order.
fn own(map: &Node) -> Vec<&Entry> {
    let is_own = |entry: &&Entry| stands_in(entry.key_location, map.location);
    let mut own: Vec<&Entry> = map.entries().unwrap_or_default().iter().filter(is_own).collect();
    own.sort_by_key(|entry| entry.key_location.start);
    own
}

fn stands_in(inner: Location, outer: Location) -> bool {
    inner.start >= outer.start && inner.end <= outer.end
}

fn is_flow(map: &Node) -> bool {
    matches!(map.kind, Kind::Map { flow: true, .. })
}

/// Returns a value as it is written where nothing stood before.
fn written(value: &str) -> String {
    if is_text(value) { value.to_owned() } else { format!("\"{value}\"") }
}

fn flow_pools(pools: &[(&str, &str)]) -> String {
    let pool = |(name, version): &(&str, &str)| {
        format!("{{name: {}, kubernetes: {}}}", written(name), written(version))
    };
    pools.iter().map(pool).collect::<Vec<_>>().join(", ")
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    if wanted.is_empty() {
        return None;
    }
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn refusal(at: Location, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("edit-in-place", at, message)
}
