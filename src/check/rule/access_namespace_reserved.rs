//! A tenant's tree has no namespace of Kubernetes.

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// A tenant's tree has no namespace of Kubernetes.
pub const RULE: Rule = Rule {
    id: "access-namespace-reserved",
    severity: Severity::Error,
    page: Page {
        summary: "no namespace under `access` is `default`, or one of Kubernetes' own, `kube-*`",
        why: "Whoever may change what lies in `kube-system` may do everything on the cluster, and `default` is where everything goes \
              that names no namespace. Neither is a tenant's.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    namespaces: [{name: kube-system}]\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    namespaces: [{name: system}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        for namespace in tenant.access_tree().namespaces {
            let name = namespace.name.as_str();
            if name == "default" || name.starts_with("kube-") {
                let message = format!("`{name}` is Kubernetes' own namespace");
                let finding = RULE.finding(namespace.location, message);
                report.push(finding.hint("bind on the whole cluster, or choose another name"));
            }
        }
    }
}
