// The timeline: a lane for each actor, each traffic, and whoever else something happened to.

const LANE = 34;
const BAR = 20;
const TOP = 26;

function lanesOfTimeline() {
  const lanes = new Map();
  const lane = (name, kind) => {
    if (!lanes.has(name)) {
      lanes.set(name, { name, kind, steps: [], marks: [], activity: null });
    }
    return lanes.get(name);
  };
  summary.actors.forEach((actor) => lane(actor.id, actor.kind));
  for (const entry of summary.timeline) {
    const at = lane(entry.lane || "machine", "");
    if (entry.kind === "step") {
      at.steps.push(entry);
      entry.changes.forEach((change) => at.marks.push({ time: change.at_ps, kind: "change", change }));
    } else {
      at.marks.push({ time: entry.time_ps, kind: entry.kind, change: entry });
    }
  }
  for (const traffic of summary.traffic) {
    if (traffic.requests > 0) {
      lane("dma " + traffic.id, "traffic").activity = traffic;
    }
  }
  return [...lanes.values()];
}

/** Position of a time between 0 and 1. Compressed: a gap counts by its logarithm, so that short steps stay visible. */
function scaleOf(lanes, compressed, domain) {
  const [from, to] = domain;
  if (!compressed) {
    return (ps) => (ps - from) / Math.max(1, to - from);
  }
  const times = new Set([from, to]);
  for (const lane of lanes) {
    lane.steps.forEach((step) => times.add(step.time_ps).add(step.end_ps ?? summary.end_ps));
    lane.marks.forEach((mark) => times.add(mark.time));
    if (lane.activity) {
      const a = lane.activity.activity;
      const width = a.width_ps * a.counts.length;
      for (let i = 0; i <= 3; i += 1) {
        times.add(a.from_ps + (width * i) / 3);
      }
    }
  }
  const sorted = [...times].filter((t) => t >= from && t <= to).sort((a, b) => a - b);
  const places = [0];
  for (let i = 1; i < sorted.length; i += 1) {
    places.push(places[i - 1] + Math.log2(2 + (sorted[i] - sorted[i - 1]) / 20000));
  }
  const whole = places[places.length - 1] || 1;
  return (ps) => {
    let low = 0;
    let high = sorted.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (sorted[middle] <= ps) {
        low = middle;
      } else {
        high = middle;
      }
    }
    const part = sorted[high] === sorted[low] ? 0 : (ps - sorted[low]) / (sorted[high] - sorted[low]);
    return (places[low] + part * (places[high] - places[low])) / whole;
  };
}

/** The time at a position: the scale only grows. */
function inverse(scale, domain, place) {
  let [low, high] = domain;
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (scale(middle) < place) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return Math.round((low + high) / 2);
}

const timelineView = { compressed: true, domain: [0, Math.max(1, summary.end_ps)] };

function stepLines(step) {
  const took = step.end_ps === undefined ? "never ends" : "took " + time(step.end_ps - step.time_ps);
  const outputs = Object.entries(step.outputs).map(([name, value]) => name + " = " + value);
  const errno = step.errno === undefined || step.errno === "OK" ? "" : "answer " + step.errno;
  return [
    "at " + time(step.time_ps) + ", " + took,
    step.text,
    outputs.join(", "),
    errno + (errno && step.as_expected ? ", as expected" : ""),
    step.as_expected ? "" : "UNEXPECTED: the script expects " + step.expected,
    ...step.changes.map((c) => c.subject + " " + c.change + (c.detail ? " (" + c.detail + ")" : "")),
    step.comment ? "“" + step.comment + "”" : "",
  ];
}

