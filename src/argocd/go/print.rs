//! Values as Go 1.26's `fmt` prints them.
//!
//! Bounded: what would print more than 16 MiB, or nests without end, is an error.

mod directive;
mod pad;

use self::pad::{Flags, Integer};
use super::value::{List, Value};
use crate::argocd::Fault;

/// How much is printed at most, in bytes.
const MOST: usize = 16 << 20;

/// How deep what is printed may nest.
const MOST_LEVELS: usize = 400;

/// Prints values as `fmt.Sprint` does: with a space between two that are no texts.
///
/// # Errors
/// Fails where that would be too much.
pub fn sprint(values: &[Value]) -> Result<String, Fault> {
    let mut printer = Printer::default();
    let mut follows_text = true;
    for value in values {
        let is_text = matches!(value, Value::Text(_));
        if !follows_text && !is_text {
            printer.text.push(' ');
        }
        printer.argument(value, 'v')?;
        follows_text = is_text;
    }
    Ok(printer.text)
}

/// Prints values as `fmt.Sprintln` does: with a space between any two, and the end of a line.
///
/// # Errors
/// Fails where that would be too much.
pub fn sprintln(values: &[Value]) -> Result<String, Fault> {
    let mut printer = Printer::default();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            printer.text.push(' ');
        }
        printer.argument(value, 'v')?;
    }
    printer.text.push('\n');
    Ok(printer.text)
}

/// Prints values as `fmt.Sprintf` does: what does not fit shows in the text, `%!d(string=a)`.
///
/// # Errors
/// Fails where that would be too much, and refuses `%p`, which prints an address.
pub fn sprintf(format: &str, values: &[Value]) -> Result<String, Fault> {
    let mut printer = Printer::default();
    directive::print(&mut printer, format, values)?;
    Ok(printer.text)
}

/// What is printed so far, and how the next value is to be.
#[derive(Default)]
struct Printer {
    text: String,
    flags: Flags,
}

type Printed = Result<(), Fault>;

