//! Releases: the names of tags on minor branches, `v1.35-ake.261121`, and the order they stand in.
//!
//! A second release of a day has `.1` behind the day, the next one `.2`. This module must not know whether a tag is
//! there.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use super::version::Minor;

/// The pattern of a fleet's tags: literal text around `{minor}` and `{yymmdd}`, each of which stands in it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagPattern {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Minor,
    Day,
}

/// A release by the name of its tag. Releases are ordered by minor, day and number; names only tell equal ones apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The minor whose branch it lies on.
    pub minor: Minor,
    /// The day it was made, in the fleet's time zone; years are those from 2000 to 2099.
    pub day: Date,
    /// 0 for the first release of a day, then 1, 2 and so on.
    pub number: u32,
    name: Arc<str>,
}

/// Why a text is no pattern of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATagPattern;

impl TagPattern {
    /// Reads a pattern such as `v{minor}-ake.{yymmdd}`.
    ///
    /// # Errors
    /// Refuses patterns that lack one of the two places, have one of them twice or any other, and patterns in which
    /// what stands beside a place could belong to it, so that a name could be read in two ways.
    pub fn new(pattern: &str) -> Result<Self, NotATagPattern> {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some((text, behind)) = rest.split_once('{') {
            let (place, after) = behind.split_once('}').ok_or(NotATagPattern)?;
            parts.extend((!text.is_empty()).then(|| Part::Text(text.to_owned())));
            parts.push(match place {
                "minor" => Part::Minor,
                "yymmdd" => Part::Day,
                _ => return Err(NotATagPattern),
            });
            rest = after;
        }
        parts.extend((!rest.is_empty()).then(|| Part::Text(rest.to_owned())));
        let once = |part: &Part| parts.iter().filter(|other| *other == part).count() == 1;
        let belongs_to_minor = |first: char| first.is_ascii_digit() || first == '.';
        let is_apart = parts.windows(2).all(|pair| match pair {
            [Part::Minor, Part::Text(text)] => !text.starts_with(belongs_to_minor),
            [Part::Text(text), Part::Minor] => !text.ends_with(belongs_to_minor),
            [Part::Day, Part::Text(text)] => !text.starts_with(|first: char| first.is_ascii_digit()),
            [Part::Text(text), Part::Day] => !text.ends_with(|last: char| last.is_ascii_digit()),
            _ => false,
        });
        let has_stray = parts.iter().any(|part| matches!(part, Part::Text(text) if text.contains('}')));
        let is_sound = once(&Part::Minor) && once(&Part::Day) && is_apart && !has_stray;
        if is_sound { Ok(Self { parts }) } else { Err(NotATagPattern) }
    }

    /// Reads the name of a tag; `None` where it does not follow the pattern, or its day is none.
    pub fn parse(&self, name: &str) -> Option<Release> {
        let whole = self.read(name).map(|(minor, day)| (minor, day, 0));
        let (minor, day, number) = whole.or_else(|| self.read_numbered(name))?;
        Some(Release { minor, day, number, name: name.into() })
    }

    /// Reads a name with a number behind it.
    fn read_numbered(&self, name: &str) -> Option<(Minor, Date, u32)> {
        let (stem, digits) = name.rsplit_once('.')?;
        let is_number = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_number.then(|| digits.parse().ok())??;
        let (minor, day) = self.read(stem)?;
        Some((minor, day, number))
    }

    /// Reads a name without a number.
    fn read(&self, name: &str) -> Option<(Minor, Date)> {
        let (mut minor, mut day) = (None, None);
        let mut rest = name;
        for part in &self.parts {
            let length = match part {
                Part::Text(text) => {
                    rest = rest.strip_prefix(text.as_str())?;
                    continue;
                }
                Part::Minor => rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len()),
                Part::Day => 6,
            };
            let (written, behind) = rest.split_at_checked(length)?;
            match part {
                Part::Minor => minor = Some(written.parse().ok()?),
                _ => day = Some(read_day(written)?),
            }
            rest = behind;
        }
        rest.is_empty().then_some((minor?, day?))
    }

    /// Returns the release of a minor with a day and a number; `None` for days that two digits of a year cannot say.
    pub fn release(&self, minor: Minor, day: Date, number: u32) -> Option<Release> {
        if !(2000..2100).contains(&day.year()) {
            return None;
        }
        let mut name = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Minor => name.push_str(&minor.to_string()),
                Part::Day => {
                    name.push_str(&format!("{:02}{:02}{:02}", day.year() % 100, day.month(), day.day()));
                }
            }
        }
        if number > 0 {
            name.push_str(&format!(".{number}"));
        }
        Some(Release { minor, day, number, name: name.into() })
    }
}

