// Parts of a page are fetched anew (htmx). When that fails, the page says so: old numbers must not pass for new ones.
"use strict";
(() => {
  const NOTE = "stale";
  const say = () => {
    if (document.getElementById(NOTE)) return;
    const clock = document.querySelector("#stamp time")?.textContent ?? "";
    const note = document.createElement("div");
    note.id = NOTE;
    note.className = "notice notice-stop";
    note.setAttribute("role", "alert");
    note.textContent = `更新できていません。${clock} の内容です。`;
    document.getElementById("main").prepend(note);
  };
  document.addEventListener("htmx:before:response", (event) => {
    const { raw } = event.detail.ctx.response;
    if (raw.redirected) {
      // The session has ended: the answer is the log-in page, not a part of this one.
      event.preventDefault();
      location.assign(raw.url);
    } else if (!raw.ok) {
      event.preventDefault();
      say();
    } else {
      document.getElementById(NOTE)?.remove();
    }
  });
  document.addEventListener("htmx:error", say);
})();
