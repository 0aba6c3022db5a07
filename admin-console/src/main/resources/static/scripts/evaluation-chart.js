// Draws quality against cost: a line a method, a point a ratio. The table below the charts has the same numbers.
(function () {
  const colours = ["#3b82f6", "#e0701a", "#2c9c4b", "#d6438a", "#8b6ff0", "#0f9bb0", "#b08900", "#d0453c", "#7f8a96", "#5c7a1e"];

  function aligned(series) {
    const xs = [...new Set(series.flatMap((each) => each.points.map((point) => point[0])))].sort((a, b) => a - b);
    const columns = series.map((each) => {
      const ys = new Map(each.points.map((point) => [point[0], point[1]]));
      return xs.map((x) => (ys.has(x) ? ys.get(x) : null));
    });
    return [xs, ...columns];
  }

  function draw(element) {
    const chart = JSON.parse(element.dataset.chart);
    const ink = getComputedStyle(element).color;
    const faint = { stroke: "rgba(128, 128, 128, 0.3)", width: 1 };
    const axis = (label) => ({ label: label, stroke: ink, grid: faint, ticks: faint });
    const options = {
      width: Math.max(280, element.clientWidth - 4),
      height: 300,
      scales: { x: { time: false }, y: { range: (plot, low, high) => [Math.max(0, low - 0.05), Math.min(1, high) + 0.02] } },
      axes: [axis(chart.x), axis(chart.y)],
      cursor: { points: { size: 9 } },
      series: [{ label: chart.x, value: (self, value) => (value === null ? "" : String(value)) }].concat(
        chart.series.map((each, index) => ({
          label: each.name,
          stroke: colours[index % colours.length],
          width: 1.5,
          dash: index < colours.length ? undefined : [6, 4],
          spanGaps: true,
          points: { show: true, size: 7, fill: colours[index % colours.length] },
          value: (self, value) => (value === null ? "" : value.toFixed(3)),
        }))),
    };
    element.replaceChildren();
    new uPlot(options, aligned(chart.series), element);
  }

  const charts = [...document.querySelectorAll("[data-chart]")];
  const drawAll = () => charts.forEach(draw);
  window.addEventListener("load", drawAll);
  let resizing;
  window.addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(drawAll, 150); });
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
