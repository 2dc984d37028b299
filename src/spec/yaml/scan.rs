//! From text to tokens, by the rules of YAML 1.1 as libyaml and its Go descendant have them.
//!
//! Those differ from the specification in places (an empty `{}` is no key, a tab may stand where libyaml never
//! looks), and manifests live by what is implemented. This module must not know what a scalar means.

mod block;
mod cursor;
mod folded;
mod keys;
mod plain;
mod property;
mod quoted;
mod token;

use std::collections::VecDeque;

use self::cursor::Cursor;
use self::keys::SimpleKey;
pub(super) use self::token::{Tag, Token, TokenKind};
use super::refusal::Refusal;
use crate::diagnostic::Diagnostic;
use crate::location::{FileId, Location};

/// Makes tokens on demand, looking ahead only as far as a `:` could make a key of what was read.
pub(super) struct Scanner<'a> {
    file: FileId,
    cursor: Cursor<'a>,
    /// Tokens made and not yet taken.
    queue: VecDeque<Token<'a>>,
    /// How many tokens were taken; a token's number is its place among all.
    taken: usize,
    /// The column of the innermost block collection, -1 outside of all.
    indent: isize,
    indents: Vec<isize>,
    /// What could be a key, for the block context and for each flow collection that is open.
    keys: Vec<SimpleKey>,
    /// Token numbers of keys that were possible, rising, each with its index in `keys`.
    key_of_token: VecDeque<(usize, usize)>,
    /// Whether a key may begin here.
    key_allowed: bool,
}

impl<'a> Scanner<'a> {
    /// Scans `text` from `offset`; the text holds no NUL.
    pub(super) fn new(file: FileId, text: &'a str, offset: usize) -> Self {
        Self {
            file,
            cursor: Cursor::new(text, offset),
            queue: VecDeque::new(),
            taken: 0,
            indent: -1,
            indents: Vec::new(),
            keys: vec![SimpleKey::impossible(0)],
            key_of_token: VecDeque::new(),
            key_allowed: true,
        }
    }

