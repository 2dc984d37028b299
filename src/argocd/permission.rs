//! What an AppProject lets the Applications of it do.
//!
//! Follows `IsSourcePermitted`, `IsDestinationPermitted` and `IsGroupKindNamePermitted` of Argo CD 3.5.1
//! (`pkg/apis/application/v1alpha1`). Whether only clusters of the project itself count is not looked at.

use serde_json::Value;

use super::field;
use super::glob::matches;
use super::go_url::rewritten;

/// What a project permits.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    sources: Vec<Pattern>,
    destinations: Vec<Destination>,
    kinds: Vec<Kinds>,
    forbidden_kinds: Vec<Kinds>,
    /// Namespaces other than Argo CD's in which its Applications may lie.
    pub namespaces: Vec<String>,
}

/// A pattern that begins with `!` denies what it matches.
#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    denies: bool,
}

#[derive(Clone, Debug)]
struct Destination {
    name: Pattern,
    server: Pattern,
    namespace: Pattern,
}

#[derive(Clone, Debug)]
struct Kinds {
    group: String,
    kind: String,
    name: String,
}

impl Permissions {
    /// Reads an AppProject.
    pub fn read(project: &Value) -> Self {
        let spec = field::at(project, &["spec"]);
        let list = |key: &str| field::at(spec, &[key]).as_array().map(Vec::as_slice).unwrap_or_default();
        let texts = |key: &str| list(key).iter().filter_map(Value::as_str);
        Self {
            sources: texts("sourceRepos").map(Pattern::of_repository).collect(),
            destinations: list("destinations").iter().map(Destination::read).collect(),
            kinds: list("clusterResourceWhitelist").iter().map(Kinds::read).collect(),
            forbidden_kinds: list("clusterResourceBlacklist").iter().map(Kinds::read).collect(),
            namespaces: texts("sourceNamespaces").map(str::to_owned).collect(),
        }
    }

    /// Returns what the project `default` permits as Argo CD makes it: everything.
    pub fn everything() -> Self {
        let any = || Pattern::new("*");
        let any_kind = Kinds { group: "*".into(), kind: "*".into(), name: String::new() };
        Self {
            sources: vec![any()],
            destinations: vec![Destination { name: Pattern::new(""), server: any(), namespace: any() }],
            kinds: vec![any_kind],
            ..Self::default()
        }
    }

    /// Returns whether manifests may come from a repository.
    pub fn permits_source(&self, repository: &str) -> bool {
        let url = normalized_url(repository);
        let mut is_matched = false;
        for pattern in &self.sources {
            match pattern.matches(&url, Some('/')) {
                true => is_matched = true,
                false if pattern.denies => return false,
                false => {}
            }
        }
        is_matched
    }

    /// Returns whether manifests may go to a namespace of a cluster, which has this display name and server.
    pub fn permits_destination(&self, name: &str, server: &str, namespace: &str) -> bool {
        let mut is_matched = false;
        for item in &self.destinations {
            let by_name = !name.is_empty() && item.name.matches(name, None);
            let by_server = !server.is_empty() && item.server.matches(server, None);
            let in_namespace = item.namespace.matches(namespace, None);
            if (by_server || by_name) && in_namespace {
                is_matched = true;
            } else if (!by_name && item.name.denies)
                || (!by_server && item.server.denies && in_namespace)
                || (!in_namespace && item.namespace.denies && by_server)
            {
                return false;
            }
        }
        is_matched
    }

    /// Returns whether objects of every kind without a namespace may be made.
    pub fn permit_all_kinds(&self) -> bool {
        let is_any = |kinds: &Kinds| kinds.group == "*" && kinds.kind == "*" && kinds.name.is_empty();
        self.forbidden_kinds.is_empty() && self.kinds.iter().any(is_any)
    }

