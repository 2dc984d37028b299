//! A format with its directives, `%[2]*.[1]*f`, and which value each of them takes.

use super::pad::Flags;
use super::{Printed, Printer};
use crate::argocd::go::value::Value;

/// A format, how far it was read, and the next value.
struct Format<'f> {
    bytes: &'f [u8],
    at: usize,
    values: &'f [Value],
    next: usize,
    /// Whether a directive said which value it takes.
    is_reordered: bool,
    /// Whether what the current one said of that makes sense.
    is_good: bool,
}

/// No width and no precision is larger.
const LARGEST: usize = 1_000_000;

/// Prints values as a format says.
pub(super) fn print(printer: &mut Printer, format: &str, values: &[Value]) -> Printed {
    let mut formatting =
        Format { bytes: format.as_bytes(), at: 0, values, next: 0, is_reordered: false, is_good: true };
    let mut rest = format;
    while let Some(start) = rest.find('%') {
        printer.text.push_str(&rest[..start]);
        formatting.at = format.len() - rest.len() + start + 1;
        formatting.directive(printer, format)?;
        rest = &format[formatting.at..];
    }
    printer.text.push_str(rest);
    printer.flags = Flags::default();
    if !formatting.is_reordered && formatting.next < values.len() {
        formatting.extra(printer)?;
    }
    printer.check()
}

impl Format<'_> {
    fn directive(&mut self, printer: &mut Printer, format: &str) -> Printed {
        self.is_good = true;
        printer.flags = self.flags();
        let mut after_index = self.index();
        after_index = self.width(printer, after_index);
        after_index = self.precision(printer, after_index);
        if !after_index {
            self.index();
        }
        let Some(verb) = format[self.at..].chars().next() else {
            printer.text.push_str("%!(NOVERB)");
            return Ok(());
        };
        self.at += verb.len_utf8();
        if verb == '%' {
            printer.text.push('%');
            return Ok(());
        }
        let Some(value) = self.values.get(self.next).filter(|_| self.is_good) else {
            let what = if self.is_good { "MISSING" } else { "BADINDEX" };
            printer.text.push_str(&format!("%!{verb}({what})"));
            return Ok(());
        };
        if verb == 'v' || verb == 'w' {
            printer.flags.sharp_v = std::mem::take(&mut printer.flags.sharp);
            printer.flags.plus = false;
        }
        self.next += 1;
        printer.argument(value, verb)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        flags
    }

    fn width(&mut self, printer: &mut Printer, after_index: bool) -> bool {
        if self.peek() != Some(b'*') {
            printer.flags.width = self.number();
            self.is_good &= !(after_index && printer.flags.width.is_some());
            return after_index;
        }
        self.at += 1;
        let width = self.number_of_value();
        if width.is_none() {
            printer.text.push_str("%!(BADWIDTH)");
        }
        if width.is_some_and(|width| width < 0) {
            printer.flags.minus = true;
            printer.flags.zero = false;
        }
        printer.flags.width = width.and_then(|width| usize::try_from(width.unsigned_abs()).ok());
        false
    }

    fn precision(&mut self, printer: &mut Printer, after_index: bool) -> bool {
        if self.peek() != Some(b'.') || self.at + 1 >= self.bytes.len() {
            return after_index;
        }
        self.at += 1;
        self.is_good &= !after_index;
        let after_index = self.index();
        if self.peek() != Some(b'*') {
            printer.flags.precision = Some(self.number().unwrap_or_default());
            return after_index;
        }
        self.at += 1;
        printer.flags.precision =
            self.number_of_value().and_then(|precision| usize::try_from(precision).ok());
        if printer.flags.precision.is_none() {
            printer.text.push_str("%!(BADPREC)");
        }
        false
    }

    /// Reads a number; one that is too large takes the rest of the format with it.
    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(byte @ b'0'..=b'9') = self.peek() {
            let known = number.unwrap_or(0);
            if known > LARGEST {
                self.at = self.bytes.len();
                return None;
            }
            number = Some(known * 10 + usize::from(byte - b'0'));
            self.at += 1;
        }
        number
    }

    /// Takes the next value as a width or a precision.
    fn number_of_value(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        let number = match value {
            Value::Int(number) | Value::Int64(number) => *number,
            Value::Uint64(number) => i64::try_from(*number).ok()?,
            Value::Byte(byte) => (*byte).into(),
            _ => return None,
        };
        usize::try_from(number.unsigned_abs()).is_ok_and(|number| number <= LARGEST).then_some(number)
    }

    /// Reads `[n]`, which says that the next value is the nth. Returns whether there is one that can be read.
    fn index(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.is_reordered = true;
        let start = self.at + 1;
        let length = self.bytes[start..].iter().position(|byte| *byte == b']');
        let Some(end) = length.map(|length| start + length).filter(|_| self.bytes.len() - self.at >= 3)
        else {
            self.is_good = false;
            self.at += 1;
            return false;
        };
        let index = read_index(&self.bytes[start..end]);
        self.at = end + 1;
        match index.and_then(|index| index.checked_sub(1)).filter(|index| *index < self.values.len()) {
            Some(index) => self.next = index,
            None => self.is_good = false,
        }
        index.is_some()
    }

    /// Shows the values that no directive took.
    fn extra(&self, printer: &mut Printer) -> Printed {
        printer.text.push_str("%!(EXTRA ");
        for (index, value) in self.values[self.next..].iter().enumerate() {
            if index > 0 {
                printer.text.push_str(", ");
            }
            if let Value::Nil = value {
                printer.text.push_str("<nil>");
            } else {
                printer.text.push_str(value.type_name());
                printer.text.push('=');
                printer.argument(value, 'v')?;
            }
        }
        printer.text.push(')');
        Ok(())
    }
}

fn read_index(digits: &[u8]) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
    text.parse().ok().filter(|number| *number / 10 <= LARGEST)
}
