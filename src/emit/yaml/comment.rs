//! Comments behind what was written.

use super::escape::{is_shown, write_escape};

/// Puts ` # comment` behind the line on which the scalar that begins at `start` begins: of a block text, that is the
/// line of its `|`.
pub(super) fn write_comment(out: &mut String, start: usize, comment: &str) {
    let end = out[start..].find('\n').map_or(out.len(), |length| start + length);
    let rest = out.split_off(end);
    out.push_str(" # ");
    for character in comment.chars() {
        if is_shown(character) { out.push(character) } else { write_escape(out, character) }
    }
    out.push_str(&rest);
}
