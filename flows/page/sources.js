/* From a figure to the bodies, files, sheets and cells it is made of. */
const MOST_BODIES = 60;
const UNCLASSIFIED = "未分科目";
const PAID_AS = Object.fromEntries(Object.entries(D.received_as).map(([paid, received]) => [received, paid]));
const LEVEL_DIGITS = { 1: 3, 2: 5, 3: 7 };

/* Which rows of which standard table a row of a county table adds up. */
const equal = (...names) => (row) => (i, source) =>
  names.every((name) => String(at(source.rows[name], i) ?? "") === String(row[name] ?? ""));
const ofDepartment = (row) => (i, source) =>
  B.department(source.body[i]) === (row.department_code || row.department_name);
const beneath = (classification) => (row) => {
  const code = row[classification + "_code"], level = row[classification + "_level"];
  return (i, source) => {
    const own = at(source.rows[classification + "_code"], i);
    return code.length === LEVEL_DIGITS[level] ? own.startsWith(code) : own === code;
  };
};
const both = (one, other) => (i, source) => one(i, source) && other(i, source);
const beneathGovernment = (row) => (i, source) => {
  const own = at(source.rows.government_code, i), code = row.economic_code || "";
  if (at(source.rows.mapping, i) !== row.mapping) return false;
  return code.length === LEVEL_DIGITS[row.economic_level] ? own.startsWith(code) : own === code;
};
const MADE_OF = {
  county_income: ["income", equal("income_source")],
  county_expenditure: ["expenditure", beneath("function")],
  county_expenditure_by_department: ["expenditure", ofDepartment],
  county_expenditure_by_type: ["expenditure_by_type", equal("spending_type")],
  county_basic_expenditure: ["basic_expenditure", beneath("economic")],
  county_three_public: ["three_public", equal("item")],
  county_operating_costs: ["operating_costs", equal("economic_code")],
  county_procurement: ["procurement", equal("category")],
  county_assets: ["assets", equal("asset_class", "threshold_yuan", "quantity_unit")],
  county_projects: ["projects", ofDepartment],
  county_expenditure_by_fund: ["expenditure", equal("fund_source", "spending_type")],
  county_basic_expenditure_government: ["basic_expenditure", beneathGovernment],
  county_three_public_by_department: ["three_public", (row) => both(ofDepartment(row), equal("item")(row))],
};

/* Figures that are no plain sum of the rows they lead to: this year's side of a comparison, shares of budgets. */
const ofBody = (row) => (i, source) => ["scope", "department_code", "unit_code"].every((name) => B.text(name, source.body[i]) === (row[name] || ""));
const ofTypesOnly = (...types) => (i, source) => types.includes(at(source.rows.spending_type, i));
const MEASURED = {
  income: ["income", ofBody], three_public: ["three_public", ofBody], expenditure: ["expenditure_by_type", ofBody],
  basic: ["expenditure_by_type", (row) => both(ofBody(row), ofTypesOnly("basic", "basic_personnel", "basic_operating"))],
  project: ["expenditure_by_type", (row) => both(ofBody(row), ofTypesOnly("project"))],
};
const valued = (column) => (row) => (i, source) => at(source.rows[column], i) === row.item;
const SUBJECTS = {
  income_source: ["income", valued("income_source")], spending_type: ["expenditure_by_type", valued("spending_type")],
  three_public_item: ["three_public", valued("item")],
  economic_class: ["basic_expenditure", (row) => (i, source) => at(source.rows.economic_code, i).startsWith(row.item)],
};
const LEADS_TO = {
  county_changes_by_function: () => ["expenditure", beneath("function")],
  county_changes_by_item: (row) => SUBJECTS[row.subject],
  county_changes_by_body: (row) => MEASURED[row.measure],
  county_project_payments: () => ["projects", ofDepartment],
};
const NOTES = {
  county_changes_by_function: lastYear, county_changes_by_item: lastYear, county_changes_by_body: lastYear,
  county_project_payments: (row) => (row.month ? `按资金支出计划分摊到 ${row.month} 月，以下为该部门的项目预算` : "未列支出计划的部分，以下为该部门的项目预算"),
};
function lastYear(row) {
  return `上年 ${wan(row.last_yuan) || "无"}${row.last_yuan === null ? "" : " 万元"}，增减 ${wan(row.change_yuan)} 万元；上年数的出处见 ${D.year - 1} 年成果`;
}

