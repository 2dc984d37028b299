//! Who makes commits and tags, and when.
//!
//! As git has it: `GIT_COMMITTER_NAME`, `_EMAIL` and `_DATE`, else `committer.*` and `user.*` of the configuration, else
//! the clock. A name is never invented from the machine's.

use std::os::unix::ffi::OsStringExt;

use git2::{Repository, Signature};
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::branch::configuration::Configuration;
use crate::error::Error;

/// A committer or tagger: a name, an address and a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    name: Vec<u8>,
    email: Vec<u8>,
    when: When,
}

/// A moment as git writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Minutes that the clock on the wall is ahead of UTC.
    pub offset_minutes: i32,
}

impl Identity {
    /// Makes one; what git takes out of names (angle brackets, control characters, punctuation at the ends) is taken out.
    ///
    /// # Errors
    /// [`Error::Refused`] where nothing is left of the name or the address.
    pub fn new(name: &[u8], email: &[u8], when: When) -> Result<Self, Error> {
        let (name, email) = (cleaned(name), cleaned(email));
        if name.is_empty() || email.is_empty() {
            return Err(unknown());
        }
        Ok(Self { name, email, when })
    }

    /// Returns who commits to a repository now.
    ///
    /// # Errors
    /// [`Error::Refused`] where neither environment nor configuration say who, or the date cannot be read.
    pub fn find(repository: &Repository) -> Result<Self, Error> {
        let configuration = Configuration::of(repository)?;
        let find = |variable: &str, keys: [&str; 2]| {
            let configured = || keys.iter().find_map(|key| configuration.find(key)).map(<[u8]>::to_vec);
            variable_bytes(variable).or_else(configured).ok_or_else(unknown)
        };
        let name = find("GIT_COMMITTER_NAME", ["committer.name", "user.name"])?;
        let email = find("GIT_COMMITTER_EMAIL", ["committer.email", "user.email"])?;
        Self::new(&name, &email, When::now()?)
    }

    /// Returns when.
    pub fn when(&self) -> When {
        self.when
    }

    /// Returns who, without when: `Ada <ada@example.com>`.
    pub fn name_and_email(&self) -> String {
        format!("{} <{}>", String::from_utf8_lossy(&self.name), String::from_utf8_lossy(&self.email))
    }

    /// Returns the line that git writes: `Ada <ada@example.com> 1763700000 +0900`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut line = self.name.clone();
        line.extend_from_slice(b" <");
        line.extend_from_slice(&self.email);
        let When { seconds, offset_minutes } = self.when;
        let sign = if offset_minutes < 0 { '-' } else { '+' };
        let minutes = offset_minutes.unsigned_abs();
        line.extend_from_slice(
            format!("> {seconds} {sign}{:02}{:02}", minutes / 60, minutes % 60).as_bytes(),
        );
        line
    }
}

impl When {
    /// Returns `GIT_COMMITTER_DATE`, or what the clock says.
    ///
    /// # Errors
    /// [`Error::Refused`] where the variable holds no date.
    pub fn now() -> Result<Self, Error> {
        let now = Signature::now("a", "a").map(|now| now.when());
        let now = now.map_err(|source| Error::Git { doing: "read the clock".into(), source })?;
        let Some(text) = variable_bytes("GIT_COMMITTER_DATE") else {
            return Ok(Self { seconds: now.seconds(), offset_minutes: now.offset_minutes() });
        };
        let text = String::from_utf8_lossy(&text);
        Self::parse(&text, now.offset_minutes()).ok_or_else(|| Error::Refused {
            doing: "read GIT_COMMITTER_DATE".to_owned(),
            why: format!("`{}` is no date like 2026-11-21T12:00:00+09:00", text.escape_debug()),
        })
    }

