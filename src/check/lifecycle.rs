//! Addons that somebody uses, and where they stand in their lives.

use super::{Day, Rule, Specs, place};
use crate::diagnostic::Report;
use crate::spec::addon::{Addon, LifecycleStatus};

const WAIVER: &str = "until it is there: `waivers: [{rule: addon-retired, owner: …, reason: …, until: …}]` on the cluster or the addon";

/// Reports an addon that clusters use, once, and once more for those with a waiver of their own: what its lifecycle says
/// in `field`, and `hint`, if any.
pub fn used(
    specs: &Specs<'_>,
    (rule, addon): (&Rule, &Addon),
    (field, message): (&str, &str),
    report: &mut Report,
) {
    let at = place::at(&addon.document, &format!("/spec/lifecycle/{field}"));
    for on in specs.waivers.apart(rule.id, specs.clusters_with(addon)) {
        let Some(first) = on.first() else { continue };
        let users = match on.len() {
            1 => format!("`{}` uses it", first.identity()),
            more => format!("`{}` and {} more use it", first.identity(), more - 1),
        };
        let finding = rule.finding(at, message).related(place::cluster(first), users);
        let finding = match &addon.spec.lifecycle.successor {
            Some(successor) => finding.hint(format!("its successor: {successor}")),
            None => finding.hint("it names no successor: choose one, and say it in `lifecycle.successor`"),
        };
        report.push(match addon.spec.lifecycle.status {
            LifecycleStatus::Retired => finding.hint(WAIVER),
            LifecycleStatus::Active | LifecycleStatus::Deprecated => finding,
        });
    }
}

/// Returns the day on which an addon comes to its end, where that is said.
pub fn end(addon: &Addon) -> Option<Day> {
    addon.spec.lifecycle.end_of_life.as_deref()?.parse().ok()
}
