//! Text that stands on several lines and is read as one.

use super::cursor::{Break, Cursor};

/// Puts the lines of a plain or quoted scalar together; a scalar on one line stays a part of the source.
pub(super) struct Folded<'a> {
    source: &'a str,
    text: String,
    /// Where the part of the source begins that is not copied yet, and where it ends if a line break was passed.
    copied: usize,
    line_end: usize,
    /// The line breaks since the last character, the first apart from the others.
    first_break: Option<Break>,
    further_breaks: String,
    /// Whether a line break was passed, written or escaped, and no character since.
    leading: bool,
}

impl<'a> Folded<'a> {
    /// Begins at `start`, with nothing copied.
    pub(super) fn new(source: &'a str, start: usize) -> Self {
        Self {
            source,
            text: String::new(),
            copied: start,
            line_end: start,
            first_break: None,
            further_breaks: String::new(),
            leading: false,
        }
    }

    /// Returns whether a line break was passed, and nothing but blanks and further breaks since.
    pub(super) fn is_leading(&self) -> bool {
        self.leading
    }

    /// Takes the source up to `end`, and leaves out what stands between there and `next`.
    pub(super) fn copy(&mut self, end: usize, next: usize) {
        self.text.push_str(&self.source[self.copied..end]);
        self.copied = next;
    }

    /// Adds what an escape stands for; the source goes on at `next`.
    pub(super) fn push(&mut self, character: char, next: usize) {
        self.text.push(character);
        self.copied = next;
    }

    /// Passes the escaped line break before `next`.
    pub(super) fn escape_break(&mut self, next: usize) {
        self.leading = true;
        self.copied = next;
        self.line_end = next;
    }

    /// Passes the line break at `cursor`; `end` is where the line's text ends.
    pub(super) fn skip_break(&mut self, cursor: &mut Cursor<'_>, end: usize) {
        let found = cursor.skip_break();
        if self.leading {
            self.further_breaks.push_str(found.as_str());
        } else {
            self.line_end = end;
            self.first_break = Some(found);
            self.leading = true;
        }
    }

    /// Joins the lines before and behind the breaks that were passed: one line feed becomes a blank, of more the
    /// first is lost; a line separator stays. The text goes on at `next`.
    pub(super) fn join(&mut self, next: usize) {
        if !self.leading {
            return;
        }
        self.copy(self.line_end, next);
        match self.first_break.take() {
            Some(Break::LineFeed) if self.further_breaks.is_empty() => self.text.push(' '),
            Some(Break::LineFeed) | None => {}
            Some(separator) => self.text.push_str(separator.as_str()),
        }
        self.text.push_str(&self.further_breaks);
        self.further_breaks.clear();
        self.leading = false;
    }

    /// Returns whether nothing was copied, so that the source's own bytes will do.
    pub(super) fn is_untouched(&self, start: usize) -> bool {
        self.copied == start && self.text.is_empty()
    }

    /// Returns all of it, with the source up to `end`.
    pub(super) fn finish(mut self, end: usize) -> String {
        self.copy(end, end);
        self.text
    }
}
