//! An addon's name is nobody else's.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// An addon's name is nobody else's.
pub const RULE: Rule = Rule {
    id: "addon-reserved",
    severity: Severity::Error,
    page: Page {
        summary: "no addon is called `cluster`, `access` or `kustomization`",
        why: "Applications are called `<addon>-<cluster>`: those of an addon `cluster` would have the names of the \
              Applications that read the clusters' folders. `access` is kept for what tenants may do on their \
              clusters, and a file `kustomization.yaml` is never a plain manifest.",
        wrong: "# addons/cluster/addon.yaml\nspec:\n  namespace: addons\n",
        right: "# addons/cluster-autoscaler/addon.yaml\nspec:\n  namespace: addons\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for addon in specs.catalog.trunk.addons.values() {
        if matches!(addon.name.as_str(), "cluster" | "access" | "kustomization") {
            let message = format!("an addon cannot be called `{}`", addon.name);
            report.push(RULE.finding(place::addon(addon), message).label("this name is reserved"));
        }
    }
}
