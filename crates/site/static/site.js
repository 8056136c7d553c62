// Makes some things handier where scripts run. Nothing on the site needs it.

// A button with data-copy copies the text of that element, and says so in the next role=status.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.innerText.trim());
    const said = button.closest("section").querySelector("[role=status]");
    said.textContent = button.dataset.done;
  });
}

// A button with data-share shares the page as the device does, or else copies its address.
for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share && !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (navigator.share) {
      // Whoever closes the dialogue has changed their mind: that is no error.
      await navigator.share({ title: document.title, url: location.href }).catch(() => {});
      return;
    }
    await navigator.clipboard.writeText(location.href);
    const said = button.closest("section").querySelector("[role=status]");
    said.textContent = button.dataset.done;
  });
}

// The photos of a letting in full screen: keys, swipes, and back to the photo that was seen last.
for (const gallery of document.querySelectorAll(".gallery")) {
  const links = [...gallery.querySelectorAll(".strip a")];
  const words = gallery.dataset;
  const viewer = document.createElement("dialog");
  viewer.className = "viewer";
  viewer.setAttribute("aria-label", gallery.getAttribute("aria-label"));
  const button = (sign, label, action) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = sign;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", action);
    return made;
  };
  const place = document.createElement("span");
  place.setAttribute("role", "status");
  const bar = document.createElement("nav");
  bar.append(place);
  if (links.length > 1) {
    bar.append(button("‹", words.previous, () => show(at - 1)), button("›", words.next, () => show(at + 1)));
  }
  bar.append(button("×", words.close, () => viewer.close()));
  const caption = document.createElement("p");
  viewer.append(bar, caption);
  document.body.append(viewer);

  let at = 0;
  const show = (number) => {
    at = (number + links.length) % links.length;
    const picture = links[at].querySelector("picture").cloneNode(true);
    for (const part of picture.children) part.sizes = "100vw";
    const image = picture.querySelector("img");
    image.loading = "eager";
    viewer.querySelector("picture")?.remove();
    bar.after(picture);
    place.textContent = `${at + 1} / ${links.length}`;
    caption.textContent = image.alt;
  };
  for (const [index, link] of links.entries()) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(index);
      viewer.showModal();
    });
  }
  viewer.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key === "ArrowRight") show(at + 1);
  });
  let start = null;
  viewer.addEventListener("touchstart", (event) => {
    start = event.touches.length === 1 ? event.touches[0] : null;
  }, { passive: true });
  viewer.addEventListener("touchend", (event) => {
    if (!start) return;
    const end = event.changedTouches[0];
    const [across, down] = [end.clientX - start.clientX, end.clientY - start.clientY];
    start = null;
    if (Math.abs(across) > 40 && Math.abs(across) > 2 * Math.abs(down)) show(across < 0 ? at + 1 : at - 1);
  }, { passive: true });
  viewer.addEventListener("close", () => {
    links[at].focus({ preventScroll: true });
    links[at].scrollIntoView({ block: "nearest", inline: "center" });
  });
}
