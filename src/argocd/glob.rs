//! Patterns of AppProjects, as `gobwas/glob` reads them for Argo CD 3.5.1.

/// How many patterns one with braces may stand for; one that stands for more matches nothing.
const MOST_ALTERNATIVES: usize = 256;

/// A part of a pattern without braces.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`: one character that is no separator.
    One,
    /// `*`: any that are no separators.
    Some,
    /// `**`: any.
    All,
    /// `[a-z]`, `[!abc]`.
    Class {
        is_negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// Returns whether a pattern matches a whole text; `*` and `?` match no `separator`. One that is malformed matches
/// nothing.
pub fn matches(pattern: &str, text: &str, separator: Option<char>) -> bool {
    // Nearly all hold nothing special.
    if !pattern.contains(['*', '?', '[', '{', '\\']) {
        return pattern == text;
    }
    let mut alternatives = Vec::new();
    let pattern: Vec<char> = pattern.chars().collect();
    if expand(&pattern, &mut alternatives).is_none() {
        return false;
    }
    let text: Vec<char> = text.chars().collect();
    alternatives.iter().filter_map(|pattern| tokens(pattern)).any(|tokens| covers(&tokens, &text, separator))
}

/// Adds what a pattern stands for once its braces are resolved; `None` where they are not closed, or stand for too much.
fn expand(pattern: &[char], alternatives: &mut Vec<Vec<char>>) -> Option<()> {
    let Some(open) = position(pattern, '{') else {
        alternatives.push(pattern.to_vec());
        return (alternatives.len() <= MOST_ALTERNATIVES).then_some(());
    };
    let inner = &pattern[open + 1..];
    let (mut depth, mut start, mut parts, mut at) = (0_usize, 0, Vec::new(), 0);
    let close = loop {
        match inner.get(at)? {
            '\\' => at += 1,
            '{' => depth += 1,
            '}' if depth == 0 => break at,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    };
    parts.push(&inner[start..close]);
    for part in parts {
        let whole = [&pattern[..open], part, &inner[close + 1..]].concat();
        expand(&whole, alternatives)?;
    }
    Some(())
}

/// Returns where a character first stands that is not escaped.
fn position(pattern: &[char], wanted: char) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = pattern.get(at) {
        match found {
            '\\' => at += 1,
            found if *found == wanted => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn tokens(pattern: &[char]) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    while let [first, behind @ ..] = rest {
        rest = behind;
        tokens.push(match (first, rest) {
            ('*', ['*', behind @ ..]) => {
                rest = behind;
                Token::All
            }
            ('*', _) => Token::Some,
            ('?', _) => Token::One,
            ('\\', [escaped, behind @ ..]) => {
                rest = behind;
                Token::Literal(*escaped)
            }
            ('[', _) => {
                let close = rest.iter().position(|letter| *letter == ']')?;
                let class = class(&rest[..close]);
                rest = &rest[close + 1..];
                class
            }
            (letter, _) => Token::Literal(*letter),
        });
    }
    Some(tokens)
}

fn class(inner: &[char]) -> Token {
    let (is_negated, mut inner) = match inner {
        ['!', inner @ ..] => (true, inner),
        inner => (false, inner),
    };
    let mut ranges = Vec::new();
    loop {
        inner = match inner {
            [low, '-', high, behind @ ..] => {
                ranges.push((*low, *high));
                behind
            }
            [letter, behind @ ..] => {
                ranges.push((*letter, *letter));
                behind
            }
            [] => return Token::Class { is_negated, ranges },
        };
    }
}

/// Returns whether tokens match a whole text, in time that is their product.
fn covers(tokens: &[Token], text: &[char], separator: Option<char>) -> bool {
    let is_separator = |letter: char| separator == Some(letter);
    // Whether the tokens so far match the text up to each place.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for token in tokens {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            let before = at.checked_sub(1).map(|before| (before, text[before]));
            next[at] = match token {
                Token::All => reached[at] || before.is_some_and(|(before, _)| next[before]),
                Token::Some => {
                    let goes_on = |(before, letter): (usize, char)| next[before] && !is_separator(letter);
                    reached[at] || before.is_some_and(goes_on)
                }
                Token::One => before.is_some_and(|(before, letter)| reached[before] && !is_separator(letter)),
                Token::Literal(wanted) => {
                    before.is_some_and(|(before, letter)| reached[before] && letter == *wanted)
                }
                Token::Class { is_negated, ranges } => before.is_some_and(|(before, letter)| {
                    let is_in = ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter));
                    reached[before] && is_in != *is_negated
                }),
            };
        }
        reached = next;
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_those_of_gobwas_do() {
        for (pattern, text, with, without) in [
            ("a", "a", true, true),
            ("*", "", true, true),
            ("a*", "abc", true, true),
            ("https://git.example.com/*", "https://git.example.com/a", true, true),
            ("https://git.example.com/*", "https://git.example.com/a/b", false, true),
            ("https://git.example.com/**", "https://git.example.com/a/b", true, true),
            ("team-?", "team-a", true, true),
            ("team-?", "team-ab", false, false),
            ("{a,b}-*", "b-1", true, true),
            ("{a,b{c,d}}", "bd", true, true),
            ("{a,b", "a", false, false),
            ("[a-c]x", "bx", true, true),
            ("[!a-c]x", "bx", false, false),
            ("\\*", "*", true, true),
            ("\\*", "a", false, false),
            ("a*b*c*d", "axxbxxcxx", false, false),
        ] {
            assert_eq!(matches(pattern, text, Some('/')), with, "{pattern} {text}");
            assert_eq!(matches(pattern, text, None), without, "{pattern} {text}");
        }
    }
}
