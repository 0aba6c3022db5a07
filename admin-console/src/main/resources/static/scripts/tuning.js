// Shows at once what a choice means, and takes away choices that the server would refuse. The server judges all the same.
(function () {
  const form = document.getElementById("tuning");
  const tokenBytes = Number(form.dataset.tokenBytes);
  const layers = Number(form.dataset.layers);
  const TOKENS = 1000;
  const MOST = 20; // where the slider ends; the field takes more

  const bytes = (count) => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    while (count >= 1024 && unit < units.length - 1) {
      count /= 1024;
      unit++;
    }
    return decimal(count) + " " + units[unit];
  };
  const decimal = (number) => (number < 10 ? number.toFixed(1).replace(/\.0$/, "") : number.toFixed(0));
  const whole = (name) => Number(form.elements[name].value) || 0;

  const kept = () => {
    const ratio = Number(form.elements.compression_ratio.value);
    const line = document.getElementById("kept");
    if (!(ratio >= 1)) {
      line.textContent = "A ratio is 1 (keep all) or more: 5 keeps a fifth.";
      return;
    }
    const cuts = ratio > 1 && form.elements.kv_policy.value !== "full";
    const floor = Math.min(TOKENS, whole("sink_tokens") + whole("recent_tokens"));
    const tokens = cuts ? Math.min(TOKENS, Math.max(floor, Math.ceil(TOKENS / ratio))) : TOKENS;
    line.textContent = "A prompt of 1,000 tokens keeps " + decimal((100 * tokens) / TOKENS) + " percent"
      + (tokenBytes > 0 ? ": " + bytes(tokens * tokenBytes) + " of " + bytes(TOKENS * tokenBytes) : "") + ".";
  };

  const slider = document.getElementById("ratio-slider");
  const field = document.getElementById("ratio");
  const toSlider = () => { slider.value = String(Math.round((100 * Math.log(Math.max(1, Number(field.value) || 1))) / Math.log(MOST))); };
  slider.hidden = false;
  toSlider();
  slider.addEventListener("input", () => {
    const ratio = Math.exp((Number(slider.value) / 100) * Math.log(MOST));
    field.value = String(Math.round(ratio * 10) / 10);
    kept();
  });
  field.addEventListener("input", toSlider);

  const boxes = (name) => Array.from(form.querySelectorAll('input[name="' + name + '"]')).filter((each) => each.type !== "hidden");
  const first = (name) => {
    const chosen = boxes(name).find((each) => each.checked);
    return !chosen || chosen.value === "off" ? layers : Number(chosen.value);
  };
  const ownSources = (limit) => Array.from(new Set([Math.min(Math.floor(layers / 4), limit - 1), Math.floor(layers / 2)])).filter((each) => each < limit);

  const draw = () => {
    const own = document.getElementById("own");
    const pruningFits = form.elements.kv_policy.value === "purekv";
    const limit = Math.min(first("sparse_attention_layer"), first("token_pruning_layer"));
    const chosen = boxes("clie_layer").filter((each) => each.checked).map((each) => Number(each.value));
    const sources = own.checked || chosen.length === 0 ? ownSources(limit) : chosen;
    const highest = own.checked || chosen.length === 0 ? 0 : Math.max(...chosen);
    const given = !(own.checked || chosen.length === 0);
    const choose = (each, possible, why) => {
      each.disabled = !possible && !each.checked;
      each.parentElement.title = possible ? "" : why;
    };
    boxes("clie_layer").forEach((each) => choose(each, Number(each.value) < limit,
      "Layer " + each.value + " cannot be a source: from layer " + limit + " on no attention is observed."));
    boxes("sparse_attention_layer").forEach((each) => choose(each, each.value === "off" || Number(each.value) > (given ? highest : 0),
      "It must lie above source layer " + highest + "."));
    boxes("token_pruning_layer").forEach((each) => choose(each,
      each.value === "off" || (pruningFits && Number(each.value) > (given ? highest : 0)),
      pruningFits ? "It must lie above source layer " + highest + "." : "Pruning needs the policy purekv."));
    Array.from(document.getElementById("strip").children).forEach((cell, layer) => {
      cell.className = (sources.includes(layer) ? "observed " : "")
        + (layer >= first("sparse_attention_layer") ? "sparse " : "")
        + (layer >= first("token_pruning_layer") ? "pruned" : "");
    });
  };

  if (layers > 0 && document.getElementById("strip")) {
    const own = document.getElementById("own");
    own.addEventListener("change", () => { if (own.checked) { boxes("clie_layer").forEach((each) => { each.checked = false; }); } });
    boxes("clie_layer").forEach((each) => each.addEventListener("change", () => { own.checked = boxes("clie_layer").every((box) => !box.checked); }));
    form.addEventListener("change", draw);
    draw();
  }
  form.addEventListener("input", kept);
  kept();
  const preview = document.getElementById("preview");
  if (preview) {
    preview.focus();
  }
})();
