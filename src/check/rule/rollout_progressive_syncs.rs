//! Rollout steps need a controller that takes them.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Rollout steps need a controller that takes them.
pub const RULE: Rule = Rule {
    id: "rollout-progressive-syncs",
    severity: Severity::Error,
    page: Page {
        summary: "`rollout` needs `progressiveSyncs: true` on every management cluster",
        why: "Argo CD's ApplicationSet controller ignores RollingSync unless it runs with progressive syncs: all \
              clusters would be synced at once, in no order.",
        wrong: "# fleet.yaml\nspec:\n  rollout: {steps: [{matchLabels: {tier: canary}}], acceptNoSelfHeal: true}\n  \
                management: [{name: management}]\n",
        right: "# fleet.yaml\nspec:\n  rollout: {steps: [{matchLabels: {tier: canary}}], acceptNoSelfHeal: true}\n  \
                management: [{name: management, argocd: {progressiveSyncs: true}}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let fleet = &specs.catalog.fleet;
    if fleet.rollout_steps().is_empty() {
        return;
    }
    for (index, management) in fleet.spec.management.iter().enumerate() {
        if management.argocd.progressive_syncs {
            continue;
        }
        let message = format!("`{}` takes no rollout steps", management.name);
        let written = format!("/spec/management/{index}/argocd/progressiveSyncs");
        let pointer = match fleet.document.at(&written) {
            Some(_) => written,
            None => format!("/spec/management/{index}/name"),
        };
        let finding = RULE.finding(place::at(&fleet.document, &pointer), message);
        report.push(
            finding.related(place::at(&fleet.document, "/spec/rollout"), "the steps stand here").hint(
                "set `argocd.progressiveSyncs: true` once its controller runs with progressive syncs enabled",
            ),
        );
    }
}
