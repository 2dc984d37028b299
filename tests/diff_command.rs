//! `yoshino diff` in repositories of the tests' own: what is compared with what, what lets a change through, and how it
//! reads.
#![allow(clippy::disallowed_methods, reason = "the tests run the binary on files of their own")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use git2::{Oid, Repository, Signature};

type TestResult = Result<(), Box<dyn Error>>;

const FLEET: &[(&str, &str)] = &[
    (
        "fleet.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: ake.example.com\n  repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.35\"]\n  management: [{name: east}]\n",
    ),
    ("tenants/blue.yaml", "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: blue}\n"),
    (
        "clusters/_defaults.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: ClusterDefaults\nspec: {project: blue, provider: docker, kubernetes: v1.35.1, controlPlane: {replicas: 3}}\n",
    ),
    (
        "clusters/web.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {name: web}\nspec:\n  nodePools: [{name: default, replicas: 3}]\n",
    ),
    (
        "clusters/db.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\nmetadata: {name: db}\nspec:\n  nodePools: [{name: default, replicas: 2}]\n",
    ),
    (
        "addons/cilium/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: cilium}\nspec:\n  namespace: kube-system\n  enable: {default: true}\n  source: {helm: {repository: https://helm.cilium.io, chart: cilium, version: 1.20.3, values: {mtu: 1500}}}\n",
    ),
    ("templates/docker/cluster.yaml.j2", include_str!("../templates/docker/cluster.yaml.j2")),
    ("templates/docker/machines.yaml.j2", include_str!("../templates/docker/machines.yaml.j2")),
    ("templates/docker/schema.json", include_str!("../templates/docker/schema.json")),
    ("templates/docker/impact.yaml", include_str!("../templates/docker/impact.yaml")),
];

/// A repository with the fleet on its branch `main`.
struct Fleet {
    folder: PathBuf,
    repository: Repository,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
struct Ran {
    exit: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Fleet {
    fn new(test: &str) -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diff").join(test);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let repository =
            Repository::init_opts(&folder, git2::RepositoryInitOptions::new().initial_head("main"))?;
        let fleet = Self { folder, repository };
        for (path, text) in FLEET {
            fleet.write(path, text)?;
        }
        fleet.commit("a fleet")?;
        Ok(fleet)
    }

    fn write(&self, path: &str, text: &str) -> TestResult {
        let path = self.folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        Ok(std::fs::write(path, text)?)
    }

    fn edit(&self, path: &str, from: &str, to: &str) -> TestResult {
        let text = std::fs::read_to_string(self.folder.join(path))?;
        assert!(text.contains(from), "{path} holds no `{from}`");
        self.write(path, &text.replace(from, to))
    }

    fn remove(&self, path: &str) -> TestResult {
        Ok(std::fs::remove_file(self.folder.join(path))?)
    }

    /// Commits the work tree.
    fn commit(&self, message: &str) -> Result<Oid, Box<dyn Error>> {
        let mut index = self.repository.index()?;
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None)?;
        index.update_all(["*"], None)?;
        index.write()?;
        let tree = self.repository.find_tree(index.write_tree()?)?;
        let author = Signature::new("A", "a@example.com", &git2::Time::new(0, 0))?;
        let parent = self.repository.head().and_then(|head| head.peel_to_commit()).ok();
        let parents: Vec<_> = parent.iter().collect();
        Ok(self.repository.commit(Some("HEAD"), &author, &author, message, &tree, &parents)?)
    }

    /// Goes to a new branch.
    fn branch(&self, name: &str) -> TestResult {
        let head = self.repository.head()?.peel_to_commit()?;
        self.repository.branch(name, &head, false)?;
        Ok(self.repository.set_head(&format!("refs/heads/{name}"))?)
    }

    fn run(&self, arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yoshino"));
        let output = command.arg("-C").arg(&self.folder).args(arguments).env_remove("NO_COLOR").output()?;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes);
        Ok(Ran { exit: output.status.code(), stdout: text(output.stdout)?, stderr: text(output.stderr)? })
    }

    fn diff(&self, arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
        self.run(&[&["diff"], arguments].concat())
    }
}

