//! Regular expressions as Go's `regexp` has them: RE2's syntax without its bytes, Perl's preferences.
//!
//! The crate `regex` reads another syntax, with sets of sets, nested classes and its own escapes, and takes up to 80 µs
//! to compile an expression, which templates do for every Application.

mod class;
mod parse;
mod program;
mod search;

use self::program::Program;
use self::search::{Places, Search};
use super::unicode;
use crate::argocd::Fault;

/// A compiled expression.
#[derive(Debug)]
pub struct Regexp {
    program: Program,
    /// The names of groups from the first; empty where there is none.
    names: Vec<String>,
    is_empty: bool,
}

impl Regexp {
    /// Compiles an expression.
    ///
    /// # Errors
    /// Says what Go says; refuses what is larger or deeper than we take.
    pub fn compile(expression: &str) -> Result<Self, Fault> {
        let parsed = parse::parse(expression)?;
        let program = program::compile(&parsed.node, parsed.names.len())?;
        Ok(Self { program, names: parsed.names, is_empty: expression.is_empty() })
    }

    /// Returns the first match.
    ///
    /// # Errors
    /// Refuses what would take too much memory, here and in all that follow.
    pub fn find<'t>(&self, text: &'t str) -> Result<Option<&'t str>, Fault> {
        let mut search = Search::new(&self.program, text);
        Ok(search.find(0)?.map(|places| span(places, 0, text)))
    }

    /// Returns matches, at most `count` unless that is negative; an empty one right behind another is none.
    ///
    /// # Errors
    /// As [`Regexp::find`].
    pub fn find_all<'t>(&self, text: &'t str, count: i64) -> Result<Vec<&'t str>, Fault> {
        let places = self.places(text, count)?;
        Ok(places.into_iter().map(|(start, end)| &text[start..end]).collect())
    }

    fn places(&self, text: &str, count: i64) -> Result<Vec<(usize, usize)>, Fault> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let mut search = Search::new(&self.program, text);
        let mut found = Vec::new();
        let mut at = 0;
        let mut last_end = None;
        while found.len() < count && at <= text.len() {
            let Some(places) = search.find(at)? else { break };
            let (start, end) = ends(places);
            if end == at {
                if last_end != Some(start) {
                    found.push((start, end));
                }
                at += width(text, at).max(1);
            } else {
                found.push((start, end));
                at = end;
            }
            last_end = Some(end);
        }
        Ok(found)
    }

    /// Replaces all matches by what a template makes of each: `$1`, `${name}`, `$$`.
    ///
    /// # Errors
    /// As [`Regexp::find`].
    pub fn replace_all(&self, text: &str, template: &str) -> Result<String, Fault> {
        self.replace_with(text, |places, out| self.expand(template, text, places, out))
    }

    /// Replaces all matches by a text.
    ///
    /// # Errors
    /// As [`Regexp::find`].
    pub fn replace_all_literal(&self, text: &str, by: &str) -> Result<String, Fault> {
        self.replace_with(text, |_, out| out.push_str(by))
    }

    fn replace_with(&self, text: &str, replace: impl Fn(&Places, &mut String)) -> Result<String, Fault> {
        let mut search = Search::new(&self.program, text);
        let mut out = String::with_capacity(text.len());
        let (mut at, mut last_end) = (0, 0);
        while at <= text.len() {
            let Some(places) = search.find(at)? else { break };
            let (start, end) = ends(places);
            out.push_str(&text[last_end..start]);
            if end > last_end || start == 0 {
                replace(places, &mut out);
            }
            last_end = end;
            at = end.max(at + width(text, at).max(1));
        }
        out.push_str(&text[last_end..]);
        Ok(out)
    }

    fn expand(&self, template: &str, text: &str, places: &Places, out: &mut String) {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            rest = after;
            if let Some(after) = after.strip_prefix('$') {
                out.push('$');
                rest = after;
            } else if let Some((name, after)) = variable(after) {
                out.push_str(self.group(name, places, text));
                rest = after;
            } else {
                out.push('$');
            }
        }
        out.push_str(rest);
    }

    /// Returns what a group matched, by number or name; of groups with one name, the first that matched.
    fn group<'t>(&self, name: &str, places: &Places, text: &'t str) -> &'t str {
        let is_number =
            name.bytes().all(|byte| byte.is_ascii_digit()) && !(name.len() > 1 && name.starts_with('0'));
        if is_number {
            return name.parse().map_or("", |number| span(places, number, text));
        }
        let numbers = self.names.iter().enumerate().filter(|(_, known)| *known == name);
        let mut matched = numbers.filter(|(at, _)| places[2 * at + 2].is_some());
        matched.next().map_or("", |(at, _)| span(places, at + 1, text))
    }

    /// Splits a text at matches into at most `count` pieces, unless that is negative. `None` is Go's nil slice.
    ///
    /// # Errors
    /// As [`Regexp::find`].
    pub fn split<'t>(&self, text: &'t str, count: i64) -> Result<Option<Vec<&'t str>>, Fault> {
        if count == 0 {
            return Ok(None);
        }
        if text.is_empty() && !self.is_empty {
            return Ok(Some(vec![""]));
        }
        let most = usize::try_from(count).unwrap_or(usize::MAX);
        let mut pieces = Vec::new();
        let (mut begin, mut end) = (0, 0);
        for (start, stop) in self.places(text, count)? {
            if pieces.len() + 1 >= most {
                break;
            }
            end = start;
            if stop != 0 {
                pieces.push(&text[begin..end]);
            }
            begin = stop;
        }
        if end != text.len() {
            pieces.push(&text[begin..]);
        }
        Ok(Some(pieces))
    }
}

