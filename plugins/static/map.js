// Draws every <figure class="map">: `data-src` is the GeoJSON of a run's track with the ways around it, `data-unit` the
// reader's unit. What the map says stands on the page in words too; without a track the figure says why there is none.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const root = document.documentElement;
  const GROUNDS = ["hard", "soft", "synthetic", "treadmill", "unknown"];
  // Of each ground the first is the plainest; hard is mostly drawn, soft mostly not.
  const DASHES = {
    asphalt: "", concrete: "18 3", paving: "10 2", cobble: "4 2", wood: "18 3 4 3", metal: "18 3 4 3 4 3", paved: "28 3",
    compacted: "12 6", gravel: "3 5", dirt: "7 6", grass: "8 4 2 4", sand: "2 3", rock: "5 3 2 3 2 3", snow: "3 9", unpaved: "14 5 3 5",
    tartan: "16 4 3 4", turf: "16 4 3 4 3 4", unknown: "1 6",
  };
  const METRES = { km: 1000, mi: 1609.344 };
  const CLOSEST = 32, STEP = 1.6;
  const written = (digits) => new Intl.NumberFormat(root.dataset.locale || undefined, { maximumFractionDigits: digits });
  const far = (metres, unit) => `${written(2).format(metres / METRES[unit])}\u00a0${unit}`;

  function made(parent, name, attributes = {}, text = "") {
    const element = name.startsWith("svg:") ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    parent.append(element);
    return element;
  }

  function say(figure, words) {
    figure.replaceChildren();
    made(figure, "p", { class: "quiet small", role: "status" }, words);
  }

  // ---------------------------------------------------------------- the picture

  function paper([west, south, east, north]) {
    // Metres to the right and downwards from the corner: near enough to true for the length of a run.
    const high = 111195, wide = high * Math.cos(((south + north) / 2) * (Math.PI / 180));
    const point = ([lon, lat]) => `${((lon - west) * wide).toFixed(1)} ${((north - lat) * high).toFixed(1)}`;
    const line = (positions) => `M${positions.map(point).join("L")}`;
    return { point, line, width: (east - west) * wide, height: (north - south) * high };
  }

  function stroke(parent, d, cls, dash = "") {
    return made(parent, "svg:path", { d, class: cls, ...(dash && { "stroke-dasharray": dash }) });
  }

  function drawWays(svg, ways, sheet) {
    const group = made(svg, "svg:g", { class: "map-ways" });
    for (const { geometry, properties } of ways) stroke(group, geometry.coordinates.map(sheet.line).join(""), `way-${properties.class}`);
  }

  function look({ ground, surface }) {
    return [`is-${GROUNDS.includes(ground) ? ground : "unknown"}`, DASHES[surface] || ""];
  }

  function drawRun(svg, parts, sheet, unit) {
    const group = made(svg, "svg:g", { class: "map-run" });
    for (const { geometry } of parts) stroke(group, sheet.line(geometry.coordinates), "edging");
    for (const { geometry, properties } of parts) {
      const path = stroke(group, sheet.line(geometry.coordinates), ...look(properties));
      made(path, "svg:title", {}, `${properties.surface} ${far(properties.metres, unit)}`);
    }
    const first = parts[0].geometry.coordinates[0], last = parts[parts.length - 1].geometry.coordinates.slice(-1)[0];
    for (const [name, place] of [["end", last], ["start", first]]) {
      for (const cls of ["mark", "inner"]) made(stroke(svg, `M${sheet.point(place)}h0`, `${cls} ${name}`), "svg:title", {}, name);
    }
  }

  // ---------------------------------------------------------------- closer and further away

  function Lens(frame, svg, sheet, scale, unit) {
    const whole = { x: 0, y: 0, width: sheet.width, height: sheet.height };
    let seen = whole;
    const pixel = () => Math.max(seen.width / (svg.clientWidth || 1), seen.height / (svg.clientHeight || 1)); // in metres

    function show(next) {
      const width = Math.min(Math.max(next.width, whole.width / CLOSEST), whole.width), height = (width * whole.height) / whole.width;
      const within = (from, size, most) => Math.min(Math.max(from, 0), most - size);
      seen = { x: within(next.x, width, whole.width), y: within(next.y, height, whole.height), width, height };
      svg.setAttribute("viewBox", `${seen.x} ${seen.y} ${seen.width} ${seen.height}`);
      frame.classList.toggle("is-close", width < whole.width);
      measure();
    }

    function measure() {
      const small = unit === "km" ? pixel() * 100 < 800 : false;
      const one = small ? 1 : METRES[unit], room = (pixel() * 110) / one, power = 10 ** Math.floor(Math.log10(room));
      const length = power * [5, 2, 1].find((step) => step * power <= room);
      scale.bar.setAttribute("d", `M1 1v6h${((length * one) / pixel()).toFixed(1)}v-6`);
      scale.words.textContent = `${written(3).format(length)}\u00a0${small ? "m" : unit}`;
    }

    function zoom(factor) {
      const width = seen.width / factor, height = seen.height / factor;
      show({ x: seen.x + (seen.width - width) / 2, y: seen.y + (seen.height - height) / 2, width });
    }

    const move = (right, down) => show({ ...seen, x: seen.x + right, y: seen.y + down });
    new ResizeObserver(measure).observe(svg);
    show(whole);
    return { zoom, move, reset: () => show(whole), pixel, side: () => seen.width / 5 };
  }

  function letMove(frame, svg, lens) {
    let from = null;
    svg.addEventListener("pointerdown", (event) => {
      if (event.button || !frame.classList.contains("is-close")) return;
      from = event;
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      if (!from || event.pointerId !== from.pointerId) return;
      lens.move((from.clientX - event.clientX) * lens.pixel(), (from.clientY - event.clientY) * lens.pixel());
      from = event;
    });
    for (const kind of ["pointerup", "pointercancel"]) svg.addEventListener(kind, () => (from = null));
    const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    frame.addEventListener("keydown", (event) => {
      const to = keys[event.key];
      if (!to || event.altKey || event.ctrlKey || event.metaKey || !frame.classList.contains("is-close")) return;
      event.preventDefault(); // the page stays where it is
      lens.move(to[0] * lens.side(), to[1] * lens.side());
    });
  }

  // ---------------------------------------------------------------- the figure

  function legend(figure, surfaces, unit) {
    const list = made(figure, "ul", { class: "grounds" });
    for (const part of surfaces) {
      const item = made(list, "li");
      stroke(made(item, "svg:svg", { class: "sample", "aria-hidden": "true" }), "M1 5H43", ...look(part));
      made(item, "span", {}, part.surface);
      made(item, "b", {}, far(part.metres, unit));
    }
    for (const name of ["start", "end"]) {
      const item = made(list, "li"), sample = made(item, "svg:svg", { class: "sample short", "aria-hidden": "true" });
      for (const cls of ["mark", "inner"]) stroke(sample, "M8 7h0", `${cls} ${name}`);
      made(item, "span", {}, name);
    }
  }

  function caption(figure, { about, left_out: leftOut }) {
    const words = made(figure, "figcaption", { class: "quiet small" });
    if (about.note) made(words, "p", {}, about.note);
    const said = made(words, "p");
    if (about.attribution) {
      made(said, "a", { href: "https://www.openstreetmap.org/copyright", rel: "noreferrer" }, about.attribution);
      said.append(about.map_date ? `, map of ${about.map_date.slice(0, 10)}. ` : ". ");
    }
    if (leftOut) said.append(`Smaller ways that are not drawn: ${written(0).format(leftOut)}.`);
  }

  function draw(figure, found) {
    const unit = figure.dataset.unit in METRES ? figure.dataset.unit : "km", { surfaces } = found.about;
    const [ways, parts] = ["way", "run"].map((kind) => found.features.filter(({ geometry, properties }) => geometry && properties.kind === kind));
    const sheet = paper(found.bbox);
    figure.replaceChildren();
    const label = `Map of the run by surface: ${surfaces.map((part) => `${part.surface} ${far(part.metres, unit)}`).join(", ")}`;
    const frame = made(figure, "div", { class: "frame", tabindex: 0, role: "group", "aria-label": "Map; arrow keys move it when it is enlarged" });
    const svg = made(frame, "svg:svg", { role: "img", "aria-label": label });
    drawWays(svg, ways, sheet);
    drawRun(svg, parts, sheet, unit);
    const tools = made(figure, "div", { class: "tools" });
    const button = (text, name, act) => made(tools, "button", { type: "button", "aria-label": name, title: name }, text).addEventListener("click", act);
    const scale = made(tools, "span", { class: "scale quiet small" });
    const bar = stroke(made(scale, "svg:svg", { "aria-hidden": "true" }), "", "bar-line");
    const lens = Lens(frame, svg, sheet, { bar, words: made(scale, "span") }, unit);
    button("+", "Enlarge the map", () => lens.zoom(STEP));
    button("−", "Make the map smaller", () => lens.zoom(1 / STEP));
    button("Whole run", "Show the whole run", lens.reset);
    letMove(frame, svg, lens);
    legend(figure, surfaces, unit);
    caption(figure, found);
  }

  async function fetched(figure) {
    say(figure, "Drawing the map …");
    try {
      const answer = await fetch(figure.dataset.src, { cache: "no-store" });
      const found = await answer.json();
      if (found.missing) say(figure, found.missing);
      else draw(figure, found);
    } catch {
      say(figure, "The map cannot be drawn just now. Load the page again to try once more.");
    }
  }

  for (const figure of document.querySelectorAll("figure.map")) fetched(figure);
})();
