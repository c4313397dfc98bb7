"use strict";
// What all parts of the page use: the data, elements, numbers, the tooltip, the theme.

let errors = 0;
window.addEventListener("error", () => {
  errors += 1;
  document.body.dataset.errors = String(errors);
});

const summary = JSON.parse(document.getElementById("summary").textContent);
const byId = (id) => document.getElementById(id);
const redraws = [];

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function svg(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes || {})) {
    made.setAttribute(key, value);
  }
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Text of a span in ps, with the unit that fits. */
function time(ps) {
  const units = [["s", 1e12], ["ms", 1e9], ["us", 1e6], ["ns", 1e3]];
  for (const [unit, size] of units) {
    if (Math.abs(ps) >= size) {
      const value = ps / size;
      return value.toFixed(value >= 100 ? 1 : value >= 10 ? 2 : 3).replace(/\.?0+$/, "") + " " + unit;
    }
  }
  return ps + " ps";
}

const percent = (part, whole) => (whole ? ((100 * part) / whole).toFixed(1) + " %" : "-");

/** A table; a column whose title begins with ">" holds numbers. Cells are text or elements. */
function table(titles, rows) {
  const numbers = titles.map((title) => title.startsWith(">"));
  const cell = (tag, content, i) => element(tag, numbers[i] ? { class: "number" } : {}, content);
  const head = element("tr", {}, ...titles.map((title, i) => cell("th", title.replace(/^>/, ""), i)));
  const body = rows.map((row) => element("tr", {}, ...row.map((content, i) => cell("td", content, i))));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
}

// ---- tooltip ----

const tip = byId("tip");

function showTip(event, title, lines) {
  tip.replaceChildren(element("b", {}, title));
  lines.filter((line) => line).forEach((line) => tip.append(element("div", {}, line)));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = Math.min(event.clientX + 14, window.innerWidth - box.width - 8);
  const below = event.clientY + 18 + box.height < window.innerHeight;
  tip.style.left = Math.max(8, left) + "px";
  tip.style.top = Math.max(8, below ? event.clientY + 18 : event.clientY - box.height - 12) + "px";
}

function hover(target, title, lines) {
  target.addEventListener("mousemove", (event) => showTip(event, title, lines()));
  target.addEventListener("mouseleave", () => {
    tip.hidden = true;
  });
}

// ---- theme ----

const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").textContent = dark ? "Light theme" : "Dark theme";
  redraws.forEach((redraw) => redraw());
}

systemDark.addEventListener("change", () => setTheme(systemDark.matches));
byId("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme !== "dark"));
