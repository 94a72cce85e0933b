// The stacked chart of denied rows, drawn by uPlot from the JSON that stands in the page. Its table says the same.
"use strict";
(() => {
  const HEIGHT = 300;
  let plot = null;

  // Canvas knows no tokens: colours are read from elements that carry them.
  const token = (element, property) => getComputedStyle(element)[property];
  const legendColour = (number) => token(document.querySelector(`.legend .a-${number}`), "fill");

  const hatched = (colour, edge) => {
    const tile = document.createElement("canvas");
    const ratio = devicePixelRatio || 1;
    tile.width = tile.height = Math.round(6 * ratio);
    const pen = tile.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, tile.width, tile.height);
    pen.strokeStyle = edge;
    pen.globalAlpha = 0.55;
    pen.lineWidth = 1.5 * ratio;
    for (const shift of [-1, 0, 1]) {
      pen.beginPath();
      pen.moveTo(shift * tile.width, tile.height);
      pen.lineTo((shift + 1) * tile.width, 0);
      pen.stroke();
    }
    return pen.createPattern(tile, "repeat");
  };

  const commas = (number) => number.toLocaleString("ja-JP");

  const draw = () => {
    const holder = document.getElementById("denied");
    const source = document.getElementById("denied-data");
    if (!holder || !source) return;
    if (plot) plot.destroy();
    const data = JSON.parse(source.textContent);
    const readout = document.getElementById("denied-readout");
    const said = readout.textContent;
    const faint = token(document.querySelector(".plot-ink"), "color");
    const grid = token(document.querySelector(".plot-ink"), "borderTopColor");
    const strong = token(document.body, "color");
    const edge = token(document.querySelector(".plot-ink"), "backgroundColor");
    const font = `11px ${token(document.body, "fontFamily")}`;

    // Painter's way: the whole stack first, each part over it down to the ground.
    const steps = data.labels.map((_, index) => index);
    const sums = steps.map(() => 0);
    const layers = data.series.map((part, index) => {
      part.values.forEach((value, step) => { sums[step] += value; });
      const colour = legendColour(index + 1);
      return { values: sums.slice(), fill: index === 0 ? hatched(colour, edge) : colour };
    }).reverse();

    const labels = new Map(data.ticks.map(([index, word]) => [index, word]));
    plot = new uPlot({
      width: holder.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      padding: [22, 20, 0, 0],
      scales: {
        x: { time: false, range: [0, Math.max(steps.length - 1, 1)] },
        y: { range: (_, __, most) => uPlot.rangeNum(0, Math.max(most, 10), { min: { hard: 0, pad: 0 }, max: { pad: 0.08 } }) },
      },
      axes: [
        {
          font, stroke: faint, size: 30, gap: 8, grid: { show: false }, ticks: { show: false },
          splits: () => data.ticks.map(([index]) => index),
          values: (_, splits) => splits.map((index) => labels.get(index)),
        },
        {
          font, stroke: faint, size: 58, gap: 6, space: 56, grid: { stroke: grid, width: 1 }, ticks: { show: false },
          values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? commas(value) : "")),
        },
      ],
      series: [{}, ...layers.map((layer) => ({ stroke: edge, width: 1, fill: layer.fill, points: { show: false } }))],
      hooks: {
        setCursor: [(u) => {
          const step = u.cursor.idx;
          if (step === null || step === undefined) {
            readout.textContent = said;
            return;
          }
          const parts = data.series.map((part) => `${part.name} ${commas(part.values[step])}`);
          readout.textContent = `${data.labels[step]}: 合計 ${commas(sums[step])}(${parts.join("、")})`;
        }],
        draw: [(u) => {
          if (!data.peak) return;
          const ratio = devicePixelRatio || 1;
          const [step, word] = data.peak;
          const x = u.valToPos(step, "x", true);
          const y = u.valToPos(sums[step], "y", true);
          const pen = u.ctx;
          pen.save();
          pen.strokeStyle = faint;
          pen.lineWidth = ratio;
          pen.beginPath();
          pen.moveTo(x, y - 2 * ratio);
          pen.lineTo(x, y - 9 * ratio);
          pen.stroke();
          pen.fillStyle = strong;
          pen.font = `bold ${11 * ratio}px ${token(document.body, "fontFamily")}`;
          pen.textAlign = step > steps.length * 0.85 ? "right" : step < steps.length * 0.15 ? "left" : "center";
          pen.textBaseline = "bottom";
          pen.fillText(word, x, y - 11 * ratio);
          pen.restore();
        }],
      },
    }, [steps, ...layers.map((layer) => layer.values)], holder);
  };

  const watch = new ResizeObserver(() => {
    const holder = document.getElementById("denied");
    if (plot && holder && holder.clientWidth) plot.setSize({ width: holder.clientWidth, height: HEIGHT });
  });
  const begin = () => {
    draw();
    const holder = document.getElementById("denied");
    watch.disconnect();
    if (!holder) return;
    watch.observe(holder);
    // Where it has to be scrolled, the newest hour is what one came for.
    const scroller = holder.closest(".scroll");
    scroller.scrollLeft = scroller.scrollWidth;
  };
  begin();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  document.addEventListener("htmx:after:swap", begin);
})();
