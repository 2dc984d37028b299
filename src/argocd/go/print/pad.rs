//! Numbers and texts with signs, prefixes, precision and width, as flags ask for them.

use super::super::number::format_float;
use super::super::quote::{Escape, can_backquote, is_printable, quote, quote_rune};
use super::Printer;

/// What stands between `%` and the verb.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub width: Option<usize>,
    pub precision: Option<usize>,
    pub minus: bool,
    pub plus: bool,
    pub sharp: bool,
    pub space: bool,
    pub zero: bool,
    /// `%#v`: as Go writes it.
    pub sharp_v: bool,
}

/// A whole number: its bits, and whether the first is a sign.
#[derive(Clone, Copy)]
pub(super) struct Integer {
    bits: u64,
    pub is_signed: bool,
}

impl Integer {
    pub(super) fn signed(number: i64) -> Self {
        Self { bits: number.cast_unsigned(), is_signed: true }
    }

    pub(super) fn unsigned(number: u64) -> Self {
        Self { bits: number, is_signed: false }
    }

    fn character(self) -> char {
        u32::try_from(self.bits).ok().and_then(char::from_u32).unwrap_or('\u{fffd}')
    }
}

impl Printer {
    fn padding(&mut self, count: usize) {
        let fill = if self.flags.zero && !self.flags.minus { '0' } else { ' ' };
        self.text.extend(std::iter::repeat_n(fill, count));
    }

    /// Prints a text at its width.
    pub(super) fn pad(&mut self, text: &str) {
        let missing = self.flags.width.map_or(0, |width| width.saturating_sub(text.chars().count()));
        if self.flags.minus {
            self.text.push_str(text);
            self.padding(missing);
        } else {
            self.padding(missing);
            self.text.push_str(text);
        }
    }

    fn pad_with_spaces(&mut self, text: &str) {
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(text);
        self.flags.zero = zero;
    }

    /// Prints a text, as many letters of it as the precision says.
    pub(super) fn text(&mut self, text: &str) {
        self.pad(self.cut(text));
    }

