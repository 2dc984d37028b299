//! What Argo CD makes of what people write for it, and of what patches may have changed.
//!
//! The Applications of sets that yoshino makes are proven: rendering unfolds them, and the AppProjects beside them are
//! made from the same specs. They are looked at only where a patch is for an Application or an AppProject. What people
//! write themselves is expanded as `preview` does it.

mod selector;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::Value;

use super::emitted::EmittedManagement;
use super::{Specs, place};
use crate::argocd::intake::{Intake, SetDocument};
use crate::argocd::preview::{Made, Preview};
use crate::argocd::{EmittedSet, Permissions, Validation, World, field};
use crate::diagnostic::{Diagnostic, Report};
use crate::emit::Object;
use crate::emit::patch::Patches;
use crate::expand::ExpandedCluster;
use crate::location::Location;
use crate::spec::yaml::{Kind, Node};

pub use selector::Unmatched;

/// What Argo CD makes of one management cluster.
#[derive(Debug, Default)]
pub struct Judged {
    /// What each AppProject permits, by name.
    pub projects: BTreeMap<String, Permissions>,
    /// Every Application that is not proven.
    pub applications: Vec<JudgedApplication>,
    /// Generators of sets by hand that select no cluster.
    pub unmatched: Vec<Unmatched>,
    /// What `preview` says of sets by hand, under its own ids.
    pub said: Report,
    /// What Argo CD reads in its own namespace alone, and lies in another: what it is, where, and the namespace.
    pub elsewhere: Vec<(String, Location, String)>,
}

/// An Application, as far as it is judged.
#[derive(Clone, Debug)]
pub struct JudgedApplication {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its AppProject.
    pub project: String,
    /// Where its manifests come from.
    pub repositories: Vec<String>,
    /// Where they go.
    pub destination: Result<Destination, String>,
    /// Where it is said.
    pub place: Location,
    /// Who makes it: ``the ApplicationSet `x` ``; `None` where it is written itself.
    pub maker: Option<String>,
    /// Whether people write it, or the set that makes it.
    pub is_by_hand: bool,
}

/// A namespace of a cluster that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The cluster's display name.
    pub name: String,
    /// Its server.
    pub server: String,
    /// The namespace.
    pub namespace: String,
}

impl Judged {
    /// Looks at one management cluster.
    pub fn new(specs: &Specs<'_>, management: &EmittedManagement<'_, '_>) -> Self {
        let is_patched = is_patched(specs);
        if management.by_hand.is_empty() && !is_patched {
            return Self::default();
        }
        let mut world = World::new(management.management.argocd.namespace.as_str());
        let secrets = management.clusters.par_iter();
        world.secrets = secrets.map(|(_, secret)| secret.object().into_owned().body).collect();
        let sets = management.by_hand.iter().filter(|(_, object)| object.kind() == "ApplicationSet");
        let mut sets: Vec<SetDocument> =
            sets.map(|(cluster, object)| set_document(cluster, object)).collect();
        sets.sort_by(|one, other| (&one.namespace, &one.name).cmp(&(&other.namespace, &other.name)));
        let intake = Intake { world, sets, notes: Report::default() };
        let mut judged = Self { projects: projects(management), ..Self::default() };
        judged.unmatched = selector::unmatched(&intake.sets, management);
        judged.add_sets(&intake);
        let validation = Validation::new(&intake.world);
        judged.add_by_hand(management, &validation);
        if is_patched {
            judged.add_own(specs, management, &validation);
        }
        judged
    }

    /// Adds the Applications of sets by hand, and what is to be said of these.
    fn add_sets(&mut self, intake: &Intake) {
        // Secrets that nobody can read are an error of their own.
        let Ok(preview) = Preview::new(intake) else { return };
        let validation = &preview.validation;
        let read = |made: &[Made<'_>]| -> Vec<JudgedApplication> {
            made.iter().map(|made| application(made.application, validation)).collect()
        };
        let mut sets = intake.sets.iter();
        let take = |applications: Vec<JudgedApplication>| -> Result<(), ()> {
            let Some(set) = sets.next() else { return Ok(()) };
            let maker = Some(format!("the ApplicationSet `{}`", set.name));
            let of_set = |application| JudgedApplication {
                maker: maker.clone(),
                place: set.location(),
                namespace: set.namespace.clone(),
                is_by_hand: true,
                ..application
            };
            self.applications.extend(applications.into_iter().map(of_set));
            Ok(())
        };
        let said = preview.expand(read, take).unwrap_or_default();
        said.into_iter().for_each(|findings| self.said.extend(findings));
    }

