//! Rules over what one revision declares, and what each of them is for.
//!
//! Rendering runs the rules over specs that find errors, [`specs`]; hooks run all rules over specs, [`all`]; `check`
//! runs those over what is emitted, too, [`everything`]. A rule is one file beneath `rule/`. Nothing here reads files or
//! renders, and nothing here may change what is emitted.

mod cluster_api;
mod clusters;
mod collision;
mod companion;
mod day;
mod default_class;
mod elsewhere;
mod emitted;
mod explanation;
mod exposure;
#[cfg(test)]
mod fixture;
mod folder;
mod git_ref;
mod judged;
mod kubernetes_apis;
mod lifecycle;
mod made;
mod management;
mod moved_pin;
mod network;
mod object;
mod own_manifest;
pub mod place;
mod quantity;
mod reads;
mod rule;
mod waiver;
mod words;
mod written_version;

pub use day::Day;
pub use emitted::{EmittedCluster, EmittedManagement, EmittedRules, EmittedSecret};
pub use explanation::{Explanation, explanation, explanations};
pub use moved_pin::{moved_pins, secrets_of_pinned};
pub use object::EmittedObject;
pub use rule::RULES;
pub use waiver::{Judgement, Waived, Waiver};

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use exposure::Exposures;
use kubernetes_apis::KubernetesApis;
use own_manifest::{OwnManifest, OwnManifests};
use rayon::prelude::*;
use waiver::Waivers;

use crate::crd::{self, Definitions};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::expand::{ExpandedCluster, Expansion, deployments, expand};
use crate::location::{Location, Sources};
use crate::spec::addon::{Addon, Source};
use crate::spec::cluster::Cluster;
use crate::spec::name::Name;
use crate::spec::yaml::Node;
use crate::spec::{Catalog, Former};

/// Something that is looked for, under an id that is for ever.
#[derive(Debug)]
pub struct Rule {
    /// Its id: `pool-version`.
    pub id: &'static str,
    /// How bad a finding is.
    pub severity: Severity,
    /// What people read about it.
    pub page: Page,
    /// How it is looked for.
    pub check: Check,
}

/// What people read about a rule.
#[derive(Debug)]
pub struct Page {
    /// What must hold, in one line.
    pub summary: &'static str,
    /// Why it must hold: what would break.
    pub why: &'static str,
    /// What is wrong: fragments of files, each after a line `# <path>`.
    pub wrong: &'static str,
    /// The same, put right.
    pub right: &'static str,
}

