//! The files of one cluster.

use super::{Shared, Sink, compile_templates, output_path, templates_of, write_file, write_values};
use crate::argocd::ClusterSecret;
use crate::check::{EmittedCluster, EmittedRules, EmittedSecret, place};
use crate::diagnostic::Report;
use crate::emit::cluster_api::cluster_objects;
use crate::emit::cluster_secret::comments;
use crate::emit::layout::{write_header, write_objects};
use crate::emit::manifest::{FileContent, ManifestFile};
use crate::emit::patch::AllPatches;
use crate::emit::root::cluster_application;
use crate::emit::template::{Shapes, Template, Value};
use crate::emit::values::{AddonValues, ValuesFile};
use crate::emit::variables::{Variables, place_of, with_addon};
use crate::emit::yaml::write_document_with_comments;
use crate::emit::{Object, Origin};
use crate::error::Failure;
use crate::expand::{ExpandedCluster, Expansion};
use crate::location::{Location, Sources};
use crate::spec::addon::{Addon, Placement};
use crate::spec::yaml::Node;

/// What a cluster is emitted as, beside its Secret.
struct Made<'s, 'a> {
    variables: Value,
    objects: Vec<Object>,
    application: Object,
    values: Vec<ValuesFile<'a>>,
    manifests: Vec<(&'s Addon, Vec<ManifestFile<'s>>)>,
}

/// Makes the files of the cluster at `index` among the expansion's, and gives them to the sink.
pub(super) fn render(shared: &Shared<'_, '_>, index: usize, sink: &Sink<'_>) -> Result<(), Failure> {
    let expanded = &shared.fold.expansion.clusters[index];
    let (management, source) = (&expanded.management.name, &expanded.cluster.path);
    let identity = expanded.cluster.identity();

    let made = made(shared, index)?;
    write_file(sink, &format!("{management}/clusters/{identity}/cluster.yaml"), source, &made.objects)?;
    render_secret(shared, index, sink)?;
    let secret_name = expanded.cluster.secret_name();
    write_file(sink, &format!("{management}/apps/{secret_name}.yaml"), source, &[made.application])?;
    for file in &made.values {
        write_values(sink, management, source, file)?;
    }
    write_manifests(expanded, &made.manifests, sink)
}

/// What is left of a cluster that was looked at.
pub(super) struct Examined<'s> {
    pub(super) secret: EmittedSecret<'s>,
    /// What people write for Argo CD beside it.
    pub(super) by_hand: Vec<Object>,
    /// What `rules` find.
    pub(super) found: Report,
}

/// Makes what the cluster at `index` is emitted as without writing it.
pub(super) fn examine<'s>(
    shared: &'s Shared<'_, '_>,
    index: usize,
    rules: Option<&EmittedRules<'_, '_>>,
) -> Result<Examined<'s>, Failure> {
    let expanded = &shared.fold.expansion.clusters[index];
    let made = made(shared, index)?;
    let secret = secret(shared, index)?;
    let locate = |object: usize, steps: &[String]| {
        let origin = |object: &Object| object.origin.template.map(|template| template.file);
        let Some(file) = origin(&made.objects[object]) else {
            return in_companion(expanded, made.objects[object].origin.spec, steps);
        };
        let template =
            templates_of(&shared.templates, expanded).iter().find(|template| template.file() == file)?;
        let number = made.objects[..object].iter().filter(|other| origin(other) == Some(file)).count();
        template.locate(&made.variables, number, steps)
    };
    let locate_manifest = |[addon, file, object]: [usize; 3], steps: &[String]| {
        let (addon, files) = &made.manifests[addon];
        let FileContent::Objects(objects) = &files[file].content else { return None };
        let template = objects[object].origin.template?;
        let folded = shared.fold.addons(index).find(|folded| folded.installed.addon.name == addon.name)?;
        let variables = with_addon(&made.variables, addon, folded.installed.version(folded.source));
        shared.manifests.locate(template.file, &variables, object, steps)
    };
    let report = rules.map(|rules| {
        rules.cluster(&EmittedCluster {
            expanded,
            objects: &made.objects,
            secret: &secret,
            application: &made.application,
            manifests: &made.manifests,
            locate: &locate,
            locate_manifest: &locate_manifest,
        })
    });
    let by_hand = if rules.is_some() { by_hand(made) } else { Vec::new() };
    Ok(Examined { secret, by_hand, found: report.unwrap_or_default() })
}

