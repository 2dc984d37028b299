//! AppProjects have names of their own.

use std::collections::BTreeMap;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::fleet::Management;
use crate::spec::tenant::Tenant;

/// AppProjects have names of their own.
pub const RULE: Rule = Rule {
    id: "project-collision",
    severity: Severity::Error,
    page: Page {
        summary: "no tenant's AppProjects have the name of another AppProject",
        why: "Every tenant has two AppProjects on its management cluster: its own, called like the tenant, and that of \
              its addons, by default `<tenant>-platform`. Of two with one name the second would replace the first, \
              with its permissions.",
        wrong: "# tenants/blue-platform.yaml\nmetadata:\n  name: blue-platform\n",
        right: "# tenants/blue-apps.yaml\nmetadata:\n  name: blue-apps\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for management in &specs.catalog.fleet.spec.management {
        check_management(specs, management, report);
    }
}

fn check_management(specs: &Specs<'_>, management: &Management, report: &mut Report) {
    let tenants = &specs.catalog.tenants;
    let mut of_addons: BTreeMap<String, &Tenant> = BTreeMap::new();
    for tenant in tenants.values() {
        let project = management.addon_project(&tenant.name);
        let own = tenants.get(project.as_str()).map(|owner| (owner, "its own project has that name"));
        let other =
            of_addons.get(&project).map(|owner| (*owner, "the project of its addons has that name, too"));
        for (owner, what) in own.into_iter().chain(other) {
            let message = format!(
                "the project of `{}`'s addons is called `{project}`, as one of `{}` is",
                tenant.name, owner.name
            );
            report.push(RULE.finding(place::tenant(tenant), message).related(place::tenant(owner), what));
        }
        if project == management.argocd.root_project.as_str() || project == "yoshino-hold" {
            let message =
                format!("the project of `{}`'s addons is called `{project}`, which is reserved", tenant.name);
            report.push(RULE.finding(place::tenant(tenant), message));
        }
        of_addons.entry(project).or_insert(tenant);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn both_tenants_are_named() {
        let found = findings(&RULE, "# tenants/blue-platform.yaml\n{}\n");
        assert_eq!(
            found,
            [
                "tenants/blue.yaml `blue`: the project of `blue`'s addons is called `blue-platform`, as one of \
              `blue-platform` is; tenants/blue-platform.yaml `blue-platform`: its own project has that name"
            ]
        );
    }

    #[test]
    fn a_pattern_without_the_project_gives_all_tenants_one_project() {
        let fleet =
            "# fleet.yaml\nspec: {management: [{name: management, argocd: {addonProject: addons}}]}\n";
        let found = findings(&RULE, fleet);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("`addons`, as one of `blue` is"), "{found:?}");
    }
}
