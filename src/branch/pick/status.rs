//! What may become of a unit on a minor branch, in words.

/// What becomes of a unit on a minor branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The branch was cut behind it, or trunk was merged.
    InBase,
    /// Neither rule nor trailer sends it there.
    NotSelected,
    /// The policy or its own trailer keeps it from there.
    Excluded,
    /// The minor takes nothing any more.
    Eol,
    /// The minor does not take its kind now.
    Frozen,
    /// The result would not run on the minor.
    Incompatible,
    /// It is there.
    AlreadyPicked,
    /// A commit that was made by hand does the same.
    Equivalent,
    /// Nothing of it is left to do there.
    Empty,
    /// It changes nothing but what is generated.
    OnlyGenerated,
    /// It was there, and somebody took it back there.
    RevertedOnTarget,
    /// Trunk took it back before it was picked, or it is what took it back.
    Cancelled,
    /// Something else must be decided first.
    Blocked,
    /// A human must merge it.
    Conflict,
    /// It is picked.
    Pick,
    /// It takes back what is there.
    Revert,
    /// It brings back what was taken back there.
    Reapply,
}

impl Status {
    /// Every status, in the order of the documentation.
    pub const ALL: [Self; 17] = [
        Self::InBase,
        Self::NotSelected,
        Self::Excluded,
        Self::Eol,
        Self::Frozen,
        Self::Incompatible,
        Self::AlreadyPicked,
        Self::Equivalent,
        Self::Empty,
        Self::OnlyGenerated,
        Self::RevertedOnTarget,
        Self::Cancelled,
        Self::Blocked,
        Self::Conflict,
        Self::Pick,
        Self::Revert,
        Self::Reapply,
    ];

    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::InBase => "in-base",
            Self::NotSelected => "not-selected",
            Self::Excluded => "excluded",
            Self::Eol => "eol",
            Self::Frozen => "frozen",
            Self::Incompatible => "incompatible",
            Self::AlreadyPicked => "already-picked",
            Self::Equivalent => "equivalent",
            Self::Empty => "empty",
            Self::OnlyGenerated => "only-generated",
            Self::RevertedOnTarget => "reverted-on-target",
            Self::Cancelled => "cancelled",
            Self::Blocked => "blocked",
            Self::Conflict => "conflict",
            Self::Pick => "pick",
            Self::Revert => "revert",
            Self::Reapply => "reapply",
        }
    }

    /// Returns the word of what is done: that of the status, or `none`.
    pub fn action(self) -> &'static str {
        if self.is_action() { self.word() } else { "none" }
    }

    /// Returns whether commits are made.
    pub fn is_action(self) -> bool {
        matches!(self, Self::Pick | Self::Revert | Self::Reapply)
    }

    /// Returns whether the branch has what the unit does.
    pub fn is_there(self) -> bool {
        matches!(self, Self::InBase | Self::AlreadyPicked | Self::Equivalent | Self::Empty)
    }
}