/// Returns a text as an expression that matches it.
pub fn quote_meta(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for char in text.chars() {
        if r"\.+*?()|[]{}^$".contains(char) {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted
}

fn ends(places: &Places) -> (usize, usize) {
    (places[0].unwrap_or_default(), places[1].unwrap_or_default())
}

fn span<'t>(places: &Places, group: usize, text: &'t str) -> &'t str {
    let place = |slot: usize| places.get(slot).copied().flatten();
    let slot = group.saturating_mul(2);
    match (place(slot), place(slot.saturating_add(1))) {
        (Some(start), Some(end)) => &text[start..end],
        _ => "",
    }
}

/// Returns the bytes of the character at a place; none at the end.
fn width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// Reads `name` or `{name}` behind a `$`.
fn variable(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{');
    let name = inner.unwrap_or(text);
    let is_ascii_part = |char: char| char == '_' || char.is_ascii_alphanumeric();
    let mut end = name.find(|char| !is_ascii_part(char)).unwrap_or(name.len());
    if name[end..].starts_with(|char: char| !char.is_ascii()) {
        let (letters, digits) = (unicode::class("L"), unicode::class("Nd"));
        let is_part = |char: char| {
            is_ascii_part(char) || unicode::contains(&letters, char) || unicode::contains(&digits, char)
        };
        end = name.find(|char| !is_part(char)).unwrap_or(name.len());
    }
    let (name, rest) = name.split_at(end);
    let rest = if inner.is_some() { rest.strip_prefix('}')? } else { rest };
    (!name.is_empty()).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(expression: &str, text: &str, template: &str) -> Result<String, Fault> {
        Regexp::compile(expression)?.replace_all(text, template)
    }

    #[test]
    fn matches_are_replaced_as_go_replaces_them() {
        let cases = [
            ("[^a-z0-9-]+", "Team/A b", "-", "-eam-b"),
            (r"^v?(\d+)\.(\d+)", "v1.35.2", "$1-$2", "1-35.2"),
            (r"^v?(\d+)", "v1.35", "$1x", ".35"),
            ("(?P<a>x)(?P<a>y)?", "xz", "<$a>${1}$$", "<x>x$z"),
            ("a*", "baac", "-", "-b-c-"),
            ("(|a)*", "aa", "($1)", "()a()a()"),
            ("(?i)straSSe|k", "STRASſE \u{212a}", "_", "_ _"),
            (r"\bcat\b", "cat concat", "dog", "dog concat"),
            ("(?U)a+", "aaa", "b", "bbb"),
            (r"\Qa.b\E+", "a.bb axb", "c", "c axb"),
        ];
        for (expression, text, template, expected) in cases {
            assert_eq!(replaced(expression, text, template), Ok(expected.to_owned()), "{expression}");
        }
    }

    #[test]
    fn what_go_refuses_is_an_error() {
        let wrong = [
            "(",
            ")",
            "[",
            "*",
            "a**",
            "a{1001}",
            "(?:a{500}){3}",
            "(?=a)",
            "(?<=a)",
            r"\1",
            r"\C",
            r"\Z",
            "[b-a]",
            "[[:no:]]",
            r"\p{Old_Italic}",
            "(?P<é>a)",
            "(?",
            r"\",
            r"\x{110000}",
        ];
        for expression in wrong {
            let compiled = Regexp::compile(expression).map(|_| ());
            assert!(matches!(compiled, Err(Fault::Wrong(_))), "{expression} {compiled:?}");
        }
        assert!(matches!(Regexp::compile(&"(".repeat(300)), Err(Fault::Refused(_))));
    }

    #[test]
    fn time_does_not_grow_beyond_the_text_and_the_expression() -> Result<(), Fault> {
        let text = "a".repeat(3_000);
        assert_eq!(Regexp::compile("(a*)*(a*)*(a|aa)+$b")?.find(&text)?, None);
        Ok(())
    }
}
