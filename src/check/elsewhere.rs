//! What people read about findings that no rule makes: those of reading, expanding, filling and emitting.

mod history;
mod notes;

use history::HISTORY;
use notes::NOTES;

use super::Explanation;
use crate::diagnostic::Severity;

/// Returns the explanation of every such finding, in the order of the stages.
pub fn explanations() -> impl Iterator<Item = Explanation> {
    let errors = FINDINGS.iter().chain(HISTORY).map(|finding| (Severity::Error, finding));
    let notes = NOTES.iter().map(|finding| (Severity::Note, finding));
    errors.chain(notes).map(|(severity, (id, summary, why))| Explanation {
        id,
        severity,
        summary,
        why,
        examples: EXAMPLES.iter().find(|(of, ..)| of == id).map(|(_, wrong, right)| (*wrong, *right)),
    })
}

/// Id, what must hold, and why.
type Finding = (&'static str, &'static str, &'static str);

/// Id, what is wrong, and the same put right, laid over the fleet that the pages of rules speak of.
const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "addon-unsupported",
        "# addons/metrics/addon.yaml\nspec:\n  kubernetes: \">=1.36\"\n# clusters/web.yaml\nspec:\n  kubernetes: v1.35.2\n  addons: {metrics: true}\n",
        "# addons/metrics/addon.yaml\nspec:\n  kubernetes: \">=1.35\"\n# clusters/web.yaml\nspec:\n  kubernetes: v1.35.2\n  addons: {metrics: true}\n",
    ),
    (
        "requires-unmet",
        "# addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n  requires: [cni]\n# clusters/web.yaml\nspec:\n  addons: {cilium: false}\n",
        "# addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n  requires: [cni]\n# clusters/web.yaml\nspec:\n  addons: {cilium: true}\n",
    ),
    (
        "addon-conflict",
        "# addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n  conflicts: [cilium]\n",
        "# addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n  conflicts: [cilium]\n# clusters/web.yaml\nspec:\n  addons: {metrics: false}\n",
    ),
    (
        "provided-twice",
        "# addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n  provides: [cni]\n",
        "# addons/metrics/addon.yaml\nspec:\n  enable: {default: true}\n  provides: [cni]\n# clusters/web.yaml\nspec:\n  addons: {cilium: false}\n",
    ),
];

