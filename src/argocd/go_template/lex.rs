//! A template's text as tokens, as Go 1.26's `text/template/parse` cuts it.
//!
//! Knows nothing of what may stand where. Trimmed spaces and comments are gone after this.

mod token;

use std::cell::OnceCell;

use regex_syntax::hir::ClassUnicode;

pub(super) use self::token::{Kind, Token, Tokens};
use crate::argocd::go::quote::is_printable;
use crate::argocd::go::unicode;

const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];
const LEFT: &str = "{{";
const RIGHT: &str = "}}";

/// The marker that trims and the space that belongs to it.
const TRIM: usize = 2;

/// Cuts a text into tokens.
pub(super) fn lex(text: &str) -> Tokens {
    let mut lexer =
        Lexer { text, at: 0, start: 0, line: 1, start_line: 1, list: Vec::new(), classes: OnceCell::new() };
    let fault = lexer.text().err().unwrap_or_default();
    let kind = if fault.is_empty() { Kind::End } else { Kind::Fault };
    lexer.emit(kind);
    Tokens { list: lexer.list, fault }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    start: usize,
    line: usize,
    start_line: usize,
    list: Vec<Token>,
    /// Letters and digits beyond ASCII, once there is one to judge.
    classes: OnceCell<[ClassUnicode; 2]>,
}

