// What every page needs: the theme's switch, questions before what cannot be undone, and words for failed refreshes.
(function () {
  const themes = ["system", "light", "dark"];
  const button = document.getElementById("theme");
  const shown = () => localStorage.getItem("theme") || "system";
  const label = () => { button.textContent = "Theme: " + shown(); };
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(shown()) + 1) % themes.length];
    if (next === "system") {
      localStorage.removeItem("theme");
      delete document.documentElement.dataset.theme;
    } else {
      localStorage.setItem("theme", next);
      document.documentElement.dataset.theme = next;
    }
    label();
  });

  document.addEventListener("submit", (event) => {
    const question = event.submitter && event.submitter.dataset.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  const announcer = document.getElementById("announcer");
  const say = (text) => { announcer.textContent = text; announcer.hidden = false; };
  document.body.addEventListener("htmx:sendError", () => say("The server does not answer; trying again."));
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 401) {
      say("The server refused this (" + event.detail.xhr.status + "): reload the page and try again.");
    }
  });
  // What a refresh replaces keeps how far it was scrolled; htmx gives the focus to what has the same id.
  let scrolled = [];
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    scrolled = [...event.detail.target.querySelectorAll("[id][tabindex]")].map((each) => [each.id, each.scrollTop, each.scrollLeft]);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    announcer.hidden = true;
    scrolled.forEach(([id, top, left]) => {
      const now = document.getElementById(id);
      if (now) {
        now.scrollTop = top;
        now.scrollLeft = left;
      }
    });
  });
  // A refresh is no act of a person: sessions end although pages stay open.
  document.body.addEventListener("htmx:configRequest", (event) => {
    const trigger = event.detail.elt.getAttribute("hx-trigger") || "";
    if (trigger.includes("every")) {
      event.detail.headers["X-Refresh"] = "1";
    }
  });
})();
