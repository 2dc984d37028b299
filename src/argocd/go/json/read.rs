//! Reading into an `interface {}`: every number is a float, of equal keys the last holds.

use std::sync::Arc;

use super::super::value::{Map, Value};
use super::{DEPTH, too_deep};
use crate::argocd::Fault;

/// What Go reads of a text.
#[derive(Debug)]
pub struct Read {
    /// The value; nil where the text is no JSON, and in the place of a number that is too large.
    pub value: Value,
    /// What Go complains of.
    pub wrong: Option<String>,
}

/// Reads JSON as `json.Unmarshal` does into an `interface {}`.
///
/// # Errors
/// Only what is nested too deeply is refused.
pub fn read(text: &str) -> Result<Read, Fault> {
    let mut reader = Reader { text, at: 0, depth: 0, out_of_range: None };
    match reader.document() {
        Ok(value) => Ok(Read { value, wrong: reader.out_of_range }),
        Err(Failure::Syntax(wrong)) => Ok(Read { value: Value::Nil, wrong: Some(wrong) }),
        Err(Failure::Depth) => Err(too_deep()),
    }
}

enum Failure {
    Syntax(String),
    Depth,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// The first number that no float holds.
    out_of_range: Option<String>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Value, Failure> {
        let value = self.value()?;
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.unexpected("after top-level value")),
        }
    }

    /// Returns the next byte that is no blank, without taking it.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        self.at += blanks;
        rest.get(blanks).copied()
    }

    fn unexpected(&self, place: &str) -> Failure {
        Failure::Syntax(match self.text[self.at..].chars().next() {
            None => "unexpected end of JSON input".to_owned(),
            Some(char) => format!("invalid character {char:?} {place}"),
        })
    }

    fn value(&mut self) -> Result<Value, Failure> {
        const PLACE: &str = "looking for beginning of value";
        match self.peek() {
            Some(b'{') => self.nested(Self::map),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => Ok(Value::text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Nil),
            _ => Err(self.unexpected(PLACE)),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Failure>) -> Result<Value, Failure> {
        if self.depth == DEPTH {
            return Err(Failure::Depth);
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Value, Failure> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value()?);
            if !self.goes_on(b']', "after array element")? {
                return Ok(Value::list(items));
            }
        }
    }

    fn map(&mut self) -> Result<Value, Failure> {
        let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Map(Map::new(entries)));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = self.string()?;
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            entries.push((key.into(), self.value()?));
            if !self.goes_on(b'}', "after object key:value pair")? {
                return Ok(Value::Map(Map::new(entries)));
            }
        }
    }

    /// Takes a comma, or the closing bracket, behind which nothing goes on.
    fn goes_on(&mut self, closing: u8, place: &str) -> Result<bool, Failure> {
        let next = self.peek();
        if next != Some(b',') && next != Some(closing) {
            return Err(self.unexpected(place));
        }
        self.at += 1;
        Ok(next == Some(b','))
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Failure> {
        let same = word.bytes().zip(self.text[self.at..].bytes()).take_while(|(a, b)| a == b).count();
        self.at += same;
        if same < word.len() {
            return Err(self.unexpected(&format!("in literal {word}")));
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, Failure> {
        let start = self.at;
        self.take(b"-");
        if !self.take(b"0") {
            self.digits("in numeric literal")?;
        }
        if self.take(b".") {
            self.digits("after decimal point in numeric literal")?;
        }
        if self.take(b"eE") {
            self.take(b"+-");
            self.digits("in exponent of numeric literal")?;
        }
        let literal = &self.text[start..self.at];
        match literal.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(Value::Float(float)),
            _ => {
                let wrong = format!("json: cannot unmarshal number {literal} into Go value of type float64");
                self.out_of_range.get_or_insert(wrong);
                Ok(Value::Nil)
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> bool {
        let is_there = self.text.as_bytes().get(self.at).is_some_and(|byte| bytes.contains(byte));
        self.at += usize::from(is_there);
        is_there
    }

    fn digits(&mut self, place: &str) -> Result<(), Failure> {
        let count = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(self.unexpected(place)) } else { Ok(()) }
    }

    /// Reads a string; it begins where the reader stands.
    fn string(&mut self) -> Result<String, Failure> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|char| matches!(char, '"' | '\\' | '\0'..='\u{1f}')).unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.at += plain;
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err(self.unexpected("in string literal")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Failure> {
        self.at += 1;
        let char = match self.text.as_bytes().get(self.at) {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.at += 1;
        Ok(char)
    }

    /// Reads what stands behind `\`; half of a surrogate pair becomes U+FFFD.
    fn unicode(&mut self) -> Result<char, Failure> {
        let first = self.four_digits()?;
        if let Some(char) = char::from_u32(first) {
            return Ok(char);
        }
        let behind = self.at;
        if first < 0xdc00 && self.text[behind..].starts_with("\\u") {
            self.at += 1;
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let joined = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(joined).unwrap_or('\u{fffd}'));
            }
            self.at = behind;
        }
        Ok('\u{fffd}')
    }

    fn four_digits(&mut self) -> Result<u32, Failure> {
        self.at += 1;
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.text.as_bytes().get(self.at).and_then(|byte| char::from(*byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected("in \\u hexadecimal character escape"));
            };
            value = value << 4 | digit;
            self.at += 1;
        }
        Ok(value)
    }
}
