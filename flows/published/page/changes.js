/* This year beside the last, where the output folder holds a release of the year before. */
const signed = (fen) => (fen > 0 ? "+" : "") + wan(fen);
const rate = (row) => (row.change_percent === null ? (row.last_yuan === null ? "新增" : "—") : `${row.change_percent > 0 ? "+" : ""}${row.change_percent.toFixed(1)}%`);
const changeRows = (name, test) => countyRows(name).filter(test);

function drawChanges() {
  const chart = chartOf("changes");
  const items = (subject) => changeRows("county_changes_by_item", (row) => row.subject === subject && (row.current_yuan || row.last_yuan))
    .sort((a, b) => (b.current_yuan || 0) - (a.current_yuan || 0));
  const classes = biggest(changeRows("county_changes_by_function", (row) => row.function_level === 1));
  const bodies = biggest(changeRows("county_changes_by_body", (row) => row.measure === "expenditure"));
  chart.replaceChildren(
    el("div", { class: "pair" },
      changeTable("按收入来源", "county_changes_by_item", items("income_source"), (row) => row.item_name, true),
      changeTable("按支出类型", "county_changes_by_item", items("spending_type"), (row) => row.item_name, true)),
    el("div", { class: "pair" },
      changeTable("“三公”经费", "county_changes_by_item", items("three_public_item"), (row) => row.item_name, true),
      changeTable("支出变化最大的功能类", "county_changes_by_function", classes, (row) => row.function_name || UNCLASSIFIED, false)),
    changeTable("支出变化最大的单位", "county_changes_by_body", bodies, bodyWords, false),
    el("p", { class: "quiet" }, `上年数为 ${D.year - 1} 年发布的数字。支出${comparableWords("spending_type")}功能科目换码已按科目对照表对应。`));
}

const bodyWords = (row) => [row.unit_code || row.department_code, row.unit_name || row.department_name].filter(Boolean).join(" ")
  + { both: "", new: "（上年未计入）", gone: "（本年未计入）" }[row.standing];
const biggest = (rows) => rows.filter((row) => row.change_yuan).sort((a, b) => Math.abs(b.change_yuan) - Math.abs(a.change_yuan)).slice(0, 12);

/* Over which departments the two years can be compared, and what they come to. */
function comparableWords(subject) {
  const rows = changeRows("county_changes_by_item", (row) => row.subject === subject);
  const total = (name) => wan(sum(rows.map((row) => row[name])));
  return `两年计入的单位不完全相同：两年都计入且口径一致的部门，本年 ${total("comparable_current_yuan")} 万元，上年 ${total("comparable_last_yuan")} 万元。`;
}

function changeTable(title, table, rows, nameOf, withTotal) {
  const total = (name) => sum(rows.map((row) => row[name]));
  const whole = { current_yuan: total("current_yuan"), last_yuan: total("last_yuan"), change_yuan: total("change_yuan") };
  whole.change_percent = whole.last_yuan ? (100 * whole.change_yuan) / whole.last_yuan : null;
  const cells = (row, current) => [el("td", { class: "number" }, current), el("td", { class: "number" }, wan(row.last_yuan)),
    el("td", { class: "number" }, signed(row.change_yuan)), el("td", { class: "number" }, rate(row))];
  return el("div", { class: "scroll" }, el("h3", {}, title), el("table", { class: "figures changes" },
    el("thead", {}, el("tr", {}, ["项目", "本年（万元）", "上年", "增减", "幅度"].map((text, i) => el("th", { scope: "col", class: i ? "number" : null }, text)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, el("th", { scope: "row" }, nameOf(row)),
      ...cells(row, figureButton(row.current_yuan, () => countyFigure(table, row))))),
      withTotal ? el("tr", { class: "total" }, el("th", { scope: "row" }, "合计"), ...cells(whole, wan(whole.current_yuan))) : null)));
}

/* What was published last year of the three public expenses, by item and by department; empty without it. */
const lastOfItem = new Map(changeRows("county_changes_by_item", (row) => row.subject === "three_public_item").map((row) => [row.item, row.last_yuan]));
const lastOfDepartment = new Map([...groupBy(changeRows("county_changes_by_body", (row) => row.measure === "three_public" && row.last_yuan !== null),
  (row) => row.department_code || row.department_name || row.unit_code || row.unit_name)].map(([key, rows]) => [key, sum(rows.map((row) => row.last_yuan))]));
