//! The syntaxes that texts may have to follow.

/// A named syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An RFC 1123 label, at most 63 characters.
    DnsLabel,
    /// An RFC 1123 subdomain, at most 253 characters.
    DnsName,
    /// `1.35`
    Minor,
    /// `v1.35.2`
    Version,
    /// `>=1.33 <1.38`: comparisons of minors, a blank means and.
    MinorRange,
    /// `20m`, `1h30m`, `300s`: whole seconds, above zero.
    Duration,
    /// `10.0.0.0/16`, IPv6 too.
    Cidr,
    /// An IP address or a DNS name.
    Host,
    /// A whole number of at least 0, or a percentage.
    CountOrPercent,
    /// A Kubernetes label or annotation key.
    LabelKey,
    /// A Kubernetes label value.
    LabelValue,
    /// A path inside the repository.
    Path,
    /// `2027-10-01`
    Date,
    /// An absolute URL with a scheme and a host, or the `git@host:path` form.
    Url,
    /// A release tag's name.
    Release,
}

impl Format {
    /// Returns the format called `name` in a schema's `format`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "dns-label" => Self::DnsLabel,
            "dns-name" => Self::DnsName,
            "minor" => Self::Minor,
            "version" => Self::Version,
            "minor-range" => Self::MinorRange,
            "duration" => Self::Duration,
            "cidr" => Self::Cidr,
            "host" => Self::Host,
            "count-or-percent" => Self::CountOrPercent,
            "label-key" => Self::LabelKey,
            "label-value" => Self::LabelValue,
            "path" => Self::Path,
            "date" => Self::Date,
            "url" => Self::Url,
            "release" => Self::Release,
            _ => return None,
        })
    }
}
