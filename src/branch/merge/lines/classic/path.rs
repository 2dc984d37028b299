//! The search for the shortest path, from both ends; one that becomes expensive settles for what looks good.

use super::{Worth, square_root};

/// A search may cost this much at least before it is cut short.
const LEAST_COST: i64 = 256;
/// A diagonal this long is worth stopping at.
const LONG_SNAKE: i64 = 20;
/// How far a path must have come, by what it cost.
const GOOD_FACTOR: i64 = 4;

/// Marks the lines that are on no common path.
pub(super) fn mark(one: &Worth, other: &Worth, changed: &mut [Vec<bool>; 2]) {
    let diagonals = one.lines.len() + other.lines.len() + 3;
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let mut search = Search {
        offset: number(other.lines.len() + 1),
        forward: vec![0; diagonals + 2],
        backward: vec![0; diagonals + 2],
        most_cost: number(square_root(diagonals)).max(LEAST_COST),
        one,
        other,
        changed,
    };
    search.compare(Area { one: (0, number(one.lines.len())), other: (0, number(other.lines.len())) }, false);
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
