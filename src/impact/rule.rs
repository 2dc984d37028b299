//! The rules of a provider's `impact.yaml`: what a change of a field does to machines.

use crate::spec::provider::{Effect, Impact, ImpactRule};

/// Returns the first rule for a field of a kind; `None` where the provider says nothing about it.
pub fn rule<'i>(impact: &'i Impact, kind: &str, pointer: &str) -> Option<&'i ImpactRule> {
    impact.rules.iter().find(|rule| rule.kind == kind && covers(&rule.field, pointer))
}

/// Returns how bad an effect is, the worst first.
pub fn severity(effect: Effect) -> u8 {
    match effect {
        Effect::Refused => 0,
        Effect::ControlPlane => 1,
        Effect::Pool => 2,
        Effect::Nothing => 3,
    }
}

/// Returns whether a rule's field is the field at `pointer` or holds it; `*` stands for any one step. What goes away or
/// comes as a whole is covered by a rule for anything within.
fn covers(field: &str, pointer: &str) -> bool {
    let mut steps = pointer.split('/');
    field.split('/').all(|wanted| match steps.next() {
        Some(step) => wanted == "*" || wanted == step,
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_covers_its_field_and_what_is_in_it() {
        for (field, pointer, expected) in [
            ("", "/spec/x", true),
            ("/spec", "/spec/x", true),
            ("/spec/x", "/spec", false),
            ("/spec/x", "/spec/xy", false),
            ("/spec/*/dns", "/spec/0/dns/1", true),
            ("/spec/*/dns", "/spec/0/cidr", false),
        ] {
            assert_eq!(covers(field, pointer), expected, "{field} {pointer}");
        }
    }
}
