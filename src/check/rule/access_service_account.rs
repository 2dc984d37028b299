//! A ServiceAccount has a namespace.

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::schema::{is_dns_label, is_dns_name};
use crate::spec::tenant::{Bound, Subject};

/// A ServiceAccount has a namespace.
pub const RULE: Rule = Rule {
    id: "access-service-account",
    severity: Severity::Error,
    page: Page {
        summary: "a `serviceAccount` under `access` is a name in a namespace, or `namespace/name`",
        why: "A ServiceAccount lives in a namespace. A binding of the whole cluster stands in none, so there the name alone does not \
              say which account is meant.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    bind: [{serviceAccount: deploy-bot, role: view}]\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    bind: [{serviceAccount: ci/deploy-bot, role: view}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        let tree = tenant.access_tree();
        for bound in tree.bindings() {
            let Some(account) = &bound.binding.service_account else { continue };
            if let Some(message) = complaint(bound, account) {
                report.push(RULE.finding(bound.place("serviceAccount"), message));
            }
        }
    }
}

/// Says what is wrong with a name of a ServiceAccount.
fn complaint(bound: &Bound<'_>, account: &str) -> Option<String> {
    match bound.subject() {
        None => Some(format!("`{account}` is of no namespace here; write `namespace/{account}`")),
        Some(Subject::ServiceAccount { namespace, name })
            if !is_dns_label(namespace) || !is_dns_name(name) =>
        {
            Some(format!("`{account}` is no name of a ServiceAccount, nor `namespace/name`"))
        }
        Some(Subject::ServiceAccount { .. } | Subject::Group(_) | Subject::User(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn names_are_those_of_kubernetes() {
        for (account, expected) in [("bot", 0), ("ci/bot.v1", 0), ("Bot", 1), ("ci/", 1), ("a/b/c", 1)] {
            let access = format!(
                "{{namespaces: [{{name: shop, bind: [{{serviceAccount: {account}, role: view}}]}}]}}"
            );
            let found = findings(&RULE, &format!("# tenants/blue.yaml\nspec: {{access: {access}}}\n"));
            assert_eq!(found.len(), expected, "{account}");
        }
    }
}
