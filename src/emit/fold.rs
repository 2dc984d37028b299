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
use crate::location::Location;
use crate::spec::addon::{Addon, Source};
use crate::spec::name::Name;
use crate::spec::release::Release;
use crate::spec::version::Minor;

/// The variants of every addon on every management cluster, and which cluster has which.
#[derive(Debug)]
pub struct Fold<'a> {
    /// What was folded.
    pub expansion: &'a Expansion<'a>,
    /// The patches of every owner.
    pub patches: &'a AllPatches<'a>,
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

/// Clusters of one management cluster, release and minor, whose Application of one addon the same patches are for.
#[derive(Debug)]
struct Group<'a> {
    shape: Option<Shape<'a>>,
    source: &'a Source,
    variant: usize,
    /// The first cluster of the group, whose patches stand for those of all.
    first: usize,
    patches: Chosen,
}

/// The patches for an Application, as indices: the fleet's, the cluster's, the addon's.
#[derive(Debug, Default)]
struct Chosen {
    fleet: Vec<usize>,
    cluster: Vec<usize>,
    /// Where the cluster's stand: clusters that take the same ones from their defaults belong together.
    places: Vec<Location>,
    addon: Vec<usize>,
}

/// The groups that are known already: by where their clusters stand, addon, and the patches for the Application.
#[derive(Default)]
struct Known<'a> {
    unpatched: BTreeMap<Place<'a>, BTreeMap<&'a str, u32>>,
    patched: BTreeMap<(Place<'a>, &'a str, PatchKey), u32>,
}

/// Where clusters stand that may share Applications: the management cluster, the release, the minor.
type Place<'a> = (&'a Name, Option<&'a Release>, Minor);
type PatchKey = (Vec<usize>, Vec<Location>, Vec<usize>);

/// The kind that patches are looked for.
const APPLICATION: &str = "Application";

impl Chosen {
    fn key(&self) -> PatchKey {
        (self.fleet.clone(), self.places.clone(), self.addon.clone())
    }
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
        let mut known = Known::default();
        let on_all = patches.fleet.touch(APPLICATION) || patches.addons_touch(APPLICATION);
        for index in 0..expansion.clusters.len() {
            let chosen = if on_all || patches.clusters[index].touch(APPLICATION) {
                fold.choose_patched(index, &mut known, &mut report)
            } else {
                fold.choose(index, &mut known, &mut report)
            };
            fold.chosen.push(chosen);
        }
        report.or(fold)
    }

    /// Returns the groups of a cluster's addons where no patch is for an Application.
    fn choose(&mut self, index: usize, known: &mut Known<'a>, report: &mut Report) -> Vec<u32> {
        let cluster = &self.expansion.clusters[index];
        let of_addons = known.unpatched.entry(place_of(cluster)).or_default();
        let mut chosen = Vec::with_capacity(cluster.addons.len());
        for (position, installed) in cluster.addons.iter().enumerate() {
            let group = *of_addons
                .entry(installed.addon.name.as_str())
                .or_insert_with(|| self.add_group((index, position), Chosen::default(), report));
            chosen.push(group);
        }
        chosen
    }

    /// Returns the groups of a cluster's addons, by the patches that are for their Applications.
    fn choose_patched(&mut self, index: usize, known: &mut Known<'a>, report: &mut Report) -> Vec<u32> {
        let cluster = &self.expansion.clusters[index];
        let look_ups = ClusterLookUps::new(&self.expansion.catalog.fleet, cluster);
        let mut chosen = Vec::with_capacity(cluster.addons.len());
        for (position, installed) in cluster.addons.iter().enumerate() {
            let patches = self.patches_for(index, installed.addon, look_ups.normalized_name());
            let key = (place_of(cluster), installed.addon.name.as_str(), patches.key());
            let group = *known
                .patched
                .entry(key)
                .or_insert_with(|| self.add_group((index, position), patches, report));
            chosen.push(group);
        }
        chosen
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

    /// Returns the Application of the addon at `position` of the cluster at `index`, as it must come out of the set;
    /// `None` where AWS manages the addon.
    ///
    /// # Errors
    /// Reports patches that cannot be applied.
    pub fn application(&self, index: usize, position: usize) -> Result<Option<Value>, Report> {
        let cluster = &self.expansion.clusters[index];
        let group = &self.groups[self.chosen[index][position] as usize];
        let folded = self.addons(index).nth(position);
        let Some((shape, folded)) = group.shape.as_ref().zip(folded) else { return Ok(None) };
        let look_ups = ClusterLookUps::new(&self.expansion.catalog.fleet, cluster);
        let owners = self.owners(group, folded.installed.addon);
        let patches = OwnPatches { owners: &owners };
        literal(shape, patches, &look_ups, &self.look_ups(cluster, folded)).map(Some)
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
        let kind = source_kind(&cluster.content.files, source);
        let (addon, management, fleet) = (installed.addon, cluster.management, &expansion.catalog.fleet);
        let shape = kind.map(|kind| Shape { kind, source, addon, management, fleet });
        let mut group = Group { shape, source, variant: 0, first: first.0, patches };
        if let Some(shape) = &group.shape {
            let owners = self.owners(&group, addon);
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
        let (management, addon) = (&shape.management.name, shape.addon);
        let name = variant_name(shape.kind.word(), &template);
        let same = |variant: &Variant<'_>| {
            variant.name == name
                && variant.management == management
                && variant.addon.name == addon.name
                && variant.template == template
        };
        self.variants.iter().position(same).unwrap_or_else(|| {
            self.variants.push(Variant { name, management, addon, template, first });
            self.variants.len() - 1
        })
    }

    fn patches_for(&self, index: usize, addon: &Addon, normalized_name: &str) -> Chosen {
        let name = application_name(addon, normalized_name);
        let matching = |owner: &Patches| owner.matching(APPLICATION, "argoproj.io", &name);
        let of_cluster = &self.patches.clusters[index];
        let cluster = matching(of_cluster);
        Chosen {
            fleet: matching(&self.patches.fleet),
            places: of_cluster.places(&cluster),
            cluster,
            addon: self
                .patches
                .of_addon(self.expansion.clusters[index].content, &addon.name)
                .map(matching)
                .unwrap_or_default(),
        }
    }

    /// Returns the owners of patches for a group's Applications, each with the indices of its patches.
    fn owners<'f>(&'f self, group: &Group<'_>, addon: &'a Addon) -> Vec<(&'f Patches, Vec<usize>)> {
        let Chosen { fleet, cluster, addon: own, .. } = &group.patches;
        let mut owners = vec![(&self.patches.fleet, fleet.clone())];
        owners.push((&self.patches.clusters[group.first], cluster.clone()));
        let content = self.expansion.clusters[group.first].content;
        owners.extend(self.patches.of_addon(content, &addon.name).map(|patches| (patches, own.clone())));
        owners
    }
}

