//! The files of a management cluster that belong to no single workload cluster.

use std::sync::OnceLock;

use super::{Shared, Sink, all, output_path, write_file, write_values};
use crate::check::{EmittedManagement, EmittedRules, EmittedSecret};
use crate::diagnostic::Report;
use crate::emit::Object;
use crate::emit::application_set::application_sets;
use crate::emit::fold::Fold;
use crate::emit::patch::AllPatches;
use crate::emit::project::projects;
use crate::emit::root::{projects_application, root, sets_application};
use crate::error::Failure;
use crate::expand::ExpandedCluster;
use crate::spec::fleet::Management;
use crate::spec::tenant::Tenant;

/// A management cluster and its ApplicationSets.
pub(super) struct Sets<'a> {
    pub(super) management: &'a Management,
    pub(super) sets: Vec<Object>,
}

/// Makes the ApplicationSets of a management cluster.
pub(super) fn sets<'a>(
    management: &'a Management,
    fold: &Fold<'a>,
    patches: &AllPatches<'a>,
) -> Result<Sets<'a>, Report> {
    Ok(Sets { management, sets: application_sets(fold, management, patches)? })
}

/// What a management cluster is emitted as, beside its sets.
struct Made<'s> {
    /// Where the Applications are written, in their order.
    paths: Vec<String>,
    applications: Vec<Object>,
    projects: Vec<(&'s Tenant, Vec<Object>)>,
}

/// Makes the files and gives them to the sink.
pub(super) fn render(sets: &Sets<'_>, shared: &Shared<'_, '_>, sink: &Sink<'_>) -> Result<(), Failure> {
    let name = &sets.management.name;
    let of_fleet = output_path("fleet.yaml");
    let made = made(sets, shared)?;
    for (path, application) in made.paths.iter().zip(&made.applications) {
        write_file(sink, path, &of_fleet, std::slice::from_ref(application))?;
    }
    let addons = shared.catalog.emitted_addons();
    let set = |set: &Object| {
        let source = addons.get(set.name()).map(|(content, addon)| content.source_name(&addon.path));
        let source = source.unwrap_or_else(|| of_fleet.clone().into());
        let path = format!("{name}/applicationsets/{}.yaml", set.name());
        write_file(sink, &path, &source, std::slice::from_ref(set))
    };
    all(sets.sets.iter().map(set))?;
    for (tenant, objects) in made.projects {
        write_file(sink, &format!("{name}/projects/{}.yaml", tenant.name), &tenant.path, &objects)?;
    }
    for (content, file) in shared.values.shared(name, &shared.variables)? {
        write_values(sink, name, content.source_name(&file.addon.path), &file)?;
    }
    Ok(())
}

/// Makes everything without writing it, and returns what `rules` find; `seen` are the Secrets of all clusters, each with
/// what people write for Argo CD beside it.
pub(super) fn examine<'s>(
    sets: &Sets<'_>,
    shared: &'s Shared<'_, '_>,
    seen: &'s [(EmittedSecret<'s>, Vec<Object>)],
    rules: Option<&EmittedRules<'_, '_>>,
) -> Result<Report, Failure> {
    let made = made(sets, shared)?;
    shared.values.shared(&sets.management.name, &shared.variables)?;
    let Some(rules) = rules else { return Ok(Report::default()) };
    let is_own = |expanded: &ExpandedCluster<'_>| expanded.management.name == sets.management.name;
    let own = shared.fold.expansion.clusters.iter().zip(seen).filter(|(expanded, _)| is_own(expanded));
    let by_hand =
        own.clone().flat_map(|(expanded, (_, objects))| objects.iter().map(move |object| (expanded, object)));
    let (by_hand, clusters): (Vec<_>, Vec<_>) =
        (by_hand.collect(), own.map(|(expanded, (secret, _))| (expanded, secret)).collect());
    Ok(rules.management(&EmittedManagement {
        management: sets.management,
        sets: &sets.sets,
        projects: &made.projects,
        applications: &made.applications,
        clusters: &clusters,
        by_hand: &by_hand,
        judged: OnceLock::new(),
    }))
}

fn made<'s>(sets: &Sets<'_>, shared: &Shared<'s, '_>) -> Result<Made<'s>, Failure> {
    let (management, fleet) = (sets.management, &shared.catalog.fleet);
    let name = &management.name;
    let patches = &shared.patches.fleet;
    let projects = projects(shared.fold.expansion, management, shared.patches)?;
    let mut paths = vec![format!("{name}/root.yaml")];
    let mut applications = vec![root(fleet, management, patches)?];
    // Argo CD reports an error for a folder that is not there, as on a management cluster that has no clusters yet.
    if !projects.is_empty() {
        paths.push(format!("{name}/apps/projects.yaml"));
        applications.push(projects_application(fleet, management, patches)?);
    }
    if !sets.sets.is_empty() {
        paths.push(format!("{name}/apps/applicationsets.yaml"));
        applications.push(sets_application(fleet, management, patches)?);
    }
    Ok(Made { paths, applications, projects })
}
