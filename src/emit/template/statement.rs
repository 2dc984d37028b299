//! Statement lines: which words begin them, and which of them belong together.

use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::location::Location;

use super::limits::STATEMENT_DEPTH;

/// The words that may begin a statement line.
pub(super) const WORDS: [&str; 12] =
    ["if", "elif", "else", "endif", "for", "endfor", "set", "endset", "macro", "endmacro", "call", "endcall"];

/// What stands at the beginning of a line, after blanks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// `#%` and a blank.
    Statement,
    /// `#%%`, which stands for `#%`.
    Escaped,
    /// Anything else.
    None,
}

/// Returns what `text` begins with.
pub(super) fn mark(text: &str) -> Mark {
    match text.strip_prefix("#%").map(|rest| rest.as_bytes().first()) {
        Some(Some(b' ' | b'\t')) => Mark::Statement,
        Some(Some(b'%')) => Mark::Escaped,
        _ => Mark::None,
    }
}

/// Returns the word that `text` begins with; empty where it begins with something else.
pub(super) fn first_word(text: &str) -> &str {
    let end = text.find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    &text[..end.unwrap_or(text.len())]
}

/// A statement that is not closed yet.
struct Open {
    word: &'static str,
    at: Location,
    /// `elif` lines so far.
    alternatives: usize,
}

/// The statements that are open at a line.
#[derive(Default)]
pub(super) struct Nesting {
    open: Vec<Open>,
}

impl Nesting {
    /// Takes the statement line `text` (without `#%`) that stands at `at`.
    ///
    /// # Errors
    /// Returns what is wrong where its word is none of [`WORDS`], closes or continues nothing that is open, or nests
    /// too deep.
    pub(super) fn take(&mut self, text: &str, at: Location) -> Result<(), Box<Diagnostic>> {
        let typed = first_word(text);
        let Some(word) = WORDS.into_iter().find(|word| *word == typed) else {
            return Err(Box::new(unknown(typed, at)));
        };
        match word {
            "if" | "for" | "macro" | "call" => self.open(word, at),
            "set" if !assigns(text) => self.open(word, at),
            "set" => Ok(()),
            "elif" => self.continues(word, &["if"], at),
            "else" => self.continues(word, &["if", "for"], at),
            _ => self.close(word, at),
        }
    }

    /// Reports every statement that is still open at the end.
    pub(super) fn finish(self, report: &mut Report) {
        for open in self.open {
            let message = format!("`#% {}` is never closed", open.word);
            let hint = format!("close it with `#% end{}`", open.word);
            report.push(Diagnostic::error("template-statement", open.at, message).hint(hint));
        }
    }

    fn open(&mut self, word: &'static str, at: Location) -> Result<(), Box<Diagnostic>> {
        self.open.push(Open { word, at, alternatives: 0 });
        if self.open.len() > STATEMENT_DEPTH {
            let message = format!("statements nest deeper than the limit of {STATEMENT_DEPTH}");
            return Err(Box::new(Diagnostic::error("template-limit", at, message)));
        }
        Ok(())
    }

    fn continues(&mut self, word: &'static str, of: &[&str], at: Location) -> Result<(), Box<Diagnostic>> {
        match self.open.last_mut() {
            Some(open) if of.contains(&open.word) => {
                open.alternatives += 1;
                if open.alternatives > STATEMENT_DEPTH {
                    let message = format!("an `#% if` has more branches than the limit of {STATEMENT_DEPTH}");
                    let diagnostic = Diagnostic::error("template-limit", at, message);
                    return Err(Box::new(diagnostic.related(open.at, "of this one")));
                }
                Ok(())
            }
            open => Err(Box::new(mismatch(word, "belongs to", open.as_deref(), at))),
        }
    }

    fn close(&mut self, word: &'static str, at: Location) -> Result<(), Box<Diagnostic>> {
        let opened = word.trim_start_matches("end");
        match self.open.iter().rposition(|open| open.word == opened) {
            Some(last) if last + 1 == self.open.len() => {
                self.open.pop();
                Ok(())
            }
            // Whatever stands open inside is what is wrong; closing both keeps the rest of the report meaningful.
            Some(outer) => {
                let inner = self.open.drain(outer..).nth(1);
                Err(Box::new(mismatch(word, "closes", inner.as_ref(), at)))
            }
            None => Err(Box::new(mismatch(word, "closes", self.open.last(), at))),
        }
    }
}

fn unknown(typed: &str, at: Location) -> Diagnostic {
    let message = if typed.is_empty() {
        "a line that begins with `#%` and a blank is a statement, and this one has no word".to_owned()
    } else {
        format!("`#% {typed}` is no statement")
    };
    let mut diagnostic = Diagnostic::error("template-statement", at, message)
        .label(format!("expected one of {}", WORDS.join(", ")));
    if let Some(word) = nearest(typed, WORDS).filter(|_| !typed.is_empty()) {
        diagnostic = diagnostic.hint(format!("did you mean `#% {word}`?"));
    }
    diagnostic.hint("write `#%%` for a line that is to begin with `#%`")
}

fn mismatch(word: &str, does: &str, open: Option<&Open>, at: Location) -> Diagnostic {
    match open {
        None => Diagnostic::error("template-statement", at, format!("`#% {word}` {does} nothing")),
        Some(open) => {
            let message = format!("`#% {word}` stands where `#% {}` is open", open.word);
            Diagnostic::error("template-statement", at, message)
                .related(open.at, "opened here")
                .hint(format!("close `#% {}` with `#% end{}` first", open.word, open.word))
        }
    }
}

/// Returns whether a `set` line gives a value (`set x = 1`) rather than opening a block (`set x`).
fn assigns(text: &str) -> bool {
    let mut quote = None;
    let mut depth = 0usize;
    for character in text.chars() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, '=') if depth == 0 => return true,
            (None, _) => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::FileId;

    fn messages(lines: &[&str]) -> Vec<String> {
        let mut nesting = Nesting::default();
        let mut report = Report::default();
        for (line, text) in lines.iter().enumerate() {
            if let Err(diagnostic) = nesting.take(text, Location::new(FileId(0), line, line)) {
                report.push(*diagnostic);
            }
        }
        nesting.finish(&mut report);
        report.diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect()
    }

    #[test]
    fn statements_open_and_close_in_pairs() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["if x", "elif y", "else", "endif", "for x in y", "else", "endfor"], &[]),
            (&["set x = \"a\"", "set y", "endset", "set z | f(\"=\")", "endset"], &[]),
            (&["macro m(a)", "endmacro", "call(x) m(1)", "endcall"], &[]),
            (&["endif"], &["`#% endif` closes nothing"]),
            (&["if x"], &["`#% if` is never closed"]),
            (&["for x in y", "if z", "endfor"], &["`#% endfor` stands where `#% if` is open"]),
            (
                &["macro m()", "else"],
                &["`#% else` stands where `#% macro` is open", "`#% macro` is never closed"],
            ),
            (&["include \"x\""], &["`#% include` is no statement"]),
            (&[""], &["a line that begins with `#%` and a blank is a statement, and this one has no word"]),
        ];
        for (lines, expected) in cases {
            assert_eq!(messages(lines), *expected, "{lines:?}");
        }
    }
}
