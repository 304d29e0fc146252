"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 200;

  // Everything that comes from inputs goes through here, as text.
  function make(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "onclick" || key === "oninput" || key === "onchange") node[key] = value;
      else if (value !== null && value !== undefined) node.setAttribute(key, value);
    }
    for (const child of children) {
      if (child !== null && child !== undefined) node.append(child);
    }
    return node;
  }
  const count = (n) => n.toLocaleString("en");
  const share = (x) => (x === null || x === undefined ? "" : x.toFixed(2));
  const fault = (d) => (d.fault ? d.fault.reason : "");
  const languages = (d) => d.texts.map((t) => t.language || "?").join(" → ");

  const columns = [
    { name: "Document", key: (d) => d.id, text: true },
    { name: "Status", key: (d) => d.status, text: true },
    { name: "Reason", key: fault, text: true },
    { name: "Quality", key: (d) => d.quality, show: (d) => share(d.quality) },
    { name: "Languages", key: languages, text: true },
    { name: "Coverage", key: (d) => d.coverage, show: (d) => share(d.coverage) },
    { name: "Segments", key: (d) => d.segments, show: (d) => (d.segments ? count(d.segments) : "") },
    { name: "Doubtful", key: (d) => d.doubtful, show: (d) => (d.beads ? count(d.doubtful) : "") },
    { name: "Outputs or cause", key: null, text: true },
  ];
  // The worst first: what failed, what was rejected, then by quality.
  const rank = { failed: 0, rejected: 1, aligned: 2 };
  const state = { column: null, down: false, text: "", status: "", reason: "", languages: "", below: "", shown: PAGE };

  function compare(a, b) {
    if (state.column === null) {
      return rank[a.status] - rank[b.status] || (a.quality ?? -1) - (b.quality ?? -1);
    }
    const key = columns[state.column].key;
    const [x, y] = [key(a), key(b)];
    // What has no value stands last, either way.
    const empty = (v) => v === null || v === undefined || v === "";
    if (empty(x) || empty(y)) return empty(x) - empty(y);
    const order = typeof x === "number" ? x - y : x < y ? -1 : x > y ? 1 : 0;
    return state.down ? -order : order;
  }

  function wanted(d) {
    if (state.status && d.status !== state.status) return false;
    if (state.reason && fault(d) !== state.reason) return false;
    if (state.languages && languages(d) !== state.languages) return false;
    if (state.below !== "" && !(d.quality !== null && d.quality < Number(state.below))) return false;
    if (!state.text) return true;
    const all = [d.id, d.fault ? d.fault.cause : "", ...d.texts.map((t) => t.path)].join("\n").toLowerCase();
    return all.includes(state.text.toLowerCase());
  }

  function histogram(classes) {
    const most = Math.max(1, ...classes);
    const box = make("div", { class: "histogram", role: "img", "aria-label": "Links by confidence: " + classes.map((n, k) => `from 0.${k}: ${n}`).join(", ") });
    classes.forEach((n, k) => {
      const bar = make("i");
      bar.style.height = (n ? Math.max(1, Math.round((n / most) * 120)) : 0) + "px";
      box.append(make("div", {}, count(n), bar, k === 9 ? "0.9–1" : `0.${k}`));
    });
    return box;
  }

  // A small table; the columns named in `numbers` are figures.
  function table(head, rows, numbers = []) {
    const kind = (k) => ({ class: numbers.includes(head[k]) ? "number" : null });
    return make("table", {}, make("thead", {}, make("tr", {}, ...head.map((h, k) => make("th", kind(k), h)))),
      make("tbody", {}, ...rows.map((r) => make("tr", {}, ...r.map((c, k) => make("td", kind(k), c))))));
  }

  function detail(d) {
    const box = make("td", { class: "detail", colspan: columns.length });
    if (d.fault) box.append(make("p", {}, d.fault.cause), d.fault.mend ? make("p", {}, "What to do: " + d.fault.mend) : "");
    box.append(make("h3", {}, "Texts"), table(["File", "Language", "Looks like", "Segments", "Encoding", "Bytes"], d.texts.map((t) =>
      [t.path, t.language, t.looks ? `${t.looks} (${share(t.sure)})` : "", count(t.segments), t.encoding, count(t.bytes)]), ["Segments", "Bytes"]));
    for (const a of d.alignments) {
      box.append(make("h3", {}, a.languages), make("p", {}, `quality ${share(a.quality)}, coverage ${share(a.coverage[0])} of the source and ${share(a.coverage[1])} of the version, ${count(a.beads)} beads, ${count(a.doubtful)} doubtful, ${count(a.moved)} moved`));
      const types = Object.entries(a.types).sort((x, y) => y[1] - x[1]);
      box.append(make("p", {}, "Beads: " + types.map(([t, n]) => `${count(n)} ${t}`).join(", ")), histogram(a.confidence));
      if (a.worst.length) box.append(make("h3", {}, "Least certain links"), table(["Confidence", "Source", "Version"], a.worst.map((w) => [share(w.confidence), w.source, w.version]), ["Confidence"]));
    }
    if (d.warnings.length) box.append(make("h3", {}, "Noticed"), ...d.warnings.map((w) => make("p", {}, w)));
    return make("tr", {}, box);
  }

  function cell(d, column, row) {
    if (column.key === null) {
      const links = d.outputs.map((o) => make("a", { href: o.href }, o.path.split("/").pop()));
      const box = make("td", { class: "cause" });
      links.forEach((link, k) => box.append(k ? ", " : "", link));
      if (d.fault) box.append(links.length ? make("br") : "", d.fault.cause);
      return box;
    }
    if (column.name === "Document") {
      const open = make("button", { "aria-expanded": "false", title: "Show details", onclick: () => {
        const isOpen = open.getAttribute("aria-expanded") === "true";
        open.setAttribute("aria-expanded", String(!isOpen));
        if (isOpen) row.nextSibling.remove();
        else row.after(detail(d));
      } }, d.id);
      return make("td", { class: "id" }, open);
    }
    const kind = column.name === "Status" ? d.status + " nowrap" : column.text ? "nowrap" : "number";
    return make("td", { class: kind }, column.show ? column.show(d) : column.key(d));
  }

  const body = make("tbody");
  const found = make("p", { class: "soft", "aria-live": "polite" });
  const more = make("button", { onclick: () => { state.shown += PAGE; draw(); } }, "Show more");
  const heads = columns.map((column, k) => make("th", { class: column.text ? null : "number", "aria-sort": "none" }, column.key === null ? column.name
    : make("button", { onclick: () => {
      state.down = state.column === k ? !state.down : false;
      state.column = k;
      state.shown = PAGE;
      draw();
    } }, column.name)));

  function draw() {
    const rows = data.documents.filter(wanted);
    rows.sort(compare);
    heads.forEach((head, k) => head.setAttribute("aria-sort", k !== state.column ? "none" : state.down ? "descending" : "ascending"));
    body.replaceChildren(...rows.slice(0, state.shown).map((d) => {
      const row = make("tr");
      row.append(...columns.map((column) => cell(d, column, row)));
      return row;
    }));
    found.textContent = `${count(rows.length)} of ${count(data.documents.length)} documents` + (rows.length > state.shown ? `, the first ${count(state.shown)} shown` : "");
    more.hidden = rows.length <= state.shown;
  }

  function filter(name, all, values) {
    const options = values.map((v) => make("option", { value: v }, v));
    return make("select", { "aria-label": all, onchange: (e) => { state[name] = e.target.value; state.shown = PAGE; draw(); } }, make("option", { value: "" }, all), ...options);
  }
  const distinct = (f) => [...new Set(data.documents.map(f))].filter(Boolean).sort();
  const typed = (name) => (e) => { state[name] = e.target.value; state.shown = PAGE; draw(); };

  const reasons = filter("reason", "All reasons", distinct(fault));
  // A reason of the overview shows its documents.
  const only = (reason) => make("button", { title: "Show these documents", onclick: () => {
    state.reason = reasons.value = state.reason === reason ? "" : reason;
    state.shown = PAGE;
    draw();
  } }, reason);

  const t = data.totals;
  const card = (n, name, kind) => make("div", { class: "card" }, make("b", { class: kind }, count(n)), name);
  const main = document.getElementById("main");
  main.append(
    make("h1", {}, "Batch report"),
    make("p", { class: "soft" }, `hexapla ${data.version}, begun ${data.created.replace(/^(....)(..)(..)T(..)(..).*/, "$1-$2-$3 $4:$5")} UTC; encoder ${data.options.encoder}`),
    make("div", { class: "cards" }, card(t.documents, "documents"), card(t.aligned, "aligned", "aligned"), card(t.rejected, "rejected", "rejected"), card(t.failed, "failed", "failed"),
      t.waiting ? card(t.waiting, "not begun") : null, card(t.segments, "segments"), card(t.beads, "beads"), card(t.doubtful, "doubtful links"), t.alone ? card(t.alone, "files alone") : null),
    make("div", { class: "columns" },
      make("section", {}, make("h2", {}, "Links by confidence"), histogram(data.confidence)),
      Object.keys(data.reasons).length ? make("section", { class: "reasons" }, make("h2", {}, "Reasons"), table(["Reason", "Documents"], Object.entries(data.reasons).sort((x, y) => y[1] - x[1]).map(([r, n]) => [only(r), count(n)]), ["Documents"])) : null,
      data.memories.length ? make("section", {}, make("h2", {}, "Memories"), table(["File", "Units"], data.memories.map((m) => [make("a", { href: m.href }, m.path), count(m.written)]), ["Units"])) : null),
    make("h2", {}, "Documents"),
    make("div", { class: "controls" },
      make("input", { type: "search", placeholder: "Name, path or cause", "aria-label": "Name, path or cause", oninput: typed("text") }),
      filter("status", "All statuses", distinct((d) => d.status)),
      reasons,
      filter("languages", "All languages", distinct(languages)),
      make("label", {}, "Quality under ", make("input", { type: "number", min: "0", max: "1", step: "0.05", "aria-label": "Quality under", oninput: typed("below") }))),
    found,
    make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body)),
    make("p", {}, more));
  if (data.alone.length) {
    main.append(make("h2", {}, "Files without a partner"), table(["File", "Why"], data.alone.map((a) => [a.path, a.why])));
  }
  draw();
})();
