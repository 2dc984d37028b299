//! What carrying out a plan leaves: branches, commits, messages, trees; and that it can be run again.

use std::error::Error;

use git2::Oid;
use serde_json::Value;

use crate::repository::{Answer, Story};
use crate::temp::TestResult;

const ALL: &str = "  select: [{id: all, to: all}]\n";

impl Story {
    fn apply(&self, arguments: &[&str]) -> Result<Answer, Box<dyn Error>> {
        let mut all = vec!["pick", "apply", "--now", "2026-11-21"];
        if arguments.contains(&"--plan") {
            all.truncate(2);
        }
        all.extend(arguments);
        self.run(&all)
    }

    fn id(&self, name: &str) -> Option<Oid> {
        self.git.revparse_single(name).ok().map(|object| object.id())
    }

    /// Returns the branches beneath `picks/`.
    fn picks(&self) -> Result<Vec<String>, git2::Error> {
        let found = self.git.references_glob("refs/heads/picks/*")?;
        let mut names = Vec::new();
        for reference in found {
            names.push(reference?.shorthand()?.to_owned());
        }
        names.sort();
        Ok(names)
    }

    fn message(&self, name: &str) -> Result<String, Box<dyn Error>> {
        let commit = self.git.revparse_single(name)?.peel_to_commit()?;
        Ok(String::from_utf8(commit.message_raw_bytes().to_vec())?)
    }

    /// Returns the files of a commit as `path: text`.
    fn files(&self, name: &str) -> Result<Vec<String>, Box<dyn Error>> {
        let tree = self.git.revparse_single(name)?.peel_to_tree()?;
        let mut found = Vec::new();
        tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            if let Ok(blob) = self.git.find_blob(entry.id()) {
                let text = String::from_utf8_lossy(blob.content()).into_owned();
                found.push(format!("{folder}{}: {}", entry.name().unwrap_or_default(), text.trim_end()));
            }
            git2::TreeWalkResult::Ok
        })?;
        found.retain(|file| !file.starts_with("picks.yaml"));
        Ok(found)
    }
}

fn short(id: Oid) -> String {
    id.to_string()[..12].to_owned()
}

#[test]
fn picks_go_to_a_branch_with_author_date_and_message_kept() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    let base = story.id("release/1.36").ok_or("no branch")?;
    let unit = story.commit(
        "main",
        "c1\n\nwhy\n\n\nmore  \n\nSigned-off-by: G <g@x>\n",
        &[("a", "2\n"), ("clusters/web.yaml", "x\n")],
    )?;
    let tip = story.commit("main", "c2", &[("b", "1\n")])?;

    let answer = story.apply(&[])?;

    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    let branch = format!("picks/1.36/{}", short(tip));
    assert_eq!(story.picks()?, std::slice::from_ref(&branch));
    assert_eq!(story.id("release/1.36"), Some(base));
    assert_eq!(story.id(&format!("{branch}~2")), Some(base));
    assert_eq!(
        story.message(&format!("{branch}~1"))?,
        format!(
            "c1\n\nwhy\n\n\nmore  \n\nSigned-off-by: G <g@x>\n(cherry picked from commit {unit})\nPick-Rule: all\nPick-Partial: clusters/web.yaml\n"
        )
    );
    assert_eq!(story.message(&branch)?, format!("c2\n\n(cherry picked from commit {tip})\nPick-Rule: all\n"));
    assert_eq!(story.files(&branch)?, ["a: 2", "b: 1"]);
    let (picked, source) =
        (story.git.revparse_single(&branch)?.peel_to_commit()?, story.git.find_commit(tip)?);
    assert_eq!(picked.author().to_string(), source.author().to_string());
    assert_eq!(picked.author().when(), source.author().when());
    assert_eq!(picked.committer().to_string(), "Ada <ada@example.com>");
    assert_eq!(picked.committer().when().seconds(), 1_763_800_000);
    Ok(())
}

