//! The starter fleet as a team takes it up: in a repository of its own, with hooks, and what its CI would run.
#![expect(clippy::disallowed_methods, reason = "tests make files and run git")]

mod git;
#[path = "../src/tree/temp.rs"]
mod temp;

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

use git::{git, isolated, said, try_git};
use temp::{TempFolder, TestResult};

const YOSHINO: &str = env!("CARGO_BIN_EXE_yoshino");

/// Runs yoshino, which must succeed, and returns all it said.
fn yoshino(folder: &Path, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = isolated(YOSHINO, folder).args(arguments).output()?;
    match output.status.success() {
        true => Ok(said(&output)),
        false => Err(format!("{arguments:?}: {}", said(&output)).into()),
    }
}

/// Makes a repository that holds a starter fleet with its output.
fn starter() -> Result<TempFolder, Box<dyn Error>> {
    let folder = TempFolder::new()?;
    git(folder.path(), &["init", "--quiet", "--initial-branch", "main"])?;
    yoshino(folder.path(), &["init", "."])?;
    yoshino(folder.path(), &["render"])?;
    Ok(folder)
}

/// Returns the files of the starter that are neither specs nor schemas nor output, with their text.
fn files_for_ci() -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
    const FILES: [&str; 6] = [
        ".github/workflows/fleet.yaml",
        ".github/workflows/picks.yaml",
        ".github/workflows/release.yaml",
        ".gitlab-ci.yml",
        ".yoshino/install",
        "renovate.json",
    ];
    let folder = starter()?;
    let read = |path: &'static str| Ok((path, std::fs::read_to_string(folder.join(path))?));
    FILES.into_iter().map(read).collect()
}

#[test]
fn a_starter_is_committed_with_its_hooks_and_stays_sound() -> TestResult {
    let folder = starter()?;

    yoshino(folder.path(), &["hooks", "install"])?;
    for arguments in [["check"].as_slice(), &["test"], &["render", "--check"]] {
        yoshino(folder.path(), arguments)?;
    }
    git(folder.path(), &["add", "--all"])?;
    git(folder.path(), &["commit", "--quiet", "--message", "a fleet"])?;
    assert_eq!(git(folder.path(), &["status", "--porcelain"])?, "");
    yoshino(folder.path(), &["check", "--rev", "HEAD"])?;
    yoshino(folder.path(), &["diff", "HEAD", "--exit-code"])?;
    Ok(())
}

#[test]
fn the_access_that_a_starter_shows_in_comments_becomes_rbac() -> TestResult {
    let folder = starter()?;
    let path = folder.join("tenants/platform.yaml");
    let shown = std::fs::read_to_string(&path)?;
    let (head, access) = shown.split_once("  # access:").ok_or("the starter shows no access")?;
    std::fs::write(&path, format!("{head}  access:{}", access.replace("\n  # ", "\n  ")))?;

    yoshino(folder.path(), &["render"])?;

    let made = folder.join("rendered/management/manifests/access/platform/first/platform.yaml");
    let made = std::fs::read_to_string(made)?;
    let bound: Vec<&str> =
        made.lines().filter(|line| line.contains("-shop-") || line.contains("-checkout-")).collect();
    assert_eq!(bound.len(), 3, "{bound:?}");
    Ok(())
}

#[test]
fn a_starter_in_a_folder_of_its_repository_says_where_ci_looks() -> TestResult {
    let folder = TempFolder::new()?;
    git(folder.path(), &["init", "--quiet"])?;
    let words = "count at the root of the repository";
    assert!(!yoshino(folder.path(), &["init", "."])?.contains(words));

    let folder = TempFolder::new()?;
    git(folder.path(), &["init", "--quiet"])?;
    assert!(yoshino(folder.path(), &["init", "deploy/fleet"])?.contains(words));
    Ok(())
}

