//! Myers' algorithm as git has it: lines without a partner are set aside, and a search that becomes expensive settles
//! for what looks good.

use std::collections::BTreeMap;

/// A search may cost this much at least before it is cut short.
const LEAST_COST: i64 = 256;
/// A diagonal this long is worth stopping at.
const LONG_SNAKE: i64 = 20;
/// How far a path must have come, by what it cost.
const GOOD_FACTOR: i64 = 4;
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
    let diagonals = one.lines.len() + other.lines.len() + 3;
    let mut search = Search {
        offset: i64::try_from(other.lines.len() + 1).unwrap_or(i64::MAX),
        forward: vec![0; diagonals + 2],
        backward: vec![0; diagonals + 2],
        most_cost: i64::try_from(square_root(diagonals)).unwrap_or(i64::MAX).max(LEAST_COST),
        one: &one,
        other: &other,
        changed: &mut changed,
    };
    let end = |worth: &Worth| i64::try_from(worth.lines.len()).unwrap_or(i64::MAX);
    search.compare(Area { one: (0, end(&one)), other: (0, end(&other)) }, false);
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

/// A part of both texts.
#[derive(Clone, Copy)]
struct Area {
    one: (i64, i64),
    other: (i64, i64),
}

/// Where an area is divided, and whether its halves must be searched to the end.
struct Division {
    one: i64,
    other: i64,
    thorough: (bool, bool),
}

struct Search<'a> {
    /// How far along each diagonal the two searches have come.
    forward: Vec<i64>,
    backward: Vec<i64>,
    /// The index of diagonal 0.
    offset: i64,
    most_cost: i64,
    one: &'a Worth,
    other: &'a Worth,
    changed: &'a mut [Vec<bool>; 2],
}

/// The range of diagonals that a search is on.
#[derive(Clone, Copy)]
struct Span {
    middle: i64,
    least: i64,
    most: i64,
}

