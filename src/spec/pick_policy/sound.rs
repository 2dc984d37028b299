//! What a policy's schema cannot say: ranges that mean something else than they seem to, names that stand twice.

use std::collections::BTreeMap;

use super::{Glob, NotAPickRange, PickRange};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::{Location, Sources};
use crate::spec::yaml::{Entry, Node};

/// Reports what is wrong with a document that its schema lets pass.
pub(super) fn check(root: &Node, sources: &Sources, report: &mut Report) {
    let items = |pointer: &str| root.at(pointer).and_then(Node::items).unwrap_or_default();
    let rules = items("/spec/select");
    let ranges = root.at("/spec/targets/minors").into_iter();
    let ranges = ranges.chain(rules.iter().filter_map(|rule| rule.at("/to/minors")));
    let ranges = ranges.chain(items("/spec/exclude").iter().filter_map(|exclusion| exclusion.get("minors")));
    ranges.for_each(|range| report.diagnostics.extend(range_finding(range)));
    for entry in root.at("/spec/targets/lifecycle").and_then(Node::entries).unwrap_or_default() {
        report.diagnostics.extend(key_finding(entry, sources));
    }
    check_ids(rules, report);
    items("/spec/compat").iter().for_each(|compat| report.diagnostics.extend(capture_finding(compat)));
}

/// Reports a comma that was meant as a blank.
fn range_finding(node: &Node) -> Option<Diagnostic> {
    let text = node.as_str()?;
    let Err(NotAPickRange::Comma(meant)) = text.parse::<PickRange>() else { return None };
    let message =
        format!("a comma means or, so that `{text}` would hold for every minor that either part allows");
    let finding = Diagnostic::error("pick-range", node.location, message).label("a blank means and");
    Some(finding.hint(format!("write `{meant}` for minors of which both parts hold")))
}

/// Reports a minor whose last digit YAML drops: `1.30` is 1.3.
fn key_finding(entry: &Entry, sources: &Sources) -> Option<Diagnostic> {
    let written = sources.text(entry.key_location);
    let is_quoted = written.starts_with(['"', '\'']);
    if is_quoted || written == *entry.key {
        return None;
    }
    let message = format!("`{written}` is a number here, and reads as {}", entry.key);
    let finding = Diagnostic::error("minor-unquoted", entry.key_location, message);
    Some(finding.label(format!("quote it: `\"{written}\"`")))
}

fn check_ids(rules: &[Node], report: &mut Report) {
    let mut places: BTreeMap<&str, Location> = BTreeMap::new();
    for id in rules.iter().filter_map(|rule| rule.get("id")) {
        let Some(text) = id.as_str() else { continue };
        match places.get(text) {
            Some(first) => {
                let message = format!("there are two rules called `{text}`");
                let finding = Diagnostic::error("duplicate-name", id.location, message).label("the second");
                report.push(finding.related(*first, "the first"));
            }
            None => _ = places.insert(text, id.location),
        }
    }
}

/// Reports a name in `file` that `paths` does not give.
fn capture_finding(compat: &Node) -> Option<Diagnostic> {
    let glob: Glob = compat.get("paths")?.as_str()?.parse().ok()?;
    let file = compat.get("file")?;
    let names =
        file.as_str()?.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    let unknown = names.into_iter().find(|name| glob.names().all(|known| known != *name))?;
    let message = format!("nothing says what `{{{unknown}}}` is");
    let finding = Diagnostic::error("pick-capture", file.location, message);
    Some(finding.hint(format!("`{{{unknown}}}` must be a part of `paths`")))
}