/// Returns what of a cluster's own objects, and of its addons' on the management cluster, Argo CD reads.
fn by_hand(made: Made<'_, '_>) -> Vec<Object> {
    let on_management =
        made.manifests.into_iter().filter(|(addon, _)| addon.spec.placement == Placement::Management);
    let files = on_management.flat_map(|(_, files)| files);
    let manifests = files.flat_map(|file| match file.content {
        FileContent::Objects(objects) => objects,
        FileContent::Text(_) => Vec::new(),
    });
    let is_read = |object: &Object| {
        object.group() == "argoproj.io"
            && ["Application", "ApplicationSet", "AppProject"].contains(&object.kind())
    };
    made.objects.into_iter().chain(manifests).filter(is_read).collect()
}

/// Returns where the companion object that stands at `spec` has what `steps` lead to, or what holds it.
fn in_companion(expanded: &ExpandedCluster<'_>, spec: Location, steps: &[String]) -> Option<Location> {
    let companions = expanded.cluster.spec.get("objects").and_then(Node::items)?;
    let companion = companions.iter().find(|companion| companion.location == spec)?;
    Some(place::within(companion, steps))
}

fn made<'s, 'a>(shared: &Shared<'s, 'a>, index: usize) -> Result<Made<'s, 'a>, Failure> {
    let expansion = shared.fold.expansion;
    let expanded = &expansion.clusters[index];
    let patches = shared.patches.on_cluster(index);
    let variables = shared.variables.of_cluster(expansion, expanded, &|expanded, addon, variables| {
        shared.values.of_eks_addon(expanded, addon, variables)
    })?;
    let objects = cluster_objects(expanded, filled(shared, expanded, &variables)?, &patches)?;
    let application = cluster_application(&shared.catalog.fleet, expanded, &objects, &patches)?;
    let values = shared.values.of_cluster(expanded, &variables)?;
    let manifests = shared.manifests.of_cluster(shared.fold, index, &variables)?;
    Ok(Made { variables, objects, application, values, manifests })
}

/// Makes the cluster Secret of the cluster at `index` among the expansion's alone.
pub(super) fn render_secret(shared: &Shared<'_, '_>, index: usize, sink: &Sink<'_>) -> Result<(), Failure> {
    let expanded = &shared.fold.expansion.clusters[index];
    let (management, identity) = (&expanded.management.name, expanded.cluster.identity());
    let mut text = String::new();
    write_header(&mut text, &expanded.cluster.path);
    match secret(shared, index)? {
        EmittedSecret::Made(secret) => secret.write(&mut text),
        EmittedSecret::Patched(object) => {
            write_document_with_comments(&mut text, &object.body, &comments(&object));
        }
    }
    let path = format!("{management}/clusters/{identity}/argocd-cluster.yaml");
    Ok(sink(&output_path(&path), text.as_bytes())?)
}

/// Returns the cluster Secret, once it is certain what Argo CD makes of it.
fn secret<'s>(shared: &'s Shared<'_, '_>, index: usize) -> Result<EmittedSecret<'s>, Report> {
    let expanded = &shared.fold.expansion.clusters[index];
    let patches = shared.patches.on_cluster(index);
    let unfolding = shared.unfoldings.get(&expanded.management.name);
    let secret = shared.secrets.of_cluster(index);
    if !patches.iter().any(|owner| owner.touch("Secret")) {
        if let Some(unfolding) = unfolding {
            unfolding.check(index, &ClusterSecret::emitted(&secret))?;
        }
        return Ok(EmittedSecret::Made(secret));
    }
    let mut object = secret.object();
    for owner in patches {
        owner.apply(&mut object)?;
    }
    if let Some(unfolding) = unfolding {
        unfolding.check_object(index, &object.body)?;
    }
    Ok(EmittedSecret::Patched(object))
}

