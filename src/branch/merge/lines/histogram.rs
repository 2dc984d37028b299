//! The histogram algorithm: the longest run of lines around the rarest line that both texts have splits them, and the
//! same is done on either side of it.

use std::collections::BTreeMap;

use super::classic;

/// Lines that are there more often than this are no hold.
const MOST_OCCURRENCES: usize = 64;

/// Marks the lines that differ.
pub(super) fn mark(before: &[u32], after: &[u32], changed: &mut [Vec<bool>; 2]) {
    let mut pending = vec![Part { one: (0, before.len()), other: (0, after.len()) }];
    while let Some(part) = pending.pop() {
        let (one, other) = (part.one.0..part.one.1, part.other.0..part.other.1);
        if one.is_empty() || other.is_empty() {
            changed[0][one].fill(true);
            changed[1][other].fill(true);
            continue;
        }
        match split(before, after, &part) {
            Split::Nothing => {
                changed[0][one].fill(true);
                changed[1][other].fill(true);
            }
            Split::TooCommon => {
                let marks = classic::mark(&before[one.clone()], &after[other.clone()]);
                changed[0][one].copy_from_slice(&marks[0]);
                changed[1][other].copy_from_slice(&marks[1]);
            }
            Split::At(run) => {
                pending.push(Part {
                    one: (run.one + run.length, part.one.1),
                    other: (run.other + run.length, part.other.1),
                });
                pending.push(Part { one: (part.one.0, run.one), other: (part.other.0, run.other) });
            }
        }
    }
}

/// A part of both texts, as pairs of the first line and the one behind the last.
struct Part {
    one: (usize, usize),
    other: (usize, usize),
}

/// Lines that are the same in both.
#[derive(Clone, Copy, Default)]
struct Run {
    one: usize,
    other: usize,
    length: usize,
}

enum Split {
    Nothing,
    TooCommon,
    At(Run),
}

/// Where each line of a part of the first text stands.
struct Occurrences {
    /// The first place of each line, and how many there are.
    lines: BTreeMap<u32, (usize, usize)>,
    /// The next place of the same line, by place within the part.
    next: Vec<Option<usize>>,
}

impl Occurrences {
    fn of(text: &[u32], (start, end): (usize, usize)) -> Self {
        let mut found = Self { lines: BTreeMap::new(), next: vec![None; end - start] };
        for place in (start..end).rev() {
            match found.lines.get_mut(&text[place]) {
                Some((first, count)) => {
                    found.next[place - start] = Some(*first);
                    *first = place;
                    *count += 1;
                }
                None => {
                    found.lines.insert(text[place], (place, 1));
                }
            }
        }
        found
    }
}

/// The search for the best run.
struct Search<'a> {
    before: &'a [u32],
    after: &'a [u32],
    part: &'a Part,
    occurrences: Occurrences,
    best: Option<Run>,
    /// How often the rarest line of the best run occurs.
    rarity: usize,
    has_common: bool,
}

fn split(before: &[u32], after: &[u32], part: &Part) -> Split {
    let occurrences = Occurrences::of(before, part.one);
    let mut search = Search {
        before,
        after,
        part,
        occurrences,
        best: None,
        rarity: MOST_OCCURRENCES + 1,
        has_common: false,
    };
    let mut place = part.other.0;
    while place < part.other.1 {
        place = search.try_at(place);
    }
    if search.has_common && search.rarity > MOST_OCCURRENCES {
        return Split::TooCommon;
    }
    search.best.map_or(Split::Nothing, Split::At)
}

impl Search<'_> {
    /// Tries every run through a line of the second text; returns the next line worth trying.
    fn try_at(&mut self, place: usize) -> usize {
        let mut next_place = place + 1;
        let Some((first, count)) = self.occurrences.lines.get(&self.after[place]).copied() else {
            return next_place;
        };
        self.has_common = true;
        if count > self.rarity {
            return next_place;
        }
        let mut at = Some(first);
        while let Some(start) = at {
            let (run, rarity) = self.extend(start, place, count);
            next_place = next_place.max(run.other + run.length);
            let longest = self.best.map_or(1, |best| best.length);
            if longest < run.length || rarity < self.rarity {
                self.best = Some(run);
                self.rarity = rarity;
            }
            // Places within the run would give it again.
            at = self.next(start);
            while at.is_some_and(|place| place < run.one + run.length) {
                at = at.and_then(|place| self.next(place));
            }
        }
        next_place
    }

    fn next(&self, place: usize) -> Option<usize> {
        self.occurrences.next[place - self.part.one.0]
    }

    /// Extends a run in both directions; its rarity is that of its rarest line.
    fn extend(&self, one: usize, other: usize, count: usize) -> (Run, usize) {
        let mut rarity = count;
        let count_of =
            |place: usize| self.occurrences.lines.get(&self.before[place]).map_or(1, |found| found.1);
        let (mut start, mut other_start) = (one, other);
        while start > self.part.one.0
            && other_start > self.part.other.0
            && self.before[start - 1] == self.after[other_start - 1]
        {
            start -= 1;
            other_start -= 1;
            rarity = if rarity > 1 { rarity.min(count_of(start)) } else { rarity };
        }
        let (mut end, mut other_end) = (one + 1, other + 1);
        while end < self.part.one.1
            && other_end < self.part.other.1
            && self.before[end] == self.after[other_end]
        {
            rarity = if rarity > 1 { rarity.min(count_of(end)) } else { rarity };
            end += 1;
            other_end += 1;
        }
        (Run { one: start, other: other_start, length: end - start }, rarity)
    }
}
