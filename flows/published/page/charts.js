/* Drawing: squarified treemap, three-column Sankey, fitted labels. Coordinates in CSS pixels. */
const HUES = ["#2f5d6b", "#a8733a", "#6b7f4e", "#8a4b52", "#5a5f8c", "#8d7f3f", "#4d7f78", "#7d5a7a"];
const OTHERS = "#8b9094";
const hue = (rank) => (rank < HUES.length ? HUES[rank] : OTHERS);
const tint = (color, share) => {
  const part = (k) => Math.round(255 - (255 - parseInt(color.slice(1 + 2 * k, 3 + 2 * k), 16)) * share);
  return `rgb(${part(0)},${part(1)},${part(2)})`;
};

const textWidth = (text, size) => size * sum([...text].map((sign) => (sign.charCodeAt(0) > 0x2e7f ? 1 : 0.56)));
function fitted(text, width, size) {
  if (textWidth(text, size) <= width) return text;
  let kept = "";
  for (const sign of text) {
    if (textWidth(kept + sign + "…", size) > width) break;
    kept += sign;
  }
  return [...kept].length >= 2 ? kept + "…" : "";
}

/* Rectangles for items (biggest first) that fill a rectangle, as square as they go. */
function squarify(items, x, y, width, height) {
  const placed = [];
  const total = sum(items.map((item) => item.value));
  let rest = items.filter((item) => item.value > 0).sort((a, b) => b.value - a.value);
  const scale = total ? (width * height) / total : 0;
  while (rest.length) {
    const side = Math.max(Math.min(width, height), 1e-6);
    let count = 1, best = worst(rest.slice(0, 1), side, scale);
    while (count < rest.length) {
      const ratio = worst(rest.slice(0, count + 1), side, scale);
      if (ratio > best) break;
      best = ratio; count += 1;
    }
    const row = rest.slice(0, count), thickness = (sum(row.map((item) => item.value)) * scale) / side;
    let along = 0;
    for (const item of row) {
      const length = (item.value * scale) / Math.max(thickness, 1e-6);
      placed.push(width >= height
        ? { item, x, y: y + along, width: thickness, height: length }
        : { item, x: x + along, y, width: length, height: thickness });
      along += length;
    }
    if (width >= height) { x += thickness; width -= thickness; } else { y += thickness; height -= thickness; }
    rest = rest.slice(count);
  }
  return placed;
}
function worst(row, side, scale) {
  const area = sum(row.map((item) => item.value)) * scale;
  const biggest = row[0].value * scale, smallest = row[row.length - 1].value * scale;
  return Math.max((side * side * biggest) / (area * area), (area * area) / (side * side * smallest));
}

/* A treemap of nodes {name, value, children?, act}; groups show their children where there is room. */
function treemap(nodes, width, height) {
  const drawing = svg("svg", { class: "treemap", width, height, viewBox: `0 0 ${width} ${height}`, role: "group" });
  const sorted = nodes.slice().sort((a, b) => b.value - a.value);
  const ranks = new Map(sorted.map((node, rank) => [node, rank]));
  for (const place of squarify(sorted, 0, 0, width, height)) {
    const color = hue(ranks.get(place.item));
    const room = place.width > 90 && place.height > 64 && (place.item.children || []).length > 1;
    drawing.append(room ? group(place, color) : tile(place, tint(color, 0.32)));
  }
  return drawing;
}
const HEADER = 22;
function group(place, color) {
  const { item, x, y, width, height } = place;
  const inner = squarify(item.children, x + 2, y + HEADER, width - 4, height - HEADER - 2);
  return svg("g", {},
    acting("g", { class: "node group", "aria-label": `${item.name} ${wan(item.value)} 万元，进入下一级` }, item.act,
      svg("rect", { x: x + 1, y: y + 1, width: width - 2, height: height - 2, fill: tint(color, 0.85) }),
      svg("text", { x: x + 7, y: y + 15.5, class: "on-dark" }, fitted(`${item.name} ${wan(item.value)}`, width - 12, 12))),
    inner.map((child) => tile(child, tint(color, 0.26))));
}
function tile({ item, x, y, width, height }, fill) {
  const room = width - 10, lines = [];
  const size = width * height > 9000 ? 13 : 11.5;
  if (height > size + 7 && room > 20) lines.push(fitted(item.name, room, size));
  if (height > 2 * size + 13 && room > 30) lines.push(textWidth(wan(item.value), size) <= room ? wan(item.value) : "");
  return acting("g", { class: "node", "aria-label": `${item.name} ${wan(item.value)} 万元` }, item.act,
    svg("title", {}, `${item.name}\n${wan(item.value)} 万元`),
    svg("rect", { x: x + 0.75, y: y + 0.75, width: Math.max(width - 1.5, 0.5), height: Math.max(height - 1.5, 0.5), fill }),
    lines.map((line, i) => svg("text", { x: x + 6, y: y + size + 4 + i * (size + 5), "font-size": size, class: i ? "amount" : "" }, line)));
}

