//! Plans that are carried out in repositories of the tests' own, judged by git.
#![allow(clippy::disallowed_methods, reason = "tests look at git's files")]

use std::sync::Arc;

use super::*;
use crate::branch::fixture::{TempRepository, TestResult};
use crate::branch::pick::{PolicyFile, Request, plan};
use crate::location::Sources;

const POLICY: &str = "apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n  source: {branch: main}\n  targets:\n    \
                      branch: release/{minor}\n    minors: \">=1.35\"\n  select: [{id: all, when: {paths: {any: [\"**\"]}}, to: all}]\n";

/// Makes a plan by a policy.
fn planned(store: &Store, policy: &str) -> Result<Plan, Box<dyn std::error::Error>> {
    let bytes: Arc<[u8]> = policy.as_bytes().into();
    let now = Some("2026-11-21".parse().map_err(|_| "no day")?);
    let request = Request { policy: Some(PolicyFile { name: "picks.yaml".into(), bytes }), now, only: &[] };
    plan(store, &request, &mut Sources::default()).map_err(|failure| format!("{failure:?}").into())
}

/// Plans and applies.
fn applied(repository: &TempRepository, onto: Onto) -> Result<Applied, Box<dyn std::error::Error>> {
    let store = Store::open(repository.path())?;
    let plan = planned(&store, POLICY)?;
    apply(&store, &plan, Order { onto, push: None }).map_err(|failure| format!("{failure:?}").into())
}

/// Makes a trunk with two minor branches cut from its first commit, and two commits since.
fn repository() -> Result<(TempRepository, [Oid; 3]), Box<dyn std::error::Error>> {
    let repository = TempRepository::new()?;
    let base = repository.commit("main", "base", &[("a", "1\n"), ("b", "1\n")])?;
    for minor in ["1.35", "1.36"] {
        repository.git.reference(&format!("refs/heads/release/{minor}"), base, false, "cut")?;
    }
    let first = repository.commit("main", "a: 2\n\nwith  blanks \n", &[("a", "2\n")])?;
    let second = repository.commit("main", "b: 2", &[("b", "2\n")])?;
    Ok((repository, [base, first, second]))
}

fn refusals(applied: &Applied) -> Vec<String> {
    applied.refused.iter().map(|(minor, error)| format!("{minor}: {error}")).collect()
}

#[test]
fn picks_go_to_a_branch_for_each_minor_and_keep_who_wrote_them() -> TestResult {
    let (repository, [base, first, second]) = repository()?;

    let applied = applied(&repository, Onto::Branch)?;

    let name = |minor: &str| format!("picks/{minor}/{}", short(second));
    let names: Vec<String> = applied.branches.iter().map(|branch| branch.name.to_string()).collect();
    assert_eq!((names, refusals(&applied)), (vec![name("1.35"), name("1.36")], vec![]));
    let log = repository.run(&[
        "log",
        "--format=%an %ad %cn|%T|%B",
        "--date=raw",
        &format!("{base}..{}", name("1.36")),
    ])?;
    let tree = |id| repository.git.find_commit(id).map(|commit| commit.tree_id());
    let expected = format!(
        "Grace 1763700000 +0900 Ada|{}|b: 2\n\n(cherry picked from commit {second})\nPick-Rule: all\n\nGrace 1763700000 +0900 Ada|{}|a: 2\n\nwith  blanks \n\n(cherry picked from commit {first})\nPick-Rule: all\n\n",
        tree(second)?,
        tree(first)?
    );
    assert_eq!(log, expected);
    assert_eq!(repository.run(&["rev-parse", "release/1.36"])?, format!("{base}\n"));
    assert_eq!(repository.fsck()?, "");
    Ok(())
}

#[test]
fn the_same_picks_again_are_there_and_others_are_never_overwritten() -> TestResult {
    let (repository, [base, _, second]) = repository()?;
    let first = applied(&repository, Onto::Branch)?;
    let name = format!("refs/heads/picks/1.35/{}", short(second));
    repository.git.reference(&name, base, true, "something else")?;

    let again = applied(&repository, Onto::Branch)?;

    assert!(again.branches.iter().all(|branch| branch.was_there));
    assert_eq!(again.branches[0].tip, first.branches[1].tip);
    let expected = format!(
        "1.35: cannot make `picks/1.35/{}`: it is there at {} and holds something else; delete it, or merge it first",
        short(second),
        short(base)
    );
    assert_eq!(refusals(&again), [expected]);
    assert_eq!(repository.git.refname_to_id(&name)?, base);
    Ok(())
}

