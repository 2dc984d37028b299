//! Bytes that take the place of others.

/// A text in the place of the bytes `start..end` of a file; where both are equal, it is put between two bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
}

impl Splice {
    /// Puts `text` in front of the byte `at`.
    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { start: at, end: at, text: text.into() }
    }

    /// Puts `text` in the place of the bytes `start..end`.
    pub(super) fn replace(start: usize, end: usize, text: impl Into<String>) -> Self {
        Self { start, end, text: text.into() }
    }
}

/// Returns `bytes` with the splices in them; those at one place stand in the order in which they are given.
///
/// No two of them may overlap: every one is of another field.
pub(super) fn apply(bytes: &[u8], mut splices: Vec<Splice>) -> Vec<u8> {
    splices.sort_by_key(|splice| (splice.start, splice.end));
    let mut edited = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for splice in splices {
        edited.extend_from_slice(&bytes[from..splice.start.max(from)]);
        edited.extend_from_slice(splice.text.as_bytes());
        from = splice.end.max(from);
    }
    edited.extend_from_slice(&bytes[from..]);
    edited
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splices_stand_in_the_order_of_their_places_and_then_in_their_own() {
        let splices = vec![
            Splice::insert(4, "!"),
            Splice::replace(1, 3, "xyz"),
            Splice::insert(3, "1"),
            Splice::insert(3, "2"),
        ];
        assert_eq!(apply(b"abcd", splices), b"axyz12d!");
    }
}
