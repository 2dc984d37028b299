//! From what people write to what minijinja reads.
//!
//! Expressions and statement lines are found here, by our own rules, and handed on between private-use characters,
//! which no text may contain; everything else is text, so `{{ x }}`, `{%`, `{#`, `${x}` and `#` mean nothing to
//! minijinja. It must not evaluate anything.

use std::ops::Range;

use minijinja::syntax::SyntaxConfig;

use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::location::{FileId, Location};

use super::limits::{TAG_BYTES, TEMPLATE_BYTES};
use super::place::{Places, Text, Way};
use super::statement::{self, Mark, Nesting};
use super::yaml_line::{Lines, Stop};
use super::{hole, statement::WORDS};

const STATEMENT: (&str, &str) = ("\u{e010}", "\u{e011}");
const EXPRESSION: (&str, &str) = ("\u{e012}", "\u{e013}");
const COMMENT: (&str, &str) = ("\u{e014}", "\u{e015}");

/// A text as minijinja reads it.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Template source in the delimiters of [`syntax`].
    pub(super) source: String,
    /// Where each part of `source` stands in the file.
    pub(super) places: Places,
    /// Whether any statement captures text.
    pub(super) captures: Captures,
    /// Where the first line of content stands.
    pub(super) first: Option<Location>,
    /// What is wrong; `source` is of no use where there is anything.
    pub(super) report: Report,
}

/// Whether `set`, `macro` or `call` capture text in a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Captures {
    /// No string holds anything but what it says.
    #[default]
    None,
    /// Some strings hold holes and may only be printed.
    Some,
}

/// How to read a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A YAML file: expressions and statement lines, but none in comments.
    File,
    /// The text of a block scalar: expressions and statement lines.
    Block,
    /// The text of another scalar: expressions.
    Scalar,
}

/// Returns the delimiters in which [`Read::source`] is written.
pub(super) fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .block_delimiters(STATEMENT.0, STATEMENT.1)
        .variable_delimiters(EXPRESSION.0, EXPRESSION.1)
        .comment_delimiters(COMMENT.0, COMMENT.1)
        .keep_trailing_newline(true)
        .build()
        .expect("because the delimiters differ")
}

/// Returns whether `text` holds an expression, or a statement line where `kind` has them.
pub(super) fn is_template(text: &str, kind: Kind) -> bool {
    let states = |line: &str| statement::mark(line.trim_start_matches([' ', '\t'])) != Mark::None;
    text.contains("${{") || (kind != Kind::Scalar && text.contains("#%") && text.lines().any(states))
}

/// Reads a template file.
pub(super) fn file(file: FileId, text: &str) -> Read {
    let mut read = Read::default();
    if text.len() > TEMPLATE_BYTES {
        let message =
            format!("the template has {} bytes, more than the limit of {TEMPLATE_BYTES}", text.len());
        read.report.push(Diagnostic::error("template-limit", Location::start_of(file), message));
        return read;
    }
    let text = Text::new(file, text);
    read.text(&text.text, Kind::File, &|range| (text.location(range), Way::Copied));
    read
}

impl Read {
    /// Reads the text of a scalar that stands at `at`, wrapped so that it shares no variable with other texts.
    pub(super) fn scalar(&mut self, text: &str, kind: Kind, at: Location) {
        self.places.add(self.source.len(), at, Way::Stands);
        self.source.extend([hole::BETWEEN, STATEMENT.0, " with ", STATEMENT.1]);
        self.text(text, kind, &|_| (at, Way::Stands));
        self.source.extend([STATEMENT.0, " endwith ", STATEMENT.1]);
    }

