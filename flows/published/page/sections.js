/* The sections of the page, each drawn when it comes near the window. */
const chartOf = (id) => document.querySelector(`#${id} .chart`);
const widthOf = (element) => Math.max(280, Math.floor(element.clientWidth));
const STATES = {
  counted: "已汇总", partial: "部分表暂不汇总", withheld: "暂不汇总", missing: "缺报",
  nil: "全部为空表", compared: "已报送，按另一口径汇总", unsent: "未报送",
};

/* ---- headline figures ---- */
const NOBODY_STATES = "没有已汇总的单位列示";
function headlineFigure({ title, county, source, types, published: net, provisional, withheld, doubtful, sentence }) {
  const test = types.length ? (i, s) => types.includes(at(s.rows.spending_type, i)) : () => true;
  const all = withHeldToo(source, test), own = part(source, test);
  const elimination = types.length ? 0 : sum(countyRows(county).map((row) => row.elimination_yuan));
  const behind = elimination ? eliminationRows.filter((row) => row.elimination_yuan) : [];
  const rest = { elimination, gross: net + elimination, merged: net, eliminations: behind };
  return {
    title, county, net, stated: own.rows.length > 0, withheld, doubtful, provisional, ...rest,
    published: { title: `${title}（已汇总）`, net, parts: [own], ...rest },
    withHeld: { title: `${title}（暂定数）`, net: provisional, parts: [all], ...rest, note: sentence },
  };
}

function drawHeadline() {
  const cards = D.headlines.map(headlineFigure).map((figure) => el("div", { class: "card" },
    el("h3", {}, figure.title),
    el("button", { class: "big", "data-figure": figure.county, onclick: () => openSources(figure.published), "aria-label": `${figure.title} ${figure.stated ? `${wan(figure.net)} 万元` : NOBODY_STATES}，查看出处` }, figure.stated ? wan(figure.net) : "—"),
    el("p", {}, !figure.stated ? NOBODY_STATES : figure.elimination ? `汇总 ${wan(figure.gross)}，抵销 ${wan(figure.elimination)}` : "已汇总"),
    figure.withheld ? el("button", { class: "link", onclick: () => openSources(figure.withHeld) }, el("span", {}, `另有暂不汇总 ${wan(figure.withheld)}，`), el("span", {}, `暂定数 ${wan(figure.provisional)}`))
      : el("p", { class: "quiet" }, figure.doubtful ? "" : "没有暂不汇总的金额"),
    figure.doubtful ? el("p", {}, `不含金额单位有疑问的 ${figure.doubtful} 个单位`) : null));
  refill(document.getElementById("headline"), cards);
}

function drawStanding() {
  const count = (...states) => range(B.count).filter((i) => states.includes(at(D.bodies.state, i))).length;
  const sent = B.count - count("missing", "unsent");
  document.getElementById("standing").textContent =
    `应报和已报单位 ${B.count} 个：已报送 ${sent} 个，缺报 ${count("missing")} 个；因错误待更正暂不汇总 ${count("withheld")} 个。金额单位：万元。`;
}

/* ---- money flow ---- */
function drawFlow() {
  const chart = chartOf("flow"), width = widthOf(chart), narrow = width < 560;
  const { columns, links } = flows(narrow ? 8 : 12);
  if (!links.length) return refill(chart, nothing());
  const height = Math.max(narrow ? 560 : 480, 30 * Math.max(...columns.map((nodes) => nodes.length)));
  refill(chart,
    el("div", { class: "ends" }, el("span", {}, "收入来源"), el("span", {}, "部门"), el("span", {}, "支出类型")),
    sankey(columns, links, width, height));
}