#[test]
fn direct_moves_the_branches_that_are_not_checked_out() -> TestResult {
    let (repository, [base, ..]) = repository()?;
    repository.git.set_head("refs/heads/release/1.35")?;

    let applied = applied(&repository, Onto::Direct)?;

    let expected =
        format!("1.35: cannot move `release/1.35`: it is checked out in {}", repository.path().display());
    assert_eq!(refusals(&applied), [expected]);
    assert_eq!(repository.run(&["rev-parse", "release/1.35"])?, format!("{base}\n"));
    assert_eq!(repository.run(&["rev-list", "--count", &format!("{base}..release/1.36")])?, "2\n");
    assert_eq!(repository.run(&["diff", "main", "release/1.36"])?, "");
    assert_eq!(repository.run(&["for-each-ref", "refs/heads/picks"])?, "");
    Ok(())
}

#[test]
fn a_branch_that_has_moved_since_leaves_out_its_minor_alone() -> TestResult {
    let (repository, [base, ..]) = repository()?;
    let store = Store::open(repository.path())?;
    let plan = planned(&store, POLICY)?;
    let theirs = repository.commit("release/1.35", "theirs", &[("c", "c")])?;

    let order = Order { onto: Onto::Direct, push: None };
    let applied = apply(&store, &plan, order).map_err(|failure| format!("{failure:?}"))?;

    let refusals = refusals(&applied);
    assert!(
        refusals.len() == 1 && refusals[0].contains("`refs/heads/release/1.35`: it is no longer at"),
        "{refusals:?}"
    );
    assert_eq!(repository.run(&["rev-parse", "release/1.35"])?, format!("{theirs}\n"));
    assert_eq!(repository.run(&["rev-list", "--count", &format!("{base}..release/1.36")])?, "2\n");
    Ok(())
}

#[test]
fn a_minor_that_only_the_remote_has_gets_a_local_branch() -> TestResult {
    let (repository, [base, ..]) = repository()?;
    repository.git.find_reference("refs/heads/release/1.35")?.delete()?;
    repository.git.reference("refs/remotes/origin/release/1.35", base, false, "fetch")?;

    let applied = applied(&repository, Onto::Direct)?;

    assert_eq!(refusals(&applied), Vec::<String>::new());
    assert_eq!(
        repository.run(&["rev-parse", "release/1.35"])?,
        repository.run(&["rev-parse", "release/1.36"])?
    );
    assert_eq!(repository.run(&["rev-parse", "origin/release/1.35"])?, format!("{base}\n"));
    Ok(())
}

#[test]
fn a_conflict_leaves_a_draft_that_nobody_overwrites_and_the_others_go_on() -> TestResult {
    let (repository, [_, first, second]) = repository()?;
    let tip = repository.commit("release/1.36", "a: mine", &[("a", "mine\n")])?;

    let done = applied(&repository, Onto::Branch)?;
    let draft = format!("picks/1.36/{}-conflict", short(first));
    let is_draft = |branch: &&Branch| branch.draft_of == Some(first);
    let made = done.branches.iter().find(is_draft).map(|branch| branch.name.to_string());
    assert_eq!(made.as_deref(), Some(draft.as_str()));
    assert_eq!(repository.run(&["rev-parse", &format!("{draft}~")])?, format!("{tip}\n"));
    let text = repository.run(&["show", &format!("{draft}:a")])?;
    assert!(text.contains("<<<<<<<") && text.contains("|||||||"), "{text}");
    let message = repository.run(&["log", "-1", "--format=%B", &draft])?;
    assert!(message.contains("\nPick-Conflict: a\n"), "{message}");
    let picks = format!("picks/1.36/{}", short(second));
    assert_eq!(repository.run(&["show", &format!("{picks}:b")])?, "2\n");
    assert_eq!(repository.run(&["show", &format!("{picks}:a")])?, "mine\n");

    let mended = repository.commit(&draft, "mended", &[("a", "2\n")])?;
    let again = applied(&repository, Onto::Branch)?;
    let kept = again.branches.iter().find(is_draft).map(|branch| (branch.tip, branch.was_there));
    assert_eq!((kept, refusals(&again)), (Some((mended, true)), vec![]));

    let direct = applied(&repository, Onto::Direct)?;
    assert!(!direct.branches.iter().any(|branch| branch.draft_of.is_some()));
    assert_eq!(repository.run(&["show", "release/1.36:b"])?, "2\n");
    Ok(())
}

