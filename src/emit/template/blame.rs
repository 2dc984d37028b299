//! From what went wrong to a diagnostic: at the template's line, with the spec that was being rendered.
//!
//! No message holds a value: minijinja's own details are used only where they name kinds and variables.

use std::error::Error as _;
use std::ops::Range;

use minijinja::{Error, ErrorKind};

use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::location::{FileId, Location};

use super::context::Misses;
use super::fill::Fault;
use super::hole;
use super::limits::{FUEL, RECURSION};
use super::place::Places;
use super::refusal::Refusal;
use super::syntax::Problem;

/// Returns the diagnostics of what is wrong with a template's expressions.
pub(super) fn problems(problems: Vec<Problem>, places: &Places) -> Report {
    let diagnostic = |problem: Problem| {
        let at = places.location(problem.range).unwrap_or(Location::start_of(FileId(0)));
        let diagnostic = Diagnostic::error(problem.rule, at, lower(&problem.message));
        match problem.hint {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        }
    };
    Report { diagnostics: problems.into_iter().map(diagnostic).collect() }
}

/// Returns the diagnostic of what minijinja found while rendering `spec`.
pub(super) fn rendering(error: &Error, places: &Places, misses: &Misses, spec: Location) -> Diagnostic {
    let at = error.range().and_then(|range| places.location(range)).unwrap_or(spec);
    let cause = cause(error);
    let diagnostic = match refusal(error) {
        Some(refusal) => refused(refusal, at),
        None => match cause.kind() {
            ErrorKind::UndefinedError => undefined(cause, at, misses),
            ErrorKind::OutOfFuel => {
                let message = format!(
                    "the template does more than the limit of {FUEL} steps, or makes more than {} MB of text",
                    FUEL * 64 / 1_000_000
                );
                Diagnostic::error("template-limit", at, message)
            }
            _ => operation(cause, at),
        },
    };
    diagnostic.related(spec, "while this was rendered")
}

/// Returns the error in the chain that says most: running out of fuel and undefined values surface as others.
fn cause(error: &Error) -> &Error {
    let mut cause = error;
    let mut next = error.source();
    while let Some(source) = next {
        if let Some(inner) = source.downcast_ref::<Error>()
            && matches!(inner.kind(), ErrorKind::OutOfFuel | ErrorKind::UndefinedError)
        {
            cause = inner;
        }
        next = source.source();
    }
    cause
}

fn refusal(error: &Error) -> Option<&Refusal> {
    let mut next = error.source();
    while let Some(source) = next {
        if let Some(refusal) = source.downcast_ref::<Refusal>() {
            return Some(refusal);
        }
        next = source.source();
    }
    None
}

