//! Git's pathspecs: which files `git ls-files -- PATHSPEC` lists from the root of a repository.
//!
//! Follows `pathspec.c` and `match_pathspec` of git 2.39. Argo CD's repo-server asks git for the files of a generator
//! in this way unless it is told otherwise, so `*` crosses a `/`.

use super::wildcard::{Rules, Wildcard};
use crate::argocd::Fault;

/// A pathspec that was read.
#[derive(Clone, Debug)]
pub struct Pathspec {
    path: String,
    /// How much of the path has no wildcard, in bytes, and what the rest matches; `None` where it has none.
    wildcard: Option<(usize, Wildcard)>,
    ignores_case: bool,
    excludes: bool,
}

/// What `:(…)` asks for.
#[derive(Clone, Copy, Debug, Default)]
struct Magic {
    top: bool,
    literal: bool,
    glob: bool,
    icase: bool,
    exclude: bool,
}

/// What may follow a `:`, and git knows no magic for.
const UNKNOWN_SIGNS: &str = "\"#%&',-;<=>@_`~";

impl Pathspec {
    /// Reads a pathspec.
    ///
    /// # Errors
    /// Says what git says of magic that it does not know and of paths outside the repository; refuses attributes.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let (magic, path) = magic(text)?;
        if magic.literal && magic.glob {
            return Err(Fault::Wrong(format!("{text}: 'literal' and 'glob' are incompatible")));
        }
        let path = if magic.top { path.to_owned() } else { normalized(text, path)? };
        let plain = path.bytes().position(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'));
        let rules = Rules { stops_at_slashes: magic.glob, ignores_case: magic.icase };
        // The wildcard is matched without what stands before it, which git takes for the beginning of a folder.
        let wildcard = plain.filter(|_| !magic.literal);
        let wildcard = wildcard.map(|plain| (plain, Wildcard::new(&path.as_bytes()[plain..], rules)));
        Ok(Self { path, wildcard, ignores_case: magic.icase, excludes: magic.exclude })
    }

    /// Tells whether git lists a file.
    pub fn lists(&self, file: &str) -> bool {
        self.matches(file.as_bytes()) != self.excludes
    }

    fn matches(&self, file: &[u8]) -> bool {
        let path = self.path.as_bytes();
        if path.is_empty() {
            return true;
        }
        if self.begins(file, path)
            && (path.ends_with(b"/") || matches!(file.get(path.len()), None | Some(b'/')))
        {
            return true;
        }
        self.wildcard.as_ref().is_some_and(|(plain, wildcard)| {
            self.begins(file, &path[..*plain]) && wildcard.matches(&file[*plain..])
        })
    }

    fn begins(&self, file: &[u8], with: &[u8]) -> bool {
        let start = file.get(..with.len());
        start.is_some_and(|start| start == with || self.ignores_case && start.eq_ignore_ascii_case(with))
    }
}

/// Returns the magic at the front, and what follows it.
fn magic(text: &str) -> Result<(Magic, &str), Fault> {
    let mut magic = Magic::default();
    let Some(signs) = text.strip_prefix(':') else { return Ok((magic, text)) };
    if let Some(words) = signs.strip_prefix('(') {
        let Some((words, path)) = words.split_once(')') else {
            let what = format!("Missing ')' at the end of pathspec magic in '{text}'");
            return Err(Fault::Wrong(what));
        };
        for word in words.split(',') {
            match word {
                "" => {}
                "top" => magic.top = true,
                "literal" => magic.literal = true,
                "glob" => magic.glob = true,
                "icase" => magic.icase = true,
                "exclude" => magic.exclude = true,
                word if word.starts_with("attr:") || word.starts_with("prefix:") => {
                    return Err(Fault::refused(format!("the pathspec magic `{word}` is not supported")));
                }
                word => {
                    return Err(Fault::Wrong(format!("Invalid pathspec magic '{word}' in '{text}'")));
                }
            }
        }
        return Ok((magic, path));
    }
    let mut path = signs;
    while let Some(sign) = path.chars().next() {
        match sign {
            '/' => magic.top = true,
            '!' | '^' => magic.exclude = true,
            ':' => return Ok((magic, &path[1..])),
            sign if UNKNOWN_SIGNS.contains(sign) => {
                return Err(Fault::Wrong(format!("Unimplemented pathspec magic '{sign}' in '{text}'")));
            }
            _ => break,
        }
        path = &path[1..];
    }
    Ok((magic, path))
}

