//! Paths as Go 1.26's `path` has them.

/// Tells whether a name matches a pattern as `path.Match` has it: `*` and `?` stop at a `/`. A malformed pattern
/// matches nothing.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern.as_bytes(), name.as_bytes());
    'pattern: while !pattern.is_empty() {
        let (has_star, chunk, rest) = first_chunk(pattern);
        pattern = rest;
        if has_star && chunk.is_empty() {
            return !name.contains(&b'/');
        }
        let is_last = pattern.is_empty();
        if let Some(left) = behind(chunk, name)
            && (left.is_empty() || !is_last)
        {
            name = left;
            continue;
        }
        if has_star {
            // The first place that fits is taken, and never given up again.
            let reach = name.iter().position(|byte| *byte == b'/').unwrap_or(name.len());
            for skipped in 1..=reach {
                if let Some(left) = behind(chunk, &name[skipped..])
                    && (!is_last || left.is_empty())
                {
                    name = left;
                    continue 'pattern;
                }
            }
        }
        return false;
    }
    name.is_empty()
}

/// Returns whether stars come first, what stands between them and the next ones, and the rest.
fn first_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|byte| **byte == b'*').count();
    let pattern = &pattern[stars..];
    let (mut in_class, mut end) = (false, 0);
    while end < pattern.len() {
        match pattern[end] {
            b'\\' if end + 1 < pattern.len() => end += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => break,
            _ => {}
        }
        end += 1;
    }
    (stars > 0, &pattern[..end], &pattern[end..])
}

/// Returns what is left of a name behind a chunk without stars; `None` where the chunk does not fit.
fn behind<'n>(mut chunk: &[u8], mut name: &'n [u8]) -> Option<&'n [u8]> {
    while let Some((first, rest)) = chunk.split_first() {
        match first {
            b'[' => {
                let (letter, left) = letter(name)?;
                let (fits, after) = class(rest, letter)?;
                if !fits {
                    return None;
                }
                (chunk, name) = (after, left);
            }
            b'?' => {
                let (letter, left) = letter(name)?;
                if letter == '/' {
                    return None;
                }
                (chunk, name) = (rest, left);
            }
            _ => {
                let (byte, after) = match first {
                    b'\\' => rest.split_first()?,
                    _ => (first, rest),
                };
                let (found, left) = name.split_first()?;
                if found != byte {
                    return None;
                }
                (chunk, name) = (after, left);
            }
        }
    }
    Some(name)
}

/// Returns whether a letter is in a class, and what follows the class; `None` where it is malformed.
fn class(mut class: &[u8], found: char) -> Option<(bool, &[u8])> {
    let is_negated = class.first() == Some(&b'^');
    if is_negated {
        class = &class[1..];
    }
    let (mut fits, mut is_first) = (false, true);
    loop {
        if class.first() == Some(&b']') && !is_first {
            return Some((fits != is_negated, &class[1..]));
        }
        let (low, rest) = member(class)?;
        let (high, rest) = match rest.first() {
            Some(b'-') => member(&rest[1..])?,
            _ => (low, rest),
        };
        fits |= (low..=high).contains(&found);
        (class, is_first) = (rest, false);
    }
}

/// Reads one end of a range; there must be something behind it.
fn member(class: &[u8]) -> Option<(char, &[u8])> {
    let class = match class.first()? {
        b'-' | b']' => return None,
        b'\\' => &class[1..],
        _ => class,
    };
    let (letter, rest) = letter(class)?;
    let is_text = letter != char::REPLACEMENT_CHARACTER || class.starts_with("\u{fffd}".as_bytes());
    (is_text && !rest.is_empty()).then_some((letter, rest))
}

/// Returns the first letter, as Go decodes it: a byte that begins none is U+FFFD.
fn letter(text: &[u8]) -> Option<(char, &[u8])> {
    let width = (1..=text.len().min(4)).find(|width| std::str::from_utf8(&text[..*width]).is_ok());
    match width.and_then(|width| Some((std::str::from_utf8(&text[..width]).ok()?, width))) {
        Some((letter, width)) => Some((letter.chars().next()?, &text[width..])),
        None => Some((char::REPLACEMENT_CHARACTER, text.get(1..)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_go() {
        for (pattern, name, expected) in [
            ("apps/*", "apps/a", true),
            ("apps/*", "apps/a/b", false),
            ("*/a/*", "x/a/b", true),
            ("a?c", "aéc", true),
            ("a?c", "a/c", false),
            ("a[^x]c", "a/c", true),
            ("[a-c]*b", "axxb", true),
            ("*b", "abab", true),
            ("**", "a/b", false),
            (r"\*", "*", true),
            ("[]a]", "]", false),
            ("[a", "a", false),
            ("", "", true),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