const eliminationRows = countyRows("eliminations");
const eliminationOf = (test) => sum(eliminationRows.filter(test).map((row) => row.elimination_yuan));

/* A figure: its title, its money, and the parts of standard tables that it is made of. */
function countyFigure(table, row) {
  const name = rowTitle(table, row);
  if (table === "eliminations") return eliminationFigure(row, name);
  const [source, matcher] = MADE_OF[table] || LEADS_TO[table](row);
  const net = "net_yuan" in row ? row.net_yuan : row.current_yuan;
  return {
    title: `${D.county[table].title.replace(/^全县/, "").replace(/汇总表/, "")} · ${name}`,
    net, gross: row.gross_yuan, elimination: row.elimination_yuan || 0, note: NOTES[table] && NOTES[table](row),
    parts: [part(source, matcher(row))], eliminations: eliminationsBehind(row),
  };
}

function eliminationFigure(row, name) {
  const inside = ofDepartment(row);
  return {
    title: `抵销 · ${name}`, net: row.elimination_yuan, gross: null, elimination: 0, eliminations: [],
    parts: [
      part("expenditure_by_type", (i, s) => inside(i, s) && at(s.rows.spending_type, i) === PAID_AS[row.kind], "付款方"),
      part("income", (i, s) => inside(i, s) && at(s.rows.income_source, i) === row.kind, "收款方"),
    ],
  };
}

const part = (table, test, title) => ({ table, title, rows: sourceRows(table, (i, s) => published(i, s) && test(i, s)) });
const provisionalPart = (table, test) => ({ table, rows: sourceRows(table, test) });

function eliminationsBehind(row) {
  if (!row.elimination_yuan) return [];
  const some = eliminationRows.filter((one) => one.elimination_yuan);
  if (row.income_source) return some.filter((one) => one.kind === row.income_source);
  if (row.spending_type) return some.filter((one) => PAID_AS[one.kind] === row.spending_type);
  if ("department_code" in row) return some.filter((one) => one.department_code === row.department_code);
  return some;
}

/* What a row of a county table is about, in words. */
function rowTitle(table, row) {
  const words = D.county[table].columns.filter((column) => column.kind === "text" && row[column.name]);
  const own = words.filter((column) => !/bodies|state|_unit$/.test(column.name));
  return own.map((column) => (column.labels && column.labels[row[column.name]]) || row[column.name]).join(" ") || UNCLASSIFIED;
}

const dialog = document.getElementById("sources");
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