function flows(most) {
  const spent = groupBy(sourceRows("expenditure_by_type", published), (i) => B.department(D.sources.expenditure_by_type.body[i]));
  const ranked = [...spent].map(([key, rows]) => [key, sourceAmount("expenditure_by_type", rows)]).sort((a, b) => b[1] - a[1]);
  const shown = new Set(ranked.slice(0, most).map(([key]) => key));
  const place = (body) => (shown.has(B.department(body)) ? B.department(body) : "");
  const links = [...crossed("income", "income_source", place, "s", "d"), ...crossed("expenditure_by_type", "spending_type", place, "t", "d")];
  const nodes = (prefix, nameOf, tableOf) => [...new Set(links.flatMap((link) => [link.from, link.to]))].filter((key) => key[0] === prefix)
    .map((key) => nodeOf(key, links, nameOf(key.slice(1)), tableOf)).sort((a, b) => (a.key === "d" ? 1 : b.key === "d" ? -1 : b.value - a.value));
  const sources = nodes("s", (name) => labelled(D.sources.income.columns, "income_source", name), "income");
  sources.forEach((node, rank) => { node.color = hue(rank); });
  const departments = nodes("d", (key) => (key ? departmentName(key) : `其他 ${ranked.length - shown.size} 个部门`), "expenditure_by_type");
  const types = nodes("t", (name) => labelled(D.sources.expenditure_by_type.columns, "spending_type", name), "expenditure_by_type");
  for (const node of sources) node.act = () => openSources(flowFigure(node, "income", (i, s) => "s" + at(s.rows.income_source, i) === node.key));
  for (const node of departments) node.act = () => openSources(flowFigure(node, "expenditure_by_type", (i, s) => "d" + place(s.body[i]) === node.key));
  for (const node of types) node.act = () => openSources(flowFigure(node, "expenditure_by_type", (i, s) => "t" + at(s.rows.spending_type, i) === node.key));
  return { columns: [sources, departments, types], links };
}

/* Sums of a standard table by one of its columns and department; the table's own side comes first for income. */
function crossed(table, column, place, prefix, other) {
  const source = D.sources[table];
  const cells = groupBy(sourceRows(table, published), (i) => at(source.rows[column], i) + "\x1f" + place(source.body[i]));
  return [...cells].map(([key, rows]) => {
    const [one, department] = key.split("\x1f");
    const [from, to] = prefix === "s" ? [prefix + one, other + department] : [other + department, prefix + one];
    const act = () => openSources({ title: "资金流向", net: sourceAmount(table, rows), elimination: 0, parts: [{ table, rows }], eliminations: [] });
    return { from, to, value: sourceAmount(table, rows), act };
  }).filter((link) => link.value > 0);
}

function nodeOf(key, links, name) {
  const into = sum(links.filter((link) => link.to === key).map((link) => link.value));
  const out = sum(links.filter((link) => link.from === key).map((link) => link.value));
  return { key, name, value: Math.max(into, out) };
}

function flowFigure(node, table, test) {
  const own = part(table, test);
  return { title: node.name, net: sourceAmount(table, own.rows), elimination: 0, parts: [own], eliminations: [], note: "各单位数字直接相加，未扣抵销" };
}

/* ---- treemap ---- */
let structure = "function";
let path = [];
function functionNodes() {
  const rows = countyRows("county_expenditure");
  const below = (level, code) => rows.filter((row) => row.function_level === level && (row.function_code || "").startsWith(code));
  const node = (row) => {
    const own = row.function_code, deeper = own ? below(row.function_level + 1, own) : [];
    const children = deeper.length === 1 && deeper[0].function_code === own ? [] : deeper.map(node);
    return { name: row.function_name || UNCLASSIFIED, value: row.net_yuan, children, figure: () => countyFigure("county_expenditure", row) };
  };
  return rows.filter((row) => row.function_level === 1).map(node);
}

function departmentNodes() {
  return countyRows("county_expenditure_by_department").map((row) => {
    const { parts } = countyFigure("county_expenditure_by_department", row);
    const bodies = [...groupBy(parts[0].rows, (i) => D.sources.expenditure.body[i])];
    const children = bodies.length < 2 ? [] : bodies.map(([body, own]) => ({
      name: B.name(body).replace(/^\S+ /, ""), value: sourceAmount("expenditure", own), children: [],
      figure: () => ({ title: `支出 · ${B.name(body)}`, net: sourceAmount("expenditure", own), elimination: 0, eliminations: [], parts: [{ table: "expenditure", rows: own }] }),
    }));
    return { name: row.department_name || row.department_code, value: row.net_yuan, children, figure: () => countyFigure("county_expenditure_by_department", row) };
  });
}

const trees = {};
function treeOf(kind) {
  trees[kind] = trees[kind] || { name: "全县", children: kind === "function" ? functionNodes() : departmentNodes() };
  return trees[kind];
}