    /// Returns the next token without taking it; after the last it is [`TokenKind::StreamEnd`] for ever.
    pub(super) fn peek(&mut self) -> Result<&Token<'a>, Refusal> {
        while self.queue.is_empty() || self.head_may_become_key()? {
            self.fetch()?;
        }
        Ok(&self.queue[0])
    }

    /// Takes the token that [`Scanner::peek`] showed.
    pub(super) fn take(&mut self) -> Result<Token<'a>, Refusal> {
        self.peek()?;
        self.taken += 1;
        Ok(self.queue.pop_front().expect("because peek leaves a token in the queue"))
    }

    fn flow_level(&self) -> usize {
        self.keys.len() - 1
    }

    fn fetch(&mut self) -> Result<(), Refusal> {
        self.skip_to_token();
        let column = self.cursor.column();
        self.unroll_indent(column as isize);
        if self.cursor.at_end() {
            return self.fetch_stream_end();
        }
        if column == 0 && self.cursor.byte() == b'%' {
            return self.fetch_directive();
        }
        if self.cursor.at_document_indicator() {
            return self.fetch_document_indicator();
        }
        self.fetch_content()
    }

    fn fetch_content(&mut self) -> Result<(), Refusal> {
        let in_block = self.flow_level() == 0;
        let gap = self.cursor.gap_ahead(1);
        match self.cursor.byte() {
            b'[' => self.fetch_flow_start(TokenKind::FlowListStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMapStart),
            b']' => self.fetch_flow_end(TokenKind::FlowListEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMapEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if gap => self.fetch_block_entry(),
            b'?' if !in_block || gap => self.fetch_key(),
            b':' if !in_block || gap => self.fetch_value(),
            b'*' => self.fetch_alias(),
            b'&' => self.fetch_anchor(),
            b'!' => self.fetch_tag(),
            indicator @ (b'|' | b'>') if in_block => self.fetch_block_scalar(indicator),
            quote @ (b'\'' | b'"') => self.fetch_quoted(quote),
            b'|' | b'>' | b'%' | b'@' | b'`' | b'#' | b'\t' => Err(self.no_token_starts_here()),
            _ => self.fetch_plain(),
        }
    }

    /// Eats blanks, comments and line breaks. In block context a tab does not count as a blank where a key could
    /// begin, since it has no width.
    fn skip_to_token(&mut self) {
        loop {
            let tabs = self.flow_level() > 0 || !self.key_allowed;
            while self.cursor.byte() == b' ' || (tabs && self.cursor.byte() == b'\t') {
                self.cursor.offset += 1;
            }
            self.cursor.skip_comment();
            if !self.cursor.at_break() {
                return;
            }
            self.cursor.skip_break();
            if self.flow_level() == 0 {
                self.key_allowed = true;
            }
        }
    }

    fn push(&mut self, kind: TokenKind<'a>, start: usize) {
        self.queue.push_back(Token { kind, start, end: self.cursor.offset });
    }

    /// Takes `length` bytes as a token.
    fn push_indicator(&mut self, kind: TokenKind<'a>, length: usize) {
        let start = self.cursor.offset;
        self.cursor.offset += length;
        self.push(kind, start);
    }

    fn fetch_stream_end(&mut self) -> Result<(), Refusal> {
        if self.cursor.column() != 0 {
            self.cursor.start_line();
        }
        self.leave_block()?;
        self.push_indicator(TokenKind::StreamEnd, 0);
        Ok(())
    }

    fn fetch_document_indicator(&mut self) -> Result<(), Refusal> {
        self.leave_block()?;
        let starts = self.cursor.byte() == b'-';
        self.push_indicator(if starts { TokenKind::DocumentStart } else { TokenKind::DocumentEnd }, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'a>) -> Result<(), Refusal> {
        self.save_key()?;
        self.keys.push(SimpleKey::impossible(self.next_number()));
        self.key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'a>) -> Result<(), Refusal> {
        self.remove_key()?;
        self.leave_flow();
        self.key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), Refusal> {
        self.remove_key()?;
        self.key_allowed = true;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Refusal> {
        // In flow context the composer refuses the `-`: it knows what it stands in.
        if self.flow_level() == 0 {
            if !self.key_allowed {
                return Err(self.refuse_here("a list item cannot begin here").hint(HINT_ITEM).into());
            }
            self.roll_indent_here(TokenKind::BlockListStart);
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Refusal> {
        if self.flow_level() == 0 {
            if !self.key_allowed {
                return Err(self.refuse_here("a `? ` key cannot begin here").into());
            }
            self.roll_indent_here(TokenKind::BlockMapStart);
        }
        self.remove_key()?;
        self.key_allowed = self.flow_level() == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Refusal> {
        if self.key_is_valid(self.keys.len() - 1)? {
            self.insert_key();
            self.key_allowed = false;
        } else {
            if self.flow_level() == 0 {
                if !self.key_allowed {
                    let diagnostic = self.refuse_here("no key can end here").hint(HINT_VALUE);
                    let glued = self.glued_colon();
                    let related =
                        glued.map(|at| diagnostic.clone().related(at, "a blank is missing behind this `:`"));
                    return Err(related.unwrap_or(diagnostic).into());
                }
                self.roll_indent_here(TokenKind::BlockMapStart);
            }
            self.key_allowed = self.flow_level() == 0;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    /// Returns where the line before this one has a `:` without a blank behind it, which makes text of both.
    fn glued_colon(&self) -> Option<Location> {
        let before = self.cursor.text[..self.cursor.offset].rsplit_once('\n')?.0;
        let line = before.rsplit('\n').next().unwrap_or(before);
        let (key, value) = line.split_once(':')?;
        let is_key = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let start = before.len() - line.len() + key.len();
        let glued = is_key(key.trim_start_matches([' ', '-'])) && value.starts_with(char::is_alphanumeric);
        glued.then(|| self.location(start, start + 1))
    }

    fn no_token_starts_here(&self) -> Refusal {
        match self.cursor.byte() {
            b'\t' => self.refuse_here("a tab cannot indent").hint("indent with blanks").into(),
            byte => {
                let message = format!("no plain text can begin with `{}`", char::from(byte));
                self.refuse_here(message).hint("quote the text").into()
            }
        }
    }

    fn refuse_here(&self, message: impl Into<String>) -> Diagnostic {
        self.refuse(self.cursor.offset, self.cursor.offset + 1, message)
    }

    fn refuse(&self, start: usize, end: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error("yaml-syntax", self.location(start, end), message)
    }

    /// Returns the location of `start..end`, made to end with the text and behind a whole character.
    pub(super) fn location(&self, start: usize, end: usize) -> Location {
        let text = self.cursor.text;
        let whole = |offset: &usize| text.is_char_boundary(*offset);
        let end = (end.max(start)..text.len()).find(whole).unwrap_or(text.len());
        Location::new(self.file, start, end)
    }
}

const HINT_ITEM: &str = "put the `-` on a line of its own, or quote the text before it";
const HINT_VALUE: &str =
    "quote the text if it holds `: `; a key stands on one line, at the column of its neighbours";
