//! Specs edited in place: the bytes of a value change, or a field is written where there was none; comments, quotes,
//! line ends and everything else of the file stay as they are.
//!
//! Clusters alone are edited, each in its own document: a value that came from `_defaults.yaml` is written into the
//! cluster's file, since the defaults are others' too. What comes out is read again, and is returned only if exactly
//! what was asked for has changed. This module must not know why a field is set, and writes no file.

pub mod choice;
pub mod pin;
mod place;
pub mod plan;
mod splice;
pub mod upgrade;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::catalog::{Catalog, load_specs};
use super::cluster::Cluster;
use super::yaml::Node;
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Sources;
use crate::tree::{FileTree, RepoPath};

use place::{Document, Field};
use splice::{Splice, apply};

/// What one cluster shall say; what is `None` or not named stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The cluster, as an index of the catalog's.
    pub cluster: usize,
    /// Its Kubernetes version.
    pub kubernetes: Option<String>,
    /// Its pin.
    pub release: Option<String>,
    /// The Kubernetes versions of pools, by the pool's name.
    pub pools: BTreeMap<String, String>,
}

impl Wanted {
    /// Returns a wish that changes nothing.
    pub fn nothing(cluster: usize) -> Self {
        Self { cluster, kubernetes: None, release: None, pools: BTreeMap::new() }
    }

    /// Returns whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.kubernetes.is_none() && self.release.is_none() && self.pools.is_empty()
    }
}

/// Where a cluster's pin is written, behind what is known to stand in front of it.
const RELEASE: Field<'_> =
    Field { name: "release", behind: &["kubernetes", "provider", "management", "project"] };
/// Where a cluster's version is written.
const KUBERNETES: Field<'_> = Field { name: "kubernetes", behind: &["provider", "management", "project"] };
/// Where a pool's version is written.
const POOL_KUBERNETES: Field<'_> = Field { name: "kubernetes", behind: &["name"] };

/// Returns the files that change, whole, with what is wanted written into them.
///
/// # Errors
/// Reports every place that cannot be edited without changing something else: what an alias repeats, what the
/// clusters beside it share. Nothing is returned then.
pub fn edit(catalog: &Catalog, sources: &Sources, wanted: &[Wanted]) -> Result<FileTree, Report> {
    let mut report = Report::default();
    let mut splices: BTreeMap<&RepoPath, Vec<Splice>> = BTreeMap::new();
    for wish in wanted.iter().filter(|wish| !wish.is_empty()) {
        let cluster = &catalog.clusters[wish.cluster];
        match splices_of(cluster, sources, wish) {
            Ok(found) => splices.entry(&cluster.path).or_default().extend(found),
            Err(findings) => report.extend(findings),
        }
    }
    report.or(())?;
    let mut files = FileTree::default();
    for (path, splices) in splices {
        let bytes: &[u8] = catalog.trunk.files.0.get(path).map_or(&[], |bytes| bytes);
        files.0.insert(path.clone(), apply(bytes, splices).into());
    }
    prove(catalog, &files, wanted)?;
    Ok(files)
}

