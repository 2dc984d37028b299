//! Waivers: findings that somebody lets stand until a day, and what becomes of findings for which there are some.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::waiver_stale;
use super::{Day, RULES, Rule};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::{FileId, Location, Sources};
use crate::spec::Catalog;
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// An entry of `spec.waivers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Where it stands.
    pub location: Location,
    /// The rule whose findings it lets stand.
    pub rule: String,
    /// Who answers for it.
    pub owner: String,
    /// Why they may stand.
    pub reason: String,
    /// The last day on which they do.
    pub until: Day,
}

/// A finding that a waiver lets stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// The finding.
    pub finding: Diagnostic,
    /// What lets it stand.
    pub waiver: Waiver,
}

/// What came of holding something against rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What is found.
    pub report: Report,
    /// What is found and let stand.
    pub waived: Vec<Waived>,
    /// Where the waivers stand for which something was found, those that have ended too.
    pub used: BTreeSet<Location>,
    /// How many objects there are of kinds whose schema nobody has, by API version and kind.
    pub unchecked: BTreeMap<(String, String), usize>,
}

impl Judgement {
    /// Adds what came of something else.
    pub fn extend(&mut self, other: Self) {
        self.report.extend(other.report);
        self.waived.extend(other.waived);
        self.used.extend(other.used);
        for (kind, count) in other.unchecked {
            *self.unchecked.entry(kind).or_default() += count;
        }
    }

    /// Sorts both by file, position and rule, and drops repetitions.
    pub fn sorted(mut self, sources: &Sources) -> Self {
        let key = |waived: &Waived| {
            let at = waived.finding.location.map(|at| (sources.get(at.file).name.clone(), at.start, at.end));
            (at, waived.finding.rule, waived.finding.message.clone(), waived.waiver.location)
        };
        self.waived.sort_by_cached_key(key);
        self.waived.dedup();
        Self { report: self.report.sorted(sources), ..self }
    }
}

/// Rules whose findings nobody can let stand: what is rendered would be broken, or they have waivers of their own.
const BINDING: [&str; 50] = [
    "minors-order",
    "management-twice",
    "output-path",
    "output-branch",
    "trunk-label",
    "label-domain",
    "name-pattern",
    "rollout-progressive-syncs",
    "rollout-overlap",
    "rollout-self-heal",
    "tenant-reserved",
    "project-collision",
    "role-twice",
    "quota-value",
    "access-role-unknown",
    "access-role-rules",
    "access-dangerous",
    "access-service-account",
    "access-namespace-twice",
    "access-namespace-shared",
    "access-shared-unknown",
    "addon-folder",
    "addon-reserved",
    "source-incomplete",
    "source-path",
    "source-placement",
    "eks-provider",
    "management-namespace",
    "requires-itself",
    "stray-statement",
    "pool-twice",
    "autoscale",
    "label-reserved",
    "addon-unknown",
    "companion-secret",
    "companion-twice",
    "companion-own",
    "pool-name",
    "pool-name-collision",
    "secret-name-collision",
    "display-name-collision",
    "server-collision",
    "application-name",
    "release-name",
    "case-collision",
    "credential",
    "access-namespace-reserved",
    "access-subject-twice",
    "waiver-rule",
    "waiver-stale",
];

/// Returns whether findings of a rule may be waived.
pub fn is_waivable(id: &str) -> bool {
    RULES.iter().any(|rule| rule.id == id) && !BINDING.contains(&id)
}

/// Returns every waiver that this tree says itself, each where it is written: not those of releases, which nobody can
/// change any more.
pub fn written(catalog: &Catalog) -> impl Iterator<Item = &Node> {
    let addons = catalog.trunk.addons.values().map(|addon| &addon.document);
    let tenants = catalog.tenants.values().map(|tenant| &tenant.document);
    let clusters = catalog.clusters.iter().map(|cluster| &cluster.document);
    let documents = std::iter::once(&catalog.fleet.document).chain(addons).chain(tenants).chain(clusters);
    let specs = documents.filter_map(|document| document.get("spec"));
    specs.chain(catalog.defaults.values()).flat_map(entries)
}

fn entries(spec: &Node) -> &[Node] {
    spec.get("waivers").and_then(Node::items).unwrap_or_default()
}

/// Every waiver of a fleet, by what it is for.
#[derive(Debug, Default)]
pub struct Waivers {
    /// By rule and file: the document that it holds in, and the waiver.
    by_place: BTreeMap<(String, FileId), Vec<(Location, Waiver)>>,
}

