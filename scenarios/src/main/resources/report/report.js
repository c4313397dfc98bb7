// Fills the page.

function header() {
  document.title = summary.scenario + " – iommusim";
  byId("name").textContent = summary.scenario;
  byId("description").textContent = summary.description;
  const verdict = byId("verdict");
  verdict.textContent = summary.passed ? "✓ all expectations hold" : "✗ an expectation failed";
  verdict.classList.add(summary.passed ? "good" : "bad");
  const chips = [["kernel", summary.kernel], ["seed", summary.seed]];
  summary.iommus.forEach((iommu) => {
    const more = Object.keys(iommu.parameters).length;
    chips.push([iommu.id, iommu.kind + (iommu.preset ? " / " + iommu.preset : "") + (more ? " + " + more + (more === 1 ? " parameter" : " parameters") : "")]);
  });
  chips.push(["host costs", "uncalibrated"]);
  chips.forEach(([name, value]) => byId("chips").append(element("li", {}, element("b", {}, name), value)));
  byId("digest").textContent = "digest " + summary.digest;
}

function figures() {
  const held = summary.expectations.filter((e) => e.holds).length;
  const all = summary.total;
  const shown = [
    [time(summary.end_ps), "simulated"],
    [held + " of " + summary.expectations.length, "expectations hold"],
    [String(summary.violations.length), "violations"],
    [grouped(all.requests), "DMA requests"],
  ];
  if (all.classes[0].count > 0) {
    shown.push([time(all.classes[0].p50_ps), "median latency"], [time(all.classes[0].p99_ps), "99th percentile"]);
  }
  shown.forEach(([value, name]) => byId("figures").append(element("div", { class: "figure" }, element("b", {}, value), element("span", {}, name))));
}

function expectations() {
  const rows = summary.expectations.map((e) => [
    element("span", { class: e.holds ? "good" : "bad" }, e.holds ? "✓ pass" : "✗ FAIL"),
    e.expected,
    e.found,
    element("span", { class: "soft" }, e.comment || (e.pointer ? "" : "holds in every run")),
  ]);
  const place = byId("expectations");
  place.append(table(["", "expected", "found", ""], rows));
  const problems = [
    ...summary.violations.map((v) => [v.check, time(v.time_ps), v.message]),
    ...summary.stuck.map((s) => ["stuck", "", s.actor + ": " + s.position]),
  ];
  if (problems.length) {
    place.append(element("h3", { class: "bad" }, "Problems"), table(["check", ">time", "message"], problems));
  }
}

function objects() {
  const place = byId("objects");
  place.append(element("h3", {}, "At the end"));
  if (summary.objects.length) {
    const rows = summary.objects.map((o) => [o.context, String(o.id), o.type, o.state, o.detail]);
    place.append(table(["context", ">id", "type", "state", "hangs on"], rows));
  } else {
    place.append(element("p", { class: "soft" }, "None is left."));
  }
  const classes = { created: "good", destroyed: "soft", tombstone: "known", aborted: "bad" };
  const rows = summary.object_changes.map((c) => [
    time(c.time_ps),
    c.context,
    String(c.id),
    c.type,
    element("span", { class: classes[c.change] || "" }, c.change),
    c.detail,
  ]);
  place.append(element("h3", {}, "Changes"), table([">time", "context", ">id", "type", "change", "hangs on"], rows));
}

function statistics() {
  const counted = summary.statistics.filter((s) => s.value !== 0);
  const values = new Map(counted.map((s) => [s.name, s.value]));
  const rows = counted.map((s) => {
    const misses = values.get(s.name.replace(/hits$/, "misses")) || 0;
    const rate = s.name.endsWith("hits") ? percent(s.value, s.value + misses) + " hit" : "";
    return [element("code", {}, s.name), grouped(s.value), s.unit, rate, element("span", { class: "soft" }, s.description)];
  });
  byId("statistics").append(table(["counter", ">value", "unit", "", ""], rows));
}

function section(id, there, draw) {
  if (!there) {
    byId(id).remove();
    return;
  }
  try {
    draw();
  } catch (problem) {
    errors += 1;
    console.error(id, problem);
  }
}

setTheme(systemDark.matches);
section("verdict", true, header);
section("figures", true, figures);
section("timeline-section", summary.timeline.length > 0, () => {
  drawTimeline();
  redraws.push(drawTimeline);
});
section("latency-section", measured.length > 0, () => {
  drawPercentiles();
  latencyTable();
  redraws.push(drawPercentiles);
});
section("breakdown-section", measured.length > 0, () => {
  drawBreakdown();
  redraws.push(drawBreakdown);
});
section("expectations-section", true, expectations);
section("objects-section", summary.object_changes.length > 0, objects);
section("statistics-section", summary.statistics.some((s) => s.value !== 0), statistics);

let resizing = 0;
window.addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => redraws.forEach((redraw) => redraw()), 150);
});
document.body.dataset.errors = String(errors);
document.body.dataset.ready = "true";
