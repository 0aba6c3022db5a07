// Asks one question under two settings, one after the other, so that neither takes time from the other.
(function () {
  const form = document.getElementById("ask");
  if (!form) {
    return;
  }
  const byId = (id) => document.getElementById(id);
  const sides = [...document.querySelectorAll(".side")];
  let running = null; // {id, stopped, leave}

  function settings(side) {
    const mode = side.querySelector(".mode").value;
    if (mode === "full") {
      return { kv_policy: "full", compression_ratio: "1" };
    }
    if (mode === "model") {
      return {};
    }
    const fields = [...side.querySelectorAll("[data-setting]")].filter((each) => each.value.trim() !== "");
    return Object.fromEntries(fields.map((each) => [each.dataset.setting, each.value.trim()]));
  }

  // What is asked about: the file wins over the sample.
  function medium() {
    const file = byId("file").files[0];
    const sample = byId("sample") ? byId("sample").value : "";
    const name = file ? file.name : sample;
    const picture = /\.(png|jpe?g|webp|bmp)$/i.test(name);
    return {
      name: name,
      kind: name === "" ? "" : picture ? "image" : "video",
      type: file ? file.type : picture ? "image/png" : "video/mp4",
      url: file ? URL.createObjectURL(file) : sample
        ? "/playground/samples/" + encodeURIComponent(byId("model").value) + "/" + encodeURIComponent(sample) : "",
    };
  }

  function preview() {
    const box = byId("preview");
    const asked = medium();
    Overlay.clear();
    if (asked.kind === "") {
      const words = document.createElement("p");
      words.className = "muted";
      words.textContent = "Without a clip or a picture: a question of text alone.";
      box.replaceChildren(words);
      Overlay.source("", null);
      return;
    }
    const element = document.createElement(asked.kind === "video" ? "video" : "img");
    element.addEventListener("error", () => {
      const words = document.createElement("p");
      words.className = "muted";
      words.textContent = "This browser cannot show " + asked.name + "; the server may still read it.";
      box.replaceChildren(words);
      Overlay.source("", null);
    });
    if (asked.kind === "video") {
      element.controls = true;
      element.muted = true;
      element.preload = "auto";
    } else {
      element.alt = asked.name;
    }
    element.src = asked.url;
    box.replaceChildren(element);
    Overlay.source(asked.kind, element);
  }

  function figures(side, said) {
    const body = side.querySelector(".figures tbody");
    const of = said.figures;
    const kib = (bytes) => (bytes / 1024).toFixed(0) + " KiB";
    const rows = [
      ["First token", said.first_ms.toFixed(0) + " ms"],
      ["Whole answer", said.all_ms.toFixed(0) + " ms, ended by " + said.reason],
      ["Tokens a second", Number(of.decode_tokens_per_second).toFixed(0)],
      ["Prefill", Number(of.prefill_ms).toFixed(0) + " ms, vision " + Number(of.vision_ms).toFixed(0) + " ms"],
      ["Cache", kib(of.kv_cache_bytes) + " of " + kib(of.kv_cache_bytes_full) + ", " + Number(of.kv_compression_ratio).toFixed(2) + "x smaller"],
      ["Prompt", of.prompt_tokens + " tokens, " + of.visual_tokens + " visual"],
    ];
    if (of.kv_note) {
      rows.push(["Note", of.kv_note]);
    }
    body.replaceChildren(...rows.map(([name, value]) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      const cell = document.createElement("td");
      head.scope = "row";
      head.textContent = name;
      cell.textContent = value;
      row.append(head, cell);
      return row;
    }));
  }

  function problem(side, text) {
    const answer = side.querySelector(".answer");
    const words = document.createElement("span");
    words.className = "failed";
    words.textContent = (answer.textContent ? " (" : "") + text + (answer.textContent ? ")" : "");
    answer.append(words); // what came before stays
  }

  function take(side, line) {
    if (line.trim() === "") {
      return;
    }
    const said = JSON.parse(line);
    if (said.problem) {
      problem(side, said.problem);
      return;
    }
    side.querySelector(".answer").append(said.text || "");
    if (said.end) {
      figures(side, said);
      if (said.kept) {
        Overlay.show(side.dataset.side, said.kept, byId("text").value);
      }
    }
  }

  async function ask(side) {
    const id = crypto.randomUUID ? crypto.randomUUID() : String(Date.now()) + Math.random();
    const body = new FormData(form);
    Object.entries(settings(side)).forEach(([name, value]) => body.set(name, value));
    body.set("id", id);
    running.id = id;
    const answer = side.querySelector(".answer");
    answer.textContent = "";
    side.querySelector(".figures tbody").replaceChildren();
    side.classList.add("busy");
    try {
      const response = await fetch(form.action, { method: "POST", body: body, signal: running.leave.signal });
      if (!response.body || !(response.headers.get("Content-Type") || "").includes("ndjson")) {
        problem(side, "The server refused this (" + response.status + "): reload the page and try again.");
        return;
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        const lines = (rest + next.value).split("\n");
        rest = lines.pop();
        lines.forEach((line) => take(side, line));
      }
    } catch (failure) {
      problem(side, running.stopped ? "cancelled" : "The connection ended: " + failure.message);
    } finally {
      side.classList.remove("busy");
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (running) {
      return;
    }
    running = { id: "", stopped: false, leave: new AbortController() };
    byId("go").disabled = true;
    byId("cancel").disabled = false;
    Overlay.clear();
    for (const side of sides) {
      if (!running.stopped) {
        await ask(side);
      }
    }
    running = null;
    byId("go").disabled = false;
    byId("cancel").disabled = true;
  });

  byId("cancel").addEventListener("click", async () => {
    const asked = running;
    if (!asked) {
      return;
    }
    asked.stopped = true;
    const body = new FormData();
    body.set("id", asked.id);
    body.set("_csrf", form.querySelector("[name=_csrf]").value);
    const told = await fetch("/playground/cancel", { method: "POST", body: body }).catch(() => null);
    if (!told || !told.ok) {
      asked.leave.abort(); // its clip is still on the way up, say: the server notices that nobody reads
    }
  });

  document.querySelectorAll("[data-copy]").forEach((button) => button.addEventListener("click", () => {
    const side = button.closest(".side");
    const asked = medium();
    const parameters = { max_tokens: Number(byId("max_tokens").value) };
    Object.entries(settings(side)).forEach(([name, value]) => {
      parameters[name] = /^[0-9.]+$/.test(value) && name === "compression_ratio" ? Number(value) : value;
    });
    const text = Commands[button.dataset.copy]({
      model: byId("model").value, text: byId("text").value, media: asked.kind, file: asked.name, type: asked.type,
      parameters: parameters, port: form.dataset.port, grpcPort: form.dataset.grpcPort,
      scheme: location.protocol.slice(0, -1), keys: form.dataset.keys === "true",
    });
    side.querySelector(".command").textContent = text;
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text).catch(() => {});
    }
  }));

  const own = (side) => { side.querySelector(".own").hidden = side.querySelector(".mode").value !== "own"; };
  sides.forEach((side) => {
    own(side);
    side.querySelector(".mode").addEventListener("change", () => own(side));
  });
  byId("model").addEventListener("change", () => {
    window.location.assign("/playground?model=" + encodeURIComponent(byId("model").value));
  });
  byId("file").addEventListener("change", preview);
  if (byId("sample")) {
    byId("sample").addEventListener("change", () => { byId("file").value = ""; preview(); });
  }
  const drop = byId("drop");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) {
      byId("file").files = event.dataTransfer.files;
      preview();
    }
  });
  preview();
})();