const FINDINGS: &[Finding] = &[
    // What is read.
    (
        "no-fleet",
        "there is a `fleet.yaml` in the folder",
        "Everything else is read from where the Fleet stands.",
    ),
    (
        "yoshino-version",
        "this version of yoshino is one that the fleet's `requires` allows",
        "An older version would misread what it does not know, and render something else.",
    ),
    (
        "schema-import",
        "a CustomResourceDefinition that is imported can be taken",
        "Its group and kind become a path of the fleet, and its schemas are what `check` holds objects against.",
    ),
    (
        "unknown-revision",
        "a revision that is named is there, and is a commit",
        "It is read from git's own objects; a shallow clone may lack them.",
    ),
    (
        "unmerged",
        "what is staged holds no merge that is not resolved",
        "Such a file has several contents at once, and git would refuse to commit it.",
    ),
    (
        "ref-name",
        "branches and tags that are written have plain names",
        "git takes quotes, backticks, dollar signs and marks that turn text around; a pipeline that prints such a name runs it.",
    ),
    (
        "hooks-folder",
        "git takes its hooks from a folder that is this repository's own",
        "Hooks in a folder that others use would run in their repositories, too; in one that a tool writes they would be lost.",
    ),
    (
        "hook-in-use",
        "a hook that is there can be called first, under another name",
        "Nobody's hook is ever replaced; one that acts by its own name, or that was changed by hand, a person must place.",
    ),
    (
        "diff-side",
        "both sides of a comparison can be rendered",
        "What a change does is the difference of two renderings; compare with another base, or mend the head first.",
    ),
    (
        "diff-unreadable",
        "what is compared is YAML that yoshino and Argo CD read",
        "An output that was changed by hand, or a set that nobody can expand, has no difference that could be trusted.",
    ),
    (
        "input-too-large",
        "the fleet's files keep to the limits of size and number",
        "Rendering must end in bounded time and memory on whatever a pull request holds.",
    ),
    (
        "too-many",
        "one run finds at most 10,000 things",
        "Nobody reads more; what is left out is found once the rest is mended.",
    ),
    (
        "file-name",
        "file names are UTF-8 without control characters",
        "Others cannot be named in a spec or a message.",
    ),
    (
        "file-kind",
        "what is read is a file or a folder, as is expected there",
        "Devices and sockets hold no specs.",
    ),
    (
        "path-not-confined",
        "links lead to something inside the repository",
        "A pull request could otherwise read files of the machine that renders it.",
    ),
    ("misnamed-file", "a file that looks like a spec is named like one", "It would silently not be read."),
    // YAML.
    ("yaml-syntax", "files are YAML", "They are read as Kubernetes reads them."),
    ("yaml-encoding", "files are UTF-8 text", "NUL, control characters and other encodings are refused."),
    (
        "yaml-limit",
        "a file keeps to the limits of size, depth, aliases and nodes",
        "A few lines of aliases can otherwise grow to more than any memory holds.",
    ),
    ("yaml-duplicate-key", "no key stands twice in a map", "One of the values would silently not hold."),
    (
        "yaml-private-use",
        "no private-use characters stand in what people write",
        "Templates mark the places of values with them.",
    ),
    // Documents against their schemas.
    (
        "wrong-kind",
        "a document is of the kind that belongs where it stands",
        "The folder decides what is read there.",
    ),
    ("unknown-field", "every field is known", "A field that is written wrongly would silently not hold."),
    (
        "unsupported-field",
        "fields that come with a later version are not written yet",
        "They would not be honoured.",
    ),
    ("missing-field", "fields that are needed are there", "There is no default for them."),
    ("choose-one", "exactly one of several fields is there", "They exclude each other."),
    (
        "wrong-type",
        "a value has the type that its field takes",
        "YAML takes `1.30` for a number and `no` for false; quote them.",
    ),
    ("minor-unquoted", "a minor is quoted: `\"1.30\"`", "Without quotes it is a number, and 1.30 is 1.3."),
    ("wrong-format", "a text follows the syntax of its field", "What reads it later accepts nothing else."),
    ("unknown-word", "a word is one of those that its field takes", "Others mean nothing there."),
    (
        "out-of-bounds",
        "a number or a length lies within its bounds",
        "What reads it later accepts nothing else.",
    ),
    ("duplicate-name", "no two things of one kind have one name", "One of them would silently not hold."),
    (
        "unknown-path",
        "what `explain` is asked about is there",
        "A path leads to a field, a label, an addon, a key of the cluster Secret or an object.",
    ),
    // Edits of specs.
    (
        "edit-in-place",
        "what `pin` and `upgrade` write changes nothing but the fields that they set",
        "An alias repeats its anchor, and `<<` brings a map into others: an edit of one place would change them all, and \
         whoever reads the difference would not see it.",
    ),
    // Branches and releases.
    (
        "unknown-reference",
        "what a spec refers to is there",
        "Tenants, management clusters and providers are declared in files of their own.",
    ),
    (
        "provider-incomplete",
        "a provider has templates, `schema.json` and `impact.yaml`",
        "Without them its clusters can be neither read, rendered nor compared.",
    ),
    (
        "provider-schema",
        "a provider's `schema.json` is a JSON Schema that is understood",
        "Its cluster block and its machines are held against it.",
    ),
    // Who gets what.
    (
        "addon-unsupported",
        "an addon that a cluster asks for runs on its minor and provider",
        "An addon says in `kubernetes` and `providers` where it has been tried. Whatever `enable` says it stays away from other \
         clusters; one that asks for it by name would wait for it in vain.",
    ),
    (
        "requires-unmet",
        "what an addon requires is on where the addon is",
        "It would fail until somebody switches that on. What is required is an addon by its name, or what some addon \
         `provides`.",
    ),
    (
        "addon-conflict",
        "addons that conflict are not on together",
        "An addon names under `conflicts` what would break it, or what it would break. Switch one of them off on the cluster.",
    ),
    (
        "provided-twice",
        "no two addons of a cluster provide one singleton",
        "What stands under `provides` is there once: two CNIs, say, would both set up the network. Switch one of them off on \
         the cluster.",
    ),
    (
        "namespace-labels",
        "addons that make one namespace label it alike",
        "Their Applications would change the labels back and forth.",
    ),
    // Templates.
    ("template-syntax", "expressions are closed and well formed", "Expressions stand in `${{ … }}`."),
    (
        "template-statement",
        "a line that begins with `#%` is a statement that is known",
        "A literal `#%` is written `#%%`.",
    ),
    (
        "template-structure",
        "statements and expressions stand where values can be filled in",
        "A value fills a place of the YAML tree; it can never become structure.",
    ),
    (
        "template-braces",
        "no bare expression stands in `{}` or `[]`",
        "YAML reads the braces of the expression as a map; write the block form.",
    ),
    ("template-character", "templates hold no private-use characters", "They mark the places of values."),
    (
        "template-undefined",
        "every variable that is used is there",
        "A misspelt name would otherwise render as nothing.",
    ),
    ("template-value", "what is filled in is a value of YAML", "Functions and undefined values are none."),
    (
        "template-text",
        "what stands among other text is text, a number or a boolean",
        "Lists and maps have no text.",
    ),
    (
        "template-key",
        "keys are texts, and differ once they are filled in",
        "One of two entries would silently be lost.",
    ),
    (
        "template-captured",
        "text captured by `set`, `macro` or `call` is only printed",
        "Its places are filled with the rest of the template.",
    ),
    (
        "template-limit",
        "a template keeps to the limits of work, depth and size",
        "Rendering must end in bounded time on whatever a pull request holds.",
    ),
    (
        "template-object",
        "a template makes Kubernetes objects",
        "They need `apiVersion`, `kind` and `metadata.name`.",
    ),
    (
        "template-reference",
        "a reference to a template's base name leads to an object of the cluster",
        "Names of templates end in a hash of their content, and references are rewritten with them.",
    ),
    // Objects.
    (
        "duplicate-object",
        "no two objects of a cluster have one kind and name",
        "Argo CD would apply either of them.",
    ),
    ("manifest-path", "rendered manifests have paths of their own", "One of the files would be lost."),
    (
        "older-provider",
        "an object can be said in the API version of an older provider",
        "The field would be dropped when the object is applied.",
    ),
    (
        "patch-refused",
        "a patch can be applied to what it selects",
        "A path that is not there, or a test that fails, says that the object changed since.",
    ),
    ("patch-unmatched", "a patch selects an object", "It would silently do nothing."),
    (
        "unfold",
        "Argo CD makes of the ApplicationSets what the specs say",
        "A patch on an ApplicationSet or a Secret can change what it makes.",
    ),
    // The pick policy.
    // The output.
    ("foreign-file", "no file of somebody else lies where a file is written", "It would be overwritten."),
    ("render", "the fleet can be rendered", "The message says why not."),
    ("folder-in-use", "a folder that is to be filled is empty", "What lies there would be overwritten."),
    ("unknown-rule", "a rule that is asked for is one", "`yoshino check --explain` lists them."),
    // What Argo CD makes of ApplicationSets.
    (
        "object-refused",
        "an object's fields are of the types that Kubernetes has for them",
        "The API server refuses the whole object. YAML reads `y`, `on` and `1.30` as something else than text.",
    ),
    (
        "not-supported",
        "an ApplicationSet uses what `preview` does exactly as Argo CD does it",
        "What depends on the time, on chance, on the network or on a server cannot be known beforehand, and is never guessed.",
    ),
    (
        "argocd-error",
        "Argo CD can expand an ApplicationSet",
        "It says this itself, and then creates, updates and deletes nothing of the set until it is mended.",
    ),
    (
        "application-held",
        "each Application has a name of its own, a project and a destination that exist",
        "Argo CD neither creates, updates nor deletes it otherwise; the others of its set are not affected.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixture::fleet;
    use crate::expand::expand;

    #[test]
    fn what_an_example_calls_wrong_is_found_and_what_it_calls_right_is_not() {
        for (id, wrong, right) in EXAMPLES {
            let found = |changes: &str| {
                let (catalog, _) = fleet(changes);
                let report = expand(&catalog).err().unwrap_or_default();
                report.diagnostics.iter().map(|finding| finding.rule).collect::<Vec<_>>()
            };
            assert_eq!(found(wrong), [*id], "{wrong}");
            assert_eq!(found(right), Vec::<&str>::new(), "{right}");
        }
    }
}
