//! What looks like a credential: by its own form, or by the key that it stands at.
//!
//! The rule `credential` refuses such values and messages mask them, by the same signs. Nothing here may copy a
//! value into a message.

mod assignment;
mod mask;

pub use assignment::{Assignment, assignments, embedded};
pub use mask::{Masks, masked_line};

use std::ops::Range;

/// A credential in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is, for people: `a PEM private key`.
    pub what: &'static str,
    /// Where it stands, in bytes of the text.
    pub range: Range<usize>,
}

/// A form that credentials of one kind have.
struct Form {
    /// What it begins with.
    prefix: &'static str,
    /// What may follow.
    body: Body,
    /// How much must follow, in bytes; exactly so many where both are equal.
    length: Range<usize>,
    what: &'static str,
}

/// The characters of a credential.
#[derive(Clone, Copy)]
enum Body {
    /// `A` to `Z` and `2` to `7`.
    Base32,
    /// Letters and digits.
    Alphanumeric,
    /// Letters, digits, `-` and `_`.
    Url,
    /// Letters, digits, `+`, `/` and `=`.
    Base64,
    /// Letters, digits, `-`, `_` and `.`.
    Dotted,
}

const MANY: usize = usize::MAX;

/// The forms that the issuers document; each begins with what nothing else begins with.
const FORMS: [Form; 30] = [
    Form { prefix: "AKIA", body: Body::Base32, length: 16..16, what: "an AWS access key id" },
    Form { prefix: "ASIA", body: Body::Base32, length: 16..16, what: "an AWS access key id" },
    Form { prefix: "ABIA", body: Body::Base32, length: 16..16, what: "an AWS access key id" },
    Form { prefix: "ACCA", body: Body::Base32, length: 16..16, what: "an AWS access key id" },
    Form { prefix: "AIza", body: Body::Url, length: 35..35, what: "a Google API key" },
    Form { prefix: "GOCSPX-", body: Body::Url, length: 28..28, what: "a Google client secret" },
    Form { prefix: "ya29.", body: Body::Url, length: 30..MANY, what: "a Google access token" },
    Form { prefix: "AccountKey=", body: Body::Base64, length: 86..MANY, what: "an Azure storage key" },
    Form { prefix: "SharedAccessKey=", body: Body::Base64, length: 43..MANY, what: "an Azure access key" },
    Form { prefix: "ghp_", body: Body::Alphanumeric, length: 36..MANY, what: "a GitHub token" },
    Form { prefix: "gho_", body: Body::Alphanumeric, length: 36..MANY, what: "a GitHub token" },
    Form { prefix: "ghu_", body: Body::Alphanumeric, length: 36..MANY, what: "a GitHub token" },
    Form { prefix: "ghs_", body: Body::Alphanumeric, length: 36..MANY, what: "a GitHub token" },
    Form { prefix: "ghr_", body: Body::Alphanumeric, length: 36..MANY, what: "a GitHub token" },
    Form { prefix: "github_pat_", body: Body::Url, length: 36..MANY, what: "a GitHub token" },
    Form { prefix: "glpat-", body: Body::Dotted, length: 20..MANY, what: "a GitLab token" },
    Form { prefix: "gldt-", body: Body::Dotted, length: 20..MANY, what: "a GitLab token" },
    Form { prefix: "glrt-", body: Body::Dotted, length: 20..MANY, what: "a GitLab token" },
    Form { prefix: "xoxb-", body: Body::Url, length: 20..MANY, what: "a Slack token" },
    Form { prefix: "xoxp-", body: Body::Url, length: 20..MANY, what: "a Slack token" },
    Form { prefix: "xoxa-", body: Body::Url, length: 20..MANY, what: "a Slack token" },
    Form { prefix: "xapp-", body: Body::Url, length: 20..MANY, what: "a Slack token" },
    Form { prefix: "sk_live_", body: Body::Alphanumeric, length: 16..MANY, what: "a Stripe key" },
    Form { prefix: "rk_live_", body: Body::Alphanumeric, length: 16..MANY, what: "a Stripe key" },
    Form { prefix: "npm_", body: Body::Alphanumeric, length: 36..36, what: "an npm token" },
    Form { prefix: "pypi-AgEI", body: Body::Url, length: 50..MANY, what: "a PyPI token" },
    Form { prefix: "dop_v1_", body: Body::Alphanumeric, length: 64..64, what: "a DigitalOcean token" },
    Form { prefix: "dckr_pat_", body: Body::Url, length: 20..MANY, what: "a Docker token" },
    Form { prefix: "hvs.", body: Body::Url, length: 24..MANY, what: "a Vault token" },
    Form { prefix: "AGE-SECRET-KEY-1", body: Body::Alphanumeric, length: 58..58, what: "an age secret key" },
];

/// The shortest credential that has a form of its own.
const SHORTEST: usize = 16;

