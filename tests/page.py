#!/usr/bin/env python3
"""tests/page.py PAGE.html RESULT.json [SCREENSHOTS]: opens what `yoshino diff --format html` wrote in headless Chromium, and compares
it with what `--format json` says of the same change.

It is driven over a pipe, so nothing is listened on. Exits with 1 and says so where the page asks the network for
anything, logs an error, shows other numbers than the JSON, or does not follow its filters or the keyboard."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time

CLASSES = ["destroys", "refuses", "replaces", "installs", "upgrades", "changes", "cosmetic"]


class Chromium:
    """A headless Chromium with one page, spoken to in its DevTools protocol."""

    def __init__(self, profile):
        to_child, self.write = os.pipe()
        self.read, from_child = os.pipe()
        # Chromium reads from 3 and writes to 4.
        keep = [os.dup(to_child), os.dup(from_child)]
        arguments = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
                     f"--user-data-dir={profile}", "about:blank"]
        def prepare():
            high = [os.dup2(descriptor, 90 + index) for index, descriptor in enumerate(keep)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)
        self.process = subprocess.Popen(arguments, preexec_fn=prepare, close_fds=False, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for descriptor in [to_child, from_child, *keep]:
            os.close(descriptor)
        self.number, self.buffer, self.events, self.session = 0, b"", [], None
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(f"{domain}.enable")

    def message(self):
        while b"\0" not in self.buffer:
            chunk = os.read(self.read, 1 << 20)
            if not chunk:
                raise SystemExit("Chromium went away")
            self.buffer += chunk
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, event):
        while not any(known["method"] == event for known in self.events):
            self.events.append(self.message())

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise SystemExit(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, key, code=None):
        for kind in ["keyDown", "keyUp"]:
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code or key, windowsVirtualKeyCode=13 if key == "Enter" else 0, **text)

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))


def count(change):
    return max(len(change.get("clusters", [])), 1)


def check(wrong, what, found, expected):
    if found != expected:
        wrong.append(f"{what}: the page has {found!r}, the JSON {expected!r}")


def shown_number(chromium):
    """The number of changes that the page says it shows."""
    return int(chromium.evaluate("document.getElementById('changes-count').textContent.split(' ')[0].replaceAll(',', '')"))


def check_numbers(chromium, result, wrong):
    summary = chromium.evaluate("Object.fromEntries([...document.querySelectorAll('#summary li')].map(li => [li.dataset.class, Number(li.dataset.count)]))")
    check(wrong, "summary", summary, {name: result["summary"][name] for name in CLASSES})
    check(wrong, "all changes", shown_number(chromium), sum(count(change) for change in result["changes"]))
    texts = chromium.evaluate("[...document.querySelectorAll('#summary b')].map(b => Number(b.textContent.replaceAll(',', '')))")
    check(wrong, "summary as shown", texts, [result["summary"][name] for name in CLASSES])
    sentence = chromium.evaluate("document.getElementById('applications').textContent.replaceAll(',', '').match(/\\d+/g).map(Number)")
    check(wrong, "Applications", sentence, [len(result["applications"][part]) for part in ["added", "removed", "changed"]])


def check_filters(chromium, result, wrong):
    change = "document.getElementById('filter').dispatchEvent(new Event('input', {bubbles: true}))"
    clusters = [cluster for one in result["changes"] for cluster in one.get("clusters", [])]
    if clusters:
        cluster = clusters[len(clusters) // 2]
        chromium.evaluate(f"document.getElementById('cluster').value = {json.dumps(cluster)}; {change}")
        expected = sum(count(one) for one in result["changes"] if any(cluster in known for known in one.get("clusters", [])))
        check(wrong, f"changes of {cluster}", shown_number(chromium), expected)
        chromium.evaluate(f"document.getElementById('cluster').value = ''; {change}")
    for addon in sorted({one["addon"] for one in result["changes"] if "addon" in one})[:3]:
        chromium.evaluate(f"document.getElementById('addon').value = {json.dumps(addon)}; {change}")
        check(wrong, f"changes of {addon}", shown_number(chromium), sum(count(one) for one in result["changes"] if one.get("addon") == addon))
        chromium.evaluate(f"document.getElementById('addon').value = ''; {change}")
    for name in CLASSES:
        chromium.evaluate(f"for (const box of document.querySelectorAll('input[name=class]')) box.checked = box.value === {json.dumps(name)}; {change}")
        check(wrong, f"changes of class {name}", shown_number(chromium), result["summary"][name])
    chromium.evaluate(f"for (const box of document.querySelectorAll('input[name=class]')) box.checked = true; {change}")


def check_keyboard(chromium, result, wrong):
    if not chromium.evaluate("document.querySelectorAll('#fleet i.is').length"):
        return
    chromium.evaluate("document.getElementById('fleet').focus()")
    for key in ["ArrowDown", "ArrowUp", "ArrowRight", "ArrowLeft", "End", "Home"]:
        chromium.press(key)
    check(wrong, "cells under the cursor", chromium.evaluate("document.querySelectorAll('#fleet .at').length"), 1)
    before = chromium.evaluate("document.getElementById('cell').textContent")
    if " on " not in before:
        wrong.append(f"arrow keys say nothing of the cell: {before!r}")
    # Walk to a cell that changes, as a person would, and open it.
    position = chromium.evaluate("(() => { const cell = document.querySelector('#fleet i.is'); return [...cell.parentElement.children].indexOf(cell) - 1 })()")
    row = chromium.evaluate("[...document.getElementById('fleet').children].indexOf(document.querySelector('#fleet i.is').parentElement) - 1")
    for _ in range(row):
        chromium.press("ArrowDown")
    for _ in range(position):
        chromium.press("ArrowRight")
    chromium.press("Enter")
    if shown_number(chromium) < 1:
        wrong.append("Enter on a cell that changes shows no change")
    if chromium.evaluate("document.activeElement.tagName") != "SUMMARY":
        wrong.append("Enter on a cell does not lead to its changes")
    chromium.press("Enter")
    if not chromium.evaluate("document.querySelector('#changes details').open"):
        wrong.append("Enter does not unfold a change")
    chromium.evaluate("document.querySelector('button[type=reset]').click()")
    chromium.evaluate("new Promise(done => setTimeout(done, 50))")
    check(wrong, "changes after Show all", shown_number(chromium), sum(count(change) for change in result["changes"]))


def check_colours(chromium, wrong):
    grounds = []
    for scheme in ["light", "dark"]:
        chromium.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        grounds.append(chromium.evaluate("getComputedStyle(document.body).backgroundColor"))
    if grounds[0] == grounds[1]:
        wrong.append("light and dark are the same")


def main():
    page, result = os.path.abspath(sys.argv[1]), json.load(open(sys.argv[2]))
    wrong = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        chromium = Chromium(profile)
        try:
            started = time.monotonic()
            chromium.call("Page.navigate", url=f"file://{page}")
            chromium.wait("Page.loadEventFired")
            rows = chromium.evaluate("document.querySelectorAll('#fleet .row').length - 1")
            loaded = time.monotonic() - started
            check_numbers(chromium, result, wrong)
            check_filters(chromium, result, wrong)
            check_keyboard(chromium, result, wrong)
            check_colours(chromium, wrong)
            if len(sys.argv) > 3:
                for scheme in ["light", "dark"]:
                    chromium.call("Emulation.setDeviceMetricsOverride", width=1300, height=1000, deviceScaleFactor=1, mobile=False)
                    chromium.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
                    chromium.evaluate("window.scrollTo(0, 0)")
                    chromium.screenshot(f"{sys.argv[3]}/{scheme}.png")
                chromium.evaluate("document.getElementById('fleet-title').scrollIntoView()")
                chromium.screenshot(f"{sys.argv[3]}/fleet.png")
            chromium.call("Runtime.evaluate", expression="1")
            for event in chromium.events:
                parameters = event.get("params", {})
                if event["method"] == "Runtime.exceptionThrown":
                    wrong.append(f"exception: {parameters['exceptionDetails']}")
                if event["method"] == "Log.entryAdded" and parameters["entry"]["level"] == "error":
                    wrong.append(f"error: {parameters['entry']['text']}")
                if event["method"] == "Network.requestWillBeSent" and not parameters["request"]["url"].startswith("file://"):
                    wrong.append(f"asks for {parameters['request']['url']}")
        finally:
            chromium.process.kill()
            chromium.process.wait()
    for line in wrong:
        print(line)
    print(f"{len(result['changes'])} changes and {rows} clusters shown after {loaded:.2f} s, {os.path.getsize(page) >> 10} KiB; {len(wrong)} differences from the JSON")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
