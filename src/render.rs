//! The whole way: from a tree of files to the files of its rendering.
//!
//! Rendering streams: a cluster's files are made, given to the sink and dropped. Nothing here writes anything.

mod cluster;
mod management;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::argocd::Unfolding;
use crate::check::{self, EmittedRules, Judgement, World};
use crate::diagnostic::{Diagnostic, Report};
use crate::emit::Object;
use crate::emit::cluster_secret::ClusterSecrets;
use crate::emit::fold::Fold;
use crate::emit::layout::write_header;
use crate::emit::manifest::Manifests;
use crate::emit::patch::{AllPatches, glob_matches};
use crate::emit::template::{Shapes, Template};
use crate::emit::values::{AddonValues, ValuesFile};
use crate::emit::variables::Variables;
use crate::emit::yaml::write_document;
use crate::error::{Error, Failure};
use crate::expand::{ExpandedCluster, expand};
use crate::location::Sources;
use crate::spec::name::Name;
use crate::spec::pin::ReadReleases;
use crate::spec::release::Release;
use crate::spec::{Catalog, load};
use crate::tree::{FileTree, RepoPath};

pub use cluster::{MadeObject, objects_of};

/// Where rendered files go, from any thread: the path from the output's root, and the bytes.
pub type Sink<'s> = dyn Fn(&RepoPath, &[u8]) -> Result<(), Error> + Sync + 's;

/// How much of a fleet is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All of it.
    Fleet,
    /// The files of clusters whose name or `project/name` matches a glob.
    Clusters(&'a str),
    /// All of it, but of the clusters that are named as `project/name` the Secret alone.
    Without(&'a BTreeSet<String>),
}

/// Which files of a cluster are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    All,
    Secret,
    Nothing,
}

impl Scope<'_> {
    fn extent(self, expanded: &ExpandedCluster<'_>) -> Extent {
        let cluster = expanded.cluster;
        let holds = match self {
            Self::Fleet => true,
            Self::Clusters(glob) => {
                glob_matches(glob, cluster.name.as_str()) || glob_matches(glob, &cluster.identity())
            }
            Self::Without(named) if named.contains(&cluster.identity()) => return Extent::Secret,
            Self::Without(_) => true,
        };
        if holds { Extent::All } else { Extent::Nothing }
    }
}

/// Reads a fleet and holds it against every rule that rendering depends on.
///
/// # Errors
/// Those of [`load`], and everything that is wrong with the specs.
pub fn load_fleet(
    files: FileTree,
    sources: &mut Sources,
    releases: &ReadReleases<'_>,
) -> Result<Catalog, Failure> {
    let catalog = load(files, sources, releases)?;
    Ok(check::specs(&catalog, sources).or(catalog)?)
}

/// Renders a tree into memory.
///
/// # Errors
/// Reports everything that is wrong with the tree.
pub fn render_tree(
    files: FileTree,
    sources: &mut Sources,
    releases: &ReadReleases<'_>,
) -> Result<FileTree, Failure> {
    render_to_memory(&load_fleet(files, sources, releases)?, sources, Scope::Fleet)
}

