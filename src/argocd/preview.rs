//! What is to be said of the Applications that ApplicationSets come to: errors of the controller, Applications that
//! it leaves alone, and what nobody would see coming.
//!
//! Every finding has a place in the document of its set. It must not print anything, nor decide what a set comes to.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::Value;

use super::intake::{Intake, SetDocument};
use super::validation::Validation;
use super::{Expanded, Fault, Sources, expand, place};
use crate::diagnostic::{Diagnostic, Report};

/// What one ApplicationSet comes to.
#[derive(Clone, Debug)]
pub struct Previewed {
    /// Its Applications, sorted by name; none where the controller refuses the set.
    pub applications: Vec<Value>,
    /// What is to be said of the set.
    pub findings: Report,
}

/// The ApplicationSets of one Argo CD, ready to be expanded.
#[derive(Debug)]
pub struct Preview<'i> {
    intake: &'i Intake,
    /// What Applications are held against.
    pub validation: Validation<'i>,
    sources: Sources<'i>,
}

impl<'i> Preview<'i> {
    /// Takes what was read.
    ///
    /// # Errors
    /// Reports cluster Secrets that are not supported.
    pub fn new(intake: &'i Intake) -> Result<Self, Report> {
        let sources = Sources::new(&intake.world);
        let refused =
            |refused: super::Refused| Report::from(Diagnostic::error_nowhere("not-supported", refused.0));
        Ok(Self { sources: sources.map_err(refused)?, validation: Validation::new(&intake.world), intake })
    }

    /// Expands every set and gives what it comes to to `made`, on many threads; returns the answers in the order of
    /// the sets, each with its findings.
    pub fn expand<T: Send>(&self, made: impl Fn(&SetDocument, &[Value]) -> T + Sync) -> Vec<(T, Report)> {
        let set = |set: &SetDocument| {
            let Previewed { applications, findings } = self.of(set);
            (made(set, &applications), findings)
        };
        self.intake.sets.par_iter().map(set).collect()
    }

    /// Returns what a set comes to.
    pub fn of(&self, set: &SetDocument) -> Previewed {
        let mut findings = Report::default();
        // The notes are nobody's yet.
        let Expanded { applications, fault, notes: _ } = expand(&set.body, &self.sources);
        findings.extend(fault.map(|fault| Report::from(faulty(set, &fault))).unwrap_or_default());
        self.report_held(set, &applications, &mut findings);
        Previewed { applications, findings }
    }

    /// Reports the Applications that are held, once for each reason.
    fn report_held(&self, set: &SetDocument, applications: &[Value], findings: &mut Report) {
        let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, reason) in self.validation.held(&set.name, applications) {
            by_reason.entry(reason).or_default().push(name);
        }
        for (reason, names) in by_reason {
            let held = Diagnostic::error("application-held", set.location(), reason);
            findings.push(held.label(format!("Argo CD leaves {} as it is", listed(&names))));
        }
    }
}

/// Says why a set comes to nothing.
fn faulty(set: &SetDocument, fault: &Fault) -> Diagnostic {
    let (rule, message) = match fault {
        Fault::Wrong(message) => ("argocd-error", message),
        Fault::Refused(refused) => ("not-supported", &refused.0),
    };
    let location = place::of_message(&set.root, message).unwrap_or_else(|| set.location());
    let found = Diagnostic::error(rule, location, message);
    match fault {
        Fault::Wrong(_) => {
            found.hint("Argo CD creates, updates and deletes nothing of this set until it is mended")
        }
        Fault::Refused(_) => found,
    }
}

/// Names the first of many things, and says how many there are besides.
pub fn listed(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
