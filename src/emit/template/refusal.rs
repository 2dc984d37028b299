//! What our filters and the formatter refuse, carried through minijinja's errors.

use std::fmt;

use minijinja::{Error, ErrorKind};

/// Why a value cannot be used: a rule's id, what is wrong and what to do. Never the value itself.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) rule: &'static str,
    pub(super) message: String,
    pub(super) hint: Option<&'static str>,
}

impl Refusal {
    pub(super) fn new(rule: &'static str, message: impl Into<String>) -> Self {
        Self { rule, message: message.into(), hint: None }
    }

    /// Says what to do.
    pub(super) fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// Refuses what is done with captured text.
    pub(super) fn captured() -> Self {
        Self::new("template-captured", "text captured by `set`, `macro` or `call` may be printed only")
            .hint("compare or filter the values before they are captured")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::new(ErrorKind::InvalidOperation, "refused").with_source(refusal)
    }
}
