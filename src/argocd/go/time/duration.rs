//! Durations: `1h2m3.5s`.

const NANOSECOND: u64 = 1;
const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;

/// Units by how they are written; the micro sign and the Greek letter are two characters.
const UNITS: [(&str, u64); 8] = [
    ("ns", NANOSECOND),
    ("us", MICROSECOND),
    ("\u{b5}s", MICROSECOND),
    ("\u{3bc}s", MICROSECOND),
    ("ms", MILLISECOND),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3_600 * SECOND),
];

/// Reads a duration as nanoseconds (`time.ParseDuration`).
///
/// # Errors
/// Says what Go says.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("time: invalid duration {text:?}");
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(wrong());
    }
    /// Go counts up to what the most negative duration is.
    const MOST: u64 = 1 << 63;
    let mut sum = 0_u64;
    while !rest.is_empty() {
        let (whole, behind) = digits(rest);
        let (part, behind) = behind.strip_prefix('.').map_or(("", behind), digits);
        if whole.is_empty() && part.is_empty() {
            return Err(wrong());
        }
        let length = behind.find(|char: char| char == '.' || char.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(length);
        let size = match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, size)) => *size,
            None if unit.is_empty() => return Err(format!("time: missing unit in duration {text:?}")),
            None => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        };
        let whole = if whole.is_empty() { Some(0) } else { whole.parse::<u64>().ok() };
        let whole = whole.and_then(|whole| whole.checked_mul(size)).filter(|value| *value <= MOST);
        let value = whole.ok_or_else(wrong)? + fraction(part, size);
        sum = sum.checked_add(value).filter(|sum| value <= MOST && *sum <= MOST).ok_or_else(wrong)?;
        rest = behind;
    }
    match (is_negative, i64::try_from(sum)) {
        (true, _) => Ok(sum.cast_signed().wrapping_neg()),
        (false, Ok(sum)) => Ok(sum),
        (false, Err(_)) => Err(wrong()),
    }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// Returns what the digits behind a point make of a unit; those that 63 bits do not hold are passed over.
fn fraction(digits: &str, unit: u64) -> u64 {
    const MOST: u64 = i64::MAX as u64 / 10;
    let (mut value, mut scale) = (0_u64, 1.0);
    for digit in digits.bytes() {
        let next = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        if value > MOST || next > 1 << 63 {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

/// Writes nanoseconds as a duration (`Duration.String`).
pub fn format_duration(nanoseconds: i64) -> String {
    let size = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let shown = match size {
        0 => "0s".to_owned(),
        1..MICROSECOND => format!("{size}ns"),
        MICROSECOND..MILLISECOND => format!("{}\u{b5}s", decimal(size, MICROSECOND, 3)),
        MILLISECOND..SECOND => format!("{}ms", decimal(size, MILLISECOND, 6)),
        _ => {
            let seconds = decimal(size % (60 * SECOND), SECOND, 9);
            let (hours, minutes) = (size / (3_600 * SECOND), size / (60 * SECOND) % 60);
            match (hours, minutes) {
                (0, 0) => format!("{seconds}s"),
                (0, _) => format!("{minutes}m{seconds}s"),
                _ => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    };
    format!("{sign}{shown}")
}

/// Writes a number of units with so many decimals, without zeros at the end.
fn decimal(value: u64, unit: u64, places: usize) -> String {
    match value % unit {
        0 => (value / unit).to_string(),
        rest => format!("{}.{}", value / unit, format!("{rest:0places$}").trim_end_matches('0')),
    }
}
