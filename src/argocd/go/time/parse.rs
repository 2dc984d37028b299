//! Reading a time as a layout says (`time.Parse`).

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::Time;
use super::format::{MONTHS, WEEKDAYS};
use super::layout::{Fraction, Offset, Part, Width, next};

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// A time in UTC.
    Time(Time),
    /// A time that the zone of the machine has a say in: none is written, or one by name or offset.
    OfMachine,
    /// A time at the very end of the year 9999.
    Beyond,
}

/// Reads a text.
///
/// # Errors
/// Says what Go says.
pub fn parse(layout: &str, text: &str) -> Result<Parsed, String> {
    let mut reader = Reader { rest: text, layout: "", found: Found::default() };
    let mut rest = layout;
    let wrong = |what: &str, at: &str| {
        format!("parsing time {text:?} as {layout:?}: cannot parse {at:?} as {what:?}")
    };
    let range = |what: &str| format!("parsing time {text:?}: {what} out of range");
    while let Some((before, part, behind)) = next(rest) {
        reader.skip(before).ok_or_else(|| wrong(before, reader.rest))?;
        let look = &rest[before.len()..rest.len() - behind.len()];
        let held = reader.rest;
        (rest, reader.layout) = (behind, behind);
        match reader.part(part) {
            Ok(()) => {}
            Err(Failure::Range(what)) => return Err(range(what)),
            Err(Failure::Wrong) => return Err(wrong(look, held)),
        }
    }
    reader.skip(rest).ok_or_else(|| wrong(rest, reader.rest))?;
    if !reader.rest.is_empty() {
        return Err(format!("parsing time {text:?}: extra text: {:?}", reader.rest));
    }
    let civil = reader.found.civil().map_err(|what| format!("parsing time {text:?}: {what}"))?;
    Ok(match Time::from_civil(civil) {
        _ if !reader.found.is_utc => Parsed::OfMachine,
        Some(time) => Parsed::Time(time),
        None => Parsed::Beyond,
    })
}

enum Failure {
    Wrong,
    Range(&'static str),
}

/// What has been read so far.
#[derive(Clone, Copy, Default)]
struct Found {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    is_morning: bool,
    is_afternoon: bool,
    is_utc: bool,
}

impl Found {
    /// Puts the parts together.
    fn civil(&self) -> Result<DateTime, &'static str> {
        let hour = match self.hour {
            hour if self.is_afternoon && hour < 12 => hour + 12,
            12 if self.is_morning => 0,
            hour => hour,
        };
        let small = |number: i64| i8::try_from(number).unwrap_or(-1);
        let year = i16::try_from(self.year).unwrap_or(-1);
        let date = match self.year_day {
            Some(number) => {
                let first = Date::new(year, 1, 1).map_err(|_| "day-of-year out of range")?;
                if !(1..=i64::from(first.days_in_year())).contains(&number) {
                    return Err("day-of-year out of range");
                }
                let date = first.checked_add((number - 1).days()).map_err(|_| "day-of-year out of range")?;
                if self.month.is_some_and(|month| month != i64::from(date.month())) {
                    return Err("day-of-year does not match month");
                }
                if self.day.is_some_and(|day| day != i64::from(date.day())) {
                    return Err("day-of-year does not match day");
                }
                date
            }
            None => Date::new(year, small(self.month.unwrap_or(1)), small(self.day.unwrap_or(1)))
                .map_err(|_| "day out of range")?,
        };
        let nanosecond = i32::try_from(self.nanosecond).unwrap_or_default();
        let time = jiff::civil::Time::new(small(hour), small(self.minute), small(self.second), nanosecond);
        time.map(|time| date.to_datetime(time)).map_err(|_| "hour out of range")
    }
}

struct Reader<'a> {
    rest: &'a str,
    /// The layout behind the part that is being read.
    layout: &'a str,
    found: Found,
}

impl<'a> Reader<'a> {
    /// Takes what the layout says word by word; blanks stand for any number of blanks.
    fn skip(&mut self, mut text: &str) -> Option<()> {
        while let Some(first) = text.chars().next() {
            if first == ' ' {
                if self.rest.starts_with(|next| next != ' ') {
                    return None;
                }
                text = text.trim_start_matches(' ');
                self.rest = self.rest.trim_start_matches(' ');
            } else {
                self.rest = self.rest.strip_prefix(first)?;
                text = &text[first.len_utf8()..];
            }
        }
        Some(())
    }

