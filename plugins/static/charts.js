// Draws every <figure class="chart">: `data-chart` names the kind, `data-src` the ready-made query its rows come from.
// The page has the same in words and as a table beside each chart; they remain if nothing can be drawn.
(() => {
  "use strict";
  const C = window.Chartist;
  const root = document.documentElement;
  const GROUNDS = ["hard", "soft", "synthetic", "treadmill", "unknown"];
  const DAY = 86400000;
  const number = new Intl.NumberFormat(root.dataset.locale || undefined, { maximumFractionDigits: 1 });
  // Names of months are English, as on the rest of the page.
  const written = (options) => new Intl.DateTimeFormat("en", { ...options, timeZone: "UTC" });
  const names = { long: written({ month: "long", year: "numeric" }), short: written({ month: "short" }), letter: written({ month: "narrow" }) };

  const dated = (day) => /^\d{4}-\d\d(-\d\d)?$/.test(day);
  const time = (day) => Date.parse(day.length === 7 ? `${day}-01` : day);
  const monthOf = (at) => new Date(at).getUTCFullYear() * 12 + new Date(at).getUTCMonth(); // months since the year 0
  const startOf = (month) => Date.UTC(Math.floor(month / 12), month % 12);
  const dayName = (at) => `${new Date(at).getUTCDate()} ${names.short.format(at)}`;
  const fullDay = (at) => `${dayName(at)} ${new Date(at).getUTCFullYear()}`;
  const far = (distance, unit) => `${number.format(Math.abs(distance) < 100 ? distance : Math.round(distance))}\u00a0${unit}`;

  function allowStyles() {
    // Chartist sets the size of a chart as text of a style attribute, which the Content-Security-Policy refuses. Styles
    // set through the object model are allowed, because no text of a page can set them.
    const attr = C.Svg.prototype.attr;
    C.Svg.prototype.attr = function (attributes, ...rest) {
      if (typeof attributes !== "object" || attributes.style === undefined) return attr.call(this, attributes, ...rest);
      const { style, ...others } = attributes;
      this.getNode().style.cssText = style;
      return attr.call(this, others, ...rest);
    };
  }

  // ---------------------------------------------------------------- shared by the kinds

  function elem(parent, name, attributes, cls, title) {
    const made = parent.elem(name, attributes, cls);
    if (title) made.elem("title").text(title);
    return made;
  }

  const linesOf = (points) => points.slice(1).map((point, index) => [points[index], point]);

  function comesNear([from, to], box) {
    // Whether a line comes within a few pixels of a box.
    let [enters, leaves] = [0, 1];
    for (const [side, low, high] of [[0, box.x - 3, box.x + box.width + 3], [1, box.y - 3, box.y + box.height + 3]]) {
      const [first, last] = [low, high].map((at) => (at - from[side]) / (to[side] - from[side])).sort((one, other) => one - other);
      [enters, leaves] = [Math.max(enters, first), Math.min(leaves, last)];
    }
    return enters <= leaves;
  }

  function note(svg, text, places, lines = []) {
    // Write at the first of the places (x, y, whether the text ends there) that no line comes near, or at the last.
    // Return lines that cover the text.
    const written = svg.elem("text", {}, "chart-note").text(text);
    let box;
    for (const [x, y, end] of places) {
      written.attr({ x, y, "text-anchor": end ? "end" : "start" });
      box = written.getNode().getBBox();
      if (box.x >= 0 && box.x + box.width <= svg.width() && !lines.some((line) => comesNear(line, box))) break;
    }
    return [0, 0.5, 1].map((part) => [0, 1].map((side) => [box.x + side * box.width, box.y + part * box.height]));
  }

  function beside(y, { x1, x2 }) {
    // Places for the name of a level line: above it, below it, and at last in the margin.
    const places = [];
    for (const up of [y - 7, y + 16]) for (let right = x1 + 4; right < x2; right += 20) places.push([right, up]);
    return [...places, [x2, 9, true]];
  }

  function monthLabel(month, first, pixels) {
    // The label that fits below a month that is `pixels` wide, or null; with the year at first and where it changes.
    const isJanuary = month % 12 === 0, year = Math.floor(month / 12);
    if (pixels < 13) return isJanuary && year % Math.ceil(34 / (12 * pixels)) === 0 ? String(year) : null;
    const name = names[pixels < 30 ? "letter" : "short"].format(startOf(month));
    const isFirst = month === first && (12 - (month % 12)) * pixels > 30; // far enough from the next year
    return isJanuary || isFirst ? `${name}\n${year}` : name;
  }

  function scaled(chart, plot) {
    // Fit the chart to the paper when it is printed, which is narrower or wider than the window.
    chart.on("created", ({ svg }) => svg.attr({ viewBox: `0 0 ${plot.clientWidth} ${plot.clientHeight}` }));
    return chart;
  }

  function timeAxis(from, to, plot) {
    // Ticks at the beginnings of months, as many as fit; days if there is hardly one month.
    const ticks = [];
    for (let month = monthOf(from) + 1; startOf(month) <= to; month++) ticks.push(startOf(month));
    const byDay = ticks.length < 2;
    if (byDay) ticks.splice(0, ticks.length, from, from + (to - from) / 2);
    const label = (at, index) => {
      if (byDay) return dayName(at);
      const month = monthOf(at), pixels = (plot.clientWidth * 30 * DAY) / (to - from);
      const every = [1, 2, 3, 6, 12, 24, 60, 120].find((months) => months * pixels >= 46) || 240;
      if (month % every) return null;
      const first = monthOf(ticks[0]), isFirst = month - first < every;
      return every >= 12 ? String(Math.floor(month / 12)) : monthLabel(month, isFirst ? month : -1, 46);
    };
    return { type: C.FixedScaleAxis, low: from, high: to, ticks, showGrid: false, offset: 34, labelInterpolationFnc: label };
  }

  // ---------------------------------------------------------------- kinds: each takes rows, returns a chart or null

  function months(rows, figure, plot) {
    // Bars of ground by month. Months without a run are empty; `data-months` limits them, counted from the latest.
    const known = new Map(rows.filter((row) => dated(row.month)).map((row) => [monthOf(time(row.month)), row]));
    if (!known.size) return null;
    const last = Math.max(...known.keys());
    const first = figure.dataset.months ? last - figure.dataset.months + 1 : Math.min(...known.keys());
    const shown = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const of = (month, ground) => (known.get(month) || {})[ground] || 0;
    const grounds = GROUNDS.filter((ground) => shown.some((month) => of(month, ground) > 0));
    if (!grounds.length) return null;
    const width = () => (plot.clientWidth - 48) / shown.length;
    const chart = new C.BarChart(plot, {
      labels: shown,
      series: grounds.map((ground) => ({ className: `is-${ground}`, data: shown.map((month) => of(month, ground)) })),
    }, {
      stackBars: true, low: 0, chartPadding: { top: 30, right: 4, bottom: 0, left: 0 },
      axisX: { showGrid: false, offset: 30, labelInterpolationFnc: (month) => monthLabel(month, first, width()) },
      axisY: { offset: 44, scaleMinSpace: 26, labelInterpolationFnc: (value) => number.format(value) },
    });
    chart.on("draw", (drawn) => {
      if (drawn.type !== "bar") return;
      const month = shown[drawn.index], ground = grounds[drawn.seriesIndex], distance = of(month, ground);
      if (!distance) return drawn.element.remove();
      const onTop = drawn.y1 < drawn.chartRect.y1 - 0.5 && drawn.y1 - drawn.y2 > 2; // of another, which a line parts it from
      drawn.element.attr({ "stroke-width": Math.max(1, width() * 0.72), y1: drawn.y1 - (onTop ? 1 : 0) });
      drawn.element.elem("title").text(`${names.long.format(startOf(month))}: ${ground} ${far(distance, figure.dataset.unit)}`);
    });
    chart.on("created", ({ svg }) => note(svg, figure.dataset.unit, [[38, 9, true]]));
    return chart;
  }

  function life(rows, figure, plot) {
    // How far a pair was used up over time, up to its limit, and between which days it will likely get there.
    const point = (row) => ({ x: time(row.day), y: row.used });
    const worn = rows.filter((row) => row.what === "worn" && dated(row.day)).map(point);
    const at = Object.fromEntries(rows.filter((row) => row.what !== "worn" && dated(row.day)).map((row) => [row.what, point(row)]));
    if (!worn.length) return null;
    if (at.today) worn.push(at.today);
    const unit = figure.dataset.unit, limit = rows[0].life, now = worn[worn.length - 1], from = worn[0].x;
    const days = [now, ...Object.values(at)].map(({ x }) => x);
    const open = at.early && !at.late ? 0.25 * (at.early.x - now.x) + 14 * DAY : 0; // no late day: room to leave it open
    const to = Math.max(from + 7 * DAY, Math.max(...days) + open + 0.03 * (Math.max(...days) - from));
    const high = 1.08 * Math.max(limit, ...worn.map(({ y }) => y));
    const chart = new C.LineChart(plot, { series: [{ className: "is-worn", data: worn }] }, {
      showPoint: false, showArea: true, lineSmooth: C.Interpolation.none(),
      chartPadding: { top: 30, right: 4, bottom: 0, left: 0 },
      axisX: timeAxis(from, to, plot),
      axisY: { type: C.AutoScaleAxis, low: 0, high, offset: 48, scaleMinSpace: 30, labelInterpolationFnc: (value) => number.format(value) },
    });
    chart.on("created", ({ chartRect, axisX, axisY, svg }) => {
      const x = (value) => chartRect.x1 + axisX.projectValue({ x: value });
      const y = (value) => chartRect.y1 - axisY.projectValue({ y: value });
      const here = [x(now.x), y(now.y)], { x1, x2, y1, y2 } = chartRect, at100 = y(limit);
      const lines = linesOf(worn.map((point) => [x(point.x), y(point.y)]));
      const when = (there) => (figure.dataset.forecast === "months" ? names.long.format : fullDay)(there.x);
      note(svg, unit, [[42, 9, true]]);
      if (at.early) {
        const end = at.late ? [[x(at.late.x), y(limit)]] : [[chartRect.x2, y(limit)], [chartRect.x2, here[1]]];
        const fan = [here, [x(at.early.x), y(limit)], ...end];
        lines.push(...linesOf([...fan, here]));
        const until = at.late ? `to ${when(at.late)}` : "or later";
        elem(svg, "polygon", { points: fan.join(" ") }, "chart-fan", `At its limit from ${when(at.early)} ${until}`);
      }
      if (at.expected) {
        const end = { x2: x(at.expected.x), y2: y(limit) };
        elem(svg, "line", { x1: here[0], y1: here[1], ...end }, "chart-expected", `Expected ${when(at.expected)}`);
        lines.push([here, [end.x2, end.y2]]);
      }
      svg.elem("line", { x1, x2, y1: at100, y2: at100 }, "chart-limit");
      lines.push([[x1, at100], [x2, at100]]);
      if (at.today) {
        svg.elem("line", { x1: here[0], x2: here[0], y1, y2: here[1] }, "chart-today");
        svg.elem("circle", { cx: here[0], cy: here[1], r: 3.5 }, "chart-here");
        const across = [-4, 4].map((side) => [[here[0] - 4, here[1] - side], [here[0] + 4, here[1] + side]]);
        lines.push([[here[0], y1], here], ...across);
      }
      lines.push(...note(svg, `limit ${far(limit, unit)}`, beside(at100, chartRect), lines));
      if (!at.today) return;
      const isLeft = here[0] > (x1 + x2) / 2, places = [];
      for (let up = y1 - 5; up > y2 + 12; up -= 14) for (const end of [isLeft, !isLeft]) places.push([here[0] + (end ? -6 : 6), up, end]);
      note(svg, "today", [...places, [here[0], 22, isLeft]], lines);
    });
    return chart;
  }

  function share(rows, figure, plot) {
    // Percent over time (`data-value` names another column than hard_percent), beside a target where rows have one.
    const value = figure.dataset.value || "hard_percent";
    const shown = rows.filter((row) => dated(row.day || row.month)).map((row) => ({ x: time(row.day || row.month), y: row[value], row }));
    shown.sort((one, other) => one.x - other.x);
    if (!shown.some(({ y }) => Number.isFinite(y))) return null;
    const percent = (of) => `${number.format(of)}\u00a0%`;
    const target = shown[shown.length - 1].row.target_percent;
    const chart = new C.LineChart(plot, { series: [{ className: "is-share", data: shown.map(({ x, y }) => ({ x, y })) }] }, {
      lineSmooth: C.Interpolation.none({ fillHoles: false }), chartPadding: { top: 12, right: 8, bottom: 0, left: 0 },
      axisX: timeAxis(shown[0].x, Math.max(shown[shown.length - 1].x, shown[0].x + DAY), plot),
      axisY: { type: C.FixedScaleAxis, low: 0, high: 100, ticks: [0, 25, 50, 75, 100], offset: 52, labelInterpolationFnc: percent },
    });
    chart.on("draw", (drawn) => {
      if (drawn.type !== "point") return;
      const { x, y, row } = shown[drawn.index];
      const alone = [shown[drawn.index - 1], shown[drawn.index + 1]].every((next) => !next || !Number.isFinite(next.y));
      if (alone) drawn.element.addClass("chart-alone"); // no line leads to it
      const day = row.day ? fullDay(x) : names.long.format(x);
      drawn.element.elem("title").text(`${day}: ${percent(y)}`);
    });
    chart.on("created", ({ chartRect, axisX, axisY, svg }) => {
      if (!Number.isFinite(target)) return;
      const { x1, x2, y1 } = chartRect, y = y1 - axisY.projectValue({ y: target });
      svg.elem("line", { x1, x2, y1: y, y2: y }, "chart-target");
      const at = (point) => [x1 + axisX.projectValue({ x: point.x }), y1 - axisY.projectValue({ y: point.y })];
      const lines = linesOf(shown).filter((line) => line.every((point) => Number.isFinite(point.y))).map((line) => line.map(at));
      note(svg, `target ${percent(target)}`, beside(y, chartRect), lines);
    });
    return chart;
  }

  const KINDS = { months, life, share };

  // ---------------------------------------------------------------- the page

  const drawn = new Map(); // chart by figure

  function showText(plot, words) {
    plot.removeAttribute("role"); // no longer a picture
    plot.removeAttribute("aria-label");
    plot.textContent = words;
    plot.classList.add("quiet", "no-chart");
  }

  async function draw(figure) {
    const plot = figure.querySelector(".plot");
    drawn.set(figure, null);
    try {
      const answer = await fetch(figure.dataset.src);
      if (!answer.ok) throw new Error(`${figure.dataset.src} answers ${answer.status}`);
      const chart = KINDS[figure.dataset.chart](await answer.json(), figure, plot);
      if (chart) drawn.set(figure, scaled(chart, plot));
      else showText(plot, "There is nothing to draw yet.");
    } catch {
      showText(plot, "The chart cannot be drawn just now; the table has its figures.");
    }
  }

  function drawAll() {
    for (const [figure, chart] of drawn) {
      if (figure.isConnected) continue;
      if (chart) chart.detach(); // or it would be redrawn with every change of the window
      drawn.delete(figure);
    }
    for (const figure of document.querySelectorAll("figure.chart")) if (!drawn.has(figure)) draw(figure);
  }

  if (C) allowStyles();
  drawAll();
  document.addEventListener("shoemon:renewed", drawAll);
})();