    /// Returns whether objects of a kind without a namespace may be made, whatever their name.
    pub fn permits_kind(&self, group: &str, kind: &str) -> bool {
        let is_in = |list: &[Kinds], is_for_all: bool| {
            list.iter().any(|kinds| kinds.hold(group, kind) && (is_for_all || kinds.name.is_empty()))
        };
        is_in(&self.kinds, true) && !is_in(&self.forbidden_kinds, false)
    }
}

impl Pattern {
    fn new(text: &str) -> Self {
        let denied = text.strip_prefix('!');
        Self { text: denied.unwrap_or(text).to_owned(), denies: denied.is_some() }
    }

    fn of_repository(text: &str) -> Self {
        let pattern = Self::new(text);
        Self { text: normalized_url(&pattern.text), ..pattern }
    }

    fn matches(&self, text: &str, separator: Option<char>) -> bool {
        match self.denies {
            true => !matches(&self.text, text, separator),
            false => self.text == "*" || matches(&self.text, text, separator),
        }
    }
}

impl Destination {
    fn read(item: &Value) -> Self {
        let pattern = |key: &str| Pattern::new(field::text(item, &[key]));
        Self { name: pattern("name"), server: pattern("server"), namespace: pattern("namespace") }
    }
}

impl Kinds {
    fn read(item: &Value) -> Self {
        let text = |key: &str| field::text(item, &[key]).to_owned();
        Self { group: text("group"), kind: text("kind"), name: text("name") }
    }

    fn hold(&self, group: &str, kind: &str) -> bool {
        matches(&self.kind, kind, Some('/')) && matches(&self.group, group, Some('/'))
    }
}

/// Returns a repository's URL in the form in which equal ones are equal.
fn normalized_url(url: &str) -> String {
    let mut url = url.trim().to_lowercase();
    if is_ssh(&url) && !url.starts_with("ssh://") {
        url = url.replacen(':', "/", 1);
    }
    let url = url.strip_suffix(".git").unwrap_or(&url);
    let url = rewritten(url).unwrap_or_default();
    url.strip_prefix("ssh://").unwrap_or(&url).to_owned()
}

/// Returns whether a URL is that of a user on a host: `git@example.com:a/b`.
fn is_ssh(url: &str) -> bool {
    let rest = url.strip_prefix("ssh://").unwrap_or(url);
    let Some((user, behind)) = rest.split_once('@') else { return false };
    !user.contains(['/', ':']) && !behind.is_empty() && !behind.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AppProjects and what each permits; `tests/oracle` asks Argo CD's own code the same.
    const RECORDED: &str = include_str!("../../tests/recorded/permissions.json");

    #[test]
    fn projects_permit_what_argo_cd_says() -> Result<(), serde_json::Error> {
        let cases: Vec<Value> = serde_json::from_str(RECORDED)?;
        let list = |case: &Value, key: &str| case[key].as_array().cloned().unwrap_or_default();
        let text = |asked: &Value, at: usize| asked[at].as_str().unwrap_or_default().to_owned();
        for case in &cases {
            let project = Permissions::read(case);
            for (url, expected) in case["sources"].as_object().into_iter().flatten() {
                assert_eq!(Value::from(project.permits_source(url)), *expected, "{} {url}", case["about"]);
            }
            for asked in list(case, "destinations") {
                let found = project.permits_destination(&text(&asked, 0), &text(&asked, 1), &text(&asked, 2));
                assert_eq!(Value::from(found), asked[3], "{} {asked}", case["about"]);
            }
            for asked in list(case, "kinds") {
                let found = project.permits_kind(&text(&asked, 0), &text(&asked, 1));
                assert_eq!(Value::from(found), asked[2], "{} {asked}", case["about"]);
            }
        }
        assert!(cases.len() > 5);
        Ok(())
    }

    #[test]
    fn the_project_that_argo_cd_makes_permits_everything() {
        let project = Permissions::everything();
        assert!(project.permits_source("https://git.example.com/a"));
        assert!(project.permits_destination("blue", "https://1", "shop"));
        assert!(project.permits_kind("", "Node") && project.permit_all_kinds());
    }
}