    /// Reads a date as git takes it: `@1763700000 +0900`, RFC 2822, ISO 8601; where it names no zone, it is `local`.
    fn parse(text: &str, local: i32) -> Option<Self> {
        let text = text.trim();
        if let Some(raw) = raw(text) {
            return Some(raw);
        }
        if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
            let offset_minutes = zoned.offset().seconds() / 60;
            return Some(Self { seconds: zoned.timestamp().as_second(), offset_minutes });
        }
        let (date, rest) = text.split_at_checked(10)?;
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, ':' | '.'));
        let (time, zone) = rest.split_at(end.unwrap_or(rest.len()));
        let civil: DateTime = format!("{date}T{time}").parse().ok()?;
        let offset_minutes = match zone.trim() {
            "" => local,
            "Z" | "z" => 0,
            zone => minutes(zone)?,
        };
        let offset = Offset::from_seconds(offset_minutes * 60).ok()?;
        Some(Self { seconds: offset.to_timestamp(civil).ok()?.as_second(), offset_minutes })
    }
}

/// Reads seconds and a zone, git's own way to write a date.
fn raw(text: &str) -> Option<When> {
    let (seconds, zone) = text.split_once(' ')?;
    let seconds = match seconds.strip_prefix('@') {
        Some(seconds) => seconds,
        // As git: fewer digits may be a year, or a day.
        None if seconds.len() >= 9 => seconds,
        None => return None,
    };
    let is_number = seconds.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = is_number.then(|| seconds.parse().ok())??;
    Some(When { seconds, offset_minutes: minutes(zone)? })
}

/// Reads a zone: `+0900`, `-03:30`.
fn minutes(zone: &str) -> Option<i32> {
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|letter| *letter != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Returns a variable that is set to something.
fn variable_bytes(name: &str) -> Option<Vec<u8>> {
    std::env::var_os(name).map(OsStringExt::into_vec).filter(|value| !value.is_empty())
}

/// Takes out what git's `ident.c` takes out.
fn cleaned(text: &[u8]) -> Vec<u8> {
    let is_crud = |byte: &u8| *byte <= b' ' || b".,:;<>\"\\'".contains(byte);
    let Some(start) = text.iter().position(|byte| !is_crud(byte)) else { return Vec::new() };
    let end = text.iter().rposition(|byte| !is_crud(byte)).map_or(start, |last| last + 1);
    text[start..end].iter().copied().filter(|byte| !matches!(byte, b'<' | b'>' | b'\n' | b'\0')).collect()
}

fn unknown() -> Error {
    Error::Refused {
        doing: "tell who commits".to_owned(),
        why: "set `user.name` and `user.email` in git's configuration, or GIT_COMMITTER_NAME and GIT_COMMITTER_EMAIL"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_git_reads_them() {
        let dates = [
            ("@1763700000 +0900", 1_763_700_000, 540),
            ("1763700000 -0330", 1_763_700_000, -210),
            ("2025-11-21T13:40:00+09:00", 1_763_700_000, 540),
            ("2025-11-21 04:40:00 +0000", 1_763_700_000, 0),
            ("2025-11-21T04:40:00Z", 1_763_700_000, 0),
            ("Fri, 21 Nov 2025 13:40:00 +0900", 1_763_700_000, 540),
            ("2025-11-21T05:40:00", 1_763_700_000, 60),
        ];
        for (text, seconds, offset_minutes) in dates {
            assert_eq!(When::parse(text, 60), Some(When { seconds, offset_minutes }), "{text}");
        }
        for text in [
            "",
            "2025-11-21",
            "yesterday",
            "@x +0900",
            "1763700000",
            "2025-13-01T00:00:00Z",
            "2025-11-21T04:40:00 JST",
        ] {
            assert_eq!(When::parse(text, 60), None, "{text}");
        }
    }

    #[test]
    fn a_name_cannot_end_its_line_and_is_never_nothing() -> Result<(), Error> {
        let when = When { seconds: 1, offset_minutes: -90 };

        let identity = Identity::new(b" A <b>\nc. ", b"<a@b>", when)?;

        assert_eq!(identity.to_bytes(), b"A bc <a@b> 1 -0130");
        assert!(Identity::new(b" .. ", b"a@b", when).is_err());
        assert!(Identity::new(b"a", b"", when).is_err());
        Ok(())
    }
}
