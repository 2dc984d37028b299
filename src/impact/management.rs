//! Everything that changes on one management cluster.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::application::Scales;
use super::applications::{self, Question};
use super::cluster::Folder;
use super::content::{Contents, Repository};
use super::document::objects_in;
use super::matrix::{self, Cells};
use super::object::text;
use super::output::Output;
use super::pair::Pair;
use super::pin;
use super::side::{Side, Which};
use super::single::Single;
use super::wiring::Told;
use super::world::{Changed, Parameters, Secrets, Set, SetPair, read_sets};
use super::{Applications, Class, ClusterId, Finding, half_applied, tenant};
use crate::base64::decode;
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
    /// What its clusters have of each addon, where it is asked for.
    pub cells: Cells,
}

/// What is compared, whatever the management cluster.
#[derive(Clone, Copy)]
pub struct Comparison<'c> {
    /// Both sides.
    pub sides: Pair<&'c Side>,
    /// The repository beyond what a rendering reads.
    pub repository: &'c Repository<'c>,
    /// Whether the trees that people write may differ in what Applications read.
    pub trees: bool,
    /// Whether the matrix is asked for.
    pub matrix: bool,
}

/// Compares one management cluster.
///
/// # Errors
/// Reports files that cannot be read, and ApplicationSets that are not supported.
pub fn compare_management(comparison: Comparison<'_>, management: &str) -> Result<Outcome, Failure> {
    let Comparison { sides, repository, .. } = comparison;
    let output = Output::new(sides, management);
    let mut parameters = Parameters::default();
    let mut sets = read_sets(&output.sets, &mut parameters)?;
    for set in &mut sets {
        set.may_read_otherwise = may_read_otherwise(set, comparison, (management, &output));
    }
    let all = comparison.matrix || sets.iter().any(|set| !set.is_same || set.may_read_otherwise);
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
        let pin = pin::change((management, id), bodies, sides);
        others.extend(told.secret(id, bodies, pin.is_some()));
        others.extend(pin);
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
    let mut cells = Cells::new();
    if comparison.matrix {
        cells = matrix::cells(&sets, &clusters, &singles)?;
        matrix::add_managed(&mut cells, sides, &secrets);
    }
    Ok(Outcome { singles, applications, half_applied, cells })
}

/// Returns whether what a set's Applications read may differ where they themselves do not.
fn may_read_otherwise(
    set: &SetPair,
    comparison: Comparison<'_>,
    (management, output): (&str, &Output<'_>),
) -> bool {
    let may_read = |set: Option<&Set>, side: &Side| {
        let folder = side.catalog.fleet.output_path();
        let folder = folder.map_or_else(|| management.to_owned(), |path| format!("{path}/{management}"));
        let changed = Changed { folder, files: &output.contents, trees: comparison.trees };
        set.is_some_and(|set| set.may_read(&changed))
    };
    let sides = comparison.sides;
    may_read(set.sets.base.as_ref(), sides.base) || may_read(set.sets.head.as_ref(), sides.head)
}

/// Returns the table of a cluster's provider: as the head declares it, else by the label of its Secret.
fn impact<'s>(side: &'s Side, output: &Output<'_>, id: &ClusterId) -> Option<&'s Impact> {
    if let Some(declared) = pin::declared(side, id) {
        let providers = &side.catalog.content(declared).providers;
        return providers.get(&declared.provider).map(|provider| &provider.impact);
    }
    let path = format!("clusters/{}/{}/argocd-cluster.yaml", id.project, id.name);
    let secret = objects_in(&path, Which::Head, output.secrets.get(id)?.head?).ok()?;
    let key = format!("{}/provider", side.catalog.fleet.spec.label_domain);
    let labels = secret.first()?.pointer("/metadata/labels")?;
    let name = labels.get(&key)?.as_str()?;
    side.catalog.trunk.providers.get(name).map(|provider| &provider.impact)
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
