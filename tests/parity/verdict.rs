//! Whether our answer is Argo CD's.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answer::Answer;

/// What comparing comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same Applications, the same of them held; or an error on both sides.
    Equal,
    /// We refuse by name.
    Refused(String),
    /// Another answer, in words.
    Differs(String),
}

/// Compares our answer for a set with the oracle's.
pub fn judge(ours: &Answer, theirs: &Value) -> Verdict {
    let is_random = theirs["random"] == json!(true) || !theirs["unstable"].is_null();
    match ours {
        Answer::Refused(why) => Verdict::Refused(why.clone()),
        // Which of several faults comes first may be up to chance.
        Answer::Wrong(_) if !theirs["error"].is_null() => Verdict::Equal,
        Answer::Random if is_random => Verdict::Equal,
        _ if is_random => Verdict::Differs(format!("Argo CD answers at random, we answer {ours:?}")),
        Answer::Random => Verdict::Differs("we say that it is random, Argo CD is not".into()),
        Answer::Wrong(why) => {
            Verdict::Differs(format!("we say `{why}`, Argo CD makes {}", theirs["applications"]))
        }
        Answer::Made { .. } if !theirs["error"].is_null() => {
            Verdict::Differs(format!("Argo CD says {}, we answer {ours:?}", theirs["error"]))
        }
        Answer::Made { applications, held } => compare(applications, held, theirs),
    }
}

fn compare(ours: &[Value], held: &BTreeSet<String>, theirs: &Value) -> Verdict {
    let ours = ordered(ours);
    let expected = ordered(theirs["applications"].as_array().map(Vec::as_slice).unwrap_or_default());
    if ours != expected {
        let differing = ours.iter().zip(&expected).find(|(ours, expected)| ours != expected);
        return Verdict::Differs(match differing {
            Some((ours, expected)) => format!("ours:   {ours}\nArgo CD: {expected}"),
            None => format!("we make {}, Argo CD {}: {expected:?}", ours.len(), expected.len()),
        });
    }
    if theirs["unvalidated"] == json!(true) {
        return Verdict::Equal;
    }
    let named = |key: &String| key.split_once('/').map_or(key.clone(), |(_, name)| name.to_owned());
    let invalid: BTreeSet<String> =
        theirs["validation"].as_object().into_iter().flatten().map(|(key, _)| named(key)).collect();
    if *held != invalid {
        return Verdict::Differs(format!("held: {held:?}\nArgo CD: {}", theirs["validation"]));
    }
    Verdict::Equal
}

/// Equal names are in the order of a Go map.
fn ordered(applications: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = applications
        .iter()
        .map(|made| {
            let mut kept = json!({"metadata": made["metadata"], "spec": made["spec"]});
            if let Some(operation) = made.get("operation") {
                kept["operation"] = operation.clone();
            }
            kept.sort_all_objects();
            kept.to_string()
        })
        .collect();
    texts.sort_unstable();
    texts
}
