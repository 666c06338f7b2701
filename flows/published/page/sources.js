/* From a figure to the bodies, files, sheets and cells it is made of. */
const MOST_BODIES = 60;
const UNCLASSIFIED = "未分科目";
const RECEIVED_AS = D.received_as;
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
/* Which rows a county table's definition says a row adds up: those with its key, and below its code. */
function keyed(table, row) {
  const { made_of: [source], key, level } = D.county[table], classification = level.replace("_level", "");
  const tests = key.filter((name) => name in D.sources[source].rows && !(level && name === classification + "_code")).map((name) => equal(name)(row));
  if (level) tests.push(beneath(classification)(row));
  if (key.includes("department_code")) tests.push(ofDepartment(row));
  return [part(source, (i, s) => tests.every((test) => test(i, s)))];
}

/* Figures that are no plain sum of the rows they lead to: two sides, this year's side of a comparison, shares of budgets. */
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
const single = ([source, matcher], row) => [part(source, matcher(row))];
const OTHERWISE = {
  county_balance: (row) => (row.side === "income" ? [part("income", (i, s) => at(s.rows.income_source, i) === row.item_code)]
    : [part("expenditure", beneath("function")({ function_code: row.item_code, function_level: 1 }))]),
  county_basic_expenditure_government: (row) => single(["basic_expenditure", beneathGovernment], row),
  county_changes_by_item: (row) => single(SUBJECTS[row.subject], row),
  county_changes_by_body: (row) => single(MEASURED[row.measure], row),
  county_project_payments: paymentParts,
  eliminations: (row) => [
    part("expenditure_by_type", both(ofDepartment(row), (i, s) => s.amount[i] && at(s.rows.spending_type, i) === PAID_AS[row.kind]), { title: "付款方" }),
    part("income", both(ofDepartment(row), (i, s) => s.amount[i] && at(s.rows.income_source, i) === row.kind), { title: "收款方" }),
  ],
};
const partsOf = (table, row) => (OTHERWISE[table] ? OTHERWISE[table](row) : keyed(table, row));

/* The plans for the month and the budgets that they share out; without a month the department's budgets. */
function paymentParts(row) {
  const inside = ofDepartment(row);
  if (!row.month) return [part("projects", inside)];
  const plans = part("project_payments", both(inside, (i, s) => at(s.rows.month, i) === row.month));
  const planned = new Set(plans.rows.map((i) => projectKey("project_payments", i)));
  return [part("projects", both(inside, (i) => planned.has(projectKey("projects", i)))), plans];
}
const projectKey = (table, i) => {
  const source = D.sources[table];
  return [source.body[i], at(source.rows.project_code, i), at(source.rows.project_name, i)].join("\x1f");
};

const NOTES = {
  county_changes_by_function: lastYear, county_changes_by_item: lastYear, county_changes_by_body: lastYear,
  county_project_payments: (row) => (row.month ? `按资金支出计划分摊到 ${row.month} 月，以下为有该月计划的项目` : "未列支出计划的部分，以下为该部门的项目预算"),
};
function lastYear(row) {
  return `上年 ${wan(row.last_yuan) || "无"}${row.last_yuan === null ? "" : " 万元"}，增减 ${wan(row.change_yuan)} 万元；上年数的出处见 ${D.year - 1} 年成果`;
}

const eliminationRows = countyRows("eliminations");

/* A figure of a county table: its title, what it comes to, and the parts of standard tables that it is made of. */
const FIRST_FIGURES = ["net_yuan", "current_yuan", "elimination_yuan", "indicator_count"];
function countyFigure(table, row, name = FIRST_FIGURES.find((one) => one in row)) {
  const column = D.county[table].columns.find((one) => one.name === name), plain = ["net_yuan", "gross_yuan"].includes(name);
  const parts = partsOf(table, row).map((one) => ofColumn(one, name));
  return {
    title: [D.county[table].title.replace(/^全县/, "").replace(/汇总表/, ""), rowTitle(table, row), FIRST_FIGURES.includes(name) ? "" : column.title].filter(Boolean).join(" · "),
    ...(column.kind === "money" ? { net: row[name] } : { count: row[name], unit: column.unit }),
    gross: row.gross_yuan, merged: row.net_yuan, elimination: plain || name === "elimination_yuan" ? row.elimination_yuan || 0 : 0,
    note: NOTES[table] && NOTES[table](row), parts, eliminations: table === "eliminations" ? [] : eliminationsBehind(row, parts),
  };
}