/// What is wrong, in Go's words.
type Step = Result<(), String>;

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        self.line += usize::from(letter == '\n');
        Some(letter)
    }

    fn accept(&mut self, is_valid: impl Fn(char) -> bool) -> bool {
        let accepted = self.peek().is_some_and(is_valid);
        if accepted {
            self.next();
        }
        accepted
    }

    fn accept_all(&mut self, is_valid: impl Fn(char) -> bool) {
        while self.accept(&is_valid) {}
    }

    fn accept_name(&mut self) {
        while self.peek().is_some_and(|letter| self.is_alphanumeric(letter)) {
            self.next();
        }
    }

    fn is_alphanumeric(&self, letter: char) -> bool {
        if letter.is_ascii() {
            return letter == '_' || letter.is_ascii_alphanumeric();
        }
        let classes = self.classes.get_or_init(|| ["L", "Nd"].map(unicode::class));
        classes.iter().any(|class| unicode::contains(class, letter))
    }

    fn emit(&mut self, kind: Kind) {
        self.list.push(Token { kind, start: self.start, end: self.at, line: self.start_line });
        self.ignore();
    }

    /// Forgets what was read since the last token.
    fn ignore(&mut self) {
        self.start = self.at;
        self.start_line = self.line;
    }

    /// Moves over bytes whose lines are to be counted.
    fn skip(&mut self, bytes: usize) {
        let end = self.at + bytes;
        self.line += self.text[self.at..end].matches('\n').count();
        self.at = end;
    }

    fn text(&mut self) -> Step {
        while let Some(length) = self.rest().find(LEFT) {
            let behind = &self.text[self.at + length + LEFT.len()..];
            let trims = trims_left(behind);
            let text = &self.text[self.at..self.at + length];
            let kept = if trims { text.trim_end_matches(SPACES).len() } else { length };
            self.skip(kept);
            if kept > 0 {
                self.emit(Kind::Text);
            }
            self.skip(length - kept);
            self.ignore();
            let marker = if trims { TRIM } else { 0 };
            if behind[marker..].starts_with("/*") {
                self.skip(LEFT.len() + marker);
                self.comment()?;
            } else {
                self.skip(LEFT.len());
                self.emit(Kind::LeftDelimiter);
                self.skip(marker);
                self.ignore();
                self.action()?;
            }
        }
        self.skip(self.text.len() - self.at);
        if self.at > self.start {
            self.emit(Kind::Text);
        }
        Ok(())
    }

    fn comment(&mut self) -> Step {
        let length = self.rest()[2..].find("*/").ok_or("unclosed comment")?;
        self.skip(length + 4);
        let trims = self.at_right().ok_or("comment ends before closing delimiter")?;
        self.right(trims);
        Ok(())
    }

    /// Says whether the action ends here, and whether that trims.
    fn at_right(&self) -> Option<bool> {
        let rest = self.rest();
        if trims_right(rest) && rest[TRIM..].starts_with(RIGHT) {
            return Some(true);
        }
        rest.starts_with(RIGHT).then_some(false)
    }

    /// Moves behind the end of an action and what it trims.
    fn right(&mut self, trims: bool) {
        self.skip(if trims { TRIM + RIGHT.len() } else { RIGHT.len() });
        if trims {
            let rest = self.rest();
            self.skip(rest.len() - rest.trim_start_matches(SPACES).len());
        }
        self.ignore();
    }

    fn action(&mut self) -> Step {
        let mut depth = 0_usize;
        loop {
            if let Some(trims) = self.at_right() {
                if depth > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                let marker = if trims { TRIM } else { 0 };
                let (start, line) = (self.at + marker, self.line);
                self.list.push(Token { kind: Kind::RightDelimiter, start, end: start + RIGHT.len(), line });
                self.right(trims);
                return Ok(());
            }
            match self.peek() {
                Some('(') => depth += 1,
                Some(')') => {
                    depth = depth.checked_sub(1).ok_or("unexpected right paren")?;
                }
                _ => {}
            }
            self.inside()?;
        }
    }

    /// Reads one token inside of an action.
    fn inside(&mut self) -> Step {
        let letter = self.next().ok_or("unclosed action")?;
        match letter {
            letter if SPACES.contains(&letter) => self.space(),
            '=' => self.emit(Kind::Assign),
            ':' if self.accept(|next| next == '=') => self.emit(Kind::Declare),
            ':' => return Err("expected :=".to_owned()),
            '|' => self.emit(Kind::Pipe),
            '"' => self.quoted('"', Kind::Quoted, "unterminated quoted string")?,
            '\'' => self.quoted('\'', Kind::Rune, "unterminated character constant")?,
            '`' => {
                let length = self.rest().find('`').ok_or("unterminated raw quoted string")?;
                self.skip(length + 1);
                self.emit(Kind::RawQuoted);
            }
            '$' => self.name(Kind::Variable, Kind::Variable)?,
            '.' if self.peek().is_some_and(|next| !next.is_ascii_digit()) => {
                self.name(Kind::Dot, Kind::Field)?;
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.at -= 1;
                self.number()?;
            }
            letter if self.is_alphanumeric(letter) => self.word()?,
            '(' => self.emit(Kind::LeftParenthesis),
            ')' => self.emit(Kind::RightParenthesis),
            ' '..='~' => self.emit(Kind::Other),
            _ => return Err(format!("unrecognized character in action: {}", shown(letter))),
        }
        Ok(())
    }

    /// Reads the spaces behind a first one; the last of them may belong to a marker that trims.
    fn space(&mut self) {
        self.accept_all(|letter| SPACES.contains(&letter));
        let rest = &self.text[self.at - 1..];
        if trims_right(rest) && rest[TRIM..].starts_with(RIGHT) {
            self.at -= 1;
            self.line -= usize::from(rest.starts_with('\n'));
        }
        if self.at > self.start {
            self.emit(Kind::Space);
        }
    }

    fn quoted(&mut self, quote: char, kind: Kind, unterminated: &str) -> Step {
        loop {
            match self.next() {
                Some('\\') => {
                    if !self.accept(|letter| letter != '\n') {
                        return Err(unterminated.to_owned());
                    }
                }
                None | Some('\n') => return Err(unterminated.to_owned()),
                Some(letter) if letter == quote => break,
                Some(_) => {}
            }
        }
        self.emit(kind);
        Ok(())
    }

    /// Reads the name behind a dot or a dollar, which may stand alone.
    fn name(&mut self, alone: Kind, named: Kind) -> Step {
        if self.at_terminator() {
            self.emit(alone);
            return Ok(());
        }
        self.accept_name();
        self.must_end()?;
        self.emit(named);
        Ok(())
    }

    fn word(&mut self) -> Step {
        self.accept_name();
        self.must_end()?;
        let kind = match &self.text[self.start..self.at] {
            "block" => Kind::Block,
            "break" => Kind::Break,
            "continue" => Kind::Continue,
            "define" => Kind::Define,
            "else" => Kind::Else,
            "end" => Kind::EndWord,
            "if" => Kind::If,
            "range" => Kind::Range,
            "nil" => Kind::Nil,
            "template" => Kind::Template,
            "with" => Kind::With,
            "true" | "false" => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.emit(kind);
        Ok(())
    }

    fn must_end(&self) -> Step {
        match self.peek() {
            Some(letter) if !self.at_terminator() => Err(format!("bad character {}", shown(letter))),
            _ => Ok(()),
        }
    }

    fn at_terminator(&self) -> bool {
        let ends = |letter| SPACES.contains(&letter) || ['.', ',', '|', ':', ')', '('].contains(&letter);
        self.peek().is_none_or(ends) || self.rest().starts_with(RIGHT)
    }

    fn number(&mut self) -> Step {
        let bad = |lexer: &Self| Err(format!("bad number syntax: {:?}", &lexer.text[lexer.start..lexer.at]));
        if !self.one_number() {
            return bad(self);
        }
        if !matches!(self.peek(), Some('+' | '-')) {
            self.emit(Kind::Number);
            return Ok(());
        }
        if !self.one_number() || !self.text[..self.at].ends_with('i') {
            return bad(self);
        }
        self.emit(Kind::Complex);
        Ok(())
    }

    /// Reads what looks like a number; whether it is one is decided where its value is needed.
    fn one_number(&mut self) -> bool {
        let is_sign = |letter| letter == '+' || letter == '-';
        let mut radix = 10;
        self.accept(is_sign);
        if self.accept(|letter| letter == '0') {
            for (letters, other) in [("xX", 16), ("oO", 8), ("bB", 2)] {
                if radix == 10 && self.accept(|letter| letters.contains(letter)) {
                    radix = other;
                }
            }
        }
        let is_digit = |letter: char| letter == '_' || letter.is_digit(radix);
        self.accept_all(is_digit);
        if self.accept(|letter| letter == '.') {
            self.accept_all(is_digit);
        }
        let exponent = match radix {
            10 => "eE",
            16 => "pP",
            _ => "",
        };
        if self.accept(|letter| exponent.contains(letter)) {
            self.accept(is_sign);
            self.accept_all(|letter| letter == '_' || letter.is_ascii_digit());
        }
        self.accept(|letter| letter == 'i');
        let goes_on = self.peek().is_some_and(|letter| self.is_alphanumeric(letter));
        if goes_on {
            self.next();
        }
        !goes_on
    }
}

fn trims_left(behind: &str) -> bool {
    behind.starts_with('-') && behind[1..].starts_with(SPACES)
}

fn trims_right(rest: &str) -> bool {
    rest.starts_with(SPACES) && rest[1..].starts_with('-')
}

fn shown(letter: char) -> String {
    let code = format!("U+{:04X}", u32::from(letter));
    if is_printable(letter) { format!("{code} '{letter}'") } else { code }
}
