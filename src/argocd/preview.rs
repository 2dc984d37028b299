//! What is to be said of the Applications that ApplicationSets come to: errors of the controller, Applications that
//! it leaves alone, and what nobody would see coming.
//!
//! Every finding has a place in the document of its set. It must not print anything, nor decide what a set comes to.

mod look_up;
mod name;
mod remark;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::Value;

use super::intake::{Intake, SetDocument};
use super::validation::Validation;
use super::{Expanded, Fault, Refused, Sources, expand, place};
use crate::diagnostic::{Diagnostic, Report};

/// An Application that a set makes.
#[derive(Clone, Copy, Debug)]
pub struct Made<'p> {
    /// The Application.
    pub application: &'p Value,
    /// The display name of the cluster that it was made for; `None` where no cluster Secret is among its parameters.
    pub cluster: Option<&'p str>,
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
        let refused = |refused: Refused| Report::from(Diagnostic::error_nowhere("not-supported", refused.0));
        let sources = Sources::new(&intake.world).map_err(refused)?;
        Ok(Self { sources, validation: Validation::new(&intake.world), intake })
    }

    /// Expands every set, some at a time on many threads, and gives its Applications to `print`, sorted by name. What
    /// that gives goes to `take`, in the order of the sets, so that nothing piles up. Returns what is to be said of
    /// each set.
    ///
    /// # Errors
    /// Returns the first error of `take`.
    pub fn expand<T: Send, E>(
        &self,
        print: impl Fn(&[Made<'_>]) -> T + Sync,
        mut take: impl FnMut(T) -> Result<(), E>,
    ) -> Result<Vec<Report>, E> {
        const AT_A_TIME: usize = 16;
        let (mut reports, mut names) = (Vec::new(), Vec::new());
        for sets in self.intake.sets.chunks(AT_A_TIME) {
            let expanded: Vec<_> = sets.par_iter().map(|set| self.expand_set(set, &print)).collect();
            for (printed, findings, own_names) in expanded {
                take(printed)?;
                reports.push(findings);
                names.push(own_names);
            }
        }
        for (index, collisions) in name::collisions(&self.intake.sets, &names) {
            reports[index].extend(collisions);
        }
        Ok(reports)
    }

    /// Returns what is printed of a set, what is to be said of it, and the names of its Applications.
    fn expand_set<T>(&self, set: &SetDocument, print: impl Fn(&[Made<'_>]) -> T) -> (T, Report, Vec<String>) {
        let expanded = expand(&set.body, &self.sources);
        let findings = self.findings(set, &expanded);
        let name_of = |cluster: usize| self.sources.clusters()[cluster].name();
        let pairs = expanded.applications.iter().zip(&expanded.origins);
        let made: Vec<Made<'_>> = pairs
            .map(|(application, origin)| Made { application, cluster: origin.cluster.map(name_of) })
            .collect();
        let names = made.iter().map(|made| name::of(made.application).to_owned()).collect();
        (print(&made), findings, names)
    }

    fn findings(&self, set: &SetDocument, expanded: &Expanded) -> Report {
        let mut findings = Report::default();
        if let Some(fault) = &expanded.fault {
            findings.push(faulty(set, fault));
        }
        findings.extend(self.held(set, &expanded.applications));
        findings.extend(remark::of_notes(set, expanded));
        findings.extend(name::unusable(set, &expanded.applications));
        findings.extend(look_up::unfilled(set, &expanded.applications));
        findings.extend(look_up::unknown(set, expanded, &self.sources));
        findings
    }

    /// Reports the Applications that are held, once for each reason.
    fn held(&self, set: &SetDocument, applications: &[Value]) -> Report {
        let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, reason) in self.validation.held(&set.name, applications) {
            by_reason.entry(reason).or_default().push(name);
        }
        let held = |(reason, names): (String, Vec<String>)| {
            let held = Diagnostic::error("application-held", set.location(), reason);
            held.label(format!("Argo CD leaves alone: {}", listed(&names)))
        };
        Report { diagnostics: by_reason.into_iter().map(held).collect() }
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
fn listed<T: AsRef<str>>(names: &[T]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{}`", name.as_ref())).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
