//! `snakecase` and `kebabcase`: words in lower case, joined by one character.

use super::joins;
use crate::argocd::go::letter::{self, Letters};

/// What a word is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// There is no word, or nothing but U+FFFD.
    None,
    Number,
    /// It begins with a capital; the rest is either all capitals or has none.
    Upper,
    /// Letters, none of them a capital; no Chinese, which has no words.
    Alphabet,
    Joint,
    Punctuation,
    Other,
}

/// A word, and the text behind it.
#[derive(Clone, Copy, Debug)]
struct Word<'a> {
    kind: Kind,
    text: &'a str,
    rest: &'a str,
}

/// Returns a text in lower case whose words are joined by `joint`.
pub(super) fn lowered(text: &str, joint: char) -> String {
    let mut lowering =
        Lowering { letters: Letters::default(), joint, written: String::with_capacity(text.len()) };
    let mut word = lowering.next(text);
    while !word.rest.is_empty() {
        if word.kind != Kind::Joint {
            lowering.write(word.kind, word.text);
        }
        let next = lowering.next(word.rest);
        word = match word.kind {
            Kind::Number => lowering.behind_number(next),
            Kind::Joint => {
                lowering.write(word.kind, word.text);
                next
            }
            Kind::Punctuation => next,
            Kind::None | Kind::Upper | Kind::Alphabet | Kind::Other => lowering.behind_letters(next),
        };
    }
    lowering.write(word.kind, word.text);
    lowering.written
}

/// A text that becomes lower case.
struct Lowering {
    letters: Letters,
    joint: char,
    written: String,
}

impl Lowering {
    /// Writes the letters and numbers behind a number, which belong to it, and returns the word behind them.
    fn behind_number<'a>(&mut self, mut word: Word<'a>) -> Word<'a> {
        while matches!(word.kind, Kind::Alphabet | Kind::Number) {
            self.write(word.kind, word.text);
            word = self.next(word.rest);
        }
        if !matches!(word.kind, Kind::None | Kind::Punctuation | Kind::Joint) {
            self.written.push(self.joint);
        }
        word
    }

    /// Says where a number behind letters belongs: to them (`Bld4Floor`), or to small letters behind it (`HTTP2xx`).
    fn behind_letters<'a>(&mut self, word: Word<'a>) -> Word<'a> {
        if word.kind != Kind::Number {
            self.join(word.kind);
            return word;
        }
        if word.rest.is_empty() {
            return word;
        }
        let next = self.next(word.rest);
        if next.kind == Kind::Alphabet {
            self.written.push(self.joint);
            self.write(Kind::Number, word.text);
            return self.behind_number(next);
        }
        self.write(Kind::Number, word.text);
        self.join(next.kind);
        next
    }

    fn join(&mut self, next: Kind) {
        if !matches!(next, Kind::Joint | Kind::Punctuation) {
            self.written.push(self.joint);
        }
    }

    fn write(&mut self, kind: Kind, word: &str) {
        if !matches!(kind, Kind::Upper | Kind::Joint) {
            self.written.push_str(word);
            return;
        }
        for letter in word.chars() {
            self.written.push(if joins(letter) { self.joint } else { lower(letter) });
        }
    }

    /// Takes the first word of a text.
    fn next<'a>(&self, text: &'a str) -> Word<'a> {
        let (first, start) = next_letter(text, char::REPLACEMENT_CHARACTER);
        if first == char::REPLACEMENT_CHARACTER {
            return Word { kind: Kind::None, text: &text[..start], rest: &text[start..] };
        }
        let (kind, end) = if joins(first) {
            (Kind::Joint, take(text, (first, start), joins))
        } else if self.letters.is_punctuation(first) {
            (Kind::Punctuation, take(text, (first, start), |letter| self.letters.is_punctuation(letter)))
        } else if letter::is_upper(first) {
            (Kind::Upper, self.upper(text, (first, start)))
        } else if self.is_alphabet(first) {
            (Kind::Alphabet, take(text, (first, start), |letter| self.is_small(letter)))
        } else if letter::is_number(first) {
            (Kind::Number, take(text, (first, start), letter::is_number))
        } else {
            (Kind::Other, take(text, (first, start), |letter| self.is_other(letter)))
        };
        Word { kind, text: &text[..end], rest: &text[end..] }
    }

    /// Returns the end of a word that begins with a capital: `HTTP` of `HTTPStatus`, `Status`.
    fn upper(&self, text: &str, (first, start): (char, usize)) -> usize {
        let (second, size) = next_letter(&text[start..], first);
        if start == text.len() {
            return start;
        }
        if !letter::is_upper(second) {
            let is_alphabet = self.is_alphabet(second);
            return if is_alphabet {
                take(text, (second, start + size), |letter| self.is_small(letter))
            } else {
                start
            };
        }
        let (mut last, mut end) = (size, start + size);
        let mut letter = second;
        while end < text.len() {
            let (next, size) = next_letter(&text[end..], letter);
            letter = next;
            if !letter::is_upper(letter) {
                break;
            }
            last = size;
            end += size;
        }
        if end < text.len() && self.is_alphabet(letter) { end - last } else { end }
    }

    fn is_small(&self, letter: char) -> bool {
        self.is_alphabet(letter) && !letter::is_upper(letter)
    }

    fn is_other(&self, letter: char) -> bool {
        !(joins(letter)
            || self.is_alphabet(letter)
            || letter::is_number(letter)
            || self.letters.is_punctuation(letter))
    }

    fn is_alphabet(&self, letter: char) -> bool {
        let is_chinese =
            matches!(letter, '\u{3400}'..='\u{4d85}' | '\u{4e00}'..='\u{9fcc}' | '\u{20000}'..='\u{2b81d}');
        !is_chinese && self.letters.is_letter(letter)
    }
}

fn lower(letter: char) -> char {
    if letter::is_upper(letter) { letter::to_lower(letter) } else { letter }
}

/// Returns the end of the word whose last letter so far is `last`.
fn take(text: &str, (mut last, mut end): (char, usize), belongs: impl Fn(char) -> bool) -> usize {
    while end < text.len() {
        let (letter, size) = next_letter(&text[end..], last);
        if !belongs(letter) {
            break;
        }
        last = letter;
        end += size;
    }
    end
}

/// Returns the first character that is not U+FFFD, and its end; `before` where there is none.
fn next_letter(text: &str, before: char) -> (char, usize) {
    let found = text.char_indices().find(|(_, letter)| *letter != char::REPLACEMENT_CHARACTER);
    found.map_or((before, text.len()), |(start, letter)| (letter, start + letter.len_utf8()))
}