/// Returns the first line without its commit ids.
fn heading(ran: &Ran) -> String {
    let line = ran.stdout.lines().next().unwrap_or_default();
    let word = |word: &str| match word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => "COMMIT".to_owned(),
        false => word.to_owned(),
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn body(ran: &Ran) -> &str {
    ran.stdout.split_once('\n').map_or("", |(_, body)| body)
}

#[test]
fn a_work_tree_is_compared_with_where_it_left_the_trunk() -> TestResult {
    let fleet = Fleet::new("merge-base")?;
    fleet.branch("topic")?;
    fleet.edit("addons/cilium/addon.yaml", "1.20.3", "1.20.4")?;
    fleet.commit("newer cilium")?;
    fleet.edit("clusters/db.yaml", "replicas: 2", "replicas: 4")?;

    let ran = fleet.diff(&[])?;

    assert_eq!(heading(&ran), "COMMIT → the work tree");
    assert_eq!(
        body(&ran),
        "\
upgrades 2, changes 1

upgrades
  Application cilium-blue-* of 2 clusters
    the chart `cilium` from 1.20.3 to 1.20.4
    blue/db, blue/web
    /spec/sources/0/targetRevision: 1.20.3 → 1.20.4

changes
  MachineDeployment db-default of blue/db
    taken over in place
    2 machines more
    /spec/replicas: 2 → 4
"
    );
    assert_eq!((ran.exit, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(fleet.diff(&["--exit-code"])?.exit, Some(1));
    let committed = fleet.diff(&["main", "topic"])?;
    assert_eq!(heading(&committed), "main → topic");
    assert!(!committed.stdout.contains("MachineDeployment"));
    let same = fleet.diff(&["--exit-code", "topic", "topic"])?;
    assert_eq!((body(&same), same.exit), ("nothing changes\n", Some(0)));
    Ok(())
}

#[test]
fn on_the_trunk_the_work_tree_is_compared_with_its_own_commit() -> TestResult {
    let fleet = Fleet::new("on-trunk")?;
    fleet.edit("addons/cilium/addon.yaml", "mtu: 1500", "mtu: 1450")?;
    fleet.commit("smaller packets")?;

    assert_eq!(body(&fleet.diff(&[])?), "nothing changes\n");

    let head = fleet.repository.head()?.peel_to_commit()?;
    fleet.repository.set_head_detached(head.id())?;
    fleet.repository.find_branch("main", git2::BranchType::Local)?.delete()?;
    let lost = fleet.diff(&[])?;
    assert_eq!(lost.exit, Some(2));
    assert!(lost.stderr.contains("there is no branch `main` here, nor `origin/main`"), "{}", lost.stderr);
    fleet.repository.reference("refs/remotes/origin/main", head.parent_id(0)?, false, "fetched")?;
    assert_eq!(body(&fleet.diff(&[])?).lines().next(), Some("changes 2"));
    Ok(())
}

#[test]
fn more_than_is_let_through_names_the_line_that_lets_it_through() -> TestResult {
    let fleet = Fleet::new("limits")?;
    fleet.branch("topic")?;
    fleet.remove("clusters/db.yaml")?;
    fleet.commit("no more db\n\nAllow: applications=2\n")?;

    let ran = fleet.diff(&["--exit-code"])?;

    assert_eq!(
        body(&ran),
        "\
destroys 2

destroys
  Application cilium-blue-db of blue/db: workloads are orphaned
    its cluster's Secret goes away, so Argo CD cannot reach what it installed
    it was installed from the chart `cilium` 1.20.3 of https://helm.cilium.io
  Cluster db of blue/db
    3 control plane machines and 2 nodes go with it
    it waits for confirmation in Argo CD
"
    );
    assert_eq!(
        ran.stderr,
        "\
error: 1 Application is deleted, and 0 are let through (`limits.applications`)
  to let exactly these through, end a commit message with the line `Allow: applications=1`, or give `--allow applications=1`
error: 1 cluster is destroyed, and 0 are let through (`limits.clusters`)
  to let exactly these through, end a commit message with the line `Allow: clusters=1`, or give `--allow clusters=1`
"
    );
    assert_eq!(ran.exit, Some(3));
    assert_eq!(fleet.diff(&["--allow", "applications=1", "--allow", "clusters=1"])?.exit, Some(0));
    assert_eq!(fleet.diff(&["--allow", "applications=1", "--allow", "clusters=2"])?.exit, Some(3));
    assert_eq!(fleet.diff(&["--allow", "cluster=1"])?.exit, Some(2));
    fleet.commit("words\n\nallow: applications=1, clusters=1\nSigned-off-by: A <a@example.com>\n")?;
    assert_eq!(fleet.diff(&[])?.exit, Some(0));
    assert_eq!(fleet.diff(&["main", "topic"])?.exit, Some(0));
    assert_eq!(fleet.diff(&["main", "topic~1"])?.exit, Some(3));
    Ok(())
}

#[test]
fn the_limits_are_those_of_the_base() -> TestResult {
    let fleet = Fleet::new("limits-of-base")?;
    fleet.edit("fleet.yaml", "  minors:", "  limits: {clusters: 1, applications: 1}\n  minors:")?;
    let lax = fleet.commit("lax")?.to_string();
    fleet.remove("clusters/db.yaml")?;
    let gone = fleet.commit("no more db")?.to_string();

    assert_eq!(fleet.diff(&[&lax, &gone])?.exit, Some(0));
    assert_eq!(fleet.diff(&[&format!("{lax}~1"), &gone])?.exit, Some(3));
    Ok(())
}

#[test]
fn a_side_that_cannot_be_rendered_is_named() -> TestResult {
    let fleet = Fleet::new("broken")?;
    fleet.edit("clusters/db.yaml", "replicas: 2", "replica: 2")?;

    let broken_head = fleet.diff(&[])?;

    assert_eq!((broken_head.exit, broken_head.stdout.as_str()), (Some(2), ""));
    let starts =
        "error[diff-side]: the head cannot be rendered\n\nerror[unknown-field]: unknown field `replica`\n";
    assert!(broken_head.stderr.starts_with(starts), "{}", broken_head.stderr);
    fleet.commit("broken")?;
    fleet.edit("clusters/db.yaml", "replica: 2", "replicas: 2")?;
    let broken_base = fleet.diff(&[])?;
    assert_eq!(broken_base.exit, Some(2));
    assert!(broken_base.stderr.starts_with("error[diff-side]: the base cannot be rendered\n"));
    let unknown = fleet.diff(&["nowhere"])?;
    assert_eq!(unknown.exit, Some(2));
    assert!(unknown.stderr.contains("there is no revision `nowhere`"), "{}", unknown.stderr);
    Ok(())
}

#[test]
fn committed_outputs_are_compared_as_they_are() -> TestResult {
    let fleet = Fleet::new("rendered")?;
    let nothing = fleet.diff(&["--rendered"])?;
    assert_eq!(nothing.exit, Some(2));
    assert!(nothing.stderr.contains("has no output to compare: there is nothing in `rendered/`"));
    assert_eq!(fleet.run(&["render"])?.exit, Some(0));
    fleet.commit("rendered")?;
    fleet.edit("addons/cilium/addon.yaml", "1.20.3", "1.20.4")?;
    fleet.edit(
        "clusters/web.yaml",
        "replicas: 3",
        "replicas: 3, kubeadm: {kubelet: {extraArgs: {v: \"4\"}}}",
    )?;

    assert_eq!(body(&fleet.diff(&["--rendered"])?), "nothing changes\n");

    assert_eq!(fleet.run(&["render"])?.exit, Some(0));
    let (rendered, committed) = (fleet.diff(&[])?, fleet.diff(&["--rendered"])?);
    assert_eq!(
        body(&committed),
        "\
replaces 1, upgrades 2

replaces
  MachineDeployment web-default of blue/web: 3 nodes rolled
    the machines are set up from another template: `web-default-e4b934a0` → `web-default-67ca33e8`
    KubeadmConfigTemplate/web-default#/spec/template/spec/joinConfiguration/nodeRegistration/kubeletExtraArgs/2: + {\"name\":\"v\",\"value\":\"4\"}

upgrades
  Application cilium-blue-* of 2 clusters
    the chart `cilium` from 1.20.3 to 1.20.4
    blue/db, blue/web
    /spec/sources/0/targetRevision: 1.20.3 → 1.20.4
"
    );
    assert_eq!(body(&rendered), body(&committed));
    Ok(())
}

#[test]
fn an_output_on_a_branch_of_its_own_is_compared_there() -> TestResult {
    let fleet = Fleet::new("output-branch")?;
    fleet.edit("fleet.yaml", "  minors:", "  output: {branch: rendered}\n  minors:")?;
    fleet.commit("on a branch")?;
    let refused = fleet.diff(&["--rendered"])?;
    assert_eq!(refused.exit, Some(2));
    assert!(refused.stderr.contains("its output is on the branch `rendered`"), "{}", refused.stderr);
    let mut outputs = Vec::new();
    for version in ["1.20.3", "1.20.4"] {
        let out = fleet.folder.join("../output-branch-out");
        fleet.edit("addons/cilium/addon.yaml", "1.20.3", version)?;
        assert_eq!(fleet.run(&["render", "--out", "../output-branch-out"])?.exit, Some(0));
        outputs.push(commit_output(&fleet, &out)?.to_string());
    }

    let ran = fleet.diff(&["--rendered", &outputs[0], &outputs[1]])?;

    assert_eq!(body(&ran).lines().next(), Some("upgrades 2"), "{ran:?}");
    Ok(())
}

/// Commits a folder as a tree of its own.
fn commit_output(fleet: &Fleet, folder: &Path) -> Result<Oid, Box<dyn Error>> {
    fn tree(repository: &Repository, folder: &Path) -> Result<Oid, Box<dyn Error>> {
        let mut builder = repository.treebuilder(None)?;
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let (id, mode) = match entry.file_type()?.is_dir() {
                true => (tree(repository, &entry.path())?, 0o040_000),
                false => (repository.blob(&std::fs::read(entry.path())?)?, 0o100_644),
            };
            builder.insert(entry.file_name(), id, mode)?;
        }
        Ok(builder.write()?)
    }
    let tree = fleet.repository.find_tree(tree(&fleet.repository, folder)?)?;
    let author = Signature::new("A", "a@example.com", &git2::Time::new(0, 0))?;
    Ok(fleet.repository.commit(None, &author, &author, "output", &tree, &[])?)
}

#[test]
fn the_json_has_the_shape_that_is_published() -> TestResult {
    let fleet = Fleet::new("json")?;
    fleet.remove("clusters/db.yaml")?;

    let ran = fleet.diff(&["--format", "json"])?;

    assert_eq!(ran.exit, Some(3));
    let json: serde_json::Value = serde_json::from_str(&ran.stdout)?;
    assert_eq!(json["head"], "the work tree");
    assert_eq!(json["summary"]["destroys"], 2);
    assert_eq!(
        json["applications"]["removed"],
        serde_json::json!([{"name": "cilium-blue-db", "management": "east", "project": "blue", "cluster": "db", "addon": "cilium"}])
    );
    assert_eq!(json["limits"]["clusters"], serde_json::json!({"found": 1, "allowed": 0}));
    assert_eq!(json["limits"]["nodes"], serde_json::json!({"found": 0, "allowed": 0}));
    assert_eq!(json["limits"]["controlPlanes"], serde_json::json!({"found": 0, "allowed": 3}));
    Ok(())
}

#[test]
fn colour_is_for_those_who_ask() -> TestResult {
    let fleet = Fleet::new("colour")?;
    fleet.edit("clusters/db.yaml", "replicas: 2", "replicas: 1")?;

    let ran = fleet.diff(&["--color", "always"])?;

    let expected = "\u{1b}[1mchanges 1\u{1b}[0m\n\n\u{1b}[1mchanges\u{1b}[0m\n  MachineDeployment db-default of blue/db\n    taken over in place\n    1 machine fewer\n    /spec/replicas: \u{1b}[31m2\u{1b}[0m → \u{1b}[32m1\u{1b}[0m\n";
    assert_eq!(body(&ran), expected);
    Ok(())
}
