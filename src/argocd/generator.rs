//! The generators of an ApplicationSet: from an entry of `spec.generators` to lists of parameters.
//!
//! Follows `generators/generator_spec_processor.go` of Argo CD 3.5.1. It must not know what becomes of the
//! parameters.

mod cluster;
#[cfg(test)]
mod fixture;
mod git;
mod interpolation;
mod list;
mod matrix;
mod merge;
mod nested;
mod place;
mod values;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use self::nested::Filling;
use self::place::Place;
use super::language::Language;
use super::note::{Note, NoteKind};
use super::params::Params;
use super::selector::{Selector, Selects};
use super::template::merged;
use super::{ClusterSecret, Fault, Refused, World};

/// What generators read beside the ApplicationSet.
#[derive(Debug)]
pub struct Sources<'w> {
    /// Whom the rest is asked of.
    world: &'w World,
    /// Sorted by display name.
    clusters: Vec<ClusterSecret<'w>>,
}

/// The generators of one ApplicationSet.
#[derive(Debug)]
pub struct Generators<'w> {
    spec: &'w Value,
    language: &'w Language,
    sources: &'w Sources<'w>,
    notes: RefCell<BTreeSet<Note>>,
}

/// What one generator gives.
#[derive(Debug)]
pub struct Generated<'w> {
    /// The sets, as far as the selector beside the generator lets them through.
    pub params: Vec<Params<'w>>,
    /// The template of their Applications: the generator's, that of the ApplicationSet merged in.
    pub template: Value,
}

/// A kind of generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    List,
    Clusters,
    Git,
    Matrix,
    Merge,
    /// One that asks somebody else.
    Remote,
}

/// The fields of an entry that are generators, in the order in which Argo CD asks them.
const KINDS: [(&str, Kind); 9] = [
    ("list", Kind::List),
    ("clusters", Kind::Clusters),
    ("git", Kind::Git),
    ("scmProvider", Kind::Remote),
    ("clusterDecisionResource", Kind::Remote),
    ("pullRequest", Kind::Remote),
    ("matrix", Kind::Matrix),
    ("merge", Kind::Merge),
    ("plugin", Kind::Remote),
];

impl<'w> Sources<'w> {
    /// Reads the cluster Secrets of a world, once for all sets.
    ///
    /// # Errors
    /// Refuses cluster Secrets whose data is no text.
    pub fn new(world: &'w World) -> Result<Self, Refused> {
        let clusters = world.secrets.iter().filter_map(|secret| ClusterSecret::read(secret).transpose());
        let mut clusters = clusters.collect::<Result<Vec<_>, _>>()?;
        clusters.sort_by(|one, other| one.name().cmp(other.name()));
        Ok(Self { world, clusters })
    }

    /// Returns the same with the cluster Secrets in other orders, in which Argo CD may find them too. Secrets of one
    /// name stay beside each other.
    pub fn in_other_orders(&self) -> [Self; 2] {
        let mut reversed = self.clusters.clone();
        reversed.reverse();
        // What is in the middle both ways moves here.
        let mut turned: Vec<&[ClusterSecret<'_>]> =
            self.clusters.chunk_by(|one, other| one.name() == other.name()).collect();
        let first = turned.len().min(1);
        turned.rotate_left(first);
        let mut turned: Vec<Vec<ClusterSecret<'_>>> = turned.into_iter().map(<[_]>::to_vec).collect();
        turned.iter_mut().for_each(|twins| twins.rotate_left(1));
        [reversed, turned.concat()].map(|clusters| Self { world: self.world, clusters })
    }

    /// Returns the world.
    pub fn world(&self) -> &'w World {
        self.world
    }

    /// Returns the cluster Secrets, sorted by display name; of equal ones in the order in which they came.
    pub fn clusters(&self) -> &[ClusterSecret<'w>] {
        &self.clusters
    }

    /// Returns which cluster Secret has the `name` and the `server` that are among the parameters.
    pub fn cluster_of(&self, params: &Params<'_>) -> Option<usize> {
        let (name, server) = (params.text("name")?, params.text("server")?);
        let first = self.clusters.partition_point(|secret| secret.name() < &*name);
        let named = self.clusters[first..].iter().take_while(|secret| secret.name() == &*name);
        named.enumerate().find(|(_, secret)| secret.server() == &*server).map(|(at, _)| first + at)
    }
}