function drawStructure() {
  const chart = chartOf("structure"), width = widthOf(chart);
  const here = path.length ? path[path.length - 1] : treeOf(structure);
  const enter = (node) => {
    if (!node.children.length) return openSources(node.figure());
    path.push(node);
    drawStructure();
    const crumb = chart.querySelector(".crumbs [aria-current]");
    if (crumb) crumb.focus();
  };
  const bind = (node) => { node.act = () => enter(node); node.children.forEach(bind); };
  here.children.forEach(bind);
  const choose = (kind) => () => { structure = kind; path = []; drawStructure(); };
  const choice = (kind, title) => el("button", { "aria-pressed": String(structure === kind), onclick: choose(kind) }, title);
  refill(chart,
    el("div", { class: "bar" },
      el("div", { class: "choices", role: "group", "aria-label": "分类方式" }, choice("function", "按功能分类"), choice("department", "按部门")),
      crumbs(here)),
    here.children.some((node) => node.value > 0) ? treemap(here.children, width, width < 560 ? 520 : 460) : nothing());
}

function crumbs(here) {
  const back = (length) => () => { path = path.slice(0, length); drawStructure(); };
  const steps = [el("button", { class: "link", onclick: back(0) }, "全县")];
  path.forEach((node, i) => steps.push(" › ", el("button", { class: "link", "aria-current": i === path.length - 1 ? "location" : null, onclick: back(i + 1) }, node.name)));
  if (path.length) steps.push(" ", el("button", { class: "link source", onclick: () => openSources(here.figure()) }, `${wan(here.value)} 万元，查看出处`));
  return el("p", { class: "crumbs" }, steps);
}

/* ---- three public expenses ---- */
function drawThreePublic() {
  const chart = chartOf("three-public"), source = D.sources.three_public;
  const rows = sourceRows("three_public", published);
  if (!rows.length) return refill(chart, el("p", { class: "statement" }, D.statement), nothing());
  const departments = [...groupBy(rows, (i) => B.department(source.body[i]))].map(([key, own]) => ({
    name: departmentName(key), now: sourceAmount("three_public", own), before: D.county.county_changes_by_item.length ? lastOfDepartment.get(key) ?? null : previousOf(own),
    figure: () => ({ title: `“三公”经费 · ${departmentName(key)}`, net: sourceAmount("three_public", own), elimination: 0, eliminations: [], parts: [{ table: "three_public", rows: own }] }),
  })).sort((a, b) => b.now - a.now);
  refill(chart, el("p", { class: "statement" }, D.statement), el("div", { class: "pair" }, itemTable(), departmentBars(departments)));
}

/* Last year's sum where every row states it, null where some do not: such sums cannot be compared. */
const previousOf = (rows) => {
  const stated = rows.map((i) => at(D.sources.three_public.rows.previous_yuan, i));
  return stated.some((value) => value === null) ? null : sum(stated);
};

/* By item with last year: as it was published then, or as the bodies that state it say now; how many do is said. */
function itemTable() {
  const items = changeRows("county_changes_by_item", (row) => row.subject === "three_public_item" && (row.current_yuan || row.last_yuan));
  if (items.length) {
    return el("div", {}, changeTable("按项目", "county_changes_by_item", items, (row) => row.item_name, true),
      el("p", { class: "quiet" }, `${D.compared.sentence}上文的上年数是各单位今年的表中列示的。`));
  }
  const rows = countyRows("county_three_public"), same = rows.every((row) => row.comparable_yuan === row.net_yuan);
  const lines = rows.map((row) => ({
    name: rowTitle("county_three_public", row), now: row.net_yuan, figure: () => countyFigure("county_three_public", row),
    pair: [row.comparable_yuan, row.comparable_previous_yuan],
    remark: el("small", {}, `${row.body_count} 个单位中 ${row.previous_body_count} 个`),
  }));
  return el("div", {}, comparisonTable("按项目", lines, same, true),
    same ? null : el("p", { class: "quiet" }, "可比本年、可比上年只含列示了上年数的单位，增减和幅度按这两栏计算。"));
}
function departmentBars(departments) {
  const most = Math.max(...departments.flatMap((one) => [one.now, one.before || 0]), 1);
  const list = el("div", { class: "bars" });
  const more = showMore(list, departments, 12, (one) => bar(one.name, one.now, one.now / most, () => openSources(one.figure()),
    one.before === null ? null : el("span", { class: "before", style: `left:${(100 * one.before) / most}%`, title: `上年 ${wan(one.before)} 万元` }),
    one.before === null ? "" : `上年 ${wan(one.before)}`));
  return el("div", {}, el("h3", {}, "按部门（万元；竖线为上年数）"), list, more);
}

