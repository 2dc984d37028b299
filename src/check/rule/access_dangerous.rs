//! Whoever may do everything is meant to.

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Whoever may do everything is meant to.
pub const RULE: Rule = Rule {
    id: "access-dangerous",
    severity: Severity::Error,
    page: Page {
        summary: "a binding of `cluster-admin`, or of rules with `*` on everything, says `dangerous: true`",
        why: "Such a role reads every Secret, and in a namespace every token of its ServiceAccounts. A binding that gives it by \
              mistake looks like any other, so one that means it says so.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    bind: [{group: platform-admins, role: cluster-admin}]\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    bind: [{group: platform-admins, role: cluster-admin, dangerous: true}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        let access = &tenant.spec.access;
        let tree = tenant.access_tree();
        for bound in tree.bindings().filter(|bound| !bound.binding.dangerous) {
            let role = &bound.binding.role;
            if access.role(role).is_some_and(|role| access.is_unbounded(role)) {
                let message = format!("`{role}` may do everything");
                let finding = RULE.finding(bound.place("role"), message);
                report.push(finding.hint("if that is meant, say `dangerous: true` beside it"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_star_in_one_list_is_not_everything() {
        let rules = |rule: &str| {
            let roles = format!("{{own: {{rules: [{rule}]}}, root: {{clusterRole: cluster-admin}}}}");
            let access = format!("{{roles: {roles}, bind: [{{user: ann, role: own}}]}}");
            findings(&RULE, &format!("# tenants/blue.yaml\nspec: {{access: {access}}}\n"))
        };
        assert!(rules("{apiGroups: ['*'], resources: ['*'], verbs: [get, list]}").is_empty());
        assert!(rules("{apiGroups: [apps], resources: ['*'], verbs: ['*']}").is_empty());
        assert_eq!(
            rules("{apiGroups: ['*'], resources: ['*'], verbs: ['*']}"),
            ["tenants/blue.yaml `own`: `own` may do everything"]
        );
    }

    #[test]
    fn another_name_for_cluster_admin_is_no_disguise() {
        let access = "{roles: {own: {clusterRole: cluster-admin}}, namespaces: [{name: shop, bind: [{user: ann, role: own}]}]}";
        let found = findings(&RULE, &format!("# tenants/blue.yaml\nspec: {{access: {access}}}\n"));
        assert_eq!(found, ["tenants/blue.yaml `own`: `own` may do everything"]);
    }
}
