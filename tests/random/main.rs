//! Random ApplicationSets and what lies beside them are answered as Argo CD's own code answers them at the same time.
//!
//! Runs where `YOSHINO_ORACLE` names the program of `tests/oracle`; `YOSHINO_RANDOM_CASES` says how many cases, and
//! `YOSHINO_RANDOM_SEED` which.
#![expect(clippy::disallowed_methods, reason = "a test asks another program")]

mod chance;
mod expression;
#[path = "../parity/mod.rs"]
mod parity;
mod set;
mod shrink;

use std::collections::BTreeMap;
use std::env;

use serde_json::Value;

use chance::Chance;
use parity::Failure;
use parity::answer::{Answer, answers};
use parity::oracle::{Oracle, Question};
use parity::verdict::{Verdict, judge};
use set::Input;

/// How often Argo CD's code is asked before its answer counts as settled.
const OFTEN: u32 = 300;

/// How many differences are made small and shown.
const SHOWN: usize = 10;

/// What happened how often.
#[derive(Debug, Default)]
struct Tally {
    equal: usize,
    errors: usize,
    random: usize,
    refused: BTreeMap<String, usize>,
    unreadable: usize,
    crashed: usize,
}

#[test]
fn random_sets_are_answered_as_argo_cd_answers_them() -> Result<(), Failure> {
    let Some(mut oracle) = Oracle::start()? else {
        println!("not run: YOSHINO_ORACLE names no oracle");
        return Ok(());
    };
    let number = |name: &str, default: u64| {
        env::var(name).ok().map_or(Ok(default), |text| text.parse().map_err(|_| format!("{name}: {text}")))
    };
    let (seed, count) = (number("YOSHINO_RANDOM_SEED", 1)?, number("YOSHINO_RANDOM_CASES", 500)?);

    let mut tally = Tally::default();
    let mut differing = Vec::new();
    let first = seed.wrapping_mul(1_000_003);
    let inputs: Vec<Input> =
        (0..count).map(|number| Input::random(&mut Chance::new(first.wrapping_add(number)))).collect();
    // A few are asked more often, lest something that is random is not noticed.
    let question =
        |(number, input): (usize, &Input)| question(input, if number % 50 == 0 { 20 } else { 1 }, false);
    let questions: Vec<Question> = inputs.iter().enumerate().map(question).collect();
    oracle.ask_all(&questions, |number, theirs| {
        differing.extend(difference(&inputs[number], &theirs, Some(&mut tally)).map(|how| (number, how)));
        Ok(())
    })?;

    let mut shown = Vec::new();
    for (number, how) in differing {
        if shown.len() >= SHOWN {
            break;
        }
        // Without the validation it is faster; where only that differs, it has to be asked for.
        let mut how_asked = None;
        for unvalidated in [true, false] {
            if how_asked.is_none() && still_differs(&mut oracle, &inputs[number], unvalidated)? {
                how_asked = Some(unvalidated);
            }
        }
        let Some(unvalidated) = how_asked else {
            tally.random += 1;
            continue;
        };
        let small =
            shrink::shrunk(inputs[number].clone(), |input| still_differs(&mut oracle, input, unvalidated))?;
        let theirs = ask(&mut oracle, &small, OFTEN, unvalidated)?;
        let said = difference(&small, &theirs, None).unwrap_or(how);
        shown.push(format!("case {number}\n{}{said}", described(&small)));
    }
    println!("{} cases of seed {seed}: {tally:#?}", inputs.len());
    assert!(shown.is_empty(), "answers differ:\n\n{}", shown.join("\n\n"));
    Ok(())
}

fn question(input: &Input, repeat: u32, unvalidated: bool) -> Question {
    Question { text: input.text(), repositories: input.repositories.clone(), repeat, unvalidated }
}

fn ask(oracle: &mut Oracle, input: &Input, repeat: u32, unvalidated: bool) -> Result<Value, Failure> {
    let mut theirs = oracle.ask(&question(input, repeat, unvalidated))?;
    for set in theirs["applicationsets"].as_array_mut().into_iter().flatten() {
        set["unvalidated"] = unvalidated.into();
    }
    Ok(theirs)
}

/// Returns whether the answers differ though Argo CD's code was asked often enough to know what is random.
fn still_differs(oracle: &mut Oracle, input: &Input, unvalidated: bool) -> Result<bool, Failure> {
    for repeat in [1, OFTEN] {
        let theirs = ask(oracle, input, repeat, unvalidated)?;
        if difference(input, &theirs, None).is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Says how the answers differ, if they do.
fn difference(input: &Input, theirs: &Value, mut tally: Option<&mut Tally>) -> Option<String> {
    let ours = answers(input.text().as_bytes(), &input.repositories);
    if theirs.get("crashed").is_some() {
        let is_wrong = |(_, answer): &(_, Answer)| matches!(answer, Answer::Wrong(_) | Answer::Refused(_));
        let says_no = ours.is_err() || ours.is_ok_and(|ours| ours.iter().any(is_wrong));
        tally.iter_mut().for_each(|tally| tally.crashed += 1);
        return (!says_no).then(|| "Argo CD ends without an answer, and we have one".to_owned());
    }
    let (ours, sets) = match (ours, theirs["applicationsets"].as_array()) {
        (Ok(ours), Some(sets)) => (ours, sets),
        (Err(_), None) => {
            tally.iter_mut().for_each(|tally| tally.unreadable += 1);
            return None;
        }
        (Err(why), Some(_)) => return Some(format!("we cannot read it: {why}")),
        (Ok(_), None) => return Some(format!("Argo CD cannot read it: {}", theirs["refused"])),
    };
    for ((_, ours), theirs) in ours.iter().zip(sets) {
        match judge(ours, theirs) {
            Verdict::Differs(how) => return Some(how),
            Verdict::Refused(why) => {
                let what = why.split('`').nth(1).unwrap_or(&why).to_owned();
                tally.iter_mut().for_each(|tally| *tally.refused.entry(what.clone()).or_default() += 1);
            }
            Verdict::Equal => tally.iter_mut().for_each(|tally| match ours {
                Answer::Wrong(_) => tally.errors += 1,
                Answer::Random => tally.random += 1,
                Answer::Made { .. } | Answer::Refused(_) => tally.equal += 1,
            }),
        }
    }
    (ours.len() != sets.len()).then(|| format!("{} sets, Argo CD has {}", ours.len(), sets.len()))
}

fn described(input: &Input) -> String {
    let files = input.repositories.values().flatten();
    let files = files.map(|(path, content)| format!("{path}: {content:?}\n"));
    input.text() + &files.collect::<String>()
}
