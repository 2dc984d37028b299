//! The case of letters as Go 1.26 knows it: one character for one character, by Unicode 15.0.
//!
//! The standard library's tables are newer, its mappings may give several characters, and its classes are wider; where it
//! differs, the characters stand here.

use std::cell::OnceCell;

use regex_syntax::hir::ClassUnicode;

use super::unicode::{class, contains};

/// Returns a text in upper case, as `strings.ToUpper` does.
pub fn upper(text: &str) -> String {
    text.chars().map(to_upper).collect()
}

/// Returns a text in lower case, as `strings.ToLower` does.
pub fn lower(text: &str) -> String {
    text.chars().map(to_lower).collect()
}

/// Returns the upper case of a letter; what has none is returned as it is.
pub fn to_upper(letter: char) -> char {
    match letter {
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => moved(letter, 8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => moved(letter, 9),
        '\u{19b}' | '\u{264}' | '\u{a7d3}' | '\u{a7d5}' => letter,
        letter if is_new(letter) => letter,
        letter => one(letter, letter.to_uppercase()),
    }
}

/// Returns the lower case of a letter; what has none is returned as it is.
pub fn to_lower(letter: char) -> char {
    match letter {
        '\u{130}' => 'i',
        letter if is_new(letter) => letter,
        letter => one(letter, letter.to_lowercase()),
    }
}

/// Returns the title case of a letter: the upper case but for letters that look like two.
pub fn to_title(letter: char) -> char {
    match letter {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => letter,
        letter => to_upper(letter),
    }
}

/// Tells whether a character is an upper case letter.
pub fn is_upper(letter: char) -> bool {
    let is_numeral = matches!(letter,
        '\u{2160}'..='\u{216f}' | '\u{24b6}'..='\u{24cf}'
        | '\u{1f130}'..='\u{1f149}' | '\u{1f150}'..='\u{1f169}' | '\u{1f170}'..='\u{1f189}');
    letter.is_uppercase() && !is_numeral && !is_new(letter)
}

/// Tells whether a character is a lower case letter.
pub fn is_lower(letter: char) -> bool {
    let is_modifier = matches!(letter,
        '\u{aa}' | '\u{ba}' | '\u{2b0}'..='\u{2b8}' | '\u{2c0}' | '\u{2c1}' | '\u{2e0}'..='\u{2e4}'
        | '\u{345}' | '\u{37a}' | '\u{10fc}' | '\u{1d2c}'..='\u{1d6a}' | '\u{1d78}' | '\u{1d9b}'..='\u{1dbf}'
        | '\u{2071}' | '\u{207f}' | '\u{2090}'..='\u{209c}' | '\u{2170}'..='\u{217f}'
        | '\u{24d0}'..='\u{24e9}' | '\u{2c7c}' | '\u{2c7d}' | '\u{a69c}' | '\u{a69d}' | '\u{a770}'
        | '\u{a7f1}'..='\u{a7f4}' | '\u{a7f8}' | '\u{a7f9}' | '\u{ab5c}'..='\u{ab5f}' | '\u{ab69}'
        | '\u{10780}'..='\u{107ba}' | '\u{1e030}'..='\u{1e06d}');
    letter == '\u{295}' || letter.is_lowercase() && !is_modifier && !is_new(letter)
}

/// Tells whether a character is a letter in title case.
pub fn is_title(letter: char) -> bool {
    matches!(letter,
        '\u{1c5}' | '\u{1c8}' | '\u{1cb}' | '\u{1f2}' | '\u{1f88}'..='\u{1f8f}' | '\u{1f98}'..='\u{1f9f}'
        | '\u{1fa8}'..='\u{1faf}' | '\u{1fbc}' | '\u{1fcc}' | '\u{1ffc}')
}

/// Tells whether a character is a number: a digit, or one of another kind.
pub fn is_number(letter: char) -> bool {
    letter.is_numeric() && !is_new(letter)
}

/// The classes that are looked up in tables, which are read when one is needed first.
#[derive(Debug, Default)]
pub struct Letters {
    letters: OnceCell<ClassUnicode>,
    digits: OnceCell<ClassUnicode>,
    punctuation: OnceCell<ClassUnicode>,
}

impl Letters {
    /// Tells whether a character is a letter.
    pub fn is_letter(&self, letter: char) -> bool {
        if letter.is_ascii() {
            return letter.is_ascii_alphabetic();
        }
        contains(self.letters.get_or_init(|| class("L")), letter)
    }

    /// Tells whether a character is a decimal digit.
    pub fn is_digit(&self, letter: char) -> bool {
        if letter.is_ascii() {
            return letter.is_ascii_digit();
        }
        contains(self.digits.get_or_init(|| class("Nd")), letter)
    }

    /// Tells whether a character is punctuation.
    pub fn is_punctuation(&self, letter: char) -> bool {
        if letter.is_ascii() {
            // These are symbols.
            return letter.is_ascii_punctuation()
                && !matches!(letter, '$' | '+' | '<'..='>' | '^' | '`' | '|' | '~');
        }
        contains(self.punctuation.get_or_init(|| class("P")), letter)
    }
}

/// Tells whether a character with a case, or a number, came after Unicode 15.0.
fn is_new(letter: char) -> bool {
    matches!(letter,
        '\u{1c89}' | '\u{1c8a}' | '\u{a7cb}'..='\u{a7cf}' | '\u{a7d2}' | '\u{a7d4}' | '\u{a7da}'..='\u{a7dc}'
        | '\u{10d40}'..='\u{10d49}' | '\u{10d50}'..='\u{10d65}' | '\u{10d70}'..='\u{10d85}'
        | '\u{116d0}'..='\u{116e3}' | '\u{11bf0}'..='\u{11bf9}' | '\u{11de0}'..='\u{11de9}'
        | '\u{16130}'..='\u{16139}' | '\u{16d70}'..='\u{16d79}' | '\u{16ea0}'..='\u{16eb8}'
        | '\u{16ebb}'..='\u{16ed3}' | '\u{16ff4}'..='\u{16ff6}' | '\u{1ccf0}'..='\u{1ccf9}'
        | '\u{1e5f1}'..='\u{1e5fa}')
}

fn moved(letter: char, by: u32) -> char {
    char::from_u32(u32::from(letter) + by).unwrap_or(letter)
}

/// Returns what a letter is mapped to where that is one character.
fn one(letter: char, mut mapped: impl ExactSizeIterator<Item = char>) -> char {
    if mapped.len() == 1 { mapped.next().unwrap_or(letter) } else { letter }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a over what Go 1.26's package `unicode` says of every character: its classes as bits, its three cases.
    const GO: u64 = 0x3d1f_1ee6_060e_74b8;

    #[test]
    fn every_character_is_what_it_is_to_go() {
        let letters = Letters::default();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |number: u32| {
            for byte in number.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        };
        for letter in '\0'..=char::MAX {
            let classes = [
                letters.is_letter(letter),
                is_upper(letter),
                is_lower(letter),
                is_title(letter),
                letters.is_punctuation(letter),
                is_number(letter),
                letters.is_digit(letter),
                letter.is_whitespace(),
            ];
            add(classes.iter().rev().fold(0, |bits, holds| bits << 1 | u32::from(*holds)));
            add(to_upper(letter).into());
            add(to_lower(letter).into());
            add(to_title(letter).into());
        }
        assert_eq!(hash, GO);
    }
}
