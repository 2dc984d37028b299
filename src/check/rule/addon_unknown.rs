//! Clusters switch addons that there are.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity, nearest};
use crate::spec::addon::{ACCESS, Addon};
use crate::spec::cluster::Cluster;
use crate::spec::name::Name;
use crate::spec::yaml::{Entry, Node, Scalar};

/// Clusters switch addons that there are.
pub const RULE: Rule = Rule {
    id: "addon-unknown",
    severity: Severity::Error,
    page: Page {
        summary: "every addon that a cluster names is declared",
        why: "An addon that is not declared can be neither on nor off; a name that is written wrongly would leave the \
              addon that was meant as it is.",
        wrong: "# clusters/web.yaml\nspec:\n  addons: {metric: true}\n",
        right: "# clusters/web.yaml\nspec:\n  addons: {metrics: true}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        let addons = &specs.catalog.content(cluster).addons;
        let named = cluster.spec.get("addons").and_then(Node::entries).unwrap_or_default().iter();
        let unknown = named.filter(|entry| !entry.value.is_null() && !addons.contains_key(&*entry.key));
        unknown.filter_map(|entry| finding(specs, cluster, entry)).collect()
    });
}

fn finding(specs: &Specs<'_>, cluster: &Cluster, entry: &Entry) -> Option<Diagnostic> {
    let addons = &specs.catalog.content(cluster).addons;
    if let Some(release) = &cluster.release
        && specs.addons().any(|addon| addon.name.as_str() == &*entry.key)
    {
        // It is off on this cluster all the same, and defaults may say so for clusters of any release.
        let is_off = |node: &Node| node.scalar() == Some(Scalar::Bool(false));
        if is_off(&entry.value) || entry.value.get("enabled").is_some_and(is_off) {
            return None;
        }
        let message = format!("the release `{release}` has no addon `{}`", entry.key);
        let finding = RULE.finding(entry.key_location, message).label("asked for here");
        return Some(finding.related(place::at(&cluster.spec, "/release"), "pinned to this release"));
    }
    let finding = RULE.finding(entry.key_location, format!("no addon is called `{}`", entry.key));
    let known_as = |addon: &&Addon| addon.spec.aliases.iter().any(|alias| **alias == *entry.key);
    let meant: Vec<String> =
        addons.values().filter(known_as).map(|addon| format!("`{}`", addon.name)).collect();
    if !meant.is_empty() {
        return Some(finding.label(format!("known here as {}", meant.join(", "))));
    }
    if &*entry.key == ACCESS {
        return Some(
            finding.hint("who may do what stands under `access` of a tenant, with the clusters it reaches"),
        );
    }
    Some(match nearest(&entry.key, addons.keys().map(Name::as_str)) {
        Some(near) => finding.label(format!("did you mean `{near}`?")),
        None => finding.hint("addons stand in `addons/<name>/addon.yaml`"),
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::{findings, shown};

    #[test]
    fn another_name_of_an_addon_is_told_with_its_own() {
        let addon = "# addons/metrics/addon.yaml\nspec: {aliases: [custom-metrics]}\n";
        let cluster =
            |name: &str| format!("{addon}# clusters/web.yaml\nspec: {{addons: {{{name}: true}}}}\n");
        assert!(shown(&RULE, &cluster("custom-metrics")).0.contains("known here as `metrics`"));
        assert!(findings(&RULE, &cluster("metrics")).is_empty());
    }

    #[test]
    fn what_a_release_has_decides_and_what_it_lacks_may_be_switched_off() {
        let cluster = |addons: &str| {
            let pinned = "# clusters/web.yaml\nspec: {release: v1.35-ake.261121}\n";
            let unpinned = "# clusters/db.yaml\nspec: {}\n# addons/young/addon.yaml\n{}\n";
            let addons = format!("spec: {{release: v1.35-ake.261121, addons: {addons}}}");
            findings(&RULE, &format!("{pinned}{unpinned}# clusters/web.yaml\n{addons}\n"))
        };
        assert!(cluster("{gone: true}").is_empty());
        assert!(cluster("{young: false, metrics: true}").is_empty());
        assert!(cluster("{young: {enabled: false}}").is_empty());
        for asking in ["true", "{version: 1.2.3}"] {
            assert_eq!(
                cluster(&format!("{{young: {asking}}}")),
                ["clusters/web.yaml `young`: the release `v1.35-ake.261121` has no addon `young`; \
                  clusters/web.yaml `v1.35-ake.261121`: pinned to this release"]
            );
        }
        assert_eq!(cluster("{yung: true}"), ["clusters/web.yaml `yung`: no addon is called `yung`"]);
    }

    #[test]
    fn defaults_of_two_clusters_are_reported_once() {
        let defaults = "# clusters/_defaults.yaml\nspec: {addons: {cillium: true}}\n# clusters/db.yaml\n{}\n";
        assert_eq!(
            findings(&RULE, defaults),
            ["clusters/_defaults.yaml `cillium`: no addon is called `cillium`; \
              clusters/db.yaml `db`: inherited by `blue/db` and 1 more"]
        );
    }
}
