//! What `preview` remarks on: what Argo CD does without saying so.

use super::Finding;

/// What `preview` says without calling it wrong.
pub(super) const NOTES: &[Finding] = &[
    (
        "key-twice",
        "no key stands twice in a map",
        "Kubernetes takes the last one and says nothing; in the specs of a fleet it is an error.",
    ),
    (
        "field-dropped",
        "the API server knows every field of an object",
        "What it does not know it drops, and stores the rest: a generator `cluster:` is no generator at all.",
    ),
    (
        "object-twice",
        "an object is written once",
        "Which of two holds depends on the order in which they are applied.",
    ),
    (
        "secret-elsewhere",
        "cluster Secrets lie in the namespace of Argo CD",
        "Argo CD reads no others, wherever the ApplicationSet lies.",
    ),
    (
        "cluster-config",
        "the `config` of a cluster Secret is JSON of the fields that Argo CD has",
        "No destination finds the cluster otherwise, and ApplicationSets stop to delete anything.",
    ),
    (
        "random-result",
        "what an ApplicationSet comes to does not depend on chance",
        "Argo CD goes through some maps in random order, and may answer otherwise each time; one of the answers is shown.",
    ),
    (
        "generates-nothing",
        "a generator yields something",
        "A typing error in a selector is no error to Argo CD: it deletes what the generator made before, unless the policy of the set forbids it.",
    ),
    (
        "look-up-unfilled",
        "every tag without `goTemplate` names a parameter",
        "Argo CD leaves it as it stands, so that an Application is called `{{name}}` or follows a revision that is none.",
    ),
    (
        "look-up-unknown",
        "a label that a Go template looks up by `index` is on some cluster",
        "`index` gives the empty text, whatever `missingkey` says; an empty revision is HEAD.",
    ),
    (
        "name-in-two-sets",
        "no two ApplicationSets of a namespace make an Application of one name",
        "It belongs to the set that made it first. The other one fails each time, and deletes nothing any more.",
    ),
    (
        "object-name",
        "the names of Applications are names of objects",
        "The API server refuses others, and Argo CD then deletes nothing of the set until they are mended.",
    ),
];
