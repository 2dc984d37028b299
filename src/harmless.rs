//! Text that people can be shown, whoever wrote it.

use std::borrow::Cow;

/// Returns a text in which U+FFFD stands for every character that would move a terminal's cursor,
/// colour it or turn its text around; there are as many characters as before.
pub fn harmless(text: &str) -> Cow<'_, str> {
    match text.chars().any(is_harmful) {
        true => Cow::Owned(text.replace(is_harmful, "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

/// Control characters, and those that turn the direction of text around or cannot be seen.
fn is_harmful(letter: char) -> bool {
    let is_unseen =
        matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    letter.is_control() || is_unseen || matches!(letter, '\u{61c}' | '\u{feff}')
}
