//! Kubernetes quantities.

/// The units of quantities: binary, then decimal; none is one, too.
const UNITS: [&str; 16] =
    ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n", "u", "m", "k", "M", "G", "T", "P", "E", ""];

/// Returns whether `text` is a quantity of at least zero (apimachinery's `resource.ParseQuantity`): digits with at
/// most one point among them, then a unit or a decimal exponent.
pub fn is_quantity(text: &str) -> bool {
    let text = text.strip_prefix('+').unwrap_or(text);
    let end =
        text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let has_digit = number.bytes().any(|byte| byte.is_ascii_digit());
    has_digit && number.matches('.').count() <= 1 && (UNITS.contains(&unit) || is_exponent(unit))
}

/// Returns whether `text` is `e` or `E` and a whole number.
fn is_exponent(text: &str) -> bool {
    let digits = text.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_kubernetes_reads_them() {
        for text in
            ["0", "100", "500m", "10Gi", "1.5", ".5", "5.", "1e3", "1E-3", "2E", "3k", "+1", "12n", "7u"]
        {
            assert!(is_quantity(text), "{text}");
        }
        for text in
            ["", ".", "Gi", "10GB", "10K", "10gi", "-1", "1.2.3", "1e", "1 Gi", "ten", "0x10", "1_000"]
        {
            assert!(!is_quantity(text), "{text}");
        }
    }
}
