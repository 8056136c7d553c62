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

// Photos are sent one after the other as soon as they are chosen or dropped, each with its progress.
for (const form of document.querySelectorAll("form.drop")) {
  const input = form.querySelector("[type=file]");
  const list = form.querySelector(".sent");
  const words = form.dataset;
  const waiting = [];
  let isSending = false;
  form.querySelector("button").hidden = true;

  const send = (file, line) => new Promise((resolve) => {
    const [, state, bar] = line.children;
    const end = (text, isRefused) => {
      state.textContent = text;
      state.classList.toggle("refused", isRefused);
      bar.remove();
      resolve();
    };
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("photo", file);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    state.textContent = words.sending;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.upload.addEventListener("load", () => {
      state.textContent = words.preparing;
      bar.removeAttribute("value");
    });
    request.addEventListener("load", () => {
      const refused = request.response?.refused?.[0];
      if (refused) end(refused.why, true);
      else if (request.response?.added) end(words.done, false);
      else end(words.failed, true);
    });
    request.addEventListener("error", () => end(words.failed, true));
    request.send(data);
  });

  // The list of photos anew, with what was typed and not saved yet.
  const refresh = async () => {
    const answer = await fetch(location.pathname);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [old, made] = [document.getElementById("photos"), page.getElementById("photos")];
    if (!made) return;
    for (const field of old.querySelectorAll("input[name]:not([type=hidden])")) {
      const again = made.querySelector(`#${CSS.escape(field.id || "none")}`)
        ?? made.querySelector(`[name=delete][value="${field.value}"]`);
      if (!again) continue;
      if (field.type === "checkbox") again.checked = field.checked;
      else if (field.value !== field.defaultValue) again.value = field.value;
    }
    old.replaceWith(document.adoptNode(made));
  };

  const sendAll = async () => {
    if (isSending) return;
    isSending = true;
    while (waiting.length) await send(...waiting.shift());
    isSending = false;
    await refresh();
  };
  const take = (files) => {
    for (const file of files) {
      const line = document.createElement("li");
      const [name, state] = [document.createElement("span"), document.createElement("span")];
      name.textContent = file.name;
      state.textContent = words.waiting;
      const bar = document.createElement("progress");
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      line.append(name, state, bar);
      list.append(line);
      waiting.push([file, line]);
    }
    sendAll();
  };
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    take(event.dataTransfer.files);
  });
  addEventListener("beforeunload", (event) => {
    if (isSending) event.preventDefault();
  });
}
