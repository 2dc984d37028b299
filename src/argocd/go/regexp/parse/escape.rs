//! Reading escapes and classes.

use super::{Assertion, Node, Outcome, Parser, wrong};
use crate::argocd::go::regexp::class::{MOST, Set};

const WRONG_ESCAPE: &str = "invalid escape sequence";
const WRONG_RANGE: &str = "invalid character class range";

impl<'a> Parser<'a> {
    /// Reads an escape outside of a class; `before` begins with its backslash, behind which the parser stands.
    pub(super) fn escape(&mut self, before: &'a str) -> Outcome<()> {
        let letter = self.rest.chars().next();
        let assertion = match letter {
            Some('A') => Some(Assertion::TextStart),
            Some('z') => Some(Assertion::TextEnd),
            Some('b') => Some(Assertion::WordBoundary),
            Some('B') => Some(Assertion::NoWordBoundary),
            Some('C') => return wrong(WRONG_ESCAPE, "\\C"),
            _ => None,
        };
        if let Some(assertion) = assertion {
            self.rest = &self.rest[1..];
            self.push(Node::Assertion(assertion));
            return Ok(());
        }
        if letter == Some('Q') {
            let quoted = &self.rest[1..];
            let (literals, rest) = quoted.split_once("\\E").unwrap_or((quoted, ""));
            self.rest = rest;
            literals.chars().for_each(|char| self.literal(char));
            return Ok(());
        }
        if let Some(set) = self.class_escape(before)? {
            self.push(Node::Set(set));
            return Ok(());
        }
        match self.char_escape(before)? {
            Ok(char) => self.literal(char),
            Err(_) => self.push(Node::Set(Set::default())),
        }
        Ok(())
    }

    /// Reads `\d` and its like, and `\p{…}`; the parser stands behind the backslash.
    fn class_escape(&mut self, before: &'a str) -> Outcome<Option<Set>> {
        let Some(letter) = self.rest.chars().next() else { return Ok(None) };
        let rest = &self.rest[letter.len_utf8()..];
        if matches!(letter, 'p' | 'P') {
            return self.unicode(letter == 'P', before, rest).map(Some);
        }
        let lower = letter.to_ascii_lowercase();
        if !matches!(lower, 'd' | 's' | 'w') {
            return Ok(None);
        }
        self.rest = rest;
        Ok(Set::named(lower.encode_utf8(&mut [0; 4])).map(|set| self.cased(set, letter != lower)))
    }

    /// Returns a set as the flags have it, or everything else.
    fn cased(&self, set: Set, is_negated: bool) -> Set {
        let set = if self.flags.folds_case { set.folded() } else { set };
        if is_negated { set.negated() } else { set }
    }

    fn unicode(&mut self, is_negated: bool, before: &'a str, rest: &'a str) -> Outcome<Set> {
        let Some(first) = rest.chars().next() else {
            return wrong(WRONG_RANGE, before);
        };
        let (name, rest) = match rest.strip_prefix('{') {
            None => rest.split_at(first.len_utf8()),
            Some(inner) => match inner.split_once('}') {
                Some(split) => split,
                None => return wrong(WRONG_RANGE, before),
            },
        };
        self.rest = rest;
        let (name, is_negated) = match name.strip_prefix('^') {
            Some(name) => (name, !is_negated),
            None => (name, is_negated),
        };
        match Set::unicode(name, self.flags.folds_case) {
            Some(set) => Ok(if is_negated { set.negated() } else { set }),
            None => wrong(WRONG_RANGE, &before[..before.len() - rest.len()]),
        }
    }