#[test]
fn once_the_picks_are_merged_there_is_nothing_left_to_do() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.35", "1.36"])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    let tip = story.commit("main", "c2", &[("b", "1\n")])?;
    story.apply(&[])?;
    let first = story.id(&format!("picks/1.36/{}", short(tip)));

    // Before they are merged: the same branches, left as they are.
    let again = story.apply(&[])?;
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!(story.id(&format!("picks/1.36/{}", short(tip))), first);

    // Merged by moving on, and by a merge commit.
    let id = |minor: &str| story.id(&format!("picks/{minor}/{}", short(tip))).ok_or("no branch");
    story.branch("release/1.35", id("1.35")?)?;
    story.merge("release/1.36", "Merge picks", &[("a", "2\n"), ("b", "1\n")], &[id("1.36")?])?;
    let plan = story.plan(&[])?;
    assert_eq!(plan.drawn(), ["c1: already-picked already-picked", "c2: already-picked already-picked"]);
    assert_eq!(plan.code, Some(0));
    let before = story.picks()?;
    assert_eq!(story.apply(&[])?.code, Some(0));
    assert_eq!(story.picks()?, before);
    Ok(())
}

#[test]
fn a_conflict_leaves_a_draft_and_lets_the_rest_go_on() -> TestResult {
    // S9
    let story = Story::new(ALL, &[("a", "1\n"), ("b", "1\n")], &["1.36"])?;
    let target = story.commit("release/1.36", "by hand", &[("a", "other\n")])?;
    let c1 = story.commit("main", "c1", &[("a", "2\n")])?;
    story.commit("main", "c2", &[("a", "3\n")])?;
    let c3 = story.commit("main", "c3", &[("b", "2\n")])?;

    let answer = story.apply(&[])?;

    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    let (draft, branch) = (format!("picks/1.36/{}-conflict", short(c1)), format!("picks/1.36/{}", short(c3)));
    assert_eq!(story.picks()?.len(), 2);
    assert_eq!(story.id("release/1.36"), Some(target));
    assert_eq!(story.id(&format!("{branch}~1")), Some(target));
    assert_eq!(story.files(&branch)?, ["a: other", "b: 2"]);
    assert_eq!(story.id(&format!("{draft}~1")), Some(target));
    assert_eq!(
        story.message(&draft)?,
        format!("c1\n\n(cherry picked from commit {c1})\nPick-Rule: all\nPick-Conflict: a\n")
    );
    let files = story.files(&draft)?;
    let marked = files.first().ok_or("no file")?;
    for mark in ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "] {
        assert!(marked.contains(mark), "{marked}");
    }
    let verified = story.run(&["pick", "verify", &format!("release/1.36..{draft}")])?;
    assert_eq!(verified.code, Some(2), "{}", verified.stdout);
    let verified = story.run(&["pick", "verify", &format!("release/1.36..{branch}")])?;
    assert_eq!((verified.code, verified.stdout.as_str()), (Some(0), ""), "{}", verified.stderr);
    Ok(())
}

#[test]
fn straight_to_the_branch_there_are_no_drafts() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n"), ("b", "1\n")], &["1.35", "1.36"])?;
    story.commit("release/1.36", "by hand", &[("a", "other\n")])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    story.commit("main", "c3", &[("b", "2\n")])?;

    let answer = story.apply(&["--onto", "direct"])?;

    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    assert_eq!(story.picks()?, Vec::<String>::new());
    assert_eq!(story.files("release/1.35")?, ["a: 2", "b: 2"]);
    assert_eq!(story.files("release/1.36")?, ["a: other", "b: 2"]);
    assert_eq!(
        story.plan(&[])?.drawn(),
        ["c1: already-picked conflict", "c3: already-picked already-picked"]
    );
    Ok(())
}

