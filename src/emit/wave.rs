//! Sync waves.

use serde_json::{Value as Json, json};

/// Says in which wave Argo CD applies an object, where that is not the first.
pub(super) fn add_wave(metadata: &mut Json, wave: i64) {
    const WAVE: &str = "argocd.argoproj.io/sync-wave";
    if wave == 0 {
        return;
    }
    if !metadata["annotations"].is_object() {
        metadata["annotations"] = json!({});
    }
    if let Some(annotations) = metadata["annotations"].as_object_mut() {
        annotations.entry(WAVE).or_insert_with(|| wave.to_string().into());
    }
}
