//! The syntaxes that texts may have to follow.

use std::net::IpAddr;

use crate::spec::pick_policy::{Glob, Moment, NotAPickRange, PickRange};
use crate::spec::version::{Minor, MinorRange, Version};
use crate::tree::RepoPath;

/// A named syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An RFC 1123 label, at most 63 characters.
    DnsLabel,
    /// An RFC 1123 subdomain, at most 253 characters.
    DnsName,
    /// A Kubernetes minor: `1.35`.
    Minor,
    /// A Kubernetes version: `v1.35.2`.
    Version,
    /// A range of minors: `>=1.33 <1.38`.
    MinorRange,
    /// A range of versions of yoshino: `>=0.1`.
    VersionRange,
    /// Hours, minutes and seconds: `20m`, `1h30m`, `300s`; above zero.
    Duration,
    /// An IP network: `10.0.0.0/16`, IPv6 too.
    Cidr,
    /// An IP address or a DNS name, upper-case letters too: that is how AWS writes the endpoints of EKS.
    Host,
    /// A host name or IP address as kubeadm takes it into a certificate: `*.example.com` too.
    CertificateHost,
    /// A percentage where a whole number may stand as well; Kubernetes takes no number in quotes there.
    CountOrPercent,
    /// A Kubernetes label or annotation key.
    LabelKey,
    /// A Kubernetes label value.
    LabelValue,
    /// A path inside the repository.
    Path,
    /// A day: `2027-10-01`.
    Date,
    /// A URL with a scheme and a host, or git's `user@host:path`.
    Url,
    /// The name of a release tag: a label value and a git ref name.
    Release,
    /// A range of minors of a pick policy: `>=1.34 <=1.37`, or `1.36, 1.37`.
    PickRange,
    /// The full id of a commit, in hexadecimal digits.
    CommitId,
    /// A glob over paths inside the repository.
    Glob,
    /// A day, or a time as RFC 3339 writes it.
    Moment,
    /// The name of a branch that may be written to: letters, digits, `-`, `_`, `.` and `/`.
    Branch,
    /// The same with `{minor}` in it once.
    BranchPattern,
    /// A JSON pointer to something in a document: `/spec/kubernetes`.
    JsonPointer,
}

/// Every format: its name in a schema's `format`, and what people are told it is.
const NAMES: [(&str, Format, &str); 24] = [
    (
        "dns-label",
        Format::DnsLabel,
        "lower-case letters, digits and `-`, at most 63, beginning and ending with a letter or digit",
    ),
    ("dns-name", Format::DnsName, "DNS labels with points between them, at most 253 characters"),
    ("minor", Format::Minor, "a minor such as \"1.35\""),
    ("version", Format::Version, "a Kubernetes version such as v1.35.2"),
    ("minor-range", Format::MinorRange, "a range of minors such as \">=1.33 <1.38\""),
    ("version-range", Format::VersionRange, "a range of versions such as \">=0.1\""),
    ("duration", Format::Duration, "a duration above zero such as 20m, 1h30m or 300s"),
    ("cidr", Format::Cidr, "an IP network such as 10.0.0.0/16, with no bits set beyond its prefix"),
    ("host", Format::Host, "an IP address or a DNS name, without scheme and port"),
    (
        "certificate-host",
        Format::CertificateHost,
        "an IP address or a DNS name such as api.example.com or *.example.com",
    ),
    (
        "count-or-percent",
        Format::CountOrPercent,
        "a whole number without quotes, or a percentage such as 40%",
    ),
    (
        "label-key",
        Format::LabelKey,
        "a label key: a name of at most 63 characters, with a DNS name and `/` before it or not",
    ),
    (
        "label-value",
        Format::LabelValue,
        "a label value: at most 63 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
    ),
    ("path", Format::Path, "a path inside the repository, without `..` and not absolute"),
    ("date", Format::Date, "a day such as 2027-10-01"),
    ("url", Format::Url, "a URL with scheme and host, without a password"),
    ("release", Format::Release, "the name of a release tag"),
    (
        "pick-range",
        Format::PickRange,
        "minors such as \">=1.34 <=1.37\" or \"1.36, 1.37\": a blank means and, a comma means or",
    ),
    ("commit-id", Format::CommitId, "a full commit id of 40 hexadecimal digits"),
    (
        "glob",
        Format::Glob,
        "a path from the root of the repository, with `*` within a part and `**` across parts",
    ),
    ("moment", Format::Moment, "a day such as 2026-12-11, or a time such as 2026-12-11T12:00:00Z"),
    ("branch", Format::Branch, "the name of a branch, of letters, digits, `-`, `_`, `.` and `/`"),
    (
        "branch-pattern",
        Format::BranchPattern,
        "the name of a branch with `{minor}` in it, such as release/{minor}",
    ),
    ("json-pointer", Format::JsonPointer, "a JSON pointer such as /spec/kubernetes"),
];