    /// Reads the escape of one character; a surrogate, which no text has, is given as its number.
    fn char_escape(&mut self, before: &'a str) -> Outcome<Result<char, u32>> {
        let Some(letter) = self.rest.chars().next() else {
            return wrong("trailing backslash at end of expression", "");
        };
        self.rest = &self.rest[letter.len_utf8()..];
        let next_is_octal = self.rest.starts_with(|char| matches!(char, '0'..='7'));
        let char = match letter {
            'a' => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => match self.hexadecimal() {
                Some(number) => return Ok(char::from_u32(number).ok_or(number)),
                None => return wrong(WRONG_ESCAPE, &before[..before.len() - self.rest.len()]),
            },
            '0' => return Ok(Ok(self.octal(0))),
            '1'..='7' if next_is_octal => return Ok(Ok(self.octal(u32::from(letter) - u32::from('0')))),
            _ if letter.is_ascii() && !letter.is_ascii_alphanumeric() => letter,
            _ => return wrong(WRONG_ESCAPE, &before[..before.len() - self.rest.len()]),
        };
        Ok(Ok(char))
    }

    /// Reads up to two octal digits more.
    fn octal(&mut self, mut number: u32) -> char {
        for _ in 0..2 {
            let Some(digit) = self.rest.chars().next().and_then(|char| char.to_digit(8)) else { break };
            self.rest = &self.rest[1..];
            number = number * 8 + digit;
        }
        char::from_u32(number).unwrap_or_default()
    }

    /// Reads two digits, or some in braces.
    fn hexadecimal(&mut self) -> Option<u32> {
        let (digits, rest) = match self.rest.strip_prefix('{') {
            Some(inner) => inner.split_once('}')?,
            None => (self.rest.get(..2)?, self.rest.get(2..)?),
        };
        let number = digits.chars().try_fold(0_u32, |number, char| {
            Some(number * 16 + char.to_digit(16)?).filter(|number| *number <= MOST)
        })?;
        self.rest = rest;
        (!digits.is_empty()).then_some(number)
    }

    /// Reads a class; `before` begins with its bracket, behind which the parser stands.
    pub(super) fn class(&mut self, before: &'a str) -> Outcome<Set> {
        let mut set = Set::default();
        let is_negated = self.rest.starts_with('^');
        self.rest = self.rest.strip_prefix('^').unwrap_or(self.rest);
        let mut is_first = true;
        while is_first || !self.rest.starts_with(']') {
            is_first = false;
            let item = self.class_item(before)?;
            set = set.union(&item);
        }
        self.rest = &self.rest[1..];
        Ok(if is_negated { set.negated() } else { set })
    }

    fn class_item(&mut self, whole: &'a str) -> Outcome<Set> {
        let before = self.rest;
        if let Some((name, rest)) = before.strip_prefix("[:").and_then(|inner| inner.split_once(":]")) {
            self.rest = rest;
            let (name, is_negated) = match name.strip_prefix('^') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let set = Set::named(name).filter(|_| name.len() > 1);
            return match set {
                Some(set) => Ok(self.cased(set, is_negated)),
                None => wrong(WRONG_RANGE, &before[..before.len() - rest.len()]),
            };
        }
        if let Some(rest) = before.strip_prefix('\\') {
            self.rest = rest;
            if let Some(set) = self.class_escape(before)? {
                return Ok(set);
            }
            self.rest = before;
        }
        let low = self.class_char(whole)?;
        let mut high = low;
        if let Some(rest) =
            self.rest.strip_prefix('-').filter(|rest| !rest.is_empty() && !rest.starts_with(']'))
        {
            self.rest = rest;
            high = self.class_char(whole)?;
            if high < low {
                return wrong(WRONG_RANGE, &before[..before.len() - self.rest.len()]);
            }
        }
        let set = Set::range(low, high);
        Ok(if self.flags.folds_case { set.folded() } else { set })
    }

    /// Reads one character of a class as its number.
    fn class_char(&mut self, whole: &'a str) -> Outcome<u32> {
        let before = self.rest;
        let Some(char) = before.chars().next() else { return wrong("missing closing ]", whole) };
        self.rest = &before[char.len_utf8()..];
        if char != '\\' {
            return Ok(char.into());
        }
        Ok(match self.char_escape(before)? {
            Ok(char) => char.into(),
            Err(surrogate) => surrogate,
        })
    }
}
