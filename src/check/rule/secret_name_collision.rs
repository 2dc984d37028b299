//! Cluster Secrets have names of their own.

use crate::check::collision::collisions;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Cluster Secrets have names of their own.
pub const RULE: Rule = Rule {
    id: "secret-name-collision",
    severity: Severity::Error,
    page: Page {
        summary: "no two clusters make one `cluster-<project>-<cluster>`",
        why: "It is the name of a cluster's Secret and of the Application that reads its folder, both in Argo CD's \
              namespace. Cluster `b-c` of a tenant `a` and cluster `c` of a tenant `a-b` would share them.",
        wrong: "# tenants/blue-shop.yaml\nspec:\n  description: another tenant\n# clusters/c.yaml\nspec:\n  project: blue-shop\n\
                # clusters/shop-c.yaml\nspec:\n  project: blue\n",
        right: "# tenants/blue-shop.yaml\nspec:\n  description: another tenant\n# clusters/c.yaml\nspec:\n  project: blue-shop\n\
                # clusters/shop-d.yaml\nspec:\n  project: blue\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let clusters = specs.catalog.clusters.iter();
    let named = clusters.map(|cluster| ((&cluster.management, cluster.secret_name()), cluster));
    for (first, later) in collisions(named.collect()) {
        // Two clusters of one identity are reported as such.
        if first.identity() == later.identity() {
            continue;
        }
        let message = format!(
            "`{}` and `{}` would share the Secret `{}`",
            first.identity(),
            later.identity(),
            later.secret_name()
        );
        report.push(
            RULE.finding(place::cluster(later), message).related(place::cluster(first), "the other cluster"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn each_management_cluster_has_secrets_of_its_own() {
        let fleet = "# fleet.yaml\nspec: {management: [{name: management}, {name: edge}]}\n# tenants/blue-shop.yaml\n{}\n";
        let clusters = |management: &str| {
            format!(
                "{fleet}# clusters/c.yaml\nspec: {{project: blue-shop, management: {management}}}\n# clusters/shop-c.yaml\n{{}}\n"
            )
        };
        assert_eq!(findings(&RULE, &clusters("management")).len(), 1);
        assert!(findings(&RULE, &clusters("edge")).is_empty());
    }
}