    fn cut<'a>(&self, text: &'a str) -> &'a str {
        let end = self.flags.precision.and_then(|count| text.char_indices().nth(count));
        end.map_or(text, |(end, _)| &text[..end])
    }

    pub(super) fn quoted(&mut self, text: &str) {
        let text = self.cut(text);
        if self.flags.sharp && can_backquote(text) {
            self.pad(&format!("`{text}`"));
        } else {
            self.pad(&quote(text, self.escape()));
        }
    }

    fn escape(&self) -> Escape {
        if self.flags.plus { Escape::BeyondAscii } else { Escape::Unprintable }
    }

    pub(super) fn letter(&mut self, number: Integer) {
        self.pad(number.character().encode_utf8(&mut [0; 4]));
    }

    pub(super) fn quoted_letter(&mut self, number: Integer) {
        self.pad(&quote_rune(number.character().into(), self.escape()));
    }

    /// `U+0078`, or `U+0078 'x'`.
    pub(super) fn unicode(&mut self, number: Integer) {
        let digits = self.flags.precision.unwrap_or(4).max(4);
        let number_of_letter = format!("{:X}", number.bits);
        let zeros = "0".repeat(digits.saturating_sub(number_of_letter.len()));
        let mut text = format!("U+{zeros}{number_of_letter}");
        let letter = number.character();
        if self.flags.sharp && u64::from(u32::from(letter)) == number.bits && is_printable(letter) {
            text.extend([' ', '\'', letter, '\'']);
        }
        self.pad_with_spaces(&text);
    }

    /// Prints a whole number to a base.
    pub(super) fn integer(&mut self, number: Integer, base: u32, verb: char) {
        let flags = self.flags;
        let is_negative = number.is_signed && number.bits.cast_signed() < 0;
        let magnitude = if is_negative { number.bits.wrapping_neg() } else { number.bits };
        if flags.precision == Some(0) && magnitude == 0 {
            self.pad_with_spaces("");
            return;
        }
        let digits = match base {
            2 => format!("{magnitude:b}"),
            8 => format!("{magnitude:o}"),
            16 if verb == 'X' => format!("{magnitude:X}"),
            16 => format!("{magnitude:x}"),
            _ => magnitude.to_string(),
        };
        let has_sign = is_negative || flags.plus || flags.space;
        let least = match (flags.precision, flags.width) {
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => width - usize::from(has_sign && width > 0),
            _ => 0,
        };
        let digits = format!("{}{digits}", "0".repeat(least.saturating_sub(digits.len())));
        let prefix = match base {
            2 if flags.sharp => "0b",
            8 if verb == 'O' && flags.sharp && !digits.starts_with('0') => "0o0",
            8 if verb == 'O' => "0o",
            8 if flags.sharp && !digits.starts_with('0') => "0",
            16 if flags.sharp && verb == 'X' => "0X",
            16 if flags.sharp => "0x",
            _ => "",
        };
        let sign = match (is_negative, flags.plus, flags.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        };
        self.pad_with_spaces(&format!("{sign}{prefix}{digits}"));
    }

    /// Prints a `float64`; the precision is the verb's, unless the flags have one.
    pub(super) fn float(&mut self, number: f64, verb: char, precision: Option<usize>) {
        let flags = self.flags;
        let precision = flags.precision.or(precision);
        let text = format_float(number, verb, precision);
        let is_negative = text.starts_with('-');
        let digits = text.trim_start_matches(['-', '+']);
        let sign = match (is_negative, flags.plus, flags.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        };
        if !number.is_finite() {
            // An infinity always has a sign, where it asks for none too.
            let sign = if sign.is_empty() && number.is_infinite() { "+" } else { sign };
            self.pad_with_spaces(&format!("{sign}{digits}"));
            return;
        }
        let digits =
            if flags.sharp && verb != 'b' { with_point(digits, verb, precision) } else { digits.to_owned() };
        let width = flags.width.unwrap_or_default();
        if !sign.is_empty() && flags.zero && !flags.minus && width > sign.len() + digits.len() {
            self.text.push_str(sign);
            self.padding(width - sign.len() - digits.len());
            self.text.push_str(&digits);
        } else {
            self.pad(&format!("{sign}{digits}"));
        }
    }

    /// Prints the bytes of a text, two digits each.
    pub(super) fn hexadecimal(&mut self, text: &str, is_upper: bool) {
        let flags = self.flags;
        let bytes = text.as_bytes();
        let bytes = &bytes[..flags.precision.map_or(bytes.len(), |count| count.min(bytes.len()))];
        let prefix = match (flags.sharp, is_upper) {
            (true, true) => "0X",
            (true, false) => "0x",
            (false, _) => "",
        };
        let byte = |byte: &u8| if is_upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
        let digits = if bytes.is_empty() {
            String::new()
        } else if flags.space {
            let bytes: Vec<String> = bytes.iter().map(|one| format!("{prefix}{}", byte(one))).collect();
            bytes.join(" ")
        } else {
            format!("{prefix}{}", bytes.iter().map(byte).collect::<String>())
        };
        self.pad(&digits);
    }
}

/// Adds the point that `#` asks for, and the zeros that were cut off.
fn with_point(digits: &str, verb: char, precision: Option<usize>) -> String {
    let is_hex = verb == 'x' || verb == 'X';
    let is_exponent = |letter| matches!(letter, 'p' | 'P') || !is_hex && matches!(letter, 'e' | 'E');
    let (mantissa, exponent) = digits.split_at(digits.find(is_exponent).unwrap_or(digits.len()));
    let wanted = match verb {
        'g' | 'G' | 'x' => precision.unwrap_or(6),
        _ => 0,
    };
    let significant = mantissa.replace('.', "");
    let point = if mantissa.contains('.') { "" } else { "." };
    // Of a hexadecimal number the `x` counts as well, and so does a zero that has no point.
    let is_zero = usize::from(mantissa == "0");
    let there = significant.trim_start_matches('0').len() + is_zero;
    format!("{mantissa}{point}{}{exponent}", "0".repeat(wanted.saturating_sub(there)))
}
