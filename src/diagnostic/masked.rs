//! A finding without what its lines must not show.

use super::Diagnostic;
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
    let text = String::from_utf8_lossy(&sources.get(location.file).bytes);
    let first = sources.position(location).line;
    let last = sources.position(Location { start: location.end, ..location }).line;
    for number in (first..=last).take(MOST_LINES) {
        masks.add_line(&text, number);
    }
}
