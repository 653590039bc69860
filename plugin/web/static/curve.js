// Draws the curves of a page: what is drawn stands in data-curve, the words in the page's language.
"use strict";
for (const place of document.querySelectorAll("[data-curve]")) draw(place, JSON.parse(place.dataset.curve));

function draw(place, told) {
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(name).trim();
  const ink = colour("--tblr-secondary"), grid = colour("--tblr-border-color"), line = colour("--tblr-primary");
  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const language = document.documentElement.lang;
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const highest = Math.max(...told.y, ...told.thresholds.map((one) => one.y));
  const plot = new uPlot({
    width: place.clientWidth,
    height: 260,
    cursor: { y: false },
    scales: { y: { range: [Math.min(0, ...told.y) - 2, highest * 1.1] } },
    axes: [{ ...axis, values: (_, marks) => marks.map((mark) => day.format(mark * 1000)) }, { ...axis, size: 44 }],
    series: [
      { label: place.dataset.time, value: (_, x) => (x === null ? "" : moment.format(x * 1000)) },
      { label: place.dataset.score, stroke: line, width: 2, fill: `color-mix(in srgb, ${line} 12%, transparent)`, points: { show: false }, value: (_, y) => (y === null ? "" : number.format(y)) },
    ],
    hooks: { draw: [(one) => marks(one, told, ink, line)] },
  }, [told.x, told.y], place);
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: 260 })).observe(place);
}

function marks(plot, told, ink, line) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px sans-serif`;
  ctx.textAlign = "left";
  ctx.fillStyle = ink;
  ctx.strokeStyle = ink;
  ctx.setLineDash([4, 4]);
  for (const { y, name } of told.thresholds) {
    const height = plot.valToPos(y, "y", true);
    ctx.beginPath();
    ctx.moveTo(bbox.left, height);
    ctx.lineTo(bbox.left + bbox.width, height);
    ctx.stroke();
    ctx.fillText(name, bbox.left + 6 * devicePixelRatio, height - 5 * devicePixelRatio);
  }
  ctx.setLineDash([]);
  ctx.fillStyle = line;
  for (const { x, y } of told.crossings) {
    ctx.beginPath();
    ctx.arc(plot.valToPos(x, "x", true), plot.valToPos(y, "y", true), 4 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}
