//! What the expansion itself has to say: results that are random, generators that yield nothing, what is dropped.

use serde_json::Value;

use crate::argocd::intake::SetDocument;
use crate::argocd::note::{Note, NoteKind};
use crate::argocd::{Expanded, place};
use crate::diagnostic::{Diagnostic, Report};
use crate::emit::application_set::HOLD;

/// Says the notes of an expansion, each at its place.
pub fn of_notes(set: &SetDocument, expanded: &Expanded) -> Report {
    let is_worth_saying = |note: &&Note| note.kind != NoteKind::Empty || !is_hold(set, &note.place);
    let notes = expanded.notes.iter().filter(is_worth_saying).map(|note| remark(set, note));
    Report { diagnostics: notes.collect() }
}

fn remark(set: &SetDocument, note: &Note) -> Diagnostic {
    let Note { place, kind, text } = note;
    let at = place::of_path(&set.root, place).unwrap_or_else(|| set.location());
    match kind {
        NoteKind::Random => Diagnostic::note("random-result", at, text),
        NoteKind::Ignored => Diagnostic::note("field-dropped", at, format!("`{place}`: {text}")),
        NoteKind::Empty => {
            let message = format!("`{place}` yields nothing");
            Diagnostic::note("generates-nothing", at, message).hint(what_goes(set))
        }
    }
}

/// Says what becomes of the Applications that a generator made before.
fn what_goes(set: &SetDocument) -> String {
    let text =
        |pointer: &str| set.body.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let preserves =
        set.body.pointer("/spec/syncPolicy/preserveResourcesOnDeletion") == Some(&Value::Bool(true));
    let policy = match text("/spec/syncPolicy/applicationsSync") {
        Some(policy) => format!("under the set's policy `{policy}`"),
        None => "under the default policy `sync`".to_owned(),
    };
    match text("/spec/syncPolicy/applicationsSync") {
        Some("create-only" | "create-update") => {
            format!("{policy} Argo CD keeps the Applications that it made")
        }
        _ if preserves => {
            format!("{policy} Argo CD deletes every Application that it made; their workloads stay")
        }
        _ => {
            format!("{policy} Argo CD deletes every Application that it made, and with them their workloads")
        }
    }
}

/// Returns whether a generator is one that holds Applications: its project never exists, and it is empty unless a
/// Secret and the set disagree.
fn is_hold(set: &SetDocument, place: &str) -> bool {
    let index = place.strip_prefix("spec.generators[").and_then(|rest| rest.split(']').next()?.parse().ok());
    let entry = index.and_then(|index: usize| set.body.pointer("/spec/generators")?.get(index));
    let mut generators = entry.and_then(Value::as_object).into_iter().flatten();
    generators.any(|(_, generator)| {
        generator.pointer("/template/spec/project").and_then(Value::as_str) == Some(HOLD)
    })
}
