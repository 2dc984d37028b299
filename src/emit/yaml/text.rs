//! Text: plain, in quotes, or as a block.

use super::escape::{is_shown, write_escape};
use super::plain::is_plain;
use super::write_indent;

/// Writes a text as a scalar; if it becomes a block, its lines stand two columns deeper than `indent`, the column of
/// what it belongs to. No line break stands behind it, unless the text is a block that keeps some at its end.
///
/// Text of several lines is a block where every reader takes it for exactly this text, and nothing in it is
/// invisible; otherwise it stands in quotes on one line.
#[inline]
pub fn write_text(out: &mut String, text: &str, indent: usize) {
    if is_plain(text) {
        out.push_str(text);
    } else if is_block(text) {
        write_block(out, text, indent + 2);
    } else {
        write_quoted(out, text);
    }
}

/// Writes a text on one line.
#[inline]
pub(super) fn write_line(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
    } else {
        write_quoted(out, text);
    }
}

/// Returns whether a text can be a block: it has several lines, the first that is not empty begins with something
/// visible (a reader learns the indentation from it), and no line consists of blanks.
fn is_block(text: &str) -> bool {
    let Some(first) = text.bytes().find(|byte| *byte != b'\n') else { return false };
    if matches!(first, b' ' | b'\t') || !text.contains('\n') {
        return false;
    }
    let blank = |line: &str| !line.is_empty() && line.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
    !text.split('\n').any(blank)
        && text.chars().all(|character| matches!(character, '\n' | '\t') || is_shown(character))
}

fn write_block(out: &mut String, text: &str, indent: usize) {
    let body = text.trim_end_matches('\n');
    let kept = text.len() - body.len();
    out.push_str(match kept {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            write_indent(out, indent);
            out.push_str(line);
        }
    }
    // The line break behind the scalar is the first of those that the block keeps.
    for _ in 1..kept {
        out.push('\n');
    }
}

/// Writes a text in single quotes where that spares escapes, otherwise in double quotes.
fn write_quoted(out: &mut String, text: &str) {
    let special = |byte: u8| matches!(byte, b'"' | b'\\');
    let plain_quotes = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'\'';
    if text.bytes().any(special) && text.bytes().all(plain_quotes) {
        out.push('\'');
        out.push_str(text);
        out.push('\'');
        return;
    }
    out.push('"');
    let mut written = 0;
    for (index, character) in text.char_indices() {
        if special_character(character) {
            out.push_str(&text[written..index]);
            write_escape(out, character);
            written = index + character.len_utf8();
        }
    }
    out.push_str(&text[written..]);
    out.push('"');
}

#[inline]
fn special_character(character: char) -> bool {
    matches!(character, '"' | '\\') || !is_shown(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        write_text(&mut out, text, 0);
        out
    }

    #[test]
    fn text_of_several_lines_is_a_block_that_keeps_its_end() {
        assert_eq!(written("a\nb"), "|-\n  a\n  b");
        assert_eq!(written("a\n b\n"), "|\n  a\n   b");
        assert_eq!(written("a\n\n\n"), "|+\n  a\n\n");
        assert_eq!(written("\na\n"), "|\n\n  a");
        assert_eq!(written("# a\n\tb \n"), "|\n  # a\n  \tb ");
    }

    #[test]
    fn what_a_block_would_not_show_or_keep_is_quoted() {
        let quoted = [" a\nb", "\ta\nb", "\n", "a\n \nb", "a\r\nb", "a\nb\u{85}", "a\n\u{202e}b", "a\n\0"];

        assert!(quoted.into_iter().all(|text| written(text).starts_with('"')));
    }

    #[test]
    fn quotes_are_those_that_need_fewer_escapes() {
        assert_eq!(written("yes"), "\"yes\"");
        assert_eq!(written("{\"a\": \"\\\\d\"}"), "'{\"a\": \"\\\\d\"}'");
        assert_eq!(written("\"it's\""), "\"\\\"it's\\\"\"");
        assert_eq!(written("a\t\u{7}\u{1f338}\u{e0001}: "), "\"a\\t\\u0007\u{1f338}\\U000e0001: \"");
    }
}
