//! What must follow the cluster's minor does.

use std::collections::BTreeMap;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::expand::Installed;
use crate::spec::addon::{Addon, ExactMinor, kind_of};
use crate::spec::cluster::Cluster;
use crate::spec::merge::merge;
use crate::spec::version::Minor;
use crate::spec::yaml::{Entry, Kind, Node};

/// What must follow the cluster's minor does.
pub const RULE: Rule = Rule {
    id: "exact-minor",
    severity: Severity::Error,
    page: Page {
        summary: "an addon with `exactMinor` has the version of the cluster's minor",
        why: "Some addons are made for one minor of Kubernetes and no other: cloud controllers, cluster-autoscaler, \
              kube-proxy. Whoever raises a cluster must raise them with it, and nothing else would say so. What is \
              compared is what the cluster gets: the source with `perMinor`, and what the cluster sets itself.",
        wrong: "# addons/cilium/addon.yaml\nspec:\n  exactMinor: {prefix: \"2.{n}.\"}\n  source: {helm: {version: 2.36.0}}\n",
        right: "# addons/cilium/addon.yaml\nspec:\n  exactMinor: {prefix: \"2.{n}.\"}\n  source: {helm: {version: 2.36.0}}\n  \
                perMinor:\n  - {kubernetes: \"1.35\", source: {helm: {version: 2.35.1}}}\n",
    },
    check: Check::Specs(check),
};

/// What a cluster gets, where it lies in the addon itself.
type Key<'a> = (*const Addon, Minor);

fn check(specs: &Specs<'_>, report: &mut Report) {
    let mut inherited: BTreeMap<Key<'_>, (Option<Diagnostic>, Vec<&Cluster>)> = BTreeMap::new();
    let mut exact: BTreeMap<*const Addon, Option<ExactMinor<'_>>> = BTreeMap::new();
    for expanded in specs.expanded() {
        for installed in &expanded.addons {
            let addon = std::ptr::from_ref(installed.addon);
            let exact = *exact.entry(addon).or_insert_with(|| installed.addon.exact_minor());
            let Some(exact) = exact else { continue };
            let (cluster, minor) = (expanded.cluster, expanded.cluster.minor());
            if installed.setting.version.is_some() || installed.setting.values.is_some() {
                let found = finding(&exact, installed.addon, &with_settings(installed, minor), minor);
                report.diagnostics.extend(found.map(|found| on(found, &[cluster])));
                continue;
            }
            let found = || finding(&exact, installed.addon, &installed.addon.source_node(minor), minor);
            let key = (addon, minor);
            inherited.entry(key).or_insert_with(|| (found(), Vec::new())).1.push(cluster);
        }
    }
    for (found, clusters) in inherited.into_values() {
        let Some(found) = found else { continue };
        let apart = specs.waivers.apart(RULE.id, clusters);
        report.diagnostics.extend(apart.iter().map(|clusters| on(found.clone(), clusters)));
    }
}

/// Returns the source of an addon on a minor, what the cluster sets itself laid over it.
fn with_settings(installed: &Installed<'_>, minor: Minor) -> Node {
    let source = installed.addon.source_node(minor);
    let written = source.entries().unwrap_or_default().iter().find(|entry| !entry.value.is_null()).cloned();
    let (Some(written), Some(setting)) = (written, &installed.setting.node) else { return source };
    let is_of_source = |entry: &&Entry| matches!(&*entry.key, "version" | "values");
    let own = setting.entries().unwrap_or_default().iter().filter(is_of_source).cloned().collect();
    let own = Node { kind: Kind::Map { entries: own, flow: false }, ..setting.clone() };
    let entries = [Entry { value: own, ..written }].into();
    merge(&source, &Node { kind: Kind::Map { entries, flow: false }, ..source.clone() })
}

/// Returns what is wrong with what must follow `minor` in `source`.
fn finding(exact: &ExactMinor<'_>, addon: &Addon, source: &Node, minor: Minor) -> Option<Diagnostic> {
    let field = match (exact.field, kind_of(source)) {
        (Some(field), _) => field.to_owned(),
        (None, kind) => format!("/{}/version", kind.unwrap_or_default()),
    };
    let beginning = exact.beginning(minor);
    let declared = exact.node.location;
    let Some(node) = source.at(&field).filter(|node| !node.is_null()) else {
        let message = format!("`{}` has no `{field}` in its source for Kubernetes {minor}", addon.name);
        let finding = RULE.finding(place::at(exact.node, "/field"), message);
        return Some(finding.label(format!("must begin with `{beginning}` there")));
    };
    let text = match &node.kind {
        Kind::Scalar { text, .. } => &**text,
        Kind::List { .. } | Kind::Map { .. } => "",
    };
    if follows(text, &beginning, exact.prefix.is_none()) {
        return None;
    }
    let message = format!("`{text}` of `{}` does not follow Kubernetes {minor}", addon.name);
    let finding = RULE.finding(node.location, message).label(format!("must begin with `{beginning}`"));
    Some(finding.related(declared, "follows the cluster's minor"))
}