/// Reads `yymmdd`.
fn read_day(text: &str) -> Option<Date> {
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize| text[from..from + 2].parse::<i16>().ok();
    let (year, month, day) = (number(0)?, number(2)?, number(4)?);
    Date::new(2000 + year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

impl Release {
    /// Returns the tag's name.
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern() -> TagPattern {
        TagPattern::new("v{minor}-ake.{yymmdd}").expect("because the pattern is sound")
    }

    #[test]
    fn a_name_is_read_and_written_alike() {
        for (name, minor, number) in [
            ("v1.35-ake.261121", "1.35", 0),
            ("v1.35-ake.261121.1", "1.35", 1),
            ("v1.9-ake.000229.10", "1.9", 10),
        ] {
            let release = pattern().parse(name).expect(name);
            assert_eq!((release.minor.to_string().as_str(), release.number), (minor, number), "{name}");
            let written = pattern().release(release.minor, release.day, number);
            assert_eq!(written, Some(release), "{name}");
        }
    }

    #[test]
    fn every_pattern_reads_the_names_that_it_writes() {
        for text in [
            "{yymmdd}-{minor}",
            "k8s-{minor}/{yymmdd}",
            "v{minor}-{yymmdd}-r.5",
            "v{minor}-ake.{yymmdd}-final",
        ] {
            let pattern = TagPattern::new(text).expect(text);
            for number in [0, 1, 35, 261_121] {
                let written =
                    pattern.release(Minor { major: 1, minor: 35 }, Date::constant(2026, 11, 21), number);
                let read = written.as_ref().and_then(|release| pattern.parse(release.as_str()));
                assert!(read.is_some() && read == written, "{text}: {written:?}");
            }
        }
    }

    #[test]
    fn what_is_no_release_is_refused() {
        for name in [
            "",
            "v1.35",
            "v1.35-ake.",
            "v1.35-ake.261131",
            "v1.35-ake.26112",
            "v1.35-ake.2611211",
            "v1.35-ake.261121.0",
            "v1.35-ake.261121.01",
            "v1.35-ake.261121-2",
            "v1.35-ake.261121.1.2",
            "v1.035-ake.261121",
            "1.35-ake.261121",
            "v1.35-ake.261121 ",
            "v1.35-ake.２６1121",
        ] {
            assert_eq!(pattern().parse(name), None, "{name}");
        }
    }

    #[test]
    fn releases_stand_in_the_order_of_minor_day_and_number() {
        let names = [
            "v1.9-ake.270101",
            "v1.31-ake.261121",
            "v1.31-ake.261121.2",
            "v1.31-ake.261121.10",
            "v1.31-ake.261122",
            "v1.31-ake.270101",
        ];
        let mut releases: Vec<Release> =
            names.iter().rev().filter_map(|name| pattern().parse(name)).collect();
        releases.sort();
        assert_eq!(releases.iter().map(Release::as_str).collect::<Vec<_>>(), names);
    }

    #[test]
    fn a_pattern_that_can_be_read_in_two_ways_is_refused() {
        for text in [
            "",
            "v{minor}",
            "{minor}{yymmdd}",
            "{minor}.{yymmdd}",
            "{minor}-1{yymmdd}",
            "{a}-{minor}-{yymmdd}",
            "{minor}-{minor}-{yymmdd}",
            "v{minor",
            "{minor}-{yymmdd}}",
        ] {
            assert_eq!(TagPattern::new(text), Err(NotATagPattern), "{text}");
        }
        for text in ["{yymmdd}-{minor}", "k8s-{minor}/{yymmdd}", "v{minor}-ake.{yymmdd}-final"] {
            assert!(TagPattern::new(text).is_ok(), "{text}");
        }
    }
}
