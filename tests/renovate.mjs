// What the starter's configuration of Renovate finds in addons, by the query language that Renovate itself uses.
// renovate.mjs FOLDER-OF-PACKAGES renovate.json: prints `all found`, or what was found instead.
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [packages, configuration] = process.argv.slice(2);
const require = createRequire(`${packages}/`);
const jsonata = require("jsonata");
const yaml = require("yaml");

// As Renovate does: all documents of the file at once, each query by itself, one result or many.
async function found(text) {
  const documents = yaml.parseAllDocuments(text).map((document) => document.toJSON());
  const queries = JSON.parse(readFileSync(configuration)).customManagers[0].matchStrings;
  const results = await Promise.all(queries.map((query) => jsonata(query).evaluate(documents)));
  // Through JSON, which drops what the queries leave undefined.
  return JSON.parse(JSON.stringify(results.map((result) => result ?? []).flat()));
}

const addon = (spec) => `kind: Addon\nmetadata: {name: x}\nspec: ${JSON.stringify(spec)}\n`;
const base = { repository: "https://charts.example.com", chart: "x", version: "1.20.3" };
const oci = { repository: "oci://registry.example.com/charts", chart: "x", version: "v1.2.3" };
const helm = { depName: "x", packageName: "x", datasource: "helm", registryUrl: base.repository };
const docker = { depName: "x", packageName: "registry.example.com/charts/x", datasource: "docker" };

const cases = [
  [{ source: { helm: base } }, [{ depType: "helm", currentValue: "1.20.3", ...helm }]],
  [{ source: { helm: oci } }, [{ depType: "helm", currentValue: "v1.2.3", ...docker }]],
  [
    {
      source: { helm: base },
      perMinor: [
        { kubernetes: "1.34", source: { helm: { version: "1.19.7" } } },
        { kubernetes: "1.33", source: { helm: oci } },
        { kubernetes: "1.32", source: { helm: { values: {} } } },
      ],
    },
    [
      { depType: "helm", currentValue: "1.20.3", ...helm },
      { depType: "perMinor", currentValue: "1.19.7", ...helm },
      { depType: "perMinor", currentValue: "v1.2.3", ...docker },
    ],
  ],
  [{ source: { manifests: { path: "x" } } }, []],
  [{ source: { manifests: { path: "x" } }, perMinor: [{ source: { helm: base } }] }, [{ depType: "perMinor", currentValue: "1.20.3", ...helm }]],
];
const byKeys = (one) => Object.fromEntries(Object.entries(one).sort());
for (const [spec, expected] of cases) {
  assert.deepStrictEqual((await found(addon(spec))).map(byKeys), expected.map(byKeys));
}
const both = `${addon({ source: { helm: base } })}---\n${addon({ source: { helm: oci } })}`;
assert.strictEqual((await found(both)).length, 2);
console.log("all found");