    /// Adds the Applications that people write one by one.
    fn add_by_hand(&mut self, management: &EmittedManagement<'_, '_>, validation: &Validation<'_>) {
        let own = management.management.argocd.namespace.as_str();
        for (cluster, object) in management.by_hand {
            let (namespace, place) = (namespace(cluster, object), place_of(cluster, object));
            if namespace != own {
                let what = format!("{} `{}`", object.kind(), object.name());
                self.elsewhere.push((what, place, namespace.to_owned()));
            }
            if object.kind() == "Application" {
                let application = application(&object.body, validation);
                self.applications.push(JudgedApplication {
                    place,
                    namespace: namespace.to_owned(),
                    is_by_hand: true,
                    ..application
                });
            }
        }
    }

    /// Adds the Applications that yoshino makes, which a patch may have changed.
    fn add_own(
        &mut self,
        specs: &Specs<'_>,
        management: &EmittedManagement<'_, '_>,
        validation: &Validation<'_>,
    ) {
        let addons = specs.catalog.emitted_addons();
        let single = management.applications.iter();
        self.applications.extend(single.map(|object| JudgedApplication {
            place: object.origin.spec,
            ..application(&object.body, validation)
        }));
        // Rendering has compiled them, and made the same of them.
        let sets = management.sets.iter().filter_map(|set| {
            let place = addons.get(set.name()).map(|(_, addon)| place::addon(addon));
            let maker = format!("the addon `{}`", set.name());
            Some((EmittedSet::compile(&reduced(&set.body)).ok()?, place.unwrap_or(set.origin.spec), maker))
        });
        let sets: Vec<_> = sets.collect();
        let of_cluster = |(_, secret): &(_, &super::EmittedSecret<'_>)| {
            let Some(secret) = secret.seen() else { return Vec::new() };
            let made = |(set, place, maker): &(EmittedSet, Location, String)| {
                let applications = set.applications(&secret).unwrap_or_default();
                let judged = applications.iter().map(|made| JudgedApplication {
                    place: *place,
                    maker: Some(maker.clone()),
                    ..application(made, validation)
                });
                judged.collect::<Vec<_>>()
            };
            sets.iter().flat_map(made).collect()
        };
        let own: Vec<Vec<JudgedApplication>> = management.clusters.par_iter().map(of_cluster).collect();
        self.applications.extend(own.into_iter().flatten());
    }

    /// Adds to a report what `preview` says under one of `ids`, as `rule` finds it.
    pub fn report(&self, ids: &[&str], rule: &super::Rule, report: &mut Report) {
        let said = self.said.diagnostics.iter().filter(|said| ids.contains(&said.rule));
        let found = said.map(|said| Diagnostic { rule: rule.id, severity: rule.severity, ..said.clone() });
        report.diagnostics.extend(found);
    }
}

/// Names the first of Applications of one maker, and says how many there are besides.
pub fn by(applications: &[&JudgedApplication]) -> String {
    let Some(first) = applications.first() else { return String::new() };
    let more = match applications.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let maker = first.maker.as_ref().map(|maker| format!(" of {maker}")).unwrap_or_default();
    format!("`{}`{more}{maker}", first.name)
}

/// Returns whether a patch is for what AppProjects permit, or for what they are asked for.
fn is_patched(specs: &Specs<'_>) -> bool {
    let catalog = specs.catalog;
    let touches = |spec: Option<&Node>| {
        let patches = Patches::of_spec(spec);
        patches.touch("Application") || patches.touch("AppProject")
    };
    touches(catalog.fleet.document.get("spec"))
        || specs.addons().any(|addon| touches(addon.document.get("spec")))
        || catalog.clusters.iter().any(|cluster| touches(Some(&cluster.spec)))
}

/// Returns a set whose Applications have nothing but what they are judged by: the rest need not be filled fifty thousand
/// times.
fn reduced(set: &Value) -> Value {
    let mut set = set.clone();
    let generators = set.pointer_mut("/spec/generators").and_then(Value::as_array_mut);
    for generator in generators.into_iter().flatten() {
        generator.pointer_mut("/clusters/template").into_iter().for_each(reduce);
    }
    set.pointer_mut("/spec/template").into_iter().for_each(reduce);
    set
}

