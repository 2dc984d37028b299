//! Kubernetes versions in names that people give to machine images.
//!
//! Names follow no rule, so this finds what is certain and passes over the rest: numbers of distributions, container
//! runtimes and days look alike.

use crate::spec::version::{Minor, Version};

/// A version as a name holds it, perhaps of a minor alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenVersion {
    /// Its minor.
    pub minor: Minor,
    /// Its patch.
    pub patch: Option<u16>,
}

/// Words that stand before a Kubernetes version.
const WORDS: [&str; 5] = ["kubernetes", "kubeadm", "kubelet", "kube", "k8s"];

/// The minors that are taken for Kubernetes' without a word before them: containerd and runc have smaller ones.
const PLAUSIBLE: std::ops::RangeInclusive<u16> = 24..=99;

impl WrittenVersion {
    /// Returns whether a version is the one that is written, as far as it is.
    pub fn is(self, version: Version) -> bool {
        self.minor == version.minor && self.patch.is_none_or(|patch| patch == version.patch)
    }
}

/// Returns the Kubernetes versions that a name holds, in its order: `v1.35.2`, `1.35.2`, and behind a word such as `kube`
/// also `1-35-2`, `1_35_2` and `1.35`.
pub fn versions_in(name: &str) -> Vec<WrittenVersion> {
    let name = name.to_ascii_lowercase();
    let is_part = |byte: u8| byte.is_ascii_digit();
    let starts = (0..name.len()).filter(|at| {
        let before = at.checked_sub(1).map(|before| name.as_bytes()[before]);
        name.as_bytes()[*at] == b'1' && !before.is_some_and(is_part)
    });
    starts.filter_map(|at| version_at(&name, at)).collect()
}

fn version_at(name: &str, at: usize) -> Option<WrittenVersion> {
    let (before, rest) = name.split_at(at);
    let plain = before.strip_suffix('v').unwrap_or(before);
    let has_v = plain.len() < before.len();
    let word = plain.trim_end_matches(['-', '_', '.', ' ']);
    let is_named = WORDS.iter().any(|known| word.ends_with(known));
    // `24.04.1.35` and `rev1.35` are something else.
    let is_within = !is_named && plain.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '.');
    let separator = rest[1..].chars().next().filter(|separator| ['.', '-', '_'].contains(separator))?;
    if is_within || (separator != '.' && !is_named) {
        return None;
    }
    let mut parts = rest[2..].splitn(2, separator);
    let minor = leading_number(parts.next()?)?;
    let patch = parts.next().filter(|_| name_of_minor_ends(rest, separator)).and_then(leading_number);
    let minor = Minor { major: 1, minor };
    let is_certain = is_named || (PLAUSIBLE.contains(&minor.minor) && (patch.is_some() || has_v));
    is_certain.then_some(WrittenVersion { minor, patch })
}

/// Returns whether the second number of a version ends right at the separator before its third.
fn name_of_minor_ends(rest: &str, separator: char) -> bool {
    let digits = rest[2..].bytes().take_while(u8::is_ascii_digit).count();
    rest[2 + digits..].starts_with(separator)
}

/// Reads the digits that a text begins with; `None` where there are none, or more than any version has.
fn leading_number(text: &str) -> Option<u16> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&digits).then(|| text[..digits].parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_the_other_numbers_of_a_name() {
        for (name, expected) in [
            ("ubuntu-2404-kube-v1.35.1", "1.35.1"),
            ("ubuntu-24.04-kubernetes-1.35.1", "1.35.1"),
            ("ubuntu-24.04-v1.35.1-20261101", "1.35.1"),
            ("ubuntu-24.04-1.35.1", "1.35.1"),
            ("Ubuntu 24.04 K8s 1.35.1", "1.35.1"),
            ("kube-v1.35.1+rke2r1", "1.35.1"),
            ("k8s-1-35-1-ubuntu", "1.35.1"),
            ("ubuntu2404_kube_1_35_1", "1.35.1"),
            ("kubernetes1.35.1", "1.35.1"),
            ("capo-kube-1.35", "1.35"),
            ("kube-v1.35-20261101", "1.35"),
            ("image-v1.35", "1.35"),
            ("kube-v1.35.1-containerd-1.7.24", "1.35.1"),
            ("kube-v1.34.1-to-v1.35.2", "1.34.1 1.35.2"),
            ("ubuntu-24.04", ""),
            ("ubuntu-2404", ""),
            ("debian-12", ""),
            ("debian-11.35.2", ""),
            ("flatcar-stable-4081.2.1", ""),
            ("flatcar-4230.1.35", ""),
            ("rocky-9.1.35.2", ""),
            ("ubuntu-24.04-containerd-1.7.24", ""),
            ("golden-v1.2.3", ""),
            ("golden-1.35", ""),
            ("build-20261.35.1", ""),
            ("image-1-35-1", ""),
            ("2026-11-1.30", ""),
            ("", ""),
            ("1", ""),
            ("1.", ""),
            ("v1.", ""),
        ] {
            let found = versions_in(name).into_iter().map(|one| {
                one.patch.map_or_else(|| one.minor.to_string(), |patch| format!("{}.{patch}", one.minor))
            });
            assert_eq!(found.collect::<Vec<_>>().join(" "), expected, "{name}");
        }
    }
}
