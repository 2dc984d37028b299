//! URLs as Go's `net/url` reads them and writes them again, as far as patterns of repositories are.
//!
//! A pattern goes through the same door as a URL: braces end in the path escaped, and in the host they make it none.

/// Returns a URL as Go writes it; `None` where Go reads none.
pub fn rewritten(url: &str) -> Option<String> {
    if url.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return None;
    }
    let (whole, fragment) = split(url, '#');
    let (scheme, rest) = scheme(whole)?;
    let (rest, query) = split(rest, '?');
    if !scheme.is_empty() && !rest.starts_with('/') {
        return Some(url.to_owned());
    }
    if scheme.is_empty() && rest.split('/').next().is_some_and(|first| first.contains(':')) {
        return None;
    }
    let (authority, path) = match rest.strip_prefix("//") {
        Some(behind) => behind.split_at(behind.find('/').unwrap_or(behind.len())),
        None => ("", rest),
    };
    let is_host = authority.is_empty() || is_authority(authority);
    let before = &rest[..rest.len() - path.len()];
    is_host.then(|| path_of(path)).flatten().map(|path| format!("{scheme}{before}{path}{query}{fragment}"))
}

/// Splits before the first of a character.
fn split(text: &str, at: char) -> (&str, &str) {
    text.split_at(text.find(at).unwrap_or(text.len()))
}

/// Splits behind the scheme and its colon; `None` where the colon stands first.
fn scheme(url: &str) -> Option<(&str, &str)> {
    let Some(colon) = url.find(':') else { return Some(("", url)) };
    let name = &url[..colon];
    if name.is_empty() {
        return None;
    }
    let is_scheme = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    Some(if is_scheme { url.split_at(colon + 1) } else { ("", url) })
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let is_user = |letter: char| letter.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(letter);
    let is_host_letter = |letter: char| {
        !letter.is_ascii() || letter.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"".contains(letter)
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let port = match host.strip_prefix('[') {
        Some(literal) => match literal.rsplit_once(']') {
            Some((_, port)) => port.strip_prefix(':').or(Some(port).filter(|port| port.is_empty())),
            None => None,
        },
        None => Some(host.rsplit_once(':').map_or("", |(_, port)| port)),
    };
    user.chars().all(is_user) && host.chars().all(is_host_letter) && port.is_some_and(is_port)
}

/// Returns a path as Go writes it: as it is where everything in it may stand there, else escaped anew.
fn path_of(path: &str) -> Option<String> {
    let bytes = unescaped(path)?;
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@/[]%".contains(&byte);
    if path.bytes().all(may_stand) {
        return Some(path.to_owned());
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte);
    let escaped = bytes.into_iter().map(|byte| match is_plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    Some(escaped.collect())
}

fn unescaped(path: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let hex = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        rest = &rest[2..];
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_what_is_none_are_told_apart() {
        for (url, expected) in [
            ("https://git.example.com:8443/a/*", Some("https://git.example.com:8443/a/*")),
            ("https://*.example.com/[a-z]", Some("https://*.example.com/[a-z]")),
            ("https://git.example.com/{a,b}/*", Some("https://git.example.com/%7Ba,b%7D/%2A")),
            ("https://{a,b}.example.com/", None),
            ("https://git.example.com:*/a", None),
            ("ssh://git@git.example.com/a", Some("ssh://git@git.example.com/a")),
            ("charts.example.com/a b", Some("charts.example.com/a%20b")),
            ("charts.example.com:5000/a", Some("charts.example.com:5000/a")),
            ("1.example.com:5000/a", None),
            ("*", Some("*")),
            ("https://git.example.com/%zz", None),
        ] {
            assert_eq!(rewritten(url).as_deref(), expected, "{url}");
        }
    }
}
