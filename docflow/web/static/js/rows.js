// "Add a row" and "Remove row" without a round trip; the buttons themselves submit when there is no script.
function indexed(text, from, to) {
  return text.startsWith(from) ? to + text.slice(from.length) : text;
}

function renamed(row, from, to) {
  row.dataset.row = to;
  for (const element of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
    for (const attribute of ["name", "id", "for"]) {
      const value = element.getAttribute(attribute);
      if (value) element.setAttribute(attribute, indexed(value, from, to));
    }
    if (element.name === "_row") element.value = element.value.replace(from, to);
    element.removeAttribute("aria-describedby");
    element.removeAttribute("aria-invalid");
    element.classList.remove("is-invalid");
  }
  for (const wrong of row.querySelectorAll(".wrong")) wrong.remove();
}

function emptied(row) {
  for (const field of row.querySelectorAll("input, textarea, select")) {
    if (field.type === "checkbox") field.checked = false;
    else if (field.tagName === "SELECT") field.selectedIndex = 0;
    else field.value = "";
  }
}

function numbered(list) {
  list.querySelectorAll("tr[data-row]").forEach((row, place) => {
    row.querySelector(".nr").textContent = place + 1;
    for (const labelled of row.querySelectorAll("[aria-label]")) {
      labelled.setAttribute("aria-label", labelled.getAttribute("aria-label").replace(/\d+/, String(place + 1)));
    }
  });
}

function nextIndex(list) {
  const taken = [...list.querySelectorAll("tr[data-row]")].map((row) => Number(row.dataset.row.split("-").pop()));
  return Math.max(-1, ...taken) + 1;
}

function addRow(list, index) {
  const rows = list.querySelectorAll("tr[data-row]");
  const last = rows[rows.length - 1];
  const row = last.cloneNode(true);
  renamed(row, last.dataset.row, `${list.dataset.rows}-${index}`);
  emptied(row);
  last.after(row);
  numbered(list);
  return row;
}

function changed(list) {
  list.dispatchEvent(new Event("input", { bubbles: true }));
}

function onClick(event) {
  const button = event.target.closest('button[name="_row"]');
  if (!button) return;
  const [act, name] = [button.value.slice(0, button.value.indexOf(":")), button.value.slice(button.value.indexOf(":") + 1)];
  const list = button.closest("[data-rows]");
  const rows = list.querySelectorAll("tr[data-row]");
  if (act === "add" && name === list.dataset.rows && rows.length) {
    event.preventDefault();
    addRow(list, nextIndex(list)).querySelector("input:not([type=hidden]), select, textarea").focus();
    changed(list);
  } else if (act === "remove" && rows.length > 1) {
    event.preventDefault();
    const row = button.closest("tr[data-row]");
    const near = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    numbered(list);
    near.querySelector('button[name="_row"]').focus();
    changed(list);
  }
}

export function growRows() {
  for (const list of document.querySelectorAll("[data-rows]")) {
    list.addEventListener("click", onClick);
    list.addEventListener("docflow:need-row", (event) => {
      const name = `${list.dataset.rows}-${event.detail.index}`;
      if (list.querySelector("tr[data-row]") && !list.querySelector(`tr[data-row="${CSS.escape(name)}"]`)) addRow(list, event.detail.index);
    });
  }
}
