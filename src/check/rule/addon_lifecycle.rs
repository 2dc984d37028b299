//! Addons that somebody uses have not come to their end.

use crate::check::lifecycle;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::addon::LifecycleStatus;

/// Addons that somebody uses have not come to their end.
pub const RULE: Rule = Rule {
    id: "addon-lifecycle",
    severity: Severity::Warning,
    page: Page {
        summary: "no cluster uses an addon that is deprecated or past its end of life",
        why: "Nobody mends what is found in an addon that has come to its end. Only `check` says so: the day of \
              rendering must not change what is rendered.",
        wrong: "# addons/cilium/addon.yaml\nspec:\n  lifecycle: {status: deprecated, successor: calico}\n",
        right: "# addons/cilium/addon.yaml\nspec:\n  lifecycle: {status: active, endOfLife: \"2099-12-31\"}\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    for addon in specs.addons() {
        let ended = lifecycle::end(addon).filter(|end| specs.today.is_some_and(|today| *end < today));
        let (field, message) = match (addon.spec.lifecycle.status, ended) {
            (LifecycleStatus::Retired, _) | (LifecycleStatus::Active, None) => continue,
            (_, Some(end)) => ("endOfLife", format!("`{}` came to its end on {end}", addon.name)),
            (LifecycleStatus::Deprecated, None) => ("status", format!("`{}` is deprecated", addon.name)),
        };
        lifecycle::used(specs, (&RULE, addon), (field, &message), report);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn an_end_of_life_that_has_passed_is_found_and_one_to_come_is_not() {
        let addon = |day: &str| {
            format!("# addons/cilium/addon.yaml\nspec: {{lifecycle: {{endOfLife: \"{day}\"}}}}\n")
        };
        assert_eq!(
            findings(&RULE, &addon("2026-11-20")),
            ["addons/cilium/addon.yaml `2026-11-20`: `cilium` came to its end on 2026-11-20; \
              clusters/web.yaml `web`: `blue/web` uses it"]
        );
        assert!(findings(&RULE, &addon("2026-11-21")).is_empty());
    }

    #[test]
    fn an_addon_that_is_on_nowhere_may_be_deprecated() {
        let addon = "# addons/metrics/addon.yaml\nspec: {lifecycle: {status: deprecated}}\n";
        assert!(findings(&RULE, addon).is_empty());
    }
}
