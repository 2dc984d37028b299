//! Clusters, with the defaults of their folders beneath them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::pins::{Pin, Pins};
use super::schemas::Schemas;
use super::{is_valid, name_of, spec_of, spec_schema};
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::location::Sources;
use crate::spec::cluster::Cluster;
use crate::spec::documents::SpecDocument;
use crate::spec::fleet::Fleet;
use crate::spec::merge::{merge, merge_optional};
use crate::spec::name::Name;
use crate::spec::pin::minor_finding;
use crate::spec::provider::Provider;
use crate::spec::release::Release;
use crate::spec::schema::{Extent, Schema, respell};
use crate::spec::tenant::Tenant;
use crate::spec::version::Version;
use crate::spec::yaml::{Entry, Kind, Node, Scalar};

/// What clusters may refer to; `None` where it could not be read.
pub(super) struct References<'a> {
    pub(super) tenants: Option<&'a BTreeMap<Name, Tenant>>,
    pub(super) fleet: Option<&'a Fleet>,
    /// What clusters without a pin are installed from.
    pub(super) trunk: Base<'a>,
    pub(super) pins: &'a Pins,
    pub(super) sources: &'a Sources,
}

/// What the specs of some clusters are held against.
#[derive(Clone, Copy)]
pub(super) struct Base<'a> {
    pub(super) schemas: &'a Schemas,
    /// `None` where they could not all be read.
    pub(super) providers: Option<&'a BTreeMap<Name, Provider>>,
}

/// A cluster's document, and its `spec` with the defaults of its folders beneath it.
pub(super) struct MergedCluster<'d> {
    pub(super) document: &'d SpecDocument,
    pub(super) spec: Node,
}

/// Defaults by the folder that they hold in.
pub(super) type Layers = BTreeMap<String, Node>;

/// Reads the defaults that each folder has of its own.
pub(super) fn read_defaults(documents: &[&SpecDocument], report: &mut Report) -> Layers {
    let mut own = Layers::new();
    for document in documents {
        let folder = document.path.folder().to_owned();
        let spec = spec_of(&document.root);
        if let Some(first) = own.get(&folder) {
            let message = format!("`{folder}` has two ClusterDefaults");
            let diagnostic = Diagnostic::error("duplicate-name", document.root.location, message);
            report.push(diagnostic.related(first.location, "the first one"));
        }
        own.insert(folder, spec);
    }
    own
}

/// Holds defaults against the schemas of trunk and of every release in use: what one of them takes, the clusters beneath
/// may have from it.
pub(super) fn check_defaults(documents: &[&SpecDocument], schemas: &[&Schemas], report: &mut Report) {
    for document in documents {
        let mut first = None;
        for schemas in schemas {
            let mut findings = Report::default();
            if is_valid(&document.root, &schemas.defaults, Extent::Layer, &mut findings) {
                first = Some(Report::default());
                break;
            }
            first = first.or(Some(findings));
        }
        report.extend(first.unwrap_or_default());
    }
}

/// Lays the defaults of each folder over those of the folders that it lies in.
pub(super) fn merge_defaults(own: &Layers) -> Layers {
    // Folders come before what lies in them, so that each finds its parents' layers already merged.
    let mut merged = Layers::new();
    for (folder, spec) in own {
        let beneath = nearest_layer(&merged, folder);
        let layer = merge_optional(beneath, Some(spec)).unwrap_or_else(|| spec.clone());
        merged.insert(folder.clone(), layer);
    }
    merged
}

/// Returns the merged defaults that hold in `folder`.
fn nearest_layer<'a>(layers: &'a Layers, folder: &str) -> Option<&'a Node> {
    let mut folder = folder;
    loop {
        if let Some(layer) = layers.get(folder) {
            return Some(layer);
        }
        folder = folder.rsplit_once('/')?.0;
    }
}

/// Lays every cluster over the defaults of its folders.
pub(super) fn merge_clusters<'d>(
    documents: Vec<&'d SpecDocument>,
    layers: &Layers,
) -> Vec<MergedCluster<'d>> {
    let merged = |document: &&'d SpecDocument| {
        let written = spec_of(&document.root);
        let spec = match nearest_layer(layers, document.path.folder()) {
            Some(layer) => merge(layer, &written),
            None => written,
        };
        MergedCluster { document, spec }
    };
    documents.par_iter().map(merged).collect()
}

pub(super) fn read_clusters(
    merged: &[MergedCluster<'_>],
    references: &References<'_>,
    report: &mut Report,
) -> Vec<Cluster> {
    let read = |merged: &MergedCluster<'_>| {
        let mut report = Report::default();
        let cluster = read_cluster(merged, references, &mut report);
        (cluster, report)
    };
    let results: Vec<_> = merged.par_iter().map(read).collect();
    let mut clusters = Vec::new();
    for (cluster, findings) in results {
        report.extend(findings);
        clusters.extend(cluster);
    }
    clusters.sort_by(|one, other| (&one.project, &one.name).cmp(&(&other.project, &other.name)));
    for pair in clusters.windows(2) {
        let [first, second] = pair else { continue };
        if (&first.project, &first.name) == (&second.project, &second.name) {
            let place = |cluster: &Cluster| {
                cluster.document.at("/metadata/name").map_or(cluster.document.location, |name| name.location)
            };
            let message = format!("`{}` has two clusters called `{}`", first.project, first.name);
            let diagnostic = Diagnostic::error("duplicate-name", place(second), message).label("the second");
            report.push(diagnostic.related(place(first), "the first"));
        }
    }
    clusters
}

