//! How a report looks: rustc's form for people, JSON for programs.
//!
//! The text is the same with and without colour. A line of a source file that may hold a credential is printed
//! with its value masked, because CI logs are public.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Diagnostic, Report, Severity};
use crate::credential;
use crate::harmless::harmless;
use crate::location::{Location, Sources};

/// Whether to write ANSI colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    Never,
    /// Red, yellow and blue, as rustc does.
    Always,
}

/// The escape codes in use; all empty without colour.
#[derive(Clone, Copy)]
struct Palette {
    error: &'static str,
    warning: &'static str,
    frame: &'static str,
    bold: &'static str,
    reset: &'static str,
}

impl Palette {
    fn of(color: Color) -> Self {
        match color {
            Color::Never => Self { error: "", warning: "", frame: "", bold: "", reset: "" },
            Color::Always => Self {
                error: "\u{1b}[1;31m",
                warning: "\u{1b}[1;33m",
                frame: "\u{1b}[1;34m",
                bold: "\u{1b}[1m",
                reset: "\u{1b}[0m",
            },
        }
    }
}

/// How many lines above a place say what its own must not show: a private key that begins there.
pub(super) const LINES_ABOVE: usize = 200;

/// One place to show: the finding's own, or one that belongs to it.
struct Snippet<'a> {
    location: Location,
    label: &'a str,
    arrow: &'static str,
    caret: &'static str,
    paint: &'static str,
}

impl Report {
    /// Writes every finding in rustc's form, each followed by an empty line.
    pub fn to_text(&self, sources: &Sources, color: Color) -> String {
        let mut text = String::new();
        for diagnostic in &self.diagnostics {
            diagnostic.masked(sources).write_text(&mut text, sources, Palette::of(color));
            text.push('\n');
        }
        text
    }

    /// Returns the findings as a JSON list of `{"rule", "severity", "message", "label", "file", "line", "column",
    /// "endLine", "endColumn", "related": [{"file", "line", "column", "message"}], "hints"}`; a finding that
    /// stands nowhere lacks the fields from `file` to `endColumn`.
    pub fn to_json(&self, sources: &Sources) -> Value {
        self.diagnostics.iter().map(|diagnostic| diagnostic.masked(sources).to_json(sources)).collect()
    }
}

impl Diagnostic {
    fn write_text(&self, text: &mut String, sources: &Sources, palette: Palette) {
        let (word, paint) = match self.severity {
            Severity::Error => ("error", palette.error),
            Severity::Warning => ("warning", palette.warning),
            Severity::Note => ("note", palette.frame),
        };
        let Palette { bold, frame, reset, .. } = palette;
        _ = writeln!(text, "{paint}{word}[{}]{reset}{bold}: {}{reset}", self.rule, printable(&self.message));
        let own = self.location.map(|location| Snippet {
            location,
            label: &self.label,
            arrow: "-->",
            caret: "^",
            paint,
        });
        let related = self.related.iter().map(|(location, what)| Snippet {
            location: *location,
            label: what,
            arrow: ":::",
            caret: "-",
            paint: frame,
        });
        let snippets: Vec<Snippet<'_>> = own.into_iter().chain(related).collect();
        let digits = |snippet: &Snippet<'_>| sources.position(snippet.location).line.to_string().len();
        let margin = snippets.iter().map(digits).max().unwrap_or(1);
        for snippet in &snippets {
            snippet.write(text, sources, palette, margin);
        }
        for hint in &self.hints {
            _ = writeln!(text, "{:margin$} {frame}={reset} {bold}hint{reset}: {}", "", printable(hint));
        }
    }

    fn to_json(&self, sources: &Sources) -> Value {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let mut value = json!({
            "rule": self.rule,
            "severity": severity,
            "message": self.message,
            "label": self.label,
            "related": self.related.iter().map(|(location, what)| related_json(*location, what, sources)).collect::<Vec<_>>(),
            "hints": self.hints,
        });
        if let Some(location) = self.location {
            let start = sources.position(location);
            let end = sources.position(Location { start: location.end, ..location });
            value["file"] = json!(sources.get(location.file).name.as_str());
            value["line"] = json!(start.line);
            value["column"] = json!(start.column);
            value["endLine"] = json!(end.line);
            value["endColumn"] = json!(end.column);
        }
        value
    }
}

fn related_json(location: Location, what: &str, sources: &Sources) -> Value {
    let position = sources.position(location);
    let file = sources.get(location.file).name.as_str();
    json!({"file": file, "line": position.line, "column": position.column, "message": what})
}

impl Snippet<'_> {
    /// Writes `--> file:line:column` and the line with its caret, line numbers `margin` digits wide.
    fn write(&self, text: &mut String, sources: &Sources, palette: Palette, margin: usize) {
        let Palette { frame, reset, .. } = palette;
        let Self { location, arrow, paint, .. } = *self;
        let position = sources.position(location);
        let path = &sources.get(location.file).name;
        _ = writeln!(
            text,
            "{:margin$}{frame}{arrow}{reset} {path}:{}:{}",
            "", position.line, position.column
        );
        if sources.get(location.file).is_hidden {
            if !self.label.is_empty() {
                _ = writeln!(text, "{:margin$} {frame}|{reset} {paint}{}{reset}", "", printable(self.label));
            }
            return;
        }
        let excerpt = sources.excerpt(location, LINES_ABOVE);
        let line = credential::masked_line(&excerpt.text, position.line + 1 - excerpt.first_line);
        let left_out = if excerpt.first_line == position.line { excerpt.left_out } else { 0 };
        let (shown, before, width) =
            window(&line, (position.column - 1).saturating_sub(left_out), width(sources, location));
        let carets = self.caret.repeat(width);
        let label = if self.label.is_empty() { String::new() } else { format!(" {}", printable(self.label)) };
        _ = writeln!(text, "{:margin$} {frame}|{reset}", "");
        _ = writeln!(text, "{frame}{:>margin$} |{reset} {}", position.line, printable(&shown));
        _ = writeln!(text, "{:margin$} {frame}|{reset} {:before$}{paint}{carets}{label}{reset}", "", "");
    }
}

/// Counts the characters of `location` that stand on its first line, at least one.
fn width(sources: &Sources, location: Location) -> usize {
    const MOST: u32 = 4096;
    let text =
        sources.text(Location { end: location.end.min(location.start.saturating_add(MOST)), ..location });
    text.lines().next().unwrap_or_default().trim_end().chars().count().max(1)
}

/// Cuts a long line to what a terminal shows around the caret; returns the text, the caret's column in it from 0,
/// and the caret's width.
fn window(line: &str, column: usize, width: usize) -> (String, usize, usize) {
    const SHOWN: usize = 120;
    let first = if column + 20 > SHOWN { column - 20 } else { 0 };
    let shown: String = line.chars().skip(first).take(SHOWN).collect();
    let room = (SHOWN + first).saturating_sub(column).max(1);
    (shown, column - first, width.min(room))
}

/// Replaces what would move a terminal's cursor or turn its text around; a tab is as wide as its caret.
fn printable(text: &str) -> String {
    harmless(&text.replace('\t', " ")).into_owned()
}
