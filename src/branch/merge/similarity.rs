//! How alike two files are, as git estimates it: which share of the larger one are pieces that the other has, too.
//!
//! A piece is a line, or 64 bytes of one. This module must not know of paths.

use std::collections::BTreeMap;

use super::content::is_binary;

/// The score of files that are the same.
pub(super) const MOST: u64 = 60_000;
/// What a rename needs.
pub(super) const ENOUGH: u64 = 30_000;
/// What a rename needs that keeps the file's name.
pub(super) const ENOUGH_OF_NAMESAKES: u64 = 45_000;

/// A file's pieces: how many bytes there are of each, in the order of their hashes.
pub(super) struct Pieces {
    size: u64,
    bytes: Vec<(u32, u64)>,
}

impl Pieces {
    pub(super) fn of(text: &[u8]) -> Self {
        Self { size: text.len() as u64, bytes: pieces(text).into_iter().collect() }
    }
}

/// Returns the score, 0 to [`MOST`]; 0 where sizes alone say that it is below `least`.
pub(super) fn score(one: &Pieces, other: &Pieces, least: u64) -> u64 {
    let (most, fewest) = (one.size.max(other.size), one.size.min(other.size));
    if most * (MOST - least) < (most - fewest) * MOST || other.size == 0 {
        return 0;
    }
    let (mut shared, mut others) = (0, other.bytes.iter().peekable());
    for (piece, bytes) in &one.bytes {
        while others.next_if(|(there, _)| there < piece).is_some() {}
        if let Some((_, there)) = others.next_if(|(there, _)| there == piece) {
            shared += bytes.min(there);
        }
    }
    shared * MOST / most
}

/// Counts the bytes of each piece by its hash. What follows the last end of line is left out unless it is 64 bytes.
fn pieces(text: &[u8]) -> BTreeMap<u32, u64> {
    const LONGEST: u64 = 64;
    const HASHES: u32 = 107_927;
    let is_text = !is_binary(text);
    let mut found = BTreeMap::new();
    let (mut length, mut one, mut other) = (0, 0u32, 0u32);
    for (place, byte) in text.iter().enumerate() {
        if is_text && *byte == b'\r' && text.get(place + 1) == Some(&b'\n') {
            continue;
        }
        let before = one;
        one = (one << 7) ^ (other >> 25);
        other = (other << 7) ^ (before >> 25);
        one = one.wrapping_add(u32::from(*byte));
        length += 1;
        if length < LONGEST && *byte != b'\n' {
            continue;
        }
        let hash = one.wrapping_add(other.wrapping_mul(0x61)) % HASHES;
        *found.entry(hash).or_insert(0) += length;
        (length, one, other) = (0, 0, 0);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(one: &str, other: &str) -> u64 {
        score(&Pieces::of(one.as_bytes()), &Pieces::of(other.as_bytes()), ENOUGH) * 100 / MOST
    }

    #[test]
    fn files_are_as_alike_as_the_bytes_of_lines_they_share() {
        assert_eq!(percent("aaaa\nbbbb\ncccc\ndddd\n", "aaaa\nbbbb\ncccc\neeee\n"), 75);
        assert_eq!(percent("aaaa\nbbbb\n", "bbbb\naaaa\n"), 100);
        assert_eq!(percent("aaaa\r\nbbbb\r\n", "aaaa\nbbbb\n"), 83);
        assert_eq!(percent("a\n", "a\nb\nc\nd\n"), 0);
        assert_eq!(percent("", ""), 0);
    }
}
