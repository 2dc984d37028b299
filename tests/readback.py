#!/usr/bin/env python3
"""Reads YAML with other readers than yoshino's and compares the values.

    tests/readback.py pairs FILE.yaml FILE.json [...]   PyYAML (YAML 1.1) against the JSON that yoshino's reader gives
    tests/readback.py lines FOLDER < LINES              the same for {"file": PATH, "documents": [...]} a line on stdin;
                                                        every YAML file beneath FOLDER must have its line
    tests/readback.py kubectl FOLDER                    PyYAML against `kubectl label --local -f FILE -o json x=1`
    tests/readback.py answers ANSWERS DEVIATIONS < LINES
                                                        what yoshino's reader makes of inputs against what Kubernetes'
                                                        library makes of them; deviations that are meant stand in a file,
                                                        id and reason a line

Prints one line for each difference and the counts at the end; exit 1 on differences. Values are equal when their types
are too: `1`, `1.0`, `true` and `"1"` are four values.
"""
import json
import pathlib
import subprocess
import sys

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path):
    with open(path, "rb") as file:
        return list(yaml.load_all(file, Loader=Loader))


def differences(left, right, path="$"):
    """Yields a sentence for each place where two values differ."""
    if type(left) is not type(right):
        yield f"{path}: {type(left).__name__} {left!r:.80} against {type(right).__name__} {right!r:.80}"
    elif isinstance(left, dict):
        for key in sorted(left.keys() | right.keys(), key=repr):
            if key not in left or key not in right:
                yield f"{path}: key {key!r} is only {'here' if key in left else 'there'}"
            else:
                yield from differences(left[key], right[key], f"{path}.{key}")
    elif isinstance(left, list):
        if len(left) != len(right):
            yield f"{path}: {len(left)} items against {len(right)}"
        for index, (one, other) in enumerate(zip(left, right)):
            yield from differences(one, other, f"{path}[{index}]")
    elif left != right:
        yield f"{path}: {left!r:.80} against {right!r:.80}"


def report(compared, subject):
    """Prints and counts; `compared` yields (file, differences)."""
    files, problems = 0, 0
    for file, found in compared:
        files += 1
        for difference in found:
            problems += 1
            print(f"{file}: {difference}")
    print(f"{files} {subject}, {problems} differences")
    return 1 if problems or not files else 0


def pairs(arguments):
    if len(arguments) % 2:
        sys.exit("expected pairs of files")
    for file, answer in zip(arguments[::2], arguments[1::2]):
        with open(answer, encoding="utf-8") as stream:
            yield file, differences(read_yaml(file), json.load(stream))


def yaml_files(folder):
    return sorted(str(p) for p in pathlib.Path(folder).rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file())


def lines(folder):
    answers = {}
    for line in sys.stdin:
        answer = json.loads(line)
        answers[answer["file"]] = answer["documents"]
    for file in yaml_files(folder):
        if file not in answers:
            yield file, ["no answer of yoshino's reader"]
        else:
            yield file, differences(read_yaml(file), answers[file])


def is_object(document):
    return isinstance(document, dict) and "apiVersion" in document and "kind" in document


def without_label(document):
    """Takes out the label that kubectl was asked to add, and the map where it was alone."""
    labels = document["metadata"]["labels"]
    del labels["x"]
    if not labels:
        del document["metadata"]["labels"]
    return document


def kubectl_reads(files):
    """The objects of all files in their order; one process, since starting kubectl costs more than reading."""
    command = ["kubectl", "label", "--local", "--overwrite", "-o", "json", "x=1"]
    command += [flag for file in files for flag in ("-f", file)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    decoder, position, documents = json.JSONDecoder(), 0, []
    while position < len(printed):
        value, position = decoder.raw_decode(printed, position)
        while position < len(printed) and printed[position].isspace():
            position += 1
        documents += value["items"] if value.get("kind") == "List" else [value]
    return [without_label(document) for document in documents]


def kubectl(folder):
    """Values files hold no objects, so kubectl has nothing to say about them; they are counted."""
    files, passed_over = {}, 0
    for file in yaml_files(folder):
        documents = [document for document in read_yaml(file) if document is not None]
        if documents and all(is_object(document) for document in documents):
            files[file] = documents
        else:
            passed_over += 1
    print(f"{passed_over} files hold no objects and were not given to kubectl")
    answers = kubectl_reads(files) if files else []
    position = 0
    for file, documents in files.items():
        yield file, differences(documents, answers[position : position + len(documents)])
        position += len(documents)
    if position != len(answers):
        yield folder, [f"{position} objects given to kubectl, {len(answers)} came back"]


def same_number(value):
    """JSON has one kind of number: `1e20` and a one with twenty zeros are equal there."""
    if isinstance(value, dict):
        return {key: same_number(item) for key, item in value.items()}
    if isinstance(value, list):
        return [same_number(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def deviation(expected, found):
    """Says how an answer deviates, or nothing."""
    if "error" in expected:
        return None if "error" in found else f"refused by Kubernetes ({expected['error']:.60}), read here"
    if "error" in found:
        return "read by Kubernetes, refused here"
    value = json.loads(expected["json"])
    for difference in differences(same_number(found["json"]), same_number(value)):
        return f"here {difference}"
    if "strictError" in expected and found["strict"]:
        return f"refused by strict reading ({expected['strictError']:.60}), not by ours"
    return None


def meant_deviations(file):
    with open(file, encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split("\t", 1) for line in lines if not line.startswith("#"))


def answers(answers_file, deviations_file):
    found = {answer["id"]: answer for answer in map(json.loads, sys.stdin)}
    meant = meant_deviations(deviations_file)
    with open(answers_file, encoding="utf-8", newline="\n") as stream:
        for case in map(json.loads, stream):
            deviates = deviation(case, found[case["id"]])
            if case["id"] in meant:
                yield case["id"], [] if deviates else ["deviates no longer; take it out of the deviations"]
            else:
                yield case["id"], [f"{case['yaml']!r:.80}: {deviates}"] if deviates else []
    if meant:
        print(f"{len(meant)} deviations are meant")


def main():
    match sys.argv[1:]:
        case ["pairs", *arguments] if arguments:
            return report(pairs(arguments), "files read by PyYAML and by yoshino")
        case ["lines", folder]:
            return report(lines(folder), "files read by PyYAML and by yoshino")
        case ["answers", answers_file, deviations_file]:
            return report(answers(answers_file, deviations_file), "inputs read as Kubernetes' library reads them")
        case ["kubectl", folder]:
            return report(kubectl(folder), "files read by PyYAML and by kubectl")
    sys.exit(__doc__)


sys.exit(main())
