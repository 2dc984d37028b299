//! Myers' algorithm as git has it: lines without a partner are set aside, then the shortest path through the rest is
//! searched for.

mod path;

use std::collections::BTreeMap;

/// Lines that occur more often than this are always set aside among others.
const MOST_EQUAL: usize = 1024;
/// How far lines round a common one are looked at.
const WINDOW: usize = 100;
/// How many lines without a partner outweigh one that has too many.
const DISCARD_WEIGHT: usize = 4;

/// Returns the marks of the lines that differ.
pub(super) fn mark(before: &[u32], after: &[u32]) -> [Vec<bool>; 2] {
    let mut changed = [vec![false; before.len()], vec![false; after.len()]];
    let start = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let most = before.len().min(after.len()) - start;
    let ends = before.iter().rev().zip(after.iter().rev()).take(most);
    let same_end = ends.take_while(|(one, other)| one == other).count();
    let counts = [count(before), count(after)];
    let part = |text: &[u32]| (start, text.len() - same_end);
    let one = worth(before, part(before), &counts[1], &mut changed[0]);
    let other = worth(after, part(after), &counts[0], &mut changed[1]);
    path::mark(&one, &other, &mut changed);
    changed
}

/// Git's notion of a square root: right to a factor of two.
fn square_root(mut number: usize) -> usize {
    let mut root = 1;
    while number > 0 {
        root <<= 1;
        number >>= 2;
    }
    root
}

fn count(text: &[u32]) -> BTreeMap<u32, usize> {
    let mut counts = BTreeMap::new();
    for line in text {
        *counts.entry(*line).or_insert(0) += 1;
    }
    counts
}

/// The lines worth comparing, and where they stand.
struct Worth {
    lines: Vec<u32>,
    places: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Partners {
    None,
    Some,
    TooMany,
}

/// Picks the lines that have partners in the other text; the rest is marked.
fn worth(
    text: &[u32],
    (start, end): (usize, usize),
    others: &BTreeMap<u32, usize>,
    changed: &mut [bool],
) -> Worth {
    let many = square_root(text.len()).min(MOST_EQUAL);
    let partners: Vec<Partners> = text[start..end]
        .iter()
        .map(|line| match others.get(line).copied().unwrap_or(0) {
            0 => Partners::None,
            count if count >= many => Partners::TooMany,
            _ => Partners::Some,
        })
        .collect();
    let mut worth = Worth { lines: Vec::new(), places: Vec::new() };
    for (index, partner) in partners.iter().enumerate() {
        let is_worth = match partner {
            Partners::Some => true,
            Partners::None => false,
            Partners::TooMany => !is_among_lonely(&partners, index),
        };
        if is_worth {
            worth.lines.push(text[start + index]);
            worth.places.push(start + index);
        } else {
            changed[start + index] = true;
        }
    }
    worth
}

/// Returns whether a common line stands among lines that have no partner.
fn is_among_lonely(partners: &[Partners], index: usize) -> bool {
    let tally = |lines: &mut dyn Iterator<Item = &Partners>| {
        let (mut lonely, mut common) = (0, 1);
        for partner in lines.take(WINDOW) {
            match partner {
                Partners::None => lonely += 1,
                Partners::TooMany => common += 1,
                Partners::Some => break,
            }
        }
        (lonely, common)
    };
    let (lonely_before, common_before) = tally(&mut partners[..index].iter().rev());
    if lonely_before == 0 {
        return false;
    }
    let (lonely_after, common_after) = tally(&mut partners[index + 1..].iter());
    if lonely_after == 0 {
        return false;
    }
    let (lonely, common) = (lonely_before + lonely_after, common_before + common_after);
    common * DISCARD_WEIGHT < common + lonely
}
