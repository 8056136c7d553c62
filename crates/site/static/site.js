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
