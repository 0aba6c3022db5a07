// Charts of the last hour, a panel a figure, a line a model.
(function () {
  const colours = ["#3b82f6", "#e0701a", "#2c9c4b", "#d6438a", "#8b6ff0", "#0f9bb0"];
  const panels = [
    ["First token, ms", (moment) => moment.firstTokenMs],
    ["Time of a token, ms", (moment) => moment.tokenMs],
    ["Tokens a second", (moment) => moment.tokensPerSecond],
    ["Running", (moment) => moment.running],
    ["Waiting", (moment) => moment.waiting],
    ["Cache, MiB", (moment) => moment.cacheBytes / 1048576],
    ["Compression ratio of the latest prompt", (moment) => moment.ratio],
  ];
  const box = document.getElementById("hour");
  let plots = [];
  let names = "";

  function aligned(hour, models, value) {
    const seconds = [...new Set(models.flatMap((model) => hour[model].map((moment) => moment.second)))].sort((a, b) => a - b);
    return [seconds].concat(models.map((model) => {
      const known = new Map(hour[model].map((moment) => [moment.second, value(moment)]));
      return seconds.map((second) => (known.has(second) ? known.get(second) : null));
    }));
  }

  function build(hour, models) {
    const ink = getComputedStyle(box).color;
    const faint = { stroke: "rgba(128, 128, 128, 0.3)", width: 1 };
    const axis = { stroke: ink, grid: faint, ticks: faint };
    // All of them first: how wide a card is depends on the others.
    const cards = panels.map(([title]) => {
      const card = document.createElement("div");
      card.className = "card";
      card.setAttribute("role", "img");
      card.setAttribute("aria-label", title + " over the last hour");
      return card;
    });
    box.replaceChildren(...cards);
    plots = panels.map(([title, value], index) => {
      const card = cards[index];
      return new uPlot({
        title: title,
        width: Math.max(280, card.clientWidth - 32),
        height: 190,
        axes: [axis, { ...axis, size: 60 }],
        scales: { y: { range: (plot, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
        series: [{}].concat(models.map((model, line) => ({
          label: model,
          stroke: colours[line % colours.length],
          width: 1.5,
          spanGaps: false,
          points: { show: true, size: 4 },
          value: (plot, at) => (at === null ? "" : at.toFixed(1)),
        }))),
      }, aligned(hour, models, value), card);
    });
  }

  async function refresh() {
    const response = await fetch("/live/hour.json", { headers: { "X-Refresh": "1" } });
    if (!response.ok) {
      return;
    }
    const hour = await response.json();
    const models = Object.keys(hour).filter((model) => hour[model].length > 0);
    document.getElementById("hour-empty").hidden = models.length > 0;
    if (models.length === 0) {
      return;
    }
    if (models.join("\n") !== names) {
      names = models.join("\n");
      build(hour, models);
    } else {
      plots.forEach((plot, index) => plot.setData(aligned(hour, models, panels[index][1])));
    }
  }

  const again = () => { names = ""; refresh(); };
  window.addEventListener("load", refresh);
  setInterval(() => refresh().catch(() => {}), 5000);
  let resizing;
  window.addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(again, 200); });
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
})();
