//! Applications folded: which clusters share which variant of an addon's Application.
//!
//! The index holds a number for each cluster and addon, never an Application: ten thousand clusters with 45 addons
//! must fit. What the variants look like on paper is not decided here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::application::{Shape, SourceKind, application_name};
use super::look_up::{AddonLookUps, ClusterLookUps};
use super::patch::{AllPatches, Patches};
use super::source_kind::source_kind;
use super::values::AddonValues;
use super::variant::{OwnPatches, literal, template, variant_name};
use crate::diagnostic::Report;
use crate::expand::{ExpandedCluster, Expansion, Installed};
use crate::spec::addon::{Addon, Source};
use crate::spec::name::Name;
use crate::spec::version::Minor;

/// The variants of every addon on every management cluster, and which cluster has which.
#[derive(Debug)]
pub struct Fold<'a> {
    /// What was folded.
    pub expansion: &'a Expansion<'a>,
    patches: &'a AllPatches<'a>,
    values: &'a AddonValues<'a>,
    variants: Vec<Variant<'a>>,
    groups: Vec<Group<'a>>,
    /// For every cluster, the group of each of its addons.
    chosen: Vec<Vec<u32>>,
}

/// What all Applications of one addon share that differ in look-ups only.
#[derive(Debug)]
pub struct Variant<'a> {
    /// Its name: the value of the label `addons.<domain>/<addon>.source`.
    pub name: String,
    /// The management cluster.
    pub management: &'a Name,
    /// The addon.
    pub addon: &'a Addon,
    /// The template, with Argo CD's look-ups.
    pub template: Value,
    /// The first cluster that has it, and the addon's place among that cluster's: the sample to compare with.
    pub first: (usize, usize),
}

/// Clusters of one management cluster and minor, whose Application of one addon the same patches are for.
#[derive(Debug)]
struct Group<'a> {
    shape: Option<Shape<'a>>,
    source: &'a Source,
    variant: usize,
    patches: Chosen,
}

/// Indices of the patches for an Application: the fleet's, the cluster's with the cluster, the addon's.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Chosen {
    fleet: Vec<usize>,
    cluster: Option<(usize, Vec<usize>)>,
    addon: Vec<usize>,
}

/// One addon of one cluster, as it is installed.
#[derive(Clone, Copy, Debug)]
pub struct Folded<'f, 'a> {
    /// The addon, and what the cluster says about it.
    pub installed: &'f Installed<'a>,
    /// Where it is installed from.
    pub source: &'a Source,
    /// Its form; `None` where AWS manages it and there is no Application.
    pub kind: Option<SourceKind>,
    /// The variant; `None` where there is no Application.
    pub variant: Option<&'f Variant<'a>>,
}

impl<'a> Fold<'a> {
    /// Folds the Applications of every cluster.
    ///
    /// # Errors
    /// Reports texts that Argo CD would evaluate, and patches on Applications that cannot be applied or rename them.
    pub fn new(
        expansion: &'a Expansion<'a>,
        patches: &'a AllPatches<'a>,
        values: &'a AddonValues<'a>,
    ) -> Result<Self, Report> {
        let (variants, groups, chosen) = (Vec::new(), Vec::new(), Vec::new());
        let mut fold = Self { expansion, patches, values, variants, groups, chosen };
        let mut report = Report::default();
        let mut known: BTreeMap<(&'a Name, Minor, &'a Name, Chosen), u32> = BTreeMap::new();
        for (index, cluster) in expansion.clusters.iter().enumerate() {
            let look_ups = ClusterLookUps::new(&expansion.catalog.fleet, cluster);
            let mut chosen = Vec::with_capacity(cluster.addons.len());
            for (position, installed) in cluster.addons.iter().enumerate() {
                let patches = fold.patches_for(index, installed.addon, look_ups.normalized_name());
                let key = (&cluster.management.name, cluster.cluster.minor(), &installed.addon.name, patches);
                let group = match known.get(&key) {
                    Some(group) => *group,
                    None => {
                        let group = fold.add_group((index, position), key.3.clone(), &mut report);
                        known.insert(key, group);
                        group
                    }
                };
                chosen.push(group);
            }
            fold.chosen.push(chosen);
        }
        report.or(fold)
    }

