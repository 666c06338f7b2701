/* Headline first; each further section when it comes near the window, all of them before printing. */
const DRAWN = {
  flow: drawFlow, structure: drawStructure, changes: drawChanges, "three-public": drawThreePublic, projects: drawProjects,
  coverage: drawCoverage, findings: drawFindings, data: drawTables,
};
const drawn = new Set();
function drawSection(id) {
  if (drawn.has(id)) return;
  drawn.add(id);
  DRAWN[id]();
}
if (!D.county.county_changes_by_item.length) document.querySelectorAll("#changes, nav a[href='#changes']").forEach((one) => one.remove());
drawStanding();
drawHeadline();
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) { near.unobserve(entry.target); drawSection(entry.target.id); }
}, { rootMargin: "300px 0px" });
document.querySelectorAll("section.lazy").forEach((section) => near.observe(section));
addEventListener("beforeprint", () => document.querySelectorAll("section.lazy").forEach((section) => drawSection(section.id)));

let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  for (const id of ["flow", "structure"]) if (drawn.has(id)) DRAWN[id]();
});