impl Waivers {
    /// Reads the waivers of every document. Those of defaults hold in the defaults themselves and in every cluster that
    /// takes them from there.
    pub fn read(catalog: &Catalog) -> Self {
        let mut waivers = Self::default();
        let addons = catalog.contents().flat_map(|content| content.addons.values());
        let documents = addons.map(|addon| &addon.document);
        let documents = documents.chain(catalog.tenants.values().map(|tenant| &tenant.document));
        for document in documents.chain([&catalog.fleet.document]) {
            waivers.add(document.location, document.get("spec"));
        }
        for spec in catalog.defaults.values() {
            waivers.add(spec.location, Some(spec));
        }
        for cluster in &catalog.clusters {
            waivers.add(cluster.document.location, Some(&cluster.spec));
        }
        waivers
    }

    fn add(&mut self, document: Location, spec: Option<&Node>) {
        for waiver in spec.into_iter().flat_map(entries).filter_map(Waiver::read) {
            let key = (waiver.rule.clone(), document.file);
            self.by_place.entry(key).or_default().push((document, waiver));
        }
    }

    /// Returns the waivers of a rule for what stands at a place.
    fn at<'w>(&'w self, rule: &str, place: Location) -> impl Iterator<Item = &'w Waiver> {
        let of_file = match self.by_place.is_empty() {
            true => None,
            false => self.by_place.get(&(rule.to_owned(), place.file)),
        };
        let holds = move |document: Location| document.start <= place.start && place.end <= document.end;
        let all = of_file.into_iter().flatten();
        all.filter(move |(document, _)| holds(*document)).map(|(_, waiver)| waiver)
    }

    /// Sorts clusters that share a finding of a rule: those with a waiver of their own for it, by the waiver, and all
    /// others.
    pub fn apart<'c>(&self, rule: &str, clusters: Vec<&'c Cluster>) -> Vec<Vec<&'c Cluster>> {
        let mut apart: BTreeMap<Option<Location>, Vec<&Cluster>> = BTreeMap::new();
        for cluster in clusters {
            apart.entry(self.of(rule, cluster)).or_default().push(cluster);
        }
        apart.into_values().collect()
    }

    /// Returns where a cluster's waiver for a rule stands.
    pub fn of(&self, rule: &str, cluster: &Cluster) -> Option<Location> {
        self.at(rule, cluster.document.location).map(|waiver| waiver.location).next()
    }

    /// Takes apart what stands and what is let stand. A waiver holds whatever the day where no day is given; what it
    /// let stand until yesterday is reported with it.
    pub fn judge(&self, found: Report, today: Option<Day>) -> Judgement {
        let mut judgement = Judgement::default();
        for finding in found.diagnostics {
            let waivers = self.covering(&finding);
            judgement.used.extend(waivers.iter().map(|waiver| waiver.location));
            let holds = |waiver: &&&Waiver| today.is_none_or(|today| today <= waiver.until);
            match (waivers.iter().find(holds), waivers.first()) {
                (Some(waiver), _) => {
                    judgement.waived.push(Waived { finding, waiver: (*waiver).clone() });
                }
                (None, Some(ended)) => judgement.report.push(ended.told_with(finding)),
                (None, None) => judgement.report.push(finding),
            }
        }
        judgement
    }

    fn covering(&self, finding: &Diagnostic) -> Vec<&Waiver> {
        if !is_waivable(finding.rule) {
            return Vec::new();
        }
        let places = finding.location.into_iter().chain(finding.related.iter().map(|(place, _)| *place));
        places.flat_map(|place| self.at(finding.rule, place)).collect()
    }
}

/// Returns a finding for every waiver that let nothing stand although its rule `has_run`.
pub fn stale(catalog: &Catalog, used: &BTreeSet<Location>, has_run: impl Fn(&Rule) -> bool) -> Report {
    let ran = |id: &str| RULES.iter().any(|rule| rule.id == id && has_run(rule));
    let is_stale =
        |waiver: &Waiver| is_waivable(&waiver.rule) && ran(&waiver.rule) && !used.contains(&waiver.location);
    let stale = written(catalog).filter_map(Waiver::read).filter(is_stale);
    Report { diagnostics: stale.map(|waiver| waiver_stale::finding(&waiver)).collect() }
}

impl Waiver {
    /// Reads an entry that its schema takes.
    pub fn read(node: &Node) -> Option<Self> {
        let text = |field: &str| node.get(field).and_then(Node::as_str).map(str::to_owned);
        Some(Self {
            location: node.location,
            rule: text("rule")?,
            owner: text("owner")?,
            reason: text("reason")?,
            until: text("until")?.parse().ok()?,
        })
    }

    /// Tells with a finding that it was let stand until this waiver ended.
    fn told_with(&self, finding: Diagnostic) -> Diagnostic {
        let words = format!("let stand until {} by {}: {}", self.until, self.owner, self.reason);
        let hint = "the waiver has ended: mend it, or agree on another day and take that over";
        finding.related(self.location, words).hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_may_waive_are_rules_each_named_once() {
        for (index, id) in BINDING.iter().enumerate() {
            assert!(RULES.iter().any(|rule| rule.id == *id), "{id}");
            assert!(!BINDING[..index].contains(id), "{id}");
        }
    }
}
