//! Selectors of ApplicationSets match a cluster.

use crate::check::{Check, EmittedManagement, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Selectors of ApplicationSets match a cluster.
pub const RULE: Rule = Rule {
    id: "selector-unmatched",
    severity: Severity::Warning,
    page: Page {
        summary: "every cluster generator of an ApplicationSet that people write selects a cluster",
        why: "A label that no cluster Secret has, or never with that value, gives an ApplicationSet no parameters. Argo CD \
              takes that for the truth: it makes nothing, and deletes whatever the set made before, with its workloads. \
              Looked at are sets among the clusters' `objects` and in manifests that are rendered of addons on the \
              management cluster; the sets of addons themselves are proven when they are rendered.",
        wrong: "# clusters/web.yaml\nmetadata:\n  labels: {tier: production}\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: ApplicationSet\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      generators: [{clusters: {selector: {matchLabels: {tier: prod}}}}]\n      template:\n        metadata: {name: \"shop-{{name}}\"}\n        spec:\n          project: blue\n          source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n          destination: {name: \"{{name}}\", namespace: shop}\n",
        right: "# clusters/web.yaml\nmetadata:\n  labels: {tier: production}\nspec:\n  objects:\n  - apiVersion: argoproj.io/v1alpha1\n    kind: ApplicationSet\n    metadata: {name: shop, namespace: argocd}\n    spec:\n      generators: [{clusters: {selector: {matchLabels: {tier: production}}}}]\n      template:\n        metadata: {name: \"shop-{{name}}\"}\n        spec:\n          project: blue\n          source: {repoURL: \"https://git.example.com/shop.git\", path: .}\n          destination: {name: \"{{name}}\", namespace: shop}\n",
    },
    check: Check::Management(check),
};

fn check(specs: &Specs<'_>, management: &EmittedManagement<'_, '_>, report: &mut Report) {
    let judged = management.judged(specs);
    for unmatched in &judged.unmatched {
        let message = format!(
            "`{}` of the ApplicationSet `{}` selects no cluster of `{}`",
            unmatched.path, unmatched.set, management.management.name
        );
        let finding = RULE.finding(unmatched.place, message);
        report.push(match &unmatched.hint {
            Some(hint) => finding.hint(hint),
            None => finding,
        });
    }
    // What a matrix or a list comes to is said where no selector within it is to blame.
    let mut empty = Report::default();
    judged.report(&["generates-nothing"], &RULE, &mut empty);
    let is_explained = |message: &str| {
        let path = message.split('`').nth(1).unwrap_or_default();
        judged.unmatched.iter().any(|unmatched| unmatched.path.starts_with(path))
    };
    report.diagnostics.extend(empty.diagnostics.into_iter().filter(|empty| !is_explained(&empty.message)));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn found(generators: &str) -> Vec<String> {
        findings(
            &RULE,
            &format!(
                "# clusters/web.yaml\nmetadata: {{labels: {{tier: canary}}}}\nspec: {{objects: [{{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {{name: shop, namespace: argocd}}, spec: {{generators: [{generators}], template: {{metadata: {{name: 'x'}}, spec: {{project: blue, destination: {{name: blue-web}}}}}}}}}}]}}\n"
            ),
        )
    }

    #[test]
    fn a_key_or_a_value_that_no_secret_has_is_shown_with_what_there_is() {
        let short = |generators: &str| -> Vec<String> {
            found(generators)
                .iter()
                .map(|finding| finding.split("`: ").nth(1).unwrap_or_default().to_owned())
                .collect()
        };
        assert_eq!(
            short("{clusters: {selector: {matchLabels: {teir: canary}}}}"),
            ["`spec.generators[0].clusters` of the ApplicationSet `shop` selects no cluster of `management`"]
        );
        let nested = "{matrix: {generators: [{list: {elements: [{a: b}]}}, {clusters: {selector: {matchExpressions: [{key: tier, operator: In, values: [stable]}]}}}]}}";
        assert_eq!(
            short(nested),
            [
                "`spec.generators[0].matrix.generators[1].clusters` of the ApplicationSet `shop` selects no cluster of `management`"
            ]
        );
        assert!(short("{clusters: {selector: {matchLabels: {ake.example.com/minor: \"1.35\"}}}}").is_empty());
    }

    #[test]
    fn a_list_without_elements_comes_to_nothing() {
        let empty = found("{list: {elements: []}}");
        assert_eq!(empty.len(), 1, "{empty:?}");
        assert!(empty[0].ends_with("`spec.generators[0].list` yields nothing"), "{empty:?}");
    }
}
