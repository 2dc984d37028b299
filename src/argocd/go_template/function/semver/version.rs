//! A version as Masterminds/semver 3.4.0 reads and compares it.

use std::cmp::Ordering;
use std::fmt;

/// A version; numbers that are not written are 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) major: u64,
    pub(super) minor: u64,
    pub(super) patch: u64,
    /// What stands behind `-`; may be empty.
    pub(super) prerelease: String,
    /// What stands behind `+`; may be empty.
    pub(super) metadata: String,
    /// The text that was read.
    pub(super) original: String,
}

/// The parts of a version, each as it is written; numbers may be wildcards if the reader says so.
pub(super) struct Parts<'a> {
    pub(super) major: &'a str,
    pub(super) minor: Option<&'a str>,
    pub(super) patch: Option<&'a str>,
    pub(super) prerelease: Option<&'a str>,
    pub(super) metadata: Option<&'a str>,
    /// Bytes that they take.
    pub(super) length: usize,
}

impl<'a> Parts<'a> {
    /// Reads as many parts as stand at the beginning of a text.
    pub(super) fn read(text: &'a str, in_number: fn(&u8) -> bool) -> Option<Self> {
        let mut rest = text.strip_prefix('v').unwrap_or(text);
        let major = take(&mut rest, in_number)?;
        let minor = behind(&mut rest, '.', |rest| take(rest, in_number));
        let patch = minor.and_then(|_| behind(&mut rest, '.', |rest| take(rest, in_number)));
        let prerelease = behind(&mut rest, '-', identifiers);
        let metadata = behind(&mut rest, '+', identifiers);
        Some(Self { major, minor, patch, prerelease, metadata, length: text.len() - rest.len() })
    }
}

fn take<'a>(rest: &mut &'a str, belongs: fn(&u8) -> bool) -> Option<&'a str> {
    let length = rest.bytes().take_while(belongs).count();
    let (taken, left) = rest.split_at(length);
    *rest = left;
    (length > 0).then_some(taken)
}

/// Takes what `read` takes behind a mark, or nothing at all.
fn behind<'a>(
    rest: &mut &'a str,
    mark: char,
    read: impl FnOnce(&mut &'a str) -> Option<&'a str>,
) -> Option<&'a str> {
    let mut left = rest.strip_prefix(mark)?;
    let taken = read(&mut left)?;
    *rest = left;
    Some(taken)
}

/// Takes identifiers with dots between them.
fn identifiers<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let all = *rest;
    let in_identifier: fn(&u8) -> bool = |byte| byte.is_ascii_alphanumeric() || *byte == b'-';
    take(rest, in_identifier)?;
    while behind(rest, '.', |rest| take(rest, in_identifier)).is_some() {}
    Some(&all[..all.len() - rest.len()])
}

impl Version {
    /// Reads a version, which may begin with `v`, lack numbers and have zeros before them (`NewVersion`).
    ///
    /// # Errors
    /// Says what Go says.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let parts = Parts::read(text, u8::is_ascii_digit).filter(|parts| parts.length == text.len());
        let Some(parts) = parts else { return Err("invalid semantic version".to_owned()) };
        let number = |digits: Option<&str>| {
            let digits = digits.unwrap_or("0");
            let range = |_| {
                format!(
                    "error parsing version segment: strconv.ParseUint: parsing \"{digits}\": value out of range"
                )
            };
            digits.parse().map_err(range)
        };
        let version = Self {
            major: number(Some(parts.major))?,
            minor: number(parts.minor)?,
            patch: number(parts.patch)?,
            prerelease: parts.prerelease.unwrap_or_default().to_owned(),
            metadata: parts.metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        };
        check_prerelease(&version.prerelease)?;
        Ok(version)
    }

    /// Compares by numbers, then by prereleases, of which none is the greatest; metadata does not count.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| {
            match (self.prerelease.as_str(), other.prerelease.as_str()) {
                ("", "") => Ordering::Equal,
                ("", _) => Ordering::Greater,
                (_, "") => Ordering::Less,
                (one, other) => compare_prereleases(one, other),
            }
        })
    }

    /// Returns it with a change, which its original text shows too.
    pub(super) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        change(&mut next);
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        next.original = format!("{prefix}{next}");
        next
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        for (mark, part) in [('-', &self.prerelease), ('+', &self.metadata)] {
            if !part.is_empty() {
                write!(formatter, "{mark}{part}")?;
            }
        }
        Ok(())
    }
}

/// Checks the identifiers of a prerelease; an empty one has none.
pub(super) fn check_prerelease(prerelease: &str) -> Result<(), String> {
    for identifier in prerelease.split('.').filter(|_| !prerelease.is_empty()) {
        if !is_identifier(identifier) {
            return Err("invalid prerelease string".to_owned());
        }
        let is_number = identifier.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && identifier.len() > 1 && identifier.starts_with('0') {
            return Err("version segment starts with 0".to_owned());
        }
    }
    Ok(())
}

/// Checks the identifiers of metadata, of which there may be none.
pub(super) fn check_metadata(metadata: &str) -> Result<(), String> {
    match metadata.is_empty() || metadata.split('.').all(is_identifier) {
        true => Ok(()),
        false => Err("invalid metadata string".to_owned()),
    }
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Compares identifier by identifier: numbers by value and before words.
pub(super) fn compare_prereleases(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        let (a, b) = match (one.next(), other.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => (a.unwrap_or_default(), b.unwrap_or_default()),
        };
        let number = |text: &str| text.parse::<u64>().ok();
        let compared = match (number(a), number(b)) {
            _ if a == b => Ordering::Equal,
            _ if a.is_empty() => Ordering::Less,
            _ if b.is_empty() => Ordering::Greater,
            (Some(a), Some(b)) if a > b => Ordering::Greater,
            (Some(_), _) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => a.cmp(b),
        };
        if compared.is_ne() {
            return compared;
        }
    }
}
