//! What becomes of one Application, and of what it installs.
//!
//! Where in this repository it reads is wiring: what counts is what lies there. So paths are left out of the comparison,
//! and the contents behind them are compared instead.

use serde_json::{Map, Value};

use super::content::{Content, Contents, GoneNamespace, Reading, is_own, readings, sources};
use super::field::{differences, masked};
use super::pair::Pair;
use super::single::{Reason, Single};
use super::{Class, FieldChange, Workloads};
use crate::emit::application::RESOURCES_FINALIZER;
use crate::emit::application_set::HOLD;
use crate::error::Failure;
use crate::spec::fleet::Fleet;

/// What two Applications are held against.
#[derive(Clone, Copy)]
pub struct Scales<'s> {
    /// The fleets of both sides.
    pub fleets: Pair<&'s Fleet>,
    /// What lies behind Applications.
    pub contents: &'s Contents<'s>,
}

/// How two Applications of one name differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What the difference does.
    pub class: Class,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What differs.
    pub fields: Vec<FieldChange>,
    /// The namespaces that go from what it reads.
    pub gone: Vec<GoneNamespace>,
}

/// What a source installs from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    /// A chart of a repository.
    Chart { repository: String, chart: String },
    /// This repository.
    Own,
    /// This repository, read by another source.
    Reference,
    /// Another repository.
    Other { repository: String },
}

/// Compares two Applications of one name; `None` where nothing differs, what they read included.
///
/// # Errors
/// Reports files that cannot be read.
pub fn compare(pair: Pair<&Value>, scales: Scales<'_>) -> Result<Option<Verdict>, Failure> {
    let specs = pair.map(|application| application.get("spec").unwrap_or(&Value::Null));
    if is_held(pair.head) {
        let reason =
            Reason::new("it is held: it stays as it is, as its Secret names what no ApplicationSet has");
        let (fields, gone) = (Vec::new(), Vec::new());
        let held = Verdict { class: Class::Changes, reasons: vec![reason], fields, gone };
        return Ok((!is_held(pair.base)).then_some(held));
    }
    let mut fields = differences(&without_sources(pair.base), &without_sources(pair.head));
    let mut reasons = Vec::new();
    let mut class = Class::Changes;
    let origins = Pair::new(origins(specs.base, scales.fleets.base), origins(specs.head, scales.fleets.head));
    let mut content = Content::default();
    if origins.base.first() == origins.head.first() {
        content = contents(specs, scales)?;
        let is_own = matches!(origins.head.first(), Some(Origin::Own | Origin::Reference));
        for (field, is_version) in source_fields(specs, &origins, scales.fleets) {
            // Another release that holds the same there is the same.
            if is_version && is_own && content.is_same() {
                continue;
            }
            class = if is_version { Class::Upgrades } else { class };
            reasons.extend(is_version.then(|| version_reason(&field, &origins.head)));
            fields.push(field);
        }
        reasons.extend(moves(specs, scales.fleets));
    } else {
        reasons.push(Reason::new(format!(
            "it is installed from {} instead of {}",
            described(specs.head, scales.fleets.head),
            described(specs.base, scales.fleets.base)
        )));
        fields.push(sources_field(specs));
    }
    fields.extend(content.fields.iter().cloned());
    let said = content.grants.iter().chain(&content.unseen);
    reasons.extend(said.map(Reason::new));
    if !fields.is_empty() || !content.unseen.is_empty() {
        return Ok(Some(Verdict { class, reasons, fields, gone: content.gone }));
    }
    Ok(cosmetic(pair, &content))
}

/// The reason of an Application that differs in nothing but where it reads from.
pub const READS_ELSEWHERE: &str = "it reads the same from elsewhere";

/// Says what has no effect; `None` where nothing differs at all.
fn cosmetic(pair: Pair<&Value>, content: &Content) -> Option<Verdict> {
    let fields = differences(pair.base, pair.head);
    let mut reasons = Vec::new();
    if !fields.is_empty() {
        reasons.push(Reason::new(READS_ELSEWHERE));
    } else if pair.base != pair.head {
        reasons.push(Reason::new("only the order of items differs"));
    }
    if !content.cosmetic.is_empty() {
        let general = "what differs in what it reads has no effect";
        let own = format!("{general}: `{}`", content.cosmetic.join("`, `"));
        reasons.push(Reason::new(general).own(own));
    }
    let gone = Vec::new();
    (!reasons.is_empty()).then_some(Verdict { class: Class::Cosmetic, reasons, fields, gone })
}