    fn part(&mut self, part: Part) -> Result<(), Failure> {
        let found = match part {
            Part::ShortMonth => self.name(&MONTHS, 3).map(|month| self.found.month = Some(month + 1)),
            Part::LongMonth => self.name(&MONTHS, 9).map(|month| self.found.month = Some(month + 1)),
            Part::ShortWeekday => self.name(&WEEKDAYS, 3).map(drop),
            Part::LongWeekday => self.name(&WEEKDAYS, 9).map(drop),
            Part::Month(width) => {
                let month = self.number(width).ok_or(Failure::Wrong)?;
                self.found.month = Some(in_range(month, 1..=12, "month")?);
                Some(())
            }
            Part::Day(width) => {
                self.blanks(width, 1);
                self.number(width).map(|day| self.found.day = Some(day))
            }
            Part::YearDay(width) => {
                self.blanks(width, 2);
                self.digits(if width == Width::Zeros { 3 } else { 1 }, 3)
                    .map(|day| self.found.year_day = Some(day))
            }
            Part::Hour => {
                let hour = self.number(Width::Any).ok_or(Failure::Wrong)?;
                self.found.hour = in_range(hour, 0..=23, "hour")?;
                Some(())
            }
            Part::Hour12(width) => {
                let hour = self.number(width).ok_or(Failure::Wrong)?;
                self.found.hour = in_range(hour, 0..=12, "hour")?;
                Some(())
            }
            Part::Minute(width) => {
                let minute = self.number(width).ok_or(Failure::Wrong)?;
                self.found.minute = in_range(minute, 0..=59, "minute")?;
                Some(())
            }
            Part::Second(width) => return self.second(width),
            Part::LongYear if self.rest.starts_with(|first: char| first.is_ascii_digit()) => {
                self.signed(4).map(|year| self.found.year = year)
            }
            Part::LongYear => None,
            Part::ShortYear => {
                self.signed(2).map(|year| self.found.year = year + if year >= 69 { 1900 } else { 2000 })
            }
            Part::HalfDay(look) => self.half_day(look),
            Part::ZoneName => self.zone_name(),
            Part::Offset(look) => return self.offset(look),
            Part::Fraction(look) => return self.fraction(look),
        };
        found.ok_or(Failure::Wrong)
    }

