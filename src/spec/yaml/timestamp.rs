//! Which texts the tag `!!timestamp` accepts: those that go-yaml v2 reads as a date with Go's `time.Parse`.

/// Returns whether `text` is a date, `2026-11-21`, or a date with a time, `2026-11-21T9:05:00.5+09:00` or
/// `2026-11-21 9:05:00.5`.
pub(super) fn is_timestamp(text: &str) -> bool {
    let Some(rest) = date(text) else { return false };
    match rest.bytes().next() {
        None => true,
        Some(b'T' | b't') => time(&rest[1..]).is_some_and(is_zone),
        Some(b' ') => time(rest.trim_start_matches(' ')) == Some(""),
        Some(_) => false,
    }
}

/// Reads year, month and day, the latter two of one digit or two, and returns what follows.
fn date(text: &str) -> Option<&str> {
    let (year, rest) = (text.get(..4)?, text.get(4..)?);
    if !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year: u32 = year.parse().ok()?;
    let (month, rest) = number(rest.strip_prefix('-')?)?;
    let (day, rest) = number(rest.strip_prefix('-')?)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(rest)
}

/// Reads hour, minute and second, with a fraction if there is one, and returns what follows.
fn time(text: &str) -> Option<&str> {
    let (hour, rest) = number(text)?;
    let (minute, rest) = number(rest.strip_prefix(':')?)?;
    let (second, rest) = number(rest.strip_prefix(':')?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some(rest) };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    Some(if digits == 0 { rest } else { &fraction[digits..] })
}

fn is_zone(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit();
    match *text.as_bytes() {
        [b'Z'] => true,
        [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].into_iter().all(digit) => {
            let pair = |high: u8, low: u8| (high - b'0') * 10 + low - b'0';
            pair(a, b) <= 24 && pair(c, d) <= 60
        }
        _ => false,
    }
}

/// Reads one digit or two.
fn number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    Some((text[..digits].parse().ok()?, &text[digits..]))
}
