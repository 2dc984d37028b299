//! Go's quoted texts, as Go 1.26's `strconv` reads and writes them.

use std::fmt::Write;

/// Returns the text that a Go literal stands for, `"…"` or `` `…` ``; `None` where it is none.
///
/// Bytes that are no UTF-8 become U+FFFD.
pub fn unquote(literal: &str) -> Option<String> {
    let quote = literal.chars().next()?;
    let inner = literal.get(1..)?.strip_suffix(quote)?;
    match quote {
        '`' => (!inner.contains('`')).then(|| inner.replace('\r', "")),
        '"' => {
            let mut bytes = Vec::with_capacity(inner.len());
            let mut rest = inner;
            while !rest.is_empty() {
                if rest.starts_with('\n') {
                    return None;
                }
                let (unit, behind) = unquote_one(rest, '"')?;
                unit.append_to(&mut bytes);
                rest = behind;
            }
            Some(text_of(bytes))
        }
        _ => None,
    }
}

/// Reads one character or escape of a Go literal in single quotes, and returns its number and what stands behind it;
/// `None` where none can stand.
pub fn unquote_rune(text: &str) -> Option<(u32, &str)> {
    let (unit, rest) = unquote_one(text, '\'')?;
    let code = match unit {
        Unit::Byte(byte) => byte.into(),
        Unit::Letter(letter) => letter.into(),
    };
    Some((code, rest))
}

enum Unit {
    Byte(u8),
    Letter(char),
}

impl Unit {
    fn append_to(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Byte(byte) => bytes.push(*byte),
            Self::Letter(letter) => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Reads one character or escape, and returns what stands behind it.
fn unquote_one(text: &str, quote: char) -> Option<(Unit, &str)> {
    let mut letters = text.chars();
    let first = letters.next()?;
    if first == quote {
        return None;
    }
    if first != '\\' {
        return Some((Unit::Letter(first), letters.as_str()));
    }
    let kind = letters.next()?;
    let rest = letters.as_str();
    let simple = |letter| Some((Unit::Letter(letter), rest));
    match kind {
        'a' => simple('\x07'),
        'b' => simple('\x08'),
        'f' => simple('\x0c'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\x0b'),
        '\\' => simple('\\'),
        '\'' | '"' if kind == quote => simple(kind),
        'x' => escape(rest, 2, 16).map(|(code, rest)| (byte(code), rest)),
        'u' => escape(rest, 4, 16).and_then(|(code, rest)| Some((Unit::Letter(char::from_u32(code)?), rest))),
        'U' => escape(rest, 8, 16).and_then(|(code, rest)| Some((Unit::Letter(char::from_u32(code)?), rest))),
        '0'..='7' => {
            let (code, rest) = escape(&text[1..], 3, 8)?;
            (code < 256).then(|| (byte(code), rest))
        }
        _ => None,
    }
}

fn byte(code: u32) -> Unit {
    Unit::Byte(u8::try_from(code).unwrap_or_default())
}

fn escape(text: &str, digits: usize, radix: u32) -> Option<(u32, &str)> {
    let (digits, rest) = (text.get(..digits)?, text.get(digits..)?);
    let is_digits = digits.chars().all(|letter| letter.is_digit(radix));
    is_digits.then(|| u32::from_str_radix(digits, radix).ok().map(|code| (code, rest))).flatten()
}

/// Makes a text of bytes: each that is no UTF-8 becomes U+FFFD, as it does in Go.
pub fn text_of(bytes: Vec<u8>) -> String {
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.into_bytes(),
    };
    let mut clean = String::with_capacity(text.len());
    loop {
        match std::str::from_utf8(&text) {
            Ok(rest) => {
                clean.push_str(rest);
                return clean;
            }
            Err(error) => {
                let valid = error.valid_up_to();
                clean.push_str(std::str::from_utf8(&text[..valid]).unwrap_or_default());
                clean.push('\u{fffd}');
                text.drain(..=valid);
            }
        }
    }
}

/// Which characters a quoted text spells out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// Those that cannot be printed: `strconv.Quote`.
    Unprintable,
    /// Those too that are not ASCII: `strconv.QuoteToASCII`.
    BeyondAscii,
}

/// Returns a text as a Go literal in double quotes.
pub fn quote(text: &str, which: Escape) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        push_escaped(&mut quoted, letter, ('"', which));
    }
    quoted.push('"');
    quoted
}

/// Returns a character as a Go literal in single quotes; U+FFFD for what is no character.
pub fn quote_rune(code: u32, which: Escape) -> String {
    let mut quoted = String::from("'");
    push_escaped(&mut quoted, char::from_u32(code).unwrap_or('\u{fffd}'), ('\'', which));
    quoted.push('\'');
    quoted
}

fn push_escaped(quoted: &mut String, letter: char, (quote, which): (char, Escape)) {
    let escape = match letter {
        '\x07' => "\\a",
        '\x08' => "\\b",
        '\x0c' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\x0b' => "\\v",
        '\\' => "\\\\",
        _ => "",
    };
    if !escape.is_empty() {
        quoted.push_str(escape);
    } else if letter == quote {
        quoted.push('\\');
        quoted.push(letter);
    } else if is_printable(letter) && (letter.is_ascii() || which == Escape::Unprintable) {
        quoted.push(letter);
    } else {
        let code = u32::from(letter);
        // Writing to a text cannot fail.
        let _ = match code {
            0..0x20 | 0x7f => write!(quoted, "\\x{code:02x}"),
            0x20..0x1_0000 => write!(quoted, "\\u{code:04x}"),
            _ => write!(quoted, "\\U{code:08x}"),
        };
    }
}

/// Says whether a text can stand between backquotes: one line, nothing but tabs that cannot be seen.
pub fn can_backquote(text: &str) -> bool {
    text.chars()
        .all(|letter| letter == '\t' || !letter.is_ascii_control() && letter != '`' && letter != '\u{feff}')
}

/// Says whether a character is one that Go prints: letters, marks, numbers, punctuation, symbols and the ASCII space.
///
/// The standard library has the same list, which it shows where it spells out texts for programmers; letters that extend
/// the one before them are shown as they are behind another one.
pub fn is_printable(letter: char) -> bool {
    match letter {
        ' '..='~' => true,
        '\0'..='\u{a0}' => false,
        _ => ['a', letter].iter().collect::<String>().escape_debug().count() == 2,
    }
}
