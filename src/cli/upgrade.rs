//! `upgrade`: moves clusters to another Kubernetes version.

use std::collections::BTreeSet;

use clap::ValueEnum;
use yoshino::error::Failure;
use yoshino::location::Sources;
use yoshino::spec::Catalog;
use yoshino::spec::edit::pin::{self, Known};
use yoshino::spec::edit::upgrade::{Pools, Request, Target, upgrade};
use yoshino::spec::pin::known;
use yoshino::spec::version::NotAVersion;

use super::edits::{self, Edits};
use super::{Exit, Format, Session, fleet};

/// Moves clusters to another Kubernetes version, in their spec files
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A cluster goes up one minor at a time. Its pin has to be of the minor that it runs: `--release` moves both at once.
With `--pools later`, every pool keeps the version that it has; the same command without it brings the pools along.

Examples:
  yoshino upgrade web --to v1.36.1 --release latest --pools later
  yoshino upgrade web --to v1.36.1
  yoshino upgrade --selector tier=production --to latest --max 10%")]
pub struct Upgrade {
    #[command(flatten)]
    edits: Edits,
    /// The version; `latest` is the newest of each cluster's minor that any cluster of the fleet runs
    #[arg(long, value_name = "VERSION", value_parser = read_version)]
    to: Target,
    /// What becomes of the pools
    #[arg(long, value_enum, default_value_t)]
    pools: WhichPools,
    /// Pin the clusters to this release too; `latest` is the newest of the minor that they go to
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
}

/// What becomes of the pools of a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum WhichPools {
    /// They go along
    #[default]
    Together,
    /// They stay at the version that they have
    Later,
}

fn read_version(text: &str) -> Result<Target, String> {
    if text == "latest" {
        return Ok(Target::Latest);
    }
    let version = text.parse().map(Target::Version);
    version.map_err(|NotAVersion| "expected a Kubernetes version such as `v1.35.2`, or `latest`".to_owned())
}

impl Upgrade {
    /// Upgrades the clusters.
    ///
    /// # Errors
    /// Reports everything that is wrong with the specs by themselves, and everything that speaks against the step;
    /// says what the environment refused. Nothing is written then.
    pub fn run(&self, session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
        let catalog = fleet::open_specs(session, sources)?;
        let chosen = self.edits.chosen(&catalog)?;
        let needs_releases = self.release.is_some() || chosen.iter().any(|index| is_pinned(&catalog, *index));
        // A fleet without pins needs no repository.
        let opened = if needs_releases { Some(edits::open(session, &catalog)?) } else { None };
        let releases = match &opened {
            Some((pattern, tags)) => known(tags, pattern)?,
            None => BTreeSet::new(),
        };
        let request = Request {
            target: self.to,
            pools: match self.pools {
                WhichPools::Together => Pools::Together,
                WhichPools::Later => Pools::Later,
            },
            release: self.release.clone().map(pin::Target::from),
            releases: opened.as_ref().map(|(pattern, _)| Known { pattern, known: &releases }),
            downgrade: self.edits.downgrade(),
        };
        let planned = upgrade(&catalog, &chosen, &request)?;
        let tags = opened.as_ref().map(|(_, tags)| tags);
        self.edits.finish(session, (&catalog, sources), tags, planned)
    }

    /// Returns how the result is printed.
    pub fn format(&self) -> Format {
        self.edits.format()
    }
}

fn is_pinned(catalog: &Catalog, index: usize) -> bool {
    catalog.clusters[index].pin_name().is_some()
}
