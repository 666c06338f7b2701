"use strict";
/* The figures of the page, and how amounts and texts are read out of their compact form. */
const D = JSON.parse(document.getElementById("figures").textContent);

const WAN = 1e6; // 分 in one 万元
const wanFormat = new Intl.NumberFormat("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const numberFormat = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 2 });
const wan = (fen) => (fen === null || fen === undefined ? "" : wanFormat.format(fen / WAN));
const yuan = (fen) => wanFormat.format(fen / 100) + " 元";

/* The names of files or sheets in one text; "; " in a name of its own has one space more. */
const namesIn = (text) => text.split(/; (?! )/).map((name) => name.replaceAll(";  ", "; ")).filter(Boolean);
/* A column of texts is {d: distinct, i: place of each row's text}; one of numbers is a plain list. */
const at = (column, row) => (Array.isArray(column) ? column[row] : column.d[column.i[row]]);
const range = (length) => Array.from({ length }, (_, i) => i);
const sum = (values) => values.reduce((total, value) => total + (value || 0), 0);

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}

function labelled(columns, name, value) {
  const column = columns.find((one) => one.name === name);
  return (column && column.labels && column.labels[value]) || value;
}

const B = {
  count: D.bodies.state.length,
  text: (name, body) => at(D.bodies[name], body),
  name(body) {
    if (body < 0) return "未能确定单位";
    const level = B.text("scope", body) === "unit" ? "unit" : "department";
    return [B.text(level + "_code", body), B.text(level + "_name", body)].filter(Boolean).join(" ");
  },
  isUnit: (body) => B.text("scope", body) === "unit",
  /* The department a body is added up under, as in the county tables: a unit of no department is its own. */
  department(body) {
    const code = B.text("department_code", body), name = B.text("department_name", body);
    return code || name ? code || name : B.text("unit_code", body) || B.text("unit_name", body);
  },
};

const countyRows = (name) => {
  const table = D.county[name];
  return range(table.length).map((i) => {
    const row = {};
    for (const column of table.columns) row[column.name] = at(table.rows[column.name], i);
    return row;
  });
};

/* What a row of a source adds: its amount or another of its columns; 1 where the table adds up nothing. */
function amountOf(name, i, column) {
  const source = D.sources[name];
  if (column) return at(source.rows[column], i);
  return source.amount === null ? 1 : source.amount[i];
}
const sourceAmount = (name, rows, column) => sum(rows.map((i) => amountOf(name, i, column)));
const sourceRows = (name, test) => range(D.sources[name].length).filter((i) => test(i, D.sources[name]));
const published = (i, source) => !source.withheld[i];

const DEPARTMENT_NAMES = new Map();
for (const row of countyRows("county_expenditure_by_department"))
  DEPARTMENT_NAMES.set(row.department_code || row.department_name, row.department_name || row.department_code);
const departmentName = (key) => DEPARTMENT_NAMES.get(key) || firstNameOf(key);
function firstNameOf(key) {
  const body = range(B.count).find((i) => B.department(i) === key);
  return body === undefined ? key : B.text("department_name", body) || B.text("unit_name", body) || key;
}

/* Elements are made here and nowhere else; texts go in as text, so no workbook can write markup. */
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  return filled(made, attributes, children);
}
function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  return filled(made, attributes, children);
}
function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === "") continue;
    made.append(child);
  }
  return made;
}

/* In place of what an element held; like `el`, it leaves out what is not there, which replaceChildren would write as "null". */
function refill(holder, ...children) {
  holder.replaceChildren();
  return filled(holder, {}, children);
}

/* Something drawn that acts like a button, for mouse and keyboard alike. */
function acting(tag, attributes, act, ...children) {
  return svg(tag, {
    ...attributes, role: "button", tabindex: "0", onclick: act,
    onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); } },
  }, ...children);
}
