//! A cluster has one default storage class.

use std::collections::BTreeMap;

use crate::check::default_class::{DefaultClass, DefaultClasses};
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::location::Location;
use crate::spec::cluster::Cluster;

/// A cluster has one default storage class.
pub const RULE: Rule = Rule {
    id: "default-storage-class",
    severity: Severity::Error,
    page: Page {
        summary: "at most one storage class of a cluster is its default",
        why: "Of several defaults Kubernetes takes the one that was made last, so that data lies on other disks from the \
              day an addon is installed anew. Looked at are StorageClasses among an addon's own manifests, and values of \
              charts: `storageClasses[].annotations`, `defaultStorageClass.enabled` and their like. An addon that says \
              `provides: [default-storage-class]` counts as one that makes it.",
        wrong: "# addons/cilium/addon.yaml\nspec:\n  source: {helm: {values: {defaultStorageClass: {enabled: true}}}}\n\
                # addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n  provides: [default-storage-class]\n",
        right: "# addons/cilium/addon.yaml\nspec:\n  source: {helm: {values: {defaultStorageClass: {enabled: false}}}}\n\
                # addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n  provides: [default-storage-class]\n",
    },
    check: Check::World(check),
};

/// Two classes, by where they are said.
type Pair = (Location, Location);

fn check(specs: &Specs<'_>, report: &mut Report) {
    let mut classes = DefaultClasses::new(specs);
    let mut found: BTreeMap<Pair, (Diagnostic, Vec<&Cluster>)> = BTreeMap::new();
    for on in specs.expanded() {
        let minor = on.cluster.minor();
        let all: Vec<DefaultClass<'_>> =
            on.addons.iter().flat_map(|installed| classes.of(on.content, installed, minor)).collect();
        let Some((first, others)) = all.split_first() else { continue };
        for other in others {
            let pair = (first.location, other.location);
            found.entry(pair).or_insert_with(|| (finding(first, other), Vec::new())).1.push(on.cluster);
        }
    }
    for (finding, clusters) in found.into_values() {
        for clusters in specs.waivers.apart(RULE.id, clusters) {
            let Some((first, others)) = clusters.split_first() else { continue };
            let whose = match others.len() {
                0 => format!("on `{}`", first.identity()),
                more => format!("on `{}` and {more} more", first.identity()),
            };
            report.push(finding.clone().related(place::cluster(first), whose));
        }
    }
}

fn finding(first: &DefaultClass<'_>, other: &DefaultClass<'_>) -> Diagnostic {
    let message = match first.addon.name == other.addon.name {
        true => format!("`{}` makes two default storage classes", first.addon.name),
        false => {
            format!("`{}` and `{}` both make a default storage class", first.addon.name, other.addon.name)
        }
    };
    let words = |class: &DefaultClass<'_>| match &class.name {
        Some(name) => format!("the class `{name}`"),
        None => format!("of `{}`", class.addon.name),
    };
    RULE.finding(other.location, message)
        .label(words(other))
        .related(first.location, words(first))
        .hint("let one of them be the default, or switch one off on this cluster")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    const CLASS: &str = "kind: StorageClass\nmetadata: {name: fast, annotations: {storageclass.kubernetes.io/is-default-class: \"true\"}}\n";

    fn manifests(files: &str) -> Vec<String> {
        let addon = "# addons/metrics/addon.yaml\nspec: {enable: {default: true}, source: {helm: null, manifests: {path: addons/metrics/m}}}\n";
        findings(&RULE, &format!("{addon}{files}"))
    }

    #[test]
    fn two_classes_of_one_addon_are_found_and_one_that_is_no_default_is_not() {
        let second = CLASS.replace("fast", "slow");
        let found = manifests(&format!("# addons/metrics/m/a.yaml\n{CLASS}---\n{second}"));
        assert_eq!(
            found,
            ["addons/metrics/m/a.yaml `true`: `metrics` makes two default storage classes; \
              addons/metrics/m/a.yaml `true`: the class `fast`; clusters/web.yaml `web`: on `blue/web`"]
        );
        let no_default = second.replace("\"true\"", "\"false\"");
        assert!(manifests(&format!("# addons/metrics/m/a.yaml\n{CLASS}---\n{no_default}")).is_empty());
    }

    #[test]
    fn a_template_and_values_that_a_cluster_sets_count() {
        let template = "# addons/metrics/m/a.yaml.j2\nkind: StorageClass\nmetadata:\n  name: a-${{ cluster.name }}\n  annotations:\n    storageclass.kubernetes.io/is-default-class: 'true'\n";
        let listed = "{storageClasses: [{name: gp3, annotations: {storageclass.kubernetes.io/is-default-class: \"true\"}}]}";
        let cluster = format!("# clusters/web.yaml\nspec: {{addons: {{cilium: {{values: {listed}}}}}}}\n");
        assert!(manifests(template).is_empty());
        assert_eq!(manifests(&format!("{template}{cluster}")).len(), 1);
    }
}
