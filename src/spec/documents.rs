//! From files to documents of the kinds that belong there.

use rayon::prelude::*;

use super::kinds::SpecKind;
use super::yaml::{Node, Options, parse};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::{Location, SourceName, Sources};
use crate::tree::{FileTree, RepoPath};

/// The version of every kind that this yoshino reads.
pub const API_VERSION: &str = "yoshino.dev/v1alpha1";

/// A document, its kind known but its content unchecked.
#[derive(Clone, Debug)]
pub struct SpecDocument {
    /// The kind.
    pub kind: SpecKind,
    /// The file it stands in.
    pub path: RepoPath,
    /// The document.
    pub root: Node,
}

/// Reads every spec of the tree, in path order; `revision` says of which, where it is not the tree at hand.
///
/// # Errors
/// Adds to `report` what is no YAML, what has the wrong kind for its place, and files whose name makes them look
/// like specs that would not be read.
pub fn read_documents(
    files: &FileTree,
    revision: Option<&str>,
    sources: &mut Sources,
    report: &mut Report,
) -> Vec<SpecDocument> {
    let mut wanted = Vec::new();
    for (path, bytes) in &files.0 {
        let mut add = || sources.add(SourceName::at(revision, path), bytes.clone());
        match place_of(path) {
            Place::Specs(kind) => wanted.push((kind, path.clone(), add())),
            Place::Misnamed(hint) => {
                let file = add();
                let message = format!("`{path}` would not be read");
                report.push(Diagnostic::error("misnamed-file", Location::start_of(file), message).hint(hint));
            }
            Place::Elsewhere => {}
        }
    }
    let sources = &*sources;
    let read: Vec<_> = wanted
        .into_par_iter()
        .map(|(kind, path, file)| (kind, path, parse(file, &sources.get(file).bytes, Options::SPEC)))
        .collect();
    let mut documents = Vec::new();
    for (kind, path, result) in read {
        match result {
            Err(findings) => {
                let hinted =
                    findings.diagnostics.into_iter().map(|finding| hint_at_expression(finding, sources));
                report.diagnostics.extend(hinted);
            }
            Ok(roots) => {
                let roots = roots.into_iter().map(|document| document.root);
                let found = roots.filter_map(|root| check_kind(kind, &root, report).then_some(root));
                documents.extend(found.map(|root| SpecDocument { kind, path: path.clone(), root }));
            }
        }
    }
    documents
}

/// Adds to a finding about the braces of an expression how expressions are written in a spec, which is YAML first.
fn hint_at_expression(finding: Diagnostic, sources: &Sources) -> Diagnostic {
    let stands_at_braces = finding.location.is_some_and(|at| {
        let (before, behind) = sources.get(at.file).bytes.split_at(at.start as usize);
        before.ends_with(b"$") && behind.starts_with(b"{{")
    });
    match stands_at_braces {
        true => finding
            .hint("an expression stands behind `key: ` or `- ` on a line of its own, or in quotes, where it is text"),
        false => finding,
    }
}

/// What belongs at a path.
enum Place {
    Specs(SpecKind),
    Misnamed(&'static str),
    Elsewhere,
}

fn place_of(path: &RepoPath) -> Place {
    let text = path.as_str();
    let beneath = |folder: &str| text.strip_prefix(folder);
    let is_yaml = text.ends_with(".yaml");
    if text == "fleet.yaml" {
        return Place::Specs(SpecKind::Fleet);
    }
    if text == "fleet.yml" {
        return Place::Misnamed("rename it to `fleet.yaml`");
    }
    if text == "picks.yaml" {
        return Place::Specs(SpecKind::PickPolicy);
    }
    if beneath("clusters/").is_some() || beneath("tenants/").is_some() {
        return match (is_yaml, path.file_name()) {
            (false, name) if name.ends_with(".yml") => Place::Misnamed("specs end in `.yaml`"),
            (false, _) => Place::Elsewhere,
            (true, "_defaults.yaml") if beneath("clusters/").is_some() => {
                Place::Specs(SpecKind::ClusterDefaults)
            }
            (true, _) if beneath("clusters/").is_some() => Place::Specs(SpecKind::Cluster),
            (true, _) => Place::Specs(SpecKind::Tenant),
        };
    }
    match beneath("addons/").map(|rest| rest.split('/').collect::<Vec<_>>()).as_deref() {
        Some([_, "addon.yaml"]) => Place::Specs(SpecKind::Addon),
        Some([_, "addon.yml"]) => Place::Misnamed("rename it to `addon.yaml`"),
        Some([name]) if name.ends_with(".yaml") => {
            Place::Misnamed("an addon stands in a folder of its own: `addons/<name>/addon.yaml`")
        }
        _ => Place::Elsewhere,
    }
}

/// Returns whether the document's `apiVersion` and `kind` are those of its place.
fn check_kind(kind: SpecKind, root: &Node, report: &mut Report) -> bool {
    if root.entries().is_none() {
        let message = format!("expected a {}, found {}", kind.word(), root.description());
        report.push(Diagnostic::error("wrong-kind", root.location, message));
        return false;
    }
    let expectations = [("apiVersion", API_VERSION), ("kind", kind.word())];
    let mut fits = true;
    for (field, expected) in expectations {
        let Some(node) = root.get(field).filter(|node| !node.is_null()) else {
            // The schema says what is missing.
            continue;
        };
        if node.as_str() == Some(expected) {
            continue;
        }
        fits = false;
        let found = node.as_str().unwrap_or(node.description());
        let message = format!("`{field}` is `{found}`, but only `{expected}` belongs here");
        let mut diagnostic =
            Diagnostic::error("wrong-kind", node.location, message).label(format!("expected `{expected}`"));
        if field == "kind" && SpecKind::ALL.iter().all(|kind| kind.word() != found) {
            let known = SpecKind::ALL.iter().map(|kind| kind.word());
            diagnostic = diagnostic.hint_nearest(found, known, "");
        }
        report.push(diagnostic);
    }
    fits
}
