//! Providers: the folders under `templates/`.

use serde_json::Value;

use super::name::Name;
use crate::diagnostic::{Diagnostic, Report};
use crate::location::{FileId, Location, SourceName, Sources};
use crate::spec::yaml::{Node, Options, parse};
use crate::tree::{FileTree, RepoPath};

/// A provider: what its clusters' objects are made from.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name, that of its folder.
    pub name: Name,
    /// Its templates in path order.
    pub templates: Vec<(RepoPath, FileId)>,
    /// Its JSON Schema document.
    pub schema: Value,
    /// What a change of its objects does.
    pub impact: Impact,
}

/// What a change of a provider's objects does to machines: `impact.yaml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Impact {
    /// Whether its machines are set up by kubeadm: one MachineDeployment per zone, and the `kubeadm` block.
    pub kubeadm: bool,
    /// Rules, the first match holds.
    pub rules: Vec<ImpactRule>,
}

/// One rule of an impact table.
#[derive(Clone, Debug, PartialEq)]
pub struct ImpactRule {
    /// The object's kind.
    pub kind: String,
    /// JSON pointer of the changed field or of what holds it; `*` stands for any one step.
    pub field: String,
    /// What the change does.
    pub effect: Effect,
    /// Why, in words.
    pub reason: String,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Rolls the control plane's machines.
    ControlPlane,
    /// Rolls the pool's machines.
    Pool,
    /// Rolls nothing.
    Nothing,
    /// The API refuses it.
    Refused,
}

/// The files of one provider's folder, still unread.
struct Folder {
    name: Name,
    templates: Vec<(RepoPath, FileId)>,
    schema: Option<FileId>,
    impact: Option<FileId>,
    first: FileId,
}

/// Reads every folder under `templates/`; `revision` says of which tree, where it is not the one at hand.
///
/// # Errors
/// Reports folders without templates, `schema.json` or `impact.yaml`, and what in those is not understood.
pub fn read_providers(
    files: &FileTree,
    revision: Option<&str>,
    sources: &mut Sources,
    report: &mut Report,
) -> Vec<Provider> {
    let folders = find_folders(files, revision, sources, report);
    folders.into_iter().filter_map(|folder| folder.read(sources, report)).collect()
}

fn find_folders(
    files: &FileTree,
    revision: Option<&str>,
    sources: &mut Sources,
    report: &mut Report,
) -> Vec<Folder> {
    let mut folders: Vec<Folder> = Vec::new();
    for (path, bytes) in files.0.iter().filter(|(path, _)| path.lies_beneath("templates")) {
        let Some((folder, rest)) = path.as_str().trim_start_matches("templates/").split_once('/') else {
            continue;
        };
        let file = sources.add(SourceName::at(revision, path), bytes.clone());
        let Some(name) = Name::new(folder) else {
            let message = format!("`{folder}` cannot be the name of a provider");
            report.push(
                Diagnostic::error("wrong-format", Location::start_of(file), message)
                    .label("a DNS label is needed"),
            );
            continue;
        };
        if folders.last().is_none_or(|last| last.name != name) {
            folders.push(Folder { name, templates: Vec::new(), schema: None, impact: None, first: file });
        }
        let Some(folder) = folders.last_mut() else { continue };
        match rest {
            "schema.json" => folder.schema = Some(file),
            "impact.yaml" => folder.impact = Some(file),
            _ if rest.ends_with(".yaml.j2") => folder.templates.push((path.clone(), file)),
            _ => {}
        }
    }
    folders
}

impl Folder {
    fn read(self, sources: &Sources, report: &mut Report) -> Option<Provider> {
        let missing = |what: &str| {
            let message = format!("the provider `{}` has no {what}", self.name);
            Diagnostic::error("provider-incomplete", Location::start_of(self.first), message)
        };
        if self.templates.is_empty() {
            report.push(missing("template (`*.yaml.j2`)"));
        }
        let schema = match self.schema {
            Some(file) => read_schema(file, sources, report),
            None => {
                report.push(missing("`schema.json`"));
                None
            }
        };
        let impact = match self.impact {
            Some(file) => read_impact(file, sources, report),
            None => {
                report.push(missing("`impact.yaml`"));
                None
            }
        };
        Some(Provider { name: self.name, templates: self.templates, schema: schema?, impact: impact? })
    }
}

fn read_schema(file: FileId, sources: &Sources, report: &mut Report) -> Option<Value> {
    let bytes = &sources.get(file).bytes;
    match serde_json::from_slice(bytes) {
        Ok(schema) => Some(schema),
        Err(refusal) => {
            let line_start: usize = bytes
                .split_inclusive(|byte| *byte == b'\n')
                .take(refusal.line().saturating_sub(1))
                .map(<[u8]>::len)
                .sum();
            let at = line_start + refusal.column().saturating_sub(1);
            let location = Location::new(file, at.min(bytes.len()), (at + 1).min(bytes.len()));
            report.push(Diagnostic::error(
                "provider-schema",
                location,
                format!("the schema is no JSON: {refusal}"),
            ));
            None
        }
    }
}

fn read_impact(file: FileId, sources: &Sources, report: &mut Report) -> Option<Impact> {
    let documents = match parse(file, &sources.get(file).bytes, Options::SPEC) {
        Ok(documents) => documents,
        Err(findings) => {
            report.extend(findings);
            return None;
        }
    };
    let root = documents.first().map(|document| &document.root);
    let Some(spec) = root.and_then(|root| root.get("spec")) else {
        report.push(Diagnostic::error(
            "missing-field",
            Location::start_of(file),
            "the field `spec` is missing",
        ));
        return None;
    };
    let rules = spec.get("rules").and_then(Node::items).unwrap_or_default();
    let rules = rules.iter().filter_map(|rule| read_rule(rule, report)).collect();
    let kubeadm =
        spec.get("kubeadm").is_some_and(|node| node.scalar() == Some(super::yaml::Scalar::Bool(true)));
    Some(Impact { kubeadm, rules })
}

fn read_rule(node: &Node, report: &mut Report) -> Option<ImpactRule> {
    let mut text = |field: &str| {
        let text = node.get(field).and_then(Node::as_str).map(str::to_owned);
        if text.is_none() {
            let message = format!("the rule has no `{field}`");
            report.push(Diagnostic::error("missing-field", node.location, message).label("here"));
        }
        text
    };
    let (kind, field, effect, reason) = (text("kind")?, text("field")?, text("effect")?, text("reason")?);
    let effect = match effect.as_str() {
        "controlPlane" => Effect::ControlPlane,
        "pool" => Effect::Pool,
        "nothing" => Effect::Nothing,
        "refused" => Effect::Refused,
        other => {
            let location = node.get("effect").map_or(node.location, |node| node.location);
            let message = format!("`{other}` is not known here");
            let expected = "expected `controlPlane`, `pool`, `nothing`, `refused`";
            report.push(Diagnostic::error("unknown-word", location, message).label(expected));
            return None;
        }
    };
    Some(ImpactRule { kind, field, effect, reason })
}
