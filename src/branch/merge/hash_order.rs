//! The order in which git goes through its hash tables, where that decides which of two equal files was renamed.
//!
//! The tables are those of git's `hashmap.c` (FNV-1 over the bytes, 64 buckets, four times as many whenever four fifths
//! are reached, the newest first within a bucket). This module must not know what is in them.

/// Buckets of a new table.
const FIRST: usize = 64;

/// Returns the places of `keys`, which were put in one after the other, in the order in which they come out.
pub(super) fn hash_order<'a>(keys: impl IntoIterator<Item = &'a [u8]>) -> Vec<usize> {
    let mut table: Vec<Vec<(u32, usize)>> = vec![Vec::new(); FIRST];
    for (place, key) in keys.into_iter().enumerate() {
        put(&mut table, hash(key), place);
        if place + 1 > table.len() * 80 / 100 {
            let mut larger = vec![Vec::new(); table.len() * 4];
            for (hash, place) in table.iter().flat_map(|bucket| bucket.iter().rev()) {
                put(&mut larger, *hash, *place);
            }
            table = larger;
        }
    }
    table.iter().flat_map(|bucket| bucket.iter().rev().map(|(_, place)| *place)).collect()
}

/// Puts a key into its bucket; the last of a bucket is the first that comes out.
fn put(table: &mut [Vec<(u32, usize)>], hash: u32, place: usize) {
    let bucket = usize::try_from(hash).unwrap_or_default() & (table.len() - 1);
    table[bucket].push((hash, place));
}

fn hash(key: &[u8]) -> u32 {
    key.iter().fold(0x811c_9dc5, |hash: u32, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(*byte))
}
