//! The one finding that ends the reading of a file.

use crate::diagnostic::{Diagnostic, Report};

/// A finding behind which nothing can be read.
#[derive(Debug)]
pub(super) struct Refusal(Box<Diagnostic>);

impl From<Diagnostic> for Refusal {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(Box::new(diagnostic))
    }
}

impl From<Refusal> for Report {
    fn from(refusal: Refusal) -> Self {
        Self { diagnostics: vec![*refusal.0] }
    }
}
