//! A tenant's destinations are its own clusters.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity, nearest};
use crate::emit::patch::glob_matches;

/// A tenant's destinations are its own clusters.
pub const RULE: Rule = Rule {
    id: "destination-unknown",
    severity: Severity::Error,
    page: Page {
        summary: "every destination of a tenant is one of its clusters",
        why: "A destination that names no cluster of the tenant allows nothing: its Applications for the cluster that \
              was meant are refused.",
        wrong: "# tenants/blue.yaml\nspec:\n  destinations: [{cluster: wbe, namespace: shop}]\n",
        right: "# tenants/blue.yaml\nspec:\n  destinations: [{cluster: web, namespace: shop}, {cluster: \"w*\", namespace: \"*\"}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    // The tree of a minor's branch declares no clusters, and so nothing that a destination could name.
    if specs.catalog.clusters.is_empty() {
        return;
    }
    for tenant in specs.catalog.tenants.values() {
        let clusters = specs.catalog.clusters.iter().filter(|cluster| cluster.project == tenant.name);
        let names: Vec<&str> = clusters.map(|cluster| cluster.name.as_str()).collect();
        for (index, destination) in tenant.spec.destinations.iter().enumerate() {
            let pattern = destination.cluster.as_str();
            if pattern == "*" || names.iter().any(|name| glob_matches(pattern, name)) {
                continue;
            }
            let at = place::at(&tenant.document, &format!("/spec/destinations/{index}/cluster"));
            let finding = RULE.finding(at, format!("`{}` has no cluster `{pattern}`", tenant.name));
            report.push(match nearest(pattern, names.iter().copied()) {
                Some(near) => finding.label(format!("did you mean `{near}`?")),
                None if names.is_empty() => finding.hint("the tenant has no cluster at all"),
                None => finding.hint(format!("its clusters: {}", names.join(", "))),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn the_cluster_of_another_tenant_is_none_of_its_own() {
        let found =
            findings(&RULE, "# tenants/green.yaml\nspec: {destinations: [{cluster: web, namespace: a}]}\n");
        assert_eq!(found, ["tenants/green.yaml `web`: `green` has no cluster `web`"]);
    }

    #[test]
    fn any_cluster_may_be_named_before_there_is_one() {
        assert!(
            findings(&RULE, "# tenants/green.yaml\nspec: {destinations: [{cluster: \"*\", namespace: a}]}\n")
                .is_empty()
        );
    }
}
