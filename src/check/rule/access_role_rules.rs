//! Rules say what they are about.

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::tenant::PolicyRule;

/// Rules say what they are about.
pub const RULE: Rule = Rule {
    id: "access-role-rules",
    severity: Severity::Error,
    page: Page {
        summary: "a rule of `access.roles` names resources and API groups, or `nonResourceURLs`",
        why: "Kubernetes refuses a ClusterRole with any other rule, and with it Argo CD everything else that the tenant's access \
              comes to.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    roles:\n      ci:\n        rules:\n          - resources: [deployments]\n            verbs: [get]\n    bind: [{group: ci, role: ci}]\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    roles:\n      ci:\n        rules:\n          - apiGroups: [apps]\n            resources: [deployments]\n            verbs: [get]\n    bind: [{group: ci, role: ci}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        for (name, role) in &tenant.spec.access.roles {
            for (index, rule) in role.rules.iter().enumerate() {
                let Some((message, hint)) = complaint(rule) else { continue };
                let node = tenant.document.at(&format!("/spec/access/roles/{name}/rules/{index}"));
                let at = node.map_or(tenant.document.location, |node| node.location);
                report.push(RULE.finding(at, message).hint(hint));
            }
        }
    }
}

/// Says what is wrong with a rule (Kubernetes 1.36, `ValidatePolicyRule`).
fn complaint(rule: &PolicyRule) -> Option<(&'static str, &'static str)> {
    let is_about_resources = !rule.api_groups.is_empty() || !rule.resources.is_empty();
    match (rule.non_resource_urls.is_empty(), is_about_resources || !rule.resource_names.is_empty()) {
        (false, true) => Some(("the rule is about resources and about paths", "make it two rules")),
        (false, false) => None,
        (true, _) if rule.api_groups.is_empty() => {
            Some(("the rule names no API group", "the core group is `apiGroups: [\"\"]`"))
        }
        (true, _) if rule.resources.is_empty() => {
            Some(("the rule names no resource", "name some under `resources`, in the plural: `pods`"))
        }
        (true, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn paths_stand_alone() {
        let rule = |rule: &str| {
            let access = format!("{{roles: {{own: {{rules: [{rule}]}}}}}}");
            findings(&RULE, &format!("# tenants/blue.yaml\nspec: {{access: {access}}}\n")).len()
        };
        assert_eq!(rule("{nonResourceURLs: [/metrics], verbs: [get]}"), 0);
        assert_eq!(rule("{nonResourceURLs: [/metrics], apiGroups: [''], verbs: [get]}"), 1);
        assert_eq!(rule("{apiGroups: [''], verbs: [get]}"), 1);
    }
}
