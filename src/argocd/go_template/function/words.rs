//! Functions on the words of a text: their letters, their case, what joins them. As Go's `strings.Title`,
//! Masterminds/goutils 1.1.1 and huandu/xstrings 1.5.0 do it, oddities and all.

mod lowered;

use super::text::change;
use super::{Function, Type};
use crate::argocd::go::letter::{self, Letters};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("camelcase", &[Type::Text], |given| change(given, camelcase)),
    Function::new("initials", &[Type::Text], |given| change(given, initials)),
    Function::new("kebabcase", &[Type::Text], |given| change(given, |text| lowered::lowered(text, '-'))),
    Function::new("nospace", &[Type::Text], |given| change(given, nospace)),
    Function::new("snakecase", &[Type::Text], |given| change(given, |text| lowered::lowered(text, '_'))),
    Function::new("swapcase", &[Type::Text], |given| change(given, swapcase)),
    Function::new("title", &[Type::Text], |given| change(given, title)),
    Function::new("untitle", &[Type::Text], |given| change(given, untitle)),
];

/// Returns the bytes of a text, each as the character that has its number: goutils takes them for characters.
fn bytes(text: &str) -> impl Iterator<Item = char> {
    text.bytes().map(char::from)
}

/// A text without any space is left alone, else what is not ASCII comes out garbled.
fn nospace(text: &str) -> String {
    if bytes(text).any(char::is_whitespace) {
        bytes(text).filter(|letter| !letter.is_whitespace()).collect()
    } else {
        text.to_owned()
    }
}

fn initials(text: &str) -> String {
    let mut is_behind_space = true;
    let first = |letter: &char| {
        let is_space = letter.is_whitespace();
        let is_first = is_behind_space && !is_space;
        is_behind_space = is_space;
        is_first
    };
    bytes(text).filter(first).collect()
}

fn untitle(text: &str) -> String {
    let mut is_behind_space = true;
    let lower_first = |letter: char| {
        let is_space = letter.is_whitespace();
        let lowered = if is_behind_space && !is_space { letter::to_lower(letter) } else { letter };
        is_behind_space = is_space;
        lowered
    };
    text.chars().map(lower_first).collect()
}

fn title(text: &str) -> String {
    let letters = Letters::default();
    let separates = |letter: char| {
        if letter.is_ascii() {
            return !letter.is_ascii_alphanumeric() && letter != '_';
        }
        !letters.is_letter(letter) && !letters.is_digit(letter) && letter.is_whitespace()
    };
    let mut before = ' ';
    let raise_first = |letter: char| {
        let raised = if separates(before) { letter::to_title(letter) } else { letter };
        before = letter;
        raised
    };
    text.chars().map(raise_first).collect()
}

fn swapcase(text: &str) -> String {
    let mut is_behind_space = true;
    let swap = |letter: char| {
        if letter::is_upper(letter) || letter::is_title(letter) {
            is_behind_space = false;
            return letter::to_lower(letter);
        }
        if letter::is_lower(letter) {
            let is_first = std::mem::take(&mut is_behind_space);
            return if is_first { letter::to_title(letter) } else { letter::to_upper(letter) };
        }
        is_behind_space = letter.is_whitespace();
        letter
    };
    text.chars().map(swap).collect()
}

/// Whether a character joins words.
fn joins(letter: char) -> bool {
    letter == '-' || letter == '_' || letter.is_whitespace()
}

/// Every word begins with a capital, and what joins words goes; at the beginning it stays, and of several one goes.
fn camelcase(text: &str) -> String {
    let start = text.find(|letter| !joins(letter)).unwrap_or(text.len());
    let mut camel = text[..start].to_owned();
    let mut letters = text[start..].chars();
    let Some(first) = letters.next() else {
        // Upstream forgets that it has written the last one already.
        camel.extend(text.chars().last());
        return camel;
    };
    let mut is_upper_word = letter::is_upper(first);
    let mut before = letter::to_upper(first);
    for letter in letters {
        let written = before;
        before = letter;
        if !joins(written) {
            if is_upper_word && letter::is_upper(letter) {
                before = letter::to_lower(letter);
            } else {
                is_upper_word = false;
            }
            camel.push(written);
        } else if joins(letter) {
            camel.push(written);
        } else {
            is_upper_word = letter::is_upper(letter);
            before = letter::to_upper(letter);
        }
    }
    camel.push(before);
    camel
}
