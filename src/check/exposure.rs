//! Values that look like credentials, wherever people write them, and the waivers that let them stand.
//!
//! Specs are walked as trees, so that a waiver can name a place by its pointer; all else is looked through as text.

mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::Specs;
use crate::credential::{embedded, find_all, is_credential_key, is_literal};
use crate::location::{FileId, Location};
use crate::spec::cluster::Cluster;
use crate::spec::kinds::{ProviderDocuments, SpecKind, schema};
use crate::spec::schema::{Schema, Type};
use crate::spec::yaml::{Entry, Kind, Node, Options, Scalar, parse};
use crate::tree::RepoPath;

/// A value that looks like a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Where it stands; `None` in a file that nothing reads.
    pub location: Option<Location>,
    /// The file.
    pub path: RepoPath,
    /// What gives it away.
    pub sign: Sign,
    /// Its JSON pointer from `spec`, by which a waiver names it; `None` where there are no waivers.
    pub pointer: Option<String>,
}

/// What gives a credential away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Its own form: `a JWT`.
    Form(&'static str),
    /// The key that it stands at.
    Key(String),
}

/// What a look through the whole fleet finds.
#[derive(Clone, Debug, Default)]
pub struct Exposures {
    /// Values that no waiver lets stand.
    pub values: Vec<Exposure>,
    /// Waivers that let nothing stand: each with its pointer.
    pub stale: BTreeMap<Location, String>,
}

/// Looks through everything that people write.
pub fn find(specs: &Specs<'_>) -> Exposures {
    let catalog = specs.catalog;
    let defaults = Defaults::read(specs);
    let addons =
        catalog.trunk.addons.values().map(|addon| Document::new(&addon.document, &addon.schema, &addon.path));
    let tenants =
        catalog.tenants.values().map(|tenant| Document::new(&tenant.document, &tenant.schema, &tenant.path));
    let fleet_path = RepoPath::new("fleet.yaml").expect("because the path is plain");
    let fleet = Document::new(&catalog.fleet.document, &catalog.fleet.schema, &fleet_path);
    let documents: Vec<Document<'_>> =
        addons.chain(tenants).chain(std::iter::once(fleet)).chain(defaults.documents()).collect();
    let clusters = catalog.clusters.par_iter().map(Walk::cluster);
    let walks = documents.par_iter().map(Walk::document).chain(clusters);
    let mut all = Walk::default();
    for walk in walks.collect::<Vec<_>>() {
        all.join(walk);
    }
    let mut exposures = Exposures { values: all.exposed, stale: all.waivers };
    exposures.stale.retain(|waiver, _| !all.used.contains(waiver));
    exposures.values.extend(text::find(specs, &all.seen));
    exposures
}

/// A document that is walked as it is written.
struct Document<'a> {
    root: &'a Node,
    spec: Option<&'a Node>,
    schema: &'a Arc<Schema>,
    path: &'a RepoPath,
}

impl<'a> Document<'a> {
    fn new(root: &'a Node, schema: &'a Arc<Schema>, path: &'a RepoPath) -> Self {
        Self { root, spec: root.get("spec"), schema, path }
    }
}

/// The defaults of clusters, which the catalog holds merged into those alone.
struct Defaults {
    roots: Vec<(RepoPath, Node)>,
    schema: Arc<Schema>,
}

impl Defaults {
    fn read(specs: &Specs<'_>) -> Self {
        let is_one = |path: &&RepoPath| path.file_name() == "_defaults.yaml" && path.lies_beneath("clusters");
        let mut roots = Vec::new();
        for path in specs.catalog.trunk.files.0.keys().filter(is_one) {
            let Some(file) = specs.sources.find(path) else { continue };
            let documents = parse(file, &specs.sources.get(file).bytes, Options::SPEC).unwrap_or_default();
            roots.extend(documents.into_iter().map(|document| (path.clone(), document.root)));
        }
        let providers = specs.catalog.trunk.providers.values();
        let documents: ProviderDocuments =
            providers.map(|provider| (provider.name.clone(), provider.schema.clone())).collect();
        let of_spec = |schema: Arc<Schema>| schema.property("spec").cloned();
        let composed = match roots.is_empty() {
            true => None,
            false => schema(SpecKind::ClusterDefaults, &documents, None).ok().and_then(of_spec),
        };
        Self { roots, schema: composed.unwrap_or_default() }
    }