/* A part as it adds up to a column: the source's own column of that name, and only the rows that state last year. */
function ofColumn(one, name) {
  const source = D.sources[one.table], last = /^(comparable|previous)_/.test(name) && "previous_yuan" in source.rows;
  const own = name === "comparable_previous_yuan" ? "previous_yuan" : name;
  const rows = last ? one.rows.filter((i) => at(source.rows.previous_yuan, i) !== null) : one.rows;
  return { ...one, rows, column: own in source.rows ? own : undefined };
}

const part = (table, test, more) => ({ table, ...more, rows: sourceRows(table, (i, s) => published(i, s) && test(i, s)) });
/* With what is withheld, but for bodies the magnitude of whose amounts is in doubt. */
const DOUBTFUL = new Set(D.bodies.doubtful);
const withHeldToo = (table, test) => ({ table, rows: sourceRows(table, (i, s) => !(s.withheld[i] && DOUBTFUL.has(s.body[i])) && test(i, s)) });

/* The eliminations in a row's departments, of its source or type where it has one. */
function eliminationsBehind(row, parts) {
  if (!row.elimination_yuan) return [];
  const departments = new Set(parts.flatMap((one) => one.rows.map((i) => B.department(D.sources[one.table].body[i]))));
  const asked = [row.income_source, row.item_code, RECEIVED_AS[row.spending_type]].filter((kind) => kind in PAID_AS);
  return eliminationRows.filter((one) => one.elimination_yuan && (!departments.size || departments.has(one.department_code || one.department_name))
    && (!asked.length || asked.includes(one.kind)));
}

/* What a row of a county table is about, in words. */
function rowTitle(table, row) {
  const words = D.county[table].columns.filter((column) => column.kind === "text" && row[column.name]);
  const own = words.filter((column) => !/bodies|state|_unit$|^item_code$/.test(column.name) && !(column.name === "item" && "item_name" in row));
  return own.map((column) => (column.labels && column.labels[row[column.name]]) || row[column.name]).join(" ") || UNCLASSIFIED;
}

const dialog = document.getElementById("sources");
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

