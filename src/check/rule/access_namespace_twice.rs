//! A namespace has one place in the tree.

use std::collections::BTreeMap;

use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// A namespace has one place in the tree.
pub const RULE: Rule = Rule {
    id: "access-namespace-twice",
    severity: Severity::Error,
    page: Page {
        summary: "a namespace stands once in the tree under `access`",
        why: "A namespace beneath two others would take what is bound to both, and to neither for whoever reads one of the places.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    namespaces:\n      - name: shop\n        children: [{name: checkout}]\n      - name: checkout\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    namespaces:\n      - name: shop\n        children: [{name: checkout}]\n      - name: payment\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        let tree = tenant.access_tree();
        let mut first = BTreeMap::new();
        for namespace in &tree.namespaces {
            if let Some(at) = first.get(namespace.name) {
                let message = format!("the namespace `{}` stands in two places", namespace.name);
                let finding = RULE.finding(namespace.location, message).related(*at, "the first place");
                report.push(finding.hint("leave it in one of them"));
            } else {
                first.insert(namespace.name, namespace.location);
            }
        }
    }
}
