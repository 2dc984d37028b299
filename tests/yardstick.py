#!/usr/bin/env python3
"""tests/yardstick.py YOSHINO CASES [ORACLE SETS]: what `yoshino preview` makes of ApplicationSets written by others.
tests/yardstick.py YOSHINO --folders ORACLE FOLDER...: the same for everything that lies in each folder.

CASES holds a folder for each case: input.yaml, expected.json with what Argo CD's own code made of it, meta.json. SETS holds
folders of public ApplicationSets, each with Secrets that fit them; what they come to is asked of ORACLE, the program of
tests/oracle. Prints what differs, and last how many are equal, refused by name and different; exits with 1 if any is."""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile


def preview(yoshino, files, repositories):
    arguments = [argument for url, folder in repositories for argument in ("--repo", f"{url}={folder}")]
    run = subprocess.run([yoshino, "preview", "--format", "json", *arguments, *map(str, files)], capture_output=True, text=True)
    if run.returncode not in (0, 2):
        raise SystemExit(f"{files}: exit {run.returncode}: {run.stderr}")
    return json.loads(run.stdout)


def canonical(applications):
    parts = ({key: application.get(key) for key in ("metadata", "spec", "operation")} for application in applications)
    return sorted(json.dumps(part, sort_keys=True) for part in parts)


def verdict(answer, expected):
    """equal, refused, or what differs. Errors are compared by presence: Argo CD's first error may be any of several."""
    messages = [error["message"] for error in answer["errors"]]
    if any("is not supported" in message for message in messages):
        return "refused", messages[0]
    sets = expected["applicationsets"]
    fails = any(one["error"] for one in sets) or any(one.get("validation") for one in sets)
    if fails != bool(messages):
        return "different", f"Argo CD {'fails' if fails else 'does not fail'}, and we say: {messages[:2]}"
    ours, theirs = canonical(answer["applications"]), canonical(sum((one["applications"] or [] for one in sets), []))
    if ours != theirs:
        own = [text for text in ours if text not in theirs]
        return "different", f"{len(ours)} Applications instead of {len(theirs)}; ours alone: {own[:1]}"
    return "equal", ""


def known_cases(yoshino, cases):
    for case in sorted(path for path in cases.iterdir() if (path / "input.yaml").exists()):
        meta = json.loads((case / "meta.json").read_text())
        # Another order of Go's maps would have given another answer; the glob rules are a flag of the controller.
        if meta.get("newGlobbing"):
            yield case.name, ("left out", "")
            continue
        with tempfile.TemporaryDirectory() as empty:
            # Git keeps no empty folder, and so no repository without files.
            here = {url: case / folder for url, folder in meta.get("repos", {}).items()}
            repositories = [(url, folder if folder.is_dir() else empty) for url, folder in here.items()]
            answer = preview(yoshino, [case / "input.yaml"], repositories)
        yield case.name, verdict(answer, json.loads((case / "expected.json").read_text()))


def public_sets(yoshino, oracle, sets):
    for file in sorted(sets.glob("*/*.yaml")):
        secrets = sorted(other for other in file.parent.glob("*.yaml") if "secret" in other.name)
        if file in secrets:
            continue
        for secret in secrets:
            run = subprocess.run([oracle, "expand", str(file), str(secret)], capture_output=True, text=True)
            if run.returncode != 0:
                yield f"{file.parent.name}/{file.name}", ("left out", "")
                continue
            yield f"{file.parent.name}/{file.name}", verdict(preview(yoshino, [file, secret], []), json.loads(run.stdout))


def whole_folders(yoshino, oracle, folders):
    for folder in folders:
        run = subprocess.run([oracle, "expand", folder], capture_output=True, text=True, check=True)
        yield folder, verdict(preview(yoshino, [folder], []), json.loads(run.stdout))


def main():
    yoshino, given = sys.argv[1:3]
    if given == "--folders":
        results = list(whole_folders(yoshino, sys.argv[3], sys.argv[4:]))
    else:
        results = list(known_cases(yoshino, pathlib.Path(given)))
        if len(sys.argv) > 4:
            results += public_sets(yoshino, sys.argv[3], pathlib.Path(sys.argv[4]))
    counts = collections.Counter(result for _, (result, _) in results)
    for name, (result, what) in results:
        if result in ("different", "refused"):
            print(f"{result}: {name}: {what[:300]}")
    print(f"{len(results)} compared: {counts['equal']} equal, {counts['refused']} refused by name, {counts['different']} different, {counts['left out']} left out")
    return 1 if counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
