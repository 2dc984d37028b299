//! Block scalars: `|` and `>`.

use std::borrow::Cow;

use super::cursor::Break;
use super::{Scanner, TokenKind};
use crate::spec::yaml::node::Style;
use crate::spec::yaml::refusal::Refusal;

/// What stands behind `|` or `>`.
struct Header {
    /// `>`: line breaks between two lines of text become blanks.
    folds: bool,
    chomping: Chomping,
    /// The column of the text; `None` until its first line shows it.
    indent: Option<usize>,
}

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    /// `-`: none stays.
    Strip,
    /// One stays.
    Clip,
    /// `+`: all stay.
    Keep,
}

impl<'a> Scanner<'a> {
    pub(super) fn fetch_block_scalar(&mut self, indicator: u8) -> Result<(), Refusal> {
        self.remove_key()?;
        self.key_allowed = true;
        let start = self.cursor.offset;
        self.cursor.offset += 1;
        let header = self.block_header(indicator == b'>', start)?;
        let mut end = self.cursor.offset;
        self.finish_header(start)?;
        let text = self.block_text(&header, start, &mut end)?;
        self.push(TokenKind::Scalar { text: Cow::Owned(text), style: Style::Block }, start);
        self.queue.back_mut().expect("because it was just pushed").end = end;
        Ok(())
    }

    /// Reads the indicators behind `|` or `>`: a digit and a sign, in either order.
    fn block_header(&mut self, folds: bool, start: usize) -> Result<Header, Refusal> {
        let mut chomping = self.chomping();
        let increment = self.indentation_indicator(start)?;
        if chomping.is_none() && increment.is_some() {
            chomping = self.chomping();
        }
        let indent = increment.map(|increment| increment + usize::try_from(self.indent).unwrap_or(0));
        Ok(Header { folds, chomping: chomping.unwrap_or(Chomping::Clip), indent })
    }

    fn chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.byte() {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.offset += 1;
        Some(chomping)
    }

    fn indentation_indicator(&mut self, start: usize) -> Result<Option<usize>, Refusal> {
        let digit = self.cursor.byte();
        if digit == b'0' {
            let end = self.cursor.offset + 1;
            return Err(self
                .refuse(start, end, "an indentation of 0 cannot be told from no indentation")
                .into());
        }
        if !digit.is_ascii_digit() {
            return Ok(None);
        }
        self.cursor.offset += 1;
        Ok(Some(usize::from(digit - b'0')))
    }

    fn finish_header(&mut self, start: usize) -> Result<(), Refusal> {
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if self.cursor.at_break() {
            self.cursor.skip_break();
        } else if !self.cursor.at_end() {
            let shown = char::from(self.cursor.text.as_bytes()[start]);
            return Err(self
                .refuse_here(format!("text stands on the line of its `{shown}`"))
                .related(self.location(start, start + 1), "the block text begins here")
                .hint("begin it on the next line, or quote it")
                .into());
        }
        Ok(())
    }

    /// Reads the lines of the text and moves `end` behind the last one.
    fn block_text(&mut self, header: &Header, start: usize, end: &mut usize) -> Result<String, Refusal> {
        let mut text = String::new();
        let mut breaks = String::new();
        let indent = self.skip_block_breaks(header.indent, &mut breaks, start)?;
        let mut line_break: Option<Break> = None;
        let mut after_blank = false;
        while self.cursor.column() == indent && !self.cursor.at_end() {
            let blank = self.cursor.at_blank();
            let joins = header.folds && !after_blank && !blank && line_break == Some(Break::LineFeed);
            match line_break.take() {
                Some(_) if joins && breaks.is_empty() => text.push(' '),
                Some(found) if !joins => text.push_str(found.as_str()),
                Some(_) | None => {}
            }
            text.push_str(&breaks);
            breaks.clear();
            after_blank = blank;
            text.push_str(self.rest_of_line());
            *end = self.cursor.offset;
            if self.cursor.at_break() {
                line_break = Some(self.cursor.skip_break());
            }
            self.skip_block_breaks(Some(indent), &mut breaks, start)?;
        }
        if let (Some(found), Chomping::Clip | Chomping::Keep) = (line_break, header.chomping) {
            text.push_str(found.as_str());
        }
        if header.chomping == Chomping::Keep {
            text.push_str(&breaks);
        }
        Ok(text)
    }

    fn rest_of_line(&mut self) -> &'a str {
        let from = self.cursor.offset;
        while !self.cursor.at_break_or_end() {
            self.cursor.offset += 1;
        }
        &self.cursor.text[from..self.cursor.offset]
    }

    /// Moves past empty lines and the indentation of the next one, and returns the column of the text. Where it is
    /// not known yet, the widest of these lines shows it.
    fn skip_block_breaks(
        &mut self,
        indent: Option<usize>,
        breaks: &mut String,
        start: usize,
    ) -> Result<usize, Refusal> {
        let mut widest = 0;
        loop {
            while self.cursor.byte() == b' ' && indent.is_none_or(|indent| self.cursor.column() < indent) {
                self.cursor.offset += 1;
            }
            let column = self.cursor.column();
            widest = widest.max(column);
            if self.cursor.byte() == b'\t' && indent.is_none_or(|indent| column < indent) {
                let message = "a tab stands where blanks indent a block text";
                return Err(self
                    .refuse_here(message)
                    .related(self.location(start, start + 1), "the block text begins here")
                    .hint("indent with blanks; `|2` says that the text begins two columns in")
                    .into());
            }
            if !self.cursor.at_break() {
                let least = usize::try_from(self.indent + 1).unwrap_or(0).max(1);
                return Ok(indent.unwrap_or(widest.max(least)));
            }
            breaks.push_str(self.cursor.skip_break().as_str());
        }
    }
}