impl<'w> Generators<'w> {
    /// Takes the `spec` of an ApplicationSet.
    pub fn new(spec: &'w Value, language: &'w Language, sources: &'w Sources<'w>) -> Self {
        Self { spec, language, sources, notes: RefCell::default() }
    }

    /// Returns what the entry of `spec.generators` at `index` comes to: an item for each generator in it.
    ///
    /// # Errors
    /// Says what Argo CD says; refuses by name what asks somebody else. Where an entry fails, Argo CD goes on with the
    /// next one but applies nothing.
    pub fn transform(&self, index: usize) -> Result<Vec<Generated<'w>>, Fault> {
        let place = Place::of_entry(index);
        let entries = self.spec.get("generators").and_then(Value::as_array);
        let entry = entries.and_then(|entries| entries.get(index)).unwrap_or(&Value::Null);
        let of_set = self.spec.get("template").unwrap_or(&Value::Null);
        let given = self.given(entry, None, &place)?;
        if given.is_empty() {
            self.note(
                &place,
                NoteKind::Ignored,
                "no generator that Argo CD knows is in this entry: it yields nothing",
            );
        }
        let generated = given.into_iter().map(|(field, params)| {
            if params.is_empty() {
                let what = "it yields nothing: Argo CD deletes what it made before";
                self.note(&place.field(field), NoteKind::Empty, what);
            }
            let own = entry.get(field).and_then(|generator| generator.get("template"));
            let template = merged(own.unwrap_or(&Value::Null), of_set);
            Generated { params, template }
        });
        Ok(generated.collect())
    }

    /// Returns what there is to say of the entries that were transformed, sorted by place.
    pub fn notes(self) -> Vec<Note> {
        self.notes.into_inner().into_iter().collect()
    }

    /// Returns what each generator of an entry gives, by its field.
    ///
    /// The selector is that of the entry as written, everything else is read from the entry as it is filled with the
    /// parameters of another generator.
    fn given(
        &self,
        entry: &Value,
        filling: Filling<'_, 'w>,
        place: &Place<'_>,
    ) -> Result<Vec<(&'static str, Vec<Params<'w>>)>, Fault> {
        let selector = match entry.get("selector") {
            None | Some(Value::Null) => None,
            Some(selector) => {
                let selector = Selector::read(selector, Selects::Parameters);
                Some(selector.map_err(|why| Fault::Wrong(format!("error parsing label selector: {why}")))?)
            }
        };
        let kinds = KINDS.into_iter();
        let kinds = kinds.filter(|(field, _)| entry.get(field).is_some_and(|held| !held.is_null()));
        let kinds: Vec<(&'static str, Kind)> = kinds.collect();
        let filled = match filling {
            Some((interpolation, params)) if !kinds.is_empty() => interpolation.fill(params)?,
            _ => Cow::Borrowed(entry),
        };
        let mut all = Vec::new();
        let mut first_fault = None;
        for (field, kind) in kinds {
            let generator = filled.get(field).unwrap_or(&Value::Null);
            match self.generate(kind, generator, &place.field(field)) {
                Ok(mut params) => {
                    if let Some(selector) = &selector {
                        params.retain(|params| params.selected_by(selector));
                    }
                    all.push((field, params));
                }
                Err(fault) => {
                    first_fault.get_or_insert(fault);
                }
            }
        }
        first_fault.map_or(Ok(all), Err)
    }

    fn generate(&self, kind: Kind, generator: &Value, place: &Place<'_>) -> Result<Vec<Params<'w>>, Fault> {
        match kind {
            Kind::List => list::generate(generator, self),
            Kind::Clusters => cluster::generate(generator, place, self),
            Kind::Matrix => matrix::generate(generator, place, self),
            Kind::Merge => merge::generate(generator, place, self),
            Kind::Git => git::generate(generator, place, self),
            Kind::Remote => Err(Fault::refused(format!("`{place}` is not supported"))),
        }
    }

    fn is_go(&self) -> bool {
        self.language.is_go()
    }

    fn note(&self, place: &Place<'_>, kind: NoteKind, text: impl Into<String>) {
        self.notes.borrow_mut().insert(Note { place: place.to_string(), kind, text: text.into() });
    }
}

/// Returns whether a field is more than Go's zero value of a text, list or map.
fn is_filled(field: Option<&Value>) -> bool {
    match field {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Bool(_) | Value::Number(_)) => true,
    }
}