/* Columns of nodes {key, name, value, act} joined by links {from, to, value, act}; from and to are keys of
   neighbouring columns. */
function sankey(columns, links, width, height) {
  const narrow = width < 560, thick = narrow ? 9 : 14, gap = narrow ? 7 : 8;
  const room = height - 24;
  const scale = Math.min(...columns.map((nodes) => biggestScale(nodes, room - gap * (nodes.length - 1))));
  const slot = (node) => Math.max(node.value * scale, LEAST_SLOT);
  const drawing = svg("svg", { class: "sankey", width, height, viewBox: `0 0 ${width} ${height}`, role: "group" });
  const places = new Map();
  columns.forEach((nodes, c) => {
    const used = sum(nodes.map(slot));
    const space = nodes.length > 1 ? (room - used) / (nodes.length - 1) : 0;
    const left = [0, narrow ? 0.36 : 0.5, 1][c] * (width - thick);
    let top = 12;
    for (const node of nodes) {
      const height = Math.max(node.value * scale, 1);
      places.set(node.key, { node, column: c, left, top: top + (slot(node) - height) / 2, height, out: 0, in: 0 });
      top += slot(node) + Math.min(space, 40);
    }
  });
  const ribbons = links.filter((link) => link.value > 0).sort((a, b) => places.get(a.to).top - places.get(b.to).top)
    .map((link) => ({ link, start: leave(places.get(link.from), link.value * scale) }));
  ribbons.sort((a, b) => places.get(a.link.from).top - places.get(b.link.from).top);
  drawing.append(svg("g", { class: "links" }, ribbons.map(({ link, start }) =>
    ribbon(link, places.get(link.from), places.get(link.to), start, arrive(places.get(link.to), link.value * scale), link.value * scale, thick))));
  for (const place of places.values()) drawing.append(sankeyNode(place, thick, width, narrow));
  return drawing;
}
const LEAST_SLOT = 15;
/* The greatest scale at which the nodes fit into a height, each with room for its label. */
function biggestScale(nodes, room) {
  let low = 0, high = room / sum(nodes.map((node) => node.value));
  for (let step = 0; step < 30; step += 1) {
    const middle = (low + high) / 2;
    if (sum(nodes.map((node) => Math.max(node.value * middle, LEAST_SLOT))) <= room) low = middle; else high = middle;
  }
  return low;
}
const leave = (place, size) => { const at = place.top + place.out; place.out += size; return at; };
const arrive = (place, size) => { const at = place.top + place.in; place.in += size; return at; };
function ribbon(link, from, to, y0, y1, size, thick) {
  const x0 = from.left + thick, x1 = to.left, middle = (x0 + x1) / 2, wide = Math.max(size, 0.6);
  const outline = `M${x0},${y0}C${middle},${y0} ${middle},${y1} ${x1},${y1}v${wide}C${middle},${y1 + wide} ${middle},${y0 + wide} ${x0},${y0 + wide}z`;
  return svg("path", { d: outline, fill: from.node.color || "#6d7880", onclick: link.act },
    svg("title", {}, `${from.node.name} → ${to.node.name}\n${wan(link.value)} 万元`));
}
function sankeyNode({ node, column, left, top, height }, thick, width, narrow) {
  const last = column === 2, size = narrow ? 10.5 : 12.5;
  const gap = width * (narrow ? [0.36, 0.64, 0.64] : [0.5, 0.5, 0.5])[column] - thick;
  const room = (column === 0 ? gap : gap / 2) - 8;
  const amount = wan(node.value), whole = `${node.name}  ${amount}`;
  const lines = !narrow && textWidth(whole, size) <= room ? [whole] : inLines(node.name, room, size, height);
  const middle = top + height / 2 - ((lines.length - 1) * size * 1.2) / 2;
  return acting("g", { class: "node", "aria-label": `${node.name} ${amount} 万元` }, node.act,
    svg("title", {}, `${node.name}\n${amount} 万元`),
    svg("rect", { x: left, y: top, width: thick, height, fill: node.color || "#3d4347" }),
    lines.map((line, i) => svg("text", { x: last ? left - 6 : left + thick + 6, y: middle + size * (0.36 + 1.2 * i), "text-anchor": last ? "end" : "start", "font-size": size }, line)));
}
/* A name in as many lines, three at most, as stand beside its node; what does not fit ends in dots. */
function inLines(name, room, size, height) {
  const most = Math.max(1, Math.min(3, Math.floor(height / (size * 1.2)))), lines = [""];
  for (const sign of name) {
    if (lines.length < most && textWidth(lines[lines.length - 1] + sign, size) > room) lines.push("");
    lines[lines.length - 1] += sign;
  }
  return lines.map((line) => fitted(line, room, size));
}
