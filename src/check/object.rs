//! Every object that is emitted, one at a time, and where its fields are said.

use rayon::prelude::*;

use super::{Check, EmittedCluster, EmittedManagement, EmittedRules, EmittedSecret, folder, place};
use crate::diagnostic::Report;
use crate::emit::manifest::FileContent;
use crate::emit::{Object, Origin};
use crate::location::Location;
use crate::spec::Content;
use crate::spec::addon::Source;
use crate::spec::yaml::{Node, Options, parse};
use crate::tree::RepoPath;

/// One object as it is written.
pub struct EmittedObject<'e> {
    /// The object.
    pub object: &'e Object,
    /// Where a field of it is said, or what holds it: see [`EmittedObject::place`].
    place: &'e dyn Fn(&[String]) -> Location,
    /// The lists of patches that were applied to it, the last one last.
    patches: &'e [Option<&'e Node>],
    /// Where a cluster says its name, and that the object is rendered for it; `None` where it is for nobody alone.
    pub whose: Option<(Location, String)>,
}

impl EmittedObject<'_> {
    /// Returns where a field is said, or what holds it: in the template, or, for what no template makes, in the spec or the
    /// addon's own file. `steps` are keys of maps and numbers of items. It is for findings alone.
    pub fn place(&self, steps: &[String]) -> Location {
        (self.place)(steps)
    }

    /// Returns where a patch says what stands at `steps`; `None` where none does.
    pub fn patch_place(&self, steps: &[String]) -> Option<Location> {
        let patches = self
            .patches
            .iter()
            .rev()
            .flatten()
            .flat_map(|list| list.items().unwrap_or_default().iter().rev());
        let own = patches
            .filter(|patch| patch.at("/target/kind").and_then(Node::as_str) == Some(self.object.kind()));
        own.filter_map(|patch| said_by(patch, steps)).next()
    }
}

/// Returns where a patch says what stands at `steps`, with its merge or one of its operations.
fn said_by(patch: &Node, steps: &[String]) -> Option<Location> {
    let merged = patch.get("merge").and_then(|merge| place::exactly(merge, steps));
    merged.or_else(|| {
        let operations = patch.get("json").and_then(Node::items)?.iter().rev();
        operations
            .filter_map(|operation| {
                let path = operation.get("path")?.as_str()?.strip_prefix('/')?;
                let own: Vec<String> =
                    path.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
                let rest = steps.strip_prefix(own.as_slice())?;
                place::exactly(operation.get("value")?, rest)
            })
            .next()
    })
}

/// The rules over single objects.
#[derive(Clone, Copy)]
struct Looking<'r, 's, 'a>(&'r EmittedRules<'s, 'a>);