function drawTimeline() {
  const place = byId("timeline");
  const lanes = lanesOfTimeline();
  const width = Math.max(600, place.clientWidth);
  const left = 16 + 7.2 * Math.max(6, ...lanes.map((lane) => lane.name.length));
  const height = TOP + lanes.length * LANE + 8;
  const scale = scaleOf(lanes, timelineView.compressed, timelineView.domain);
  const x = (ps) => left + scale(Math.min(Math.max(ps, timelineView.domain[0]), timelineView.domain[1])) * (width - left - 12);
  const visible = (from, to) => to >= timelineView.domain[0] && from <= timelineView.domain[1];
  const root = svg("svg", { viewBox: "0 0 " + width + " " + height, height, role: "img", "aria-label": "Timeline by lane" });

  for (let i = 0; i <= 6; i += 1) {
    const at = left + ((width - left - 12) * i) / 6;
    const ps = inverse(scale, timelineView.domain, i / 6);
    root.append(svg("line", { x1: at, x2: at, y1: TOP - 6, y2: height - 8, class: "tick" }));
    const anchor = i === 0 ? "start" : i === 6 ? "end" : "middle";
    root.append(svg("text", { x: at, y: 12, "text-anchor": anchor, class: "soft-text" }, time(ps)));
  }

  lanes.forEach((lane, row) => {
    const y = TOP + row * LANE;
    root.append(svg("line", { x1: 0, x2: width, y1: y + LANE - 2, y2: y + LANE - 2, class: "lane-line" }));
    const name = svg("text", { x: 0, y: y + LANE / 2 + 3, class: "lane" }, lane.name);
    hover(name, lane.name, () => [lane.kind]);
    root.append(name);
    if (lane.activity) {
      drawActivity(root, lane, y, x, visible);
    }
    lane.steps.forEach((step) => {
      const end = step.end_ps ?? summary.end_ps;
      if (!visible(step.time_ps, end)) {
        return;
      }
      const from = x(step.time_ps);
      const wide = Math.max(2, x(end) - from - 1);
      const state = step.end_ps === undefined ? " open" : !step.as_expected ? " unexpected" : step.errno !== "OK" ? " expected-error" : "";
      const bar = svg("rect", { x: from, y: y + 6, width: wide, height: BAR, rx: Math.min(3, wide / 2), class: "step" + state });
      hover(bar, lane.name + ": " + step.do, () => stepLines(step));
      root.append(bar);
      const label = step.do.replace(/^IOMMU_|^VFIO_DEVICE_/, "");
      const room = Math.floor((wide - 8) / 7.8);
      if (room >= 4) {
        const shown = label.length <= room ? label : label.slice(0, room - 1) + "…";
        root.append(svg("text", { x: from + 5, y: y + 20, class: "in-bar" }, shown));
      }
    });
    lane.marks.filter((mark) => visible(mark.time, mark.time)).forEach((mark) => {
      const at = x(mark.time);
      const low = y + 27;
      const points = [[at, low - 4], [at + 4, low], [at, low + 4], [at - 4, low]].map((p) => p.join(",")).join(" ");
      const shape = svg("polygon", { points, class: mark.kind === "event" ? "event" : "change" });
      const c = mark.change;
      hover(shape, c.subject ? c.subject + " " + c.change : c.text, () => ["at " + time(mark.time), c.detail]);
      root.append(shape);
    });
  });
  brush(root, left, width, scale);
  place.replaceChildren(root);
  byId("scale-gaps").setAttribute("aria-pressed", String(timelineView.compressed));
  byId("scale-time").setAttribute("aria-pressed", String(!timelineView.compressed));
  document.body.dataset.lanes = String(lanes.length);
}

/** How many requests a traffic had answered when, as steps from the bottom of its lane. */
function drawActivity(root, lane, y, x, visible) {
  const { from_ps: from, width_ps: width, counts } = lane.activity.activity;
  const most = Math.max(1, ...counts);
  counts.forEach((count, i) => {
    const begin = from + i * width;
    if (count === 0 || !visible(begin, begin + width)) {
      return;
    }
    const tall = Math.max(1, (count / most) * (BAR + 4));
    const bar = svg("rect", { x: x(begin), y: y + LANE - 4 - tall, width: Math.max(0.6, x(begin + width) - x(begin)), height: tall, class: "area" });
    hover(bar, lane.name, () => [
      grouped(count) + " requests answered from " + time(begin) + " on, in " + time(width),
      grouped(lane.activity.requests) + " in all",
    ]);
    root.append(bar);
  });
}

function brush(root, left, width, scale) {
  let start = null;
  let box = null;
  const at = (event) => {
    const bounds = root.getBoundingClientRect();
    const px = ((event.clientX - bounds.left) * width) / bounds.width;
    return Math.min(Math.max(px, left), width - 12);
  };
  root.addEventListener("mousedown", (event) => {
    start = at(event);
    box = svg("rect", { x: start, y: TOP - 6, width: 0, height: "100%", class: "brush" });
    root.append(box);
    event.preventDefault();
  });
  root.addEventListener("mousemove", (event) => {
    if (box) {
      box.setAttribute("x", Math.min(start, at(event)));
      box.setAttribute("width", Math.abs(at(event) - start));
    }
  });
  root.addEventListener("mouseup", (event) => {
    const end = at(event);
    if (box && Math.abs(end - start) > 6) {
      const part = (px) => (px - left) / (width - left - 12);
      const domain = [Math.min(start, end), Math.max(start, end)].map((px) => inverse(scale, timelineView.domain, part(px)));
      timelineView.domain = domain[1] > domain[0] ? domain : timelineView.domain;
      drawTimeline();
    } else if (box) {
      box.remove();
    }
    box = null;
  });
  root.addEventListener("dblclick", () => {
    timelineView.domain = [0, Math.max(1, summary.end_ps)];
    drawTimeline();
  });
}

byId("scale-gaps").addEventListener("click", () => {
  timelineView.compressed = true;
  drawTimeline();
});
byId("scale-time").addEventListener("click", () => {
  timelineView.compressed = false;
  drawTimeline();
});
