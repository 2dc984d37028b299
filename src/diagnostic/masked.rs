//! A finding without what its lines must not show.

use super::Diagnostic;
use super::print::LINES_ABOVE;
use crate::credential::Masks;
use crate::location::{Location, Sources};

/// How many lines of one place are looked at.
const MOST_LINES: usize = 50;

impl Diagnostic {
    /// Returns the finding with `***` for everything in its words that looks like a credential, by itself or because
    /// it is one where the finding points.
    pub(super) fn masked(&self, sources: &Sources) -> Self {
        let mut masks = Masks::default();
        for location in self.location.iter().chain(self.related.iter().map(|(location, _)| location)) {
            add_lines(&mut masks, *location, sources);
        }
        let related = self.related.iter().map(|(location, what)| (*location, masks.hide(what)));
        Self {
            message: masks.hide(&self.message),
            label: masks.hide(&self.label),
            related: related.collect(),
            hints: self.hints.iter().map(|hint| masks.hide(hint)).collect(),
            ..self.clone()
        }
    }
}

fn add_lines(masks: &mut Masks, location: Location, sources: &Sources) {
    let excerpt = sources.excerpt(location, LINES_ABOVE);
    let line = |at: u32| sources.position(Location { start: at, ..location }).line + 1 - excerpt.first_line;
    for number in (line(location.start)..=line(location.end)).take(MOST_LINES) {
        masks.add_line(&excerpt.text, number);
    }
}
