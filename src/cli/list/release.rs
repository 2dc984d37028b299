//! `list releases` and `list pins`: which tags there are, and which clusters are behind.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use yoshino::diagnostic::{Diagnostic, Report};
use yoshino::error::Failure;
use yoshino::spec::Catalog;
use yoshino::spec::cluster::Cluster;
use yoshino::spec::pin;
use yoshino::spec::release::{Release, TagPattern};

use crate::cli::table::print_table;
use crate::cli::words::counted;
use crate::cli::{Format, Session};

/// The releases of a fleet, and its clusters.
pub struct Tags<'c> {
    catalog: &'c Catalog,
    pattern: TagPattern,
    /// Every release there is a tag for, with the commit that it points at.
    known: BTreeMap<Release, String>,
}

impl<'c> Tags<'c> {
    /// Reads the tags of the fleet's repository.
    ///
    /// # Errors
    /// Reports a pattern of tags that is none; says what git refused.
    pub fn read(session: &Session, catalog: &'c Catalog) -> Result<Self, Failure> {
        let fleet = &catalog.fleet;
        let Ok(pattern) = TagPattern::new(&fleet.spec.tag) else {
            let place = fleet.document.at("/spec/tag").unwrap_or(&fleet.document).location;
            let message = format!("`{}` is no pattern of tags", fleet.spec.tag);
            return Err(Report::from(Diagnostic::error("name-pattern", place, message)).into());
        };
        let tags = pin::open(&session.directory, fleet)?;
        let mut known = BTreeMap::new();
        for release in pin::known(&tags, &pattern)? {
            let commit_id = tags.commit_id(release.as_str())?.unwrap_or_default();
            known.insert(release, commit_id);
        }
        Ok(Self { catalog, pattern, known })
    }

    /// Prints the releases, those of the newest minor last.
    ///
    /// # Errors
    /// Says that nothing could be printed.
    pub fn print_releases(&self, session: &Session, format: Format) -> Result<(), Failure> {
        match format {
            Format::Text => {
                let head = ["MINOR", "RELEASE", "DAY", "COMMIT", "CLUSTERS"].map(str::to_owned).to_vec();
                let row = |(release, commit_id): (&Release, &String)| {
                    let short = commit_id.get(..12).unwrap_or(commit_id);
                    let clusters = self.pinned_to(release).count().to_string();
                    vec![
                        release.minor.to_string(),
                        release.to_string(),
                        release.day.to_string(),
                        short.to_owned(),
                        clusters,
                    ]
                };
                print_table(
                    &session.terminal,
                    &std::iter::once(head).chain(self.known.iter().map(row)).collect::<Vec<_>>(),
                )?;
            }
            Format::Json => {
                let release = |(release, commit_id): (&Release, &String)| {
                    json!({
                        "minor": release.minor.to_string(),
                        "release": release.as_str(),
                        "day": release.day.to_string(),
                        "commit": commit_id,
                        "clusters": self.pinned_to(release).map(Cluster::identity).collect::<Vec<_>>(),
                    })
                };
                session
                    .terminal
                    .print_json(&json!({"releases": self.known.iter().map(release).collect::<Value>()}))?;
            }
        }
        Ok(())
    }

    /// Prints the pins, in the order of the clusters.
    ///
    /// # Errors
    /// Says that nothing could be printed.
    pub fn print_pins(&self, session: &Session, format: Format) -> Result<(), Failure> {
        let pins: Vec<Pin<'_>> =
            self.catalog.clusters.iter().filter_map(|cluster| self.pin(cluster)).collect();
        match format {
            Format::Text => {
                let head = ["PROJECT", "CLUSTER", "KUBERNETES", "RELEASE", "DAY", "BEHIND", "NEWEST"];
                let head = head.map(str::to_owned).to_vec();
                print_table(
                    &session.terminal,
                    &std::iter::once(head).chain(pins.iter().map(Pin::row)).collect::<Vec<_>>(),
                )?;
            }
            Format::Json => {
                session
                    .terminal
                    .print_json(&json!({"pins": pins.iter().map(Pin::to_json).collect::<Value>()}))?;
            }
        }
        let without = self.catalog.clusters.len() - pins.len();
        if without > 0 {
            session.terminal.say(&format!("{} without a pin", counted(without as u64, "cluster")));
        }
        Ok(())
    }

    fn pin(&self, cluster: &'c Cluster) -> Option<Pin<'_>> {
        let name = cluster.pin_name()?;
        let mut of_minor = self.known.keys().filter(|known| known.minor == cluster.minor());
        let release = self.pattern.parse(name);
        let is_known = release.as_ref().is_some_and(|release| self.known.contains_key(release));
        let behind =
            release.as_ref().map(|release| of_minor.clone().filter(|known| *known > release).count());
        Some(Pin {
            cluster,
            name,
            behind: behind.filter(|_| is_known),
            release,
            newest: of_minor.next_back(),
        })
    }

    fn pinned_to(&self, release: &Release) -> impl Iterator<Item = &'c Cluster> {
        let clusters = self.catalog.clusters.iter();
        clusters.filter(move |cluster| cluster.release.as_ref() == Some(release))
    }
}

/// A pinned cluster.
struct Pin<'c> {
    cluster: &'c Cluster,
    name: &'c str,
    /// The release; `None` where the name is none.
    release: Option<Release>,
    /// How many releases of the cluster's minor are newer; `None` where there is no such tag.
    behind: Option<usize>,
    newest: Option<&'c Release>,
}

impl Pin<'_> {
    fn row(&self) -> Vec<String> {
        vec![
            self.cluster.project.to_string(),
            self.cluster.name.to_string(),
            self.cluster.kubernetes.to_string(),
            self.name.to_owned(),
            self.release.as_ref().map(|release| release.day.to_string()).unwrap_or_default(),
            self.behind.map_or_else(|| "no such tag".to_owned(), |behind| behind.to_string()),
            self.newest.map(ToString::to_string).unwrap_or_default(),
        ]
    }

    fn to_json(&self) -> Value {
        json!({
            "project": self.cluster.project.as_str(),
            "cluster": self.cluster.name.as_str(),
            "kubernetes": self.cluster.kubernetes.to_string(),
            "release": self.name,
            "day": self.release.as_ref().map(|release| release.day.to_string()),
            "behind": self.behind,
            "newest": self.newest.map(Release::as_str),
            "file": self.cluster.path.as_str(),
        })
    }
}
