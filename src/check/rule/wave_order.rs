//! An addon does not come before what it requires.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::Content;
use crate::spec::addon::Addon;

/// An addon does not come before what it requires.
pub const RULE: Rule = Rule {
    id: "wave-order",
    severity: Severity::Error,
    page: Page {
        summary: "an addon's wave is not before that of what it requires",
        why: "Lower waves come first. An addon that comes before what it requires fails until that is there; where \
              several addons provide what is required, it is wrong only if it comes before all of them.",
        wrong: "# addons/cilium/addon.yaml\nspec:\n  wave: 0\n# addons/metrics/addon.yaml\nspec:\n  wave: -1\n  requires: [cni]\n",
        right: "# addons/cilium/addon.yaml\nspec:\n  wave: -1\n# addons/metrics/addon.yaml\nspec:\n  wave: -1\n  requires: [cni]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    report.diagnostics.extend(findings(&specs.catalog.trunk).into_iter().map(|(_, finding)| finding));
    // Releases rendered before anybody asked; they are told of by `check`, where a cluster runs them.
    for content in specs.catalog.releases.values().filter(|_| specs.today.is_some()) {
        for (addon, finding) in findings(content) {
            for clusters in specs.waivers.apart(RULE.id, specs.clusters_with(addon)) {
                let Some((first, others)) = clusters.split_first() else { continue };
                let whose = match others.len() {
                    0 => format!("on `{}`", first.identity()),
                    more => format!("on `{}` and {more} more", first.identity()),
                };
                report.push(finding.clone().related(place::cluster(first), whose));
            }
        }
    }
}

/// Returns every addon that comes before all that offer what it requires, with what is wrong.
fn findings(content: &Content) -> Vec<(&Addon, Diagnostic)> {
    let mut found = Vec::new();
    for addon in content.addons.values() {
        for required in &addon.spec.requires {
            let offers = |other: &&Addon| other.name == *required || other.spec.provides.contains(required);
            let Some(first) = content.addons.values().filter(offers).min_by_key(|other| other.spec.wave)
            else {
                continue;
            };
            if addon.spec.wave >= first.spec.wave {
                continue;
            }
            let message = format!(
                "`{}` is in wave {}, before `{required}`, which it requires, in wave {}",
                addon.name, addon.spec.wave, first.spec.wave
            );
            let (at, wave_of) = (wave(addon), format!("the wave of `{}`", first.name));
            let finding = RULE.finding(at, message).related(wave(first), wave_of);
            found.push((addon, finding.hint(format!("set `wave: {}` or a later one", first.spec.wave))));
        }
    }
    found
}

/// Returns where the wave stands, or the name where it is not written.
fn wave(addon: &Addon) -> crate::location::Location {
    match addon.document.at("/spec/wave") {
        Some(wave) => wave.location,
        None => place::addon(addon),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn one_of_several_that_provide_it_is_enough() {
        let early = "# addons/calico/addon.yaml\nspec: {wave: -5, provides: [cni]}\n";
        let addon = "# addons/metrics/addon.yaml\nspec: {wave: -1, requires: [cni]}\n";
        assert!(findings(&RULE, &format!("{early}{addon}")).is_empty());
        assert_eq!(
            findings(&RULE, addon),
            [
                "addons/metrics/addon.yaml `-1`: `metrics` is in wave -1, before `cni`, which it requires, in wave 0; \
              addons/cilium/addon.yaml `cilium`: the wave of `cilium`"
            ]
        );
    }
}
