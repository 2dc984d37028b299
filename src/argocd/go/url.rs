//! URLs as Go 1.26's `net/url` parses and writes them.

mod host;

use std::borrow::Cow;
use std::fmt::Write;

/// A URL whose escapes have been read.
#[derive(Clone, Debug, Default)]
pub struct Url {
    /// In lower case; may be empty, as all parts may.
    pub scheme: String,
    /// What stands behind the scheme where no slash does, as it is written.
    pub opaque: String,
    /// The user and the password, if there is one.
    pub user: Option<User>,
    /// The host, with its port.
    pub host: Vec<u8>,
    /// The path.
    pub path: Vec<u8>,
    /// The query, as it is written.
    pub query: String,
    /// The fragment.
    pub fragment: Vec<u8>,
    /// Whether nothing stood where the host would.
    pub omits_host: bool,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

/// A part of a URL, which has its own characters that need no escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

impl Part {
    /// Returns whether a byte stands for itself.
    fn takes(self, byte: u8) -> bool {
        let marks: &[u8] = match self {
            Self::Path => b"$&+,/:;=@",
            Self::Host | Self::Zone => b"!\"$&'()*+,:;<=>[]",
            Self::User => b"$&+,;=",
            Self::Fragment => b"!$&()*+,/:;=?@",
        };
        byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || marks.contains(&byte)
    }

    fn escape(self, text: &[u8]) -> String {
        text.iter().fold(String::with_capacity(text.len()), |mut out, byte| {
            match self.takes(*byte) {
                true => out.push(char::from(*byte)),
                false => drop(write!(out, "%{byte:02X}")),
            }
            out
        })
    }

    fn unescape(self, text: &str) -> Result<Vec<u8>, String> {
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((byte, behind)) = rest.split_first() {
            rest = behind;
            if *byte != b'%' {
                if matches!(self, Self::Host | Self::Zone) && byte.is_ascii() && !self.takes(*byte) {
                    return Err(format!(
                        "invalid character {:?} in host name",
                        char::from(*byte).to_string()
                    ));
                }
                out.push(*byte);
                continue;
            }
            let digit = |index: usize| char::from(*rest.get(index)?).to_digit(16);
            let decoded = digit(0).zip(digit(1)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
            let is_taken = |decoded: &u8| match self {
                _ if *decoded == b'%' => true,
                Self::Host => !decoded.is_ascii(),
                Self::Zone => *decoded == b' ' || self.takes(*decoded),
                Self::Path | Self::User | Self::Fragment => true,
            };
            let Some(decoded) = decoded.filter(is_taken) else {
                let shown = &rest[..rest.len().min(2)];
                return Err(format!("invalid URL escape \"%{}\"", String::from_utf8_lossy(shown)));
            };
            out.push(decoded);
            rest = &rest[2..];
        }
        Ok(out)
    }
}

impl Url {
    /// Parses a URL, absolute or not.
    ///
    /// # Errors
    /// Says what Go says.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
        let said = |text: &str, why: String| format!("parse {text:?}: {why}");
        let mut url = Self::parse_rest(before).map_err(|why| said(before, why))?;
        url.fragment = Part::Fragment.unescape(fragment).map_err(|why| said(text, why))?;
        Ok(url)
    }

    fn parse_rest(text: &str) -> Result<Self, String> {
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Self::default();
        let (scheme, rest) = scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        url.query = query.to_owned();
        if !rest.starts_with('/') {
            if !scheme.is_empty() {
                url.opaque = rest.to_owned();
                return Ok(url);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let mut path = rest;
        let is_absolute = !scheme.is_empty() || !rest.starts_with("///");
        if let Some(authority) = rest.strip_prefix("//").filter(|_| is_absolute) {
            let (authority, behind) = authority.split_at(authority.find('/').unwrap_or(authority.len()));
            path = behind;
            (url.user, url.host) = host::authority(&url.scheme, authority)?;
        } else {
            url.omits_host = !scheme.is_empty() && rest.starts_with('/');
        }
        url.path = Part::Path.unescape(path)?;
        Ok(url)
    }

    /// Returns the host without its port and the brackets of IPv6.
    pub fn hostname(&self) -> &[u8] {
        let host = &self.host;
        let port = host.iter().rposition(|byte| *byte == b':').filter(|colon| host::is_port(&host[*colon..]));
        let host = &host[..port.unwrap_or(host.len())];
        host.strip_prefix(b"[").and_then(|inner| inner.strip_suffix(b"]")).unwrap_or(host)
    }
}

impl User {
    /// Writes the name and the password with their escapes.
    pub fn text(&self) -> String {
        let name = Part::User.escape(&self.name);
        match &self.password {
            None => name,
            Some(password) => format!("{name}:{}", Part::User.escape(password)),
        }
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(&self.scheme);
            out.push(':');
        }
        if self.opaque.is_empty() {
            self.write_place(&mut out);
        } else {
            out.push_str(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push('?');
            out.push_str(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push('#');
            out.push_str(&Part::Fragment.escape(&self.fragment));
        }
        formatter.write_str(&out)
    }
}

impl Url {
    /// Writes user, host and path.
    fn write_place(&self, out: &mut String) {
        let has_place = !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some();
        let is_omitted = self.omits_host && self.host.is_empty() && self.user.is_none();
        if has_place && !is_omitted {
            if !self.host.is_empty() || !self.path.is_empty() || self.user.is_some() {
                out.push_str("//");
            }
            if let Some(user) = &self.user {
                out.push_str(&user.text());
                out.push('@');
            }
            out.push_str(&Part::Host.escape(&self.host));
        }
        let path: Cow<'_, str> = match self.path.as_slice() {
            b"*" => "*".into(),
            path => Part::Path.escape(path).into(),
        };
        if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
            out.push('/');
        }
        if out.is_empty() && path.split('/').next().is_some_and(|segment| segment.contains(':')) {
            out.push_str("./");
        }
        out.push_str(&path);
    }
}

/// Splits a scheme off, which may be empty.
fn scheme(text: &str) -> Result<(&str, &str), String> {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let length = text.bytes().take_while(|byte| is_inner(*byte)).count();
    let (scheme, rest) = text.split_at(length);
    match rest.strip_prefix(':') {
        Some(_) if scheme.is_empty() => Err("missing protocol scheme".to_owned()),
        Some(rest) if scheme.starts_with(|first: char| first.is_ascii_alphabetic()) => Ok((scheme, rest)),
        _ => Ok(("", text)),
    }
}