    fn text(&mut self, text: &str, kind: Kind, locate: &dyn Fn(Range<usize>) -> (Location, Way)) {
        if let Some((offset, found)) = text.char_indices().find(|(_, found)| hole::is_private(*found)) {
            let at = locate(offset..offset + found.len_utf8()).0;
            let message =
                format!("the private-use character U+{:04X} cannot stand in a template", u32::from(found));
            self.report.push(Diagnostic::error("template-character", at, message));
            return;
        }
        let nesting = Nesting::default();
        let mut reader = Reader { text, at: 0, kind, lines: Lines::new(), nesting, locate, read: self };
        reader.read.first = Some(locate(reader.next_content(0)).0);
        while reader.at < text.len() {
            reader.line();
        }
        reader.nesting.finish(&mut reader.read.report);
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    kind: Kind,
    lines: Lines,
    nesting: Nesting,
    locate: &'a dyn Fn(Range<usize>) -> (Location, Way),
    read: &'a mut Read,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn line(&mut self) {
        let rest = self.rest();
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        let mark = if self.kind == Kind::Scalar { Mark::None } else { statement::mark(&line[blanks..]) };
        if mark == Mark::Statement {
            return self.statement(&line[blanks + 2..]);
        }
        let structure = self.kind == Kind::File && !self.lines.in_block_scalar(line);
        match (mark, structure) {
            (Mark::Escaped, _) => {
                self.copy(blanks + 2);
                self.at += 1;
                // Outside block scalars the line is a comment now.
                if structure { self.copy(line.len() - blanks - 3) } else { self.plain_line() }
            }
            (_, false) => self.plain_line(),
            (_, true) if self.lines.separates(line) => self.separator(line),
            (_, true) => {
                self.refuse_glued_word(&line[blanks..]);
                self.structured_line();
            }
        }
        if self.rest().starts_with('\n') {
            self.copy(1);
        }
    }

    /// Takes a statement line, whose text behind `#%` is `text`; nothing of it remains, its line end included.
    fn statement(&mut self, text: &str) {
        let end = self.rest().find('\n').map_or(self.rest().len(), |end| end + 1);
        let text = text.trim();
        let start = text.as_ptr() as usize - self.text.as_ptr() as usize;
        let range = start..start + text.len();
        let at = (self.locate)(if text.is_empty() { self.at..self.at + end } else { range.clone() }).0;
        self.at += end;
        if text.len() > TAG_BYTES {
            return self.too_long("statement", at);
        }
        if let Err(diagnostic) = self.nesting.take(text, at) {
            return self.read.report.push(*diagnostic);
        }
        if matches!(statement::first_word(text), "macro" | "call" | "endset") {
            self.read.captures = Captures::Some;
        }
        self.tag(STATEMENT, range);
    }

    /// Copies a line whose text is content, whatever it looks like.
    fn plain_line(&mut self) {
        loop {
            let rest = self.rest();
            let end = rest.find('\n').unwrap_or(rest.len());
            match rest[..end].find("${{") {
                Some(start) => {
                    self.copy(start);
                    self.expression();
                }
                None => return self.copy(end),
            }
        }
    }

    /// Reports `#%if`, which is a comment and surely meant to be a statement.
    fn refuse_glued_word(&mut self, line: &str) {
        let word = line.strip_prefix("#%").map_or("", statement::first_word);
        if WORDS.contains(&word) {
            let start = line.as_ptr() as usize - self.text.as_ptr() as usize;
            let at = (self.locate)(start..start + line.len()).0;
            let diagnostic = Diagnostic::error("template-statement", at, format!("`#%{word}` is a comment"));
            self.read.report.push(diagnostic.hint(format!("a statement has a blank: `#% {word}`")));
        }
    }

    /// Copies a line of YAML outside block scalars; expressions in its comment are left alone.
    fn structured_line(&mut self) {
        self.lines.begin(self.at);
        loop {
            let (stop, why) = self.lines.scan(self.text, self.at);
            self.copy(stop - self.at);
            match why {
                Stop::Expression => self.expression(),
                Stop::Merge => {
                    let at = (self.locate)(self.at..self.at + 3).0;
                    let message = "`<<` needs a map that is written out, or an alias";
                    let hint = "write the keys with `#% for` and `${{ key }}: ${{ value }}`";
                    self.read.report.push(Diagnostic::error("template-structure", at, message).hint(hint));
                    self.expression();
                }
                Stop::Comment => self.copy(self.rest().find('\n').unwrap_or(self.rest().len())),
                Stop::LineEnd => return self.lines.end(),
            }
        }
    }

    /// Copies a line that separates documents, and notes in a comment where the next one begins.
    fn separator(&mut self, line: &str) {
        let behind = line[3..].trim_start();
        let begins = self.next_content(line.len());
        let note = hole::note((self.locate)(begins).0.start);
        if behind.is_empty() || behind.starts_with('#') {
            self.copy(3);
            self.read.source.extend([" #", &note]);
            self.at += line.len() - 3;
        } else {
            self.read.source.extend(["#", &note, "\n"]);
            self.copy(3);
            self.structured_line();
        }
    }