fn place_of<'a>(cluster: &ExpandedCluster<'a>) -> Place<'a> {
    (&cluster.management.name, cluster.cluster.release.as_ref(), cluster.cluster.minor())
}

/// Returns the folder of an addon's rendered manifests for a cluster, from the management cluster's output.
pub fn manifests_folder(addon: &Name, cluster: &ExpandedCluster<'_>) -> String {
    format!("manifests/{addon}/{}/{}", cluster.cluster.project, cluster.cluster.name)
}

fn source_path(source: &Source) -> &str {
    match source {
        Source::Kustomize { path } | Source::Manifests { path } => path,
        Source::Helm(_) | Source::Eks(_) | Source::Access => "",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{Emitted, catalog, emit};
    use super::*;

    fn emitted(changes: &[(&str, &str)]) -> Result<Emitted, Report> {
        emit(&catalog(changes).0)
    }

    fn source_label(emitted: &Emitted, cluster: &str, addon: &str) -> String {
        let label = format!("addons.ake.example.com/{addon}.source");
        emitted.secrets[cluster]["metadata"]["labels"][label].as_str().unwrap_or_default().to_owned()
    }

    fn addon(name: &str, spec: &str) -> (String, String) {
        let text = format!(
            "{{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {{name: {name}}}, spec: {spec}}}"
        );
        (format!("addons/{name}/addon.yaml"), text)
    }

    fn cluster(name: &str, rest: &str) -> (String, String) {
        let text = format!(
            "{{apiVersion: yoshino.dev/v1alpha1, kind: Cluster, metadata: {{name: {name}}}, spec: {{project: blue, provider: metal, {rest}}}}}"
        );
        (format!("clusters/{name}.yaml"), text)
    }

    /// Frozen: another name would hold every Application back until Secret and set agree again. Add, never change.
    #[test]
    fn the_names_of_variants_are_recorded() -> Result<(), Report> {
        let emitted = emitted(&[])?;
        for (addon, expected) in [
            ("charts", "helm-b34c3019"),
            ("registry", "oci-ccdfb14a"),
            ("overlay", "kustomize-e0505bfc"),
            ("plain", "manifests-f0bdb618"),
            ("filled", "rendered-5261f967"),
            ("managed", ""),
        ] {
            assert_eq!(source_label(&emitted, "blue/web", addon), expected, "{addon}");
        }
        Ok(())
    }

    #[test]
    fn what_is_looked_up_makes_no_variant_and_anything_else_does() -> Result<(), Report> {
        let (path, text) = addon(
            "charts",
            "{namespace: charts, enable: {default: true}, source: {helm: {repository: https://charts.example.com, chart: web, version: 1.0.0}}, perMinor: [{kubernetes: '1.34', source: {helm: {chart: old-web, version: 0.9.0}}}]}",
        );
        let (newer_path, newer) = cluster(
            "newer",
            "kubernetes: v1.35.1, management: east, addons: {charts: {version: 1.1.0, values: {replicas: 3}}}",
        );
        let (older_path, older) = cluster("older", "kubernetes: v1.34.1");
        let emitted = emitted(&[(&path, &text), (&newer_path, &newer), (&older_path, &older)])?;

        let of = |cluster: &str| source_label(&emitted, cluster, "charts");
        assert_eq!(of("blue/web"), of("blue/newer"));
        assert_ne!(of("blue/web"), of("blue/older"));
        let set = &emitted.sets["east/charts"];
        assert_eq!(set["spec"]["generators"].as_array().map(Vec::len), Some(3));
        let annotations = &emitted.secrets["blue/newer"]["metadata"]["annotations"];
        assert_eq!(annotations["addons.ake.example.com/charts.version"], json!("1.1.0"));
        assert_eq!(annotations["addons.ake.example.com/charts.values"], json!("clusters/blue/newer.yaml"));
        Ok(())
    }

    #[test]
    fn a_patch_on_an_application_makes_a_variant_of_its_own() -> Result<(), Report> {
        let (path, text) = cluster(
            "other",
            "kubernetes: v1.35.1, patches: [{target: {kind: Application, name: 'charts-*'}, merge: {spec: {info: [{name: owner, value: blue}]}}}]",
        );
        let emitted = emitted(&[(&path, &text)])?;

        let of = |cluster: &str| source_label(&emitted, cluster, "charts");
        assert_ne!(of("blue/web"), of("blue/other"));
        assert_eq!(emitted.applications["east/charts-blue-other"]["spec"]["info"][0]["value"], json!("blue"));
        assert_eq!(emitted.applications["east/charts-blue-web"]["spec"].get("info"), None);
        Ok(())
    }

    #[test]
    fn clusters_that_take_a_patch_from_the_same_defaults_share_a_variant() -> Result<(), Report> {
        let defaults = "{apiVersion: yoshino.dev/v1alpha1, kind: ClusterDefaults, spec: {patches: [{target: {kind: Application, name: 'charts-*'}, merge: {spec: {revisionHistoryLimit: 3}}}]}}";
        let (path, text) = cluster("other", "kubernetes: v1.35.1");
        let patched = emitted(&[("clusters/_defaults.yaml", defaults), (&path, &text)])?;

        let of = |cluster: &str| source_label(&patched, cluster, "charts");
        assert_eq!(of("blue/web"), of("blue/other"));
        assert_ne!(of("blue/web"), source_label(&emitted(&[])?, "blue/web", "charts"));
        assert_eq!(source_label(&patched, "blue/web", "plain"), "manifests-f0bdb618");
        Ok(())
    }

    #[test]
    fn a_patch_that_renames_an_application_is_refused() {
        let (path, text) = addon(
            "charts",
            "{namespace: charts, enable: {default: true}, source: {helm: {repository: https://charts.example.com, chart: web, version: 1.0.0}}, patches: [{target: {kind: Application}, merge: {metadata: {name: mine}}}]}",
        );
        let report = emitted(&[(&path, &text)]).expect_err("because the name changes");
        assert_eq!(report.diagnostics[0].rule, "patch-refused");
    }

    #[test]
    fn braces_that_argo_cd_would_fill_in_are_refused_where_they_stand() {
        for spec in [
            "source: {helm: {repository: https://charts.example.com, chart: 'web-{{name}}', version: 1.0.0}}",
            "sync: {options: ['A={{name}}']}, source: {helm: {repository: https://charts.example.com, chart: web, version: 1.0.0}}",
            "source: {helm: {repository: https://charts.example.com, chart: 'web}}', version: 1.0.0}}",
            "source: {helm: {repository: https://charts.example.com, chart: web, version: 1.0.0}}, patches: [{target: {kind: Application}, merge: {metadata: {annotations: {'{{name}}': x}}}}]",
        ] {
            let spec = format!("{{namespace: charts, enable: {{default: true}}, {spec}}}");
            let (path, text) = addon("charts", &spec);
            let (catalog, sources) = catalog(&[(&path, &text)]);
            let report = emit(&catalog).expect_err("because there are braces");
            let found = &report.diagnostics[0];
            assert_eq!(found.rule, "template-braces", "{spec}");
            let location = found.location.expect("because they stand in a file");
            let place = &sources.get(location.file).bytes[location.start as usize..location.end as usize];
            assert!(String::from_utf8_lossy(place).contains("}}") || spec.contains("patches"), "{spec}");
        }
        let (path, text) = addon(
            "charts",
            "{namespace: charts, enable: {default: true}, source: {helm: {repository: https://charts.example.com, chart: web, version: '{{name}}'}}}",
        );
        assert!(emitted(&[(&path, &text)]).is_ok(), "what is looked up is never evaluated");
    }
}