fn splices_of(cluster: &Cluster, sources: &Sources, wish: &Wanted) -> Result<Vec<Splice>, Report> {
    let root = &cluster.document;
    let document = Document { root, bytes: &sources.get(root.location.file).bytes };
    let mut splices = Vec::new();
    let fields = [(KUBERNETES, &wish.kubernetes), (RELEASE, &wish.release)];
    let fields: Vec<(Field<'_>, &str)> =
        fields.into_iter().filter_map(|(field, value)| Some((field, value.as_deref()?))).collect();
    match root.get("spec").filter(|spec| spec.entries().is_some_and(|entries| !entries.is_empty())) {
        Some(spec) => {
            for (field, value) in fields {
                splices.push(document.set(spec, &field, value)?);
            }
            splices.extend(pool_splices(&document, spec, wish)?);
        }
        None => splices.push(document.write_spec(&fields, &wish.pools)?),
    }
    Ok(splices)
}

/// Sets the versions of pools: in the pools that the cluster's own file has, and in new entries, which merge with the
/// pool of the same name in the defaults.
fn pool_splices(document: &Document<'_>, spec: &Node, wish: &Wanted) -> Result<Vec<Splice>, Report> {
    let own = spec.get("nodePools").and_then(Node::items).unwrap_or_default();
    let named = |name: &str| own.iter().find(|pool| pool.get("name").and_then(Node::as_str) == Some(name));
    let mut splices = Vec::new();
    let mut absent: Vec<(&str, &str)> = Vec::new();
    for (name, version) in &wish.pools {
        match named(name) {
            Some(pool) => splices.push(document.set(pool, &POOL_KUBERNETES, version)?),
            None => absent.push((name, version)),
        }
    }
    if !absent.is_empty() {
        splices.push(document.add_pools(spec, &absent)?);
    }
    Ok(splices)
}

/// Reads the edited fleet, and holds it against what was wanted.
fn prove(catalog: &Catalog, edited: &FileTree, wanted: &[Wanted]) -> Result<(), Report> {
    let mut files = catalog.trunk.files.clone();
    files.0.extend(edited.0.iter().map(|(path, bytes)| (path.clone(), Arc::clone(bytes))));
    // What cannot be read any more has places in a file that nobody has.
    let after = load_specs(files, &mut Sources::default()).map_err(|_| unwritable(catalog, wanted, None))?;
    let wish = |index: usize| wanted.iter().find(|wish| wish.cluster == index);
    for (index, cluster) in catalog.clusters.iter().enumerate() {
        let mut expected = cluster.spec.to_json();
        if let Some(wish) = wish(index) {
            set_in_json(&mut expected, wish);
        }
        // Both are sorted by project and name, which no edit changes.
        let found = after.clusters.get(index).filter(|other| other.identity() == cluster.identity());
        if found.is_none_or(|found| found.spec.to_json() != expected || found.labels != cluster.labels) {
            return Err(unwritable(catalog, wanted, Some(cluster)));
        }
    }
    Ok(())
}

fn set_in_json(spec: &mut Value, wish: &Wanted) {
    let fields = [("kubernetes", &wish.kubernetes), ("release", &wish.release)];
    for (name, value) in fields.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        spec[name] = json!(value);
    }
    let pools = spec.get_mut("nodePools").and_then(Value::as_array_mut);
    for pool in pools.into_iter().flatten() {
        let version = pool["name"].as_str().and_then(|name| wish.pools.get(name));
        if let Some(version) = version {
            pool["kubernetes"] = json!(version);
        }
    }
}

