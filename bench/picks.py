#!/usr/bin/env python3
"""Times picking against git doing the same, in one run, and prints a Markdown table.

    bench/picks.py [--files 5000] [--units 500] [--minors 7] [--runs 5] [--yoshino target/release/yoshino] [--scratch /dev/shm]

`pick plan` plans all units for all minors. `pick apply` carries out those of two minors; the peer is `git cherry-pick -x` of the same
commits in a work tree for each of the two branches. Both end with the same trees, which is checked.
"""

import argparse
import os
import pathlib
import shutil
import subprocess

import generate
from run import fresh, machine, measured, median, print_table

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "bench",
    "GIT_AUTHOR_EMAIL": "bench@example.com",
    "GIT_COMMITTER_NAME": "bench",
    "GIT_COMMITTER_EMAIL": "bench@example.com",
}

POLICY = """apiVersion: yoshino.dev/v1alpha1
kind: PickPolicy
spec:
  source: {branch: main}
  targets: {branch: "release/{minor}", minors: "MINORS"}
  select:
    - {id: addons, when: {paths: {any: ["addons/**"]}}, to: all}
"""


def path_of(number):
    return f"addons/addon-{number // 100:02}/part-{number % 100 // 10}/file-{number % 10}.yaml"


def body(number, edits):
    lines = [f"key-{line}: value-{number}-{line}-{edits.get((number, line), 0)}\n" for line in range(40)]
    return "".join(lines)


def history(root, files, units, minors):
    """Makes the repository with fast-import: a base, the minor branches with a commit of their own each, the units on main."""
    stream, mark, clock = [], 0, 1_700_000_000

    def commit(branch, message, changed, parent):
        nonlocal mark, clock
        mark, clock = mark + 1, clock + 60
        who = f"bench <bench@example.com> {clock} +0000"
        stream.append(f"commit refs/heads/{branch}\nmark :{mark}\nauthor {who}\ncommitter {who}\ndata {len(message)}\n{message}\n")
        stream.append(f"from :{parent}\n" if parent else "")
        for path, text in changed:
            stream.append(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
        return mark

    edits = {}
    policy = POLICY.replace("MINORS", f">=1.30 <=1.{30 + minors - 1}")
    base = commit("main", "base", [("picks.yaml", policy)] + [(path_of(number), body(number, edits)) for number in range(files)], None)
    for minor in range(minors):
        commit(f"release/1.{30 + minor}", "VERSION", [("VERSION", f"1.{30 + minor}\n")], base)
    tip = base
    for unit in range(units):
        # Every fifth unit touches three files, one in ten a file that an earlier one touched.
        touched = [unit * 37 % files] + ([(unit * 37 + step) % files for step in (1, 2)] if unit % 5 == 0 else [])
        touched += [(unit - 1) * 37 % files] if unit % 10 == 9 else []
        for number in touched:
            edits[(number, unit % 40)] = unit + 1
        tip = commit("main", f"change {unit}", [(path_of(number), body(number, edits)) for number in touched], tip)
    subprocess.run(["git", "init", "-q", "-b", "main", root], check=True)
    subprocess.run(["git", "-C", root, "fast-import", "--quiet"], input="".join(stream).encode(), check=True)
    subprocess.run(["git", "-C", root, "reset", "-q", "--hard"], check=True)


def git(root, *arguments):
    return subprocess.run(["git", "-C", root, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def copied(root, scratch):
    copy = fresh(scratch) / "repository"
    shutil.copytree(root, copy, symlinks=True)
    return copy


def apply_by_yoshino(yoshino, root, scratch, minors):
    copy = copied(root, scratch)
    for minor in minors:
        git(copy, "branch", "-f", f"keep/{minor}", f"release/{minor}")
    others = [name for name in git(copy, "for-each-ref", "--format=%(refname:short)", "refs/heads/release").split() if name.removeprefix("release/") not in minors]
    git(copy, "branch", "-D", *others)
    figures = measured([yoshino, "-C", copy, "pick", "apply", "--onto", "direct"])
    return copy, figures


def apply_by_git(root, scratch, minors, units):
    copy = copied(root, scratch)
    script = " && ".join(f"git -C {copy} checkout -q release/{minor} && git -C {copy} cherry-pick -x main~{units}..main >/dev/null" for minor in minors)
    return copy, measured(["sh", "-c", script])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--minors", type=int, default=7)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--yoshino", type=pathlib.Path, default=generate.REPOSITORY / "target" / "release" / "yoshino")
    parser.add_argument("--scratch", default="/dev/shm" if os.path.isdir("/dev/shm") else None)
    arguments = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    scratch = fresh(arguments.scratch)
    try:
        report(arguments, scratch)
    finally:
        shutil.rmtree(scratch)


def report(arguments, scratch):
    yoshino, units, root = arguments.yoshino.resolve(), arguments.units, fresh(scratch) / "repository"
    history(root, arguments.files, units, arguments.minors)
    plan = [yoshino, "-C", root, "pick", "plan", "--format", "json"]
    rows = [(f"`yoshino pick plan`, {units} units × {arguments.minors} minors", median([measured(plan) for _ in range(arguments.runs)]))]
    minors = ["1.30", "1.31"]
    applied = [apply_by_yoshino(yoshino, root, scratch, minors) for _ in range(arguments.runs)]
    rows.append((f"`yoshino pick apply`, {2 * units} picks", median([figures for _, figures in applied])))
    by_git, figures = apply_by_git(root, scratch, minors, units)
    rows.append((f"`git cherry-pick -x`, {2 * units} picks", figures))
    for minor in minors:
        trees = {git(copy, "rev-parse", f"release/{minor}^{{tree}}") for copy in (applied[0][0], by_git)}
        count = git(applied[0][0], "rev-list", "--count", f"keep/{minor}..release/{minor}")
        if len(trees) != 1 or count != str(units):
            raise SystemExit(f"release/{minor}: {count} picks, trees {trees}")
    print(f"{arguments.files} files; median of {arguments.runs} runs, git once; {machine()}\n")
    print_table(rows)


if __name__ == "__main__":
    main()
