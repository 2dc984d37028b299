//! One thing as the base and as the head have it.

/// One thing on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair<T> {
    /// The base's.
    pub base: T,
    /// The head's.
    pub head: T,
}

impl<T> Pair<T> {
    /// Makes a pair.
    pub fn new(base: T, head: T) -> Self {
        Self { base, head }
    }

    /// Returns the pair by reference.
    pub fn each(&self) -> Pair<&T> {
        Pair { base: &self.base, head: &self.head }
    }

    /// Does the same to both.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Pair<U> {
        Pair { base: change(self.base), head: change(self.head) }
    }

    /// Does the same to both, as far as it goes well.
    ///
    /// # Errors
    /// The base's failure, else the head's.
    pub fn try_map<U, E>(self, mut change: impl FnMut(T) -> Result<U, E>) -> Result<Pair<U>, E> {
        Ok(Pair { base: change(self.base)?, head: change(self.head)? })
    }
}

impl<T: PartialEq> Pair<T> {
    /// Returns whether the two are the same.
    pub fn is_same(&self) -> bool {
        self.base == self.head
    }
}
