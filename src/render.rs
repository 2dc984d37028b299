//! The whole way: from a tree of files to the files of its rendering.
//!
//! Rendering streams: a cluster's files are made, given to the sink and dropped. Nothing here writes anything.

mod cluster;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::check;
use crate::diagnostic::Report;
use crate::emit::patch::{Patches, glob_matches};
use crate::emit::template::{Shapes, Template};
use crate::emit::variables::Variables;
use crate::error::{Error, Failure};
use crate::expand::{ExpandedCluster, Expansion, expand};
use crate::location::Sources;
use crate::spec::name::Name;
use crate::spec::{Catalog, load};
use crate::tree::{FileTree, RepoPath};

/// Where rendered files go, from any thread: the path from the output's root, and the bytes.
pub type Sink<'s> = dyn Fn(&RepoPath, &[u8]) -> Result<(), Error> + Sync + 's;

/// How much of a fleet is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All of it.
    Fleet,
    /// The files of clusters whose name or `project/name` matches a glob.
    Clusters(&'a str),
}

impl Scope<'_> {
    fn holds(self, expanded: &ExpandedCluster<'_>) -> bool {
        match self {
            Self::Fleet => true,
            Self::Clusters(glob) => {
                glob_matches(glob, expanded.cluster.name.as_str()) || glob_matches(glob, &expanded.cluster.identity())
            }
        }
    }
}

/// Reads a fleet and holds it against every rule that rendering depends on.
///
/// # Errors
/// Reports everything that is wrong with the specs.
pub fn load_fleet(files: FileTree, sources: &mut Sources) -> Result<Catalog, Report> {
    let catalog = load(files, sources)?;
    check::specs(&catalog, sources).or(catalog)
}

/// Renders a tree into memory.
///
/// # Errors
/// Reports everything that is wrong with the tree.
pub fn render_tree(files: FileTree, sources: &mut Sources) -> Result<FileTree, Failure> {
    let catalog = load_fleet(files, sources)?;
    let rendered: Mutex<BTreeMap<RepoPath, Arc<[u8]>>> = Mutex::default();
    render(&catalog, sources, Scope::Fleet, &|path, bytes| {
        rendered.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), Arc::from(bytes));
        Ok(())
    })?;
    Ok(FileTree(rendered.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// What every cluster's rendering shares.
pub(crate) struct Shared<'a> {
    expansion: &'a Expansion<'a>,
    variables: Variables,
    templates: BTreeMap<&'a Name, Vec<Template>>,
    shapes: Shapes,
    fleet_patches: Patches<'a>,
}

/// Renders a fleet, giving every file to `sink`.
///
/// # Errors
/// Reports everything that is wrong with what the specs, templates and patches come to; passes on what the sink
/// refuses.
pub fn render(catalog: &Catalog, sources: &Sources, scope: Scope<'_>, sink: &Sink<'_>) -> Result<(), Failure> {
    let expansion = expand(catalog)?;
    let shared = Shared {
        variables: Variables::new(&expansion),
        templates: compile_templates(catalog, sources)?,
        shapes: Shapes::default(),
        fleet_patches: Patches::new(&catalog.fleet.spec.patches, catalog.fleet.document.get("spec")),
        expansion: &expansion,
    };
    let rendered: Vec<Result<(), Failure>> = expansion
        .clusters
        .par_iter()
        .filter(|expanded| scope.holds(expanded))
        .map(|expanded| cluster::render(&shared, expanded, sink))
        .collect();
    all(rendered)
}

fn compile_templates<'a>(catalog: &'a Catalog, sources: &Sources) -> Result<BTreeMap<&'a Name, Vec<Template>>, Report> {
    let mut report = Report::default();
    let mut compiled: BTreeMap<&Name, Vec<Template>> = BTreeMap::new();
    for (name, provider) in &catalog.providers {
        let templates = compiled.entry(name).or_default();
        for (_, file) in &provider.templates {
            let text = String::from_utf8_lossy(&sources.get(*file).bytes);
            match Template::compile(*file, &text) {
                Ok(template) => templates.push(template),
                Err(findings) => report.extend(findings),
            }
        }
    }
    report.or(compiled)
}

/// Collects what went wrong in many places: every finding, unless the world refused something.
fn all(results: impl IntoIterator<Item = Result<(), Failure>>) -> Result<(), Failure> {
    let mut report = Report::default();
    for result in results {
        match result {
            Ok(()) => {}
            Err(Failure::Report(findings)) => report.extend(findings),
            Err(Failure::Error(error)) => return Err(error.into()),
        }
    }
    Ok(report.or(())?)
}
