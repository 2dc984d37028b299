#!/usr/bin/env python3
"""Writes the table of what Kubernetes serves from which minor until which, or says whether it is up to date.

    tests/kubernetes_apis.py           writes src/check/kubernetes_apis.tsv
    tests/kubernetes_apis.py --check   exits with 1 where that file differs

Everything in it is read from Kubernetes' own Go modules, one release of each minor, through the ordinary module proxy:

- kinds are what `register.go` of a group's version registers;
- introduced, deprecated, removed and replacement are what `zz_generated.prerelease-lifecycle.go` says, by which the API
  server itself decides what it serves and warns of; the newest module that has a kind is right;
  what follows it is the newest stable version of the same kind, where there is one;
- where an alpha version's Go types go away before that, it is not served from that minor on;
- `Deprecated: This API is deprecated in v1.N+` in `types.go` stands for kinds that keep being served.

A kind that nothing is said of, or that has been served since before 1.19 and always will be, has no line.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "src/check/kubernetes_apis.tsv"
# One release of each minor; the last line of `go list -m -versions k8s.io/api` for each, when the table was made.
RELEASES = {
    "k8s.io/api": (
        "0.19.16 0.20.15 0.21.14 0.22.17 0.23.17 0.24.17 0.25.16 0.26.15 0.27.16 0.28.15 0.29.15 0.30.14 0.31.14 "
        "0.32.13 0.33.13 0.34.13 0.35.10 0.36.6 0.37.2"
    ),
    "k8s.io/apiextensions-apiserver": "0.21.14 0.37.2",
    "k8s.io/kube-aggregator": "0.21.14 0.37.2",
}
OLDEST = 19
HEADER = (
    "# What Kubernetes serves from which minor until which; `tests/kubernetes_apis.py` writes it from Kubernetes' Go modules.\n"
    "# apiVersion\tkind\tintroduced\tdeprecated\tremoved\treplacement\tsource\n"
)
# What is sent to the API server but never kept, and so stands in no manifest.
NO_MANIFEST = re.compile(
    r"(List|Options|Review|Rollback|Scale|TokenRequest|PodStatusResult|EphemeralContainers|JobTemplate|APIGroupDiscovery)$"
)
NO_MANIFESTS = {("policy", "Eviction")}
# What the modules say in words alone.
TOLD = {
    ("", "v1", "Endpoints"): "discovery.k8s.io/v1 EndpointSlice",
    ("policy", "v1beta1", "PodSecurityPolicy"): "Pod Security Admission",
}


def modules():
    """Yields module, minor and folder, the oldest minor first."""
    wanted = [f"{path}@v{version}" for path, versions in RELEASES.items() for version in versions.split()]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "go.mod").write_text("module kubernetes_apis\n")
        command = ["go", "mod", "download", "-json", *wanted]
        answer = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout
    decoder, at = json.JSONDecoder(), 0
    found = []
    while answer[at:].strip():
        at += len(answer[at:]) - len(answer[at:].lstrip())
        module, at = decoder.raw_decode(answer, at)
        found.append((module["Path"], module["Version"], Path(module["Dir"])))
    return sorted(found, key=lambda one: (one[0], minor_of(one[1])))


def minor_of(version):
    return int(version.split(".")[1])


def kinds_of(folder):
    """Returns the kinds that a package registers."""
    text = (folder / "register.go").read_text()
    known = re.search(r"AddKnownTypes\((.*?)\n\t\)", text, re.S)
    return re.findall(r"&(\w+)\{\}", known.group(1)) if known else []


def lifecycle_of(folder):
    """Returns what is said of each kind of a package: by what, a minor or a replacement."""
    said = {}
    generated = folder / "zz_generated.prerelease-lifecycle.go"
    if generated.exists():
        method = re.compile(r"func \(in \*(\w+)\) APILifecycle(\w+)\(\).*?return (.*?)\n}", re.S)
        for kind, what, value in method.findall(generated.read_text()):
            said.setdefault(kind, {})[what.lower()] = value
    types = folder / "types.go"
    if types.exists():
        told = re.compile(r"Deprecated: This API is deprecated in v1\.(\d+)\+(?:(?!\n\n).)*?\ntype (\w+) struct", re.S)
        for minor, kind in told.findall(types.read_text()):
            said.setdefault(kind, {}).setdefault("deprecated", f"1, {minor}")
    return said


def number(value):
    return int(value.split(",")[1]) if value else None


def replacement(value):
    if not value:
        return ""
    part = dict(re.findall(r'(Group|Version|Kind): "([^"]*)"', value))
    api = "/".join(text for text in (part.get("Group"), part.get("Version")) if text)
    return f"{api} {part['Kind']}"


def read():
    """Returns a row for each group, version and kind."""
    rows, seen_in, newest = {}, {}, {}
    for module, version, folder in modules():
        minor = minor_of(version)
        newest[module] = minor
        for register in sorted(folder.rglob("register.go")):
            package = register.parent
            name = re.search(r'GroupName\s*=\s*"([^"]*)"', register.read_text())
            if not name or not re.fullmatch(r"v\d+((alpha|beta)\d+)?", package.name) or "internal" in package.parts:
                continue
            said = lifecycle_of(package)
            for kind in kinds_of(package):
                if NO_MANIFEST.search(kind) or (name.group(1), kind) in NO_MANIFESTS:
                    continue
                key = (name.group(1), package.name, kind)
                seen_in.setdefault(key, []).append(minor)
                life = said.get(kind, {})
                row = rows[key] = {
                    "module": module,
                    "introduced": number(life.get("introduced")),
                    "deprecated": number(life.get("deprecated")),
                    "removed": number(life.get("removed")),
                    "replacement": replacement(life.get("replacement")),
                    "source": f"{module}@{version}/{package.relative_to(folder)}",
                }
    for key, row in rows.items():
        first, last = seen_in[key][0], seen_in[key][-1]
        if row["introduced"] is None and first > OLDEST and row["module"] == "k8s.io/api":
            row["introduced"] = first
        if last < newest[row["module"]] and row["module"] == "k8s.io/api":
            row["removed"] = min(row["removed"] or last + 1, last + 1)
        if row["removed"] and (row["deprecated"] or 0) >= row["removed"]:
            row["deprecated"] = None
    served = {key: row for key, row in rows.items() if not row["removed"] or row["removed"] > newest["k8s.io/api"]}
    for key, row in rows.items():
        row["replacement"] = successor(key, rows, served)
    return rows


def successor(key, rows, served):
    """Returns what follows a kind: the newest stable version of it, what is said, else the newest version of it."""
    group, version, kind = key
    others = sorted((other[1] for other in served if (other[0], other[2]) == (group, kind)), key=rank)
    if others and rank(others[-1]) > rank(version):
        return f"{group}/{others[-1]} {kind}"
    if key in TOLD:
        return TOLD[key]
    said = rows[key]["replacement"]
    api, _, next_kind = said.rpartition(" ")
    next_key = (*api.rpartition("/")[::2], next_kind)
    if next_key in rows and next_key not in served:
        return successor(next_key, rows, served)
    return said


def rank(version):
    """Orders versions: stable ones behind all others."""
    number, stage, of_stage = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version).groups()
    return ({"alpha": 0, "beta": 1, None: 2}[stage], int(number), int(of_stage or 0))


def table():
    lines = [HEADER]
    minor = lambda value: f"1.{value}" if value is not None else ""
    for key, row in sorted(read().items()):
        is_new = row["introduced"] is not None and row["introduced"] > OLDEST
        if not (is_new or row["deprecated"] or row["removed"]):
            continue
        figures = [minor(row[what]) for what in ("introduced", "deprecated", "removed")]
        group, version, kind = key
        api_version = f"{group}/{version}" if group else version
        lines.append("\t".join([api_version, kind, *figures, row["replacement"], row["source"]]) + "\n")
    return "".join(lines)


def main():
    text = table()
    count = len(text.splitlines()) - 2
    if sys.argv[1:] == ["--check"]:
        if TABLE.read_text() != text:
            print(f"{TABLE.name} is not what Kubernetes' modules say: run tests/kubernetes_apis.py")
            return 1
        print(f"{count} kinds as Kubernetes' modules have them")
        return 0
    TABLE.write_text(text)
    print(f"{count} kinds written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
