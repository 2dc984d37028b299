//! Paths of the API server are given on the whole cluster.

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Paths of the API server are given on the whole cluster.
pub const RULE: Rule = Rule {
    id: "access-urls-in-namespace",
    severity: Severity::Warning,
    page: Page {
        summary: "a role with `nonResourceURLs` is bound on the whole cluster",
        why: "A path such as `/metrics` lies in no namespace. Kubernetes takes the RoleBinding, and gives nobody the path.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    roles: {scraper: {rules: [{nonResourceURLs: [/metrics], verbs: [get]}]}}\n    namespaces:\n      - name: shop\n        bind: [{serviceAccount: scraper, role: scraper}]\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    roles: {scraper: {rules: [{nonResourceURLs: [/metrics], verbs: [get]}]}}\n    bind: [{serviceAccount: shop/scraper, role: scraper}]\n    namespaces: [{name: shop}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        let tree = tenant.access_tree();
        for bound in tree.bindings().filter(|bound| bound.namespace.is_some()) {
            let Some(role) = tenant.spec.access.roles.get(&bound.binding.role) else { continue };
            if role.rules.iter().any(|rule| !rule.non_resource_urls.is_empty()) {
                let message =
                    format!("the `nonResourceURLs` of `{}` are given to nobody here", bound.binding.role);
                let finding = RULE.finding(bound.place("role"), message);
                report.push(finding.hint("bind them under `access.bind`, on the whole cluster"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn paths_are_given_on_the_whole_cluster_alone() {
        let access = |bound: &str| {
            let role = "roles: {ci: {rules: [{nonResourceURLs: [/metrics], verbs: [get]}]}}";
            findings(&RULE, &format!("# tenants/blue.yaml\nspec: {{access: {{{role}, {bound}}}}}\n"))
        };
        assert!(
            access(
                "bind: [{group: ci, role: ci}], namespaces: [{name: shop, bind: [{group: ci, role: view}]}]"
            )
            .is_empty()
        );
        assert_eq!(
            access("namespaces: [{name: shop, bind: [{group: ci, role: ci}]}]"),
            ["tenants/blue.yaml `ci`: the `nonResourceURLs` of `ci` are given to nobody here"]
        );
    }
}