    fn documents(&self) -> impl Iterator<Item = Document<'_>> {
        self.roots.iter().map(|(path, root)| Document::new(root, &self.schema, path))
    }
}

/// What the walk over one document finds.
#[derive(Default)]
struct Walk {
    exposed: Vec<Exposure>,
    /// Every value that looks like a credential, let stand or not.
    seen: Vec<Location>,
    /// Every waiver, with the pointer it names.
    waivers: BTreeMap<Location, String>,
    used: BTreeSet<Location>,
    /// The file whose values are looked at: others are looked at where they are written.
    own: Option<FileId>,
}

impl Walk {
    fn document(document: &Document<'_>) -> Self {
        let mut walk = Self { own: Some(document.root.location.file), ..Self::default() };
        if let Some(metadata) = document.root.get("metadata") {
            walk.node(metadata, None, &mut Steps::outside(document.path));
        }
        if let Some(spec) = document.spec {
            walk.add_waivers(spec);
            walk.node(spec, Some(document.schema), &mut Steps::of_spec(document.path));
        }
        walk
    }

    fn cluster(cluster: &Cluster) -> Self {
        let document = Document {
            root: &cluster.document,
            spec: Some(&cluster.spec),
            schema: &cluster.schema,
            path: &cluster.path,
        };
        Self::document(&document)
    }

    fn join(&mut self, other: Self) {
        self.exposed.extend(other.exposed);
        self.seen.extend(other.seen);
        self.waivers.extend(other.waivers);
        self.used.extend(other.used);
    }

    fn add_waivers(&mut self, spec: &Node) {
        for waiver in spec.get("allowSecrets").and_then(Node::items).unwrap_or_default() {
            if let Some(path) = waiver.get("path")
                && let Some(pointer) = path.as_str()
            {
                self.waivers.insert(path.location, pointer.to_owned());
            }
        }
    }

    fn node(&mut self, node: &Node, schema: Option<&Arc<Schema>>, steps: &mut Steps<'_>) {
        // What a layer beneath wrote holds nothing that this file wrote.
        if self.own != Some(node.location.file) {
            return;
        }
        match &node.kind {
            Kind::Scalar { text, value: Scalar::String, .. } => {
                if let Some(found) = find_all(text.as_bytes()).first() {
                    self.expose(node, Sign::Form(found.what), steps);
                } else if let Some(key) = embedded(text) {
                    self.expose(node, Sign::Key(key.to_owned()), steps);
                }
            }
            Kind::Scalar { .. } => {}
            Kind::List { items, .. } => {
                let schema = schema.and_then(|schema| schema.alternative(Type::Array).items.as_ref());
                for (index, item) in items.iter().enumerate() {
                    steps.with(Step::Index(index), |steps| self.node(item, schema, steps));
                }
            }
            Kind::Map { entries, .. } => {
                let schema = schema.map(|schema| schema.alternative(Type::Object));
                let at_top = steps.within_spec && steps.steps.is_empty();
                for entry in entries.iter().filter(|entry| !(at_top && &*entry.key == "allowSecrets")) {
                    let step = Step::Key(entry.key.clone());
                    steps.with(step, |steps| self.entry(entry, entries, schema, steps));
                }
            }
        }
    }

