//! Access reaches a cluster.

use std::collections::BTreeSet;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::yaml::Node;

/// Access reaches a cluster.
pub const RULE: Rule = Rule {
    id: "access-unreached",
    severity: Severity::Warning,
    page: Page {
        summary: "what a tenant says under `access` reaches one of its clusters",
        why: "A selector that matches none of the tenant's clusters gives nobody anything, without a word from anyone.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    clusters: {matchLabels: {tier: prod}}\n    bind: [{group: developers, role: view}]\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    bind: [{group: developers, role: view}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let mut reached = BTreeSet::new();
    let mut is_expanded = false;
    for expanded in specs.expanded() {
        is_expanded = true;
        reached.extend(expanded.access.iter().map(|tenant| &tenant.name));
    }
    // Where nobody knows who gets what, other findings say why.
    if !is_expanded {
        return;
    }
    for tenant in specs.catalog.tenants.values() {
        if tenant.spec.access.is_empty() || reached.contains(&tenant.name) {
            continue;
        }
        let is_on = |node: &Node| node.as_str() == Some(tenant.name.as_str());
        let has_one = specs
            .catalog
            .clusters
            .iter()
            .any(|cluster| cluster.project == tenant.name || cluster.shared_with().any(is_on));
        let (pointer, message, hint) = match has_one {
            true => (
                "/spec/access/clusters",
                "no cluster of the tenant has these labels",
                "without `clusters` it reaches all of them",
            ),
            false => (
                "/spec/access",
                "the tenant has no cluster",
                "it has one with its name as `project`, or under `sharedWith`",
            ),
        };
        report.push(RULE.finding(place::at(&tenant.document, pointer), message).hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_shared_cluster_counts() {
        let tenant = "# tenants/green.yaml\nspec: {access: {namespaces: [{name: shop}]}}\n";
        assert_eq!(findings(&RULE, tenant).len(), 1);
        let labels = "# tenants/green.yaml\nspec: {access: {clusters: {matchLabels: {tier: none}}, namespaces: [{name: shop}]}}\n";
        assert_eq!(
            findings(&RULE, &format!("{labels}# clusters/web.yaml\nspec: {{sharedWith: [green]}}\n")),
            [
                "tenants/green.yaml `{\"matchLabels\":{\"tier\":\"none\"}}`: no cluster of the tenant has these labels"
            ]
        );
        assert!(
            findings(&RULE, &format!("{tenant}# clusters/web.yaml\nspec: {{sharedWith: [green]}}\n"))
                .is_empty()
        );
    }
}