/// When a rule can run, and how.
#[derive(Debug)]
pub enum Check {
    /// Once the specs are read; errors refuse them wherever they are rendered, too.
    Specs(fn(&Specs<'_>, &mut Report)),
    /// Once the specs are read, in `check` alone: such a rule knows of the world outside what a fleet is not rendered by, or
    /// of an earlier state of the fleet.
    World(fn(&Specs<'_>, &mut Report)),
    /// For every object of addons' own manifests of which Kubernetes' table has something to say: as it is written, and as
    /// it is rendered of a template; in `check` alone. It runs for many at once.
    Manifest(fn(&OwnManifest<'_>, &KubernetesApis, &mut Report)),
    /// Once a cluster is emitted, in `check` alone: such a rule may know of the world outside what a fleet is not
    /// rendered by. It runs for many clusters at once.
    Cluster(fn(&Specs<'_>, &EmittedCluster<'_, '_>, &mut Report)),
    /// Once all clusters of a management cluster are emitted and what they share is, in `check` alone.
    Management(fn(&Specs<'_>, &EmittedManagement<'_, '_>, &mut Report)),
    /// For every object that is emitted, and every plain manifest of an addon, in `check` alone. It runs for many at once.
    Object(fn(&Specs<'_>, &EmittedObject<'_>, &mut Report)),
}

/// What a check depends on beside the tree.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// The day it is, by which lifecycles are judged.
    pub today: Day,
    /// The versions of an earlier state of the fleet, by which their steps are judged; `None` where there is none.
    pub former: Option<&'a Former>,
}

impl<'a> World<'a> {
    fn specs(self, catalog: &'a Catalog, sources: &'a Sources) -> Specs<'a> {
        Specs { former: self.former, ..Specs::new(catalog, sources, Some(self.today)) }
    }
}

/// What the rules over specs see.
#[derive(Debug)]
pub struct Specs<'a> {
    /// Everything declared.
    pub catalog: &'a Catalog,
    /// The files it was read from.
    pub sources: &'a Sources,
    /// The day it is, for what ends some day; `None` where no clock may decide.
    pub today: Option<Day>,
    /// The versions of an earlier state, where there is one to compare with.
    pub former: Option<&'a Former>,
    /// Who gets what, once a rule asks; `None` where that itself is wrong.
    expansion: OnceLock<Option<Expansion<'a>>>,
    /// What may be let stand.
    waivers: Waivers,
    /// What looks like a credential, once a rule asks.
    exposures: exposure::Once,
    /// The addons' own objects that Kubernetes' table has something to say of, once a rule asks.
    own_manifests: OnceLock<OwnManifests<'a>>,
    /// The schemas of kinds, once a rule asks.
    definitions: OnceLock<Definitions>,
    /// How many objects no schema was there for, by API version and kind.
    unchecked: Mutex<BTreeMap<(String, String), usize>>,
}

impl<'a> Specs<'a> {
    fn new(catalog: &'a Catalog, sources: &'a Sources, today: Option<Day>) -> Self {
        Self {
            catalog,
            sources,
            today,
            former: None,
            expansion: OnceLock::new(),
            waivers: Waivers::read(catalog),
            exposures: exposure::Once::default(),
            own_manifests: OnceLock::new(),
            definitions: OnceLock::new(),
            unchecked: Mutex::default(),
        }
    }

    /// Returns what looks like a credential, and waivers that let nothing stand.
    fn exposures(&self) -> &Exposures {
        self.exposures.get(self)
    }

    /// Returns the addons' own objects of API versions that some minor does not serve, or warns of.
    fn own_manifests(&self) -> &OwnManifests<'a> {
        self.own_manifests.get_or_init(|| OwnManifests::read(self))
    }

    /// Returns the schemas of kinds: those that the fleet imported, and the binary's.
    fn definitions(&self) -> &Definitions {
        self.definitions.get_or_init(|| Definitions::new(crd::read_files(&self.catalog.trunk.files).0))
    }

    /// Counts an object that no schema is there for.
    fn leave_unchecked(&self, api_version: &str, kind: &str) {
        let mut unchecked = self.unchecked.lock().unwrap_or_else(PoisonError::into_inner);
        *unchecked.entry((api_version.to_owned(), kind.to_owned())).or_default() += 1;
    }

    /// Returns whether kubeadm sets up the machines of a cluster.
    fn uses_kubeadm(&self, cluster: &Cluster) -> bool {
        let providers = &self.catalog.content(cluster).providers;
        providers.get(&cluster.provider).is_some_and(|provider| provider.impact.kubeadm)
    }

    /// Returns the names of what holds a pool's machines: one per zone where kubeadm sets them up.
    fn machine_names(&self, cluster: &Cluster, pool: &Node) -> Vec<String> {
        if self.uses_kubeadm(cluster) {
            deployments(cluster.name.as_str(), pool).into_iter().map(|deployment| deployment.name).collect()
        } else {
            pool.get("name")
                .and_then(Node::as_str)
                .map(|name| format!("{}-{name}", cluster.name))
                .into_iter()
                .collect()
        }
    }

    /// Returns whether an addon of this name is on for a cluster.
    fn is_on(&self, addon: &Name, cluster: &Cluster) -> bool {
        let on = self.expanded().find(|other| std::ptr::eq(other.cluster, cluster));
        on.is_some_and(|on| on.addon(addon.as_str()).is_some())
    }

    /// Returns the clusters on which this very addon is on, of trunk or of a release, sorted by project and name; none
    /// where the addons of some cluster do not go together.
    fn clusters_with(&self, addon: &Addon) -> Vec<&'a Cluster> {
        let has_it = |on: &&ExpandedCluster<'_>| {
            on.addon(addon.name.as_str()).is_some_and(|installed| std::ptr::eq(installed.addon, addon))
        };
        self.expanded().filter(has_it).map(|on| on.cluster).collect()
    }

    /// Returns whether an addon that EKS calls `name` is on for a cluster.
    fn has_eks_addon(&self, cluster: &Cluster, name: &str) -> bool {
        let Some(expansion) = self.expansion() else { return false };
        let on = expansion.clusters.binary_search_by(|other| {
            (&other.cluster.project, &other.cluster.name).cmp(&(&cluster.project, &cluster.name))
        });
        let Some(on) = on.ok().map(|index| &expansion.clusters[index]) else { return false };
        on.addons.iter().any(|installed| match expansion.source(on.cluster, installed) {
            Some(Source::Eks(eks)) => eks.addon == name,
            Some(Source::Helm(_) | Source::Kustomize { .. } | Source::Manifests { .. } | Source::Access)
            | None => false,
        })
    }

    /// Returns who gets what; `None` where that itself is wrong.
    fn expansion(&self) -> Option<&Expansion<'a>> {
        self.expansion.get_or_init(|| expand(self.catalog).ok()).as_ref()
    }

    fn expanded(&self) -> impl Iterator<Item = &ExpandedCluster<'a>> {
        self.expansion().into_iter().flat_map(|expansion| &expansion.clusters)
    }

    /// Returns every addon that clusters may have, of every release in use and of trunk.
    fn addons(&self) -> impl Iterator<Item = &'a Addon> {
        self.catalog.contents().flat_map(|content| content.addons.values())
    }
}

impl Rule {
    /// Makes a finding of the rule.
    pub fn finding(&self, location: Location, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: self.severity, ..Diagnostic::error(self.id, location, message) }
    }
}

