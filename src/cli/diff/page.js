"use strict";
(() => {
  const CLASSES = ["destroys", "refuses", "replaces", "installs", "upgrades", "changes", "cosmetic"];
  const SIGNS = ["×", "!", "↻", "+", "↑", "~", "·"];
  const PAGE = 100;
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en-US");
  const counted = (value, what) => `${number(value)} ${what}${value === 1 ? "" : "s"}`;

  /** Makes an element; text is never markup. */
  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  function showHead() {
    at("revisions").append(make("code", {}, data.base), " → ", make("code", {}, data.head));
    for (const name of CLASSES) {
      const count = data.summary[name];
      at("summary").append(make("li", { class: count ? name : `${name} none`, "data-class": name, "data-count": count },
        make("b", {}, number(count)), ` ${name}`));
    }
    const { added, removed, changed } = data.applications;
    at("applications").textContent = `Applications: ${number(added.length)} added, ${number(removed.length)} removed, ${number(changed.length)} changed`;
    const beyond = Object.entries(data.limits).filter(([, limit]) => limit.found > limit.allowed);
    if (beyond.length) {
      at("limits").hidden = false;
      at("limits").append("More than the fleet lets through. To acknowledge it, add to a commit message:",
        make("pre", {}, beyond.map(([name, limit]) => `Allow: ${name}=${limit.found}`).join("\n")),
        beyond.map(([name, limit]) => `${name}: ${number(limit.found)} found, ${number(limit.allowed)} let through`).join(" · "));
    }
    for (const finding of data.halfApplied) {
      at("half-applied").hidden = false;
      at("half-applied").append(make("p", {},
        `While only a part is applied (${finding.state} on ${finding.management}): ${finding.what}: ${finding.applications.join(", ")}`));
    }
  }

  function showFilter() {
    const addons = new Set(data.matrix.addons);
    for (const change of data.changes) if (change.addon) addons.add(change.addon);
    for (const name of [...addons].sort()) at("addon").append(make("option", {}, name));
    for (const name of CLASSES) {
      const box = make("input", { type: "checkbox", name: "class", value: name });
      box.defaultChecked = true;
      at("classes").append(make("label", {}, box, ` ${name}`));
    }
  }

  function wanted() {
    const boxes = [...document.querySelectorAll("input[name=class]:checked")].map((box) => box.value);
    return { cluster: at("cluster").value.trim().toLowerCase(), addon: at("addon").value, classes: new Set(boxes) };
  }

  const names = (change) => change.clusters || [];
  function matches(change, want) {
    return want.classes.has(change.class)
      && (!want.addon || change.addon === want.addon)
      && (!want.cluster || names(change).some((name) => name.toLowerCase().includes(want.cluster)));
  }

  function nodes({ min, max }) {
    return min === max ? counted(min, "node") : `${number(min)} to ${number(max)} nodes`;
  }

  function summaryOf(change) {
    const clusters = names(change);
    const place = clusters.length === 0 ? change.management : clusters.length === 1 ? clusters[0] : counted(clusters.length, "cluster");
    const parts = [`of ${place}`];
    if (change.workloads) parts.push(`workloads are ${change.workloads}`);
    if (change.machines && change.machines.controlPlanes) parts.push(`${counted(change.machines.controlPlanes, "control plane")} rolled`);
    if (change.machines && change.machines.nodes.max) parts.push(`${nodes(change.machines.nodes)} rolled`);
    return make("summary", {}, make("span", { class: "what" }, change.class), ` ${change.kind} `, make("code", {}, change.name), ` ${parts.join(" · ")}`);
  }

  /** Shows a change; what is folded is made when it is opened. */
  function block(change) {
    const details = make("details", { class: change.class }, summaryOf(change));
    details.addEventListener("toggle", () => {
      if (details.childElementCount > 1) return;
      const list = make("ul", {}, ...(change.reasons || []).map((reason) => make("li", {}, reason)));
      if (names(change).length > 1) list.append(make("li", {}, `clusters: ${names(change).join(", ")}`));
      details.append(list);
      for (const field of change.fields || []) {
        const lines = make("div", { class: "field" }, make("div", { class: "path" }, field.path));
        for (const side of ["from", "to"]) if (side in field) lines.append(make("pre", { class: side }, field[side]));
        details.append(lines);
      }
    });
    return details;
  }

  let shown = [];
  function showChanges() {
    const want = wanted();
    shown = data.changes.filter((change) => matches(change, want));
    const count = shown.reduce((sum, change) => sum + Math.max(names(change).length, 1), 0);
    at("changes-count").textContent = shown.length === data.changes.length
      ? counted(count, "change") : `${counted(count, "change")} of the ${number(total)}`;
    at("changes").replaceChildren();
    showMore();
  }
  const total = data.changes.reduce((sum, change) => sum + Math.max(names(change).length, 1), 0);

  function showMore() {
    const from = at("changes").childElementCount;
    at("changes").append(...shown.slice(from, from + PAGE).map(block));
    const left = shown.length - at("changes").childElementCount;
    at("more").hidden = left === 0;
    at("more").textContent = `Show more (${number(left)} left)`;
  }

  // A cell is 0, the number of a version, or the versions before and after with a class.
  const classOf = (cell) => (Array.isArray(cell) ? cell[2] : null);
  let rows = [];
  let columns = [];
  function showFleet() {
    const want = wanted();
    const { addons } = data.matrix;
    columns = [...addons.keys()].filter((column) => !want.addon || addons[column] === want.addon);
    const changes = (cell) => classOf(cell) !== null && want.classes.has(CLASSES[classOf(cell)]);
    rows = data.matrix.rows.filter(([, project, name, cells]) =>
      (!want.cluster || `${project}/${name}`.toLowerCase().includes(want.cluster))
      && (!at("only-changed").checked || columns.some((column) => changes(cells[column]))));
    const head = make("div", { class: "row head", role: "row" }, make("div", { class: "name", role: "columnheader" }, "cluster"),
      ...columns.map((column) => make("span", { role: "columnheader" }, addons[column])));
    at("fleet").replaceChildren(head, ...rows.map(([management, project, name, cells]) => {
      const row = make("div", { class: "row", role: "row" });
      row.append(make("div", { class: "name", role: "rowheader", title: `${project}/${name} on ${management}` }, `${project}/${name}`));
      for (const column of columns) {
        const cell = cells[column];
        const kind = changes(cell) ? classOf(cell) : null;
        const style = kind !== null ? `is ${CLASSES[kind]}` : (Array.isArray(cell) ? cell[1] : cell) ? "on" : "";
        row.append(make("i", { role: "gridcell", class: style }, kind === null ? "" : SIGNS[kind]));
      }
      return row;
    }));
    at("fleet-count").textContent = `${number(rows.length)} of ${counted(data.matrix.rows.length, "cluster")}`;
    place = { row: 0, column: 0 };
  }

  let place = { row: 0, column: 0 };
  const cellAt = ({ row, column }) => at("fleet").children[row + 1]?.children[column + 1];
  function move(row, column) {
    if (!rows.length || !columns.length) return;
    cellAt(place)?.classList.remove("at");
    place = { row: Math.max(0, Math.min(rows.length - 1, row)), column: Math.max(0, Math.min(columns.length - 1, column)) };
    cellAt(place).classList.add("at");
    cellAt(place).scrollIntoView({ block: "nearest", inline: "nearest" });
    at("cell").textContent = describe(place);
  }

  function describe({ row, column }) {
    const [management, project, name, cells] = rows[row];
    const cell = cells[columns[column]];
    const version = (index) => (index ? data.matrix.versions[index] || "installed" : "not installed");
    const what = Array.isArray(cell) ? `${CLASSES[cell[2]]}: ${version(cell[0])} → ${version(cell[1])}` : version(cell);
    return `${data.matrix.addons[columns[column]]} on ${project}/${name} (${management}): ${what}`;
  }

  function open({ row, column }) {
    at("cluster").value = `${rows[row][1]}/${rows[row][2]}`;
    at("addon").value = data.matrix.addons[columns[column]];
    show();
    at("changes-title").scrollIntoView();
    at("changes").querySelector("summary")?.focus();
  }

  function placeOf(event) {
    const cell = event.target.closest("i");
    if (!cell) return null;
    const row = cell.parentElement;
    return { row: [...at("fleet").children].indexOf(row) - 1, column: [...row.children].indexOf(cell) - 1 };
  }

  function show() {
    showChanges();
    showFleet();
  }

  at("filter").addEventListener("input", show);
  at("filter").addEventListener("submit", (event) => event.preventDefault());
  at("filter").addEventListener("reset", () => setTimeout(show));
  at("only-changed").addEventListener("change", showFleet);
  at("more").addEventListener("click", showMore);
  at("fleet").addEventListener("mouseover", (event) => {
    const found = placeOf(event);
    if (found) at("cell").textContent = describe(found);
  });
  at("fleet").addEventListener("click", (event) => {
    const found = placeOf(event);
    if (found) { move(found.row, found.column); open(found); }
  });
  at("fleet").addEventListener("keydown", (event) => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-20, 0], PageDown: [20, 0], Home: [-1e9, -1e9], End: [1e9, 1e9] };
    if (event.key === "Enter" && rows.length && columns.length) { open(place); event.preventDefault(); return; }
    const step = steps[event.key];
    if (!step) return;
    move(place.row + step[0], place.column + step[1]);
    event.preventDefault();
  });

  showHead();
  showFilter();
  show();
})();