/// Returns whether the controller leaves an Application alone.
pub fn is_held(application: &Value) -> bool {
    application.pointer("/spec/project").and_then(Value::as_str) == Some(HOLD)
}

/// Returns what becomes of an Application's workloads when it is deleted.
pub fn workloads(application: &Value) -> Workloads {
    let finalizers = application.pointer("/metadata/finalizers").and_then(Value::as_array);
    let mut finalizers = finalizers.into_iter().flatten().filter_map(Value::as_str);
    // `/background` and `/foreground` say how, not whether.
    let deletes = finalizers.any(|finalizer| finalizer.split('/').next() == Some(RESOURCES_FINALIZER));
    if deletes { Workloads::Deleted } else { Workloads::Orphaned }
}

/// Says in words what an Application installs: `the chart cilium 1.20.3`.
pub fn described(spec: &Value, fleet: &Fleet) -> String {
    let Some(source) = sources(spec).first() else { return "nothing".into() };
    let text = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or_default();
    match origin(source, fleet) {
        Origin::Chart { repository, chart } => {
            format!("the chart `{chart}` {} of {repository}", text("targetRevision"))
        }
        Origin::Own | Origin::Reference => format!("`{}`", text("path")),
        Origin::Other { repository } => {
            format!("`{}` at `{}` of {repository}", text("path"), text("targetRevision"))
        }
    }
}

/// Returns the version of what an Application installs: a chart's, else the revision that is read.
pub fn version(spec: &Value) -> Option<&str> {
    sources(spec).first()?.get("targetRevision")?.as_str()
}

/// Single words that tell what is installed, for a new Application.
pub fn installed(single: &mut Single, application: &Value, fleet: &Fleet) {
    let spec = application.get("spec").unwrap_or(&Value::Null);
    if is_held(application) {
        single.reasons.push(Reason::new(
            "it is held, so nothing is installed: its Secret names what no ApplicationSet has",
        ));
    } else {
        single.reasons.push(Reason::new(format!("from {}", described(spec, fleet))));
    }
}

fn without_sources(application: &Value) -> Value {
    let mut rest = application.clone();
    if let Some(spec) = rest.get_mut("spec").and_then(Value::as_object_mut) {
        spec.shift_remove("source");
        spec.shift_remove("sources");
    }
    rest
}

fn origins(spec: &Value, fleet: &Fleet) -> Vec<Origin> {
    sources(spec).iter().map(|source| origin(source, fleet)).collect()
}

fn origin(source: &Value, fleet: &Fleet) -> Origin {
    let text = |key: &str| source.get(key).and_then(Value::as_str);
    let repository = text("repoURL").unwrap_or_default().to_owned();
    match (text("chart"), text("ref")) {
        (Some(chart), _) if !chart.is_empty() => Origin::Chart { repository, chart: chart.to_owned() },
        (_, Some(_)) if is_own(source, fleet) && text("path").is_none() => Origin::Reference,
        _ if is_own(source, fleet) => Origin::Own,
        _ => Origin::Other { repository },
    }
}

/// Compares what both read from this repository.
fn contents(specs: Pair<&Value>, scales: Scales<'_>) -> Result<Content, Failure> {
    let (base_values, base_folders) = readings(specs.base, scales.fleets.base);
    let (head_values, head_folders) = readings(specs.head, scales.fleets.head);
    let mut content = Content::default();
    for (base, head) in [(base_values, head_values), (base_folders, head_folders)] {
        let count = base.len().max(head.len());
        let at = |all: &[Reading], index: usize| all.get(index).cloned();
        for index in 0..count {
            let pair = Pair::new(at(&base, index), at(&head, index));
            content.extend(&*scales.contents.compare(pair)?);
        }
    }
    Ok(content)
}