function bar(name, amount, share, act, mark, remark) {
  return el("button", { class: "bar-row", onclick: act, "aria-label": `${name} ${wan(amount)} 万元，查看出处` },
    el("span", { class: "bar-name" }, name),
    el("span", { class: "bar-track" }, el("span", { class: "bar-fill", style: `width:${Math.max(0, 100 * share)}%` }), mark),
    el("span", { class: "bar-amount" }, wan(amount), remark ? el("small", {}, remark) : null));
}

const figureButton = (value, figure, text = wan(value)) => (value === null || value === undefined ? "" : el("button", { class: "link number", title: text === wan(value) ? yuan(value) : null, onclick: () => openSources(figure()) }, text));
const nothing = () => el("p", { class: "quiet" }, "没有可公布的数字。");

/* ---- projects ---- */
const SIZES = [[5e8, "500 万元以上"], [1e8, "100–500 万元"], [5e7, "50–100 万元"], [1e7, "10–50 万元"], [-Infinity, "10 万元以下"]];
function drawProjects() {
  const chart = chartOf("projects"), source = D.sources.projects;
  const rows = sourceRows("projects", (i, s) => published(i, s) && s.amount[i] !== null).sort((a, b) => source.amount[b] - source.amount[a]);
  if (!rows.length) return refill(chart, nothing());
  const most = Math.max(source.amount[rows[0]], 1), list = el("div", { class: "bars projects" });
  const more = showMore(list, rows, 12, (i) => bar(`${at(source.rows.project_name, i)}　${B.name(source.body[i]).replace(/^\S+ /, "")}`,
    source.amount[i], source.amount[i] / most, () => openSources(projectFigure(i))));
  refill(chart,
    el("p", { class: "lead" }, `编报绩效目标的项目 ${rows.length} 个，预算 ${wan(sourceAmount("projects", rows))} 万元。`),
    el("div", { class: "pair" },
      el("div", {}, monthColumns(rows), sizeTable(rows)),
      el("div", {}, el("h3", {}, "按预算大小（万元）"), list, more)));
}
const projectFigure = (i) => ({
  title: at(D.sources.projects.rows.project_name, i), net: D.sources.projects.amount[i], elimination: 0, eliminations: [],
  note: at(D.sources.projects.rows.purpose, i), parts: [{ table: "projects", rows: [i] }],
});

/* Money due by month: each project's budget shared out as its payment plan says. */
function moneyByMonth(rows) {
  const source = D.sources.projects, plans = D.sources.project_payments;
  const projects = groupBy(rows, (i) => projectKey("projects", i)), months = new Map(), planned = new Set();
  for (const k of sourceRows("project_payments", published)) {
    const month = at(plans.rows.month, k);
    for (const i of projects.get(projectKey("project_payments", k)) || []) {
      months.set(month, (months.get(month) || 0) + Math.round((source.amount[i] * at(plans.rows.percent, k)) / 100));
      planned.add(i);
    }
  }
  return { months, unplanned: rows.filter((i) => !planned.has(i)) };
}

function monthColumns(rows) {
  const { months, unplanned } = moneyByMonth(rows);
  const most = Math.max(...months.values(), 1);
  const column = (month) => el("li", { "aria-label": `${month}月底前 ${wan(months.get(month) || 0)} 万元` },
    el("span", { class: "column-amount" }, months.get(month) ? numberFormat.format(Math.round(months.get(month) / WAN)) : ""),
    el("span", { class: "column-fill", style: `height:${(120 * (months.get(month) || 0)) / most}px` }),
    el("span", {}, `${month}月`));
  return el("div", {}, el("h3", {}, "按支付月份（万元）"),
    el("ol", { class: "columns" }, range(12).map((m) => column(m + 1))),
    el("p", { class: "quiet" }, unplanned.length ? `另有 ${unplanned.length} 个项目 ${wan(sourceAmount("projects", unplanned))} 万元未列支付计划。` : "按各项目资金支出计划到月底应支付的金额。"));
}