/// Renders a fleet, or a part of it, into memory.
///
/// # Errors
/// Reports everything that is wrong with what is rendered.
pub fn render_to_memory(catalog: &Catalog, sources: &Sources, scope: Scope<'_>) -> Result<FileTree, Failure> {
    let rendered: Mutex<BTreeMap<RepoPath, Arc<[u8]>>> = Mutex::default();
    render(catalog, sources, scope, &|path, bytes| {
        rendered.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), Arc::from(bytes));
        Ok(())
    })?;
    Ok(FileTree(rendered.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// Holds a fleet against every rule: its specs and, where these have no errors, everything that they come to.
///
/// What of it depends on more than the tree, `world` says.
pub fn check(catalog: &Catalog, sources: &Sources, world: World<'_>) -> Judgement {
    check::everything(catalog, sources, world, |rules| findings(catalog, sources, Some(rules)))
}

/// Returns what is wrong with what the specs come to: everything that rendering them finds, and what `rules` do.
pub fn findings(catalog: &Catalog, sources: &Sources, rules: Option<&EmittedRules<'_, '_>>) -> Report {
    match emit(catalog, sources, |shared, managements| examined(shared, managements, rules)) {
        Ok(report) | Err(Failure::Report(report)) => report,
        // Only a sink meets the world, and there is none.
        Err(Failure::Error(error)) => Diagnostic::error_nowhere("render", error.to_string()).into(),
    }
}

/// What every cluster's rendering shares.
struct Shared<'s, 'a> {
    catalog: &'a Catalog,
    fold: &'s Fold<'a>,
    patches: &'s AllPatches<'a>,
    variables: Variables,
    templates: Templates<'a>,
    shapes: Shapes,
    values: &'s AddonValues<'a>,
    manifests: Manifests<'a>,
    secrets: ClusterSecrets<'s>,
    unfoldings: BTreeMap<&'a Name, Unfolding<'s, 'a>>,
}

/// The templates of every provider, by the release that it belongs to, `None` for trunk.
type Templates<'a> = BTreeMap<(Option<&'a Release>, &'a Name), Vec<Template>>;

/// Renders a fleet, giving every file to `sink`.
///
/// # Errors
/// Reports everything that is wrong with what the specs, templates and patches come to; passes on what the sink
/// refuses.
pub fn render(
    catalog: &Catalog,
    sources: &Sources,
    scope: Scope<'_>,
    sink: &Sink<'_>,
) -> Result<(), Failure> {
    emit(catalog, sources, |shared, managements| {
        let clusters = &shared.fold.expansion.clusters;
        let clusters: Vec<Result<(), Failure>> = (0..clusters.len())
            .into_par_iter()
            .map(|index| match scope.extent(&clusters[index]) {
                Extent::All => cluster::render(shared, index, sink),
                Extent::Secret => cluster::render_secret(shared, index, sink),
                Extent::Nothing => Ok(()),
            })
            .collect();
        if let Scope::Clusters(_) = scope {
            return all(clusters).map(|_| ());
        }
        let managements = managements.iter().map(|one| management::render(one, shared, sink));
        all(clusters.into_iter().chain(managements))?;
        match scope {
            Scope::Fleet => Ok(shared.patches.unmatched().or(())?),
            // Patches that match nothing may be meant for clusters that are left out.
            Scope::Clusters(_) | Scope::Without(_) => Ok(()),
        }
    })
}

/// Makes everything that clusters share, and hands it on with the sets of every management cluster.
fn emit<T>(
    catalog: &Catalog,
    sources: &Sources,
    then: impl FnOnce(&Shared<'_, '_>, &[management::Sets<'_>]) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let expansion = expand(catalog)?;
    let patches = AllPatches::new(&expansion);
    let values = AddonValues::new(&expansion)?;
    let fold = Fold::new(&expansion, &patches, &values)?;
    let managements: Vec<Result<management::Sets<'_>, Report>> =
        catalog.fleet.spec.management.iter().map(|one| management::sets(one, &fold, &patches)).collect();
    let managements = all(managements.into_iter().map(|sets| sets.map_err(Failure::from)))?;
    let shared = Shared {
        catalog,
        variables: Variables::new(&expansion),
        templates: compile_templates(catalog, sources)?,
        shapes: Shapes::default(),
        manifests: Manifests::new(catalog, sources)?,
        secrets: ClusterSecrets::new(&fold),
        values: &values,
        unfoldings: unfoldings(&managements, &fold)?,
        fold: &fold,
        patches: &patches,
    };
    then(&shared, &managements)
}

/// Makes everything without writing it, and returns what is found in making it and what `rules` find in it.
fn examined(
    shared: &Shared<'_, '_>,
    managements: &[management::Sets<'_>],
    rules: Option<&EmittedRules<'_, '_>>,
) -> Result<Report, Failure> {
    let clusters: Vec<Result<cluster::Examined<'_>, Failure>> = (0..shared.fold.expansion.clusters.len())
        .into_par_iter()
        .map(|index| cluster::examine(shared, index, rules))
        .collect();
    let (mut report, mut seen) = (Report::default(), Vec::with_capacity(clusters.len()));
    let mut take = |examined: Result<Report, Failure>| match examined {
        Ok(found) | Err(Failure::Report(found)) => {
            report.extend(found);
            Ok(())
        }
        Err(Failure::Error(error)) => Err(error),
    };
    for cluster in clusters {
        take(cluster.map(|examined| {
            seen.push((examined.secret, examined.by_hand));
            examined.found
        }))?;
    }
    // Rules that compare clusters with what they share would be misled where a cluster is missing.
    let rules = rules.filter(|_| seen.len() == shared.fold.expansion.clusters.len());
    for one in managements {
        take(management::examine(one, shared, &seen, rules))?;
    }
    report.extend(shared.patches.unmatched());
    if let Some(rules) = rules {
        report.extend(rules.plain_manifests());
    }
    Ok(report)
}

fn unfoldings<'s, 'a>(
    managements: &[management::Sets<'a>],
    fold: &'s Fold<'a>,
) -> Result<BTreeMap<&'a Name, Unfolding<'s, 'a>>, Report> {
    let mut report = Report::default();
    let mut unfoldings = BTreeMap::new();
    for one in managements {
        match Unfolding::new(fold, one.management, &one.sets) {
            Ok(unfolding) => {
                unfoldings.insert(&one.management.name, unfolding);
            }
            Err(findings) => report.extend(findings),
        }
    }
    report.or(unfoldings)
}

fn compile_templates<'a>(catalog: &'a Catalog, sources: &Sources) -> Result<Templates<'a>, Report> {
    let mut report = Report::default();
    let mut compiled = Templates::new();
    for content in catalog.contents() {
        for (name, provider) in &content.providers {
            let templates = compiled.entry((content.release(), name)).or_default();
            for (_, file) in &provider.templates {
                let text = String::from_utf8_lossy(&sources.get(*file).bytes);
                match Template::compile(*file, &text) {
                    Ok(template) => templates.push(template),
                    Err(findings) => report.extend(findings),
                }
            }
        }
    }
    report.or(compiled)
}

/// Returns the templates that a cluster's objects are made from.
fn templates_of<'t>(templates: &'t Templates<'_>, cluster: &'t ExpandedCluster<'_>) -> &'t [Template] {
    let key = (cluster.cluster.release.as_ref(), &cluster.provider.name);
    templates.get(&key).map(Vec::as_slice).unwrap_or_default()
}

/// Collects what came of many parts: every finding of all of them, unless the world refused something.
fn all<T>(results: impl IntoIterator<Item = Result<T, Failure>>) -> Result<Vec<T>, Failure> {
    let mut report = Report::default();
    let mut values = Vec::new();
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(Failure::Report(findings)) => report.extend(findings),
            Err(Failure::Error(error)) => return Err(error.into()),
        }
    }
    Ok(report.or(values)?)
}

/// Returns a path of the output; names are DNS labels, and so confined.
fn output_path(path: &str) -> RepoPath {
    RepoPath::new(path).expect("because paths of the output are made of DNS labels")
}

/// Writes objects to one file of the output.
fn write_file(sink: &Sink<'_>, path: &str, source: impl Display, objects: &[Object]) -> Result<(), Failure> {
    let mut text = String::new();
    crate::emit::layout::write_objects(&mut text, source, objects);
    Ok(sink(&output_path(path), text.as_bytes())?)
}

/// Writes a values file of a management cluster.
fn write_values(
    sink: &Sink<'_>,
    management: &Name,
    source: impl Display,
    file: &ValuesFile<'_>,
) -> Result<(), Failure> {
    let mut text = String::new();
    write_header(&mut text, source);
    write_document(&mut text, &file.body);
    let path = format!("{management}/values/{}/{}", file.addon.name, file.path);
    Ok(sink(&output_path(&path), text.as_bytes())?)
}
