//! Argo CD reads what is written for it.

use crate::check::{Check, EmittedManagement, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Argo CD reads what is written for it.
pub const RULE: Rule = Rule {
    id: "argocd-namespace",
    severity: Severity::Warning,
    page: Page {
        summary: "Applications, ApplicationSets and AppProjects that people write lie in Argo CD's namespace",
        why: "Argo CD reads these kinds in its own namespace, and in others only where it is told to, with \
              `application.namespaces` and `sourceNamespaces` of the AppProject. A companion object without a namespace \
              goes to that of the tenant: nothing fails, and nothing happens.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: Application\n    metadata: {name: shop}\n    spec:\n      project: blue\n      source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n      destination: {name: blue-web, namespace: shop}\n",
        right: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: Application\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      project: blue\n      source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n      destination: {name: blue-web, namespace: shop}\n",
    },
    check: Check::Management(check),
};

fn check(specs: &Specs<'_>, management: &EmittedManagement<'_, '_>, report: &mut Report) {
    let own = &management.management.argocd.namespace;
    for (what, place, namespace) in &management.judged(specs).elsewhere {
        let message = format!("the {what} goes to the namespace `{namespace}`, which Argo CD does not read");
        report.push(RULE.finding(*place, message).label(format!("Argo CD reads `{own}`")));
    }
}
