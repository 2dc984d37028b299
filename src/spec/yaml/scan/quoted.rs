//! Scalars in single or double quotes.

use std::borrow::Cow;

use super::folded::Folded;
use super::{Scanner, TokenKind};
use crate::spec::yaml::input::{self, is_private_use};
use crate::spec::yaml::node::Style;
use crate::spec::yaml::refusal::Refusal;

impl<'a> Scanner<'a> {
    pub(super) fn fetch_quoted(&mut self, quote: u8) -> Result<(), Refusal> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.offset;
        self.cursor.offset += 1;
        let text = match self.short_quoted(quote) {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.long_quoted(quote, start)?),
        };
        self.cursor.offset += 1;
        self.push(TokenKind::Scalar { text, style: Style::Quoted }, start);
        Ok(())
    }

    /// Reads up to the closing quote if there is neither line break nor escape before it; else moves nowhere.
    fn short_quoted(&mut self, quote: u8) -> Option<&'a str> {
        let rest = &self.cursor.text[self.cursor.offset..];
        let stops = |byte: u8| byte == quote || matches!(byte, b'\\' | b'\n' | b'\r' | 0xc2 | 0xe2);
        let length = rest.bytes().position(stops)?;
        let doubled = quote == b'\'' && rest.as_bytes().get(length + 1) == Some(&quote);
        if rest.as_bytes()[length] != quote || doubled {
            return None;
        }
        self.cursor.offset += length;
        Some(&rest[..length])
    }

    fn long_quoted(&mut self, quote: u8, start: usize) -> Result<String, Refusal> {
        let mut folded = Folded::new(self.cursor.text, self.cursor.offset);
        loop {
            if self.cursor.at_document_indicator() {
                let hint = "indent the line; `---` at its beginning starts a document";
                let here = self.refuse_here("a document starts or ends inside a quoted text");
                return Err(here
                    .related(self.location(start, start + 1), "the quote begins here")
                    .hint(hint)
                    .into());
            }
            if self.cursor.at_end() {
                let shown = char::from(quote);
                let message = format!("the closing `{shown}` is missing");
                return Err(self.refuse(start, start + 1, message).label("the text begins here").into());
            }
            let word = self.cursor.offset;
            folded.join(word);
            self.quoted_word(quote, &mut folded, start)?;
            let end = self.cursor.offset;
            if !folded.is_leading() && self.cursor.byte() == quote {
                return Ok(folded.finish(end));
            }
            self.skip_quoted_gap(&mut folded, end);
        }
    }

    /// Reads up to a blank, a line break, the closing quote or the end.
    fn quoted_word(&mut self, quote: u8, folded: &mut Folded<'a>, start: usize) -> Result<(), Refusal> {
        while !self.cursor.gap_ahead(0) {
            let byte = self.cursor.byte();
            if byte == b'\'' && quote == b'\'' && self.cursor.byte_ahead(1) == b'\'' {
                folded.copy(self.cursor.offset + 1, self.cursor.offset + 2);
                self.cursor.offset += 2;
            } else if byte == quote {
                return Ok(());
            } else if byte == b'\\' && quote == b'"' && self.cursor.break_length(1) > 0 {
                folded.copy(self.cursor.offset, self.cursor.offset);
                self.cursor.offset += 1;
                self.cursor.skip_break();
                folded.escape_break(self.cursor.offset);
                return Ok(());
            } else if byte == b'\\' && quote == b'"' {
                folded.copy(self.cursor.offset, self.cursor.offset);
                let character = self.escape(start)?;
                folded.push(character, self.cursor.offset);
            } else {
                self.cursor.offset += 1;
            }
        }
        Ok(())
    }

    fn skip_quoted_gap(&mut self, folded: &mut Folded<'a>, end: usize) {
        loop {
            if self.cursor.at_blank() {
                self.cursor.offset += 1;
            } else if self.cursor.at_break() {
                folded.skip_break(&mut self.cursor, end);
            } else {
                return;
            }
        }
    }

    /// Reads an escape; the cursor stands at its backslash.
    fn escape(&mut self, start: usize) -> Result<char, Refusal> {
        let code_length = match self.cursor.byte_ahead(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            other => {
                let character = simple_escape(other).ok_or_else(|| self.unknown_escape(start))?;
                self.cursor.offset += 2;
                return Ok(character);
            }
        };
        let from = self.cursor.offset;
        let to = from + 2 + code_length;
        let digits = self.cursor.text.as_bytes().get(from + 2..to).unwrap_or_default();
        let Some(code) = hexadecimal(digits).filter(|_| digits.len() == code_length) else {
            let message = format!("an escape of {code_length} hexadecimal digits is cut short");
            return Err(self.refuse(from, from + 2, message).into());
        };
        let shown = &self.cursor.text[from..to];
        let Some(character) = char::from_u32(code) else {
            let message = format!("`{shown}` stands for no character");
            return Err(self.refuse(from, to, message).hint("write the character itself").into());
        };
        if is_private_use(character) {
            let message = format!("`{shown}` stands for a private-use character");
            return Err(input::private_use(self.location(from, to), message));
        }
        self.cursor.offset = to;
        Ok(character)
    }

    fn unknown_escape(&self, start: usize) -> Refusal {
        let from = self.cursor.offset;
        let length = self.cursor.text[from + 1..].chars().next().map_or(0, char::len_utf8);
        let shown = &self.cursor.text[from..from + 1 + length];
        self.refuse(from, from + 1 + length, format!("`{shown}` is no escape"))
            .related(self.location(start, start + 1), "the text begins here")
            .hint("write `\\\\` for a backslash, or use single quotes")
            .into()
    }
}

/// Reads at most eight hexadecimal digits.
fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
}

fn simple_escape(byte: u8) -> Option<char> {
    Some(match byte {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b' ' => ' ',
        b'"' => '"',
        b'\'' => '\'',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}