impl EmittedRules<'_, '_> {
    /// Returns whether any rule looks at single objects.
    fn look_at_objects(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.check, Check::Object(_)))
    }

    fn of_fleet(&self) -> Option<&Node> {
        self.specs.catalog.fleet.document.at("/spec/patches")
    }

    /// Returns what the rules over single objects find in those of a cluster.
    pub(super) fn objects_of_cluster(&self, cluster: &EmittedCluster<'_, '_>, report: &mut Report) {
        if !self.look_at_objects() {
            return;
        }
        let looking = Looking(self);
        let own = place::cluster(cluster.expanded.cluster);
        let patches = [self.of_fleet(), cluster.expanded.cluster.spec.get("patches")];
        let whose = (own, format!("rendered for `{}`", cluster.expanded.cluster.identity()));
        for (index, object) in cluster.objects.iter().enumerate() {
            looking.at(object, &|steps| cluster.place(index, steps), &patches, (Some(whose.clone()), report));
        }
        looking.at(cluster.application, &|_| own, &patches, (None, report));
        match cluster.secret {
            // It is made of texts alone.
            EmittedSecret::Made(_) => {}
            EmittedSecret::Patched(secret) => looking.at(secret, &|_| own, &patches, (None, report)),
        }
        for (number, (addon, files)) in cluster.manifests.iter().enumerate() {
            let patches = [patches[0], patches[1], addon.document.at("/spec/patches")];
            for (file, manifest) in files.iter().enumerate() {
                let FileContent::Objects(objects) = &manifest.content else { continue };
                for (index, object) in objects.iter().enumerate() {
                    let Origin { spec, template } = object.origin;
                    let locate = |steps: &[String]| {
                        (cluster.locate_manifest)([number, file, index], steps).or(template).unwrap_or(spec)
                    };
                    looking.at(object, &locate, &patches, (Some(whose.clone()), report));
                }
            }
        }
    }

    /// Returns what the rules over single objects find in those of a management cluster.
    pub(super) fn objects_of_management(&self, management: &EmittedManagement<'_, '_>, report: &mut Report) {
        if !self.look_at_objects() {
            return;
        }
        let looking = Looking(self);
        let catalog = self.specs.catalog;
        let addons = catalog.emitted_addons();
        for set in management.sets {
            let addon = addons.get(set.name()).map(|(_, addon)| addon);
            let own = addon.map_or(set.origin.spec, |addon| place::addon(addon));
            let patches = [self.of_fleet(), addon.and_then(|addon| addon.document.at("/spec/patches"))];
            looking.at(set, &|_| own, &patches, (None, report));
        }
        let patches = [self.of_fleet()];
        for (tenant, objects) in management.projects {
            let own = place::tenant(tenant);
            objects.iter().for_each(|object| looking.at(object, &|_| own, &patches, (None, report)));
        }
        let own = place::name_of(&catalog.fleet.document);
        management
            .applications
            .iter()
            .for_each(|object| looking.at(object, &|_| own, &patches, (None, report)));
    }

    /// Returns what the rules over single objects find in the plain manifests of addons, which Argo CD reads as they are.
    pub fn plain_manifests(&self) -> Report {
        let mut report = Report::default();
        if self.look_at_objects() {
            let files: Vec<_> =
                self.specs.catalog.contents().flat_map(|content| self.plain_files(content)).collect();
            let found = |(content, path): &(&Content, RepoPath)| self.plain_file(content, path);
            files
                .par_iter()
                .map(found)
                .collect::<Vec<_>>()
                .into_iter()
                .for_each(|found| report.extend(found));
        }
        report
    }

    fn plain_files<'c>(&self, content: &'c Content) -> Vec<(&'c Content, RepoPath)> {
        let mut files: Vec<RepoPath> = Vec::new();
        for addon in content.addons.values() {
            for minor in &self.specs.catalog.fleet.spec.minors {
                let Ok(Source::Manifests { path }) = addon.source(*minor) else { continue };
                files.extend(folder::content(&content.files, &path).plain_manifests().cloned());
            }
        }
        files.sort_unstable();
        files.dedup();
        files.into_iter().map(|file| (content, file)).collect()
    }

    fn plain_file(&self, content: &Content, path: &RepoPath) -> Report {
        let mut report = Report::default();
        let file = self.specs.sources.find_named(&content.source_name(path));
        let Some((file, bytes)) = file.zip(content.files.0.get(path)) else { return report };
        for document in parse(file, bytes, Options::FOREIGN).unwrap_or_default() {
            let items = document.root.get("items").and_then(Node::items);
            match document.root.get("kind").and_then(Node::as_str) {
                Some("List") => {
                    items.unwrap_or_default().iter().for_each(|item| self.plain(item, &mut report))
                }
                _ => self.plain(&document.root, &mut report),
            }
        }
        report
    }

    fn plain(&self, node: &Node, report: &mut Report) {
        let object = Object { body: node.to_json(), origin: Origin { spec: node.location, template: None } };
        Looking(self).at(&object, &|steps| place::within(node, steps), &[], (None, report));
    }
}

impl Looking<'_, '_, '_> {
    fn at(
        self,
        object: &Object,
        place: &dyn Fn(&[String]) -> Location,
        patches: &[Option<&Node>],
        (whose, report): (Option<(Location, String)>, &mut Report),
    ) {
        let emitted = EmittedObject { object, place, patches, whose };
        for rule in self.0.rules {
            match rule.check {
                Check::Object(check) => check(self.0.specs, &emitted, report),
                Check::Specs(_)
                | Check::World(_)
                | Check::Manifest(_)
                | Check::Cluster(_)
                | Check::Management(_) => {}
            }
        }
    }
}
