//! The order of keys: letters by their number, digits by their value, `node2` before `node10`.

use std::cmp::Ordering;
use std::sync::Arc;

use regex_syntax::hir::ClassUnicode;

use super::super::unicode;
use super::source::Source;
use crate::argocd::Fault;

type Entry = (Arc<str>, Source);

/// Sorts entries as go-yaml v2 does (`keyList.Less`).
///
/// # Errors
/// Its comparison is no order for all keys: `12` stands before `1a`, that before `3`, and that before `12`. Go ranges
/// over maps at random, so that what it makes of such keys is random too; they are refused.
pub(super) fn sorted(mut entries: Vec<Entry>) -> Result<Vec<Entry>, Fault> {
    let alphabet = Alphabet::of(&entries);
    if entries.iter().any(|(key, _)| is_doubtful(key)) {
        return ranked(entries, &alphabet);
    }
    entries.sort_by(
        |(one, _), (other, _)| {
            if alphabet.is_less(one, other) { Ordering::Less } else { Ordering::Greater }
        },
    );
    Ok(entries)
}

/// Returns whether a key may break the order: only where a letter stands behind a digit, where a number may overflow,
/// and where there are other digits than ASCII's.
fn is_doubtful(key: &str) -> bool {
    let mut digits = 0;
    for char in key.chars() {
        match char {
            '0'..='9' if digits < 17 => digits += 1,
            '0'..='9' => return true,
            'a'..='z' | 'A'..='Z' | '\u{80}'.. if digits > 0 => return true,
            '\u{80}'.. if char.is_numeric() => return true,
            _ => digits = 0,
        }
    }
    false
}

/// Sorts keys by how many are less, which is an order if each number occurs once.
fn ranked(entries: Vec<Entry>, alphabet: &Alphabet) -> Result<Vec<Entry>, Fault> {
    let less_than = |key: &str| entries.iter().filter(|(other, _)| alphabet.is_less(other, key)).count();
    let ranks: Vec<usize> = entries.iter().map(|(key, _)| less_than(key)).collect();
    let mut slots: Vec<Option<Entry>> = Vec::new();
    slots.resize_with(entries.len(), || None);
    for (rank, entry) in ranks.into_iter().zip(entries) {
        if let Some((key, _)) = slots[rank].replace(entry) {
            let why = format!("go-yaml's order of `{key}` and others is random");
            return Err(Fault::refused(format!("toYaml of keys without an order is not supported: {why}")));
        }
    }
    Ok(slots.into_iter().flatten().collect())
}

/// What Go takes for letters and digits, as far as there are keys beyond ASCII.
struct Alphabet {
    letters: ClassUnicode,
    digits: ClassUnicode,
}

impl Alphabet {
    fn of(entries: &[Entry]) -> Self {
        let class = |name| match entries.iter().all(|(key, _)| key.is_ascii()) {
            true => ClassUnicode::empty(),
            false => unicode::class(name),
        };
        Self { letters: class("L"), digits: class("Nd") }
    }

    fn is_letter(&self, char: char) -> bool {
        if char.is_ascii() { char.is_ascii_alphabetic() } else { unicode::contains(&self.letters, char) }
    }

    fn is_digit(&self, char: char) -> bool {
        if char.is_ascii() { char.is_ascii_digit() } else { unicode::contains(&self.digits, char) }
    }

    /// Returns whether `one` stands before `other`, another key.
    fn is_less(&self, one: &str, other: &str) -> bool {
        let differs = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
        let Some(((at, a), b)) = differs else { return one.len() < other.len() };
        match (self.is_letter(a), self.is_letter(b)) {
            (true, true) => return a < b,
            (false, false) => {}
            (_, is_letter) => return is_letter,
        }
        // Zeros count behind another digit of the same number.
        let inside = (a == '0' || b == '0')
            && one[..at].chars().rev().take_while(|char| self.is_digit(*char)).any(|char| char != '0');
        let (one, other) = (self.number(&one[at..], inside), self.number(&other[at..], inside));
        if one == other { a < b } else { one < other }
    }

    /// Returns the number at the beginning of a text, as Go counts, and how many digits it has.
    fn number(&self, text: &str, inside: bool) -> (i64, usize) {
        let digits = text.chars().take_while(|char| self.is_digit(*char));
        digits.fold((i64::from(inside), 0), |(value, length), digit| {
            let digit = i64::from(u32::from(digit)) - i64::from(u32::from('0'));
            (value.wrapping_mul(10).wrapping_add(digit), length + 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(keys: &[&str]) -> Option<Vec<String>> {
        let entries = keys.iter().map(|key| (Arc::from(*key), Source::List(Vec::new()))).collect();
        Some(sorted(entries).ok()?.into_iter().map(|(key, _)| key.to_string()).collect())
    }

    #[test]
    fn numbers_in_keys_count() {
        let keys = ["b", "a10", "a2", "a", "a02", "a-b", "ab", "B", "é", "_", "a.b", "10", "9"];
        let expected = ["_", "9", "10", "B", "a", "a-b", "a.b", "a2", "a02", "a10", "ab", "b", "é"];
        assert_eq!(order(&keys).as_deref(), Some(&expected.map(str::to_owned)[..]));
    }

    #[test]
    fn keys_without_an_order_are_refused() {
        assert_eq!(order(&["12", "1a", "3"]), None);
        let expected = ["1a", "3"].map(str::to_owned);
        assert_eq!(order(&["3", "1a"]).as_deref(), Some(&expected[..]));
    }

    #[test]
    fn keys_that_are_not_doubted_have_an_order() {
        let pieces = ["0", "1", "2", "00", "a", "z", "-", ".", "_", "é"];
        let mut keys: Vec<String> = vec![String::new()];
        for _ in 0..3 {
            let longer = keys.iter().flat_map(|key| pieces.iter().map(move |piece| format!("{key}{piece}")));
            keys = keys.iter().cloned().chain(longer).collect();
        }
        keys.sort();
        keys.dedup();
        keys.retain(|key| !is_doubtful(key));
        let entries: Vec<Entry> =
            keys.iter().map(|key| (Arc::from(key.as_str()), Source::List(Vec::new()))).collect();
        assert!(ranked(entries, &Alphabet::of(&[(Arc::from("é"), Source::List(Vec::new()))])).is_ok());
    }
}
