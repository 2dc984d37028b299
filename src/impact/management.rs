//! Everything that changes on one management cluster.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::application::Scales;
use super::applications::{self, Question};
use super::cluster::Folder;
use super::content::{Contents, Repository};
use super::document::objects_in;
use super::object::text;
use super::output::Output;
use super::pair::Pair;
use super::side::{Side, Which};
use super::single::Single;
use super::wiring::Told;
use super::world::{Parameters, Secrets, read_sets};
use super::{Applications, Class, ClusterId, Finding, half_applied, tenant};
use crate::emit::base64::decode;
use crate::error::Failure;
use crate::spec::provider::Impact;

/// What changes on one management cluster.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Its changes.
    pub singles: Vec<Single>,
    /// Its Applications that change.
    pub applications: Applications,
    /// What goes wrong in between.
    pub half_applied: Vec<Finding>,
}

/// Compares one management cluster.
///
/// # Errors
/// Reports files that cannot be read, and ApplicationSets that are not supported.
pub fn compare_management(
    sides: Pair<&Side>,
    management: &str,
    repository: &Repository<'_>,
) -> Result<Outcome, Failure> {
    let output = Output::new(sides, management);
    let mut parameters = Parameters::default();
    let sets = read_sets(&output.sets, &mut parameters)?;
    let all = sets.iter().any(|set| !set.is_same) || !output.contents.is_empty() || trees_differ(sides);
    let secrets = Secrets::read(&output, all)?;
    let compiled = secrets.compile()?;
    let values: Vec<Vec<Option<&str>>> = compiled
        .iter()
        .map(|secret| secret.as_ref().map(|secret| parameters.values(secret)).unwrap_or_default())
        .collect();
    let clusters = secrets.clusters(&compiled, &values);
    let contents = Contents::new(sides, management, repository);
    let fleets = sides.map(|side| &side.catalog.fleet);
    let scales = Scales { fleets, contents: &contents };
    let question = Question { management, sets: &sets, clusters: &clusters, scales };
    let applications::Outcome { mut singles, applications } = question.answer()?;
    let half_applied = half_applied::findings(management, &sets, &clusters)?;

    let folders: Vec<_> = output.clusters.iter().collect();
    let found = folders.into_par_iter().map(|(id, files)| {
        Folder { management, id, files, impact: impact(sides.head, &output, id) }.changes()
    });
    for changes in found.collect::<Result<Vec<_>, _>>()? {
        singles.extend(changes);
    }
    let (moved, names) = coming_and_going(&singles, &secrets);
    singles.extend(tenant::changes(management, &output.projects, &names)?);
    let domains = fleets.map(|fleet| fleet.spec.label_domain.as_str());
    let told = Told::new(management, domains, &singles);
    let mut others = Vec::new();
    for (id, bodies) in secrets.bodies() {
        others.extend(told.secret(id, bodies));
    }
    others.extend(sets.iter().filter_map(|set| told.set(set)));
    for (path, file) in output.wiring.iter().filter(|(_, file)| !file.is_same()) {
        let read = |which, bytes: Option<&[u8]>| {
            objects_in(path, which, bytes.unwrap_or_default()).map(|objects| objects.into_iter().next())
        };
        let pair = Pair::new(read(Which::Base, file.base)?, read(Which::Head, file.head)?);
        others.extend(told.folder(pair.each().map(Option::as_ref), &output, &moved));
    }
    singles.extend(others);
    Ok(Outcome { singles, applications, half_applied })
}

/// Returns whether the trees that people write differ in what Applications may read.
fn trees_differ(sides: Pair<&Side>) -> bool {
    let contents = |side: &'_ Side| {
        let files = side.catalog.files.0.iter();
        let beneath =
            files.filter(|(path, _)| path.lies_beneath("addons") && path.file_name() != "addon.yaml");
        beneath.map(|(path, bytes)| (path.clone(), bytes.clone())).collect::<Vec<_>>()
    };
    contents(sides.base) != contents(sides.head)
}

/// Returns the table of a cluster's provider: as the head declares it, else by the label of its Secret.
fn impact<'s>(side: &'s Side, output: &Output<'_>, id: &ClusterId) -> Option<&'s Impact> {
    let declared = side
        .catalog
        .clusters
        .iter()
        .find(|cluster| cluster.name.as_str() == id.name && cluster.project.as_str() == id.project);
    let name = match declared {
        Some(cluster) => cluster.provider.to_string(),
        None => {
            let path = format!("clusters/{}/{}/argocd-cluster.yaml", id.project, id.name);
            let secret = objects_in(&path, Which::Head, output.secrets.get(id)?.head?).ok()?;
            let key = format!("{}/provider", side.catalog.fleet.spec.label_domain);
            let labels = secret.first()?.pointer("/metadata/labels")?;
            labels.get(&key)?.as_str()?.to_owned()
        }
    };
    let mut providers = side.catalog.providers.iter();
    providers.find(|(known, _)| known.as_str() == name).map(|(_, provider)| &provider.impact)
}

/// Returns the clusters that come or go, and their display names.
fn coming_and_going(singles: &[Single], secrets: &Secrets) -> (Vec<ClusterId>, BTreeSet<String>) {
    let is_whole = |single: &&Single| {
        single.kind == "Cluster" && matches!(single.class, Class::Destroys | Class::Installs)
    };
    let moved: Vec<ClusterId> =
        singles.iter().filter(is_whole).filter_map(|single| single.cluster.clone()).collect();
    let mut names = BTreeSet::new();
    for (_, bodies) in secrets.bodies().filter(|(id, _)| moved.contains(id)) {
        for body in [bodies.base, bodies.head].into_iter().flatten() {
            let name = decode(text(body, "/data/name")).and_then(|bytes| String::from_utf8(bytes).ok());
            names.extend(name);
        }
    }
    (moved, names)
}