fn reduce(template: &mut Value) {
    fn keep(value: Option<&mut Value>, keys: &[&str]) {
        if let Some(map) = value.and_then(Value::as_object_mut) {
            map.retain(|key, _| keys.contains(&key.as_str()));
        }
    }
    keep(template.get_mut("metadata"), &["name"]);
    keep(template.get_mut("spec"), &["project", "destination", "source", "sources"]);
    keep(template.pointer_mut("/spec/source"), &["repoURL"]);
    let sources = template.pointer_mut("/spec/sources").and_then(Value::as_array_mut);
    sources.into_iter().flatten().for_each(|source| keep(Some(source), &["repoURL"]));
}

/// Returns what the projects permit that are there: the tenants', those by hand and `default`.
fn projects(management: &EmittedManagement<'_, '_>) -> BTreeMap<String, Permissions> {
    let own = management.projects.iter().flat_map(|(_, objects)| objects);
    let by_hand = management.by_hand.iter().map(|(_, object)| *object);
    let all = own.chain(by_hand).filter(|object| object.kind() == "AppProject");
    let read = |object: &Object| (object.name().to_owned(), Permissions::read(&object.body));
    std::iter::once(("default".to_owned(), Permissions::everything())).chain(all.map(read)).collect()
}

/// Reads an Application that is written itself, at no place yet.
fn application(body: &Value, validation: &Validation<'_>) -> JudgedApplication {
    let text = |path: &[&str]| field::text(body, path);
    let (name, server) = (text(&["spec", "destination", "name"]), text(&["spec", "destination", "server"]));
    let destination = match validation.destination(name, server) {
        Some((name, server)) => Ok(Destination {
            name: name.to_owned(),
            server: server.to_owned(),
            namespace: text(&["spec", "destination", "namespace"]).to_owned(),
        }),
        None => Err(validation.wrong_destination(name, server).unwrap_or_default()),
    };
    let several = field::at(body, &["spec", "sources"]).as_array();
    let single = field::at(body, &["spec", "source"]);
    let sources = several.filter(|sources| !sources.is_empty()).map(Vec::as_slice);
    let sources = sources.unwrap_or_else(|| std::slice::from_ref(single));
    let repositories = sources.iter().map(|source| field::text(source, &["repoURL"]).to_owned());
    JudgedApplication {
        name: text(&["metadata", "name"]).to_owned(),
        namespace: text(&["metadata", "namespace"]).to_owned(),
        project: Some(text(&["spec", "project"]))
            .filter(|name| !name.is_empty())
            .unwrap_or("default")
            .to_owned(),
        repositories: repositories.filter(|repository| !repository.is_empty()).collect(),
        destination,
        place: Location::start_of(crate::location::FileId(0)),
        maker: None,
        is_by_hand: false,
    }
}

fn set_document(cluster: &ExpandedCluster<'_>, object: &Object) -> SetDocument {
    let namespace = namespace(cluster, object).to_owned();
    let mut body = object.body.clone();
    body["metadata"]["namespace"] = namespace.as_str().into();
    let root = written(cluster, object).cloned().unwrap_or_else(|| Node {
        location: object.origin.template.unwrap_or(object.origin.spec),
        kind: Kind::Map { entries: [].into(), flow: false },
    });
    SetDocument { name: object.name().to_owned(), namespace, body, root }
}

/// Returns an object as its cluster's spec has it; `None` where a template makes it.
fn written<'a>(cluster: &ExpandedCluster<'a>, object: &Object) -> Option<&'a Node> {
    place::items(&cluster.cluster.spec, "objects").iter().find(|node| node.location == object.origin.spec)
}

fn place_of(cluster: &ExpandedCluster<'_>, object: &Object) -> Location {
    let name = written(cluster, object).and_then(|node| node.at("/metadata/name"));
    name.map_or(object.origin.template.unwrap_or(object.origin.spec), |name| name.location)
}

/// Returns the namespace of an object; where it names none, that of the tenant, to which its Application goes.
fn namespace<'o>(cluster: &ExpandedCluster<'o>, object: &'o Object) -> &'o str {
    match field::text(&object.body, &["metadata", "namespace"]) {
        "" => cluster.tenant.name.as_str(),
        namespace => namespace,
    }
}
