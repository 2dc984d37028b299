//! What we answer for ApplicationSets and what lies beside them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use yoshino::argocd::{ApplicationSet, ClusterSecret, Refused, applications, held};

/// Repositories by URL: their files by path; one that ends with a slash is an empty folder.
pub type Repositories = BTreeMap<String, BTreeMap<String, String>>;

/// What we answer for one set.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Its Applications, and the names of those that are held.
    Made {
        /// The Applications.
        applications: Vec<Value>,
        /// The names of those that the controller neither creates, updates nor deletes.
        held: BTreeSet<String>,
    },
    /// Argo CD fails.
    Wrong(String),
    /// What Argo CD answers is up to chance.
    Random,
    /// We do not say.
    Refused(String),
}

/// Answers for every ApplicationSet among the documents, sorted by namespace and name.
///
/// TODO(#4): by `expand` and `World`, with repositories.
pub fn answers(documents: &[Value], _repositories: &Repositories) -> Vec<(String, Answer)> {
    let mut sets: Vec<&Value> = of_kind(documents, "ApplicationSet").collect();
    sets.sort_by_key(|set| (set["metadata"]["namespace"].to_string(), set["metadata"]["name"].to_string()));
    let answer = |set: &&Value| {
        let name = set["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        (name, answer(set, documents).unwrap_or_else(|refused| Answer::Refused(refused.0)))
    };
    sets.iter().map(answer).collect()
}

fn of_kind<'d>(documents: &'d [Value], kind: &'d str) -> impl Iterator<Item = &'d Value> {
    documents.iter().filter(move |document| document["kind"] == kind)
}

fn answer(set: &Value, documents: &[Value]) -> Result<Answer, Refused> {
    let secrets: Vec<Value> = of_kind(documents, "Secret").cloned().map(as_stored).collect();
    let mut clusters = Vec::new();
    for secret in &secrets {
        clusters.extend(ClusterSecret::read(secret)?);
    }
    let applications = applications(&ApplicationSet::compile(set)?, &clusters)?;
    // Where the input has no project at all, the oracle takes each named one to exist.
    let named = |object: &Value| object["metadata"]["name"].as_str().map(str::to_owned);
    let declared: BTreeSet<String> = of_kind(documents, "AppProject").filter_map(named).collect();
    let used = applications.iter().filter_map(|made| made["spec"]["project"].as_str().map(str::to_owned));
    let projects = if declared.is_empty() { used.collect() } else { declared };
    let projects: BTreeSet<&str> = projects.iter().map(String::as_str).collect();
    let held = held(&applications, &projects).into_keys().collect();
    Ok(Answer::Made { applications, held })
}

/// The API server turns `stringData` into `data` when a Secret is written; our own Secrets have `data` only.
fn as_stored(mut secret: Value) -> Value {
    let texts = secret.get("stringData").and_then(Value::as_object).cloned().unwrap_or_default();
    for (key, text) in texts {
        secret["data"][key] = json!(base64(text.as_str().unwrap_or_default().as_bytes()));
    }
    secret
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|chunk| {
        let bits =
            chunk.iter().enumerate().fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        (0..4).map(
            move |at| {
                if at > chunk.len() { '=' } else { DIGITS[(bits >> (18 - 6 * at) & 63) as usize].into() }
            },
        )
    });
    digits.collect()
}