impl Printer {
    /// Prints a value that stands by itself.
    fn argument(&mut self, value: &Value, verb: char) -> Printed {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.pad("<nil>"),
            (Value::Nil, _) => self.bad_verb(value, verb)?,
            (_, 'T') => self.text(value.type_name()),
            (Value::Map(_) | Value::Texts(_) | Value::List(_) | Value::Object(_), 'p') => {
                return Err(Fault::refused("`%p` is not supported: it prints an address"));
            }
            (Value::Object(_), 'w') => self.value(value, verb, 0)?,
            (_, 'p' | 'w') => self.bad_verb(value, verb)?,
            _ => self.value(value, verb, 0)?,
        }
        self.check()
    }

    fn check(&self) -> Printed {
        if self.text.len() > MOST {
            return Err(Fault::refused(format!("printing more than {} MiB is not supported", MOST >> 20)));
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, verb: char, levels: usize) -> Printed {
        if levels > MOST_LEVELS {
            return Err(Fault::refused(format!(
                "printing what nests more than {MOST_LEVELS} levels deep is not supported"
            )));
        }
        match value {
            Value::Nil if self.flags.sharp_v => self.text.push_str("interface {}(nil)"),
            Value::Nil => self.text.push_str("<nil>"),
            Value::Bool(holds) => match verb {
                't' | 'v' => self.pad(if *holds { "true" } else { "false" }),
                _ => return self.bad_verb(value, verb),
            },
            Value::Int(number) | Value::Int64(number) => {
                return self.whole(value, Integer::signed(*number), verb);
            }
            Value::Uint64(number) => return self.whole(value, Integer::unsigned(*number), verb),
            Value::Byte(byte) => return self.whole(value, Integer::unsigned((*byte).into()), verb),
            Value::Float(number) => match verb {
                'v' => self.float(*number, 'g', None),
                'b' | 'g' | 'G' | 'x' | 'X' => self.float(*number, verb, None),
                'f' | 'e' | 'E' => self.float(*number, verb, Some(6)),
                'F' => self.float(*number, 'f', Some(6)),
                _ => return self.bad_verb(value, verb),
            },
            Value::Text(text) => match verb {
                'v' if self.flags.sharp_v => self.quoted(text),
                'v' | 's' => self.text(text),
                'x' => self.hexadecimal(text, false),
                'X' => self.hexadecimal(text, true),
                'q' => self.quoted(text),
                _ => return self.bad_verb(value, verb),
            },
            Value::List(list) => return self.list(list, value.type_name(), (verb, levels)),
            Value::Map(map) => {
                let nil = map.is_nil();
                let entries = map.entries();
                let entries = entries.iter().map(|(key, value)| (Value::Text(key.clone()), value.clone()));
                return self.map(entries, (value.type_name(), nil), (verb, levels));
            }
            Value::Texts(texts) => {
                let entries = texts.iter();
                let entries =
                    entries.map(|(key, text)| (Value::Text(key.clone()), Value::Text(text.clone())));
                return self.map(entries, (value.type_name(), false), (verb, levels));
            }
            Value::Object(object) => match verb {
                'v' | 's' if !self.flags.sharp_v => self.text(&object.print()),
                'q' => self.quoted(&object.print()),
                'x' | 'X' => self.hexadecimal(&object.print(), verb == 'X'),
                _ => {
                    let kind = object.type_name();
                    return Err(Fault::refused(format!("`%{verb}` of a `{kind}` is not supported")));
                }
            },
        }
        Ok(())
    }

    fn whole(&mut self, value: &Value, number: Integer, verb: char) -> Printed {
        match verb {
            'v' if self.flags.sharp_v && !number.is_signed => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                self.integer(number, 16, verb);
                self.flags.sharp = sharp;
            }
            'v' | 'd' => self.integer(number, 10, verb),
            'b' => self.integer(number, 2, verb),
            'o' | 'O' => self.integer(number, 8, verb),
            'x' | 'X' => self.integer(number, 16, verb),
            'c' => self.letter(number),
            'q' => self.quoted_letter(number),
            'U' => self.unicode(number),
            _ => return self.bad_verb(value, verb),
        }
        Ok(())
    }

    fn list(&mut self, list: &List, name: &str, (verb, levels): (char, usize)) -> Printed {
        if self.flags.sharp_v {
            self.text.push_str(name);
            if list.is_nil {
                self.text.push_str("(nil)");
                return Ok(());
            }
        }
        let (open, between, close) = if self.flags.sharp_v { ('{', ", ", '}') } else { ('[', " ", ']') };
        self.text.push(open);
        for (index, item) in list.items.iter().enumerate() {
            if index > 0 {
                self.text.push_str(between);
            }
            self.value(item, verb, levels + 1)?;
            self.check()?;
        }
        self.text.push(close);
        Ok(())
    }

    fn map(
        &mut self,
        entries: impl Iterator<Item = (Value, Value)>,
        (name, is_nil): (&str, bool),
        (verb, levels): (char, usize),
    ) -> Printed {
        let (open, between, close) = if self.flags.sharp_v { (name, ", ", '}') } else { ("map", " ", ']') };
        self.text.push_str(open);
        if self.flags.sharp_v && is_nil {
            self.text.push_str("(nil)");
            return Ok(());
        }
        self.text.push(if self.flags.sharp_v { '{' } else { '[' });
        for (index, (key, value)) in entries.enumerate() {
            if index > 0 {
                self.text.push_str(between);
            }
            self.value(&key, verb, levels + 1)?;
            self.text.push(':');
            self.value(&value, verb, levels + 1)?;
            self.check()?;
        }
        self.text.push(close);
        Ok(())
    }

    fn bad_verb(&mut self, value: &Value, verb: char) -> Printed {
        self.text.push_str("%!");
        self.text.push(verb);
        self.text.push('(');
        if let Value::Nil = value {
            self.text.push_str("<nil>");
        } else {
            self.text.push_str(value.type_name());
            self.text.push('=');
            self.value(value, 'v', 0)?;
        }
        self.text.push(')');
        Ok(())
    }
}
