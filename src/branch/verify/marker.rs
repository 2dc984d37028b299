//! Conflict markers in files of any kind.

/// Characters of the shortest marker.
const LEAST: usize = 7;

/// Returns the number of the first line that is a conflict marker; `None` where none is.
///
/// The line between two sides is no sign by itself: headings are underlined like that.
pub(super) fn first(text: &[u8]) -> Option<usize> {
    text.split(|byte| *byte == b'\n').position(is_marker).map(|line| line + 1)
}

fn is_marker(line: &[u8]) -> bool {
    let Some(character @ (b'<' | b'>' | b'|')) = line.first() else { return false };
    let length = line.iter().take_while(|byte| *byte == character).count();
    let rest = &line[length..];
    length >= LEAST && (rest.starts_with(b" ") || (*character == b'|' && matches!(rest, b"" | b"\r")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_side_of_a_conflict_is_one_and_what_only_looks_like_it_is_not() {
        assert_eq!(first(b"a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> d\n"), Some(2));
        assert_eq!(first(b"a\r\n>>>>>>> d\r\n"), Some(2));
        assert_eq!(first(b"|||||||\n"), Some(1));
        assert_eq!(first(b"||||||||| parent of x\n"), Some(1));
        assert_eq!(first(b"Title\n=======\n"), None);
        assert_eq!(first(b" <<<<<<< HEAD\n<<<<<< HEAD\n<<<<<<<\n>>>>>>>x\n"), None);
        assert_eq!(first(b"|||||||x|\n| a | b |\n"), None);
    }
}
