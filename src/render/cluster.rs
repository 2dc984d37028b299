//! The files of one cluster.

use super::{Shared, Sink};
use crate::diagnostic::Report;
use crate::emit::cluster_api::cluster_objects;
use crate::emit::layout::write_objects;
use crate::emit::patch::Patches;
use crate::emit::variables::place_of;
use crate::emit::{Object, Origin};
use crate::error::Failure;
use crate::expand::ExpandedCluster;
use crate::tree::RepoPath;

/// Makes a cluster's files and gives them to the sink.
pub(super) fn render(shared: &Shared<'_>, expanded: &ExpandedCluster<'_>, sink: &Sink<'_>) -> Result<(), Failure> {
    let cluster = expanded.cluster;
    let variables = shared.variables.of_cluster(shared.expansion, expanded, &|_, _, _| Ok(None))?;
    let patches = Patches::new(&[], None);
    let objects = filled(shared, expanded, &variables)?;
    let objects = cluster_objects(expanded, objects, &[&shared.fleet_patches, &patches])?;
    let mut text = String::new();
    write_objects(&mut text, &cluster.path, &objects);
    let folder = format!("{}/clusters/{}/{}", expanded.management.name, cluster.project, cluster.name);
    let path = RepoPath::new(&format!("{folder}/cluster.yaml")).expect("because names are DNS labels");
    sink(&path, text.as_bytes())?;
    Ok(())
}

/// Fills the provider's templates.
fn filled(
    shared: &Shared<'_>,
    expanded: &ExpandedCluster<'_>,
    variables: &crate::emit::template::Value,
) -> Result<Vec<Object>, Report> {
    let place = place_of(expanded);
    let mut report = Report::default();
    let mut objects = Vec::new();
    for template in shared.templates.get(&expanded.provider.name).into_iter().flatten() {
        match template.fill(variables, place, &shared.shapes) {
            Ok(filled) => objects.extend(filled.into_iter().map(|filled| Object {
                body: filled.body,
                origin: Origin { spec: place, template: Some(filled.origin) },
            })),
            Err(findings) => report.extend(findings),
        }
    }
    report.or(objects)
}
