//! Plain scalars: without quotes, on one line or more.

use std::borrow::Cow;

use super::folded::Folded;
use super::{Scanner, TokenKind};
use crate::spec::yaml::node::Style;
use crate::spec::yaml::refusal::Refusal;

/// Bytes behind which a plain scalar may end: blanks, breaks or their first byte, `:`, and what ends it in `[]`.
const MAY_END: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"\0\t\n\r :,?[]{}\xc2\xe2";
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table
};

impl<'a> Scanner<'a> {
    pub(super) fn fetch_plain(&mut self) -> Result<(), Refusal> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.offset;
        let indent = self.indent + 1;
        let mut folded = Folded::new(self.cursor.text, start);
        let mut end = start;
        while self.cursor.byte() != b'#' && !self.cursor.at_document_indicator() {
            let word = self.cursor.offset;
            self.skip_plain_word();
            if self.cursor.offset > word {
                folded.join(word);
                end = self.cursor.offset;
            }
            if !self.cursor.at_blank() && !self.cursor.at_break() {
                break;
            }
            self.skip_plain_gap(&mut folded, end, indent)?;
            if self.flow_level() == 0 && (self.cursor.column() as isize) < indent {
                break;
            }
        }
        // Behind a line break a key may begin, also where only the next line showed that the scalar had ended.
        self.key_allowed |= folded.is_leading();
        let text = match folded.is_untouched(start) {
            true => Cow::Borrowed(&self.cursor.text[start..end]),
            false => Cow::Owned(folded.finish(end)),
        };
        self.push(TokenKind::Scalar { text, style: Style::Plain }, start);
        self.queue.back_mut().expect("because it was just pushed").end = end;
        Ok(())
    }

    /// Moves to the next blank, line break, or indicator that ends the scalar.
    fn skip_plain_word(&mut self) {
        let in_flow = self.flow_level() > 0;
        loop {
            while !MAY_END[self.cursor.byte() as usize] {
                self.cursor.offset += 1;
            }
            let ends = match self.cursor.byte() {
                0 | b' ' | b'\t' | b'\n' | b'\r' => true,
                b':' => self.cursor.gap_ahead(1),
                0xc2 | 0xe2 => self.cursor.at_break(),
                _ => in_flow,
            };
            if ends {
                return;
            }
            self.cursor.offset += 1;
        }
    }

    /// Moves past blanks and line breaks behind the text that ends at `end`.
    fn skip_plain_gap(&mut self, folded: &mut Folded<'a>, end: usize, indent: isize) -> Result<(), Refusal> {
        loop {
            if self.cursor.at_blank() {
                let tab = self.cursor.byte() == b'\t';
                if tab && folded.is_leading() && (self.cursor.column() as isize) < indent {
                    return Err(self.refuse_here("a tab cannot indent").hint("indent with blanks").into());
                }
                self.cursor.offset += 1;
            } else if self.cursor.at_break() {
                folded.skip_break(&mut self.cursor, end);
            } else {
                return Ok(());
            }
        }
    }
}
