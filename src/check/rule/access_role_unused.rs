//! Roles are given to somebody.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Roles are given to somebody.
pub const RULE: Rule = Rule {
    id: "access-role-unused",
    severity: Severity::Warning,
    page: Page {
        summary: "every role under `access.roles` is bound",
        why: "A role that nobody has is left over, or a binding that was meant to name it names another.",
        wrong: "# tenants/blue.yaml\nspec:\n  access:\n    roles: {developer: {clusterRole: edit}}\n    bind: [{group: developers, role: edit}]\n",
        right: "# tenants/blue.yaml\nspec:\n  access:\n    roles: {developer: {clusterRole: edit}}\n    bind: [{group: developers, role: developer}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        let tree = tenant.access_tree();
        let Some(roles) = tenant.document.at("/spec/access/roles") else { continue };
        for name in tenant.spec.access.roles.keys() {
            if !tree.bindings().any(|bound| bound.binding.role == *name) {
                let finding = RULE.finding(place::key(roles, name), format!("nobody has the role `{name}`"));
                report.push(finding.hint("bind it to somebody, or leave it out"));
            }
        }
    }
}
