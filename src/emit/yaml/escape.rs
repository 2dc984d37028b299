//! Characters that are not written as they are.

use std::fmt::Write as _;

/// Returns whether a character can stand in a line of YAML and be seen there.
///
/// Not so: control characters, line breaks of any kind, blanks other than U+0020, private use and noncharacters,
/// and the format characters that hide or reorder text (byte order mark, zero width, bidirectional, tags).
pub(super) fn is_shown(character: char) -> bool {
    match character {
        ' '..='~' => true,
        '\0'..='\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{1680}' | '\u{180e}' => false,
        '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{3000}' => false,
        '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => false,
        '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}' => false,
        other => u32::from(other) & 0xfffe != 0xfffe,
    }
}

/// Writes a character as an escape that JSON, YAML 1.1 and YAML 1.2 have in common; above U+FFFF as YAML has it.
pub(super) fn write_escape(out: &mut String, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        other => {
            let code = u32::from(other);
            let written =
                if code > 0xffff { write!(out, "\\U{code:08x}") } else { write!(out, "\\u{code:04x}") };
            debug_assert!(written.is_ok(), "a String takes every text");
        }
    }
}
