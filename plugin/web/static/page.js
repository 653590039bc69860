// What every page has: the menu on small screens, and the token that htmx sends along.
"use strict";
for (const button of document.querySelectorAll("[data-toggles]")) {
  button.addEventListener("click", () => {
    const open = document.getElementById(button.dataset.toggles).classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  });
}
document.body.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  event.detail.headers["X-CSRFToken"] = token;
});