    fn entry(
        &mut self,
        entry: &Entry,
        beside: &[Entry],
        schema: Option<&Arc<Schema>>,
        steps: &mut Steps<'_>,
    ) {
        let sign = key_sign(entry, beside);
        let sign = sign.filter(|_| !names_a_secret(entry, schema) && !steps.lie_in_reference());
        match sign {
            Some(key) => self.expose(&entry.value, Sign::Key(key.to_owned()), steps),
            None => self.node(&entry.value, schema.and_then(|schema| schema.property(&entry.key)), steps),
        }
    }

    fn expose(&mut self, node: &Node, sign: Sign, steps: &Steps<'_>) {
        if self.own != Some(node.location.file) {
            return;
        }
        self.seen.push(node.location);
        let pointer = steps.pointer();
        let waived = self.waivers.iter().filter(|(_, waived)| Some(waived.as_str()) == pointer.as_deref());
        let waived: Vec<Location> = waived.map(|(location, _)| *location).collect();
        if waived.is_empty() {
            let path = steps.path.clone();
            self.exposed.push(Exposure { location: Some(node.location), path, sign, pointer });
        }
        self.used.extend(waived);
    }
}

/// Returns the key that makes a literal a credential: its own, or the name beside a `value`.
fn key_sign<'a>(entry: &'a Entry, beside: &'a [Entry]) -> Option<&'a str> {
    let Kind::Scalar { text, value, .. } = &entry.value.kind else { return None };
    if matches!(value, Scalar::Null | Scalar::Bool(_)) || !is_literal(text) {
        return None;
    }
    let name = || beside.iter().find(|other| &*other.key == "name").and_then(|name| name.value.as_str());
    let key = if &*entry.key == "value" { name()? } else { &entry.key };
    is_credential_key(key).then_some(key)
}

/// Returns whether what stands at a key refers to something: `secretRef`, `imagePullSecretRefs`.
fn is_reference(key: &str) -> bool {
    key.ends_with("Ref") || key.ends_with("Refs")
}

/// Returns whether a field that the schema knows is the name of a Secret: `openstack.identity.secret`.
fn names_a_secret(entry: &Entry, schema: Option<&Arc<Schema>>) -> bool {
    let known = schema.is_some_and(|schema| schema.properties.iter().any(|(name, _)| *name == entry.key));
    known && entry.key.to_ascii_lowercase().ends_with("secret")
}

/// One step of a JSON pointer.
enum Step {
    Key(Arc<str>),
    Index(usize),
}

/// The way from `spec` to a value.
struct Steps<'a> {
    steps: Vec<Step>,
    /// Whether waivers can name what is walked over.
    within_spec: bool,
    path: &'a RepoPath,
}

impl<'a> Steps<'a> {
    fn of_spec(path: &'a RepoPath) -> Self {
        Self { steps: Vec::new(), within_spec: true, path }
    }

    fn outside(path: &'a RepoPath) -> Self {
        Self { steps: Vec::new(), within_spec: false, path }
    }

    fn with(&mut self, step: Step, walk: impl FnOnce(&mut Self)) {
        self.steps.push(step);
        walk(self);
        self.steps.pop();
    }

    /// Returns whether the value is part of a reference: `secretRef: {name: x, token: key-of-the-token}`.
    fn lie_in_reference(&self) -> bool {
        let behind = self.steps.len().saturating_sub(1);
        self.steps[..behind].iter().any(|step| matches!(step, Step::Key(key) if is_reference(key)))
    }

    fn pointer(&self) -> Option<String> {
        let written = |step: &Step| match step {
            Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        };
        self.within_spec.then(|| self.steps.iter().map(written).collect())
    }
}

/// What was found in a fleet, once somebody asks.
#[derive(Debug, Default)]
pub struct Once(OnceLock<Exposures>);

impl Once {
    /// Returns what was found, looking through the fleet the first time.
    pub fn get(&self, specs: &Specs<'_>) -> &Exposures {
        self.0.get_or_init(|| find(specs))
    }
}
