//! Names that git takes.

/// Returns whether git takes `name` as the name of a branch (git-check-ref-format(1), `--branch`).
pub fn is_branch(name: &str) -> bool {
    !name.starts_with('-') && name != "HEAD" && is_ref(name)
}

/// Returns whether git takes `name` beneath `refs/heads/` or `refs/tags/` (git-check-ref-format(1)).
pub fn is_ref(name: &str) -> bool {
    let part_is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let is_plain = |character: char| {
        !character.is_ascii_control() && !matches!(character, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\')
    };
    name.split('/').all(part_is_plain)
        && name.chars().all(is_plain)
        && !name.contains("..")
        && !name.contains("@{")
        && !name.ends_with('.')
        && name != "@"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_git() {
        for name in ["main", "release/1.35", "v1.35-ake.261121", "a@b", "é"] {
            assert!(is_branch(name), "{name}");
        }
        let refused = [
            "", "/a", "a/", "a//b", ".a", "a/.b", "a..b", "a.", "a.lock", "a.lock/b", "a b", "a~", "a^",
            "a:b", "a?", "a*", "a[", "a\\b", "a@{b", "@", "-a", "HEAD", "a\tb",
        ];
        for name in refused {
            assert!(!is_branch(name), "{name}");
        }
    }
}
