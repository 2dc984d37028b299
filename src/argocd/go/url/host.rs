//! The authority of a URL: user, host and port.

use std::net::Ipv6Addr;

use super::{Part, User};

/// Parses what stands between `//` and the path.
pub(super) fn authority(scheme: &str, text: &str) -> Result<(Option<User>, Vec<u8>), String> {
    let Some((user, host)) = text.rsplit_once('@') else { return Ok((None, self::host(scheme, text)?)) };
    let host = self::host(scheme, host)?;
    let is_good = |char: char| char.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(char);
    if !user.chars().all(is_good) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = match user.split_once(':') {
        None => (user, None),
        Some((name, password)) => (name, Some(password)),
    };
    let name = Part::User.unescape(name)?;
    let password = password.map(|password| Part::User.unescape(password)).transpose()?;
    Ok((Some(User { name, password }), host))
}

fn host(scheme: &str, text: &str) -> Result<Vec<u8>, String> {
    match text.rfind('[') {
        Some(0) => return literal(text),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    // Lists of hosts are left to databases.
    let is_strict = matches!(scheme, "http" | "https");
    let colon = if is_strict { text.find(':') } else { text.rfind(':') };
    if let Some(colon) = colon {
        check_port(&text[colon..])?;
    }
    Part::Host.unescape(text)
}

/// Parses an address of IPv6 in brackets.
fn literal(text: &str) -> Result<Vec<u8>, String> {
    let Some(closing) = text.rfind(']') else { return Err("missing ']' in host".to_owned()) };
    let (inner, port) = (&text[1..closing], &text[closing + 1..]);
    check_port(port)?;
    let (address, zone) = inner.split_at(inner.find("%25").unwrap_or(inner.len()));
    let mut unescaped = Part::Host.unescape(address)?;
    unescaped.extend(Part::Zone.unescape(zone)?);
    let shown = String::from_utf8_lossy(&unescaped);
    let (address, zone) = match shown.split_once('%') {
        None => (&*shown, None),
        Some((address, zone)) => (address, Some(zone)),
    };
    if zone == Some("") || address.parse::<Ipv6Addr>().is_err() {
        return Err(format!("invalid host: ParseAddr({shown:?}): unable to parse IP"));
    }
    Ok([b"[", unescaped.as_slice(), b"]", port.as_bytes()].concat())
}

fn check_port(text: &str) -> Result<(), String> {
    match is_port(text.as_bytes()) {
        true => Ok(()),
        false => Err(format!("invalid port {text:?} after host")),
    }
}

/// Returns whether a text is empty, or a colon with digits or nothing behind it.
pub(super) fn is_port(text: &[u8]) -> bool {
    match text.split_first() {
        None => true,
        Some((first, digits)) => *first == b':' && digits.iter().all(u8::is_ascii_digit),
    }
}
