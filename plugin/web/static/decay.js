// Curves: drawn of the numbers that their element holds, anew whenever htmx brings another.
"use strict";
function drawCurves(within) {
  for (const place of within.querySelectorAll(".curve:empty")) {
    const own = getComputedStyle(document.documentElement);
    const ink = own.getPropertyValue("--tblr-body-color");
    const axis = (label) => ({ label, stroke: ink, grid: { stroke: own.getPropertyValue("--tblr-border-color") } });
    const points = JSON.parse(place.dataset.points);
    new uPlot({
      width: place.clientWidth || 320,
      height: 190,
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(0, high)] } },
      axes: [axis(place.dataset.x), axis(place.dataset.y)],
      series: [{ label: place.dataset.x }, { label: place.dataset.y, stroke: own.getPropertyValue("--tblr-primary"), width: 2 }],
      legend: { show: false },
      cursor: { show: false },
    }, [JSON.parse(place.dataset.days), points], place);
  }
}
document.addEventListener("DOMContentLoaded", () => drawCurves(document));
document.addEventListener("htmx:afterSwap", (event) => drawCurves(event.detail.elt.parentElement || document));
