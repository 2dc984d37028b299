//! The files of a management cluster that belong to no single workload cluster.

use super::{Shared, Sink, all, output_path, write_file, write_values};
use crate::diagnostic::Report;
use crate::emit::Object;
use crate::emit::application_set::application_sets;
use crate::emit::fold::Fold;
use crate::emit::patch::AllPatches;
use crate::emit::project::projects;
use crate::emit::root::{projects_application, root, sets_application};
use crate::error::Failure;
use crate::spec::fleet::Management;

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

/// Makes the files and gives them to the sink.
pub(super) fn render(sets: &Sets<'_>, shared: &Shared<'_, '_>, sink: &Sink<'_>) -> Result<(), Failure> {
    let (management, fleet) = (sets.management, &shared.catalog.fleet);
    let name = &management.name;
    let of_fleet = output_path("fleet.yaml");
    let patches = &shared.patches.fleet;
    let projects = projects(shared.fold.expansion, management, shared.patches)?;
    let mut applications = vec![(format!("{name}/root.yaml"), root(fleet, management, patches)?)];
    // Argo CD reports an error for a folder that is not there, as on a management cluster that has no clusters yet.
    if !projects.is_empty() {
        let application = projects_application(fleet, management, patches)?;
        applications.push((format!("{name}/apps/projects.yaml"), application));
    }
    if !sets.sets.is_empty() {
        let application = sets_application(fleet, management, patches)?;
        applications.push((format!("{name}/apps/applicationsets.yaml"), application));
    }
    for (path, application) in applications {
        write_file(sink, &path, &of_fleet, &[application])?;
    }
    let addons = shared.catalog.emitted_addons();
    let set = |set: &Object| {
        let source = addons.get(set.name()).map(|(content, addon)| content.source_name(&addon.path));
        let source = source.unwrap_or_else(|| of_fleet.clone().into());
        let path = format!("{name}/applicationsets/{}.yaml", set.name());
        write_file(sink, &path, &source, std::slice::from_ref(set))
    };
    all(sets.sets.iter().map(set))?;
    for (tenant, objects) in projects {
        write_file(sink, &format!("{name}/projects/{}.yaml", tenant.name), &tenant.path, &objects)?;
    }
    for (content, file) in shared.values.shared(name, &shared.variables)? {
        write_values(sink, name, content.source_name(&file.addon.path), &file)?;
    }
    Ok(())
}
