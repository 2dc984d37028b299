//! ApplicationSets look up what the cluster Secrets have.

use crate::check::{Check, EmittedManagement, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// ApplicationSets look up what the cluster Secrets have.
pub const RULE: Rule = Rule {
    id: "look-up-missing",
    severity: Severity::Error,
    page: Page {
        summary: "every label and annotation that an ApplicationSet looks up is on the cluster Secrets it selects",
        why: "Without `goTemplate` a tag that finds nothing stays in the Application as it is written; with it, `index` \
              gives an empty text, and an empty `targetRevision` is the newest commit. Argo CD says neither. Looked at are \
              sets that people write; what the sets of addons look up is proven when they are rendered.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: ApplicationSet\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      generators: [{clusters: {selector: {matchLabels: {ake.example.com/project: blue}}}}]\n      template:\n        metadata: {name: \"shop-{{name}}\"}\n        spec:\n          project: blue\n          source: {repoURL: \"https://git.example.com/shop.git\", path: \"{{metadata.labels.region}}\"}\n          destination: {name: \"{{name}}\", namespace: shop}\n",
        right: "# clusters/web.yaml\nmetadata:\n  labels: {region: tokyo}\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: ApplicationSet\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      generators: [{clusters: {selector: {matchLabels: {ake.example.com/project: blue}}}}]\n      template:\n        metadata: {name: \"shop-{{name}}\"}\n        spec:\n          project: blue\n          source: {repoURL: \"https://git.example.com/shop.git\", path: \"{{metadata.labels.region}}\"}\n          destination: {name: \"{{name}}\", namespace: shop}\n",
    },
    check: Check::Management(check),
};

fn check(specs: &Specs<'_>, management: &EmittedManagement<'_, '_>, report: &mut Report) {
    management.judged(specs).report(&["look-up-unfilled", "look-up-unknown"], &RULE, report);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn found(name: &str) -> Vec<String> {
        findings(
            &RULE,
            &format!(
                "# clusters/web.yaml\nmetadata: {{labels: {{tier: canary}}}}\nspec: {{objects: [{{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {{name: shop, namespace: argocd}}, spec: {{goTemplate: true, generators: [{{clusters: {{selector: {{matchExpressions: [{{key: ake.example.com/project, operator: Exists}}]}}}}}}], template: {{metadata: {{name: '{name}'}}, spec: {{project: blue, destination: {{name: blue-web}}}}}}}}}}]}}\n# clusters/db.yaml\n{{}}\n"
            ),
        )
    }

    #[test]
    fn an_index_that_some_clusters_answer_with_nothing_is_found() {
        let some = found("x-{{ index .metadata.labels \"tier\" }}");
        assert_eq!(some.len(), 1, "{some:?}");
        assert!(some[0].contains("the cluster `blue-db` of this set lacks the label `tier`"), "{some:?}");
        assert!(found("x-{{ index .metadata.labels \"tier\" | default \"none\" }}").is_empty());
        assert!(found("x-{{ index .metadata.labels \"ake.example.com/minor\" }}").is_empty());
    }
}
