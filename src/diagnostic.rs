//! What is wrong with the repository, as data.
//!
//! A [`Report`] holds every finding of a stage; printing it needs the [`Sources`] its locations point into.
//! This module must not decide what is wrong, only how it is said.

mod masked;
mod print;

pub use print::Color;

use crate::location::{Location, Sources};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing may be written.
    Error,
    /// Worth a look; only `check` says it.
    Warning,
    /// Worth knowing of what others wrote; only `preview` says it, and it never decides how a command ends.
    Note,
}

/// One finding: what is wrong, where, what was found and expected, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule's id, for ever the same: `unknown-field`, `minor-unquoted`.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where; `None` only for what no line of the repository says (a missing `fleet.yaml`).
    pub location: Option<Location>,
    /// What stands under the caret: what was found or expected. May be empty.
    pub label: String,
    /// Other places that belong to the finding, each with what it is.
    pub related: Vec<(Location, String)>,
    /// What to do, a line each.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// Makes an error of rule `rule` at `location`.
    pub fn error(rule: &'static str, location: Location, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            message: message.into(),
            location: Some(location),
            label: String::new(),
            related: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// Makes an error about something that stands nowhere.
    pub fn error_nowhere(rule: &'static str, message: impl Into<String>) -> Self {
        Self { location: None, ..Self::error(rule, Location::start_of(crate::location::FileId(0)), message) }
    }

    /// Makes a warning of rule `rule` at `location`.
    pub fn warning(rule: &'static str, location: Location, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, location, message) }
    }

    /// Makes a note of rule `rule` at `location`.
    pub fn note(rule: &'static str, location: Location, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(rule, location, message) }
    }

    /// Says under the caret what was found or expected.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Names another place that belongs to the finding.
    pub fn related(mut self, location: Location, what: impl Into<String>) -> Self {
        self.related.push((location, what.into()));
        self
    }

    /// Asks whether the known word nearest to the typed one was meant; says `otherwise`, if anything, where none is near.
    pub fn hint_nearest<'a>(
        self,
        typed: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: &str,
    ) -> Self {
        match nearest(typed, known) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None if otherwise.is_empty() => self,
            None => self.hint(otherwise),
        }
    }

    /// Says what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// All findings of a stage; empty where nothing is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The findings, in the order in which they were made until [`Report::sorted`].
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Moves what stands in another revision to the place in the tree at hand that belongs to it, for those who show files:
    /// where a cluster is pinned to a release, say.
    pub fn in_tree(mut self, sources: &Sources) -> Self {
        let is_elsewhere = |place: Location| sources.get(place.file).name.is_of_revision();
        for diagnostic in &mut self.diagnostics {
            let Some(own) = diagnostic.location.filter(|own| is_elsewhere(*own)) else {
                diagnostic.related.retain(|(place, _)| !is_elsewhere(*place));
                continue;
            };
            let position = sources.position(own);
            let found = format!("{}:{}:{}", sources.get(own.file).name, position.line, position.column);
            diagnostic.message.push_str(&format!(", at {found}"));
            diagnostic.location =
                diagnostic.related.iter().map(|(place, _)| *place).find(|place| !is_elsewhere(*place));
            diagnostic.related.retain(|(place, _)| !is_elsewhere(*place));
            diagnostic.label.clear();
        }
        self
    }

    /// Names another place that belongs to every finding.
    pub fn relate(&mut self, location: Location, what: &str) {
        for diagnostic in &mut self.diagnostics {
            diagnostic.related.push((location, what.to_owned()));
        }
    }

    /// Adds all findings of `other`.
    pub fn extend(&mut self, other: Report) {
        self.diagnostics.extend(other.diagnostics);
    }

    /// Returns whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Returns whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Returns `value` if nothing was found.
    ///
    /// # Errors
    /// Returns the report itself if anything was.
    pub fn or<T>(self, value: T) -> Result<T, Report> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Sorts by file, position and rule, and drops repetitions. What is found at one place for many things, such as
    /// an expression that no cluster has a value for, is said once, for the first of them and with their number.
    pub fn sorted(mut self, sources: &Sources) -> Self {
        let place = |at: &Location| (sources.get(at.file).name.clone(), at.start, at.end);
        let key = |diagnostic: &Diagnostic| {
            let related: Vec<_> = diagnostic.related.iter().map(|(at, _)| place(at)).collect();
            (diagnostic.location.as_ref().map(place), diagnostic.rule, diagnostic.message.clone(), related)
        };
        self.diagnostics.sort_by_cached_key(key);
        self.diagnostics.dedup();
        self.diagnostics = folded(self.diagnostics);
        self.leave_out_many();
        self
    }

    /// Keeps what somebody may read, and says how much is left out.
    fn leave_out_many(&mut self) {
        const MOST: usize = 10_000;
        let left_out = self.diagnostics.split_off(self.diagnostics.len().min(MOST));
        if let Some(severity) = left_out.iter().map(|diagnostic| diagnostic.severity).min() {
            let message = format!("{} more findings are left out", left_out.len());
            self.push(Diagnostic { severity, ..Diagnostic::error_nowhere("too-many", message) });
        }
    }
}

