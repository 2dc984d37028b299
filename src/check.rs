//! Rules over what one revision declares, and what each of them is for.
//!
//! Rendering runs the rules that find errors, [`specs`]; `check` runs them all, [`all`]. A rule is one file beneath
//! `rule/`. Nothing here reads files, and nothing here may change what is emitted.

mod day;
#[cfg(test)]
mod fixture;
mod rule;

pub use day::Day;
pub use rule::RULES;

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::location::{Location, Sources};
use crate::spec::Catalog;

/// Something that is looked for, under an id that is for ever.
#[derive(Debug)]
pub struct Rule {
    /// Its id: `pool-version`.
    pub id: &'static str,
    /// How bad a finding is.
    pub severity: Severity,
    /// What people read about it.
    pub page: Page,
    /// How it is looked for.
    pub check: Check,
}

/// What people read about a rule.
#[derive(Debug)]
pub struct Page {
    /// What must hold, in one line.
    pub summary: &'static str,
    /// Why it must hold: what would break.
    pub why: &'static str,
    /// What is wrong: fragments of files, each after a line `# <path>`.
    pub wrong: &'static str,
    /// The same, put right.
    pub right: &'static str,
}

/// When a rule can run, and how.
#[derive(Debug)]
pub enum Check {
    /// Once the specs are read.
    Specs(fn(&Specs<'_>, &mut Report)),
}

/// What the rules over specs see.
#[derive(Debug)]
pub struct Specs<'a> {
    /// Everything declared.
    pub catalog: &'a Catalog,
    /// The files it was read from.
    pub sources: &'a Sources,
    /// The day it is, for what ends some day; `None` where no clock may decide.
    pub today: Option<Day>,
}

impl Rule {
    /// Makes a finding of the rule.
    pub fn finding(&self, location: Location, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: self.severity, ..Diagnostic::error(self.id, location, message) }
    }
}

/// Runs every rule over specs that finds errors.
pub fn specs(catalog: &Catalog, sources: &Sources) -> Report {
    let errors = |rule: &&&Rule| rule.severity == Severity::Error;
    run(&Specs { catalog, sources, today: None }, &RULES.iter().filter(errors).copied().collect::<Vec<_>>())
}

/// Runs every rule; `today` decides which addons have come to their end.
pub fn all(catalog: &Catalog, sources: &Sources, today: Day) -> Report {
    run(&Specs { catalog, sources, today: Some(today) }, RULES)
}

/// Returns the rule called `id`.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}

fn run(specs: &Specs<'_>, rules: &[&Rule]) -> Report {
    let findings = |rule: &&Rule| {
        let mut report = Report::default();
        match rule.check {
            Check::Specs(check) => check(specs, &mut report),
        }
        report
    };
    let mut report = Report::default();
    for findings in rules.par_iter().map(findings).collect::<Vec<_>>() {
        report.extend(findings);
    }
    report.sorted(specs.sources)
}
