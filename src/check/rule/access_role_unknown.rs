//! Bindings give roles that there are.

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Bindings give roles that there are.
pub const RULE: Rule = Rule {
    id: "access-role-unknown",
    severity: Severity::Error,
    page: Page {
        summary: "a binding under `access` names a role of `roles`, or view, edit, admin or cluster-admin",
        why: "A binding to a ClusterRole that is not there gives nothing, and nobody says so: Kubernetes takes it. Another \
              ClusterRole than the four user-facing ones of Kubernetes gets a name under `roles`.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    roles: {developer: {clusterRole: edit}}\n    bind: [{group: developers, role: develper}]\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    roles: {developer: {clusterRole: edit}}\n    bind: [{group: developers, role: developer}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        let access = &tenant.spec.access;
        let tree = tenant.access_tree();
        for bound in tree.bindings().filter(|bound| access.role(&bound.binding.role).is_none()) {
            let role = &bound.binding.role;
            let finding = RULE.finding(bound.place("role"), format!("there is no role `{role}`"));
            let otherwise = "another ClusterRole gets a name under `roles`: `NAME: {clusterRole: …}`";
            report.push(finding.hint_nearest(role, access.role_names(), otherwise));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_role_may_be_called_as_one_of_kubernetes() {
        let roles = |roles: &str| {
            let access =
                format!("{{roles: {roles}, bind: [{{user: ann, role: view}}, {{user: bob, role: list}}]}}");
            findings(&RULE, &format!("# tenants/blue.yaml\nspec: {{access: {access}}}\n"))
        };
        assert_eq!(roles("{}"), ["tenants/blue.yaml `list`: there is no role `list`"]);
        assert!(roles("{view: {clusterRole: mine}, list: {clusterRole: view}}").is_empty());
    }
}
