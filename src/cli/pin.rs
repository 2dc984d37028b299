//! `pin`: names the release that clusters take their addons and templates from.

use yoshino::error::Failure;
use yoshino::location::Sources;
use yoshino::spec::edit::pin::{Known, Target, pin};
use yoshino::spec::pin::known;

use super::edits::{self, Edits};
use super::{Exit, Format, Session, fleet};

/// Pins clusters to a release, in their spec files
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Only the bytes of `release` change, or the field is written where a cluster has none of its own. Everything is written
or nothing. A release is one of the cluster's own minor, and no older than the one that it is pinned to.

Examples:
  yoshino pin web --to v1.35-ake.261121
  yoshino pin --selector tier=canary --to latest
  yoshino pin --selector tier=production --to latest --max 10%")]
pub struct Pin {
    #[command(flatten)]
    edits: Edits,
    /// The release; `latest` is the newest of each cluster's minor
    #[arg(long, value_name = "RELEASE")]
    to: String,
}

impl Pin {
    /// Pins the clusters.
    ///
    /// # Errors
    /// Reports everything that is wrong with the specs by themselves, and everything that speaks against the pins;
    /// says what the environment refused. Nothing is written then.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let catalog = fleet::open_specs(session, sources)?;
        let chosen = self.edits.chosen(&catalog)?;
        let (pattern, tags) = edits::open(session, &catalog)?;
        let known = known(&tags, &pattern)?;
        let known = Known { pattern: &pattern, known: &known };
        let planned = pin(&catalog, &chosen, &Target::from(self.to.clone()), &known, self.edits.downgrade())?;
        self.edits.finish(session, (&catalog, sources), Some(&tags), planned)
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        self.edits.format()
    }
}
