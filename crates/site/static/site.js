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
