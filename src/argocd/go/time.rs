//! Times and durations as Go 1.26's `time` has them, as far as no clock and no machine are asked.

mod duration;
mod format;
mod layout;
mod parse;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

pub use duration::{format_duration, parse_duration};
pub use parse::{Parsed, parse};

use crate::argocd::Fault;

/// A moment, which Go would show in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(Timestamp);

impl Time {
    /// The first moment of year 1: Go's time without a value.
    pub const ZERO: Self = Self(Timestamp::constant(-62_135_596_800, 0));

    /// Returns the moment so many seconds after 1970.
    ///
    /// # Errors
    /// Refuses years beyond 9999 and before -9999, which Go has.
    pub fn from_unix(seconds: i64) -> Result<Self, Fault> {
        Timestamp::from_second(seconds).map(Self).map_err(|_| too_far())
    }

    /// Returns the seconds after 1970.
    pub fn unix(self) -> i64 {
        self.nanoseconds().div_euclid(1_000_000_000) as i64
    }

    /// Returns the nanoseconds after 1970.
    pub fn nanoseconds(self) -> i128 {
        self.0.as_nanosecond()
    }

    /// Returns the moment so many nanoseconds later.
    ///
    /// # Errors
    /// As [`Time::from_unix`].
    pub fn later(self, nanoseconds: i64) -> Result<Self, Fault> {
        let later = self.nanoseconds() + i128::from(nanoseconds);
        Timestamp::from_nanosecond(later).map(Self).map_err(|_| too_far())
    }

    /// Returns the moment of a date and a time of day in UTC; none beyond the year 9999.
    fn from_civil(civil: jiff::civil::DateTime) -> Option<Self> {
        Offset::UTC.to_timestamp(civil).ok().map(Self)
    }

    /// Returns the date and the time of day in UTC.
    pub fn civil(self) -> jiff::civil::DateTime {
        Offset::UTC.to_datetime(self.0)
    }

    /// Shows the time as a layout says, in UTC.
    pub fn format(self, layout: &str) -> String {
        format::format(self.civil(), 0, "UTC", layout)
    }

    /// Shows the time as a layout says, as the clocks of a zone do; a zone that there is none of is UTC.
    ///
    /// # Errors
    /// Refuses the zone of the machine, and zones before 1970: databases differ there.
    pub fn format_in(self, layout: &str, zone: &str) -> Result<String, Fault> {
        let Some(zone) = find_zone(zone)? else { return Ok(self.format(layout)) };
        if self.0.as_second() < 0 {
            return Err(Fault::refused("a time before 1970 in a zone other than UTC is not supported"));
        }
        let here = zone.to_offset_info(self.0);
        let civil = here.offset().to_datetime(self.0);
        Ok(format::format(civil, here.offset().seconds(), here.abbreviation(), layout))
    }
}

fn too_far() -> Fault {
    Fault::refused("a time beyond the year 9999 is not supported")
}

/// Finds a zone by its exact name; `None` for UTC, and for what Go takes for it.
fn find_zone(name: &str) -> Result<Option<TimeZone>, Fault> {
    if name == "Local" {
        return Err(Fault::refused("the time zone `Local` is not supported: it is that of the machine"));
    }
    let is_of_machine = matches!(name, "localtime" | "posixrules");
    if is_of_machine || name.starts_with("posix/") || name.starts_with("right/") {
        return Err(Fault::refused(format!(
            "the time zone `{name}` is not supported: not every machine has it"
        )));
    }
    if matches!(name, "" | "UTC") {
        return Ok(None);
    }
    let zone = TimeZoneDatabase::bundled().get(name).ok();
    Ok(zone.filter(|zone| zone.iana_name() == Some(name)))
}