#[test]
fn a_conflict_whose_remedy_is_known_leaves_no_draft() -> TestResult {
    let policy = "  select: [{id: b, when: {paths: {any: [b]}}, to: all, mixed: whole}]\n";
    let story = Story::new(policy, &[("x", "1\n2\n3\n"), ("b", "1\n")], &["1.36"])?;
    story.commit("main", "a", &[("x", "1\n2\nadded\n3\n")])?;
    story.commit("main", "b", &[("x", "1\n2\nchanged\n3\n"), ("b", "2\n")])?;

    assert_eq!(story.apply(&[])?.code, Some(3));
    assert_eq!(story.picks()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn what_is_taken_along_says_for_what() -> TestResult {
    let policy = "  select: [{id: b, when: {paths: {any: [b]}}, to: all, mixed: whole}]\n  dependencies: {mode: auto}\n";
    let story = Story::new(policy, &[("x", "1\n2\n3\n"), ("b", "1\n")], &["1.36"])?;
    let a = story.commit("main", "a", &[("x", "1\n2\nadded\n3\n")])?;
    let b = story.commit("main", "b", &[("x", "1\n2\nchanged\n3\n"), ("b", "2\n")])?;

    assert_eq!(story.apply(&["--onto", "direct"])?.code, Some(0));

    assert_eq!(
        story.message("release/1.36~1")?,
        format!("a\n\n(cherry picked from commit {a})\nPick-Rule: dependency\nPick-Dependency-Of: {b}\n")
    );
    assert_eq!(
        story.message("release/1.36")?,
        format!("b\n\n(cherry picked from commit {b})\nPick-Rule: b\n")
    );
    assert_eq!(story.files("release/1.36")?, ["b: 2", "x: 1\n2\nchanged\n3"]);
    assert_eq!(story.plan(&[])?.drawn(), ["a: not-selected", "b: already-picked"]);
    Ok(())
}

#[test]
fn a_revert_names_what_it_takes_back_on_the_branch_and_a_reapplication_the_revert() -> TestResult {
    // S7
    let story = Story::new("  select: []\n", &[("a", "1\n")], &["1.35", "1.36"])?;
    let x = story.commit("main", "x\n\nPick-To: 1.36\n", &[("a", "2\n")])?;
    story.apply(&["--onto", "direct"])?;
    let xp = story.id("release/1.36").ok_or("no branch")?;

    let revert = story.revert("main", x, &[("a", "1\n")])?;
    assert_eq!(story.apply(&["--onto", "direct"])?.code, Some(0));
    let rp = story.id("release/1.36").ok_or("no branch")?;
    assert_eq!(
        story.message("release/1.36")?,
        format!(
            "Revert \"x\"\n\nThis reverts commit {xp}.\n\n(cherry picked from commit {revert})\nPick-Rule: revert\n"
        )
    );
    assert_eq!(story.files("release/1.36")?, ["a: 1"]);
    assert_eq!(story.plan(&[])?.drawn()[1], "Revert \"x\": not-selected already-picked");

    let reapply = story.revert("main", revert, &[("a", "2\n")])?;
    assert_eq!(story.apply(&["--onto", "direct"])?.code, Some(0));
    assert_eq!(
        story.message("release/1.36")?,
        format!(
            "Reapply \"x\"\n\nThis reverts commit {rp}.\n\n(cherry picked from commit {reapply})\nPick-Rule: revert\n"
        )
    );
    assert_eq!(story.files("release/1.36")?, ["a: 2"]);
    assert_eq!(story.files("release/1.35")?, ["a: 1"]);
    assert_eq!(
        story.plan(&[])?.drawn(),
        [
            "x: not-selected already-picked",
            "Revert \"x\": not-selected already-picked",
            "Reapply \"x\": not-selected already-picked"
        ]
    );
    Ok(())
}

#[test]
fn what_is_generated_is_right_in_every_commit() -> TestResult {
    // S5
    let policy = "  select: [{id: all, when: {paths: {any: [\"addons/**\"]}}, to: all}]\n  regenerate: [{paths: [sum], by: {command: [sh, make.sh]}}]\n";
    let make = "cat addons/* | wc -l | tr -d ' ' > sum\n";
    let story = Story::new(policy, &[("make.sh", make), ("addons/a", "1\n"), ("sum", "1\n")], &["1.36"])?;
    story.commit("release/1.36", "by hand", &[("addons/target", "1\n2\n"), ("sum", "3\n")])?;
    let more = story.commit("main", "more", &[("addons/b", "1\n"), ("sum", "2\n")])?;
    let less = story.commit("main", "not generated", &[("addons/c", "1\n2\n")])?;

    assert_eq!(story.apply(&["--onto", "direct"])?.code, Some(0));

    let message = |subject: &str, id: Oid| {
        format!("{subject}\n\n(cherry picked from commit {id})\nPick-Rule: all\nPick-Regenerated: sum\n")
    };
    assert_eq!(story.message("release/1.36~1")?, message("more", more));
    assert_eq!(story.message("release/1.36")?, message("not generated", less));
    assert!(story.files("release/1.36~1")?.contains(&"sum: 4".to_owned()));
    assert!(story.files("release/1.36")?.contains(&"sum: 6".to_owned()));
    Ok(())
}

#[test]
fn a_merge_taken_apart_is_there_as_its_commits() -> TestResult {
    // S3
    let policy = "  select: [{id: all, to: all}]\n  merge: {mergeCommits: expand}\n";
    let story = Story::new(policy, &[("z", "1\n")], &["1.36"])?;
    story.branch("feature", story.id("main").ok_or("no branch")?)?;
    let f1 = story.commit("feature", "f1", &[("a", "1\n")])?;
    let f2 = story.commit("feature", "f2", &[("b", "1\n")])?;
    let merge = story.merge("main", "Merge f", &[("a", "1\n"), ("b", "1\n")], &[f2])?;

    assert_eq!(story.apply(&["--onto", "direct"])?.code, Some(0));

    assert_eq!(
        story.message("release/1.36~1")?,
        format!("f1\n\n(cherry picked from commit {f1})\nPick-Rule: all\n")
    );
    assert_eq!(
        story.message("release/1.36")?,
        format!(
            "f2\n\n(cherry picked from commit {f2})\n(cherry picked from commit {merge})\nPick-Rule: all\n"
        )
    );
    assert_eq!(story.plan(&[])?.drawn(), ["Merge f: already-picked"]);
    Ok(())
}

#[test]
fn what_a_rule_filters_out_is_named_and_the_rest_counts_as_picked() -> TestResult {
    let policy = "  select: [{id: addons, when: {paths: {any: [\"addons/**\"]}}, to: all, mixed: filter}]\n";
    let story = Story::new(policy, &[("addons/a", "1\n"), ("ci", "1\n")], &["1.36"])?;
    let unit = story.commit("main", "mixed", &[("addons/a", "2\n"), ("ci", "2\n")])?;

    assert_eq!(story.apply(&["--onto", "direct"])?.code, Some(0));

    assert_eq!(
        story.message("release/1.36")?,
        format!("mixed\n\n(cherry picked from commit {unit})\nPick-Rule: addons\nPick-Partial: ci\n")
    );
    assert_eq!(story.files("release/1.36")?, ["addons/a: 2", "ci: 1"]);
    assert_eq!(story.plan(&[])?.drawn(), ["mixed: already-picked"]);

    // What takes it back leaves the same out.
    story.revert("main", unit, &[("addons/a", "1\n"), ("ci", "1\n")])?;
    assert_eq!(story.apply(&["--onto", "direct"])?.code, Some(0));
    assert_eq!(story.files("release/1.36")?, ["addons/a: 1", "ci: 1"]);
    Ok(())
}

#[test]
fn a_name_in_quotes_that_was_left_out_is_left_out_by_what_takes_it_back() -> TestResult {
    let policy = "  select: [{id: addons, when: {paths: {any: [\"addons/**\"]}}, to: all, mixed: filter}]\n";
    let named = "say \"hi\"";
    let story = Story::new(policy, &[("addons/a", "1\n"), (named, "1\n")], &["1.36"])?;
    story.commit("release/1.36", "its own", &[(named, "other\n")])?;
    let unit = story.commit("main", "mixed", &[("addons/a", "2\n"), (named, "2\n")])?;
    assert_eq!(story.apply(&["--onto", "direct"])?.code, Some(0));

    story.revert("main", unit, &[("addons/a", "1\n"), (named, "1\n")])?;

    assert_eq!(story.apply(&["--onto", "direct"])?.code, Some(0));
    assert_eq!(story.files("release/1.36")?, ["addons/a: 1", "say \"hi\": other"]);
    Ok(())
}

#[test]
fn a_plan_is_carried_out_as_it_was_made_or_not_at_all() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.35", "1.36"])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    let plan = story.run(&["pick", "plan", "--format", "json", "--now", "2026-11-21"])?;
    let file = story.path().join("plan.json");
    std::fs::write(&file, &plan.stdout)?;

    let before = story.id("release/1.36").ok_or("no branch")?;
    story.commit("release/1.36", "meanwhile", &[("b", "1\n")])?;
    let stale = story.apply(&["--onto", "direct", "--plan", "plan.json"])?;
    assert_eq!(stale.code, Some(4), "{}", stale.stderr);
    assert_eq!(story.id("release/1.35"), Some(before));

    story.branch("release/1.36", before)?;
    let applied = story.apply(&["--onto", "direct", "--plan", "plan.json", "--format", "json"])?;
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    let json: Value = serde_json::from_str(&applied.stdout)?;
    assert_eq!(json["branches"].as_array().map(Vec::len), Some(2));
    assert_eq!(story.files("release/1.36")?, ["a: 2"]);
    Ok(())
}

#[test]
fn a_plan_with_a_policy_of_its_own_needs_the_same_one_again() -> TestResult {
    let story = Story::new("  select: []\n", &[("a", "1\n")], &["1.36"])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    let write = |name: &str, policy: &str| {
        let text = format!("apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n{policy}");
        std::fs::write(story.path().join(name), text)
    };
    write("mine.yaml", ALL)?;
    write("other.yaml", "  select: [{id: other, to: all}]\n")?;
    let plan = ["pick", "plan", "--policy", "mine.yaml", "--format", "json", "--now", "2026-11-21"];
    std::fs::write(story.path().join("plan.json"), story.run(&plan)?.stdout)?;

    let codes = [&[][..], &["--policy", "other.yaml"], &["--policy", "mine.yaml"]].map(|given| {
        story.apply(&[&["--onto", "direct", "--plan", "plan.json"], given].concat()).map(|answer| answer.code)
    });

    assert_eq!(codes.into_iter().collect::<Result<Vec<_>, _>>()?, [Some(2), Some(4), Some(0)]);
    assert_eq!(story.files("release/1.36")?, ["a: 2"]);
    Ok(())
}

#[test]
fn nobody_commits_in_the_name_of_nobody() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    story.commit("main", "c1", &[("a", "2\n")])?;
    let mut command = crate::repository::command(story.path());
    command.env_remove("GIT_COMMITTER_NAME").env_remove("GIT_COMMITTER_EMAIL");

    let answer = crate::repository::answer(command.args(["pick", "apply"]).output()?)?;

    assert_eq!(answer.code, Some(4), "{}", answer.stderr);
    assert_eq!(story.picks()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_dry_run_and_a_plan_write_no_ref() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    story.commit("main", "c1", &[("a", "2\n")])?;

    assert_eq!(story.apply(&["--dry-run"])?.code, Some(0));
    assert_eq!(story.plan(&[])?.code, Some(0));

    assert_eq!(story.picks()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn bytes_that_are_no_text_stay_as_they_are() -> TestResult {
    let story = Story::new(ALL, &[("a", "1\n")], &["1.36"])?;
    let parent = story.git.find_reference("refs/heads/main")?.peel_to_commit()?;
    let blob = story.git.blob(b"2\n")?;
    let mut builder = story.git.treebuilder(Some(&parent.tree()?))?;
    builder.insert("a", blob, 0o100_644)?;
    let tree = builder.write()?;
    let mut bytes = format!(
        "tree {tree}\nparent {}\nauthor Gr\u{fc}n <g@x> 1763700000 +0900\ncommitter Grace <g@x> 1763700000 +0900\nencoding ISO-8859-1\n\n",
        parent.id()
    )
    .into_bytes();
    bytes.extend_from_slice(b"gr\xfcn\n");
    let id = story.git.odb()?.write(git2::ObjectType::Commit, &bytes)?;
    story.branch("main", id)?;

    assert_eq!(story.apply(&["--onto", "direct"])?.code, Some(0));

    let picked = story.git.revparse_single("release/1.36")?.peel_to_commit()?;
    assert_eq!(picked.message_encoding()?, Some("ISO-8859-1"));
    let block = format!("\n(cherry picked from commit {id})\nPick-Rule: all\n");
    assert_eq!(picked.message_raw_bytes(), [b"gr\xfcn\n".as_slice(), block.as_bytes()].concat());
    Ok(())
}