function openSources(figure) {
  refill(dialog,
    el("header", {},
      el("div", {}, el("p", { class: "eyebrow" }, "数字出处"), el("h2", { id: "sources-title" }, figure.title)),
      el("button", { class: "close", onclick: () => dialog.close(), "aria-label": "关闭" }, "关闭")),
    value(figure),
    composition(figure),
    figure.parts.map(partSources),
    eliminationList(figure.eliminations));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function value({ net, count, unit }) {
  if (count !== undefined) return el("p", { class: "figure" }, el("strong", {}, numberFormat.format(count)), ` ${unit || ""}`);
  return el("p", { class: "figure" }, el("strong", {}, wan(net)), " 万元 ", el("small", {}, yuan(net)));
}

function composition(figure) {
  if (!figure.elimination && !figure.note) return null;
  const sums = figure.elimination
    ? `汇总 ${wan(figure.gross)} − 抵销 ${wan(figure.elimination)} = 合并 ${wan(figure.merged)} 万元` : "";
  return el("p", { class: "composition" }, [sums, figure.note].filter(Boolean).join("；"));
}

/* What rows of a source come to in one of its columns (its amount where none is named), in words: rows are counted
   where nothing is added up. */
const columnOf = (table, column) => D.sources[table].columns.find((one) => one.name === column);
function comesTo(table, rows, column) {
  const total = sourceAmount(table, rows, column), described = columnOf(table, column);
  if (described && described.kind === "number") return `${numberFormat.format(total)} ${described.unit || ""}`.trim();
  if (column || D.sources[table].amount === null) return described ? `${wan(total)} 万元` : `${total} 条`;
  return `${wan(total)} 万元`;
}

function partSources({ table, title, rows, column }) {
  const source = D.sources[table];
  const bodies = [...groupBy(rows, (i) => source.body[i] + (source.withheld[i] ? "w" : ""))]
    .map(([, own]) => ({ own, body: source.body[own[0]], column, amount: sourceAmount(table, own, column) }))
    .sort((a, b) => b.amount - a.amount);
  const heading = `${title ? title + "：" : ""}${source.title}，${bodies.length} 个单位，合计 ${comesTo(table, rows, column)}`;
  const list = el("div", { class: "bodies" });
  const more = showMore(list, bodies, MOST_BODIES, (one) => bodySources(table, one, bodies.length === 1));
  return el("section", {}, el("h3", {}, heading), rows.length ? list : el("p", { class: "quiet" }, "没有单位列示。"), more);
}

function bodySources(table, { own, body, column }, open) {
  const source = D.sources[table];
  const details = el("details", { class: "body" },
    el("summary", {}, el("span", {}, B.name(body), source.withheld[own[0]] ? el("em", { class: "tag withheld" }, "暂不汇总") : null),
      el("b", {}, comesTo(table, own, column).replace(/ 万元$/, ""))));
  const fill = () => { if (details.children.length === 1) details.append(cellTable(table, own, column)); };
  details.addEventListener("toggle", fill, { once: true });
  if (open) { details.open = true; fill(); }
  return details;
}

/* The rows of a body: what they are of, the amount, and each cell with the text that stands in it. */
function cellTable(table, own, column) {
  const source = D.sources[table], amount = (i) => amountOf(table, i, column);
  const sorted = own.slice().sort((a, b) => (amount(b) || 0) - (amount(a) || 0));
  const files = [...new Set(own.flatMap((i) => namesIn(at(source.file, i))))];
  return el("div", { class: "cells" },
    el("table", {},
      el("thead", {}, el("tr", {}, ...["项目", amountTitle(table, column), "工作表 ! 单元格", "原文"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, sorted.map((i) => el("tr", {},
        el("td", {}, rowWords(source, i)),
        el("td", { class: "number" }, amountText(table, i, column)),
        el("td", { class: "place" }, cellsOf(source, i).map((cell) => el("span", {}, placeWords(cell.sheet, cell.cell)))),
        el("td", { class: "raw" }, cellsOf(source, i).map((cell) => el("span", {}, [`“${cell.raw}”`, cell.unit].filter(Boolean).join(" "))),
          at(source.derivation, i) === "derived" ? el("em", {}, "推算") : null,
          at(source.derivation, i) === "corrected" ? el("em", {}, "已更正") : null))))),
    files.map((file) => el("p", { class: "file" }, "文件 ", el("span", {}, file),
      D.files[file] ? el("code", { title: "文件校验值" }, `SHA-256 ${D.files[file]}`) : null)));
}

/* Where something stands, as the messages write it: a line of a document has no exclamation mark before it. */
const placeWords = (sheet, cell) => [sheet, cell].filter(Boolean).join(cell.startsWith("第") ? "" : " ! ");

function amountTitle(table, column) {
  const described = columnOf(table, column);
  if (described && described.kind === "number") return described.title;
  return D.sources[table].amount === null ? "" : "金额（元）";
}
function amountText(table, i, column) {
  const described = columnOf(table, column), amount = amountOf(table, i, column);
  if (amount === null || (!described && D.sources[table].amount === null)) return "";
  return described && described.kind === "number" ? numberFormat.format(amount) : wanFormat.format(amount / 100);
}

function rowWords(source, i) {
  const skip = /threshold|quantity|purpose/;
  return source.columns.filter((column) => column.kind !== "money" && !skip.test(column.name)).map((column) => {
    const value = at(source.rows[column.name], i);
    if (column.kind === "number") return value === null ? "" : `${column.title} ${numberFormat.format(value)}${column.unit || ""}`;
    return labelled(source.columns, column.name, value);
  }).filter(Boolean).join(" ") || "合计";
}

function cellsOf(source, i) {
  const cells = at(source.cell, i).split(" ").filter(Boolean);
  const names = namesIn(at(source.sheet, i)), sheets = names.length === 1 ? cells.map(() => names[0]) : names;
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
    button.dataset.shown = `以上为前 ${shown} 项，共 ${items.length} 项`;
    button.textContent = `再显示 ${Math.min(portion, items.length - shown)} 项（共 ${items.length} 项）`;
  }
  next();
  return button;
}