/// Compares the sources but for their paths in this repository; says of each field whether it is a version.
fn source_fields(
    specs: Pair<&Value>,
    origins: &Pair<Vec<Origin>>,
    fleets: Pair<&Fleet>,
) -> Vec<(FieldChange, bool)> {
    let all = specs.map(sources);
    let mut fields = Vec::new();
    for index in 0..all.base.len().max(all.head.len()) {
        let kinds = Pair::new(origins.base.get(index), origins.head.get(index));
        let is_own = |origin: Option<&Origin>| matches!(origin, None | Some(Origin::Own | Origin::Reference));
        let path = match all.head.len().max(all.base.len()) {
            1 if specs.head.get("sources").is_none() => "/spec/source".to_owned(),
            _ => format!("/spec/sources/{index}"),
        };
        let source = |side: &[Value], origin: Option<&Origin>| {
            side.get(index).map_or_else(|| Value::Object(Map::new()), |source| compared(source, origin))
        };
        // A source that only reads this repository is told by what lies there.
        if is_own(kinds.base) && is_own(kinds.head) && (kinds.base.is_none() || kinds.head.is_none()) {
            continue;
        }
        let (base, head) = (source(all.base, kinds.base), source(all.head, kinds.head));
        for field in differences(&base, &head) {
            let is_version = field.path == "/targetRevision"
                && kinds.base == kinds.head
                && !(is_own(kinds.head) && is_branch(&field, fleets));
            fields.push((FieldChange { path: format!("{path}{}", field.path), ..field }, is_version));
        }
    }
    fields
}

/// Returns whether a revision of this repository is one that moves: the trunk, or the branch of the output.
fn is_branch(field: &FieldChange, fleets: Pair<&Fleet>) -> bool {
    let is_known = |value: &Option<Value>, fleet: &Fleet| {
        let revision = value.as_ref().and_then(Value::as_str).unwrap_or_default();
        [fleet.spec.repository.trunk.as_str(), fleet.output_revision()].contains(&revision)
    };
    is_known(&field.from, fleets.base) && is_known(&field.to, fleets.head)
}

/// Returns a source without its paths in this repository.
fn compared(source: &Value, origin: Option<&Origin>) -> Value {
    let mut rest = source.clone();
    if let Some(map) = rest.as_object_mut() {
        if matches!(origin, Some(Origin::Own | Origin::Reference)) {
            map.shift_remove("path");
        }
        if let Some(helm) = map.get_mut("helm").and_then(Value::as_object_mut) {
            // Files of values that another source holds are compared by what is in them.
            if let Some(files) = helm.get_mut("valueFiles").and_then(Value::as_array_mut) {
                files.retain(|file| file.as_str().is_some_and(|file| !file.starts_with('$')));
            }
        }
    }
    rest
}

fn version_reason(field: &FieldChange, origins: &[Origin]) -> Reason {
    let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    let (from, to) = (text(&field.from), text(&field.to));
    match origins.first() {
        Some(Origin::Chart { chart, .. }) => Reason::new(format!("the chart `{chart}` from {from} to {to}")),
        _ => Reason::new(format!("from {from} to {to}")),
    }
}

/// Says where folders are read from now, where that is another path of the trees that people write.
fn moves(specs: Pair<&Value>, fleets: Pair<&Fleet>) -> Vec<Reason> {
    let folders = Pair::new(readings(specs.base, fleets.base).1, readings(specs.head, fleets.head).1);
    let pairs = folders.base.iter().zip(&folders.head);
    let written = pairs.filter(|(base, head)| {
        let is_tree = |reading: &Reading| *reading.place() != super::content::Place::Rendered;
        is_tree(base) && is_tree(head)
    });
    // Another revision is told as such.
    let moved = written.filter(|(base, head)| base.path() != head.path());
    let reason = |(base, head): (&Reading, &Reading)| {
        Reason::new(format!("it reads `{}` instead of `{}`", located(head), located(base)))
    };
    moved.map(reason).collect()
}

fn located(reading: &Reading) -> String {
    match reading.place() {
        super::content::Place::Revision(revision) => format!("{}@{revision}", reading.path()),
        super::content::Place::Rendered | super::content::Place::Tree => reading.path().to_owned(),
    }
}

/// Returns the change of what is installed: the first source, without what is told elsewhere.
fn sources_field(specs: Pair<&Value>) -> FieldChange {
    let first = |spec: &Value| {
        let mut source = sources(spec).first()?.clone();
        if let Some(helm) = source.get_mut("helm").and_then(Value::as_object_mut) {
            helm.shift_remove("valueFiles");
        }
        Some(masked(&source, ""))
    };
    let path = if specs.head.get("sources").is_some() { "/spec/sources/0" } else { "/spec/source" };
    FieldChange { path: path.to_owned(), from: first(specs.base), to: first(specs.head) }
}
