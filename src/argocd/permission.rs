//! What an AppProject lets the Applications of it do.
//!
//! Follows `IsSourcePermitted`, `IsDestinationPermitted` and `IsGroupKindNamePermitted` of Argo CD 3.5.1
//! (`pkg/apis/application/v1alpha1`). Whether only clusters of the project itself count is not looked at.

use serde_json::Value;

use super::field;
use super::glob::matches;

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
    url.strip_prefix("ssh://").unwrap_or(url).to_owned()
}

/// Returns whether a URL is that of a user on a host: `git@example.com:a/b`.
fn is_ssh(url: &str) -> bool {
    let rest = url.strip_prefix("ssh://").unwrap_or(url);
    let Some((user, behind)) = rest.split_once('@') else { return false };
    !user.contains(['/', ':']) && !behind.is_empty() && !behind.contains('@')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sources_are_compared_as_urls_and_denials_come_first() {
        let project = Permissions::read(&json!({"spec": {"sourceRepos": [
            "https://git.example.com/team/*", "git@git.example.com:shop/web.git", "!https://git.example.com/team/secret",
        ]}}));
        for (url, expected) in [
            ("https://git.example.com/team/web", true),
            ("https://Git.example.com/Team/web.git", true),
            ("ssh://git@git.example.com/shop/web", true),
            ("https://git.example.com/team/secret.git", false),
            // What denies one repository permits all others.
            ("https://other.example.com/", true),
        ] {
            assert_eq!(project.permits_source(url), expected, "{url}");
        }
        let few = Permissions::read(&json!({"spec": {"sourceRepos": ["https://git.example.com/team/*"]}}));
        assert!(few.permits_source("https://git.example.com/team/a"));
        assert!(!few.permits_source("https://git.example.com/team/a/b"));
        assert!(!Permissions::default().permits_source("https://git.example.com"));
        assert!(Permissions::everything().permits_source("https://git.example.com"));
    }

    #[test]
    fn destinations_are_a_cluster_by_name_or_server_with_a_namespace() {
        let project = Permissions::read(&json!({"spec": {"destinations": [
            {"name": "blue-*", "namespace": "shop"}, {"server": "https://1", "namespace": "*"},
            {"server": "*", "namespace": "!kube-system"},
        ]}}));
        for (name, server, namespace, expected) in [
            ("blue-web", "https://2", "shop", true),
            ("green", "https://1", "x", true),
            ("green", "https://1", "kube-system", false),
            ("", "", "shop", false),
        ] {
            assert_eq!(
                project.permits_destination(name, server, namespace),
                expected,
                "{name} {server} {namespace}"
            );
        }
        let named =
            Permissions::read(&json!({"spec": {"destinations": [{"name": "blue", "namespace": "shop"}]}}));
        assert!(!named.permits_destination("blue", "https://1", "other"));
        assert!(!named.permits_destination("green", "https://1", "shop"));
    }

    #[test]
    fn kinds_without_a_namespace_must_be_named() {
        let project = Permissions::read(&json!({"spec": {
            "clusterResourceWhitelist": [{"group": "*.k8s.io", "kind": "*"}, {"group": "", "kind": "Namespace"}],
            "clusterResourceBlacklist": [{"group": "storage.k8s.io", "kind": "StorageClass"}],
        }}));
        for (group, kind, expected) in [
            ("", "Namespace", true),
            ("", "Node", false),
            ("networking.k8s.io", "IngressClass", true),
            ("storage.k8s.io", "StorageClass", false),
        ] {
            assert_eq!(project.permits_kind(group, kind), expected, "{group} {kind}");
        }
        let few = Permissions::read(&json!({"spec": {"sourceRepos": ["https://git.example.com/team/*"]}}));
        assert!(few.permits_source("https://git.example.com/team/a"));
        assert!(!few.permits_source("https://git.example.com/team/a/b"));
        assert!(!Permissions::default().permits_kind("", "Namespace"));
    }
}
