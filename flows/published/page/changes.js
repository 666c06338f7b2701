/* This year beside the last, where the output folder holds a release of the year before. */
const signed = (fen) => (fen > 0 ? "+" : "") + wan(fen);
const changeRows = (name, test) => countyRows(name).filter(test);

/* Where other bodies count this year than did in the last, whole sums cannot be compared: those of bodies in both are. */
const pairOf = (row) => (D.compared.same || !("comparable_last_yuan" in row) ? [row.current_yuan, row.last_yuan] : [row.comparable_current_yuan, row.comparable_last_yuan]);
const changeOf = ([now, before]) => (now || 0) - (before || 0);
function rate([now, before]) {
  if (!before) return now && before === null ? "新增" : "—";
  const change = (100 * (now - before)) / before;
  return `${change > 0 ? "+" : ""}${change.toFixed(1)}%`;
}

function drawChanges() {
  const items = (subject) => changeRows("county_changes_by_item", (row) => row.subject === subject && (row.current_yuan || row.last_yuan))
    .sort((a, b) => (b.current_yuan || 0) - (a.current_yuan || 0));
  const classes = biggest(changeRows("county_changes_by_function", (row) => row.function_level === 1));
  const bodies = biggest(changeRows("county_changes_by_body", (row) => row.measure === "expenditure" && row.standing === "both"));
  const itemName = (row) => row.item_name;
  refill(chartOf("changes"),
    el("p", { class: "lead" }, `${D.compared.sentence}功能科目换码已按科目对照表对应。`),
    el("div", { class: "pair" },
      changeTable("按收入来源", "county_changes_by_item", items("income_source"), itemName, true),
      changeTable("按支出类型", "county_changes_by_item", items("spending_type"), itemName, true)),
    el("div", { class: "pair" },
      changeTable("“三公”经费", "county_changes_by_item", items("three_public_item"), itemName, true),
      changeTable("支出变化最大的功能类", "county_changes_by_function", classes, (row) => row.function_name || UNCLASSIFIED, false)),
    changeTable("支出变化最大的单位", "county_changes_by_body", bodies, bodyWords, false, true));
}

const bodyWords = (row) => [row.unit_code || row.department_code, row.unit_name || row.department_name].filter(Boolean).join(" ");
const biggest = (rows) => rows.filter((row) => changeOf(pairOf(row))).sort((a, b) => Math.abs(changeOf(pairOf(b))) - Math.abs(changeOf(pairOf(a)))).slice(0, 12);

function changeTable(title, table, rows, nameOf, withTotal, same = D.compared.same) {
  const lines = rows.map((row) => ({ name: nameOf(row), now: row.current_yuan, figure: () => countyFigure(table, row), pair: pairOf(row) }));
  return comparisonTable(title, lines, same, withTotal);
}

/* Lines of {name, now, figure, pair, remark}; `pair` is what can be compared, this year's and last year's, `same` whether it is all. */
function comparisonTable(title, lines, same, withTotal) {
  const titles = ["项目", "本年", ...(same ? ["上年"] : ["可比本年", "可比上年"]), "增减", "幅度"];
  const number = (...content) => el("td", { class: "number" }, ...content);
  const cells = ({ pair, remark }, current) => [number(current), same ? null : number(wan(pair[0]), remark), number(wan(pair[1])),
    number(pair[1] === null && !pair[0] ? "" : signed(changeOf(pair))), number(rate(pair))];
  const whole = { pair: [0, 1].map((k) => sum(lines.map(({ pair }) => pair[k]))) };
  return el("div", { class: "scroll" }, el("h3", {}, `${title}（万元）`), el("table", { class: same ? "figures changes" : "figures changes wide" },
    el("thead", {}, el("tr", {}, titles.map((text, i) => el("th", { scope: "col", class: i ? "number" : null }, text)))),
    el("tbody", {}, lines.map((line) => el("tr", {}, el("th", { scope: "row" }, line.name), ...cells(line, figureButton(line.now, line.figure)))),
      withTotal ? el("tr", { class: "total" }, el("th", { scope: "row" }, "合计"), ...cells(whole, wan(sum(lines.map(({ now }) => now))))) : null)));
}

/* What was published last year of the three public expenses, of departments whose bodies all count in both years; empty without it. */
const lastOfDepartment = new Map([...groupBy(changeRows("county_changes_by_body", (row) => row.measure === "three_public"),
  (row) => row.department_code || row.department_name || row.unit_code || row.unit_name)]
  .filter(([, rows]) => rows.every((row) => row.standing === "both")).map(([key, rows]) => [key, sum(rows.map((row) => row.last_yuan))]));
