//! The words and times of a policy.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{DependencyMode, Life};
use crate::spec::version::Minor;

/// What becomes of a commit that changes paths beyond a rule's `paths.any`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mixed {
    /// It is an error.
    Error,
    /// It is picked without them.
    Filter,
    /// It is picked as it is.
    Whole,
}

/// What a merge commit of the chain becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeCommits {
    /// One pick of all that it merged.
    Squash,
    /// A pick for each commit that it merged.
    Expand,
    /// An error.
    Reject,
}

/// What to do with a new file whose folder was renamed on the minor branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Directories {
    /// A person decides.
    Ask,
    /// It goes into the new folder.
    Follow,
    /// It goes into the old folder.
    Ignore,
}

/// What a conflict leaves on its minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnConflict {
    /// A draft branch with markers.
    Draft,
    /// Nothing.
    Skip,
    /// Nothing, and no later picks either.
    Stop,
}

/// Whether reverts follow what they revert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PickReverts {
    /// They go where it is.
    Always,
    /// They go where the rules send them.
    Selected,
}

/// One word or several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// One.
    One(String),
    /// Several, any of which will do.
    Several(Vec<String>),
}

impl Words {
    /// Returns the words.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Several(words) => words,
        }
    }
}

/// A day, which is its beginning, or a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A day in the fleet's time zone.
    Day(Date),
    /// A point in time.
    Instant(Timestamp),
}

/// Why a text is no [`Moment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMoment;

impl Moment {
    /// Returns the day that it is in a time zone.
    pub fn day(self, zone: &TimeZone) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Instant(instant) => zone.to_datetime(instant).date(),
        }
    }

    /// Returns whether it is at or after another: by days where either is one, else to the second.
    pub fn has_reached(self, other: Self, zone: &TimeZone) -> bool {
        match (self, other) {
            (Self::Instant(now), Self::Instant(bound)) => now >= bound,
            (now, Self::Day(bound)) => now.day(zone) >= bound,
            (Self::Day(now), Self::Instant(bound)) => {
                zone.to_timestamp(now.at(0, 0, 0, 0)).is_ok_and(|now| now >= bound)
            }
        }
    }
}

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        let is_day = text.len() == 10;
        match is_day {
            true => text.parse().map(Self::Day).map_err(|_| NotAMoment),
            false => text.parse().map(Self::Instant).map_err(|_| NotAMoment),
        }
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => write!(formatter, "{day}"),
            Self::Instant(instant) => write!(formatter, "{instant}"),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NotAMoment| D::Error::custom("not a day or a time"))
    }
}

/// Reads a day that may be left out.
pub(super) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(|_| D::Error::custom("not a day"))).transpose()
}

/// Reads `mode`, in which YAML takes `off` for `false`.
pub(super) fn dependency_mode<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<DependencyMode, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Bool(false) => Ok(DependencyMode::Off),
        Value::String(word) if word == "off" => Ok(DependencyMode::Off),
        Value::String(word) if word == "auto" => Ok(DependencyMode::Auto),
        Value::String(word) if word == "suggest" => Ok(DependencyMode::Suggest),
        other => Err(D::Error::custom(format!("`{other}` is not known here"))),
    }
}

/// Reads a map whose keys are minors.
pub(super) fn by_minor<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Minor, Life>, D::Error> {
    let written = BTreeMap::<String, Life>::deserialize(deserializer)?;
    let entry = |(minor, life): (String, Life)| {
        Ok((minor.parse().map_err(|_| D::Error::custom("not a minor"))?, life))
    };
    written.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        text.parse().expect("because the table's moments are well formed")
    }

    #[test]
    fn a_day_begins_in_the_zone_that_is_asked_for() {
        let tokyo = TimeZone::get("Asia/Tokyo").expect("because the zone is in the binary");
        let table = [
            ("2026-12-11", "2026-12-11", true),
            ("2026-12-10", "2026-12-11", false),
            ("2026-12-10T15:00:00Z", "2026-12-11", true),
            ("2026-12-10T14:59:59Z", "2026-12-11", false),
            ("2026-12-11", "2026-12-10T15:00:00Z", true),
            ("2026-12-11", "2026-12-10T15:00:01Z", false),
            ("2026-12-11T00:00:00+09:00", "2026-12-10T15:00:00Z", true),
        ];
        for (now, bound, expected) in table {
            assert_eq!(moment(now).has_reached(moment(bound), &tokyo), expected, "{now} {bound}");
        }
        for text in ["", "2026-13-01", "2026-12-11T00:00:00", "tomorrow", "20261211"] {
            assert_eq!(text.parse::<Moment>(), Err(NotAMoment), "{text}");
        }
    }
}