fn read_cluster(
    merged: &MergedCluster<'_>,
    references: &References<'_>,
    report: &mut Report,
) -> Option<Cluster> {
    let root = &merged.document.root;
    let Held { schema, release, whole } = hold(merged, references, report)?;
    let spec = spec_of(&whole);
    let kubernetes: Version = spec.get("kubernetes").and_then(Node::as_str)?.parse().ok()?;
    if let (Some(pin), Some(release)) = (Pin::of(&spec), &release)
        && release.minor != kubernetes.minor
        && references.pins.are_read()
    {
        report.push(minor_finding(pin.place, release, kubernetes.minor, &references.pins.known));
    }
    let text = |field: &str| spec.get(field).and_then(Node::as_str);
    let management = text("management").and_then(Name::new);
    let default_management = || Some(references.fleet?.spec.management.first()?.name.clone());
    let labels = root.at("/metadata/labels").and_then(Node::entries).unwrap_or_default().iter();
    let label = |entry: &Entry| Some((entry.key.to_string(), entry.value.as_str()?.to_owned()));
    Some(Cluster {
        name: name_of(root)?,
        project: text("project").and_then(Name::new)?,
        management: management.or_else(default_management)?,
        provider: text("provider").and_then(Name::new)?,
        kubernetes,
        release,
        paused: spec.get("paused").and_then(Node::scalar) == Some(Scalar::Bool(true)),
        labels: labels.filter_map(label).collect(),
        path: merged.document.path.clone(),
        document: root.clone(),
        schema: spec_schema(schema),
        spec,
    })
}

/// A cluster that its schema has let through.
struct Held<'a> {
    schema: &'a Arc<Schema>,
    release: Option<Release>,
    /// The document with its merged `spec`.
    whole: Node,
}

/// Holds a cluster against the schema of its own provider: trunk's, or that of the release that it is pinned to.
fn hold<'a>(
    merged: &MergedCluster<'_>,
    references: &References<'a>,
    report: &mut Report,
) -> Option<Held<'a>> {
    let spec = &merged.spec;
    let pin = Pin::of(spec);
    let mut whole = with_spec(&merged.document.root, spec);
    if let Some(pin) = pin.as_ref().filter(|_| !references.pins.are_read() && has_essentials(spec)) {
        // Which fields its release knows is not known here.
        let release = references.pins.unread_release(pin);
        return Some(Held { schema: &references.trunk.schemas.cluster, release, whole });
    }
    let (base, release) = match &pin {
        Some(pin) if references.pins.are_read() => match references.pins.get(pin) {
            Some((release, base)) => (base, Some(release.clone())),
            None => {
                references.check(spec, None, report);
                return None;
            }
        },
        Some(_) | None => (references.trunk, None),
    };
    let provider = spec.get("provider").and_then(Node::as_str).and_then(Name::new);
    let known = provider.as_ref().and_then(|name| base.schemas.cluster_of.get(name));
    let schema = known.unwrap_or(&base.schemas.cluster);
    let mut findings = Report::default();
    if release.is_some() {
        // A release's schema may have other fields than trunk's.
        whole = respell(&whole, schema, &|at| references.sources.text(at)).unwrap_or(whole);
    }
    let valid = is_valid(&whole, schema, Extent::Whole, &mut findings);
    references.check(spec, base.providers, &mut findings);
    if let Some(pin) = &pin {
        findings.relate(pin.place, "pinned to this release");
    }
    report.extend(findings);
    valid.then_some(Held { schema, release, whole })
}

/// Returns whether a `spec` says what no cluster goes without.
fn has_essentials(spec: &Node) -> bool {
    let text = |field: &str| spec.get(field).and_then(Node::as_str);
    let names = ["project", "provider"];
    names.iter().all(|field| text(field).and_then(Name::new).is_some())
        && text("kubernetes").is_some_and(|version| version.parse::<Version>().is_ok())
}

/// Returns the document with its merged `spec` in the place of the written one.
fn with_spec(root: &Node, spec: &Node) -> Node {
    let entries = root.entries().unwrap_or_default();
    let mut merged: Vec<Entry> = entries.iter().filter(|entry| &*entry.key != "spec").cloned().collect();
    let written = entries.iter().find(|entry| &*entry.key == "spec");
    let key_location = written.map_or(spec.location, |entry| entry.key_location);
    merged.push(Entry { key: Arc::from("spec"), key_location, value: spec.clone() });
    Node { location: root.location, kind: Kind::Map { entries: merged.into(), flow: false } }
}

impl References<'_> {
    /// Reports what a cluster refers to and is not there.
    fn check(&self, spec: &Node, providers: Option<&BTreeMap<Name, Provider>>, report: &mut Report) {
        let tenants = self.tenants.map(|tenants| tenants.keys().map(Name::as_str).collect());
        check_reference(spec, "project", "tenant", tenants, report);
        let management =
            self.fleet.map(|fleet| fleet.spec.management.iter().map(|one| one.name.as_str()).collect());
        check_reference(spec, "management", "management cluster", management, report);
        let providers = providers.map(|providers| providers.keys().map(Name::as_str).collect());
        check_reference(spec, "provider", "provider", providers, report);
    }
}

fn check_reference(spec: &Node, field: &str, what: &str, known: Option<Vec<&str>>, report: &mut Report) {
    let (Some(node), Some(known)) = (spec.get(field), known) else { return };
    let Some(name) = node.as_str().filter(|name| !known.contains(name)) else { return };
    let diagnostic =
        Diagnostic::error("unknown-reference", node.location, format!("there is no {what} `{name}`"));
    report.push(match nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.label(format!("did you mean `{near}`?")),
        None if known.is_empty() => diagnostic.hint(format!("the fleet declares no {what} at all")),
        None => diagnostic.hint(format!("known: {}", known.join(", "))),
    });
}