#[test]
fn a_revert_of_what_the_same_plan_picks_names_the_commit_that_is_made() -> TestResult {
    let (repository, [base, first, _]) = repository()?;
    let applied_first = applied(&repository, Onto::Direct)?;
    assert_eq!(refusals(&applied_first), Vec::<String>::new());
    let message = format!("Revert \"a: 2\"\n\nThis reverts commit {first}.\n");
    let revert = repository.commit("main", &message, &[("a", "1\n")])?;

    let direct = applied(&repository, Onto::Direct)?;

    assert_eq!(refusals(&direct), Vec::<String>::new());
    let picked = repository.run(&["rev-list", "--reverse", &format!("{base}..release/1.36")])?;
    let picked = picked.lines().next().unwrap_or_default().to_owned();
    let expected = format!(
        "Revert \"a: 2\"\n\nThis reverts commit {picked}.\n\n(cherry picked from commit {revert})\nPick-Rule: revert\n\n"
    );
    assert_eq!(repository.run(&["log", "-1", "--format=%B", "release/1.36"])?, expected);
    Ok(())
}

#[test]
fn picks_are_pushed_with_the_minors_own_value_expected() -> TestResult {
    let (here, [.., second]) = repository()?;
    let there = TempRepository::bare()?;
    here.git.remote("origin", &there.path().display().to_string())?;
    here.run(&["push", "-q", "origin", "--all"])?;
    there.commit("release/1.35", "theirs", &[("c", "c")])?;
    let store = Store::open(here.path())?;
    let plan = planned(&store, POLICY)?;

    let direct = apply(&store, &plan, Order { onto: Onto::Direct, push: Some("origin") })
        .map_err(|failure| format!("{failure:?}"))?;

    let refusals = refusals(&direct);
    assert!(refusals.len() == 1 && refusals[0].starts_with("1.35: cannot push to `origin`"), "{refusals:?}");
    assert_eq!(there.run(&["rev-parse", "release/1.36"])?, here.run(&["rev-parse", "release/1.36"])?);
    assert_eq!(here.run(&["rev-list", "--count", "main..release/1.35"])?, "0\n");
    let local = applied(&here, Onto::Branch)?;
    assert_eq!(local.branches.len(), 1);
    let store = Store::open(here.path())?;
    let plan = planned(&store, POLICY)?;
    let pushed = apply(&store, &plan, Order { onto: Onto::Branch, push: Some("origin") })
        .map_err(|failure| format!("{failure:?}"))?;
    assert!(pushed.branches[0].was_there);
    let name = format!("picks/1.35/{}", short(second));
    assert_eq!(there.run(&["rev-parse", &name])?, here.run(&["rev-parse", &name])?);
    Ok(())
}

#[test]
fn a_plan_that_was_printed_is_refused_once_anything_of_it_has_moved() -> TestResult {
    let (repository, [base, ..]) = repository()?;
    let store = Store::open(repository.path())?;
    let plan = planned(&store, POLICY)?;
    let recorded =
        Recorded::read(plan.to_json().to_string().as_bytes()).map_err(|report| format!("{report:?}"))?;
    assert!(recorded.has_own_policy && recorded.only.is_empty());
    recorded.refuse_stale(&plan.inputs)?;

    let told = |plan: Plan| recorded.refuse_stale(&plan.inputs).map_err(|error| error.to_string());
    let other = planned(&store, &POLICY.replace("all,", "any,"))?;
    assert!(told(other).is_err_and(|why| why.starts_with("cannot carry out the plan: the policy is ")));
    repository.git.reference("refs/heads/release/1.37", base, false, "cut")?;
    assert_eq!(
        told(planned(&store, POLICY)?),
        Err("cannot carry out the plan: `refs/heads/release/1.37` is new; plan again".to_owned())
    );
    repository.git.find_reference("refs/heads/release/1.37")?.delete()?;
    repository.commit("release/1.36", "theirs", &[("c", "c")])?;
    assert!(
        told(planned(&store, POLICY)?).is_err_and(|why| why.contains("`refs/heads/release/1.36` was at "))
    );
    assert!(Recorded::read(b"{}").is_err());
    assert!(Recorded::read(b"[").is_err());
    Ok(())
}