/// Writes the manifests and Secrets of a cluster's addons.
fn write_manifests(
    expanded: &ExpandedCluster<'_>,
    manifests: &[(&Addon, Vec<ManifestFile<'_>>)],
    sink: &Sink<'_>,
) -> Result<(), Failure> {
    for (addon, files) in manifests {
        let (management, identity) = (&expanded.management.name, expanded.cluster.identity());
        let folder = format!("{management}/manifests/{}/{identity}", addon.name);
        for file in files {
            let mut text = String::new();
            let source = &file.source;
            match &file.content {
                FileContent::Objects(objects) => write_objects(&mut text, source, objects),
                FileContent::Text(plain) => {
                    write_header(&mut text, source);
                    text.push_str(plain);
                }
            }
            sink(&output_path(&format!("{folder}/{}", file.path)), text.as_bytes())?;
        }
    }
    Ok(())
}

/// A Cluster API object of a cluster, and which part of which template it is made from.
#[derive(Debug)]
pub struct MadeObject {
    /// The object as it is written.
    pub object: Object,
    /// Where its template has the field that was asked for, or what holds it; `None` for companions.
    pub place: Option<Location>,
}

/// Returns the Cluster API objects of the cluster at `index` among the expansion's, with their places in the templates.
///
/// `steps` says for which field that is, as keys of maps and numbers of items; `None` for objects whose place nobody
/// asks for.
///
/// # Errors
/// Those of rendering the cluster.
pub fn objects_of(
    expansion: &Expansion<'_>,
    sources: &Sources,
    index: usize,
    steps: &dyn Fn(&Object) -> Option<Vec<String>>,
) -> Result<Vec<MadeObject>, Report> {
    let catalog = expansion.catalog;
    let expanded = &expansion.clusters[index];
    let (patches, values) = (AllPatches::new(expansion), AddonValues::new(expansion)?);
    let variables =
        Variables::new(expansion).of_cluster(expansion, expanded, &|expanded, addon, variables| {
            values.of_eks_addon(expanded, addon, variables)
        })?;
    let templates = compile_templates(catalog, sources)?;
    let templates = templates_of(&templates, expanded);
    let (mut filled, mut makers) = (Vec::new(), Vec::new());
    for template in templates {
        let own = fill(std::slice::from_ref(template), expanded, &variables, &Shapes::default())?;
        makers.extend((0..own.len()).map(|number| (template, number)));
        filled.extend(own);
    }
    let objects = cluster_objects(expanded, filled, &patches.on_cluster(index))?;
    // Finishing, patching and naming keep number and order; companions come last, and no template makes them.
    let mut makers = makers.into_iter();
    let made = objects.into_iter().map(|object| {
        let maker = makers.next();
        let place =
            maker.and_then(|(template, number)| template.locate(&variables, number, &steps(&object)?));
        MadeObject { object, place }
    });
    Ok(made.collect())
}

/// Fills the provider's templates.
fn filled(
    shared: &Shared<'_, '_>,
    expanded: &ExpandedCluster<'_>,
    variables: &Value,
) -> Result<Vec<Object>, Report> {
    fill(templates_of(&shared.templates, expanded), expanded, variables, &shared.shapes)
}

fn fill(
    templates: &[Template],
    expanded: &ExpandedCluster<'_>,
    variables: &Value,
    shapes: &Shapes,
) -> Result<Vec<Object>, Report> {
    let place = place_of(expanded);
    let mut report = Report::default();
    let mut objects = Vec::new();
    for template in templates {
        match template.fill(variables, place, shapes) {
            Ok(filled) => objects.extend(filled.into_iter().map(|filled| Object {
                body: filled.body,
                origin: Origin { spec: place, template: Some(filled.origin) },
            })),
            Err(findings) => report.extend(findings),
        }
    }
    report.or(objects)
}
