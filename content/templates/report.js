/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting, copying and unfolding for the HTML report; the page is complete without it. */
"use strict";

const figure = (text) => {
  const number = Number(text.replace(/[,\s]/g, ""));
  return text.trim() !== "" && Number.isFinite(number) ? number : null;
};

function sortBy(table, column, button) {
  const body = table.tBodies[0];
  const up = button.getAttribute("data-order") !== "up";
  for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
  button.setAttribute("data-order", up ? "up" : "down");
  button.closest("th").setAttribute("aria-sort", up ? "ascending" : "descending");
  const compare = (a, b) => {
    const x = a.cells[column].textContent;
    const y = b.cells[column].textContent;
    const [m, n] = [figure(x), figure(y)];
    return m !== null && n !== null ? m - n : x < y ? -1 : x > y ? 1 : 0;
  };
  const rows = Array.from(body.rows).sort((a, b) => (up ? compare(a, b) : compare(b, a)));
  body.append(...rows);
}

for (const table of document.querySelectorAll("table.sortable")) {
  if (table.tBodies[0].rows.length < 2) continue;
  table.querySelectorAll("thead th").forEach((title, column) => {
    if (title.querySelector(".unseen")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...title.childNodes);
    button.addEventListener("click", () => sortBy(table, column, button));
    title.append(button);
  });
}

for (const code of document.querySelectorAll("code.copyable")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "copy";
  button.setAttribute("aria-label", "Copy " + code.textContent);
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "copied";
    } catch {
      button.textContent = "selected";
    }
  });
  code.after(" ", button);
}

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
