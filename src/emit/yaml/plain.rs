//! Which texts mean the same to every reader without quotes.

use super::escape::is_shown;

/// What a byte may be in plain text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A letter.
    Letter,
    Digit,
    /// Allowed anywhere but at the beginning.
    Inner,
    /// `-`, `.`, `/` and `_`, which may begin a text.
    Edge,
    /// `:`, which must not have a blank or the end behind it.
    Colon,
    Blank,
    /// Part of a character that is not ASCII.
    Wide,
    /// Not without quotes: brackets and quotes too, for the eye.
    Never,
}

const CLASSES: [Class; 256] = {
    let mut table = [Class::Never; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'-' | b'.' | b'/' | b'_' => Class::Edge,
            b'@' | b'+' | b'=' | b',' | b'%' | b'~' | b'^' | b'$' | b'!' | b'?' | b'*' | b'&' | b'|'
            | b'<' | b'>' | b'(' | b')' | b';' | b'\'' => Class::Inner,
            b':' => Class::Colon,
            b' ' => Class::Blank,
            0x80..=0xff => Class::Wide,
            _ => Class::Never,
        };
        byte += 1;
    }
    table
};

/// Returns whether `text` may stand without quotes, as a value and as a key.
#[inline]
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some((last, before)) = bytes.split_last() else { return false };
    let mut wide = false;
    let mut after_colon = false;
    for byte in before {
        match CLASSES[*byte as usize] {
            Class::Never => return false,
            Class::Blank if after_colon => return false,
            Class::Wide => wide = true,
            Class::Letter | Class::Digit | Class::Inner | Class::Edge | Class::Colon | Class::Blank => {}
        }
        after_colon = *byte == b':';
    }
    match CLASSES[*last as usize] {
        Class::Never | Class::Colon | Class::Blank => return false,
        Class::Wide => wide = true,
        Class::Letter | Class::Digit | Class::Inner | Class::Edge => {}
    }
    begins_plainly(text) && (!wide || text.chars().all(is_shown))
}

/// Returns whether the beginning of a text, and where need be all of it, can be nothing but text.
fn begins_plainly(text: &str) -> bool {
    let bytes = text.as_bytes();
    let class = |index: usize| bytes.get(index).map_or(Class::Never, |byte| CLASSES[*byte as usize]);
    match class(0) {
        Class::Letter => !is_word(text),
        Class::Digit => is_no_number(text),
        Class::Edge => match bytes[0] {
            b'/' => true,
            b'.' => class(1) == Class::Letter && !is_word(&text[1..]),
            b'-' if class(1) == Class::Edge => bytes[1] == b'-' && class(2) == Class::Letter,
            b'-' => class(1) == Class::Letter && !is_word(&text[1..]),
            _ => class(1) == Class::Letter,
        },
        Class::Wide => text.chars().next().is_some_and(char::is_alphanumeric),
        Class::Inner | Class::Colon | Class::Blank | Class::Never => false,
    }
}

/// Returns whether a text that begins with a letter is a boolean, null or a number to any reader, in any case.
fn is_word(text: &str) -> bool {
    const LONGEST: usize = 8;
    const WORDS: [&str; 12] =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];
    text.len() <= LONGEST && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Returns whether a text that begins with a digit is no number, date or time to any reader: it holds a character
/// that none of those has, or is several whole numbers with points between them (`1.20.3`, `10.0.0.1`).
fn is_no_number(text: &str) -> bool {
    let decisive = |byte: u8| match byte {
        b'a'..=b'f'
        | b'A'..=b'F'
        | b'x'
        | b'X'
        | b'o'
        | b'O'
        | b't'
        | b'T'
        | b'z'
        | b'Z'
        | b'i'
        | b'I'
        | b'n'
        | b'N' => false,
        b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'@' | b'=' | b'%' | b'~' | b'$' | b'*' => true,
        _ => false,
    };
    text.bytes().any(decisive) || is_dotted(text)
}

fn is_dotted(text: &str) -> bool {
    let whole = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() > 2 && text.split('.').all(whole)
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn plain_text_is_what_no_reader_takes_for_anything_else() {
        let plain = [
            "a",
            "kube-system",
            "v1.35.2",
            "apps/v1",
            "a.b/c",
            "1.20.3",
            "10.0.0.1",
            "10.0.0.0/8",
            "1Gi",
            "500m",
            "20m",
            "--a=b",
            "-a",
            ".spec.a",
            "_a",
            "/a",
            "https://a.b:80/c?d=e&f",
            "a b",
            "it's",
            "a:b",
            "Yes please",
            "n/a",
            "\u{85e4}\u{4e95}",
        ];
        let quoted = [
            "",
            " ",
            "y",
            "NO",
            "on",
            "True",
            "null",
            "~",
            "=",
            "<<",
            "nan",
            ".inf",
            "-Inf",
            "0",
            "-1",
            "0777",
            "0o14",
            "0x1F",
            "1_000",
            "1e3",
            "1.5",
            "1.",
            ".5",
            "_1",
            "._1",
            "-_",
            "12:30:45",
            "2026-11-21",
            "2026-11-21T10:00:00Z",
            "1.2.",
            "1..2",
            "12d",
            "- a",
            "-",
            "--",
            "---",
            "...",
            "?",
            "a: b",
            "a:",
            ":a",
            "a #b",
            "#a",
            " a",
            "a ",
            "a\tb",
            "a\nb",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a`",
            "'a'",
            "\"a\"",
            "{a}",
            "[a]",
            "a{b}",
            "a\\b",
            "\u{a0}",
            "a\u{feff}",
            "\u{301}a",
            "\u{202e}a",
        ];

        assert_eq!(plain.into_iter().filter(|text| !is_plain(text)).collect::<Vec<_>>(), Vec::<&str>::new());
        assert_eq!(quoted.into_iter().filter(|text| is_plain(text)).collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
