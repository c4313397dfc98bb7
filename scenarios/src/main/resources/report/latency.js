// Percentiles and where the time goes.

const STATION_COLOURS = {
  "device-queue": "hsl(215 18% 58%)",
  "link-up": "hsl(212 75% 56%)",
  "front-end": "hsl(224 58% 47%)",
  "micro-tlb": "hsl(160 50% 45%)",
  "main-tlb": "hsl(152 48% 34%)",
  hazard: "hsl(95 38% 47%)",
  "slot-wait": "hsl(72 48% 42%)",
  interconnect: "hsl(190 55% 45%)",
  "config-cache": "hsl(180 40% 57%)",
  "config-fetch": "hsl(186 58% 33%)",
  "shared-tlb": "hsl(200 45% 47%)",
  "walk-wait": "hsl(46 82% 55%)",
  "walk-cache": "hsl(38 82% 49%)",
  "stage1-read": "hsl(27 84% 53%)",
  "stage2-read": "hsl(13 70% 50%)",
  "walk-logic": "hsl(20 42% 40%)",
  "order-wait": "hsl(318 32% 52%)",
  port: "hsl(280 42% 60%)",
  data: "hsl(262 48% 52%)",
  "link-down": "hsl(204 72% 68%)",
  stalled: "hsl(350 62% 52%)",
};
const LINES = ["#3f74c8", "#d0752b", "#3a9a6b", "#9a5fc0", "#c2475d", "#2d9bab", "#8d8a2f", "#7a7f8a"];

const measured = summary.traffic.filter((traffic) => traffic.classes[0].count > 0);
const meanings = new Map(summary.stations.map((station) => [station.id, station.meaning]));

function percentileLabel(oneIn) {
  if (oneIn <= 1) {
    return "0 %";
  }
  const nines = Math.max(0, Math.ceil(Math.log10(oneIn)) - 2);
  return (100 - 100 / oneIn).toFixed(nines) + " %";
}

let percentilePlot = null;

function drawPercentiles() {
  const shown = measured.length > 1 ? [...measured, summary.total] : measured;
  const xs = [...new Set(shown.flatMap((t) => t.curve.one_in_hundredths))].sort((a, b) => a - b);
  const data = [xs.map((x) => x / 100)];
  const series = [{ label: "percentile", value: (u, v) => (v === null ? "-" : percentileLabel(v)) }];
  shown.forEach((traffic, i) => {
    const known = new Map(traffic.curve.one_in_hundredths.map((x, j) => [x, traffic.curve.ps[j]]));
    data.push(xs.map((x) => (known.has(x) ? known.get(x) / 1000 : null)));
    series.push({
      label: traffic.id,
      stroke: LINES[i % LINES.length],
      width: 2,
      dash: traffic.id === "all" ? [6, 4] : undefined,
      spanGaps: true,
      points: { show: false },
      value: (u, v) => (v === null ? "-" : time(Math.round(v * 1000))),
    });
  });
  const most = xs[xs.length - 1] / 100;
  const splits = [1, 2, 4, 10, 20, 100, 1e3, 1e4, 1e5, 1e6, 1e7].filter((x) => x <= Math.max(10, most));
  const axis = {
    stroke: colour("--soft"),
    grid: { stroke: colour("--grid"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
    font: "12px system-ui, sans-serif",
    labelFont: "12px system-ui, sans-serif",
  };
  if (percentilePlot) {
    percentilePlot.destroy();
  }
  const place = byId("percentiles");
  const highest = Math.max(...data.slice(1).flat().filter((v) => v !== null));
  percentilePlot = new uPlot(
    {
      width: Math.max(500, place.clientWidth),
      height: 320,
      padding: [12, 34, 0, 0],
      scales: { x: { time: false, distr: 3, log: 10, range: [1, Math.max(10, most)] }, y: { range: [0, highest * 1.06 || 1] } },
      axes: [
        { ...axis, splits: () => splits, filter: (u, s) => s, values: (u, s) => s.map(percentileLabel), size: 40 },
        { ...axis, size: 84, values: (u, s) => s.map((v) => time(Math.round(v * 1000))) },
      ],
      series,
      cursor: { y: false, points: { size: 7 } },
    },
    data,
    place,
  );
}

function latencyTable() {
  const rows = [];
  const whose = measured.length > 1 ? [...measured, summary.total] : measured;
  for (const traffic of whose) {
    for (const c of traffic.classes.filter((each) => each.count > 0)) {
      const times = [c.mean_ps, c.p50_ps, c.p90_ps, c.p99_ps, c.p99_9_ps, c.max_ps].map(time);
      const name = c.name === "all" ? element("b", {}, traffic.id) : element("span", { class: "soft" }, "translation " + c.name);
      rows.push([name, grouped(c.count), ...times]);
    }
  }
  byId("latency-table").append(table(["traffic", ">requests", ">mean", ">p50", ">p90", ">p99", ">p99.9", ">max"], rows));
}

function drawBreakdown() {
  const place = byId("breakdown");
  place.replaceChildren();
  const longest = Math.max(1, ...measured.map((traffic) => traffic.classes[0].mean_ps));
  let segments = 0;
  for (const traffic of measured) {
    const mean = traffic.classes[0].mean_ps;
    place.append(element("h3", {}, traffic.id, element("span", { class: "soft" }, "  on " + traffic.device + ", mean " + time(mean))));
    const width = Math.max(500, place.clientWidth);
    const root = svg("svg", { viewBox: "0 0 " + width + " 34", height: 34, role: "img", "aria-label": "Latency breakdown of " + traffic.id });
    let at = 0;
    for (const station of traffic.stations) {
      const wide = (station.mean_ps / longest) * width;
      if (wide > 0.2) {
        const bar = svg("rect", { x: at, y: 2, width: Math.max(0.5, wide - 1), height: 28, class: "segment", fill: STATION_COLOURS[station.id] || "#888" });
        hover(bar, station.id + ": " + percent(station.mean_ps, mean), () => [
          meanings.get(station.id),
          "mean " + time(station.mean_ps) + ", p50 " + time(station.p50_ps) + ", p99 " + time(station.p99_ps) + ", max " + time(station.max_ps),
        ]);
        root.append(bar);
        if (wide > station.id.length * 7.2 + 10) {
          root.append(svg("text", { x: at + 6, y: 20, class: "in-bar" }, station.id));
        }
        segments += 1;
      }
      at += wide;
    }
    place.append(root);
    const rows = traffic.stations.map((station) => [
      element("span", {}, element("span", { class: "swatch", style: "background:" + STATION_COLOURS[station.id] }), station.id),
      element("span", { class: "soft" }, meanings.get(station.id) || ""),
      time(station.mean_ps),
      percent(station.mean_ps, mean),
      time(station.p50_ps),
      time(station.p99_ps),
      time(station.max_ps),
    ]);
    place.append(table(["station", "what the time is spent on", ">mean", ">share", ">p50", ">p99", ">max"], rows));
  }
  document.body.dataset.bars = String(segments);
}
