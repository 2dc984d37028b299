//! A tenant's tree has no namespace of an addon.

use std::collections::BTreeSet;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::addon::Placement;

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
    // A namespace of many clusters is found once.
    let mut found = BTreeSet::new();
    for expanded in specs.expanded() {
        for tenant in &expanded.access {
            for namespace in tenant.access_tree().namespaces {
                let has_it = |addon: &&crate::spec::addon::Addon| {
                    addon.spec.placement == Placement::Workload && addon.spec.namespace == *namespace.name
                };
                let addons = expanded.addons.iter().map(|installed| installed.addon);
                let Some(addon) = addons.into_iter().find(has_it) else { continue };
                if !found.insert((&tenant.name, namespace.name.clone())) {
                    continue;
                }
                let identity = expanded.cluster.identity();
                let message = format!(
                    "`{}` is the namespace of the addon `{}`, which is on for `{identity}`",
                    namespace.name, addon.name
                );
                let of_addon = place::at(&addon.document, "/spec/namespace");
                report.push(
                    RULE.finding(namespace.location, message).related(of_addon, "the addon's namespace"),
                );
            }
        }
    }
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