impl Format {
    /// Returns the format called `name` in a schema's `format`.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, ..)| *known == name).map(|(_, format, _)| *format)
    }

    /// Returns what people are told the format is, with an example.
    pub fn expected(self) -> &'static str {
        NAMES.iter().find(|(_, format, _)| *format == self).map_or("", |(.., expected)| expected)
    }

    /// Returns whether `text` follows the format.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::DnsLabel => is_dns_label(text),
            Self::DnsName => is_dns_name(text),
            Self::Minor => text.parse::<Minor>().is_ok(),
            Self::Version => text.parse::<Version>().is_ok(),
            Self::MinorRange => text.parse::<MinorRange>().is_ok(),
            Self::VersionRange => version_range(text).is_some(),
            Self::Duration => seconds(text).is_some(),
            Self::Cidr => is_cidr(text),
            Self::Host => text.parse::<IpAddr>().is_ok() || is_dns_name(&text.to_ascii_lowercase()),
            Self::CertificateHost => {
                text.parse::<IpAddr>().is_ok() || is_dns_name(text.strip_prefix("*.").unwrap_or(text))
            }
            Self::CountOrPercent => percent(text).is_some(),
            Self::LabelKey => is_label_key(text),
            Self::LabelValue => is_label_value(text),
            Self::Path => RepoPath::new(text).is_ok(),
            Self::Date => is_date(text),
            Self::Url => is_url(text),
            Self::Release => {
                !text.is_empty() && is_label_value(text) && !text.contains("..") && !text.ends_with(".lock")
            }
            // One with a comma that was meant as a blank is refused where the hint can say so.
            Self::PickRange => !matches!(text.parse::<PickRange>(), Err(NotAPickRange::Syntax)),
            Self::CommitId => text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
            Self::Glob => text.parse::<Glob>().is_ok(),
            Self::Moment => text.parse::<Moment>().is_ok(),
            Self::Branch => is_branch(text),
            Self::BranchPattern => {
                text.matches("{minor}").count() == 1 && is_branch(&text.replace("{minor}", "1.35"))
            }
            Self::JsonPointer => text.starts_with('/'),
        }
    }
}

/// Returns whether `text` is an RFC 1123 label.
pub fn is_dns_label(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let length = 1..=63;
    length.contains(&text.len()) && text.bytes().all(inside) && !text.starts_with('-') && !text.ends_with('-')
}

/// Returns whether `text` is an RFC 1123 subdomain.
pub fn is_dns_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_dns_label)
}

/// Returns whether `text` is a Kubernetes label or annotation key.
pub fn is_label_key(text: &str) -> bool {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(is_dns_name) && !name.is_empty() && is_label_value(name)
}

/// Returns whether `text` is a Kubernetes label value; the empty text is one.
pub fn is_label_value(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let at_ends = |byte: Option<u8>| byte.is_none_or(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 63
        && text.bytes().all(inside)
        && at_ends(text.bytes().next())
        && at_ends(text.bytes().next_back())
}

/// Returns whether `text` is a name for a branch that may be written to, which is less than git allows.
pub fn is_branch(text: &str) -> bool {
    let part_is_plain =
        |part: &str| !part.is_empty() && !part.starts_with(['.', '-']) && !part.ends_with(".lock");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    text.split('/').all(part_is_plain)
        && text.bytes().all(is_plain)
        && !text.contains("..")
        && !text.ends_with('.')
        && text != "HEAD"
}

/// Returns the seconds of a duration such as `1h30m`; `None` where it is none or zero.
pub fn seconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u64 = 0;
    let mut units = vec![('h', 3600), ('m', 60), ('s', 1)];
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let count: u64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let position = units.iter().position(|(name, _)| *name == unit)?;
        total = total.checked_add(count.checked_mul(units[position].1)?)?;
        units.drain(..=position);
        rest = &rest[digits + 1..];
    }
    (total > 0 && i32::try_from(total).is_ok()).then_some(total)
}

/// Returns the percentage that `text` says, from 0 to 100.
pub fn percent(text: &str) -> Option<u32> {
    let digits = text.strip_suffix('%').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|percent| *percent <= 100)
}

/// Returns the comparisons of a range of versions: operator, then major, minor and patch.
pub fn version_range(text: &str) -> Option<Vec<(&str, [u64; 3])>> {
    let comparison = |word: &str| {
        let operator = [">=", "<=", ">", "<", "="].into_iter().find(|operator| word.starts_with(operator))?;
        let mut version = [0; 3];
        let numbers: Vec<&str> = word[operator.len()..].split('.').collect();
        for (slot, number) in version.iter_mut().zip(&numbers) {
            *slot = number.parse().ok()?;
        }
        (numbers.len() <= 3).then_some((operator, version))
    };
    let comparisons: Option<Vec<_>> = text.split_whitespace().map(comparison).collect();
    comparisons.filter(|comparisons| !comparisons.is_empty())
}

