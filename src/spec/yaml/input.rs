//! The door: bytes become text without anything that no YAML file holds.

use super::parse::{Options, PrivateUse};
use super::refusal::Refusal;
use crate::diagnostic::Diagnostic;
use crate::location::{FileId, Location};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Returns the text of a file and where its content begins: behind a byte order mark.
pub(super) fn admit(file: FileId, bytes: &[u8], options: Options) -> Result<(&str, usize), Refusal> {
    if bytes.len() > options.limits.bytes {
        let message = format!("the file has {} bytes; the limit is {}", bytes.len(), options.limits.bytes);
        return Err(limit(Location::start_of(file), message));
    }
    let text = decode(file, bytes)?;
    let start = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    if start > 0 && text[start..].starts_with(BYTE_ORDER_MARK) {
        // go-yaml then loses the first character of every line, so nobody can mean it.
        let location = Location::new(file, start, start + BYTE_ORDER_MARK.len());
        let message = "a second byte order mark stands behind the first";
        return Err(Diagnostic::error("yaml-encoding", location, message).hint("remove it").into());
    }
    match first_refused(&text[start..], options.private_use) {
        Some((offset, character)) => Err(refuse_character(file, start + offset, character)),
        None => Ok((text, start)),
    }
}

/// Makes the refusal of what exceeds a limit.
pub(super) fn limit(location: Location, message: impl Into<String>) -> Refusal {
    Diagnostic::error("yaml-limit", location, message).into()
}

/// Makes the refusal of a private-use character.
pub(super) fn private_use(location: Location, message: impl Into<String>) -> Refusal {
    Diagnostic::error("yaml-private-use", location, message)
        .hint("remove it: such characters have no meaning of their own, and mark the places of values in templates")
        .into()
}

/// Returns whether a character lies in the private-use area or in one of the two private-use planes.
pub(super) fn is_private_use(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

fn decode(file: FileId, bytes: &[u8]) -> Result<&str, Refusal> {
    let refuse = |start: usize, end: usize, message: &str, hint: &str| {
        Refusal::from(Diagnostic::error("yaml-encoding", Location::new(file, start, end), message).hint(hint))
    };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(refuse(0, 2, "the file is UTF-16", "save it as UTF-8"));
    }
    std::str::from_utf8(bytes).map_err(|broken| {
        let start = broken.valid_up_to();
        let length = broken.error_len().unwrap_or(bytes.len() - start);
        refuse(start, start + length, "these bytes are not UTF-8", "save the file as UTF-8")
    })
}

/// Finds the first character that may not stand in a file, as YAML 1.1 has it: control characters but tab, line
/// feed, carriage return and U+0085; U+FFFE and U+FFFF; and private-use characters where they are refused.
fn first_refused(text: &str, private_use: PrivateUse) -> Option<(usize, char)> {
    let refused = |character: char| match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control() || (private_use == PrivateUse::Refuse && is_private_use(other)),
    };
    let mut from = 0;
    while let Some(found) = text.as_bytes()[from..].iter().position(|byte| SUSPECT[*byte as usize]) {
        let offset = from + found;
        let character = text[offset..].chars().next()?;
        if refused(character) {
            return Some((offset, character));
        }
        from = offset + character.len_utf8();
    }
    None
}

/// First bytes of characters that [`first_refused`] must look at.
const SUSPECT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = !matches!(byte as u8, b'\t' | b'\n' | b'\r');
        byte += 1;
    }
    let first_bytes = [0x7f, 0xc2, 0xee, 0xef, 0xf3, 0xf4];
    let mut index = 0;
    while index < first_bytes.len() {
        table[first_bytes[index]] = true;
        index += 1;
    }
    table
};

fn refuse_character(file: FileId, offset: usize, character: char) -> Refusal {
    let location = Location::new(file, offset, offset + character.len_utf8());
    let code = u32::from(character);
    if is_private_use(character) {
        return private_use(
            location,
            format!("the private-use character U+{code:04X} may not stand in a spec"),
        );
    }
    let (name, hint) = match character {
        '\0' => ("a NUL character", "the file is no text, or was cut short"),
        _ => ("a control character", "remove it, or write it as an escape in double quotes"),
    };
    Diagnostic::error("yaml-encoding", location, format!("{name}, U+{code:04X}, may not stand in YAML"))
        .hint(hint)
        .into()
}
