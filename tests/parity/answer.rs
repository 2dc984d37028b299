//! What we answer for ApplicationSets and what lies beside them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use yoshino::argocd::checkout::Checkout;
use yoshino::argocd::note::NoteKind;
use yoshino::argocd::{Expanded, Fault, Sources, Validation, expand, intake};
use yoshino::diagnostic::Report;
use yoshino::location;

/// Repositories by URL: their files by path.
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

/// Answers for every ApplicationSet among the documents of a text, sorted by namespace and name.
///
/// # Errors
/// Says what the API server would refuse.
pub fn answers(text: &[u8], repositories: &Repositories) -> Result<Vec<(String, Answer)>, String> {
    let mut files = location::Sources::default();
    let file = intake::add_source(&mut files, location::SourceName::of_user("input"), text.into());
    let worded = |report: Report| {
        report.diagnostics.iter().map(|found| found.message.clone()).collect::<Vec<_>>().join("; ")
    };
    let mut intake = intake::read(&[file], &files, "argocd").map_err(worded)?;
    let checkout = |files: &BTreeMap<String, String>| {
        Checkout::of_bytes(
            files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect(),
        )
    };
    intake.world.repositories =
        repositories.iter().map(|(url, files)| (url.clone(), checkout(files))).collect();
    let validation = Validation::new(&intake.world);
    let sources = Sources::new(&intake.world);
    let answer = |set: &intake::SetDocument| {
        let answer = match &sources {
            Ok(sources) => answer(&set.body, &set.name, sources, &validation),
            Err(refused) => Answer::Refused(refused.0.clone()),
        };
        (set.name.clone(), answer)
    };
    Ok(intake.sets.iter().map(answer).collect())
}

fn answer(set: &Value, name: &str, sources: &Sources<'_>, validation: &Validation<'_>) -> Answer {
    let Expanded { applications, fault, notes, .. } = expand(set, sources);
    match fault {
        Some(Fault::Refused(refused)) => Answer::Refused(refused.0),
        Some(Fault::Wrong(why)) => Answer::Wrong(why),
        None if notes.iter().any(|note| note.kind == NoteKind::Random) => Answer::Random,
        None => {
            Answer::Made { held: validation.held(name, &applications).into_keys().collect(), applications }
        }
    }
}