#[test]
fn generated_files_are_made_anew_instead_of_merged() -> TestResult {
    let folder = starter()?;
    git(folder.path(), &["add", "--all"])?;
    git(folder.path(), &["commit", "--quiet", "--message", "a fleet"])?;
    let change = |branch: &str, file: &str, from: &str, to: &str| -> TestResult {
        git(folder.path(), &["switch", "--quiet", "--create", branch, "main"])?;
        let text = std::fs::read_to_string(folder.join(file))?;
        std::fs::write(folder.join(file), text.replace(from, to))?;
        yoshino(folder.path(), &["render"])?;
        git(folder.path(), &["commit", "--quiet", "--all", "--message", branch])?;
        Ok(())
    };
    // Far enough from each other in the output to be merged line by line.
    change("replicas", "clusters/platform/first.yaml", "replicas: 2", "replicas: 3")?;
    change("pods", "clusters/_defaults.yaml", "10.244.0.0", "10.248.0.0")?;
    let output = "rendered/management/clusters/platform/first/cluster.yaml";

    let merged = try_git(folder.path(), &["merge", "--quiet", "replicas"])?;

    assert!(!merged.status.success(), "{}", said(&merged));
    assert_eq!(git(folder.path(), &["diff", "--name-only", "--diff-filter=U"])?, output);
    let ours = git(folder.path(), &["show", &format!("pods:{output}")])?;
    assert_eq!(std::fs::read_to_string(folder.join(output))?.trim_end(), ours, "no marker is written");
    yoshino(folder.path(), &["render"])?;
    git(folder.path(), &["add", "rendered"])?;
    let text = std::fs::read_to_string(folder.join(output))?;
    assert!(text.contains("10.248.0.0") && text.contains("replicas: 3"), "{text}");
    Ok(())
}

#[test]
fn every_tenant_has_its_line_of_owners() -> TestResult {
    let folder = starter()?;
    let owners = std::fs::read_to_string(folder.join("CODEOWNERS"))?;
    for tenant in std::fs::read_dir(folder.join("tenants"))? {
        let tenant = tenant?.file_name().to_string_lossy().into_owned();
        let name = tenant.trim_end_matches(".yaml");
        for pattern in [format!("/tenants/{tenant} @"), format!("/clusters/{name}/ @")] {
            assert!(owners.lines().any(|line| line.starts_with(&pattern)), "{pattern}");
        }
        assert!(folder.join("clusters").join(name).is_dir());
    }
    Ok(())
}

/// Returns the command lines of yoshino in a text, as words; what a shell would fill in stands as `x`.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        for (at, _) in line.match_indices("yoshino ") {
            let before = line[..at].trim_end();
            let begins = before.is_empty()
                || before.trim_start() == "-"
                || before.ends_with(['|', ';', '&', '"', '`', '('])
                || before.ends_with("run:");
            if !begins {
                continue;
            }
            let rest = &line[at + "yoshino ".len()..];
            let end = rest.find([';', '|', '>', '&', '`', ')']).unwrap_or(rest.len());
            let words = rest[..end].trim_end_matches(['"', ']', ',']).split_whitespace();
            found.push(words.map(filled).collect());
        }
    }
    found
}

/// Returns a word of a shell as a program sees it, `x` for each variable.
fn filled(word: &str) -> String {
    let mut parts = word.split('$');
    let first = parts.next().unwrap_or_default().to_owned();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let rest = parts.map(|part| format!("x{}", part.trim_start_matches(is_name)));
    [first].into_iter().chain(rest).collect::<String>().replace('"', "")
}

#[test]
fn every_command_of_the_starters_ci_is_one_of_yoshinos() -> TestResult {
    let folder = TempFolder::new()?;
    let mut verbs = BTreeSet::new();
    for (path, text) in files_for_ci()? {
        for words in commands(&text) {
            let arguments: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
            verbs.insert(words[0].clone());
            if words == ["--version"] {
                continue;
            }
            yoshino(folder.path(), &arguments).map_err(|refusal| format!("{path}: {refusal}"))?;
        }
    }
    let expected = ["--version", "check", "diff", "pick", "release", "render", "test"];
    assert_eq!(verbs.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    Ok(())
}

#[test]
fn actions_and_images_are_pinned_and_shells_get_no_text_of_others() -> TestResult {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    for (path, text) in files_for_ci()? {
        let mut block: Option<usize> = None;
        for line in text.lines() {
            let indent = line.len() - line.trim_start().len();
            if let Some(action) = line.trim_start().trim_start_matches("- ").strip_prefix("uses: ") {
                let (pinned, version) = action.split_once(" # ").ok_or(action)?;
                let id = pinned.split_once('@').ok_or(pinned)?.1;
                assert!(id.len() == 40 && is_hex(id) && version.starts_with('v'), "{path}: {line}");
            }
            if let Some(image) = line.trim_start().strip_prefix("image: ") {
                let digest = image.split_once("@sha256:").ok_or(image)?.1;
                assert!(digest.len() == 64 && is_hex(digest), "{path}: {line}");
            }
            block = block.filter(|start| indent > *start || line.is_empty());
            if line.trim_start().starts_with("run: ") {
                block = Some(indent);
            }
            assert!(block.is_none() || !line.contains("${{"), "{path}: {line}");
        }
        if path.starts_with(".github/") {
            assert!(text.contains("\npermissions: {}\n") && !text.contains("pull_request_target"), "{path}");
            let jobs = text.matches("runs-on: ").count();
            assert_eq!(text.matches("timeout-minutes: ").count(), jobs, "{path}");
            let checkouts = text.matches("actions/checkout@").count();
            assert_eq!(text.matches("persist-credentials: false").count(), checkouts, "{path}");
        }
    }
    Ok(())
}

#[test]
fn ci_says_what_is_missing_until_it_is_told_where_yoshino_comes_from() -> TestResult {
    let folder = starter()?;
    let output = isolated("sh", folder.path()).arg(".yoshino/install").output()?;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("say where yoshino comes from"), "{}", said(&output));
    Ok(())
}

