//! Floating-point numbers shown as what they are: a mantissa and a power of two.

/// The bits of a mantissa behind the point.
const BITS: u32 = 52;

/// The mantissa and the power of two of a positive number, the mantissa a whole number.
fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let mantissa = bits & ((1 << BITS) - 1);
    match i32::try_from(bits >> BITS & 0x7ff).unwrap_or_default() {
        0 => (mantissa, -1074),
        exponent => (mantissa | 1 << BITS, exponent - 1075),
    }
}

/// `%b`: `4503599627370496p-52`.
pub(super) fn mantissa_and_exponent(value: f64) -> String {
    let (mantissa, exponent) = parts(value);
    format!("{mantissa}p{exponent:+}")
}

/// `%x`: `0x1.8p+01`, with as many digits as there are, or as many as are asked for.
pub(super) fn hexadecimal(value: f64, precision: Option<usize>) -> String {
    let (mut mantissa, exponent) = parts(value);
    let mut exponent = exponent + 52;
    if mantissa == 0 {
        exponent = 0;
    }
    // The first digit is 1, and 60 bits, fifteen digits, lie behind the point.
    while mantissa != 0 && mantissa >> BITS == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    mantissa <<= 8;
    if let Some(places) = precision.filter(|places| *places < 15) {
        let dropped = 60 - 4 * u32::try_from(places).unwrap_or_default();
        let (kept, rest, half) = (mantissa >> dropped, mantissa & ((1 << dropped) - 1), 1 << (dropped - 1));
        let rounds_up = rest > half || rest == half && kept & 1 == 1;
        mantissa = (kept + u64::from(rounds_up)) << dropped;
        if mantissa >> 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let digits = format!("{:015x}", mantissa & ((1 << 60) - 1));
    let digits = match precision {
        None => digits.trim_end_matches('0').to_owned(),
        Some(places) => format!("{}{}", &digits[..places.min(15)], "0".repeat(places.saturating_sub(15))),
    };
    let point = if digits.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("0x{}{point}{digits}p{sign}{:02}", mantissa >> 60, exponent.unsigned_abs())
}
