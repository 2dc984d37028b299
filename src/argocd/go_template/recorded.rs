//! What Argo CD's own renderer gave: one template a line, in `tests/recorded/templates/`.
//!
//! A line is `{"t": template, "d": which parameters, "o": missingkey=, "r": result}`, with `"e"` for an error instead of a
//! result. The parameters are in `data.json`, written as the arguments of functions are.

use serde_json::Value as Json;

use super::function::recorded::read;
use super::{Options, Template};
use crate::argocd::Fault;

const ANSWERS: &str = include_str!("../../../tests/recorded/templates/answers.jsonl");

const PARAMETERS: &str = include_str!("../../../tests/recorded/templates/data.json");

#[test]
fn every_recorded_template_gives_what_argo_cd_gave_and_fails_in_its_words() {
    let parameters: Json = serde_json::from_str(PARAMETERS).unwrap();
    let wrong: Vec<String> = ANSWERS.lines().filter_map(|line| judge(line, &parameters)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Says what is other than it is recorded.
fn judge(line: &str, parameters: &Json) -> Option<String> {
    let line: Json = serde_json::from_str(line).unwrap();
    let text = |key: &str| line[key].as_str().unwrap_or_default();
    let options: Vec<String> =
        line["o"].as_str().map(|option| format!("missingkey={option}")).into_iter().collect();
    let filled = Options::read(&options)
        .and_then(|options| Template::parse(text("t"), &options))
        .and_then(|template| template.execute(&read(&parameters[text("d")])));
    let same = match &filled {
        Ok(result) => line["r"].as_str() == Some(result),
        Err(Fault::Wrong(error)) => line["e"].as_str() == Some(error),
        Err(Fault::Refused(_)) => false,
    };
    (!same).then(|| format!("{line}\n  {filled:?}"))
}
