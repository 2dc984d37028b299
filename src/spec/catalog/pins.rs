//! The releases that clusters are pinned to, each read once.

use std::collections::{BTreeMap, BTreeSet};

use super::clusters::{Base, MergedCluster};
use super::content::Content;
use super::schemas::Schemas;
use crate::diagnostic::{Diagnostic, Report};
use crate::error::Failure;
use crate::location::{Location, Sources};
use crate::spec::fleet::Fleet;
use crate::spec::pin::{ReadReleases, Releases, finding};
use crate::spec::release::{Release, TagPattern};
use crate::spec::yaml::Node;
use crate::tree::Unproven;

/// A release as a cluster names it.
pub(super) struct Pin<'a> {
    name: &'a str,
    pub(super) place: Location,
}

/// The releases in use, by what clusters call them.
#[derive(Default)]
pub(super) struct Pins {
    of_names: BTreeMap<String, ReadRelease>,
    /// Every release there is a tag for.
    pub(super) known: BTreeSet<Release>,
    /// Where releases are not to be read: the pattern of tags, if it is one.
    unread: Option<Option<TagPattern>>,
}

struct ReadRelease {
    release: Release,
    content: Content,
    schemas: Schemas,
    is_sound: bool,
}

impl<'a> Pin<'a> {
    /// Returns the pin of a merged `spec`; what is no text is left to the schema.
    pub(super) fn of(spec: &'a Node) -> Option<Self> {
        let node = spec.get("release")?;
        Some(Self { name: node.as_str()?, place: node.location })
    }
}

impl Pins {
    /// Reads no release: pins are names alone.
    pub(super) fn unread(fleet: Option<&Fleet>) -> Self {
        let pattern = fleet.and_then(|fleet| TagPattern::new(&fleet.spec.tag).ok());
        Self { unread: Some(pattern), ..Self::default() }
    }

    /// Returns the release that a pin names where none is read.
    pub(super) fn unread_release(&self, pin: &Pin<'_>) -> Option<Release> {
        self.unread.as_ref()?.as_ref()?.parse(pin.name)
    }

    /// Returns whether releases are read.
    pub(super) fn are_read(&self) -> bool {
        self.unread.is_none()
    }

    /// Reads every release that a cluster names.
    ///
    /// # Errors
    /// Adds pins that lead to no release to `report`; passes on what the world refused.
    pub(super) fn read(
        clusters: &[MergedCluster<'_>],
        fleet: Option<&Fleet>,
        read: &ReadReleases<'_>,
        (sources, report): (&mut Sources, &mut Report),
    ) -> Result<Self, Failure> {
        // The places of each name: clusters that take it from the same defaults have one.
        let mut places: BTreeMap<&str, BTreeSet<Location>> = BTreeMap::new();
        for pin in clusters.iter().filter_map(|cluster| Pin::of(&cluster.spec)) {
            places.entry(pin.name).or_default().insert(pin.place);
        }
        let Some(fleet) = fleet.filter(|_| !places.is_empty()) else { return Ok(Self::default()) };
        let Ok(pattern) = TagPattern::new(&fleet.spec.tag) else {
            report.push(bad_pattern(fleet));
            return Ok(Self::default());
        };
        let mut named = BTreeMap::new();
        for (name, places) in places {
            match pattern.parse(name) {
                Some(release) => _ = named.insert(release, places),
                None => places.iter().for_each(|place| report.push(no_release(name, *place, fleet))),
            }
        }
        let mut releases = match named.is_empty() {
            true => Releases::default(),
            false => match read(fleet, &pattern, &named.keys().cloned().collect()) {
                Ok(releases) => releases,
                // Whatever else is wrong with the specs is said, too.
                Err(Failure::Report(findings)) => {
                    report.extend(findings);
                    return Ok(Self::default());
                }
                Err(Failure::Error(error)) => return Err(error.into()),
            },
        };
        let mut pins = Self::default();
        for (release, places) in named {
            match releases.asked.remove(&release).unwrap_or(Err(Unproven::Absent)) {
                Ok(tree) => {
                    let mut findings = Report::default();
                    let (content, schemas) = Content::of_release(&release, tree, sources, &mut findings);
                    let is_sound = findings.is_empty();
                    places.first().into_iter().for_each(|place| findings.relate(*place, "pinned here"));
                    report.extend(findings);
                    let name = release.to_string();
                    pins.of_names.insert(name, ReadRelease { release, content, schemas, is_sound });
                }
                Err(unproven) => places
                    .iter()
                    .for_each(|place| report.push(finding(*place, &release, &unproven, &releases.known))),
            }
        }
        pins.known = releases.known;
        Ok(pins)
    }

    /// Returns the release that a pin names, and what its clusters are held against; `None` where it could not be read.
    pub(super) fn get(&self, pin: &Pin<'_>) -> Option<(&Release, Base<'_>)> {
        let read = self.of_names.get(pin.name)?;
        let providers = read.is_sound.then_some(&read.content.providers);
        Some((&read.release, Base { schemas: &read.schemas, providers }))
    }

    /// Returns the schemas of every release.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &Schemas> {
        self.of_names.values().map(|read| &read.schemas)
    }

    /// Returns what every release holds.
    pub(super) fn into_contents(self) -> BTreeMap<Release, Content> {
        self.of_names.into_values().map(|read| (read.release, read.content)).collect()
    }
}

fn bad_pattern(fleet: &Fleet) -> Diagnostic {
    let place = fleet.document.at("/spec/tag").map_or(fleet.document.location, |node| node.location);
    let message = format!("`{}` is no pattern of tags", fleet.spec.tag);
    Diagnostic::error("name-pattern", place, message)
        .label("expected `{minor}` and `{yymmdd}`, each once, apart from each other and from other digits")
}

fn no_release(name: &str, place: Location, fleet: &Fleet) -> Diagnostic {
    Diagnostic::error("pin-name", place, format!("`{name}` is no name of a release"))
        .label(format!("expected `{}`", fleet.spec.tag))
        .hint("`{yymmdd}` is a day such as 261121; the second release of a day ends in `.1`")
}