impl Search<'_> {
    fn line_one(&self, line: i64) -> u32 {
        usize::try_from(line).ok().and_then(|line| self.one.lines.get(line)).copied().unwrap_or(u32::MAX)
    }

    fn line_other(&self, line: i64) -> u32 {
        let line = usize::try_from(line).ok().and_then(|line| self.other.lines.get(line));
        line.copied().unwrap_or(u32::MAX - 1)
    }

    fn is_same(&self, one: i64, other: i64) -> bool {
        self.line_one(one) == self.line_other(other)
    }

    fn index(&self, diagonal: i64) -> usize {
        usize::try_from(diagonal + self.offset).unwrap_or(0)
    }

    fn compare(&mut self, area: Area, thorough: bool) {
        let mut pending = vec![(area, thorough)];
        while let Some((area, thorough)) = pending.pop() {
            let Some((area, division)) = self.compare_ends(area, thorough) else { continue };
            let (one, other) = (division.one, division.other);
            let first = Area { one: (area.one.0, one), other: (area.other.0, other) };
            let second = Area { one: (one, area.one.1), other: (other, area.other.1) };
            pending.push((second, division.thorough.1));
            pending.push((first, division.thorough.0));
        }
    }

    /// Passes over what is equal at both ends; divides what is left, unless it is of one text alone.
    fn compare_ends(&mut self, mut area: Area, thorough: bool) -> Option<(Area, Division)> {
        while area.one.0 < area.one.1 && area.other.0 < area.other.1 && self.is_same(area.one.0, area.other.0)
        {
            area.one.0 += 1;
            area.other.0 += 1;
        }
        while area.one.0 < area.one.1
            && area.other.0 < area.other.1
            && self.is_same(area.one.1 - 1, area.other.1 - 1)
        {
            area.one.1 -= 1;
            area.other.1 -= 1;
        }
        let places = |range: (i64, i64)| range.0..range.1;
        if area.one.0 == area.one.1 {
            for line in places(area.other) {
                let place = usize::try_from(line).ok().and_then(|line| self.other.places.get(line));
                place.into_iter().for_each(|place| self.changed[1][*place] = true);
            }
        } else if area.other.0 == area.other.1 {
            for line in places(area.one) {
                let place = usize::try_from(line).ok().and_then(|line| self.one.places.get(line));
                place.into_iter().for_each(|place| self.changed[0][*place] = true);
            }
        } else {
            return Some((area, self.divide(area, thorough)));
        }
        None
    }

    /// Searches from both ends until the paths meet, or one is good enough.
    fn divide(&mut self, area: Area, thorough: bool) -> Division {
        let least = area.one.0 - area.other.1;
        let most = area.one.1 - area.other.0;
        let span = |middle| Span { middle, least: middle, most: middle };
        let mut forward = span(area.one.0 - area.other.0);
        let mut backward = span(area.one.1 - area.other.1);
        let is_odd = (forward.middle - backward.middle) & 1 != 0;
        let (first, last) = (self.index(forward.middle), self.index(backward.middle));
        self.forward[first] = area.one.0;
        self.backward[last] = area.one.1;
        let mut cost = 1;
        loop {
            let mut has_snake = false;
            self.widen(&mut forward, (least, most), Direction::Forward);
            let met = self.step_forward(area, forward, is_odd.then_some(backward), &mut has_snake);
            if let Some((one, other)) = met {
                return Division { one, other, thorough: (true, true) };
            }
            self.widen(&mut backward, (least, most), Direction::Backward);
            let met = self.step_backward(area, backward, (!is_odd).then_some(forward), &mut has_snake);
            if let Some((one, other)) = met {
                return Division { one, other, thorough: (true, true) };
            }
            if !thorough {
                if has_snake && cost > LEAST_COST {
                    if let Some((one, other)) = self.good_forward(area, forward, cost) {
                        return Division { one, other, thorough: (true, false) };
                    }
                    if let Some((one, other)) = self.good_backward(area, backward, cost) {
                        return Division { one, other, thorough: (false, true) };
                    }
                }
                if cost >= self.most_cost {
                    return self.furthest(area, forward, backward);
                }
            }
            cost += 1;
        }
    }

    /// Goes one diagonal further on each side, or one back where the area ends.
    fn widen(&mut self, span: &mut Span, (least, most): (i64, i64), direction: Direction) {
        let outside = match direction {
            Direction::Forward => -1,
            Direction::Backward => i64::MAX,
        };
        let (mut lower, mut upper) = (None, None);
        if span.least > least {
            span.least -= 1;
            lower = Some(span.least - 1);
        } else {
            span.least += 1;
        }
        if span.most < most {
            span.most += 1;
            upper = Some(span.most + 1);
        } else {
            span.most -= 1;
        }
        for diagonal in lower.into_iter().chain(upper) {
            let index = self.index(diagonal);
            match direction {
                Direction::Forward => self.forward[index] = outside,
                Direction::Backward => self.backward[index] = outside,
            }
        }
    }

    fn step_forward(
        &mut self,
        area: Area,
        span: Span,
        facing: Option<Span>,
        has_snake: &mut bool,
    ) -> Option<(i64, i64)> {
        let mut diagonal = span.most;
        while diagonal >= span.least {
            let index = self.index(diagonal);
            let (below, above) = (self.forward[index - 1], self.forward[index + 1]);
            let mut one = if below >= above { below + 1 } else { above };
            let start = one;
            let mut other = one - diagonal;
            while one < area.one.1 && other < area.other.1 && self.is_same(one, other) {
                one += 1;
                other += 1;
            }
            *has_snake |= one - start > LONG_SNAKE;
            self.forward[index] = one;
            let meets = |facing: Span| facing.least <= diagonal && diagonal <= facing.most;
            if facing.is_some_and(meets) && self.backward[index] <= one {
                return Some((one, other));
            }
            diagonal -= 2;
        }
        None
    }

    fn step_backward(
        &mut self,
        area: Area,
        span: Span,
        facing: Option<Span>,
        has_snake: &mut bool,
    ) -> Option<(i64, i64)> {
        let mut diagonal = span.most;
        while diagonal >= span.least {
            let index = self.index(diagonal);
            let (below, above) = (self.backward[index - 1], self.backward[index + 1]);
            let mut one = if below < above { below } else { above - 1 };
            let start = one;
            let mut other = one - diagonal;
            while one > area.one.0 && other > area.other.0 && self.is_same(one - 1, other - 1) {
                one -= 1;
                other -= 1;
            }
            *has_snake |= start - one > LONG_SNAKE;
            self.backward[index] = one;
            let meets = |facing: Span| facing.least <= diagonal && diagonal <= facing.most;
            if facing.is_some_and(meets) && one <= self.forward[index] {
                return Some((one, other));
            }
            diagonal -= 2;
        }
        None
    }

    /// Looks for a path that came far and ends in a long run of equal lines.
    fn good_forward(&self, area: Area, span: Span, cost: i64) -> Option<(i64, i64)> {
        let (mut best, mut found) = (0, None);
        for diagonal in span.downward() {
            let one = self.forward[self.index(diagonal)];
            let other = one - diagonal;
            let value = (one - area.one.0) + (other - area.other.0) - (diagonal - span.middle).abs();
            let is_inside = area.one.0 + LONG_SNAKE <= one
                && one < area.one.1
                && area.other.0 + LONG_SNAKE <= other
                && other < area.other.1;
            if value > GOOD_FACTOR * cost
                && value > best
                && is_inside
                && (1..=LONG_SNAKE).all(|back| self.is_same(one - back, other - back))
            {
                best = value;
                found = Some((one, other));
            }
        }
        found
    }

    fn good_backward(&self, area: Area, span: Span, cost: i64) -> Option<(i64, i64)> {
        let (mut best, mut found) = (0, None);
        for diagonal in span.downward() {
            let one = self.backward[self.index(diagonal)];
            let other = one - diagonal;
            let value = (area.one.1 - one) + (area.other.1 - other) - (diagonal - span.middle).abs();
            let is_inside = area.one.0 < one
                && one <= area.one.1 - LONG_SNAKE
                && area.other.0 < other
                && other <= area.other.1 - LONG_SNAKE;
            if value > GOOD_FACTOR * cost
                && value > best
                && is_inside
                && (0..LONG_SNAKE).all(|further| self.is_same(one + further, other + further))
            {
                best = value;
                found = Some((one, other));
            }
        }
        found
    }

    /// Enough is enough: the path that came furthest divides the area.
    fn furthest(&self, area: Area, forward: Span, backward: Span) -> Division {
        let (mut sum, mut one) = (-1, -1);
        for diagonal in forward.downward() {
            let mut at = self.forward[self.index(diagonal)].min(area.one.1);
            let mut other = at - diagonal;
            if area.other.1 < other {
                at = area.other.1 + diagonal;
                other = area.other.1;
            }
            if sum < at + other {
                (sum, one) = (at + other, at);
            }
        }
        let (mut back_sum, mut back_one) = (i64::MAX, i64::MAX);
        for diagonal in backward.downward() {
            let mut at = self.backward[self.index(diagonal)].max(area.one.0);
            let mut other = at - diagonal;
            if other < area.other.0 {
                at = area.other.0 + diagonal;
                other = area.other.0;
            }
            if at + other < back_sum {
                (back_sum, back_one) = (at + other, at);
            }
        }
        if (area.one.1 + area.other.1) - back_sum < sum - (area.one.0 + area.other.0) {
            Division { one, other: sum - one, thorough: (true, false) }
        } else {
            Division { one: back_one, other: back_sum - back_one, thorough: (false, true) }
        }
    }
}

impl Span {
    fn downward(self) -> impl Iterator<Item = i64> {
        (self.least..=self.most).rev().step_by(2)
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Backward,
}