/// Says that what was wanted cannot be written without changing something else, or so that it could not be read.
fn unwritable(catalog: &Catalog, wanted: &[Wanted], changed: Option<&Cluster>) -> Report {
    let mut report = Report::default();
    for wish in wanted.iter().filter(|wish| !wish.is_empty()) {
        let cluster = &catalog.clusters[wish.cluster];
        let fits = changed.is_none_or(|changed| changed.path == cluster.path);
        if !fits {
            continue;
        }
        let message = match changed {
            Some(other) => {
                format!("an edit of `{}` would change more of `{}`", cluster.identity(), other.identity())
            }
            None => format!("an edit of `{}` would leave a file that cannot be read", cluster.identity()),
        };
        report.push(
            Diagnostic::error("edit-in-place", cluster.document.location, message)
                .hint("write it by hand; anchors, aliases and `<<` are what edits cannot see through"),
        );
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Color;

    const FLEET: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: ake.example.com\n  repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.35\", \"1.36\"]\n  management: [{name: management}]\n";
    const DEFAULTS: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: ClusterDefaults\nspec: {project: blue, provider: mine, kubernetes: v1.35.0, nodePools: [{name: base, replicas: 1}]}\n";
    const HEAD: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {name: web}\n";

    /// Edits a file that holds clusters; the first of them is the one that is wished for.
    fn edited(text: &str, wish: impl Fn(&mut Wanted)) -> Result<String, String> {
        let files = [
            ("fleet.yaml", FLEET),
            ("tenants/blue.yaml", "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: blue}\n"),
            ("templates/mine/a.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
            ("templates/mine/schema.json", "{}"),
            ("templates/mine/impact.yaml", "kind: Impact\nspec: {kubeadm: true, rules: []}\n"),
            ("clusters/_defaults.yaml", DEFAULTS),
            ("clusters/web.yaml", text),
        ];
        let mut sources = Sources::default();
        let shown = |report: Report, sources: &Sources| report.to_text(sources, Color::Never);
        let catalog = load_specs(FileTree::literal(&files), &mut sources);
        let catalog = catalog.map_err(|report| shown(report, &sources))?;
        let mut wanted = Wanted::nothing(0);
        wish(&mut wanted);
        let files = edit(&catalog, &sources, &[wanted]).map_err(|report| shown(report, &sources))?;
        let path = RepoPath::new("clusters/web.yaml").map_err(|_| "the path")?;
        Ok(String::from_utf8_lossy(&files.0[&path]).into_owned())
    }

    fn pinned(spec: &str) -> Result<String, String> {
        let text =
            edited(&format!("{HEAD}{spec}"), |wanted| wanted.release = Some("v1.35-ake.261121".to_owned()))?;
        Ok(text.strip_prefix(HEAD).unwrap_or(&text).to_owned())
    }

    fn upgraded(spec: &str, pools: &[&str]) -> Result<String, String> {
        let text = edited(&format!("{HEAD}{spec}"), |wanted| {
            wanted.kubernetes = Some("v1.36.1".to_owned());
            wanted.pools = pools.iter().map(|pool| ((*pool).to_owned(), "v1.35.0".to_owned())).collect();
        })?;
        Ok(text.strip_prefix(HEAD).unwrap_or(&text).to_owned())
    }

    #[test]
    fn only_the_bytes_of_a_value_change() {
        for (before, after) in [
            ("spec:\n  release: v1.35-x # why\n", "spec:\n  release: v1.35-ake.261121 # why\n"),
            ("spec:\n  release: 'v1.35-x'\n", "spec:\n  release: 'v1.35-ake.261121'\n"),
            ("spec:\r\n  release:   \"v1.35-x\"\r\n", "spec:\r\n  release:   \"v1.35-ake.261121\"\r\n"),
            (
                "spec: {  release: v1.35-x,paused: false }",
                "spec: {  release: v1.35-ake.261121,paused: false }",
            ),
            ("spec: {\"release\":\"v1.35-x\"}\n", "spec: {\"release\":\"v1.35-ake.261121\"}\n"),
            (
                "spec:\n  release: >-\n    v1.35-x\n\n  paused: false\n",
                "spec:\n  release: >-\n    v1.35-ake.261121\n\n  paused: false\n",
            ),
            (
                "spec:\n  release: \"v1.35\\x2dx\" # escaped\n",
                "spec:\n  release: v1.35-ake.261121 # escaped\n",
            ),
            (
                "spec:\n  release: # none\n  paused: false\n",
                "spec:\n  release: v1.35-ake.261121 # none\n  paused: false\n",
            ),
            ("spec:\n  release: ~\n", "spec:\n  release: v1.35-ake.261121\n"),
            ("spec:\n  release: !!str v1.35-x\n", "spec:\n  release: !!str v1.35-ake.261121\n"),
        ] {
            assert_eq!(pinned(before), Ok(after.to_owned()), "{before}");
        }
    }

    #[test]
    fn a_field_that_is_not_there_is_written_where_it_belongs() {
        for (before, after) in [
            (
                "spec:\n    project: blue # ours\n    kubernetes: v1.35.1 # v\n    paused: false\n",
                "spec:\n    project: blue # ours\n    kubernetes: v1.35.1 # v\n    release: v1.35-ake.261121\n    paused: false\n",
            ),
            ("spec:\n  kubernetes: v1.35.1", "spec:\n  kubernetes: v1.35.1\n  release: v1.35-ake.261121"),
            (
                "spec:\r\n  provider: mine\r\n  paused: false\r\n",
                "spec:\r\n  provider: mine\r\n  release: v1.35-ake.261121\r\n  paused: false\r\n",
            ),
            (
                "spec:\n  # At rest.\n  # For now.\n  paused: false\n",
                "spec:\n  release: v1.35-ake.261121\n  # At rest.\n  # For now.\n  paused: false\n",
            ),
            ("spec: {paused: false}\n", "spec: {release: v1.35-ake.261121, paused: false}\n"),
            (
                "spec: {project: blue, kubernetes: v1.35.1, paused: false}\n",
                "spec: {project: blue, kubernetes: v1.35.1, release: v1.35-ake.261121, paused: false}\n",
            ),
            (
                "spec: {\"kubernetes\": \"v1.35.1\"}\n",
                "spec: {\"kubernetes\": \"v1.35.1\", \"release\": \"v1.35-ake.261121\"}\n",
            ),
            (
                "spec: {\n  kubernetes: v1.35.1, # v\n}\n",
                "spec: {\n  kubernetes: v1.35.1, release: v1.35-ake.261121, # v\n}\n",
            ),
            ("spec: {}\n", "spec: {release: v1.35-ake.261121}\n"),
            ("spec:\n", "spec: {release: v1.35-ake.261121}\n"),
            ("", "spec: {release: v1.35-ake.261121}\n"),
            ("spec: &all\n  paused: false\n", "spec: &all\n  release: v1.35-ake.261121\n  paused: false\n"),
        ] {
            assert_eq!(pinned(before), Ok(after.to_owned()), "{before}");
        }
    }

    #[test]
    fn pools_get_versions_of_their_own() {
        for (before, pools, after) in [
            (
                "spec:\n  nodePools:\n    - name: a # one\n      replicas: 1\n",
                vec!["a"],
                "spec:\n  kubernetes: v1.36.1\n  nodePools:\n    - name: a # one\n      kubernetes: v1.35.0\n      replicas: 1\n",
            ),
            (
                "spec:\n  kubernetes: v1.35.0\n  nodePools:\n  -   replicas: 1\n      name: a\n",
                vec!["a"],
                "spec:\n  kubernetes: v1.36.1\n  nodePools:\n  -   replicas: 1\n      name: a\n      kubernetes: v1.35.0\n",
            ),
            (
                "spec: {kubernetes: v1.35.0, nodePools: [{name: a}, {name: b}]}\n",
                vec!["a", "b"],
                "spec: {kubernetes: v1.36.1, nodePools: [{name: a, kubernetes: v1.35.0}, {name: b, kubernetes: v1.35.0}]}\n",
            ),
            (
                "spec:\n  kubernetes: v1.35.0\n",
                vec!["base"],
                "spec:\n  kubernetes: v1.36.1\n  nodePools:\n    - {name: base, kubernetes: v1.35.0}\n",
            ),
            (
                "spec:\n  kubernetes: v1.35.0\n  nodePools:\n    - name: a\n",
                vec!["a", "base"],
                "spec:\n  kubernetes: v1.36.1\n  nodePools:\n    - name: a\n      kubernetes: v1.35.0\n    - {name: base, kubernetes: v1.35.0}\n",
            ),
            (
                "spec: {kubernetes: v1.35.0, nodePools: [{name: a}]}\n",
                vec!["base"],
                "spec: {kubernetes: v1.36.1, nodePools: [{name: a}, {name: base, kubernetes: v1.35.0}]}\n",
            ),
            (
                "spec: {}\n",
                vec!["base"],
                "spec: {kubernetes: v1.36.1, nodePools: [{name: base, kubernetes: v1.35.0}]}\n",
            ),
        ] {
            assert_eq!(upgraded(before, &pools), Ok(after.to_owned()), "{before}");
        }
    }

    #[test]
    fn every_document_of_a_file_is_edited_by_itself() {
        let second = HEAD.replace("web", "zoo");
        let before = format!(
            "\u{feff}{HEAD}spec: {{kubernetes: v1.35.1}}\n---\n# next\n{second}spec: {{kubernetes: v1.35.1}}\n...\n"
        );
        let after = before.replacen("v1.35.1", "v1.36.1", 1);
        let result = edited(&before, |wanted| wanted.kubernetes = Some("v1.36.1".to_owned()));
        assert_eq!(result, Ok(after));
    }

    #[test]
    fn what_an_edit_would_change_elsewhere_is_refused() {
        for (spec, message) in [
            (
                "spec:\n  kubernetes: &v v1.35.1\n  nodePools: [{name: a, kubernetes: *v}]\n",
                "`spec.kubernetes` is `spec.nodePools[0].kubernetes`, too, through an alias",
            ),
            (
                "spec:\n  nodePools: [{name: a, kubernetes: &v v1.35.1}]\n  kubernetes: *v\n",
                "`kubernetes` is an alias here, and its anchor belongs to others, too",
            ),
        ] {
            let report = upgraded(spec, &[]).expect_err("because others would change");
            assert!(report.contains(message), "{report}");
        }
        let merged = "spec:\n  nodePools: [&a {name: a, replicas: 1}, {<<: *a, name: b}]\n";
        let report = upgraded(merged, &["a"]).expect_err("because `b` would change, too");
        assert!(report.contains("an edit of `blue/web` would change more of `blue/web`"), "{report}");
        let apart = "spec:\n  nodePools: [&a {name: a, replicas: 1}, {<<: *a, name: b}]\n";
        assert!(pinned(apart).is_ok());
    }
}