impl Body {
    fn holds(self, byte: u8) -> bool {
        match self {
            Self::Base32 => byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte),
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'),
        }
    }

    /// Counts the bytes of `text` that may belong to the credential.
    fn length(self, text: &[u8]) -> usize {
        text.iter().take_while(|byte| self.holds(**byte)).count()
    }
}

/// Returns every credential that has a form of its own, in order: PEM private keys, JWTs, keys of clouds and
/// services.
pub fn find_all(text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + SHORTEST <= text.len() {
        match find_at(text, at) {
            Some(credential) => {
                at = credential.range.end;
                found.push(credential);
            }
            None => at += 1,
        }
    }
    found
}

/// Returns the credential that begins at `at`.
fn find_at(text: &[u8], at: usize) -> Option<Found> {
    let rest = &text[at..];
    let found = |length: usize, what: &'static str| Found { what, range: at..at + length };
    match rest[0] {
        // Every byte of every file comes by here, so what no credential begins with has to go at once.
        b'-' => return pem_key(rest).map(|length| found(length, "a PEM private key")),
        b'A' | b'G' | b'L' | b'a' | b'd' | b'e' | b'g' | b'h' | b'n' | b'p' | b'r' | b's' | b'x' | b'y'
        | b'S' => {}
        b'7' | b'8' => {
            return azure_secret(text, at).map(|range| Found { what: "an Azure client secret", range });
        }
        _ => return None,
    }
    if at > 0 && Body::Url.holds(text[at - 1]) {
        return None;
    }
    if let Some(length) = web_token(rest) {
        return Some(found(length, "a JWT"));
    }
    if let Some(length) = encoded_pem_key(rest) {
        return Some(found(length, "a PEM private key in base64"));
    }
    let form = FORMS.iter().find(|form| rest.starts_with(form.prefix.as_bytes()))?;
    let body = form.body.length(&rest[form.prefix.len()..]);
    let fits = if form.length.is_empty() { body == form.length.start } else { body >= form.length.start };
    fits.then(|| found(form.prefix.len() + body, form.what))
}

/// Returns the length of the PEM private key that a text begins with, up to its last line.
fn pem_key(text: &[u8]) -> Option<usize> {
    const LONGEST_LABEL: usize = 40;
    let label = text.strip_prefix(b"-----BEGIN ")?;
    let window = &label[..label.len().min(LONGEST_LABEL)];
    let end = find(window, b"-----")?;
    find(&window[..end], b"PRIVATE KEY")?;
    let body = &label[end + 5..];
    // A program that looks for the mark quotes it; a key goes on.
    let goes_on = matches!(body, [] | [b'\n' | b'\r' | b'\\', ..]) || Body::Base64.holds(body[0]);
    let header = text.len() - body.len();
    let length = find(body, b"-----END ").map_or(body.len(), |end| end);
    goes_on.then_some(header + length)
}

/// Returns the length of the base64 text of a PEM private key that a text begins with.
fn encoded_pem_key(text: &[u8]) -> Option<usize> {
    if !text.starts_with(b"LS0tLS1CRUdJTi") {
        return None;
    }
    let length = Body::Base64.length(text);
    find(&decoded(&text[..length.min(72)]), b"PRIVATE KEY").map(|_| length)
}

/// Decodes base64 as far as it goes.
fn decoded(text: &[u8]) -> Vec<u8> {
    let value = |byte: &u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let sextets: Vec<u8> = text.iter().map_while(value).collect();
    let quartet = |four: &[u8]| {
        let bits = four.iter().fold(0_u32, |bits, sextet| bits << 6 | u32::from(*sextet));
        bits.to_be_bytes()[1..].to_vec()
    };
    sextets.chunks_exact(4).flat_map(quartet).collect()
}

/// Returns the length of the signed JSON web token that a text begins with: three parts, two of them maps.
fn web_token(text: &[u8]) -> Option<usize> {
    const SHORTEST_PART: usize = 8;
    let part = |from: usize, prefix: &[u8]| {
        let rest = text.get(from..)?;
        let length = Body::Url.length(rest);
        (rest.starts_with(prefix) && length >= SHORTEST_PART).then_some(from + length)
    };
    let point = |at: usize| (text.get(at) == Some(&b'.')).then_some(at + 1);
    let header = point(part(0, b"eyJ")?)?;
    let payload = point(part(header, b"eyJ")?)?;
    part(payload, b"")
}

/// Returns where the Azure client secret stands whose fourth character is at `at`: `abc8Q~…`.
fn azure_secret(text: &[u8], at: usize) -> Option<Range<usize>> {
    let holds = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'~' | b'.' | b'-');
    let start = at.checked_sub(3)?;
    if !text[at + 1..].starts_with(b"Q~") || !text[start..at].iter().all(holds) {
        return None;
    }
    if start > 0 && holds(&text[start - 1]) {
        return None;
    }
    let body = text[at + 3..].iter().take_while(|byte| holds(byte)).count();
    (31..=34).contains(&body).then_some(start..at + 3 + body)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Returns whether a literal at this key is a credential: it ends in password, token, secret or apiKey, whatever
