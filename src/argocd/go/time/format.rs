//! Showing a time as a layout says.

use std::fmt::Write;

use jiff::civil::DateTime;

use super::layout::{Fraction, Offset, Part, Width, next};

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Shows a date and a time of day, so many seconds ahead of UTC, in a zone of that name.
pub(super) fn format(civil: DateTime, offset: i32, zone: &str, layout: &str) -> String {
    let mut out = String::with_capacity(layout.len() + 10);
    let mut rest = layout;
    while let Some((before, part, behind)) = next(rest) {
        out.push_str(before);
        rest = behind;
        match part {
            Part::ZoneName => out.push_str(zone),
            Part::Offset(look) => write_offset(&mut out, offset, look),
            Part::Fraction(look) => write_fraction(&mut out, civil.subsec_nanosecond(), look),
            part => write_part(&mut out, civil, part),
        }
    }
    out.push_str(rest);
    out
}

fn write_part(out: &mut String, civil: DateTime, part: Part) {
    let name = |names: &[&'static str], index: i8| {
        usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default()
    };
    let weekday = name(&WEEKDAYS, civil.weekday().to_sunday_zero_offset());
    let month = name(&MONTHS, civil.month() - 1);
    let hour = i16::from(civil.hour());
    let year = civil.year();
    match part {
        Part::LongMonth => out.push_str(month),
        Part::ShortMonth => out.push_str(&month[..3]),
        Part::Month(width) => write_number(out, civil.month().into(), 2, width),
        Part::LongWeekday => out.push_str(weekday),
        Part::ShortWeekday => out.push_str(&weekday[..3]),
        Part::Day(width) => write_number(out, civil.day().into(), 2, width),
        Part::YearDay(width) => write_number(out, civil.day_of_year(), 3, width),
        Part::Hour => write_number(out, hour, 2, Width::Zeros),
        Part::Hour12(width) => write_number(out, (hour + 11) % 12 + 1, 2, width),
        Part::Minute(width) => write_number(out, civil.minute().into(), 2, width),
        Part::Second(width) => write_number(out, civil.second().into(), 2, width),
        Part::LongYear => {
            out.push_str(if year < 0 { "-" } else { "" });
            write_number(out, year.saturating_abs(), 4, Width::Zeros);
        }
        Part::ShortYear => write_number(out, year.saturating_abs() % 100, 2, Width::Zeros),
        Part::HalfDay("PM") => out.push_str(if hour >= 12 { "PM" } else { "AM" }),
        Part::HalfDay(_) => out.push_str(if hour >= 12 { "pm" } else { "am" }),
        Part::ZoneName | Part::Offset(_) | Part::Fraction(_) => {}
    }
}

fn write_number(out: &mut String, number: i16, digits: usize, width: Width) {
    let _ = match width {
        Width::Any => write!(out, "{number}"),
        Width::Blanks => write!(out, "{number:digits$}"),
        Width::Zeros => write!(out, "{number:0digits$}"),
    };
}

fn write_offset(out: &mut String, offset: i32, look: Offset) {
    if offset == 0 && look.has_z {
        out.push('Z');
        return;
    }
    // What is less than a minute west of UTC counts as east.
    out.push(if offset / 60 < 0 { '-' } else { '+' });
    let seconds = offset.abs();
    let numbers = [seconds / 3600, seconds / 60 % 60, seconds % 60];
    for (index, number) in numbers.into_iter().take(look.numbers).enumerate() {
        out.push_str(if index > 0 && look.has_colons { ":" } else { "" });
        let _ = write!(out, "{number:02}");
    }
}

fn write_fraction(out: &mut String, nanoseconds: i32, look: Fraction) {
    let digits = format!("{nanoseconds:09}");
    let digits = &digits[..look.digits.min(9)];
    let digits = if look.is_trimmed { digits.trim_end_matches('0') } else { digits };
    if !digits.is_empty() {
        out.push(look.separator);
        out.push_str(digits);
    }
}
