//! The git generator: one set of parameters for each folder or file of a repository that is asked for.
//!
//! Follows `generators/git.go` of Argo CD 3.5.1, and of its repo-server `GetGitFiles` and `GetGitDirectories`.

mod pathspec;
mod wildcard;

use std::collections::BTreeSet;

use serde_json::Value;

use self::pathspec::Pathspec;
use super::place::Place;
use super::values::Values;
use super::{Generators, is_filled, list};
use crate::argocd::checkout::Checkout;
use crate::argocd::go::value::{Map, Value as GoValue};
use crate::argocd::go::{path, yaml};
use crate::argocd::params::{Params, printed};
use crate::argocd::{Fault, flat};
use crate::emit::look_up::normalized;

/// Returns the sets of a generator: folders as they are walked, files sorted by path.
///
/// # Errors
/// Says what is wrong with the files, the values or the project of the template; refuses a repository that is not here.
pub fn generate<'w>(
    generator: &Value,
    place: &Place<'_>,
    generators: &Generators<'w>,
) -> Result<Vec<Params<'w>>, Fault> {
    let project =
        generators.spec.pointer("/template/spec/project").and_then(Value::as_str).unwrap_or_default();
    // A project says which commits are to be trusted, so it is asked for before the repository is.
    if !project.contains("{{") && !generators.sources.world().has_project(project) {
        return Err(Fault::Wrong(format!(
            "error getting project {project}: AppProject.argoproj.io \"{project}\" not found"
        )));
    }
    let git = Git {
        generator,
        url: text(generator, "repoURL"),
        prefix: text(generator, "pathParamPrefix"),
        values: Values::read(generator, generators.language),
        is_go: generators.is_go(),
    };
    let by_folders = is_filled(generator.get("directories"));
    if !by_folders && !is_filled(generator.get("files")) {
        return Err(Fault::wrong("ApplicationSet is empty"));
    }
    let Some(checkout) = generators.sources.world().repositories.get(git.url) else {
        let url = git.url;
        return Err(Fault::refused(format!(
            "`{place}` reads the repository `{url}`, of which there is no checkout; say where one is: `--repo {url}=DIR`"
        )));
    };
    let maps = if by_folders { git.folders(checkout) } else { git.files(checkout) };
    let maps = maps.map_err(|fault| fault.within("error generating params from git"))?;
    Ok(maps.into_iter().map(Params::Map).collect())
}

/// A generator that was read.
struct Git<'g> {
    generator: &'g Value,
    url: &'g str,
    prefix: &'g str,
    values: Values,
    is_go: bool,
}

