//! Applications go to a cluster that is there.

use std::collections::BTreeMap;

use crate::check::judged::{JudgedApplication, by};
use crate::check::{Check, EmittedManagement, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::location::Location;

/// Applications go to a cluster that is there.
pub const RULE: Rule = Rule {
    id: "destination-missing",
    severity: Severity::Error,
    page: Page {
        summary: "every Application that people write or patch goes to one cluster that Argo CD knows",
        why: "A destination is a cluster's display name, by default `<project>-<name>`, or its server, and not both. Argo CD \
              cannot sync an Application for any other.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: Application\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      project: blue\n      source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n      destination: {name: web, namespace: shop}\n",
        right: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: Application\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      project: blue\n      source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n      destination: {name: blue-web, namespace: shop}\n",
    },
    check: Check::Management(check),
};

fn check(specs: &Specs<'_>, management: &EmittedManagement<'_, '_>, report: &mut Report) {
    let mut wrong: BTreeMap<(Location, &str), Vec<&JudgedApplication>> = BTreeMap::new();
    for application in &management.judged(specs).applications {
        if let Err(why) = &application.destination {
            wrong.entry((application.place, why)).or_default().push(application);
        }
    }
    for ((place, why), applications) in wrong {
        let message = format!("Argo CD finds no destination for {}: {why}", by(&applications));
        report.push(RULE.finding(place, message));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn the_management_cluster_itself_is_there() {
        let found = |destination: &str| {
            findings(
                &RULE,
                &format!(
                    "# clusters/web.yaml\nspec: {{objects: [{{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{name: shop, namespace: argocd}}, spec: {{project: blue, destination: {{{destination}}}}}}}]}}\n"
                ),
            )
        };
        assert!(found("name: in-cluster").is_empty());
        assert!(found("server: 'https://kubernetes.default.svc'").is_empty());
        assert_eq!(
            found("name: green-web"),
            [
                "clusters/web.yaml `shop`: Argo CD finds no destination for `shop`: there are no clusters with this name: green-web"
            ]
        );
    }
}
