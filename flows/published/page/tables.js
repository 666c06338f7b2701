/* The county tables: chosen from a list, searched, sorted by a click on a heading, each figure with its sources. */
const MOST_ROWS = 60;
const seen = { table: "county_expenditure", words: "", column: -1, down: false };

function drawTables() {
  const chart = chartOf("data"), holder = el("div", { class: "scroll" }), foot = el("div", { class: "foot" });
  const choice = el("select", { "aria-label": "选择数据表", onchange: () => { Object.assign(seen, { table: choice.value, column: -1, words: "" }); search.value = ""; show(); } },
    Object.entries(D.county).map(([name, table]) => el("option", { value: name, selected: name === seen.table ? "" : null }, table.title)));
  const search = el("input", { type: "search", placeholder: "在表中查找", "aria-label": "在表中查找", oninput: () => { seen.words = search.value; show(); } });
  function show() { drawTable(holder, foot, show); }
  refill(chart, el("div", { class: "bar" }, choice, search), holder, foot);
  show();
}

/* Levels are shown as indents; codes that are words of the program by their names. */
const hidden = (column, columns) => /_level$/.test(column.name) || (/^item(_code)?$/.test(column.name) && columns.some((one) => one.name === "item_name"));
function drawTable(holder, foot, again) {
  const table = D.county[seen.table], columns = table.columns.filter((column) => !hidden(column, table.columns));
  const rows = sortedRows(columns, chosenRows(columns));
  const body = el("tbody", {});
  const more = showMore(body, rows, MOST_ROWS, (row) => tableRow(columns, row));
  refill(holder, el("table", { class: "figures sortable" },
    el("caption", {}, el("span", {}, `${table.title}（金额单位：万元），${rows.length} 行`)),
    el("thead", {}, el("tr", {}, columns.map((column, k) => heading(column, k, again)))), body));
  refill(foot, more);
}

function heading(column, k, again) {
  const state = seen.column === k ? (seen.down ? "descending" : "ascending") : "none";
  const turn = () => {
    Object.assign(seen, { down: seen.column === k ? !seen.down : column.kind !== "text", column: k });
    again();
    document.querySelectorAll("#data thead button")[k].focus();
  };
  return el("th", { scope: "col", "aria-sort": state, class: column.kind === "text" ? null : "number" },
    el("button", { onclick: turn }, column.title, el("i", { "aria-hidden": "true" }, { none: "", ascending: " ▲", descending: " ▼" }[state])));
}

const shownText = (column, value) => (column.labels && column.labels[value]) || (value === null ? "" : String(value));
function chosenRows(columns) {
  const words = seen.words.trim().toLowerCase();
  const texts = (row) => columns.map((column) => (column.kind === "money" ? wan(row[column.name]) : shownText(column, row[column.name])));
  return countyRows(seen.table).filter((row) => !words || texts(row).join(" ").toLowerCase().includes(words));
}

function sortedRows(columns, rows) {
  if (seen.column < 0) return inTreeOrder(rows);
  const column = columns[seen.column], sign = seen.down ? -1 : 1;
  const value = (row) => (column.kind === "text" ? shownText(column, row[column.name]) : row[column.name]);
  return rows.sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return (one === null) - (other === null);
    return sign * (column.kind === "text" ? one.localeCompare(other, "zh-CN") : one - other);
  });
}

/* A classification as a tree: each code once, below its parent. */
function inTreeOrder(rows) {
  const classification = ["function", "economic"].find((name) => rows.length && `${name}_level` in rows[0]);
  if (!classification) return rows;
  const code = `${classification}_code`, level = `${classification}_level`;
  return rows.filter((row) => (row[code] ? row[code].length === LEVEL_DIGITS[row[level]] : row[level] === 1))
    .sort((a, b) => ((a[code] || "~") < (b[code] || "~") ? -1 : 1));
}

/* A cell for each column; every figure opens its sources, an elimination only where there is one. */
function tableRow(columns, row) {
  const level = row.function_level || row.economic_level || 0, key = D.county[seen.table].key;
  return el("tr", { class: level ? "level-" + level : null }, columns.map((column) => {
    const value = row[column.name];
    if (column.kind === "text") return el("td", {}, shownText(column, value) || (/_name$/.test(column.name) && unnamed(row) ? UNCLASSIFIED : ""));
    const text = column.kind === "money" ? wan(value) : value === null ? "" : numberFormat.format(value);
    const opens = text && !key.includes(column.name) && !(column.name === "elimination_yuan" && !value);
    return el("td", { class: "number" }, opens ? figureButton(value, () => countyFigure(seen.table, row, column.name), text) : text);
  }));
}
const unnamed = (row) => ["function_code", "economic_code", "item_code"].some((name) => row[name] === "");