    /// Takes a name of a table in letters of any case, and returns its index.
    fn name(&mut self, names: &[&str], length: usize) -> Option<i64> {
        let index = names.iter().position(|name| {
            let name = &name[..name.len().min(length)];
            self.rest.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name))
        })?;
        self.rest = &self.rest[names[index].len().min(length)..];
        i64::try_from(index).ok()
    }

    fn blanks(&mut self, width: Width, most: usize) {
        for _ in 0..most {
            if width == Width::Blanks {
                self.rest = self.rest.strip_prefix(' ').unwrap_or(self.rest);
            }
        }
    }

    /// Takes a number of one digit or two; of two if they are filled up with zeros.
    fn number(&mut self, width: Width) -> Option<i64> {
        self.digits(if width == Width::Zeros { 2 } else { 1 }, 2)
    }

    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        if count < least { None } else { digits.parse().ok() }
    }

    /// Takes so many characters, which are a number with a sign or without.
    fn signed(&mut self, length: usize) -> Option<i64> {
        let (text, rest) = (self.rest.get(..length)?, self.rest.get(length..)?);
        self.rest = rest;
        signed(text)
    }

    /// Reads a second, and its fraction even where the layout has none.
    fn second(&mut self, width: Width) -> Result<(), Failure> {
        let second = self.number(width).ok_or(Failure::Wrong)?;
        self.found.second = in_range(second, 0..=59, "second")?;
        let digits = self.fraction_digits();
        if digits > 0 && !matches!(next(self.layout), Some((_, Part::Fraction(_), _))) {
            return self.nanoseconds(digits);
        }
        Ok(())
    }

    /// Returns how many digits stand behind a point or a comma that comes next.
    fn fraction_digits(&self) -> usize {
        self.rest
            .strip_prefix(['.', ','])
            .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count())
    }

    fn fraction(&mut self, look: Fraction) -> Result<(), Failure> {
        if !look.is_trimmed {
            return self.nanoseconds(look.digits);
        }
        match self.fraction_digits() {
            0 => Ok(()),
            digits => self.nanoseconds(digits),
        }
    }

    /// Takes a point and so many digits; those beyond the ninth do not count.
    fn nanoseconds(&mut self, digits: usize) -> Result<(), Failure> {
        let rest = self.rest.strip_prefix(['.', ',']).ok_or(Failure::Wrong)?;
        let (text, behind) = (rest.get(..digits.min(9)).ok_or(Failure::Wrong)?, rest.get(digits..));
        self.rest = behind.ok_or(Failure::Wrong)?;
        let value = signed(text).ok_or(Failure::Wrong)?;
        let places = u32::try_from(9 - text.len()).unwrap_or_default();
        self.found.nanosecond = in_range(value * 10_i64.pow(places), 0..=999_999_999, "fractional second")?;
        Ok(())
    }

    fn half_day(&mut self, look: &str) -> Option<()> {
        let (afternoon, morning) = if look == "PM" { ("PM", "AM") } else { ("pm", "am") };
        let is_afternoon = self.rest.starts_with(afternoon);
        if !is_afternoon && !self.rest.starts_with(morning) {
            return None;
        }
        self.rest = &self.rest[2..];
        self.found.is_afternoon |= is_afternoon;
        self.found.is_morning |= !is_afternoon;
        Some(())
    }

    fn offset(&mut self, look: Offset) -> Result<(), Failure> {
        if let Some(rest) = self.rest.strip_prefix('Z').filter(|_| look.has_z) {
            self.rest = rest;
            self.found.is_utc = true;
            return Ok(());
        }
        let signed = self.rest.strip_prefix(['+', '-']).ok_or(Failure::Wrong)?;
        self.rest = signed;
        const LIMITS: [(i64, &str); 3] =
            [(24, "time zone offset hour"), (60, "time zone offset minute"), (60, "time zone offset second")];
        for (index, (most, what)) in LIMITS.into_iter().take(look.numbers).enumerate() {
            if index > 0 && look.has_colons {
                self.rest = self.rest.strip_prefix(':').ok_or(Failure::Wrong)?;
            }
            in_range(self.number(Width::Zeros).ok_or(Failure::Wrong)?, 0..=most, what)?;
        }
        Ok(())
    }

    /// Takes an abbreviation; only `UTC` says what it means.
    fn zone_name(&mut self) -> Option<()> {
        if let Some(rest) = self.rest.strip_prefix("UTC") {
            self.rest = rest;
            self.found.is_utc = true;
            return Some(());
        }
        let length = zone_length(self.rest)?;
        self.rest = &self.rest[length..];
        Some(())
    }
}

fn in_range(value: i64, range: std::ops::RangeInclusive<i64>, what: &'static str) -> Result<i64, Failure> {
    if range.contains(&value) { Ok(value) } else { Err(Failure::Range(what)) }
}

fn signed(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: i64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    Some(if text.starts_with('-') { -value } else { value })
}

/// Returns how long the abbreviation of a zone is that a text begins with.
fn zone_length(text: &str) -> Option<usize> {
    if text.starts_with("ChST") || text.starts_with("MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix("GMT") {
        return Some(3 + offset_length(rest).unwrap_or(0));
    }
    if text.starts_with(['+', '-']) && text.len() >= 3 {
        return offset_length(text);
    }
    let capitals = text.bytes().take(6).take_while(u8::is_ascii_uppercase).count();
    match capitals {
        3 => Some(3),
        4 if text[3..].starts_with('T') || text.starts_with("WITA") => Some(4),
        5 if text[4..].starts_with('T') => Some(5),
        _ => None,
    }
}

/// Returns how long an offset of at most 23 hours is that a text begins with.
fn offset_length(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(['+', '-'])?;
    let count = rest.bytes().take_while(u8::is_ascii_digit).count();
    let hours: u64 = rest[..count].parse().ok()?;
    (hours <= 23).then_some(count + 1)
}
