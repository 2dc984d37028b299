//! A tenant's roles have names of their own.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// A tenant's roles have names of their own.
pub const RULE: Rule = Rule {
    id: "role-twice",
    severity: Severity::Error,
    page: Page {
        summary: "every role of a tenant has a name of its own",
        why: "Argo CD refuses an AppProject in which two roles have one name, and nothing of that tenant syncs.",
        wrong: "# tenants/blue.yaml\nspec:\n  roles: [{name: developer, groups: [a]}, {name: developer, groups: [b]}]\n",
        right: "# tenants/blue.yaml\nspec:\n  roles: [{name: developer, groups: [a, b]}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for tenant in specs.catalog.tenants.values() {
        let roles = &tenant.spec.roles;
        let at = |index: usize| place::at(&tenant.document, &format!("/spec/roles/{index}/name"));
        for (index, role) in roles.iter().enumerate() {
            if let Some(first) = roles[..index].iter().position(|other| other.name == role.name) {
                let message = format!("`{}` has two roles called `{}`", tenant.name, role.name);
                report.push(
                    RULE.finding(at(index), message).label("the second").related(at(first), "the first"),
                );
            }
        }
    }
}
