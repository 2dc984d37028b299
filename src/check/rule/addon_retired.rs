//! Addons that somebody uses have somebody who maintains them.

use crate::check::lifecycle;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::addon::LifecycleStatus;

/// Addons that somebody uses have somebody who maintains them.
pub const RULE: Rule = Rule {
    id: "addon-retired",
    severity: Severity::Error,
    page: Page {
        summary: "no cluster uses a retired addon, unless a waiver says who answers for it and until when",
        why: "Nobody mends what is found in a retired addon. Whoever goes on using it says so with a waiver, on the \
              addon or on the cluster: an owner, a reason, and the day by which the successor is there. Only `check` \
              asks for that.",
        wrong: "# addons/cilium/addon.yaml\nspec:\n  lifecycle: {status: retired, successor: calico}\n",
        right: "# addons/cilium/addon.yaml\nspec:\n  lifecycle: {status: active}\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for addon in specs.addons().filter(|addon| addon.spec.lifecycle.status == LifecycleStatus::Retired) {
        let message = format!("`{}` is retired: nobody maintains it", addon.name);
        lifecycle::used(specs, (&RULE, addon), ("status", &message), report);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn an_addon_that_is_on_nowhere_may_be_retired() {
        assert!(
            findings(&RULE, "# addons/metrics/addon.yaml\nspec: {lifecycle: {status: retired}}\n").is_empty()
        );
    }

    #[test]
    fn clusters_that_answer_for_it_are_told_apart() {
        let addon = "# addons/cilium/addon.yaml\nspec: {lifecycle: {status: retired}}\n";
        let waiver = "# clusters/b.yaml\nspec: {waivers: [{rule: addon-retired, owner: a, reason: b, until: \"2026-12-31\"}]}\n";
        let found = findings(&RULE, &format!("{addon}{waiver}"));
        let whose: Vec<bool> = found.iter().map(|found| found.ends_with("`blue/web` uses it")).collect();
        assert_eq!(whose, [false, true], "{found:?}");
    }
}