/// its case and with `-` and `_` or without, and does not begin with `existing`, as references do.
pub fn is_credential_key(key: &str) -> bool {
    let plain =
        || key.bytes().filter(|byte| !matches!(byte, b'-' | b'_')).map(|byte| byte.to_ascii_lowercase());
    let ends_with = |word: &&str| {
        let mut end = key.bytes().rev().filter(|byte| !matches!(byte, b'-' | b'_'));
        word.bytes().rev().all(|letter| end.next().is_some_and(|byte| byte.eq_ignore_ascii_case(&letter)))
    };
    ["password", "token", "secret", "apikey"].iter().any(ends_with) && !plain().take(8).eq("existing".bytes())
}

/// Returns whether a text at such a key is one: not empty, no truth value, and neither an expression nor a variable
/// that somebody fills in later.
pub fn is_literal(text: &str) -> bool {
    let text = text.trim();
    let is_word = ["true", "false", "yes", "no", "null", "none", "~"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    !text.is_empty() && !is_word && !text.contains("${{") && !text.starts_with("{{") && !is_variable(text)
}

/// Returns whether a text is one variable of a shell or of Kubernetes: `$X`, `${X}`, `$(X)`.
fn is_variable(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('$') else { return false };
    let braced = rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let name =
        braced.or_else(|| rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'))).unwrap_or(rest);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(text: &str) -> Vec<&'static str> {
        find_all(text.as_bytes()).into_iter().map(|found| found.what).collect()
    }

    #[test]
    fn keys_and_tokens_are_known_by_their_form() {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let of = |prefix: &str, length: usize| {
            format!("{prefix}{}", letters.chars().cycle().take(length).collect::<String>())
        };
        let table = [
            (format!("id: {}{}", "AKIA", "IOSFODNN7EXAMPL2"), "an AWS access key id"),
            (of("ghp_", 36), "a GitHub token"),
            (of("glpat-", 20), "a GitLab token"),
            (of("xoxb-", 24), "a Slack token"),
            (of("AIza", 35), "a Google API key"),
            (of("AccountKey=", 86), "an Azure storage key"),
            (of("abc8Q~", 34), "an Azure client secret"),
            (format!("Bearer {}.{}.{}", of("eyJ", 20), of("eyJ", 20), of("", 20)), "a JWT"),
            (format!("{}{}", "-----BEGIN RSA PRIVATE ", "KEY-----\nMIIE\n-----END RSA"), "a PEM private key"),
            (format!("{}{}", "-----BEGIN PRIVATE ", "KEY-----\\nMIIE"), "a PEM private key"),
            (of("LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t", 40), "a PEM private key in base64"),
        ];
        for (text, expected) in table {
            assert_eq!(what(&text), [expected], "{text}");
        }
    }

    #[test]
    fn what_only_begins_alike_is_none() {
        let letters = "a".repeat(60);
        for text in [
            "AKIAIOSFODNN7".to_owned(),
            format!("AKIA{letters}"),
            format!("MAKIA{}", "IOSFODNN7EXAMPL2"),
            format!("{}{}", "AKIA", "IOSFODNN7EXAMPL2345"),
            "eyJhbGciOiJIUzI1NiJ9".to_owned(),
            format!("eyJ{letters}.{letters}.{letters}"),
            "-----BEGIN CERTIFICATE-----\nMIIE".to_owned(),
            "grep -q '-----BEGIN PRIVATE KEY-----' file".to_owned(),
            format!("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t{letters}"),
            "ghp_short".to_owned(),
            "abc8Q~short".to_owned(),
            String::new(),
        ] {
            assert!(what(&text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_key_is_told_by_its_end_and_a_reference_by_its_beginning() {
        for key in
            ["password", "adminPassword", "TOKEN", "client-secret", "apiKey", "DD_API_KEY", "x_api-key"]
        {
            assert!(is_credential_key(key), "{key}");
        }
        for key in [
            "passwordRef",
            "tokenName",
            "secretKey",
            "existingSecret",
            "existing-secret",
            "tokens",
            "secretName",
            "api",
            "key",
            "passwordFile",
            "",
        ] {
            assert!(!is_credential_key(key), "{key}");
        }
    }

    #[test]
    fn what_somebody_fills_in_later_is_no_literal() {
        for text in
            ["", " ", "true", "No", "${{ cluster.name }}", "a-${{ x }}", "$X", "${X_1}", "$(X)", "{{ .x }}"]
        {
            assert!(!is_literal(text), "{text}");
        }
        for text in ["hunter2", "1234", "$x$y", "${x", "truely", "$2a$10$abc"] {
            assert!(is_literal(text), "{text}");
        }
    }
}
