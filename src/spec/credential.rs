//! What looks like a credential.

/// Returns whether a line of a source file may hold a credential, so that messages mask it.
pub fn may_hold_credential(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    ["password", "token", "secret", "apikey", "private key", "eyj", "akia"]
        .iter()
        .any(|mark| lower.contains(mark))
}
