//! What EKS manages is for clusters that EKS makes.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::addon::{Addon, Source};
use crate::spec::provider::Provider;

/// What EKS manages is for clusters that EKS makes.
pub const RULE: Rule = Rule {
    id: "eks-provider",
    severity: Severity::Error,
    page: Page {
        summary: "an addon of EKS runs on no provider that uses kubeadm",
        why: "An `eks` source becomes part of the cluster's control plane at AWS. On a cluster that kubeadm sets up \
              nothing would install it.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  source: {helm: null, eks: {addon: metrics-server, version: v0.8.0}}\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  providers: [aws]\n  source: {helm: null, eks: {addon: metrics-server, version: v0.8.0}}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let minors = &specs.catalog.fleet.spec.minors;
    for addon in specs.catalog.trunk.addons.values() {
        let mut sources =
            minors.iter().filter(|minor| addon.runs_on(**minor)).map(|minor| (addon.source(*minor), *minor));
        let Some((_, minor)) = sources.find(|(source, _)| matches!(source, Ok(Source::Eks(_)))) else {
            continue;
        };
        let kubeadm = |provider: &&Provider| provider.impact.kubeadm && addon.runs_with(&provider.name);
        let Some(provider) = specs.catalog.trunk.providers.values().find(kubeadm) else { continue };
        let message = format!("`{}` runs on `{}`, where EKS manages nothing", addon.name, provider.name);
        let node = addon.source_node(minor);
        let finding = RULE.finding(place::key(&node, "eks"), message);
        report.push(say_providers(finding, addon));
    }
}

fn say_providers(finding: crate::diagnostic::Diagnostic, addon: &Addon) -> crate::diagnostic::Diagnostic {
    match addon.document.at("/spec/providers").filter(|node| !node.is_null()) {
        Some(providers) => finding.related(providers.location, "the providers it runs on"),
        None => finding.hint("say which providers it runs on: `providers: [aws]`"),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn the_providers_that_are_named_must_all_be_without_kubeadm() {
        let addon = |providers: &str| {
            format!(
                "# addons/metrics/addon.yaml\nspec: {{providers: {providers}, source: {{helm: null, eks: {{addon: m1, version: v1}}}}}}\n"
            )
        };
        let found = findings(&RULE, &addon("[aws, metal]"));
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("`metrics` runs on `metal`"), "{found:?}");
        assert!(findings(&RULE, &addon("[aws]")).is_empty());
    }
}
