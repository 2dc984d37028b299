//! Where a generator stands in its ApplicationSet.

use std::fmt;

/// A field beneath other fields; made on the stack, and a text only where something is said of it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    above: Option<&'p Place<'p>>,
    field: &'p str,
    index: Option<usize>,
}

impl<'p> Place<'p> {
    /// Returns the place of an entry of `spec.generators`.
    pub fn of_entry(index: usize) -> Self {
        Self { above: None, field: "spec.generators", index: Some(index) }
    }

    /// Returns the place of an entry of a field.
    pub fn entry(&'p self, field: &'p str, index: usize) -> Self {
        Self { above: Some(self), field, index: Some(index) }
    }

    /// Returns the place of a field.
    pub fn field(&'p self, field: &'p str) -> Self {
        Self { above: Some(self), field, index: None }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            write!(formatter, "{above}.")?;
        }
        formatter.write_str(self.field)?;
        self.index.map_or(Ok(()), |index| write!(formatter, "[{index}]"))
    }
}