/// Returns whether a text begins so; of an expression nothing is known but what stands before it.
fn follows(text: &str, beginning: &str, may_have_v: bool) -> bool {
    let begins = |text: &str| match text.split_once("${{").or_else(|| text.split_once("#%")) {
        Some((before, _)) => before.starts_with(beginning) || beginning.starts_with(before),
        None => text.starts_with(beginning),
    };
    begins(text) || may_have_v && text.strip_prefix('v').is_some_and(begins)
}

/// Says on which clusters it is so, and what to do about it.
fn on(finding: Diagnostic, clusters: &[&Cluster]) -> Diagnostic {
    let Some((first, others)) = clusters.split_first() else { return finding };
    let whose = match others.len() {
        0 => format!("on `{}`", first.identity()),
        more => format!("on `{}` and {more} more", first.identity()),
    };
    let is_own = finding.location.is_some_and(|at| at.file == first.document.location.file);
    let hint = match is_own {
        true => "take the setting away, or set what is made for that minor".to_owned(),
        false => format!("add an entry for \"{}\" to `perMinor`, or narrow `kubernetes`", first.minor()),
    };
    finding.related(place::cluster(first), whose).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::{RULE, follows};
    use crate::check::fixture::findings;

    #[test]
    fn what_a_cluster_sets_itself_counts_and_what_lies_beneath_does_not() {
        let addon = "# addons/cilium/addon.yaml\nspec: {exactMinor: {field: /helm/values/image/tag, prefix: \"v{minor}.\"}, source: {helm: {values: {image: {tag: v1.36.1}}}}}\n";
        assert_eq!(
            findings(&RULE, addon),
            ["addons/cilium/addon.yaml `v1.36.1`: `v1.36.1` of `cilium` does not follow Kubernetes 1.35; \
              addons/cilium/addon.yaml `{\"field\":\"/helm/values/image/tag\",\"prefix\":\"v{minor}.\"}`: follows the cluster's minor; \
              clusters/web.yaml `web`: on `blue/web`"]
        );
        let cluster = |tag: &str| {
            format!(
                "# clusters/web.yaml\nspec: {{addons: {{cilium: {{values: {{image: {{tag: {tag}}}}}}}}}}}\n"
            )
        };
        assert!(findings(&RULE, &format!("{addon}{}", cluster("v1.35.0"))).is_empty());
        assert_eq!(findings(&RULE, &format!("{addon}{}", cluster("v1.34.0"))).len(), 1);
        assert_eq!(findings(&RULE, &format!("{addon}{}", cluster("null"))).len(), 1);
    }

    #[test]
    fn the_version_is_meant_where_no_field_is_named() {
        let addon = |spec: &str| {
            findings(&RULE, &format!("# addons/cilium/addon.yaml\nspec: {{exactMinor: {{}}, {spec}}}\n"))
        };
        assert!(addon("source: {helm: {version: v1.35.4}}").is_empty());
        assert_eq!(addon("source: {helm: {version: 1.3.54}}").len(), 1);
        let cluster = "# clusters/web.yaml\nspec: {addons: {cilium: {version: 1.34.9}}}\n";
        let fits = "# addons/cilium/addon.yaml\nspec: {exactMinor: {}, source: {helm: {version: v1.35.4}}}\n";
        let found = findings(&RULE, &format!("{fits}{cluster}"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("clusters/web.yaml `1.34.9`: "), "{found:?}");
    }

    #[test]
    fn one_addon_is_reported_once_for_each_minor() {
        let addon = "# addons/cilium/addon.yaml\nspec: {exactMinor: {}, source: {helm: {version: 1.36.0}}}\n";
        let cluster =
            |name: &str, version: &str| format!("# clusters/{name}.yaml\nspec: {{kubernetes: {version}}}\n");
        let others = [cluster("a", "v1.35.1"), cluster("b", "v1.34.1"), cluster("c", "v1.36.1")].concat();
        let found = findings(&RULE, &format!("{addon}{others}"));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().any(|found| found.ends_with("on `blue/a` and 1 more")), "{found:?}");
    }

    #[test]
    fn of_an_expression_only_what_stands_before_it_is_known() {
        for text in ["v1.35.2", "1.35.2", "${{ cluster.kubernetes }}", "v${{ x }}", "v1.35.${{ x }}"] {
            assert!(follows(text, "1.35.", true), "{text}");
        }
        for text in ["v1.34.${{ x }}", "1.350.1", "1.35", "", "x${{ y }}"] {
            assert!(!follows(text, "1.35.", true), "{text}");
        }
        assert!(!follows("v1.35.1", "1.35.", false));
    }
}
