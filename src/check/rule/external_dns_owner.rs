//! Every external-dns knows its own records.

use std::collections::BTreeMap;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::emit::template::Values;
use crate::emit::variables::Variables;
use crate::expand::{ExpandedCluster, Expansion};
use crate::location::Location;
use crate::spec::addon::{Addon, Source};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::{Kind, Node};

/// Registries that know records by an owner.
const WITH_OWNER: [&str; 2] = ["txt", "dynamodb"];

/// Every external-dns knows its own records.
pub const RULE: Rule = Rule {
    id: "external-dns-owner",
    severity: Severity::Error,
    page: Page {
        summary: "the `txtOwnerId` of external-dns is set, and differs on every cluster",
        why: "external-dns knows its own records by their owner. Two clusters with one owner, in one zone, each delete \
              what the other has made: names vanish and come back with every round. Where none is set all of them are \
              `default`.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n  source: {helm: {chart: external-dns, values: {policy: sync}}}\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n  source: {helm: {chart: external-dns, values: {txtOwnerId: \"${{ cluster.project }}-${{ cluster.name }}\"}}}\n",
    },
    check: Check::World(check),
};

/// Owners, each with where it is said and the clusters that have it.
type Owners<'c> = BTreeMap<String, Vec<(Location, &'c Cluster)>>;

fn check(specs: &Specs<'_>, report: &mut Report) {
    let Some(expansion) = specs.expansion() else { return };
    let mut owners = Owners::new();
    let mut without: BTreeMap<*const Addon, (Location, &Addon, Vec<&Cluster>)> = BTreeMap::new();
    let variables = Variables::new(expansion);
    for on in &expansion.clusters {
        for (addon, values) in external_dns(expansion, on) {
            let registry = values.as_ref().and_then(|values| values.get("registry")).and_then(Node::as_str);
            if !registry.is_none_or(|registry| WITH_OWNER.contains(&registry)) {
                continue;
            }
            let set = values.as_ref().and_then(|values| place::written(values, "txtOwnerId"));
            match set.map(|node| (node, owner(node, on, expansion, &variables))) {
                Some((node, Some(owner))) if !owner.is_empty() => {
                    owners.entry(owner).or_default().push((node.location, on.cluster));
                }
                // What cannot be filled is reported where it is rendered.
                Some((_, None)) => {}
                Some(_) | None => {
                    let at = set.map_or_else(|| place::addon(addon), |node| node.location);
                    let key = std::ptr::from_ref(addon);
                    without.entry(key).or_insert((at, addon, Vec::new())).2.push(on.cluster);
                }
            }
        }
    }
    report_same(owners, report);
    for (at, addon, clusters) in without.into_values() {
        for clusters in specs.waivers.apart(RULE.id, clusters) {
            let Some((first, others)) = clusters.split_first() else { continue };
            let whose = match others.len() {
                0 => format!("on `{}`", first.identity()),
                more => format!("on `{}` and {more} more", first.identity()),
            };
            let finding = RULE.finding(at, format!("`{}` has no `txtOwnerId` among its values", addon.name));
            report.push(finding.related(place::cluster(first), whose).hint(HINT));
        }
    }
}

const HINT: &str = "set `txtOwnerId: ${{ cluster.project }}-${{ cluster.name }}`";

fn report_same(owners: Owners<'_>, report: &mut Report) {
    for (owner, mut on) in owners {
        // Two of them on one cluster may well share a zone.
        on.dedup_by_key(|(_, cluster)| cluster.identity());
        let [(_, first), (at, second), others @ ..] = &on[..] else { continue };
        let more = match others.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (one, other) = (first.identity(), second.identity());
        let message = format!("`{owner}` owns the DNS records of `{one}`, `{other}`{more}");
        let finding = RULE.finding(*at, message).label("must differ on every cluster");
        let finding = finding.related(place::cluster(first), "the first of them");
        report.push(finding.related(place::cluster(second), "the second").hint(HINT));
    }
}

/// Returns every external-dns of a cluster, with the values that the cluster gets.
fn external_dns<'e>(
    expansion: &'e Expansion<'_>,
    on: &'e ExpandedCluster<'_>,
) -> impl Iterator<Item = (&'e Addon, Option<Node>)> {
    on.addons.iter().filter_map(|installed| {
        let source = expansion.source(on.cluster, installed)?;
        let Source::Helm(helm) = source else { return None };
        let is_it = helm.chart.rsplit('/').next() == Some("external-dns");
        is_it.then(|| (installed.addon, installed.values(source)))
    })
}

/// Returns the owner that a cluster gets; `None` where it cannot be filled in.
fn owner(
    node: &Node,
    on: &ExpandedCluster<'_>,
    expansion: &Expansion<'_>,
    variables: &Variables,
) -> Option<String> {
    let Kind::Scalar { text, .. } = &node.kind else { return None };
    if !text.contains("${{") {
        return Some(text.to_string());
    }
    let variables = variables.of_cluster(expansion, on, &|_, _, _| Ok(None)).ok()?;
    let filled = Values::compile(node).ok()?.fill(&variables, place::cluster(on.cluster)).ok()?;
    Some(filled.as_str().map_or_else(|| filled.to_string(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn found(values: &str, more: &str) -> Vec<String> {
        let addon = format!(
            "# addons/metrics/addon.yaml\nspec: {{enable: {{default: true}}, source: {{helm: {{chart: external-dns, values: {values}}}}}}}\n"
        );
        findings(&RULE, &format!("{addon}{more}"))
    }

    #[test]
    fn an_owner_is_what_it_comes_to_on_each_cluster() {
        let other = "# clusters/api.yaml\nspec: {paused: false}\n";
        assert_eq!(
            found("{txtOwnerId: \"${{ cluster.project }}\"}", other),
            [
                "addons/metrics/addon.yaml `${{ cluster.project }}`: `blue` owns the DNS records of `blue/api`, `blue/web`; \
              clusters/api.yaml `api`: the first of them; clusters/web.yaml `web`: the second"
            ]
        );
        assert!(found("{txtOwnerId: \"${{ cluster.name }}\"}", other).is_empty());
        assert!(found("{txtOwnerId: fixed}", "").is_empty());
        let own = "# clusters/api.yaml\nspec: {addons: {metrics: {values: {txtOwnerId: fixed}}}}\n";
        assert_eq!(found("{txtOwnerId: fixed}", own).len(), 1);
        assert!(found("{txtOwnerId: \"${{ cluster.name }}\"}", own).is_empty());
    }

    #[test]
    fn one_that_owns_nothing_needs_no_owner() {
        assert_eq!(found("{txtOwnerId: \"\"}", "").len(), 1);
        assert_eq!(found("{registry: txt}", "").len(), 1);
        assert!(found("{registry: noop}", "").is_empty());
    }
}
