//! Argo CD can expand ApplicationSets.

use crate::check::{Check, EmittedManagement, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Argo CD can expand ApplicationSets.
pub const RULE: Rule = Rule {
    id: "set-refused",
    severity: Severity::Error,
    page: Page {
        summary: "Argo CD can expand every ApplicationSet that people write, into Applications with usable names",
        why: "Where a generator, a template or a patch fails, Argo CD creates, updates and deletes nothing of the whole set \
              until it is mended; where a name is none, it deletes nothing. What is said is what Argo CD itself says.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: ApplicationSet\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      goTemplate: true\n      goTemplateOptions: [missingkey=error]\n      generators: [{clusters: {selector: {matchLabels: {ake.example.com/project: blue}}}}]\n      template:\n        metadata: {name: \"shop-{{.nmae}}\"}\n        spec: {project: blue, destination: {name: \"{{.name}}\", namespace: shop}}\n",
        right: "# clusters/web.yaml\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: ApplicationSet\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      goTemplate: true\n      goTemplateOptions: [missingkey=error]\n      generators: [{clusters: {selector: {matchLabels: {ake.example.com/project: blue}}}}]\n      template:\n        metadata: {name: \"shop-{{.name}}\"}\n        spec: {project: blue, destination: {name: \"{{.name}}\", namespace: shop}}\n",
    },
    check: Check::Management(check),
};

fn check(specs: &Specs<'_>, management: &EmittedManagement<'_, '_>, report: &mut Report) {
    management.judged(specs).report(&["argocd-error", "object-name"], &RULE, report);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_name_that_kubernetes_refuses_is_found() {
        let found = |name: &str| {
            findings(
                &RULE,
                &format!(
                    "# clusters/web.yaml\nspec: {{objects: [{{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {{name: shop, namespace: argocd}}, spec: {{generators: [{{list: {{elements: [{{a: A_B}}]}}}}], template: {{metadata: {{name: '{name}'}}, spec: {{project: blue, destination: {{name: blue-web}}}}}}}}}}]}}\n"
                ),
            )
        };
        let refused = found("{{a}}");
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(refused[0].ends_with("the API server refuses Applications called `A_B`"), "{refused:?}");
        assert!(found("a-b").is_empty());
    }
}
