//! What Argo CD 3.5.1 makes of ApplicationSets and cluster Secrets.
//!
//! Pure, and faithful or silent: what is not done exactly as the controller does it is refused by name.

mod application_set;
pub mod checkout;
mod cluster_secret;
mod emitted_set;
mod expansion;
mod fasttemplate;
pub mod field;
mod flat;
pub mod generator;
mod glob;
pub mod go;
pub mod go_template;
mod go_url;
pub mod intake;
pub mod language;
pub mod merge;
pub mod note;
pub mod params;
mod permission;
pub mod place;
pub mod preview;
pub mod schema;
mod strategic_merge;
mod selector;
mod template;
mod template_patch;
mod unfolding;
mod validation;
mod world;

use std::fmt;

pub use application_set::ApplicationSet;
pub use cluster_secret::{ClusterSecret, Parameter};
pub use emitted_set::EmittedSet;
pub use expansion::{Expanded, Origin, expand};
pub use generator::Sources;
pub use permission::Permissions;
pub use unfolding::Unfolding;
pub use validation::{LOCAL_NAME, LOCAL_SERVER, Validation};
pub use world::{Clusters, World};

/// Why an ApplicationSet or a Secret cannot be judged: a sentence that names what is not supported or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Argo CD says so too, in these words or in such.
    Wrong(String),
    /// Argo CD does it and we do not.
    Refused(Refused),
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl Fault {
    /// Says what Argo CD says.
    pub fn wrong(what: impl Into<String>) -> Self {
        Self::Wrong(what.into())
    }

    /// Says where it went wrong: `place: what`. A panic in Argo CD unwinds everything, so that nothing is added to it.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        match self {
            Self::Wrong(what) if !what.starts_with("panic: ") => Self::Wrong(format!("{place}: {what}")),
            fault => fault,
        }
    }

    /// Says by name what is not done.
    pub fn refused(what: impl Into<String>) -> Self {
        Self::Refused(Refused(what.into()))
    }
}
