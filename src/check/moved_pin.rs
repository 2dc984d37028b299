//! Tags that were moved after an output had been rendered from them.
//!
//! An output says which commit each pin's tag pointed at. This looks at nothing else in it, and says nothing where
//! there is no output, or another pin.

use super::place;
use crate::diagnostic::{Diagnostic, Report};
use crate::location::FileId;
use crate::spec::Catalog;
use crate::spec::cluster::Cluster;
use crate::spec::yaml::{Node, Options, parse};
use crate::tree::{FileTree, RepoPath};

/// Returns the cluster Secrets of pinned clusters in the output, as paths of the repository; empty where the output has a
/// branch of its own.
pub fn secrets_of_pinned(catalog: &Catalog) -> Vec<RepoPath> {
    let pinned = catalog.clusters.iter().filter(|cluster| cluster.release.is_some());
    pinned.filter_map(|cluster| secret_path(catalog, cluster)).collect()
}

/// Reports the pins whose tags point at another commit than they did when `output` was rendered; it holds the Secrets that
/// [`secrets_of_pinned`] names, as far as they are there.
pub fn moved_pins(catalog: &Catalog, output: &FileTree) -> Report {
    let mut report = Report::default();
    let domain = &catalog.fleet.spec.label_domain;
    for cluster in &catalog.clusters {
        let content = catalog.content(cluster);
        let Some(tag) = &content.tag else { continue };
        let bytes = secret_path(catalog, cluster).and_then(|path| output.0.get(&path));
        // The file lies in no table: nothing of it is shown.
        let documents = bytes.and_then(|bytes| parse(FileId(0), bytes, Options::FOREIGN).ok());
        let Some(secret) = documents.iter().flatten().next() else { continue };
        let text = |field: &str, key: &str| {
            let map = secret.root.at(&format!("/metadata/{field}"))?;
            map.get(&format!("{domain}/{key}")).and_then(Node::as_str).map(str::to_owned)
        };
        let is_same_pin = text("labels", "version").as_deref() == Some(tag.release.as_str());
        let rendered = text("annotations", "commit").filter(|_| is_same_pin);
        if let Some(rendered) = rendered.filter(|rendered| *rendered != tag.commit_id) {
            let short = |id: &str| id.get(..12).unwrap_or(id).to_owned();
            let message = format!("the tag `{}` was moved after the output had been rendered", tag.release);
            let finding = Diagnostic::error("pin-moved", place::at(&cluster.spec, "/release"), message);
            let label = format!("from {} to {}", short(&rendered), short(&tag.commit_id));
            report.push(finding.label(label).hint(
                "put the tag back, and give what is meant a tag of its own; `yoshino render` takes the tag as it is now",
            ));
        }
    }
    report
}

fn secret_path(catalog: &Catalog, cluster: &Cluster) -> Option<RepoPath> {
    let folder = catalog.fleet.output_path()?;
    let (management, identity) = (&cluster.management, cluster.identity());
    RepoPath::new(&format!("{folder}/{management}/clusters/{identity}/argocd-cluster.yaml")).ok()
}
