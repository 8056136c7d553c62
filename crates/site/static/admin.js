// Makes the admin handier where scripts run. Nothing in it needs this.

// One box for all boxes of the page, ranges with the shift key, and how many are selected.
for (const form of document.querySelectorAll("form.objects")) {
  const boxes = [...form.querySelectorAll("[name=_selected_action]")];
  const all = form.querySelector("[data-all]");
  const said = form.querySelector("[data-selected]");
  if (!all) continue;
  all.hidden = false;
  let last = null;
  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    said.textContent = count ? said.dataset.selected.replace("0", count) : "";
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const [index, box] of boxes.entries()) {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last !== null) {
        const [from, to] = [Math.min(last, index), Math.max(last, index)];
        for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
      }
      last = index;
      tell();
    });
  }
  tell();
}

// A list of many to choose from becomes boxes that can be searched; the list itself stays what is
// sent.
for (const chooser of document.querySelectorAll(".chooser")) {
  const select = chooser.querySelector("select");
  const label = document.querySelector(`label[for="${select.id}"]`);
  const search = document.createElement("input");
  search.type = "search";
  search.placeholder = chooser.dataset.filter;
  search.setAttribute("aria-label", `${label.textContent}: ${chooser.dataset.filter}`);
  const list = document.createElement("ul");
  list.className = "choices";
  list.setAttribute("aria-label", label.textContent);
  for (const option of select.options) {
    const item = document.createElement("li");
    const line = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = option.selected;
    box.addEventListener("change", () => { option.selected = box.checked; });
    line.append(box, ` ${option.text}`);
    item.append(line);
    list.append(item);
  }
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/);
    for (const item of list.children) {
      const text = item.textContent.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
    }
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  select.hidden = true;
  chooser.closest(".field").classList.add("enhanced");
  chooser.append(search, list);
}

// A field for the key of one of very many proposes what a text finds, and says what a key means.
for (const field of document.querySelectorAll("[data-search]")) {
  const said = document.querySelector(`output[for="${field.id}"]`);
  const list = document.createElement("datalist");
  list.id = `${field.id}-found`;
  field.after(list);
  field.setAttribute("list", list.id);
  field.removeAttribute("inputmode");
  let asked = 0;
  field.addEventListener("input", async () => {
    const chosen = [...list.options].find((option) => option.value === field.value);
    said.textContent = chosen ? chosen.label : "";
    if (chosen) return;
    const mine = ++asked;
    const response = await fetch(`${field.dataset.search}&term=${encodeURIComponent(field.value)}`);
    // An answer that comes late is for what was typed before.
    if (!response.ok || mine !== asked) return;
    const { results } = await response.json();
    list.replaceChildren(...results.map(({ id, text }) => new Option(text, id)));
  });
}

// What was typed is not lost by a stray click.
for (const form of document.querySelectorAll("form.record")) {
  let isChanged = false;
  form.addEventListener("input", () => { isChanged = true; });
  form.addEventListener("submit", () => { isChanged = false; });
  window.addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
}