/// Returns the block of literal text in a YAML file that holds `part`, as a shell is given it.
fn script<'a>(text: &'a str, part: &str) -> Result<String, Box<dyn Error>> {
    let lines: Vec<&'a str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let at = lines.iter().position(|line| line.contains(part)).ok_or("the block is there")?;
    let start = lines[..at].iter().rposition(|line| line.ends_with('|')).ok_or("it begins")?;
    let own = indent(lines[start]);
    let block = lines[start + 1..].iter().take_while(|line| line.is_empty() || indent(line) > own);
    Ok(block.map(|line| format!("{}\n", line.get(indent(lines[start + 1])..).unwrap_or_default())).collect())
}

/// Makes a clone of a starter that has two minor branches, picks for both of them, and a pick in conflict.
fn clone_with_picks() -> Result<TempFolder, Box<dyn Error>> {
    let folder = starter()?;
    git(folder.path(), &["add", "--all"])?;
    git(folder.path(), &["commit", "--quiet", "--message", "a fleet"])?;
    for branch in ["release/1.35", "release/1.36"] {
        git(folder.path(), &["branch", branch])?;
    }
    git(folder.path(), &["clone", "--quiet", "--bare", ".", ".git/remote"])?;
    git(&folder.join(".git/remote"), &["config", "receive.advertisePushOptions", "true"])?;
    git(folder.path(), &["clone", "--quiet", ".git/remote", ".git/clone"])?;
    let clone = folder.join(".git/clone");
    for branch in ["picks/1.35/0123456789ab", "picks/1.36/0123456789ab", "picks/1.36/ba9876543210-conflict"] {
        git(
            &clone,
            &["switch", "--quiet", "--create", branch, &format!("origin/release/{}", &branch[6..10])],
        )?;
        git(&clone, &["commit", "--quiet", "--allow-empty", "--message", "a \"pick\" $(id)"])?;
    }
    git(&clone, &["switch", "--quiet", "main"])?;
    Ok(folder)
}