/// Returns the diagnostic of a refusal at `at`.
pub(super) fn refused(refusal: &Refusal, at: Location) -> Diagnostic {
    let diagnostic = Diagnostic::error(refusal.rule, at, refusal.message.clone());
    match refusal.hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

fn undefined(error: &Error, at: Location, misses: &Misses) -> Diagnostic {
    let Some(name) = error.detail().and_then(|detail| detail.split('`').nth(1)) else {
        return Diagnostic::error("template-undefined", at, "an undefined value is used");
    };
    let diagnostic = Diagnostic::error("template-undefined", at, format!("`{name}` is not defined"));
    let (before, last) = match name.rsplit_once('.') {
        Some((before, last)) => (format!("{before}."), last),
        None => (String::new(), name),
    };
    let known = misses.instead_of(last);
    match nearest(last, known.iter().map(|name| &**name)) {
        Some(near) => diagnostic.hint(format!("did you mean `{before}{near}`?")),
        None => diagnostic,
    }
}

fn operation(error: &Error, at: Location) -> Diagnostic {
    let detail = error.detail().unwrap_or_default();
    let (rule, message) = match error.kind() {
        _ if detail.contains("recursion limit") => {
            ("template-limit", format!("macros and loops nest deeper than the limit of {RECURSION} frames"))
        }
        _ if detail == "range has too many elements" => {
            ("template-limit", "a `range` has more than the limit of 100000 items".to_owned())
        }
        // These details hold the operands.
        _ if detail.starts_with("unable to calculate") => {
            ("template-value", "this calculation has no result that can be held".to_owned())
        }
        ErrorKind::InvalidOperation if detail.is_empty() => {
            ("template-value", "values of this kind cannot be worked with like this".to_owned())
        }
        _ if detail.is_empty() => ("template-value", error.kind().to_string()),
        _ => ("template-value", lower(detail)),
    };
    Diagnostic::error(rule, at, message)
}

/// Returns a message as we write them: it begins in lower case.
fn lower(message: &str) -> String {
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Where each byte of a rendered text came from, learnt by rendering once more with notes in the text.
pub(super) struct Origins<'a> {
    places: &'a Places,
    /// The text without its notes.
    text: String,
    /// First byte in `text` and range in the source of each piece, in order.
    pieces: Vec<(usize, Range<usize>)>,
}

impl<'a> Origins<'a> {
    /// Takes the notes out of `noted`.
    pub(super) fn new(noted: &str, places: &'a Places) -> Self {
        let mut text = String::with_capacity(noted.len());
        let mut pieces = Vec::new();
        for (index, piece) in noted.split(hole::ORIGIN).enumerate() {
            let range = piece.split_once(',').filter(|_| index % 2 == 1);
            match range.and_then(|(start, end)| Some(start.parse().ok()?..end.parse().ok()?)) {
                Some(range) => pieces.push((text.len(), range)),
                None => text.push_str(piece),
            }
        }
        Self { places, text, pieces }
    }

    /// Moves a diagnostic about the rendered text to the template, and adds the spec.
    pub(super) fn relocate(&self, mut diagnostic: Diagnostic, spec: Location) -> Diagnostic {
        diagnostic.location = diagnostic.location.map(|at| self.location(at));
        for (at, _) in &mut diagnostic.related {
            *at = self.location(*at);
        }
        diagnostic.message = hole::printable(&diagnostic.message);
        diagnostic.related(spec, "while this was rendered")
    }

    /// Returns the diagnostic of a value that could not be filled in.
    pub(super) fn fault(&self, fault: &Fault, spec: Location) -> Diagnostic {
        let at = fault
            .hole
            .and_then(|number| self.hole(number, fault.at))
            .unwrap_or_else(|| self.location(fault.at));
        let mut diagnostic = refused(&fault.refusal, at);
        if let Some(related) = fault.related {
            diagnostic = diagnostic.related(self.location(related), "the other one");
        }
        diagnostic.related(spec, "while this was rendered")
    }

    /// Returns where the expression stands that made hole `number` in the text at `at`.
    fn hole(&self, number: usize, at: Location) -> Option<Location> {
        let start = at.start as usize;
        let mark = format!("{}{number}{}", hole::OPEN, hole::CLOSE);
        let offset = self.text.get(start..at.end as usize)?.find(&mark)? + start;
        let (_, range) = self.piece(offset)?;
        self.places.location(range.clone())
    }

    /// Returns where a part of the rendered text came from.
    pub(super) fn location(&self, at: Location) -> Location {
        let place = |offset: usize| {
            let (from, range) = self.piece(offset)?;
            let offset = (range.start + (offset - from)).min(range.end);
            self.places.location(offset..offset + 1)
        };
        let start = place(at.start as usize);
        let end = place((at.end as usize).saturating_sub(1).max(at.start as usize));
        match (start, end) {
            (Some(start), Some(end)) if end.end >= start.start => Location { end: end.end, ..start },
            (Some(start), _) => start,
            (None, _) => self.places.location(0..0).unwrap_or(Location::start_of(FileId(0))),
        }
    }

    fn piece(&self, offset: usize) -> Option<&(usize, Range<usize>)> {
        let next = self.pieces.partition_point(|(from, _)| *from <= offset);
        self.pieces.get(next.checked_sub(1)?)
    }
}
