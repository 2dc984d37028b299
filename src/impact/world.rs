//! ApplicationSets and cluster Secrets of one management cluster, on both sides, ready to be expanded.
//!
//! A Secret that is the same on both sides is read once, and not at all where nobody asks. Sets are asked only for
//! what they look up: where that is the same, so are the Applications.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::Value;

use super::ClusterId;
use super::content::sources;
use super::document::objects_in;
use super::output::{Files, Output};
use super::pair::Pair;
use super::side::Which;
use crate::argocd::{ClusterSecret, EmittedSet, Fault, Parameter, Refused};
use crate::diagnostic::{Diagnostic, Report};

/// One ApplicationSet on both sides.
#[derive(Debug)]
pub struct SetPair {
    /// Its name.
    pub name: String,
    /// The set on each side that has it.
    pub sets: Pair<Option<Set>>,
    /// Whether the two are the same.
    pub is_same: bool,
    /// Whether what its Applications read may differ where they do not.
    pub may_read_otherwise: bool,
}

/// One ApplicationSet.
#[derive(Debug)]
pub struct Set {
    /// As it is written.
    pub body: Value,
    /// As it is expanded.
    compiled: EmittedSet,
    /// What it selects on and looks up, as places among all parameters.
    asks: Vec<usize>,
}

/// What has changed of what only Applications read.
#[derive(Debug)]
pub struct Changed<'c> {
    /// The folder of the management cluster's output.
    pub folder: String,
    /// Changed files beneath it: of `values/` and `manifests/`.
    pub files: &'c BTreeSet<String>,
    /// Whether the trees that people write differ.
    pub trees: bool,
}

impl Changed<'_> {
    /// Returns whether a path of a template may lead to something that has changed.
    fn meets(&self, path: &str) -> bool {
        let fixed = path.split("{{").next().unwrap_or_default().trim_start_matches("./");
        if let Some(rest) = fixed.strip_prefix(&self.folder) {
            let rest = rest.trim_start_matches('/');
            return self.files.iter().any(|file| file.starts_with(rest));
        }
        // What is looked up may be anywhere.
        let may_be_output = fixed.len() < path.len() && self.folder.starts_with(fixed);
        self.trees || (may_be_output && !self.files.is_empty())
    }
}

/// Everything that the sets ask of Secrets.
#[derive(Debug, Default)]
pub struct Parameters(Vec<Parameter>);

/// The Secrets of clusters, as they are written.
#[derive(Debug, Default)]
pub struct Secrets {
    clusters: Vec<(ClusterId, Pair<Option<usize>>)>,
    bodies: Vec<Value>,
}

/// One cluster's Secret on both sides.
#[derive(Debug)]
pub struct Cluster<'s> {
    /// The cluster.
    pub id: &'s ClusterId,
    /// The Secret on each side that has it, with the values of all parameters.
    pub secrets: Pair<Option<Known<'s>>>,
}

