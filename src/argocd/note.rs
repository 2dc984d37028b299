//! What there is to say of a result that is right: it is random, it is empty, something was left out.

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Where in the ApplicationSet: `spec.generators[0].clusters`.
    pub place: String,
    /// What kind of thing it is.
    pub kind: NoteKind,
    /// The sentence.
    pub text: String,
}

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// Argo CD's result is random; ours is one of those that are possible.
    Random,
    /// A generator yields nothing.
    Empty,
    /// Argo CD passes over something that was written.
    Ignored,
}
