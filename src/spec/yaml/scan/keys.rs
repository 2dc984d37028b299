//! Keys that are known for keys only at their `:`, and the indentation that opens and closes block collections.

use super::{Scanner, Token, TokenKind};
use crate::spec::yaml::refusal::Refusal;

/// How far behind the start of a key its `:` may stand, in characters.
const KEY_LENGTH: usize = 1024;

/// What could turn out to be a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct SimpleKey {
    possible: bool,
    /// In block context, at the column of the keys: nothing but a key may stand here.
    required: bool,
    /// The number of its first token.
    number: usize,
    offset: usize,
    line: usize,
    column: usize,
}

impl SimpleKey {
    pub(super) fn impossible(number: usize) -> Self {
        Self { possible: false, required: false, number, offset: 0, line: 0, column: 0 }
    }
}

impl<'a> Scanner<'a> {
    /// Returns the number that the next token will have.
    pub(super) fn next_number(&self) -> usize {
        self.taken + self.queue.len()
    }

    /// Returns whether the first token of the queue must wait, because a `:` could make it a key.
    pub(super) fn head_may_become_key(&mut self) -> Result<bool, Refusal> {
        while self.key_of_token.front().is_some_and(|(number, _)| *number < self.taken) {
            self.key_of_token.pop_front();
        }
        match self.key_of_token.front() {
            Some((number, index)) if *number == self.taken => self.key_is_valid(*index),
            _ => Ok(false),
        }
    }

    /// Returns whether the key at `index` can still become one: on its line, and not too far back.
    pub(super) fn key_is_valid(&mut self, index: usize) -> Result<bool, Refusal> {
        let Some(key) = self.keys.get(index).filter(|key| key.possible) else { return Ok(false) };
        if key.line == self.cursor.line && !self.is_too_far(key.offset) {
            return Ok(true);
        }
        if key.required {
            return Err(self.missing_colon(key));
        }
        self.keys[index].possible = false;
        Ok(false)
    }

    fn is_too_far(&self, start: usize) -> bool {
        let passed = &self.cursor.text.as_bytes()[start..self.cursor.offset];
        let characters = || passed.iter().filter(|byte| (**byte & 0xc0) != 0x80).count();
        passed.len() > 4 * KEY_LENGTH || (passed.len() > KEY_LENGTH && characters() > KEY_LENGTH)
    }

    fn missing_colon(&self, key: &SimpleKey) -> Refusal {
        let rest = &self.cursor.text[key.offset..];
        let end = key.offset + rest.find(['\n', '\r']).unwrap_or(rest.len());
        self.refuse(key.offset, end, "`: ` is missing behind this key")
            .hint("every line at this column is a key with `: ` behind it, at most 1024 characters on")
            .into()
    }

    /// Remembers that what begins here could be a key, if one may begin here.
    pub(super) fn save_key(&mut self) -> Result<(), Refusal> {
        if !self.key_allowed {
            return Ok(());
        }
        self.remove_key()?;
        let column = self.cursor.column();
        let number = self.next_number();
        let required = self.flow_level() == 0 && self.indent == column as isize;
        let (offset, line) = (self.cursor.offset, self.cursor.line);
        let index = self.keys.len() - 1;
        self.keys[index] = SimpleKey { possible: true, required, number, offset, line, column };
        self.forget_token(number);
        self.key_of_token.push_back((number, index));
        Ok(())
    }

    /// Gives up the possible key of the innermost collection.
    pub(super) fn remove_key(&mut self) -> Result<(), Refusal> {
        let index = self.keys.len() - 1;
        let key = self.keys[index];
        if key.possible {
            if key.required {
                return Err(self.missing_colon(&key));
            }
            self.keys[index].possible = false;
            self.forget_token(key.number);
        }
        Ok(())
    }

    /// Closes a flow collection.
    ///
    /// Where nothing in it could be a key, its own number is that of its bracket, so that an empty `{}` or `[]` at
    /// the head of the queue is no key any more: go-yaml's behaviour, by which `{}: a` is `{}`.
    pub(super) fn leave_flow(&mut self) {
        if self.flow_level() > 0 {
            let number = self.keys[self.keys.len() - 1].number;
            self.forget_token(number);
            self.keys.pop();
        }
    }

    fn forget_token(&mut self, number: usize) {
        let from_back = self.key_of_token.iter().rev().take_while(|(other, _)| *other >= number).count();
        let first = self.key_of_token.len() - from_back;
        if self.key_of_token.get(first).is_some_and(|(other, _)| *other == number) {
            self.key_of_token.remove(first);
        }
    }

    /// Makes a key of what was remembered, now that its `:` is found.
    pub(super) fn insert_key(&mut self) {
        let index = self.keys.len() - 1;
        let key = self.keys[index];
        let token = Token { kind: TokenKind::Key, start: key.offset, end: key.offset };
        self.insert(key.number, token);
        let token = Token { kind: TokenKind::BlockMapStart, start: key.offset, end: key.offset };
        if self.roll_indent(key.column as isize) {
            self.insert(key.number, token);
        }
        self.keys[index].possible = false;
        self.forget_token(key.number);
    }

    /// Puts a token before the one with `number`, or last where that one was taken already.
    fn insert(&mut self, number: usize, token: Token<'a>) {
        match number.checked_sub(self.taken) {
            Some(place) if place <= self.queue.len() => self.queue.insert(place, token),
            _ => self.queue.push_back(token),
        }
    }

    /// Opens a block collection at `column` if it lies deeper than the open one; says whether it did.
    fn roll_indent(&mut self, column: isize) -> bool {
        let opens = self.flow_level() == 0 && self.indent < column;
        if opens {
            self.indents.push(self.indent);
            self.indent = column;
        }
        opens
    }

    /// Opens a block collection here if this column lies deeper than the open one.
    pub(super) fn roll_indent_here(&mut self, start: TokenKind<'a>) {
        let column = self.cursor.column() as isize;
        if self.roll_indent(column) {
            self.push_indicator(start, 0);
        }
    }

    /// Closes the block collections that lie deeper than `column`.
    pub(super) fn unroll_indent(&mut self, column: isize) {
        while self.flow_level() == 0 && self.indent > column {
            self.push_indicator(TokenKind::BlockEnd, 0);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Closes every block collection: a document or the stream ends here.
    pub(super) fn leave_block(&mut self) -> Result<(), Refusal> {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.key_allowed = false;
        Ok(())
    }
}