function sizeTable(rows) {
  const left = rows.slice(), lines = SIZES.map(([least, title]) => {
    const own = left.filter((i) => D.sources.projects.amount[i] >= least);
    own.forEach((i) => left.splice(left.indexOf(i), 1));
    return [title, own];
  });
  return el("table", { class: "figures" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "项目规模"), el("th", { scope: "col", class: "number" }, "个数"), el("th", { scope: "col", class: "number" }, "预算（万元）"))),
    el("tbody", {}, lines.map(([title, own]) => el("tr", {}, el("th", { scope: "row" }, title), el("td", { class: "number" }, String(own.length)),
      el("td", { class: "number" }, figureButton(sourceAmount("projects", own), () => ({ title: `项目 · ${title}`, net: sourceAmount("projects", own), elimination: 0, eliminations: [], parts: [{ table: "projects", rows: own }] })))))));
}

/* ---- coverage ---- */
let coverageState = "";
function drawCoverage() {
  const chart = chartOf("coverage"), all = range(B.count);
  const counts = groupBy(all, (i) => at(D.bodies.state, i));
  const choose = (state) => () => { coverageState = coverageState === state ? "" : state; drawCoverage(); };
  const legend = Object.keys(STATES).filter((state) => counts.has(state)).map((state) =>
    el("button", { class: "key", "aria-pressed": String(coverageState === state), onclick: choose(state) }, el("i", { class: "chip " + state }), `${STATES[state]} ${counts.get(state).length}`));
  const chosen = all.filter((i) => !coverageState || at(D.bodies.state, i) === coverageState);
  const departments = [...groupBy(chosen, B.department)];
  refill(chart,
    el("div", { class: "choices wrap", role: "group", "aria-label": "按报送状态筛选" }, legend),
    el("div", { class: "board" }, departments.map(([, bodies]) => el("div", { class: "department" },
      el("span", { class: "department-name" }, departmentLabel(bodies[0])),
      el("span", { class: "chips" }, bodies.map(chip))))));
}
const departmentLabel = (body) => [B.text("department_code", body) || B.text("unit_code", body), B.text("department_name", body) || B.text("unit_name", body)].filter(Boolean).join(" ");
const chip = (body) => el("button", {
  class: `chip ${at(D.bodies.state, body)}${B.isUnit(body) ? "" : " whole"}`, onclick: () => openBody(body),
  title: `${B.name(body)}：${STATES[at(D.bodies.state, body)]}`, "aria-label": `${B.name(body)}：${STATES[at(D.bodies.state, body)]}`,
});