impl Git<'_> {
    fn folders(&self, checkout: &Checkout) -> Result<Vec<Map>, Fault> {
        let folders = checkout.folders();
        let asked = |folder: &&String| {
            let matches = |excludes: bool| {
                let mut items = items(self.generator, "directories");
                items.any(|(pattern, item_excludes)| {
                    item_excludes == excludes && path::matches(pattern, folder)
                })
            };
            matches(false) && !matches(true)
        };
        let parameters = |folder: &String| {
            let map = Map::default();
            self.add_path(&map, folder, None);
            self.add_values(&map).map_err(|fault| fault.within("error generating params from apps"))?;
            Ok(map)
        };
        folders.iter().filter(asked).map(parameters).collect()
    }

    fn files(&self, checkout: &Checkout) -> Result<Vec<Map>, Fault> {
        let listed = |excludes: bool| -> Result<BTreeSet<&str>, Fault> {
            let mut listed = BTreeSet::new();
            let items =
                items(self.generator, "files").filter(|(_, item_excludes)| *item_excludes == excludes);
            for (pattern, _) in items {
                let pathspec = Pathspec::read(if pattern.is_empty() { "." } else { pattern })
                    .map_err(|fault| fault.within("error retrieving Git files"))?;
                listed.extend(checkout.files().filter(|file| pathspec.lists(file)));
            }
            Ok(listed)
        };
        let (included, excluded) = (listed(false)?, listed(true)?);
        let mut all = Vec::new();
        for file in included.difference(&excluded) {
            let sets = self.file(checkout, file).map_err(|fault| {
                fault.within(&format!("unable to process file '{file}' from repository '{}'", self.url))
            })?;
            all.extend(sets);
        }
        Ok(all)
    }

    /// Returns the sets of a file, which is a map or a list of maps; an empty one is an empty map.
    fn file(&self, checkout: &Checkout, file: &str) -> Result<Vec<Map>, Fault> {
        let text = checkout.read(file).map_err(|why| Fault::Wrong(format!("unable to read file: {why}")))?;
        let unreadable = |fault: Fault| fault.within("unable to parse file");
        let objects = match yaml::read(&text).map_err(unreadable)? {
            None => vec![Map::default()],
            Some(GoValue::Map(map)) => vec![map],
            Some(other) => list::maps(Some(other)).map_err(unreadable)?,
        };
        let parameters = |object: Map| {
            let map = if self.is_go { Map::new(object.entries()) } else { flattened(&object) };
            self.add_path(&map, file.rsplit_once('/').map_or(".", |(folder, _)| folder), Some(file));
            self.add_values(&map)?;
            Ok(map)
        };
        objects.into_iter().map(parameters).collect()
    }

    /// Adds where a folder lies, or a file in it, whatever else is called so.
    fn add_path(&self, map: &Map, folder: &str, file: Option<&str>) {
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut named = vec![("path", folder.to_owned()), ("basename", name(folder))];
        named.push(("basenameNormalized", normalized(&name(folder))));
        if let Some(file) = file {
            named.push(("filename", name(file)));
            named.push(("filenameNormalized", normalized(&name(file))));
        }
        if self.is_go {
            let path = Map::new(named.into_iter().map(|(name, text)| (name.into(), GoValue::text(text))));
            path.set("segments", GoValue::texts(folder.split('/')));
            match self.prefix {
                "" => map.set("path", GoValue::Map(path)),
                prefix => map.set(prefix, GoValue::map([("path".into(), GoValue::Map(path))])),
            }
            return;
        }
        let path = if self.prefix.is_empty() { "path".to_owned() } else { format!("{}.path", self.prefix) };
        for (name, text) in named {
            let tag = if name == "path" { path.clone() } else { format!("{path}.{name}") };
            map.set(tag, GoValue::text(text));
        }
        for (index, segment) in folder.split('/').enumerate().filter(|(_, segment)| !segment.is_empty()) {
            map.set(format!("{path}[{index}]"), GoValue::text(segment));
        }
    }

    fn add_values(&self, map: &Map) -> Result<(), Fault> {
        self.values.add_to(map).map_err(|fault| fault.within("failed to append templated values"))
    }
}

fn text<'g>(generator: &'g Value, field: &str) -> &'g str {
    generator.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the patterns of a field, each with whether it excludes.
fn items<'g>(generator: &'g Value, field: &str) -> impl Iterator<Item = (&'g str, bool)> {
    let items = generator.get(field).and_then(Value::as_array).into_iter().flatten();
    items.map(|item| (text(item, "path"), item.get("exclude") == Some(&Value::Bool(true))))
}