#[test]
fn a_pull_request_is_opened_for_each_branch_of_picks_that_has_none() -> TestResult {
    let folder = clone_with_picks()?;
    let clone = folder.join(".git/clone");
    // It was pushed by a run that was killed before it opened the pull request.
    git(&clone, &["push", "--quiet", "origin", "picks/1.35/0123456789ab"])?;
    git(&clone, &["branch", "--quiet", "--delete", "--force", "picks/1.35/0123456789ab"])?;
    let text = std::fs::read_to_string(folder.join(".github/workflows/picks.yaml"))?;
    folder.write("run", &script(&text, "refs/heads/picks/")?)?;
    folder.write(
        "bin/gh",
        "#!/bin/sh\nif [ \"$2\" = list ]; then case $* in *1.36/0123*) echo 1 ;; *) echo 0 ;; esac; exit; fi\necho \"$*\" >>../../said; cat body.md >>../../said\n",
    )?;
    std::fs::set_permissions(folder.join("bin/gh"), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH")?);

    let run = isolated("bash", &clone).args(["-eo", "pipefail", "../../run"]).env("PATH", path).output()?;

    assert!(run.status.success(), "{}", said(&run));
    let expected = "pr create --head picks/1.35/0123456789ab --base release/1.35 --title Picks to 1.35 --body-file body.md\n\
        - a \"pick\" $(id)\n\
        pr create --head picks/1.36/ba9876543210-conflict --base release/1.36 --draft --title Pick to 1.36, in conflict --body-file body.md\n\
        - a \"pick\" $(id)\n";
    assert_eq!(std::fs::read_to_string(folder.join("said"))?, expected);
    Ok(())
}

#[test]
fn a_merge_request_is_opened_as_the_branches_of_picks_are_pushed() -> TestResult {
    let folder = clone_with_picks()?;
    let clone = folder.join(".git/clone");
    let text = std::fs::read_to_string(folder.join(".gitlab-ci.yml"))?;
    folder.write("run", &script(&text, "refs/heads/picks/")?)?;
    let hook = "#!/bin/sh\nread -r _ _ ref\necho \"$ref\" >>../../said\ni=0\nwhile [ $i -lt $GIT_PUSH_OPTION_COUNT ]; do\n  eval \"echo \\\"  \\$GIT_PUSH_OPTION_$i\\\"\" >>../../said\n  i=$((i + 1))\ndone\n";
    folder.write(".git/remote/hooks/pre-receive", hook)?;
    let hook = folder.join(".git/remote/hooks/pre-receive");
    std::fs::set_permissions(hook, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let run = || isolated("bash", &clone).args(["-eo", "pipefail", "../../run"]).output();

    let first = run()?;
    let second = run()?;

    assert!(first.status.success() && second.status.success(), "{}{}", said(&first), said(&second));
    let expected = "refs/heads/picks/1.35/0123456789ab\n  merge_request.create\n  merge_request.target=release/1.35\n  merge_request.title=Picks to 1.35\n\
        refs/heads/picks/1.36/0123456789ab\n  merge_request.create\n  merge_request.target=release/1.36\n  merge_request.title=Picks to 1.36\n\
        refs/heads/picks/1.36/ba9876543210-conflict\n  merge_request.create\n  merge_request.target=release/1.36\n  merge_request.draft\n  merge_request.title=Pick to 1.36, in conflict\n";
    assert_eq!(std::fs::read_to_string(folder.join("said"))?, expected, "once");
    Ok(())
}

#[test]
fn a_commit_of_trunk_becomes_a_branch_for_a_pull_request_that_verifies() -> TestResult {
    let folder = starter()?;
    let remote = TempFolder::new()?;
    git(folder.path(), &["add", "--all"])?;
    git(folder.path(), &["commit", "--quiet", "--message", "a fleet"])?;
    yoshino(folder.path(), &["branch", "cut", "1.36", "--out-of-order"])?;
    let addon = folder.join("addons/metrics-server/addon.yaml");
    std::fs::write(&addon, std::fs::read_to_string(&addon)?.replace("version: 3.13.1", "version: 3.13.2"))?;
    yoshino(folder.path(), &["render"])?;
    git(folder.path(), &["commit", "--quiet", "--all", "--message", "addons: metrics-server 3.13.2"])?;
    git(folder.path(), &["clone", "--quiet", "--bare", ".", remote.path().to_str().ok_or("UTF-8")?])?;
    let work = TempFolder::new()?;
    let clone = work.join("clone");
    git(work.path(), &["clone", "--quiet", remote.path().to_str().ok_or("UTF-8")?, "clone"])?;
    let text = std::fs::read_to_string(clone.join(".github/workflows/picks.yaml"))?;
    work.write("run", &script(&text, "pick apply")?)?;
    work.write("bin/gh", "#!/bin/sh\n[ \"$*\" = 'auth setup-git' ]\n")?;
    std::fs::set_permissions(work.join("bin/gh"), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let bin = Path::new(YOSHINO).parent().unwrap_or(Path::new(""));
    let path = format!("{}:{}:{}", work.join("bin").display(), bin.display(), std::env::var("PATH")?);

    let run = isolated("bash", &clone).args(["-eo", "pipefail", "../run"]).env("PATH", path).output()?;

    assert!(run.status.success(), "{}", said(&run));
    let tip = git(&clone, &["rev-parse", "--short=12", "main"])?;
    let branch = format!("picks/1.36/{tip}");
    let subjects = git(remote.path(), &["log", "--format=%s", &format!("release/1.36..{branch}")])?;
    assert_eq!(subjects, "addons: metrics-server 3.13.2", "{}", said(&run));
    // What GitHub checks out for the pull request.
    git(&clone, &["switch", "--quiet", "--detach", "origin/release/1.36"])?;
    git(&clone, &["merge", "--quiet", "--no-ff", "--no-edit", &branch])?;
    for arguments in [["check"].as_slice(), &["test"], &["pick", "verify", "HEAD^1..HEAD^2"]] {
        yoshino(&clone, arguments)?;
    }
    Ok(())
}
