// Suggests places and homes while somebody types in the search form. The form does without.

// A field with data-suggest becomes a combobox (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/).
for (const input of document.querySelectorAll("input[data-suggest]")) {
  const form = input.form;
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${input.id}-list`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.suggest);
  list.hidden = true;
  input.after(list);
  // A field of the type search may have no other role.
  input.type = "text";
  input.inputMode = "search";
  input.autocomplete = "off";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);

  let at = -1;
  let timer;
  let asked;
  const options = () => [...list.children];
  const mark = (number) => {
    at = number;
    for (const [index, option] of options().entries()) option.setAttribute("aria-selected", String(index === at));
    const option = options()[at];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };
  const show = (isShown) => {
    list.hidden = !isShown;
    input.setAttribute("aria-expanded", String(isShown));
    mark(-1);
  };
  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    show(false);
  };
  const ask = async () => {
    asked?.abort();
    const text = input.value.trim();
    if (text.length < 2) return show(false);
    asked = new AbortController();
    const address = `${form.getAttribute("action")}suggest/?q=${encodeURIComponent(text)}`;
    try {
      const answer = await fetch(address, { signal: asked.signal });
      list.innerHTML = answer.ok ? await answer.text() : "";
    } catch {
      // Somebody went on typing, or the line is gone: then nothing is suggested.
      return;
    }
    // Where a place is asked for, nothing else helps.
    if (input.name === "place") for (const home of list.querySelectorAll("[data-kind=letting]")) home.remove();
    for (const [index, option] of options().entries()) option.id = `${list.id}-${index}`;
    show(options().length > 0);
  };
  const choose = (option) => {
    close();
    if (input.name === "place") {
      input.value = option.querySelector(".name").textContent;
    } else {
      location.assign(option.dataset.path);
    }
  };

  show(false);
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    const count = options().length;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      choose(options()[at]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (count === 0) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = list.hidden ? -1 : at;
      if (list.hidden) show(true);
      // Between the last and the first stands the field itself.
      mark(from < 0 && step < 0 ? count - 1 : from + step >= count ? -1 : from + step);
    }
  });
  input.addEventListener("blur", close);
  // A press must not take the focus from the field, which would close the list before the click.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
}
