//! A tenant's quota is made of quantities.

use crate::check::quantity::is_quantity;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::yaml::{Kind, Node};

/// A tenant's quota is made of quantities.
pub const RULE: Rule = Rule {
    id: "quota-value",
    severity: Severity::Error,
    page: Page {
        summary: "every value of a quota is a Kubernetes quantity",
        why: "The API server refuses a ResourceQuota whose values are no quantities: a number, with or without a unit \
              such as `m`, `k`, `M`, `Gi`, not below zero.",
        wrong: "# tenants/blue.yaml\nspec:\n  quota: {requests.memory: 10GB}\n",
        right: "# tenants/blue.yaml\nspec:\n  quota: {requests.memory: 10Gi, pods: 100}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        let quota = tenant.document.at("/spec/quota").and_then(Node::entries).unwrap_or_default();
        for entry in quota {
            let Kind::Scalar { text, .. } = &entry.value.kind else { continue };
            if !entry.value.is_null() && !is_quantity(text) {
                let message = format!("`{text}` is no quantity for `{}`", entry.key);
                let finding = RULE.finding(entry.value.location, message);
                report.push(finding.label("expected a number with or without a unit: `500m`, `10Gi`, `100`"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_value_below_zero_is_no_quota() {
        let found = findings(&RULE, "# tenants/blue.yaml\nspec: {quota: {cpu: -1, memory: null}}\n");
        assert_eq!(found, ["tenants/blue.yaml `-1`: `-1` is no quantity for `cpu`"]);
    }
}
