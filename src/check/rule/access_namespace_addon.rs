//! A tenant's tree has no namespace of an addon.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::expand::ExpandedCluster;
use crate::spec::addon::{ACCESS, Addon, Placement};
use crate::spec::name::Name;
use crate::spec::tenant::Placed;

/// A tenant's tree has no namespace of an addon.
pub const RULE: Rule = Rule {
    id: "access-namespace-addon",
    severity: Severity::Error,
    page: Page {
        summary: "no namespace under `access` is one that an addon on the same cluster is installed to",
        why: "Who may edit what lies in an addon's namespace may take the addon over, and with it all that the addon may do. Where \
              the addon labels its namespace, two Applications would own that.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    namespaces: [{name: metrics}]\n# clusters/web.yaml\nspec:\n  addons: {metrics: true}\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    namespaces: [{name: dashboards}]\n# clusters/web.yaml\nspec:\n  addons: {metrics: true}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let claimed: BTreeMap<&Name, Vec<Placed<'_>>> = specs
        .catalog
        .tenants
        .values()
        .map(|tenant| (&tenant.name, tenant.access_tree().namespaces))
        .collect();
    // A namespace of many clusters is found once.
    let mut found = BTreeSet::new();
    for expanded in specs.expanded() {
        let addons = expanded.addons.iter().map(|installed| installed.addon);
        let addons = addons
            .filter(|addon| addon.spec.placement == Placement::Workload && addon.name.as_str() != ACCESS);
        let addons: Vec<&Addon> = addons.collect();
        for tenant in &expanded.access {
            for namespace in claimed.get(&tenant.name).into_iter().flatten() {
                let has_it = |addon: &&&Addon| addon.spec.namespace == *namespace.name;
                if let Some(addon) = addons.iter().find(has_it)
                    && found.insert((&tenant.name, namespace.name))
                {
                    report.push(finding(namespace, addon, expanded));
                }
            }
        }
    }
}

fn finding(namespace: &Placed<'_>, addon: &Addon, expanded: &ExpandedCluster<'_>) -> Diagnostic {
    let message = format!(
        "`{}` is the namespace of the addon `{}`, which is on for `{}`",
        namespace.name,
        addon.name,
        expanded.cluster.identity()
    );
    let of_addon = place::at(&addon.document, "/spec/namespace");
    let finding = RULE.finding(namespace.location, message).related(of_addon, "the addon's namespace");
    finding.hint("choose another name")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn an_addon_that_is_off_has_no_namespace() {
        let tenant = "# tenants/blue.yaml\nspec: {access: {namespaces: [{name: metrics}]}}\n";
        assert!(findings(&RULE, tenant).is_empty());
        let on = "# clusters/web.yaml\nspec: {addons: {metrics: true}}\n# clusters/db.yaml\nspec: {addons: {metrics: true}}\n";
        assert_eq!(
            findings(&RULE, &format!("{tenant}{on}")),
            [
                "tenants/blue.yaml `metrics`: `metrics` is the namespace of the addon `metrics`, which is on for \
              `blue/db`; addons/metrics/addon.yaml `metrics`: the addon's namespace"
            ]
        );
    }
}