/// Runs every rule over specs that finds errors, as rendering must: waivers hold whatever the day.
pub fn specs(catalog: &Catalog, sources: &Sources) -> Report {
    let errors = |rule: &&&Rule| rule.severity == Severity::Error && matches!(rule.check, Check::Specs(_));
    let specs = Specs::new(catalog, sources, None);
    let found = run(&specs, &RULES.iter().filter(errors).copied().collect::<Vec<_>>());
    specs.waivers.judge(found, None).report.sorted(sources)
}

/// Runs every rule over specs; the day decides which addons have come to their end, and which waivers.
pub fn all(catalog: &Catalog, sources: &Sources, world: World<'_>) -> Judgement {
    let specs = world.specs(catalog, sources);
    specs.waivers.judge(run(&specs, RULES), specs.today).sorted(sources)
}

/// Runs every rule. Where those over specs find no errors, `emit` is asked to hand everything that is emitted to the
/// others; it returns what they find, and what is found in emitting. Waivers that let nothing stand are found, too,
/// where their rules have run on clusters: without any, many find nothing.
pub fn everything(
    catalog: &Catalog,
    sources: &Sources,
    world: World<'_>,
    emit: impl FnOnce(&EmittedRules<'_, '_>) -> Report,
) -> Judgement {
    let specs = world.specs(catalog, sources);
    let mut judgement = specs.waivers.judge(run(&specs, RULES), specs.today);
    let is_emitted = !judgement.report.has_errors();
    if is_emitted {
        let found = emit(&EmittedRules::new(&specs, RULES));
        judgement.extend(specs.waivers.judge(found, specs.today));
        judgement.report = clusters::folded(judgement.report);
    }
    // Where nobody knows what runs where, rules about that have found nothing.
    if !catalog.clusters.is_empty() && specs.expansion().is_some() {
        let has_run = |rule: &Rule| is_emitted || matches!(rule.check, Check::Specs(_) | Check::World(_));
        judgement.report.extend(waiver::stale(catalog, &judgement.used, has_run));
    }
    judgement.unchecked = specs.unchecked.into_inner().unwrap_or_else(PoisonError::into_inner);
    judgement.sorted(sources)
}

fn run(specs: &Specs<'_>, rules: &[&Rule]) -> Report {
    let findings = |rule: &&Rule| {
        let mut report = Report::default();
        match rule.check {
            Check::Specs(check) | Check::World(check) => check(specs, &mut report),
            Check::Manifest(check) => {
                let own = specs.own_manifests();
                own.objects.iter().for_each(|manifest| check(manifest, &own.apis, &mut report));
            }
            Check::Cluster(_) | Check::Management(_) | Check::Object(_) => {}
        }
        report
    };
    let mut report = Report::default();
    for findings in rules.par_iter().map(findings).collect::<Vec<_>>() {
        report.extend(findings);
    }
    report
}
