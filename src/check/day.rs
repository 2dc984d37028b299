//! A day of the calendar.

use std::fmt;
use std::str::FromStr;

use crate::spec::schema::Format;

/// A day of the Gregorian calendar: `2027-10-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u32,
    month: u32,
    day: u32,
}

/// Why a text is no [`Day`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADay;

impl Day {
    /// Returns the day in UTC, `seconds` after 1970 began.
    pub fn from_seconds(seconds: u64) -> Self {
        // Days are counted from 0000-03-01, so that the leap day is the last of its year.
        let days = seconds / 86_400 + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Self { year: small(year), month: small(month), day: small(day) }
    }
}

impl Day {
    /// Counts the days from this one to a later one; 0 where it is not later.
    pub fn days_until(self, later: Self) -> u32 {
        later.number().saturating_sub(self.number())
    }

    /// Counts the days since 0000-03-01.
    fn number(self) -> u32 {
        let year = if self.month > 2 { self.year } else { self.year.saturating_sub(1) };
        let month_from_march = (self.month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day.saturating_sub(1);
        365 * year + year / 4 - year / 100 + year / 400 + day_of_year
    }
}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        if !Format::Date.accepts(text) {
            return Err(NotADay);
        }
        let mut numbers = text.split('-').map(|part| part.parse::<u32>().map_err(|_| NotADay));
        let mut number = || numbers.next().unwrap_or(Err(NotADay));
        Ok(Self { year: number()?, month: number()?, day: number()? })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for NotADay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("expected a day such as 2027-10-01")
    }
}

impl std::error::Error for NotADay {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_fall_on_the_days_of_the_calendar() {
        let table = [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_400, "2000-02-29"),
            (1_709_164_800, "2024-02-29"),
            (1_735_689_599, "2024-12-31"),
            (1_795_132_800, "2026-11-20"),
            (4_107_542_400, "2100-03-01"),
        ];
        for (seconds, day) in table {
            assert_eq!(Day::from_seconds(seconds).to_string(), day);
            assert_eq!(day.parse(), Ok(Day::from_seconds(seconds)));
        }
    }

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        let table = [
            ("2026-11-21", "2027-02-19", 90),
            ("2024-02-28", "2024-03-01", 2),
            ("2026-12-31", "2027-01-01", 1),
            ("2000-01-01", "2100-01-01", 36_525),
            ("2026-11-21", "2026-11-20", 0),
        ];
        for (one, other, days) in table {
            let day = |text: &str| text.parse::<Day>().expect("because it is a day");
            assert_eq!(day(one).days_until(day(other)), days, "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["", "2027-02-29", "2027-1-1", "x"] {
            assert_eq!(text.parse::<Day>(), Err(NotADay), "{text}");
        }
    }
}
