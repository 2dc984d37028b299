//! Tenants that share a cluster share no namespace.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::location::Location;
use crate::spec::name::Name;

/// Tenants that share a cluster share no namespace.
pub const RULE: Rule = Rule {
    id: "access-namespace-shared",
    severity: Severity::Error,
    page: Page {
        summary: "a namespace of a cluster that tenants share is in the tree of one of them",
        why: "On a cluster with `sharedWith`, the access of several tenants meets. A namespace in two of their trees would have two \
              owners, each with a say over what is the other's.",
        wrong: "# clusters/web.yaml\nspec:\n  sharedWith: [green]\n# tenants/blue.yaml\nspec:\n  access:\n    namespaces: [{name: shop}]\n# tenants/green.yaml\nspec:\n  access:\n    namespaces: [{name: shop}]\n",
        right: "# clusters/web.yaml\nspec:\n  sharedWith: [green]\n# tenants/blue.yaml\nspec:\n  access:\n    namespaces: [{name: shop}]\n# tenants/green.yaml\nspec:\n  access:\n    namespaces: [{name: warehouse}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    // Tenants that share many clusters are told once.
    let mut found = BTreeSet::new();
    for expanded in specs.expanded().filter(|expanded| expanded.access.len() > 1) {
        let mut claimed: BTreeMap<&Name, (&Name, Location)> = BTreeMap::new();
        for tenant in &expanded.access {
            for namespace in tenant.access_tree().namespaces {
                match claimed.get(namespace.name) {
                    Some((other, _)) if **other == tenant.name => {}
                    Some((other, first)) => {
                        if found.insert((namespace.name, *other, &tenant.name)) {
                            let message = format!(
                                "the tenants `{other}` and `{}` both claim the namespace `{}`",
                                tenant.name, namespace.name
                            );
                            let shared = format!("shared by `{}`", expanded.cluster.identity());
                            let finding = RULE.finding(namespace.location, message);
                            let finding = finding.related(*first, format!("claimed by `{other}`"));
                            let at = place::at(&expanded.cluster.spec, "/sharedWith");
                            let finding = finding.related(at, shared);
                            report.push(finding.hint(
                                "one of them chooses another name, or leaves the cluster out with `access.clusters`",
                            ));
                        }
                    }
                    None => _ = claimed.insert(namespace.name, (&tenant.name, namespace.location)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_selector_keeps_tenants_apart() {
        let fleet = |clusters: &str| {
            let green = format!(
                "# tenants/green.yaml\nspec: {{access: {{clusters: {clusters}, namespaces: [{{name: shop}}]}}}}\n"
            );
            let blue = "# tenants/blue.yaml\nspec: {access: {namespaces: [{name: shop}]}}\n";
            findings(
                &RULE,
                &format!("{blue}{green}# clusters/web.yaml\nspec: {{sharedWith: [green, green]}}\n"),
            )
        };
        assert!(fleet("{matchLabels: {tier: canary}}").is_empty());
        assert_eq!(
            fleet("{}"),
            ["tenants/green.yaml `shop`: the tenants `blue` and `green` both claim the namespace `shop`; \
              tenants/blue.yaml `shop`: claimed by `blue`; clusters/web.yaml `[\"green\",\"green\"]`: shared by `blue/web`"]
        );
    }
}
