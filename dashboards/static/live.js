// The overview renews itself every minute (data-hx-trigger), but never under the hands of somebody who is reading it.
"use strict";
document.addEventListener("htmx:before:request", (event) => {
  const live = document.getElementById("live");
  if (!live || event.target !== live) return;
  const busy = document.hidden || live.querySelector("details[open]") || live.contains(document.activeElement);
  if (busy) event.preventDefault();
});
