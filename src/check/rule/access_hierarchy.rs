//! The Hierarchical Namespace Controller is there for those who count on it.

use std::collections::BTreeSet;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::tenant::Hierarchy;

/// The Hierarchical Namespace Controller is there for those who count on it.
pub const RULE: Rule = Rule {
    id: "access-hierarchy",
    severity: Severity::Warning,
    page: Page {
        summary: "clusters that `hierarchy: hnc` reaches have an addon called `hnc`, or one that provides it",
        why: "With `hierarchy: hnc` bindings are emitted where they stand, and the controller brings them to descendants. Without it \
              nobody has anything there, and HierarchyConfiguration is a kind that the cluster does not know.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    hierarchy: hnc\n    namespaces: [{name: shop}]\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    hierarchy: none\n    namespaces: [{name: shop}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let mut found = BTreeSet::new();
    for expanded in specs.expanded() {
        let has_it = expanded.addons.iter().any(|installed| {
            let addon = installed.addon;
            addon.name.as_str() == "hnc" || addon.spec.provides.iter().any(|name| name.as_str() == "hnc")
        });
        for tenant in expanded.access.iter().filter(|_| !has_it) {
            let wants_it = tenant.spec.access.hierarchy == Hierarchy::Hnc;
            if wants_it && found.insert(&tenant.name) {
                let message = format!("no addon brings the controller to `{}`", expanded.cluster.identity());
                let at = place::at(&tenant.document, "/spec/access/hierarchy");
                report.push(RULE.finding(at, message).hint("leave `hierarchy` out: rendering does the same"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn an_addon_that_provides_it_is_enough() {
        let tenant = "# tenants/blue.yaml\nspec: {access: {hierarchy: hnc, namespaces: [{name: shop}]}}\n";
        let addon = "# addons/hnc/addon.yaml\nspec: {enable: {default: true}}\n";
        assert_eq!(findings(&RULE, tenant).len(), 1);
        assert!(findings(&RULE, &format!("{tenant}{addon}")).is_empty());
    }
}