fn flattened(object: &Map) -> Map {
    let leaves = flat::leaves(object).into_iter();
    Map::new(leaves.map(|(name, value)| (name.into(), GoValue::text(printed(&value)))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::argocd::World;
    use crate::argocd::generator::fixture::outcome_in;

    fn sets(language: &Value, git: &Value) -> Result<Value, Fault> {
        let files = [
            ("apps/Shop_1/config.yaml", "count: 1000000\nlist: [1, x]\nmap: {a: null, e: {}}\n"),
            ("apps/web/config.json", "[{\"a\": 1}, null]"),
            ("apps/web/empty.yaml", ""),
            ("apps/broken.yaml", "- 1\n"),
            ("top.yaml", "path: mine\n"),
        ];
        let mut world = World::new("argocd");
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        world.repositories.insert("R".to_owned(), Checkout::of_bytes(files.into()));
        let mut spec = json!({"generators": [{"git": git}], "template": {"spec": {"project": "p"}}});
        spec["generators"][0]["git"]["repoURL"] = json!("R");
        for (key, value) in language.as_object().into_iter().flatten() {
            spec[key] = value.clone();
        }
        outcome_in(&world, &spec).sets
    }

    #[test]
    fn folders_are_parameters() {
        let plain = json!({"directories": [{"path": "apps/*"}, {"path": "*/web", "exclude": true}], "values": {"v": "{{path[1]}}"}});
        let expected = json!([{
            "path": "apps/Shop_1", "path.basename": "Shop_1", "path.basenameNormalized": "shop-1",
            "path[0]": "apps", "path[1]": "Shop_1", "values.v": "Shop_1",
        }]);
        assert_eq!(sets(&json!({}), &plain), Ok(expected));

        let go =
            json!({"directories": [{"path": "apps"}], "files": [{"path": "*"}], "pathParamPrefix": "my"});
        let path =
            json!({"path": "apps", "basename": "apps", "basenameNormalized": "apps", "segments": ["apps"]});
        assert_eq!(sets(&json!({"goTemplate": true}), &go), Ok(json!([{"my": {"path": path}}])));
    }

    #[test]
    fn files_are_parameters() {
        let git = json!({"files": [{"path": "apps/*.yaml"}, {"path": "apps/broken*", "exclude": true}]});
        let expected = json!([
            {
                "count": "1e+06", "list.0": "1", "list.1": "x", "map.a": "<nil>",
                "path": "apps/Shop_1", "path.basename": "Shop_1", "path.basenameNormalized": "shop-1",
                "path.filename": "config.yaml", "path.filenameNormalized": "config.yaml",
                "path[0]": "apps", "path[1]": "Shop_1",
            },
            {
                "path": "apps/web", "path.basename": "web", "path.basenameNormalized": "web",
                "path.filename": "empty.yaml", "path.filenameNormalized": "empty.yaml",
                "path[0]": "apps", "path[1]": "web",
            },
        ]);
        assert_eq!(sets(&json!({}), &git), Ok(expected));

        let path = |folder: &str, name: &str| {
            json!({
                "path": folder, "basename": folder.rsplit('/').next(), "filename": name, "filenameNormalized": name,
                "basenameNormalized": if folder == "." { "" } else { "web" },
                "segments": folder.split('/').collect::<Vec<_>>(),
            })
        };
        let go = json!({"goTemplate": true});
        let found = sets(&go, &json!({"files": [{"path": "**/config.json"}], "values": {"v": "{{ .a }}"}}));
        let values = |text: &str| json!({"map[string]string": {"v": text}});
        let expected = json!([
            {"a": 1.0, "path": path("apps/web", "config.json"), "values": values("1")},
            {"path": path("apps/web", "config.json"), "values": values("<no value>")},
        ]);
        assert_eq!(found, Ok(expected));
        let found = sets(&go, &json!({"files": [{"path": "top.yaml"}]}));
        assert_eq!(found, Ok(json!([{"path": path(".", "top.yaml")}])));
    }

    #[test]
    fn what_is_wrong_is_said_in_upstreams_words() {
        let broken = json!({"files": [{"path": "apps/broken.yaml"}]});
        for (language, git, expected) in [
            (json!({}), json!({}), "ApplicationSet is empty"),
            (
                json!({"template": {}}),
                json!({}),
                "error getting project : AppProject.argoproj.io \"\" not found",
            ),
            (
                json!({}),
                broken,
                "error generating params from git: unable to process file 'apps/broken.yaml' from repository 'R': unable to parse file: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal number into Go value of type map[string]interface {}",
            ),
        ] {
            assert_eq!(sets(&language, &git), Err(Fault::wrong(expected)), "{git}");
        }
    }
}