    /// Returns the variants of an addon on a management cluster, in the order of their names.
    pub fn variants(&self, management: &Name, addon: &Name) -> Vec<&Variant<'a>> {
        let of_addon =
            |variant: &&Variant<'_>| variant.management == management && variant.addon.name == *addon;
        let mut variants: Vec<&Variant<'a>> = self.variants.iter().filter(of_addon).collect();
        variants.sort_by(|one, other| one.name.cmp(&other.name));
        variants
    }

    /// Returns the addons of the cluster at `index` among the expansion's, in the order of their names.
    pub fn addons(&self, index: usize) -> impl Iterator<Item = Folded<'_, 'a>> {
        let installed = self.expansion.clusters[index].addons.iter();
        installed.zip(&self.chosen[index]).map(|(installed, group)| {
            let group = &self.groups[*group as usize];
            let kind = group.shape.map(|shape| shape.kind);
            let variant = kind.map(|_| &self.variants[group.variant]);
            Folded { installed, source: group.source, kind, variant }
        })
    }

    /// Returns what is looked up for one addon of a cluster.
    pub fn look_ups<'f>(
        &'f self,
        cluster: &'f ExpandedCluster<'a>,
        folded: Folded<'f, 'a>,
    ) -> AddonLookUps<'f> {
        match folded.kind {
            None => AddonLookUps::default(),
            Some(SourceKind::Helm | SourceKind::Oci) => AddonLookUps {
                version: folded.installed.version(folded.source).unwrap_or_default(),
                values: self.values.path(cluster, folded.installed).into(),
                ..AddonLookUps::default()
            },
            Some(SourceKind::Kustomize | SourceKind::Manifests) => {
                AddonLookUps { path: source_path(folded.source).into(), ..AddonLookUps::default() }
            }
            Some(SourceKind::Rendered) => {
                let folder = self.expansion.catalog.fleet.output_folder(&cluster.management.name);
                let rest = manifests_folder(&folded.installed.addon.name, cluster);
                AddonLookUps { path: format!("{folder}/{rest}").into(), ..AddonLookUps::default() }
            }
        }
    }

    /// Returns the Application of the first cluster that has a variant, as it must come out of the set.
    ///
    /// # Errors
    /// Reports patches that cannot be applied.
    pub fn sample(&self, variant: &Variant<'a>) -> Result<Value, Report> {
        let (index, position) = variant.first;
        let cluster = &self.expansion.clusters[index];
        let group = &self.groups[self.chosen[index][position] as usize];
        let folded = Folded {
            installed: &cluster.addons[position],
            source: group.source,
            kind: group.shape.map(|shape| shape.kind),
            variant: Some(variant),
        };
        let look_ups = ClusterLookUps::new(&self.expansion.catalog.fleet, cluster);
        let Some(shape) = group.shape else { return Ok(Value::Null) };
        let owners = self.owners(&group.patches, folded.installed.addon);
        literal(&shape, OwnPatches { owners: &owners }, &look_ups, &self.look_ups(cluster, folded))
    }

    /// Adds the group of an addon of a cluster, with its variant where that is new.
    fn add_group(&mut self, first: (usize, usize), patches: Chosen, report: &mut Report) -> u32 {
        let expansion = self.expansion;
        let cluster = &expansion.clusters[first.0];
        let installed = &cluster.addons[first.1];
        let number = u32::try_from(self.groups.len()).expect("because a fleet has fewer groups than addons");
        let source = expansion
            .source(cluster.cluster, installed)
            .expect("because expanding reads the source of every addon that is on");
        let kind = source_kind(&expansion.catalog.files, source);
        let (addon, management, fleet) = (installed.addon, cluster.management, &expansion.catalog.fleet);
        let shape = kind.map(|kind| Shape { kind, source, addon, management, fleet });
        let mut group = Group { shape, source, variant: 0, patches };
        if let Some(shape) = &group.shape {
            let owners = self.owners(&group.patches, addon);
            match template(shape, OwnPatches { owners: &owners }) {
                Ok(template) => group.variant = self.variant(shape, template, first),
                Err(findings) => report.extend(findings),
            }
        }
        self.groups.push(group);
        number
    }

    /// Returns the number of the variant with this template.
    fn variant(&mut self, shape: &Shape<'a>, template: Value, first: (usize, usize)) -> usize {
        let management = &shape.management.name;
        let same = |variant: &Variant<'_>| {
            variant.management == management
                && variant.addon.name == shape.addon.name
                && variant.template == template
        };
        self.variants.iter().position(same).unwrap_or_else(|| {
            let name = variant_name(shape.kind.word(), &template);
            self.variants.push(Variant { name, management, addon: shape.addon, template, first });
            self.variants.len() - 1
        })
    }

    fn patches_for(&self, cluster: usize, addon: &Addon, normalized_name: &str) -> Chosen {
        let owners = [&self.patches.fleet, &self.patches.clusters[cluster]];
        let of_addon = self.patches.addons.get(&addon.name);
        if !owners.into_iter().chain(of_addon).any(|owner| owner.touch("Application")) {
            return Chosen::default();
        }
        let name = application_name(addon, normalized_name);
        let matching = |owner: &Patches<'_>| owner.matching("Application", "argoproj.io", &name);
        let own = matching(owners[1]);
        Chosen {
            fleet: matching(owners[0]),
            cluster: (!own.is_empty()).then_some((cluster, own)),
            addon: of_addon.map(matching).unwrap_or_default(),
        }
    }

    fn owners(&self, chosen: &Chosen, addon: &Addon) -> Vec<(&Patches<'a>, Vec<usize>)> {
        let mut owners = vec![(&self.patches.fleet, chosen.fleet.clone())];
        if let Some((cluster, matching)) = &chosen.cluster {
            owners.push((&self.patches.clusters[*cluster], matching.clone()));
        }
        owners.extend(self.patches.addons.get(&addon.name).map(|patches| (patches, chosen.addon.clone())));
        owners
    }
}

/// Returns the folder of an addon's rendered manifests for a cluster, from the management cluster's output.
pub fn manifests_folder(addon: &Name, cluster: &ExpandedCluster<'_>) -> String {
    format!("manifests/{addon}/{}/{}", cluster.cluster.project, cluster.cluster.name)
}

fn source_path(source: &Source) -> &str {
    match source {
        Source::Kustomize { path } | Source::Manifests { path } => path,
        Source::Helm(_) | Source::Eks(_) => "",
    }
}