/// Returns a path without `.`, `..` and empty parts; a slash at its end stays.
fn normalized(text: &str, path: &str) -> Result<String, Fault> {
    let outside = || Fault::Wrong(format!("{text}: '{path}' is outside repository"));
    if path.starts_with('/') {
        return Err(outside());
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or_else(outside)?;
            }
            part => parts.push(part),
        }
    }
    let mut normalized = parts.join("/");
    let ends_in_slash = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
    if ends_in_slash && !normalized.is_empty() {
        normalized.push('/');
    }
    Ok(normalized)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_listed_as_git_lists_them() {
        const FILES: [&str; 8] =
            ["A.yaml", "a/[x]", "a/b/c.yaml", "a/x.yaml", "b.yaml", "foo1/d/e", "foo2", "sp*/q"];
        for (pathspec, expected) in [
            (".", "A.yaml a/[x] a/b/c.yaml a/x.yaml b.yaml foo1/d/e foo2 sp*/q"),
            ("*", "A.yaml a/[x] a/b/c.yaml a/x.yaml b.yaml foo1/d/e foo2 sp*/q"),
            ("*.yaml", "A.yaml a/b/c.yaml a/x.yaml b.yaml"),
            ("a", "a/[x] a/b/c.yaml a/x.yaml"),
            ("a/.", "a/[x] a/b/c.yaml a/x.yaml"),
            ("a/b/..", "a/[x] a/b/c.yaml a/x.yaml"),
            ("x/./a/../../b.yaml", "b.yaml"),
            ("b.yaml/", ""),
            ("a/*/", ""),
            ("foo*", "foo1/d/e foo2"),
            ("sp*", "sp*/q"),
            ("a/[[]x]", "a/[x]"),
            (r"a/\[x\]", "a/[x]"),
            ("a/**/c.yaml", "a/b/c.yaml"),
            ("a/**/x.yaml", ""),
            (":(glob)*.yaml", "A.yaml b.yaml"),
            (":(glob)**/*.yaml", "A.yaml a/b/c.yaml a/x.yaml b.yaml"),
            (":(glob)a/**/x.yaml", "a/x.yaml"),
            (":(glob)foo**", "foo1/d/e foo2"),
            (":(glob,icase)A/**", "a/[x] a/b/c.yaml a/x.yaml"),
            (":(icase)[A-C].yaml", "A.yaml b.yaml"),
            (":(icase)[A].yaml", ""),
            (":(literal)sp*", "sp*/q"),
            (":!a", "A.yaml b.yaml foo1/d/e foo2 sp*/q"),
            (":/!:a", "A.yaml b.yaml foo1/d/e foo2 sp*/q"),
            (":(top)a//b", ""),
            ("[[:upper:]].yaml", "A.yaml"),
            ("[![:upper:]].yaml", "b.yaml"),
            ("[[:nope:]].yaml", ""),
        ] {
            let pathspec = Pathspec::read(pathspec).unwrap_or_else(|fault| panic!("{pathspec}: {fault:?}"));
            let listed: Vec<&str> = FILES.into_iter().filter(|file| pathspec.lists(file)).collect();
            assert_eq!(listed.join(" "), expected, "{pathspec:?}");
        }
    }

    #[test]
    fn what_git_does_not_take_is_wrong() {
        for (pathspec, expected) in [
            ("../x", "../x: '../x' is outside repository"),
            ("/x", "/x: '/x' is outside repository"),
            (":(foo)a", "Invalid pathspec magic 'foo' in ':(foo)a'"),
            (":-a", "Unimplemented pathspec magic '-' in ':-a'"),
            (":(glob,literal)a", ":(glob,literal)a: 'literal' and 'glob' are incompatible"),
        ] {
            assert_eq!(Pathspec::read(pathspec).err(), Some(Fault::wrong(expected)));
        }
    }
}
