//! The fleet as a table: what every cluster has of every addon, before and after, and what happens to it.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::Value;

use super::application::version;
use super::pair::Pair;
use super::pin;
use super::side::Side;
use super::single::Single;
use super::world::{Cluster, Known, Secrets, Set, SetPair};
use super::{Cell, Class, ClusterId, Matrix, Row};
use crate::diagnostic::Report;
use crate::spec::addon::Source;
use crate::spec::version::Minor;

/// The cells of one management cluster.
pub type Cells = BTreeMap<ClusterId, BTreeMap<String, Cell>>;

/// Returns what the clusters of one management cluster have; cells without anything are left out.
///
/// # Errors
/// Reports sets that make nothing.
pub fn cells(sets: &[SetPair], clusters: &[Cluster<'_>], singles: &[Single]) -> Result<Cells, Report> {
    let mut classes: BTreeMap<(&ClusterId, &str), Class> = BTreeMap::new();
    for single in singles {
        if let (Some(cluster), Some(addon)) = (&single.cluster, &single.addon) {
            let class = classes.entry((cluster, addon)).or_insert(single.class);
            *class = single.class.min(*class);
        }
    }
    let of_cluster = |cluster: &Cluster<'_>| {
        let mut cells = BTreeMap::new();
        for set in sets {
            let cell = Cell {
                before: installed(set.sets.base.as_ref(), cluster.secrets.base)?,
                after: installed(set.sets.head.as_ref(), cluster.secrets.head)?,
                class: classes.get(&(cluster.id, set.name.as_str())).copied(),
            };
            if cell != Cell::default() {
                cells.insert(set.name.clone(), cell);
            }
        }
        Ok((cluster.id.clone(), cells))
    };
    clusters.par_iter().map(of_cluster).collect()
}

/// Returns the version of what a set makes of a Secret.
fn installed(set: Option<&Set>, secret: Option<Known<'_>>) -> Result<Option<String>, Report> {
    let Some((set, (secret, _))) = set.zip(secret) else { return Ok(None) };
    let made = set.applications(secret)?;
    let spec = made.first().and_then(|application| application.get("spec"));
    Ok(spec.map(|spec| version(spec).unwrap_or_default().to_owned()))
}

/// Adds the addons that AWS manages, which have no Application: a label of the Secret says that they are on.
pub fn add_managed(cells: &mut Cells, sides: Pair<&Side>, secrets: &Secrets) {
    for (id, bodies) in secrets.bodies() {
        for (addon, version) in bodies.base.map(|body| managed(sides.base, id, body)).unwrap_or_default() {
            cells.entry(id.clone()).or_default().entry(addon).or_default().before = Some(version);
        }
        for (addon, version) in bodies.head.map(|body| managed(sides.head, id, body)).unwrap_or_default() {
            cells.entry(id.clone()).or_default().entry(addon).or_default().after = Some(version);
        }
        for cell in cells.entry(id.clone()).or_default().values_mut() {
            cell.class = cell.class.or(match (&cell.before, &cell.after) {
                (before, after) if before == after => None,
                (None, Some(_)) => Some(Class::Installs),
                (Some(_), None) => Some(Class::Destroys),
                _ => Some(Class::Upgrades),
            });
        }
    }
}

fn managed(side: &Side, id: &ClusterId, secret: &Value) -> Vec<(String, String)> {
    let domain = &side.catalog.fleet.spec.label_domain;
    let labels = secret.pointer("/metadata/labels").and_then(Value::as_object);
    let minor =
        labels.and_then(|labels| labels.get(&format!("{domain}/minor"))?.as_str()?.parse::<Minor>().ok());
    let prefix = format!("addons.{domain}/");
    let on = labels.into_iter().flatten().filter(|(_, value)| *value == "eks");
    let addon = |key: &String| Some(key.strip_prefix(prefix.as_str())?.to_owned());
    let version = |name: &String| {
        let addon = side.catalog.content(pin::declared(side, id)?).addons.get(name.as_str())?;
        match addon.source(minor?).ok()? {
            Source::Eks(eks) => Some(eks.version),
            Source::Helm(_) | Source::Kustomize { .. } | Source::Manifests { .. } | Source::Access => None,
        }
    };
    let names = on.filter_map(|(key, _)| addon(key));
    names.map(|name| (name.clone(), version(&name).unwrap_or_else(|| "eks".to_owned()))).collect()
}

/// Puts the cells of all management clusters into one table.
pub fn table(of_managements: Vec<(&str, Cells)>) -> Matrix {
    let addons: BTreeSet<&String> =
        of_managements.iter().flat_map(|(_, cells)| cells.values().flat_map(BTreeMap::keys)).collect();
    let row = |(management, id, cells): (&str, &ClusterId, &BTreeMap<String, Cell>)| Row {
        management: management.to_owned(),
        cluster: id.clone(),
        cells: addons.iter().map(|addon| cells.get(*addon).cloned().unwrap_or_default()).collect(),
    };
    let all = of_managements
        .iter()
        .flat_map(|(management, cells)| cells.iter().map(move |(id, cells)| (*management, id, cells)));
    let rows = all.map(row).collect();
    Matrix { addons: addons.into_iter().cloned().collect(), rows }
}
