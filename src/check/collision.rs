//! Things that would have one name.

/// Returns every thing whose key an earlier one has, with the first that has it: `(first, later)`, sorted by key.
pub fn collisions<K: Ord, T: Copy>(mut things: Vec<(K, T)>) -> Vec<(T, T)> {
    things.sort_by(|(left, _), (right, _)| left.cmp(right));
    let same = things.chunk_by(|(left, _), (right, _)| left == right);
    same.flat_map(|same| same[1..].iter().map(|(_, later)| (same[0].1, *later))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_later_things_are_held_against_the_first() {
        let things = vec![("b", 1), ("a", 2), ("b", 3), ("b", 4), ("c", 5)];
        assert_eq!(collisions(things), [(1, 3), (1, 4)]);
    }
}
