//! Clusters, with the defaults of their folders beneath them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::schemas::Schemas;
use super::{is_valid, name_of, spec_of, spec_schema};
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::spec::cluster::Cluster;
use crate::spec::documents::SpecDocument;
use crate::spec::fleet::Fleet;
use crate::spec::merge::{merge, merge_optional};
use crate::spec::name::Name;
use crate::spec::provider::Provider;
use crate::spec::schema::Extent;
use crate::spec::tenant::Tenant;
use crate::spec::yaml::{Entry, Kind, Node, Scalar};

/// What clusters may refer to; `None` where it could not be read.
pub(super) struct References<'a> {
    pub(super) tenants: Option<&'a BTreeMap<Name, Tenant>>,
    pub(super) fleet: Option<&'a Fleet>,
    pub(super) providers: Option<&'a BTreeMap<Name, Provider>>,
}

/// Defaults by the folder that they hold in.
pub(super) type Layers = BTreeMap<String, Node>;

/// Reads the defaults that each folder has of its own.
pub(super) fn read_defaults(documents: Vec<&SpecDocument>, schemas: &Schemas, report: &mut Report) -> Layers {
    let mut own = Layers::new();
    for document in documents {
        is_valid(&document.root, &schemas.defaults, Extent::Layer, report);
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

pub(super) fn read_clusters(
    documents: Vec<&SpecDocument>,
    layers: &Layers,
    schemas: &Schemas,
    references: &References<'_>,
    report: &mut Report,
) -> Vec<Cluster> {
    let read = |document: &&SpecDocument| {
        let mut report = Report::default();
        let cluster = read_cluster(document, layers, schemas, references, &mut report);
        (cluster, report)
    };
    let results: Vec<_> = documents.par_iter().map(read).collect();
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
    document: &SpecDocument,
    layers: &Layers,
    schemas: &Schemas,
    references: &References<'_>,
    report: &mut Report,
) -> Option<Cluster> {
    let root = &document.root;
    let written = spec_of(root);
    let spec = match nearest_layer(layers, document.path.folder()) {
        Some(layer) => merge(layer, &written),
        None => written,
    };
    let provider = spec.get("provider").and_then(Node::as_str).and_then(Name::new);
    let schema = provider.as_ref().and_then(|name| schemas.cluster_of.get(name)).unwrap_or(&schemas.cluster);
    let valid = is_valid(&with_spec(root, &spec), schema, Extent::Whole, report);
    references.check(&spec, report);
    if !valid {
        return None;
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
        provider: provider?,
        kubernetes: text("kubernetes")?.parse().ok()?,
        paused: spec.get("paused").and_then(Node::scalar) == Some(Scalar::Bool(true)),
        labels: labels.filter_map(label).collect(),
        path: document.path.clone(),
        document: root.clone(),
        schema: spec_schema(schema),
        spec,
    })
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
    fn check(&self, spec: &Node, report: &mut Report) {
        let tenants = self.tenants.map(|tenants| tenants.keys().map(Name::as_str).collect());
        check_reference(spec, "project", "tenant", tenants, report);
        let management =
            self.fleet.map(|fleet| fleet.spec.management.iter().map(|one| one.name.as_str()).collect());
        check_reference(spec, "management", "management cluster", management, report);
        let providers = self.providers.map(|providers| providers.keys().map(Name::as_str).collect());
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
