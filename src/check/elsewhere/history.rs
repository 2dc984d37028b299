//! What is found about pins, releases, minor branches and picks.

use super::Finding;

pub(super) const HISTORY: &[Finding] = &[
    (
        "release-branch",
        "what is released is the tip of a supported minor's branch, as others have it too",
        "A tag on a commit that only one machine has points nowhere for everybody else, and a release is never moved.",
    ),
    (
        "release-conflict",
        "no commit since the last release has a `Pick-Conflict:` trailer",
        "Such a commit holds conflict markers: it is a draft for somebody to resolve, and never to be installed.",
    ),
    (
        "release-order",
        "a release comes after the one before it",
        "Clusters go from release to release in the order of their days; a later one with an earlier day would be \
         passed over.",
    ),
    (
        "release-check",
        "what is released passes `check --as-release`: every rule, and its golden cases",
        "Clusters are pinned to a release for weeks, and a tag cannot be mended.",
    ),
    (
        "golden-case",
        "every golden case of a tree that is released gives what is expected",
        "They are what the fleet's own people said must stay true.",
    ),
    (
        "commit-message",
        "trailers that picks and limits are told by can be read, and stand in a message's last paragraph",
        "The message of a commit on trunk stays as it is; a trailer that nobody can read is a decision that nothing follows.",
    ),
    (
        "release-tag",
        "a tag that is called like a release is one, and stays where it is",
        "Clusters are pinned to releases by name, and what they run must not change behind their backs.",
    ),
    (
        "pin-step",
        "a cluster is pinned to a release of its own minor that is there, and no older than its pin",
        "A release of another minor holds addons that were never looked at there; to go back takes newer addons away, \
         which most of them do not survive.",
    ),
    (
        "upgrade-step",
        "a cluster goes up one minor at a time, and its pin and pools go with it",
        "Cluster API takes no control plane back or over a minor, a kubelet may be three minors behind it and never \
         ahead, and a pin is of the minor that its cluster runs.",
    ),
    (
        "branch-cut",
        "a minor that the fleet supports gets one branch, after the minor before it, from trunk",
        "Picks go to the branches that are there: a minor that was left out would stand still. A branch that does not \
         leave trunk's own chain of commits has no point from which picks could be counted.",
    ),
    (
        "pin-name",
        "a pin follows the fleet's pattern of tags",
        "Minor and day of a release are read from its name.",
    ),
    (
        "pin-unknown",
        "the release that a cluster is pinned to is there",
        "Its addons and templates come from that tag's tree.",
    ),
    (
        "pin-minor",
        "a release is for the minor that its cluster runs",
        "Its addons were looked at for that minor alone. Pools may lag behind; the cluster's own version decides.",
    ),
    (
        "pin-not-annotated",
        "a release is an annotated tag of a commit",
        "The tag object says who made it and when, can be signed, and tells when somebody has moved it.",
    ),
    (
        "pin-renamed",
        "a release's tag object has the name of the tag",
        "An older release could otherwise be passed off as a newer one.",
    ),
    (
        "pin-ambiguous",
        "no branch is called like a release",
        "Argo CD takes the first ref of that name, and a branch moves.",
    ),
    (
        "pin-off-branch",
        "a release lies on its minor's branch, on the first-parent chain, after the branch point",
        "What was looked at and tagged there is meant for that minor; what lies elsewhere is not.",
    ),
    (
        "pin-moved",
        "a tag points at the commit that it pointed at when the output was rendered",
        "Argo CD reads a release at its tag, and installs something else on every cluster as soon as somebody moves it.",
    ),
    (
        "pin-branches-differ",
        "a minor's local branch is the one that was last fetched",
        "It could not be said on which of the two a release must lie.",
    ),
    (
        "pick-range",
        "no comma stands between two comparisons of minors where a blank was meant",
        "In picks a comma means or: `>=1.34, <=1.37` would hold for every minor.",
    ),
    (
        "pick-capture",
        "a name in braces in `file` stands in `paths`, too",
        "Nothing else says which file is meant.",
    ),
    (
        "publish-source",
        "what is published is a commit of the trunk",
        "Clusters follow what is published; what is on another branch has not been merged.",
    ),
    // Picks.
    (
        "no-policy",
        "the tip of trunk holds a `picks.yaml`, or a policy is given",
        "Nothing else says which commits go where.",
    ),
    (
        "no-minor-branch",
        "there is a branch of a minor that the policy names",
        "There is nothing to pick to otherwise; a clone of one branch alone has no others.",
    ),
    (
        "pick-unit",
        "a revision that is to be picked is on trunk's first-parent chain",
        "What is picked is what trunk became, one step of its chain at a time.",
    ),
    (
        "pick-trailer",
        "the values of `Pick-To` and `No-Pick-To` are minors, `all` or `none`",
        "Nobody can edit a commit on trunk: list it under `exclude`, and pick it by hand where it belongs.",
    ),
    (
        "eol-requested",
        "a commit's `Pick-To` names no minor that has come to its end",
        "Somebody expects it there, and it will not come. Pick it by hand, or list it under `exclude`.",
    ),
    (
        "mixed",
        "a commit that a rule selects by `paths.any` changes nothing beyond these paths",
        "What else it changes would reach minor branches unseen. Split such commits; for one that is on trunk, `mixed: filter` or `mixed: whole` in the rule, or `exclude`.",
    ),
    (
        "merge-commit",
        "a merge commit can be picked as the policy says",
        "With `mergeCommits: reject` none can, with `expand` only those whose commits are no merges. List it under `exclude`, and pick it by hand.",
    ),
    (
        "evil-merge",
        "a merge commit that is taken apart holds nothing but what it merged",
        "What was changed while merging belongs to none of its commits, and would be lost. List it under `exclude`, and pick it by hand.",
    ),
    (
        "compat-unreadable",
        "the fields that `compat` names hold ranges of minors",
        "Whether the result runs on a minor cannot be known otherwise.",
    ),
    (
        "pick-plan",
        "what is carried out is a plan as `pick plan --format json` writes it",
        "It names the policy, the tips and the day that it was made of, and is made again from those.",
    ),
    (
        "pick-marker",
        "no commit of a minor branch brings in the markers of a conflict",
        "A line that begins with seven `<`, `>` or `|` and a blank is one. Resolve the conflict and amend the commit.",
    ),
    (
        "pick-draft",
        "no commit of a minor branch has the trailer `Pick-Conflict`",
        "It is the draft of a pick that conflicts. Resolve it, and take the trailer out; `Pick-Resolved` may name the paths.",
    ),
    (
        "pick-provenance",
        "a commit of a minor branch names the one of trunk that it is from, or says `Not-Picked-Because`",
        "What nobody can place is picked again by the next run, or lost with the next minor. `git cherry-pick -x` writes the line.",
    ),
    (
        "pick-line",
        "lines of a pick that machines read are whole",
        "Commit ids have forty digits, since short ones become ambiguous; `Not-Picked-Because` gives a reason.",
    ),
    (
        "pick-generated",
        "generated files are what is generated from the commit that has them",
        "They are never merged: both sides may count to the same number and be wrong. Make them anew and amend the commit.",
    ),
];