function openBody(body) {
  const words = (name) => B.text(name, body).split(" ").filter(Boolean);
  const sent = new Set(D.bodies.forms[body].split(" ").filter(Boolean)), nil = new Set(D.bodies.nil[body].split(" ").filter(Boolean));
  const found = range(D.findings.body.length).filter((i) => D.findings.body[i] === body);
  const files = namesIn(B.text("files", body));
  refill(dialog,
    el("header", {}, el("div", {}, el("p", { class: "eyebrow" }, B.isUnit(body) ? "单位本级" : "部门汇总"), el("h2", { id: "sources-title" }, B.name(body))),
      el("button", { class: "close", onclick: () => dialog.close() }, "关闭")),
    el("p", { class: "composition" }, [STATES[at(D.bodies.state, body)], B.text("kind", body), B.text("due", body) ? `应报日期 ${B.text("due", body)}` : ""].filter(Boolean).join("　")),
    words("withheld_tables").length ? el("p", {}, "暂不汇总的表：" + words("withheld_tables").map((name) => D.tables_by_name[name] || name).join("、")) : null,
    el("h3", {}, "收到的表"),
    el("ul", { class: "forms" }, Object.entries(D.forms).map(([form, title]) => {
      const state = nil.has(form) ? "nil" : sent.has(form) ? "counted" : "missing";
      return el("li", { class: state }, el("i", { class: "chip " + state }), `${title}`, el("small", {}, { nil: "空表", counted: "有数字", missing: "未收到" }[state]));
    })),
    files.length ? el("h3", {}, "文件") : null, files.map((file) => el("p", { class: "file" }, el("span", {}, file), D.files[file] ? el("code", {}, `SHA-256 ${D.files[file]}`) : null)),
    found.length ? el("h3", {}, `审核问题 ${found.length} 个`) : null, found.length ? findingList(found) : null);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

/* ---- findings ---- */
const SEVERITIES = ["error", "warning", "info"];
const asked = { severity: "", words: "" };
function drawFindings() {
  const chart = chartOf("findings"), list = el("div", { class: "finding-bodies" }), more = el("div");
  const counts = groupBy(range(D.findings.body.length), (i) => at(D.findings.severity, i));
  const keys = SEVERITIES.filter((name) => counts.has(name)).map((name) =>
    el("button", { class: "key", "data-severity": name, "aria-pressed": "false", onclick: () => { asked.severity = asked.severity === name ? "" : name; show(); } },
      el("em", { class: "tag " + name }, D.findings.labels.severity[name]), String(counts.get(name).length)));
  const search = el("input", { type: "search", placeholder: "按单位、规则、单元格或说明查找", "aria-label": "查找审核问题", oninput: () => { asked.words = search.value; show(); } });
  function show() {
    keys.forEach((key) => key.setAttribute("aria-pressed", String(key.dataset.severity === asked.severity)));
    refill(list);
    const groups = [...groupBy(chosenFindings(), (i) => D.findings.body[i])].map(([body, own]) => [body, own, Math.min(...own.map(weight))])
      .sort((a, b) => a[2] - b[2] || b[1].length - a[1].length);
    refill(more, groups.length ? showMore(list, groups, 25, findingGroup) : el("p", { class: "quiet" }, "没有符合条件的问题。"));
  }
  refill(chart, el("div", { class: "bar" }, el("div", { class: "choices", role: "group", "aria-label": "按严重程度筛选" }, keys), search), list, more);
  show();
}
const weight = (i) => SEVERITIES.indexOf(at(D.findings.severity, i));
function chosenFindings() {
  const words = asked.words.trim().toLowerCase();
  return range(D.findings.body.length).filter((i) => (!asked.severity || at(D.findings.severity, i) === asked.severity) &&
    (!words || [B.name(D.findings.body[i]), ...["rule_id", "message", "file", "sheet", "cell"].map((name) => at(D.findings[name], i))].join(" ").toLowerCase().includes(words)));
}
/* The worst first; what follows from a finding of the same body is folded up below it. */
function findingList(own) {
  const known = new Set(own), leading = (i) => (known.has(D.findings.root[i]) ? leading(D.findings.root[i]) : i);
  const led = groupBy(own, leading);
  const leads = own.filter((i) => leading(i) === i).sort((a, b) => weight(a) - weight(b) || a - b);
  return el("ul", { class: "plain" }, leads.map((i) => finding(i, followers(led.get(i).filter((one) => one !== i)))));
}
const followers = (own) => (own.length ? el("details", { class: "followers" }, el("summary", {}, `由此引起的另有 ${own.length} 处`),
  el("ul", { class: "plain" }, own.sort((a, b) => weight(a) - weight(b) || a - b).map((i) => finding(i)))) : null);
const findingGroup = ([body, own]) => el("details", { class: "finding-body", open: own.some((i) => weight(i) === 0) ? "" : null },
  el("summary", {}, el("span", {}, B.name(body)), SEVERITIES.map((name) => {
    const count = own.filter((i) => at(D.findings.severity, i) === name).length;
    return count ? el("em", { class: "tag " + name }, `${D.findings.labels.severity[name]} ${count}`) : null;
  })),
  findingList(own));
function finding(i, below) {
  const text = (name) => at(D.findings[name], i), severity = text("severity");
  const place = [text("file"), placeWords(text("sheet"), text("cell"))].filter(Boolean).join(" › ");
  return el("li", { class: "finding" },
    el("em", { class: "tag " + severity }, D.findings.labels.severity[severity]), el("span", {}, text("message")),
    el("small", {}, [text("rule_id"), place, text("state") === "open" ? "" : D.findings.labels.state[text("state")],
      text("gate") === "none" ? "" : D.findings.labels.gate[text("gate")], D.findings.root[i] >= 0 ? "由另一问题引起" : ""].filter(Boolean).join("　")), below);
}
