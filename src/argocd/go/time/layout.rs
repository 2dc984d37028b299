//! Layouts: Go writes how a time shall look as that look of one certain time.

/// A part of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    LongMonth,
    ShortMonth,
    /// The month in two digits, or in as many as it has.
    Month(Width),
    LongWeekday,
    ShortWeekday,
    Day(Width),
    YearDay(Width),
    Hour,
    Hour12(Width),
    Minute(Width),
    Second(Width),
    LongYear,
    ShortYear,
    /// `PM` or `pm`.
    HalfDay(&'static str),
    ZoneName,
    Offset(Offset),
    Fraction(Fraction),
}

/// How a number is filled up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    Any,
    Blanks,
    Zeros,
}

/// How an offset from UTC is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    /// Whether UTC is `Z`.
    pub(super) has_z: bool,
    pub(super) has_colons: bool,
    /// Numbers: hours, minutes, seconds.
    pub(super) numbers: usize,
}

/// How parts of a second are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) separator: char,
    pub(super) digits: usize,
    /// Whether zeros at the end are left out.
    pub(super) is_trimmed: bool,
}

const fn offset(has_z: bool, has_colons: bool, numbers: usize) -> Part {
    Part::Offset(Offset { has_z, has_colons, numbers })
}

/// What parts look like; of those that begin alike, the first that is there.
const LOOKS: [(&str, Part); 33] = [
    ("January", Part::LongMonth),
    ("Jan", Part::ShortMonth),
    ("Monday", Part::LongWeekday),
    ("Mon", Part::ShortWeekday),
    ("MST", Part::ZoneName),
    ("01", Part::Month(Width::Zeros)),
    ("02", Part::Day(Width::Zeros)),
    ("03", Part::Hour12(Width::Zeros)),
    ("04", Part::Minute(Width::Zeros)),
    ("05", Part::Second(Width::Zeros)),
    ("06", Part::ShortYear),
    ("002", Part::YearDay(Width::Zeros)),
    ("15", Part::Hour),
    ("1", Part::Month(Width::Any)),
    ("2006", Part::LongYear),
    ("2", Part::Day(Width::Any)),
    ("_2", Part::Day(Width::Blanks)),
    ("__2", Part::YearDay(Width::Blanks)),
    ("3", Part::Hour12(Width::Any)),
    ("4", Part::Minute(Width::Any)),
    ("5", Part::Second(Width::Any)),
    ("PM", Part::HalfDay("PM")),
    ("pm", Part::HalfDay("pm")),
    ("-070000", offset(false, false, 3)),
    ("-07:00:00", offset(false, true, 3)),
    ("-0700", offset(false, false, 2)),
    ("-07:00", offset(false, true, 2)),
    ("-07", offset(false, false, 1)),
    ("Z070000", offset(true, false, 3)),
    ("Z07:00:00", offset(true, true, 3)),
    ("Z0700", offset(true, false, 2)),
    ("Z07:00", offset(true, true, 2)),
    ("Z07", offset(true, false, 1)),
];

/// Finds the first part of a layout: the text before, the part and what it looks like, and what follows.
pub(super) fn next(layout: &str) -> Option<(&str, Part, &str)> {
    (0..layout.len()).filter(|at| layout.is_char_boundary(*at)).find_map(|at| {
        let rest = &layout[at..];
        let (part, length) = at_beginning(rest)?;
        Some((&layout[..at], part, &rest[length..]))
    })
}

fn at_beginning(text: &str) -> Option<(Part, usize)> {
    if let Some(digits) = text.strip_prefix(['.', ',']) {
        return fraction(text, digits);
    }
    // The underscore stands for itself there.
    if text.starts_with("_2006") {
        return None;
    }
    let is_there = |(look, part): &&(&str, Part)| {
        let is_word = matches!(part, Part::ShortMonth | Part::ShortWeekday);
        let Some(rest) = text.strip_prefix(look) else { return false };
        !(is_word && rest.starts_with(|next: char| next.is_ascii_lowercase()))
    };
    LOOKS.iter().find(is_there).map(|(look, part)| (*part, look.len()))
}

/// Reads zeros, or nines, that no other digit follows.
fn fraction(text: &str, digits: &str) -> Option<(Part, usize)> {
    let first = digits.chars().next().filter(|first| matches!(first, '0' | '9'))?;
    let count = digits.chars().take_while(|digit| *digit == first).count();
    if digits[count..].starts_with(|next: char| next.is_ascii_digit()) {
        return None;
    }
    let separator = text.chars().next()?;
    Some((Part::Fraction(Fraction { separator, digits: count, is_trimmed: first == '9' }), count + 1))
}
