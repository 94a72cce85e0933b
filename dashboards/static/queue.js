// The list of cases without reaching for the mouse, and filters that apply as they are chosen. Without script the form
// has a button, and every row is a link.
"use strict";
(() => {
  const OFF = "hinomi-keys-off";
  const wide = matchMedia("(min-width: 761px)");

  // On a narrow screen the filters are a sheet with a button of its own.
  document.addEventListener("change", (event) => {
    const form = event.target.closest(".facets");
    if (form && wide.matches) form.requestSubmit();
    if (event.target.closest(".queue")) say();
  });

  // ── Selection ──────────────────────────────────────────────────────────────
  const boxes = () => [...document.querySelectorAll(".queue input[type=checkbox]")];
  const say = () => {
    const bar = document.querySelector(".bulkbar");
    if (!bar) return;
    let chosen = 0;
    for (const box of boxes()) {
      box.closest("tr").classList.toggle("is-chosen", box.checked);
      if (box.checked) chosen += 1;
    }
    bar.classList.toggle("is-on", chosen > 0);
    bar.querySelector(".said").textContent = chosen ? `${chosen} 件を選択中` : "選択した案件を";
  };

  // ── Keys ───────────────────────────────────────────────────────────────────
  const rows = () => [...document.querySelectorAll(".queue tr[data-case]")];
  const at = () => rows().findIndex((row) => row.classList.contains("is-cursor"));
  const go = (index) => {
    const all = rows();
    if (!all.length) return;
    const next = all[Math.min(Math.max(index, 0), all.length - 1)];
    for (const row of all) row.classList.toggle("is-cursor", row === next);
    next.querySelector(".title").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const off = () => localStorage.getItem(OFF) === "1";
  const show = () => {
    const keys = document.querySelector(".keys");
    if (!keys) return;
    keys.hidden = false;
    keys.classList.toggle("is-off", off());
    keys.querySelector("button").textContent = off() ? "キー操作を使う" : "キー操作を切る";
  };
  const acts = {
    j: () => go(at() + 1),
    k: () => go(at() - 1),
    x: () => {
      const box = rows()[at()]?.querySelector("input[type=checkbox]");
      if (box) { box.checked = !box.checked; say(); }
    },
    "/": () => document.querySelector(".search input")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (off() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (typing) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".keys button")) return;
    localStorage.setItem(OFF, off() ? "0" : "1");
    show();
  });
  const begin = () => { show(); say(); };
  begin();
  document.addEventListener("htmx:after:swap", begin);
})();
