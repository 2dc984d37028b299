//! Applications go to a cluster that is there.

use std::collections::BTreeMap;

use crate::check::judged::{JudgedApplication, by};
use crate::check::{Check, EmittedManagement, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity, nearest};
use crate::expand::ExpandedCluster;
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
    let cluster_name = |expanded: &ExpandedCluster<'_>| {
        management.management.cluster_name(&expanded.cluster.project, &expanded.cluster.name)
    };
    let names: Vec<String> = management.clusters.iter().map(|(expanded, _)| cluster_name(expanded)).collect();
    let mut wrong: BTreeMap<(Location, &str), Vec<&JudgedApplication>> = BTreeMap::new();
    for application in &management.judged(specs).applications {
        if let Err(why) = &application.destination {
            wrong.entry((application.place, why)).or_default().push(application);
        }
    }
    for ((place, why), applications) in wrong {
        let message = format!("Argo CD finds no destination for {}: {why}", by(&applications));
        let finding = RULE.finding(place, message);
        let shown = || names.iter().map(String::as_str).chain(["in-cluster"]);
        // Argo CD's words end in the name that it does not know.
        let typed = why.rsplit(' ').next().unwrap_or_default();
        report.push(match nearest(typed, shown()) {
            _ if why.contains("both name and server") => finding.hint("write one of `name` and `server`"),
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(format!(
                "the clusters of `{}`: {}",
                management.management.name,
                shown().take(20).collect::<Vec<_>>().join(", ")
            )),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::{findings, shown};

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

    #[test]
    fn the_nearest_cluster_is_named_or_all_that_there_are() {
        let hint = |destination: &str| {
            let (text, _) = shown(
                &RULE,
                &format!(
                    "# clusters/web.yaml\nspec: {{objects: [{{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{name: shop, namespace: argocd}}, spec: {{project: blue, destination: {{{destination}}}}}}}]}}\n"
                ),
            );
            text.split_once("= hint: ").map(|(_, hint)| hint.trim().to_owned()).unwrap_or_default()
        };
        assert_eq!(hint("name: bleu-web"), "did you mean `blue-web`?");
        assert_eq!(
            hint("name: blue-web, server: 'https://a.example.com'"),
            "write one of `name` and `server`"
        );
        assert_eq!(hint("name: production"), "the clusters of `management`: blue-web, in-cluster");
    }
}