fn is_cidr(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else { return false };
    let canonical = prefix == "0" || !prefix.starts_with(['0', '+']);
    let (Ok(address), Ok(prefix)) = (address.parse::<IpAddr>(), prefix.parse::<u32>()) else { return false };
    let host_bits_are_zero = match address {
        IpAddr::V4(address) => prefix <= 32 && u32::from(address).checked_shl(prefix).unwrap_or(0) == 0,
        IpAddr::V6(address) => prefix <= 128 && u128::from(address).checked_shl(prefix).unwrap_or(0) == 0,
    };
    canonical && host_bits_are_zero
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<u32>(), day.parse::<u32>())
    else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_url(text: &str) -> bool {
    let plain = !text.chars().any(|character| character.is_whitespace() || character.is_control());
    let (authority, scheme_is_plain) = match text.split_once("://") {
        Some((scheme, rest)) => {
            let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
            (rest.split('/').next().unwrap_or_default(), !scheme.is_empty() && scheme.bytes().all(letter))
        }
        // Git's own short form has a user, a host and a path; a URL's port would come after a scheme.
        None => match text.split_once('@').and_then(|(user, rest)| Some((user, rest.split_once(':')?))) {
            Some((user, (host, path))) if !user.is_empty() && !path.is_empty() => (host, true),
            _ => return false,
        },
    };
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    plain && scheme_is_plain && !host.is_empty() && !user.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_accepts(format: Format, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(format.accepts(text), "{format:?} should accept {text:?}");
        }
        for text in bad {
            assert!(!format.accepts(text), "{format:?} should refuse {text:?}");
        }
    }

    #[test]
    fn names_follow_rfc_1123() {
        let long = "a".repeat(63);
        let too_long = "a".repeat(64);
        assert_accepts(
            Format::DnsLabel,
            &["a", "web-1", "0", &long],
            &["", "-a", "a-", "A", "a.b", "a_b", &too_long],
        );
        assert_accepts(Format::DnsName, &["a.b", "ake.example.com"], &["", "a..b", ".a", "a.", "*.a"]);
    }

    #[test]
    fn labels_follow_kubernetes() {
        let long = format!("{}/{}", "a.b", "x".repeat(63));
        assert_accepts(
            Format::LabelKey,
            &["tier", "a.b/c_d", "A", &long],
            &["", "a/b/c", "/a", "a/", "-a", "a b"],
        );
        assert_accepts(Format::LabelValue, &["", "a", "A.b_c-d", "1.35"], &["-a", "a-", "a b", "a/b", "é"]);
    }

    #[test]
    fn durations_are_whole_seconds_above_zero() {
        assert_accepts(
            Format::Duration,
            &["20m", "1h30m", "300s", "1h", "1h1m1s"],
            &["", "0s", "20", "m", "1m1h", "-1s", "1.5h", "1d", "1m1m"],
        );
        assert_eq!(seconds("1h30m"), Some(5400));
    }

    #[test]
    fn networks_have_no_bits_beyond_their_prefix() {
        assert_accepts(
            Format::Cidr,
            &["10.0.0.0/16", "0.0.0.0/0", "10.1.2.3/32", "fd00::/8", "::/0"],
            &[
                "10.0.0.1/16",
                "10.0.0.0",
                "10.0.0.0/33",
                "10.0.0.0/016",
                "10.0.0/8",
                "fd00::1/8",
                "10.0.0.0/+8",
            ],
        );
    }

    #[test]
    fn urls_have_a_host_and_no_password() {
        assert_accepts(
            Format::Url,
            &[
                "https://helm.cilium.io",
                "oci://quay.io/x",
                "git@git.example.com:a/b.git",
                "ssh://git@host/x",
                "file://host/x",
            ],
            &["", "helm", "https://", "https:///x", "https://a:b@host/x", "https://a b", "@:x", "host:path"],
        );
    }

    #[test]
    fn days_exist_in_the_calendar() {
        assert_accepts(
            Format::Date,
            &["2027-10-01", "2028-02-29"],
            &["2027-02-29", "2027-13-01", "2027-1-1", "27-10-01", "2027-10-32", "2027-00-10", "x"],
        );
    }

    #[test]
    fn hosts_percentages_paths_and_ranges_are_read() {
        assert_accepts(
            Format::Host,
            &["10.0.0.1", "::1", "api.example.com", "A1B2.gr7.eu-west-1.eks.amazonaws.com"],
            &["", "https://x", "x:6443", "a b"],
        );
        assert_accepts(
            Format::CertificateHost,
            &["10.0.0.1", "api.example.com", "*.example.com"],
            &["", "*", "a.*.b", "A.example.com", "*.*.b"],
        );
        assert_accepts(
            Format::CountOrPercent,
            &["0%", "40%", "100%"],
            &["", "-1", "3", "101%", "%", "+4%", "a", "1.5"],
        );
        assert_accepts(
            Format::Path,
            &["addons/x", "a"],
            &["", "/a", "../a", "a/../b", "a//b", "./a", "a\\b"],
        );
        assert_accepts(
            Format::VersionRange,
            &[">=0.1", ">=0.1 <1", "=0.1.2"],
            &["", "0.1", ">=x", ">=1.2.3.4", "~1"],
        );
        assert_accepts(Format::Release, &["v1.35-ake.261121"], &["", "a..b", "a b", "x.lock"]);
    }
}
