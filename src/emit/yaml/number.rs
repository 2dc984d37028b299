//! Numbers.

use std::fmt::Write as _;

use serde_json::Number;

/// Writes a number that every reader takes for a number of the same kind: a float has a point, and a sign in its
/// exponent, or PyYAML would take it for text.
pub fn write_number(out: &mut String, number: &Number) {
    let float = if number.is_f64() { number.as_f64() } else { None };
    let written = match float {
        None => write!(out, "{number}"),
        Some(value) if value == 0.0 || (1e-4..1e16).contains(&value.abs()) => write!(out, "{value:?}"),
        Some(value) => {
            let scientific = format!("{value:e}");
            let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
            let point = if digits.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            write!(out, "{digits}{point}e{sign}{exponent}")
        }
    };
    debug_assert!(written.is_ok(), "a String takes every text");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: impl Into<serde_json::Value>) -> String {
        let mut out = String::new();
        if let serde_json::Value::Number(number) = number.into() {
            write_number(&mut out, &number);
        }
        out
    }

    #[test]
    fn a_float_has_a_point_and_a_sign_in_its_exponent() {
        let floats =
            [0.0, -0.0, 1.0, -1.5, 0.1, 0.0001, 1e-5, 1e-6, 1.5e-7, 123_456.789, 1e15, 1e16, 1e21, -2.5e300];

        let expected = [
            "0.0",
            "-0.0",
            "1.0",
            "-1.5",
            "0.1",
            "0.0001",
            "1.0e-5",
            "1.0e-6",
            "1.5e-7",
            "123456.789",
            "1000000000000000.0",
            "1.0e+16",
            "1.0e+21",
            "-2.5e+300",
        ];
        assert_eq!(floats.map(written), expected);
    }

    #[test]
    fn whole_numbers_are_whole() {
        assert_eq!([written(0), written(-7), written(i64::MIN)], ["0", "-7", "-9223372036854775808"]);
        assert_eq!(written(u64::MAX), "18446744073709551615");
    }
}
