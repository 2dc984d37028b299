//! From an ApplicationSet to its Applications.
//!
//! Follows `GenerateApplications` of Argo CD 3.5.1, and `Reconcile` around it as far as it decides whether there is a
//! result: where any generator, template or patch fails, the controller changes nothing.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::Value;

use super::Fault;
use super::application_set::ApplicationSet;
use super::generator::{Generated, Generators, Sources};
use super::note::{Note, NoteKind};

/// What an ApplicationSet comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expanded {
    /// The Applications, sorted by name, equal names by content; none where there is a fault.
    pub applications: Vec<Value>,
    /// Why the controller changes nothing: the first of what fails, in the order of the generators.
    pub fault: Option<Fault>,
    /// What there is to say besides, sorted by place.
    pub notes: Vec<Note>,
}

/// Expands an ApplicationSet.
pub fn expand(set: &Value, sources: &Sources<'_>) -> Expanded {
    let set = match ApplicationSet::read(set) {
        Ok(set) => set,
        Err(fault) => return Expanded { fault: Some(fault), ..Expanded::default() },
    };
    let mut notes: BTreeSet<Note> = set.unknown.iter().map(|path| unknown(path)).collect();
    let generators = Generators::new(&set.spec, &set.language, sources);
    let mut making = Making { set: &set, applications: Vec::new(), fault: None, is_random: false };
    for index in 0..set.entries() {
        match generators.transform(index) {
            Ok(all) => all.into_iter().for_each(|generated| making.add(&generated)),
            Err(fault) => making.fail(fault),
        }
    }
    notes.extend(generators.notes());
    if making.is_random {
        notes.insert(Note {
            place: "spec.template".to_owned(),
            kind: NoteKind::Random,
            text: "two keys of one map become the same; which value holds is random in Argo CD".to_owned(),
        });
    }
    let Making { mut applications, fault, .. } = making;
    match fault {
        Some(_) => applications.clear(),
        None => applications.sort_by(order),
    }
    Expanded { applications, fault, notes: notes.into_iter().collect() }
}

/// The Applications of a set, as far as they are made.
struct Making<'s> {
    set: &'s ApplicationSet,
    applications: Vec<Value>,
    fault: Option<Fault>,
    is_random: bool,
}

impl Making<'_> {
    fn add(&mut self, generated: &Generated<'_>) {
        let template = self.set.compile(&generated.template);
        let mut is_settled = false;
        for params in &generated.params {
            let checked = if is_settled { Ok(()) } else { template.check_namespace(params) };
            is_settled |= self.set.settles_namespace(params);
            match checked.and_then(|()| self.set.application(&template, params)) {
                Ok(filled) => {
                    self.is_random |= filled.is_random;
                    self.applications.push(filled.application);
                }
                Err(fault) => self.fail(fault),
            }
        }
    }

    fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }
}

fn unknown(path: &str) -> Note {
    let text = "Argo CD has no such field; the API server drops it".to_owned();
    Note { place: path.to_owned(), kind: NoteKind::Ignored, text }
}

fn order(one: &Value, other: &Value) -> Ordering {
    let name = |application: &Value| {
        application.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned)
    };
    let by_name = name(one).unwrap_or_default().cmp(&name(other).unwrap_or_default());
    by_name.then_with(|| written(one).cmp(&written(other)))
}

/// Returns an Application as Go writes it.
fn written(application: &Value) -> String {
    let mut written = application.to_string();
    for (letter, escape) in [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026")] {
        if written.contains(letter) {
            written = written.replace(letter, escape);
        }
    }
    written
}