    /// Returns the first line after the next `skipped` bytes that is neither empty, a comment nor a statement.
    fn next_content(&self, skipped: usize) -> Range<usize> {
        let mut at = self.at + skipped;
        for line in self.text[at..].split_inclusive('\n') {
            let content = line.trim();
            if !content.is_empty() && !content.starts_with('#') {
                let start = at + line.len() - line.trim_start().len();
                return start..start + content.len();
            }
            at += line.len();
        }
        self.at..self.at + skipped.min(3)
    }

    /// Takes the expression that begins here.
    fn expression(&mut self) {
        let inner = self.at + 3;
        let Some(length) = expression_length(&self.text[inner..]) else {
            let at = (self.locate)(self.at..inner).0;
            let diagnostic = Diagnostic::error("template-syntax", at, "the expression is never closed");
            let hints = ["close it with `}}`", "write `${{ '${{' }}` for a literal `${{`"];
            self.read.report.push(diagnostic.hint(hints[0]).hint(hints[1]));
            self.at = inner;
            return;
        };
        let range = inner..inner + length;
        let at = (self.locate)(self.at..range.end + 2).0;
        self.at = range.end + 2;
        let text = &self.text[range.clone()];
        if length > TAG_BYTES {
            return self.too_long("expression", at);
        }
        if text.starts_with(['-', '+']) || text.ends_with(['-', '+']) {
            let message = "a sign touches the braces, which in other templates strips blanks";
            let hint = "nothing needs stripping here; put a blank before the sign of a number";
            return self.read.report.push(Diagnostic::error("template-syntax", at, message).hint(hint));
        }
        self.tag(EXPRESSION, range);
    }

    fn too_long(&mut self, what: &str, at: Location) {
        let message = format!("the {what} is longer than the limit of {TAG_BYTES} bytes");
        self.read.report.push(Diagnostic::error("template-limit", at, message));
    }

    fn tag(&mut self, delimiters: (&str, &str), range: Range<usize>) {
        let (at, way) = (self.locate)(range.clone());
        let read = &mut *self.read;
        read.places.add(read.source.len(), at, Way::Stands);
        read.source.extend([delimiters.0, " "]);
        read.places.add(read.source.len(), at, way);
        read.source.push_str(&self.text[range]);
        read.places.add(read.source.len(), at, Way::Stands);
        read.source.extend([" ", delimiters.1]);
    }

    /// Copies the next `length` bytes as text.
    fn copy(&mut self, length: usize) {
        if length > 0 {
            let (at, way) = (self.locate)(self.at..self.at + length);
            self.read.places.add(self.read.source.len(), at, way);
            self.read.source.push_str(&self.text[self.at..self.at + length]);
            self.at += length;
        }
    }
}

/// Returns the bytes before the `}}` that ends an expression; `None` where nothing does.
fn expression_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quote = None;
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'}') if depth == 0 && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        at += 1;
    }
    None
}

/// Reports every statement line of `text` that stands outside block scalars, where YAML takes it for a comment.
///
/// For `values` and other parts of specs, which are read as YAML first; `text` is the part's own source, from the
/// beginning of a line, and stands at byte `offset` of `file`.
pub fn stray_statements(file: FileId, text: &str, offset: usize) -> Report {
    let mut report = Report::default();
    let mut lines = Lines::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let content = body.trim_start_matches([' ', '\t']);
        let structure = !lines.in_block_scalar(body);
        if structure && statement::mark(content) == Mark::Statement {
            let start = offset + at + body.len() - content.len();
            let word = statement::first_word(content[2..].trim_start());
            let message = format!("`#% {word}` stands outside a block scalar, where it is a comment");
            let hint = match nearest(word, WORDS) {
                Some(_) => "statements work in block scalars only here: `key: |`",
                None => "leave the `%` out of the comment",
            };
            let at = Location::new(file, start, start + content.len());
            report.push(Diagnostic::error("template-statement", at, message).hint(hint));
        }
        if structure {
            lines.begin(at);
            let mut from = at;
            while let (stop, Stop::Expression | Stop::Merge) = lines.scan(text, from) {
                from = stop + 3 + expression_length(&text[stop + 3..]).map_or(0, |length| length + 2);
            }
            lines.end();
        }
        at += line.len();
    }
    report
}
