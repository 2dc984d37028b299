//! What form an addon's source has, and whether it can stand where the addon is placed.
//!
//! It looks at names of files only; what is in them is not judged here.

use super::application::SourceKind;
use crate::diagnostic::{Diagnostic, Report};
use crate::location::Location;
use crate::spec::addon::{Addon, Placement, Source};
use crate::spec::version::Minor;
use crate::tree::{FileTree, RepoPath};

/// How the names of templates of manifests end.
pub const TEMPLATE: &str = ".yaml.j2";

/// Names under which kustomize looks for its file.
const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Returns the form of a source; `None` for one that AWS manages, which has no Application.
///
/// # Errors
/// Reports folders that are not there or hold nothing to install, and plain manifests that the Applications of
/// several clusters would all own on the management cluster.
pub fn source_kind(
    files: &FileTree,
    addon: &Addon,
    source: &Source,
    minor: Minor,
) -> Result<Option<SourceKind>, Report> {
    let place = || addon.source_node(minor).location;
    match source {
        Source::Eks(_) => Ok(None),
        Source::Helm(helm) if helm.repository.starts_with("oci://") => Ok(Some(SourceKind::Oci)),
        Source::Helm(_) => Ok(Some(SourceKind::Helm)),
        Source::Kustomize { path } => {
            // Folders that a rendering does not read cannot be looked into.
            let is_read = path.starts_with("addons/");
            let is_one = files_in(files, path)
                .any(|file| file.folder() == path && KUSTOMIZATIONS.contains(&file.file_name()));
            if is_read && !is_one {
                return Err(no_source(place(), path, "a `kustomization.yaml`"));
            }
            Ok(Some(SourceKind::Kustomize))
        }
        Source::Manifests { path } => manifests(files, addon, path, place()).map(Some),
    }
}

fn manifests(files: &FileTree, addon: &Addon, path: &str, place: Location) -> Result<SourceKind, Report> {
    if !path.starts_with("addons/") {
        let message = format!("`{path}` does not lie beneath `addons/`");
        return Err(Diagnostic::error("source-folder", place, message)
            .hint("manifests are read from `addons/` only")
            .into());
    }
    let is_manifest = |file: &&RepoPath| {
        [TEMPLATE, ".yaml", ".yml", ".json"].iter().any(|end| file.file_name().ends_with(end))
    };
    let manifests: Vec<&RepoPath> = files_in(files, path).filter(is_manifest).collect();
    if let Some(spec) = manifests.iter().find(|file| file.file_name() == "addon.yaml") {
        let message = format!("`{spec}` lies among the manifests of `{}`", addon.name);
        return Err(Diagnostic::error("source-folder", place, message)
            .hint("Argo CD would apply it: keep manifests in a folder of their own")
            .into());
    }
    let is_template = |file: &&&RepoPath| file.file_name().ends_with(TEMPLATE);
    let templates = manifests.iter().filter(is_template).count();
    if manifests.is_empty() {
        return Err(no_source(place, path, "a manifest"));
    }
    if addon.spec.placement == Placement::Management && templates < manifests.len() {
        let message = format!("`{}` is placed on the management cluster with plain manifests", addon.name);
        return Err(Diagnostic::error("placement-source", place, message)
            .label("the Applications of all clusters would own the same objects")
            .hint("name the files `*.yaml.j2` and their objects after the cluster")
            .into());
    }
    Ok(if templates > 0 { SourceKind::Rendered } else { SourceKind::Manifests })
}

/// Returns the files in a folder and beneath it, in path order.
pub fn files_in<'f>(files: &'f FileTree, folder: &'f str) -> impl Iterator<Item = &'f RepoPath> {
    let start = RepoPath::new(folder).ok();
    let from = start.into_iter().flat_map(|start| files.0.range(start..));
    let beneath = move |(path, _): &(&RepoPath, _)| path.lies_beneath(folder);
    // Names such as `<folder>-more` come before what lies in the folder.
    let candidates = from.take_while(move |(path, _)| path.as_str().starts_with(folder));
    candidates.filter(beneath).map(|(path, _)| path)
}

fn no_source(place: Location, path: &str, expected: &str) -> Report {
    Diagnostic::error(
        "source-folder",
        place,
        format!("there is no {} in `{path}`", expected.trim_start_matches("a ")),
    )
    .label(format!("expected {expected}"))
    .into()
}