function openSources(figure) {
  dialog.replaceChildren(
    el("header", {},
      el("div", {}, el("p", { class: "eyebrow" }, "数字出处"), el("h2", { id: "sources-title" }, figure.title)),
      el("button", { class: "close", onclick: () => dialog.close(), "aria-label": "关闭" }, "关闭")),
    el("p", { class: "figure" }, el("strong", {}, wan(figure.net)), " 万元 ", el("small", {}, yuan(figure.net))),
    composition(figure),
    ...figure.parts.map(partSources),
    eliminationList(figure.eliminations));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function composition(figure) {
  if (!figure.elimination && !figure.note) return null;
  const sums = figure.elimination
    ? `汇总 ${wan(figure.gross)} − 抵销 ${wan(figure.elimination)} = 合并 ${wan(figure.net)} 万元` : "";
  return el("p", { class: "composition" }, [sums, figure.note].filter(Boolean).join("；"));
}

function partSources({ table, title, rows }) {
  const source = D.sources[table];
  const bodies = [...groupBy(rows, (i) => source.body[i] + (source.withheld[i] ? "w" : ""))]
    .map(([, own]) => ({ own, body: source.body[own[0]], amount: sourceAmount(table, own) }))
    .sort((a, b) => b.amount - a.amount);
  const list = el("div", { class: "bodies" });
  const heading = `${title ? title + "：" : ""}${source.title}，${bodies.length} 个单位，合计 ${wan(sourceAmount(table, rows))} 万元`;
  const more = showMore(list, bodies, MOST_BODIES, (one) => bodySources(table, one, bodies.length === 1));
  return el("section", {}, el("h3", {}, heading), rows.length ? list : el("p", { class: "quiet" }, "没有单位列示。"), more);
}

function bodySources(table, { own, body, amount }, open) {
  const source = D.sources[table];
  const details = el("details", { class: "body" },
    el("summary", {}, el("span", {}, B.name(body), source.withheld[own[0]] ? el("em", { class: "tag withheld" }, "暂不汇总") : null),
      el("b", {}, wan(amount))));
  const fill = () => { if (details.children.length === 1) details.append(cellTable(table, own)); };
  details.addEventListener("toggle", fill, { once: true });
  if (open) { details.open = true; fill(); }
  return details;
}

/* The rows of a body: what they are of, the amount, and each cell with the text that stands in it. */
function cellTable(table, own) {
  const source = D.sources[table];
  const sorted = own.slice().sort((a, b) => (source.amount[b] || 0) - (source.amount[a] || 0));
  const files = [...new Set(own.flatMap((i) => at(source.file, i).split("; ")))].filter(Boolean);
  return el("div", { class: "cells" },
    el("table", {},
      el("thead", {}, el("tr", {}, ...["项目", "金额（元）", "工作表 ! 单元格", "原文"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, sorted.map((i) => el("tr", {},
        el("td", {}, rowWords(source, i)),
        el("td", { class: "number" }, source.amount[i] === null ? "" : wanFormat.format(source.amount[i] / 100)),
        el("td", { class: "place" }, cellsOf(source, i).map((cell) => el("span", {}, `${cell.sheet} ! ${cell.cell}`))),
        el("td", { class: "raw" }, cellsOf(source, i).map((cell) => el("span", {}, `“${cell.raw}” ${cell.unit}`)),
          at(source.derivation, i) === "derived" ? el("em", {}, "推算") : null,
          at(source.derivation, i) === "corrected" ? el("em", {}, "已更正") : null))))),
    files.map((file) => el("p", { class: "file" }, "文件 ", el("span", {}, file),
      D.files[file] ? el("code", { title: "文件校验值" }, `SHA-256 ${D.files[file]}`) : null)));
}

function rowWords(source, i) {
  const skip = /previous|threshold|quantity|purpose/;
  return source.columns.filter((column) => !skip.test(column.name))
    .map((column) => labelled(source.columns, column.name, at(source.rows[column.name], i)))
    .filter(Boolean).join(" ") || "合计";
}

function cellsOf(source, i) {
  const cells = at(source.cell, i).split(" ").filter(Boolean);
  const each = (text, separator) => { const parts = text.split(separator); return parts.length === 1 ? cells.map(() => parts[0]) : parts; };
  const sheets = each(at(source.sheet, i), "; ");
  const raw = at(source.raw, i).split("\x1f"), units = at(source.unit, i).split("\x1f");
  return cells.map((cell, k) => ({ cell, sheet: sheets[k] || "", raw: raw[k] || "", unit: units[k] || "" }));
}

function eliminationList(rows) {
  if (!rows || !rows.length) return null;
  const columns = D.county.eliminations.columns;
  return el("section", {}, el("h3", {}, "其中抵销"),
    el("ul", { class: "plain" }, rows.map((row) => el("li", {},
      el("button", { class: "link", onclick: () => openSources(countyFigure("eliminations", row)) },
        `${row.department_code} ${row.department_name}：${labelled(columns, "kind", row.kind)} ${wan(row.elimination_yuan)} 万元`),
      ` ${labelled(columns, "state", row.state)}`))));
}

/* Appends items a portion at a time; gives the button that shows the next portion. */
function showMore(list, items, portion, draw) {
  let shown = 0;
  const button = el("button", { class: "more", onclick: () => next() });
  function next() {
    list.append(...items.slice(shown, shown + portion).map(draw));
    shown = Math.min(items.length, shown + portion);
    button.hidden = shown >= items.length;
    button.textContent = `再显示 ${Math.min(portion, items.length - shown)} 项（共 ${items.length} 项）`;
  }
  next();
  return button;
}
