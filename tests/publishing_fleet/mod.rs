//! A git repository with a fleet, for tests that run the binary on it.
#![allow(dead_code, reason = "every file of tests uses a part of it")]
#![allow(clippy::disallowed_methods, reason = "tests make files and start processes")]

use std::path::Path;
use std::process::{Command, Output};

use git2::{Oid, Repository};

#[path = "../../src/tree/temp.rs"]
pub mod temp;

use temp::TempFolder;

pub type Problem = Box<dyn std::error::Error + Send + Sync>;
pub type TestResult = Result<(), Problem>;

const FLEET: [(&str, &str); 6] = [
    (
        "fleet.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Fleet\nmetadata: {name: ake}\nspec:\n  labelDomain: ake.example.com\n  \
         repository: {url: https://git.example.com/fleet.git}\n  minors: [\"1.35\"]\n  management: [{name: m}]\n",
    ),
    ("tenants/blue.yaml", "apiVersion: yoshino.dev/v1alpha1\nkind: Tenant\nmetadata: {name: blue}\n"),
    (
        "templates/mine/a.yaml.j2",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {}\n---\napiVersion: v1\nkind: \
         ConfigMap\nmetadata:\n  name: two\ndata:\n  version: ${{ cluster.kubernetes }}\n",
    ),
    ("templates/mine/schema.json", "{}"),
    ("templates/mine/impact.yaml", "kind: Impact\nspec: {kubeadm: true, rules: []}\n"),
    (
        "addons/dns/addon.yaml",
        "apiVersion: yoshino.dev/v1alpha1\nkind: Addon\nmetadata: {name: dns}\nspec:\n  namespace: kube-system\n  enable: \
         {default: true}\n  source: {helm: {repository: https://charts.example.com, chart: dns, version: 1.0.0}}\n",
    ),
];

/// A fleet on the branch `main`, which is checked out.
pub struct Fleet {
    pub folder: TempFolder,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub exit: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { exit: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Fleet {
    /// Makes a fleet with one cluster, `blue/web`; `output` is the Fleet's `output`.
    pub fn new(output: &str) -> Result<Self, Problem> {
        let fleet = Self { folder: TempFolder::in_memory()? };
        let options = &mut git2::RepositoryInitOptions::new();
        Repository::init_opts(fleet.path(), options.initial_head("main").external_template(false))?;
        for (path, text) in FLEET {
            fleet.folder.write(path, text)?;
        }
        let text = format!("{}  output: {output}\n", FLEET[0].1);
        fleet.folder.write("fleet.yaml", &text)?;
        fleet.cluster("web", "v1.35.1")?;
        fleet.commit("a fleet")?;
        Ok(fleet)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn cluster(&self, name: &str, version: &str) -> TestResult {
        let spec = format!("spec: {{project: blue, provider: mine, kubernetes: {version}}}\n");
        let head = "apiVersion: yoshino.dev/v1alpha1\nkind: Cluster\n";
        let text = format!("{head}metadata: {{name: {name}}}\n{spec}");
        Ok(self.folder.write(&format!("clusters/{name}.yaml"), &text)?)
    }

    /// Commits the work tree.
    pub fn commit(&self, message: &str) -> Result<Oid, Problem> {
        self.git(&["add", "--all"])?;
        self.git(&[
            "-c",
            "user.name=Grace",
            "-c",
            "user.email=grace@example.com",
            "commit",
            "-q",
            "-m",
            message,
        ])?;
        Ok(Oid::from_str(&self.id("HEAD")?)?)
    }

    /// Returns the full id of a revision.
    pub fn id(&self, revision: &str) -> Result<String, Problem> {
        Ok(self.git(&["rev-parse", "--verify", "-q", revision])?.trim_end().to_owned())
    }

    /// Runs git; fails where git does.
    pub fn git(&self, arguments: &[&str]) -> Result<String, Problem> {
        git_in(self.path(), arguments)
    }

    /// Returns the command that runs the binary on the fleet, as Ada.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yoshino"));
        command
            .arg("-C")
            .arg(self.path())
            .args(["--jobs", "1"])
            .args(arguments)
            .env_remove("LD_LIBRARY_PATH");
        fix_environment(&mut command);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Result<Ran, Problem> {
        Ok(self.command(arguments).output()?.into())
    }

    /// Makes a bare repository beside, and names it `origin`.
    pub fn with_origin(&self) -> Result<TempFolder, Problem> {
        let origin = TempFolder::in_memory()?;
        Repository::init_bare(origin.path())?;
        self.git(&["remote", "add", "origin", &origin.path().display().to_string()])?;
        self.git(&["push", "-q", "origin", "main"])?;
        Ok(origin)
    }
}

/// Runs git in a folder; fails where git does.
pub fn git_in(folder: &Path, arguments: &[&str]) -> Result<String, Problem> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    fix_environment(&mut command);
    let output = command.output()?;
    if !output.status.success() {
        return Err(
            format!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// No configuration but the repository's, one committer, one moment.
pub fn fix_environment(command: &mut Command) {
    let variables = [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_COMMITTER_NAME", "Ada"),
        ("GIT_COMMITTER_EMAIL", "ada@example.com"),
        ("GIT_COMMITTER_DATE", "@1763700000 +0900"),
        ("GIT_AUTHOR_DATE", "@1763600000 +0900"),
        ("LC_ALL", "C"),
    ];
    command.envs(variables);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "NO_COLOR"] {
        command.env_remove(name);
    }
}
