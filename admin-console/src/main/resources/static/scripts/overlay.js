// Draws the frames that a model saw, darkened where the cache kept less.
window.Overlay = (function () {
  const at = (id) => document.getElementById("overlay-" + id);
  const answers = {}; // by side: {kept, question}
  let source = null; // {kind, element}: a video or an image, or null when the browser cannot show it
  let timer = null;
  let drawing = 0;

  function input() {
    const answer = answers[at("side").value];
    return answer && answer.kept.visual_inputs.length ? answer.kept.visual_inputs[0] : null;
  }

  // Shares of one slice, of one layer or of all of them on average.
  function shares(visual, layer, slice) {
    const size = visual.grid.h * visual.grid.w;
    const rows = layer < 0 ? visual.shares : [visual.shares[layer]];
    return Array.from({ length: size }, (unused, cell) =>
      rows.reduce((sum, row) => sum + row[slice * size + cell], 0) / rows.length);
  }

  function seek(video, seconds) {
    const wanted = Math.min(seconds, Math.max(0, (video.duration || 0) - 0.05));
    if (Math.abs(video.currentTime - wanted) < 0.01 && video.readyState >= 2) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => { video.removeEventListener("seeked", done); resolve(); };
      video.addEventListener("seeked", done);
      video.currentTime = wanted;
      setTimeout(done, 1000);
    });
  }

  async function draw() {
    const visual = input();
    if (!visual) {
      return;
    }
    const mine = ++drawing;
    const layer = Number(at("layer").value);
    const slice = Number(at("slice").value);
    at("layer-word").textContent = layer < 0 ? "all layers" : "layer " + layer;
    at("slice-word").textContent = (slice + 1) + " of " + visual.grid.t
      + (visual.kind === "video" ? ", from " + (slice * visual.seconds_per_slice).toFixed(1) + " s" : "");
    if (source && source.kind === "video") {
      await seek(source.element, (slice + 0.5) * visual.seconds_per_slice);
    }
    if (mine !== drawing) {
      return; // a later one is under way
    }
    paint(visual, shares(visual, layer, slice), "Slice " + (slice + 1) + " of " + visual.grid.t + ", " + at("layer-word").textContent);
  }

  function paint(visual, values, name) {
    const canvas = at("canvas");
    const scale = Math.max(1, Math.floor(640 / visual.grid.w));
    canvas.width = visual.grid.w * scale;
    canvas.height = visual.grid.h * scale;
    const paper = canvas.getContext("2d");
    paper.imageSmoothingEnabled = false;
    if (source) {
      paper.drawImage(source.element, 0, 0, canvas.width, canvas.height);
    } else {
      paper.fillStyle = "#9aa4ae";
      paper.fillRect(0, 0, canvas.width, canvas.height);
    }
    values.forEach((share, cell) => {
      const x = (cell % visual.grid.w) * scale;
      const y = Math.floor(cell / visual.grid.w) * scale;
      paper.fillStyle = "rgba(8, 12, 20, " + (0.82 * (1 - share)).toFixed(3) + ")";
      paper.fillRect(x, y, scale, scale);
      if (share > 0) {
        paper.strokeStyle = "rgba(255, 170, 40, " + (0.25 + 0.75 * share).toFixed(3) + ")";
        paper.lineWidth = Math.max(1, scale / 24);
        paper.strokeRect(x + 0.5, y + 0.5, scale - 1, scale - 1);
      }
    });
    const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
    at("kept").textContent = "Of this slice " + (100 * mean).toFixed(0) + " percent are kept.";
    canvas.setAttribute("aria-label", name + ": " + (100 * mean).toFixed(0) + " percent of its cells are kept");
  }

  function choose() {
    const answer = answers[at("side").value];
    const visual = input();
    document.getElementById("overlay").hidden = !visual;
    if (!visual) {
      return;
    }
    at("question").textContent = "Asked: " + answer.question;
    at("layer").max = visual.shares.length - 1;
    at("slice").max = visual.grid.t - 1;
    at("slice").value = Math.min(at("slice").value, visual.grid.t - 1);
    at("play").hidden = visual.grid.t < 2;
    draw();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    at("play").textContent = "Play";
  }

  function play() {
    if (timer) {
      stop();
      return;
    }
    at("play").textContent = "Stop";
    timer = setInterval(() => {
      at("slice").value = (Number(at("slice").value) + 1) % (Number(at("slice").max) + 1);
      draw();
    }, 600);
  }

  at("side").addEventListener("change", choose);
  at("layer").addEventListener("input", draw);
  at("slice").addEventListener("input", draw);
  at("play").addEventListener("click", play);

  return {
    // What is asked about: a loaded <video> or <img>, or null.
    source(kind, element) { source = element ? { kind: kind, element: element } : null; },
    clear() {
      stop();
      Object.keys(answers).forEach((side) => delete answers[side]);
      document.getElementById("overlay").hidden = true;
    },
    show(side, kept, question) {
      answers[side] = { kept: kept, question: question };
      choose();
    },
  };
})();
