//! What the rules over what is emitted see, and who runs them: every object as it would be written, with what made it.
//!
//! Made by `render/` while it renders for `check`: a cluster's objects are looked at and dropped. Nothing here renders.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::judged::Judged;
use super::{Check, Rule, Specs};
use crate::argocd;
use crate::diagnostic::Report;
use crate::emit::cluster_secret::ClusterSecret;
use crate::emit::manifest::ManifestFile;
use crate::emit::{Object, Origin};
use crate::expand::ExpandedCluster;
use crate::location::Location;
use crate::spec::addon::Addon;
use crate::spec::fleet::Management;
use crate::spec::tenant::Tenant;

/// The rules over what is emitted, and the specs that it is emitted from.
#[derive(Debug)]
pub struct EmittedRules<'s, 'a> {
    pub(super) specs: &'s Specs<'a>,
    pub(super) rules: &'s [&'s Rule],
}

/// Returns where the template of an object has a field, or what holds it; `None` where no template made the object.
pub type Locate<'l, Object> = dyn Fn(Object, &[String]) -> Option<Location> + Sync + 'l;

/// What one cluster is emitted as.
pub struct EmittedCluster<'e, 'a> {
    /// The cluster, and what it has.
    pub expanded: &'e ExpandedCluster<'a>,
    /// Its Cluster API objects in the order of its templates, companions last.
    pub objects: &'e [Object],
    /// Its cluster Secret.
    pub secret: &'e EmittedSecret<'e>,
    /// The Application of its folder.
    pub application: &'e Object,
    /// The manifests that are rendered of its addons, in the order of the addons' names; without those that have none.
    pub manifests: &'e [(&'a Addon, Vec<ManifestFile<'a>>)],
    /// Where the template has a field of the object at an index of `objects`: see [`EmittedCluster::place`].
    pub locate: &'e Locate<'e, usize>,
    /// Where the template has a field of an object among `manifests`: the numbers of its addon, its file and its own.
    pub locate_manifest: &'e Locate<'e, [usize; 3]>,
}

/// What a management cluster is emitted as, beside its clusters' own objects.
#[derive(Debug)]
pub struct EmittedManagement<'e, 'a> {
    /// The management cluster.
    pub management: &'a Management,
    /// Its ApplicationSets, in the order of the addons' names.
    pub sets: &'e [Object],
    /// The namespace, quota and AppProjects of each of its tenants, in the order of the tenants' names.
    pub projects: &'e [(&'e Tenant, Vec<Object>)],
    /// The root Application, and those of projects and sets.
    pub applications: &'e [Object],
    /// Its clusters, by project and name, each with its cluster Secret.
    pub clusters: &'e [(&'e ExpandedCluster<'a>, &'e EmittedSecret<'e>)],
    /// The Applications, ApplicationSets and AppProjects that people write: of clusters' own objects and of the manifests
    /// rendered of addons on the management cluster, each with its cluster.
    pub by_hand: &'e [(&'e ExpandedCluster<'a>, &'e Object)],
    /// What Argo CD makes of it all, once a rule asks.
    pub judged: OnceLock<Judged>,
}

/// A cluster Secret as it is written.
#[derive(Debug)]
pub enum EmittedSecret<'e> {
    /// In pieces, as it is made.
    Made(ClusterSecret<'e>),
    /// As patches left it.
    Patched(Object),
}

impl<'s, 'a> EmittedRules<'s, 'a> {
    /// Takes those of `rules` that look at what is emitted.
    pub fn new(specs: &'s Specs<'a>, rules: &'s [&'s Rule]) -> Self {
        Self { specs, rules }
    }

    /// Returns what the rules find in a cluster.
    pub fn cluster(&self, cluster: &EmittedCluster<'_, '_>) -> Report {
        let mut report = Report::default();
        for rule in self.rules {
            match rule.check {
                Check::Cluster(check) => check(self.specs, cluster, &mut report),
                Check::Specs(_)
                | Check::World(_)
                | Check::Manifest(_)
                | Check::Management(_)
                | Check::Object(_) => {}
            }
        }
        self.manifests_of_cluster(cluster, &mut report);
        self.objects_of_cluster(cluster, &mut report);
        report
    }

    /// Returns what the rules find in a management cluster.
    pub fn management(&self, management: &EmittedManagement<'_, '_>) -> Report {
        let mut report = Report::default();
        for rule in self.rules {
            match rule.check {
                Check::Management(check) => check(self.specs, management, &mut report),
                Check::Specs(_)
                | Check::World(_)
                | Check::Manifest(_)
                | Check::Cluster(_)
                | Check::Object(_) => {}
            }
        }
        self.objects_of_management(management, &mut report);
        report
    }
}

impl EmittedRules<'_, '_> {
    /// Looks at what is rendered of addons' own manifests. To find where an object stands is to fill its template once more,
    /// so that is done once for all rules.
    fn manifests_of_cluster(&self, cluster: &EmittedCluster<'_, '_>, report: &mut Report) {
        let checks = self.rules.iter().filter_map(|rule| match rule.check {
            Check::Manifest(check) => Some(check),
            Check::Specs(_)
            | Check::World(_)
            | Check::Cluster(_)
            | Check::Management(_)
            | Check::Object(_) => None,
        });
        let checks: Vec<_> = checks.collect();
        if checks.is_empty() {
            return;
        }
        let own = self.specs.own_manifests();
        for manifest in own.rendered(cluster) {
            checks.iter().for_each(|check| check(&manifest, &own.apis, report));
        }
    }
}

impl EmittedManagement<'_, '_> {
    /// Returns what Argo CD makes of what people write, and of what patches may have changed.
    pub fn judged(&self, specs: &Specs<'_>) -> &Judged {
        self.judged.get_or_init(|| Judged::new(specs, self))
    }
}

impl EmittedCluster<'_, '_> {
    /// Returns where a field of the object at `index` of `objects` is said, or what holds it: in its template, or, for
    /// what no template makes, the spec it is for. `steps` are keys of maps and numbers of items.
    ///
    /// This fills the template once more: it is for findings alone.
    pub fn place(&self, index: usize, steps: &[String]) -> Location {
        let Origin { spec, template } = self.objects[index].origin;
        (self.locate)(index, steps).or(template).unwrap_or(spec)
    }
}

impl EmittedSecret<'_> {
    /// Returns the Secret as Argo CD's cluster generator sees it; `None` where a patch made it none.
    pub fn seen(&self) -> Option<argocd::ClusterSecret<'_>> {
        match self {
            Self::Made(secret) => Some(argocd::ClusterSecret::emitted(secret)),
            Self::Patched(object) => argocd::ClusterSecret::read(&object.body).ok().flatten(),
        }
    }

    /// Returns the Secret as an object.
    pub fn object(&self) -> Cow<'_, Object> {
        match self {
            Self::Made(secret) => Cow::Owned(secret.object()),
            Self::Patched(object) => Cow::Borrowed(object),
        }
    }
}