impl From<Diagnostic> for Report {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic] }
    }
}

/// Folds sorted findings that differ in nothing but the last of their related places.
fn folded(sorted: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut folded: Vec<(Diagnostic, usize)> = Vec::with_capacity(sorted.len());
    for diagnostic in sorted {
        match folded.last_mut() {
            Some((first, others)) if differ_in_the_last_related_place(first, &diagnostic) => *others += 1,
            _ => folded.push((diagnostic, 0)),
        }
    }
    let counted = |(mut diagnostic, others): (Diagnostic, usize)| {
        if let Some((_, what)) = diagnostic.related.last_mut().filter(|_| others > 0) {
            what.push_str(&format!(", and for {others} more"));
        }
        diagnostic
    };
    folded.into_iter().map(counted).collect()
}

fn differ_in_the_last_related_place(one: &Diagnostic, other: &Diagnostic) -> bool {
    let but_the_last = |diagnostic: &Diagnostic| {
        let mut related = diagnostic.related.clone();
        let what = related.pop().map(|(_, what)| what);
        (what, Diagnostic { related, ..diagnostic.clone() })
    };
    one.location.is_some()
        && one.location == other.location
        && !one.related.is_empty()
        && but_the_last(one) == but_the_last(other)
}

/// Returns the word of `known` nearest to `typed`, if it is near enough to be meant.
///
/// Near means at most a third of the longer word's letters edited, insertion, deletion, replacement and the swap
/// of two neighbours each counting one.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near =
        |word: &&str| distance(typed, word) <= typed.chars().count().max(word.chars().count()).div_ceil(3);
    let by_distance = |word: &&str| (distance(typed, word), word.len());
    known.into_iter().filter(near).min_by_key(by_distance)
}

/// Counts the edits between two words, without regard to case.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.to_lowercase().chars().collect();
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for row in 1..=left.len() {
        let mut current = vec![row];
        for column in 1..=right.len() {
            let replaced = rows[row - 1][column - 1] + usize::from(left[row - 1] != right[column - 1]);
            let mut edits = replaced.min(rows[row - 1][column] + 1).min(current[column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1];
            if swapped {
                edits = edits.min(rows[row - 2][column - 2] + 1);
            }
            current.push(edits);
        }
        rows.push(current);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::FileId;
    use crate::tree::FileTree;

    fn sources() -> Sources {
        let mut sources = Sources::default();
        for (path, bytes) in FileTree::literal(&[("a.yaml", "abcdef"), ("b.yaml", "abcdef")]).0 {
            sources.add(path, bytes);
        }
        sources
    }

    #[test]
    fn what_is_wrong_at_one_place_for_many_is_said_once_with_their_number() {
        let found = |message: &str, at: usize, cluster: usize| {
            Diagnostic::error("rule", Location::new(FileId(0), at, at + 1), message)
                .related(Location::new(FileId(1), cluster, cluster + 1), "rendered for this")
        };
        let findings =
            [found("x", 1, 3), found("x", 1, 1), found("x", 1, 2), found("y", 1, 1), found("x", 0, 1)];
        let report = Report { diagnostics: findings.into() };

        let sorted = report.sorted(&sources());

        let short = |found: &Diagnostic| {
            let (at, what) = &found.related[0];
            format!("{} {}: {what}", found.message, at.start)
        };
        assert_eq!(
            sorted.diagnostics.iter().map(short).collect::<Vec<_>>(),
            ["x 1: rendered for this", "x 1: rendered for this, and for 2 more", "y 1: rendered for this"]
        );
    }
}