/// A Secret, and the values of all parameters.
pub type Known<'s> = (&'s ClusterSecret<'s>, &'s [Option<&'s str>]);

/// Reads the ApplicationSets.
///
/// # Errors
/// Reports what is no YAML, and sets of kinds that are not supported.
pub fn read_sets(files: &Files<'_>, parameters: &mut Parameters) -> Result<Vec<SetPair>, Report> {
    let mut pairs: Vec<SetPair> = Vec::new();
    for (path, file) in files {
        let is_same = file.is_same();
        for which in [Which::Base, Which::Head] {
            let bytes = match which {
                Which::Base => file.base,
                Which::Head => file.head,
            };
            for body in objects_in(path, which, bytes.unwrap_or_default())? {
                if body.get("kind").and_then(Value::as_str) != Some("ApplicationSet") {
                    continue;
                }
                let set = Set::new(body, parameters).map_err(|Refused(why)| {
                    let message = format!("`{path}` of the {} cannot be expanded: {why}", which.word());
                    Diagnostic::error_nowhere("diff-unreadable", message)
                })?;
                add(&mut pairs, set, which, is_same);
            }
        }
    }
    Ok(pairs)
}

fn add(pairs: &mut Vec<SetPair>, set: Set, which: Which, is_same: bool) {
    let name = set.compiled.set.name.clone();
    let known = pairs.iter().position(|pair| pair.name == name);
    let index = known.unwrap_or_else(|| {
        pairs.push(SetPair { name, sets: Pair::default(), is_same, may_read_otherwise: false });
        pairs.len() - 1
    });
    let pair = &mut pairs[index];
    pair.is_same &= is_same;
    match which {
        Which::Base => pair.sets.base = Some(set),
        Which::Head => pair.sets.head = Some(set),
    }
}

impl Set {
    fn new(body: Value, parameters: &mut Parameters) -> Result<Self, Refused> {
        let compiled = EmittedSet::compile(&body)?;
        let mut asks = Vec::new();
        for generator in &compiled.generators {
            let selector = &generator.selector;
            let keys = selector.match_labels.keys();
            let keys = keys.chain(selector.match_expressions.iter().map(|expression| &expression.key));
            asks.extend(keys.map(|key| parameters.place(Parameter::Label(key.clone()))));
            let named = generator.names().into_iter().filter_map(Parameter::named);
            asks.extend(named.map(|parameter| parameters.place(parameter)));
        }
        asks.sort_unstable();
        asks.dedup();
        Ok(Self { body, compiled, asks })
    }

    /// Returns the Applications of a cluster.
    ///
    /// # Errors
    /// Says why the controller makes none of any cluster.
    pub fn applications(&self, secret: &ClusterSecret<'_>) -> Result<Vec<Value>, Report> {
        self.compiled.applications(secret).map_err(|fault| {
            let why = match fault {
                Fault::Wrong(why) | Fault::Refused(Refused(why)) => why,
            };
            let message = format!("the ApplicationSet `{}` makes nothing: {why}", self.compiled.set.name);
            Diagnostic::error_nowhere("diff-unreadable", message).into()
        })
    }

    /// Returns whether its Applications may read what `changed` says has changed.
    pub fn may_read(&self, changed: &Changed<'_>) -> bool {
        self.compiled.generators.iter().any(|generator| {
            let sources = sources(generator.merged.get("spec").unwrap_or(&Value::Null));
            sources.iter().any(|source| {
                let files = source.pointer("/helm/valueFiles").and_then(Value::as_array);
                let files = files.into_iter().flatten().filter_map(Value::as_str);
                // `$values/path`: the rest is in another source.
                let files = files.filter_map(|file| Some(file.strip_prefix('$')?.split_once('/')?.1));
                let path = source.get("path").and_then(Value::as_str);
                files.chain(path).any(|path| changed.meets(path))
            })
        })
    }

    /// Returns whether the controller deletes Applications that are not among the made ones any more.
    pub fn may_delete(&self) -> bool {
        let policy = self.body.pointer("/spec/syncPolicy/applicationsSync").and_then(Value::as_str);
        matches!(policy, None | Some("sync" | "create-delete"))
    }

    /// Returns whether two Secrets look the same to the set.
    pub fn sees_the_same(&self, one: &[Option<&str>], other: &[Option<&str>]) -> bool {
        self.asks.iter().all(|place| one[*place] == other[*place])
    }
}

impl Parameters {
    fn place(&mut self, parameter: Parameter) -> usize {
        self.0.iter().position(|known| *known == parameter).unwrap_or_else(|| {
            self.0.push(parameter);
            self.0.len() - 1
        })
    }

    /// Returns every parameter's value.
    pub fn values<'s>(&self, secret: &'s ClusterSecret<'s>) -> Vec<Option<&'s str>> {
        self.0.iter().map(|parameter| secret.parameter(parameter)).collect()
    }
}

impl Secrets {
    /// Reads the Secrets that differ; the others, too, where `all` is asked for.
    ///
    /// # Errors
    /// Reports what is no YAML.
    pub fn read(output: &Output<'_>, all: bool) -> Result<Self, Report> {
        let wanted: Vec<_> = output.secrets.iter().filter(|(_, pair)| all || !pair.is_same()).collect();
        let read = |which: Which, id: &ClusterId, bytes: Option<&[u8]>| {
            let path = format!("clusters/{}/{}/argocd-cluster.yaml", id.project, id.name);
            let objects = objects_in(&path, which, bytes.unwrap_or_default())?;
            let is_secret = |object: &Value| object.get("kind").and_then(Value::as_str) == Some("Secret");
            Ok::<_, Report>(objects.into_iter().find(is_secret))
        };
        let bodies: Vec<Result<Pair<Option<Value>>, Report>> = wanted
            .par_iter()
            .map(|(id, pair)| {
                let base = if pair.is_same() { None } else { read(Which::Base, id, pair.base)? };
                Ok(Pair::new(base, read(Which::Head, id, pair.head)?))
            })
            .collect();
        let mut secrets = Self::default();
        for ((id, pair), found) in wanted.into_iter().zip(bodies) {
            let found = found?.map(|body| body.map(|body| secrets.add(body)));
            let base = if pair.is_same() { found.head } else { found.base };
            secrets.clusters.push((id.clone(), Pair::new(base, found.head)));
        }
        Ok(secrets)
    }

    fn add(&mut self, body: Value) -> usize {
        self.bodies.push(body);
        self.bodies.len() - 1
    }

    /// Returns every Secret as the cluster generator sees it, in the order of [`Secrets::clusters`]' places.
    ///
    /// # Errors
    /// Reports data that is no text.
    pub fn compile(&self) -> Result<Vec<Option<ClusterSecret<'_>>>, Report> {
        let compile = |body| {
            ClusterSecret::read(body).map_err(|Refused(why)| {
                let name = body.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
                Report::from(Diagnostic::error_nowhere("diff-unreadable", format!("`{name}`: {why}")))
            })
        };
        self.bodies.par_iter().map(compile).collect()
    }

    /// Returns the Secrets as they are written.
    pub fn bodies(&self) -> impl Iterator<Item = (&ClusterId, Pair<Option<&Value>>)> {
        self.clusters
            .iter()
            .map(|(id, places)| (id, places.map(|place| place.map(|place| &self.bodies[place]))))
    }

    /// Returns the clusters, with what [`Secrets::compile`] and [`Parameters::values`] made of their Secrets.
    pub fn clusters<'s>(
        &'s self,
        compiled: &'s [Option<ClusterSecret<'s>>],
        values: &'s [Vec<Option<&'s str>>],
    ) -> Vec<Cluster<'s>> {
        let known = |place: Option<usize>| {
            let place = place?;
            Some((compiled[place].as_ref()?, values[place].as_slice()))
        };
        let cluster =
            |(id, places): &'s (ClusterId, Pair<Option<usize>>)| Cluster { id, secrets: places.map(known) };
        self.clusters.iter().map(cluster).collect()
    }
}
