//! What we answer for ApplicationSets and what lies beside them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use yoshino::argocd::intake::{self, SetDocument};
use yoshino::argocd::note::NoteKind;
use yoshino::argocd::{self, Expanded, Fault, Validation, expand};
use yoshino::diagnostic::Color;
use yoshino::location::{FileId, SourceName, Sources};

/// Repositories by URL: their files by path; one that ends with a slash is an empty folder.
pub type Repositories = BTreeMap<String, BTreeMap<String, String>>;

/// What we answer for one set.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Its Applications, and the names of those that are held.
    Made {
        /// The Applications.
        applications: Vec<Value>,
        /// The names of those that the controller neither creates, updates nor deletes.
        held: BTreeSet<String>,
    },
    /// Argo CD fails.
    Wrong(String),
    /// What Argo CD answers is up to chance.
    Random,
    /// We do not say.
    Refused(String),
}

/// Answers for every ApplicationSet among the documents, sorted by namespace and name.
///
/// TODO(#4): with repositories.
pub fn answers(documents: &[Value], _repositories: &Repositories) -> Vec<(String, Answer)> {
    let mut sources = Sources::default();
    let add = |(number, document): (usize, &Value)| {
        sources.add(SourceName::of_user(&format!("{number}.json")), document.to_string().as_bytes().into())
    };
    let files: Vec<FileId> = documents.iter().enumerate().map(add).collect();
    let intake = match intake::read(&files, &sources, "argocd") {
        Ok(intake) => intake,
        Err(report) => return vec![(String::new(), Answer::Wrong(report.to_text(&sources, Color::Never)))],
    };
    let validation = Validation::new(&intake.world);
    let from = match argocd::Sources::new(&intake.world) {
        Ok(from) => from,
        Err(refused) => return vec![(String::new(), Answer::Refused(refused.0))],
    };
    let answer = |set: &SetDocument| (set.name.clone(), answer(set, &validation, &from));
    intake.sets.iter().map(answer).collect()
}

fn answer(set: &SetDocument, validation: &Validation<'_>, sources: &argocd::Sources<'_>) -> Answer {
    let Expanded { applications, fault, notes, .. } = expand(&set.body, sources);
    match fault {
        Some(Fault::Wrong(why)) => Answer::Wrong(why),
        Some(Fault::Refused(refused)) => Answer::Refused(refused.0),
        None if notes.iter().any(|note| note.kind == NoteKind::Random) => Answer::Random,
        None => {
            let held = validation.held(&set.name, &applications).into_keys().collect();
            Answer::Made { applications, held }
        }
    }
}
