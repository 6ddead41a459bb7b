// Draws every <figure class="map">: `data-src` is the address of GeoJSON of a run and the ways around it, or `data-found`
// that of a route; `data-unit` is the reader's unit. Without a track the figure shows the reason.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  // Of each ground from the deepest shade to the palest; hard is mostly drawn, soft mostly not.
  const DASHES = {
    __proto__: null, asphalt: "", cobble: "4 2", paved: "28 3", metal: "18 3 4 3 4 3", wood: "18 3 4 3", paving: "10 2",
    concrete: "18 3", dirt: "7 6", rock: "5 3 2 3 2 3", unpaved: "14 5 3 5", compacted: "12 6", gravel: "3 5",
    grass: "8 4 2 4", sand: "2 3", snow: "3 9", tartan: "16 4 3 4", turf: "16 4 3 4 3 4", unknown: "2 4",
    "this stretch": "", "rest of the run": "",
  };
  const METRES = { km: 1000, mi: 1609.344 };
  const CLOSEST = 32, STEP = 1.6, HEIGHT = 576; // how much it is enlarged at most, and at once; pixels
  const written = (digits) => new Intl.NumberFormat(document.documentElement.dataset.locale || undefined, { maximumFractionDigits: digits });
  const far = (metres, unit) => `${written(2).format(metres / METRES[unit])}\u00a0${unit}`;

  function made(parent, name, attributes = {}, text = "") {
    const element = name.startsWith("svg:") ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    parent.append(element);
    return element;
  }

  function showText(figure, words) {
    figure.replaceChildren();
    made(figure, "p", { class: "quiet small", role: "status" }, words);
  }

  function paper([west, south, east, north]) {
    // Metres to the right and downwards from the corner: near enough to true for the length of a run.
    const high = 111195, wide = high * Math.cos((south + north) * (Math.PI / 360));
    const place = ([lon, lat]) => [(lon - west) * wide, (north - lat) * high];
    const point = (position) => place(position).map((metres) => metres.toFixed(1)).join(" ");
    const line = (positions) => `M${positions.map(point).join("L")}`;
    return { place, point, line, width: (east - west) * wide, height: (north - south) * high };
  }

  function stroke(parent, d, cls, dash) {
    return made(parent, "svg:path", { d, class: cls, ...(dash && { "stroke-dasharray": dash }) });
  }

  function mark(svg, name, place) {
    for (const cls of ["mark", "inner"]) stroke(svg, `M${place}h0`, `${cls} ${name}`);
  }

  function shadesOf(surfaces) {
    // Of several surfaces on one ground each has its own shade of the ground's colour, in the order of DASHES.
    const order = Object.keys(DASHES), place = (surface) => (order.indexOf(surface) + 1 || order.length + 1);
    const shades = new Map();
    for (const ground of new Set(surfaces.map((part) => part.ground))) {
      const of = surfaces.filter((part) => part.ground === ground).map((part) => part.surface);
      of.sort((one, other) => place(one) - place(other));
      if (of.length > 1) of.forEach((surface, index) => shades.set(surface, `${(100 * index) / (of.length - 1)}%`));
    }
    return shades;
  }

  function paint(parent, d, { ground, surface }, shades) {
    const path = stroke(parent, d, `is-${ground}`, DASHES[surface] ?? "22 4 8 4");
    path.classList.toggle("shaded", shades.has(surface));
    path.style.setProperty("--shade", shades.get(surface) ?? "");
    return path;
  }

  function drawRun(svg, parts, shades, sheet, unit) {
    const group = made(svg, "svg:g", { class: "map-run" });
    for (const { geometry } of parts) stroke(group, sheet.line(geometry.coordinates), "edging");
    for (const { geometry, properties } of parts) {
      const path = paint(group, sheet.line(geometry.coordinates), properties, shades);
      path.dataset.surface = properties.surface;
      made(path, "svg:title", {}, `${properties.surface} ${far(properties.metres, unit)}`);
    }
    mark(svg, "end", sheet.point(parts.at(-1).geometry.coordinates.at(-1)));
    mark(svg, "start", sheet.point(parts[0].geometry.coordinates[0]));
    const asked = parts.find(({ properties }) => properties.ground === "asked"); // the first half
    if (asked) mark(svg, "middle", sheet.point(asked.geometry.coordinates.at(-1)));
    return (surface) => {
      // Light up the stretches of a surface; all are alike if there is none.
      group.classList.toggle("is-picked", surface !== null);
      for (const path of group.children) path.classList.toggle("is-lit", path.dataset.surface === surface);
    };
  }

  function Lens(frame, svg, sheet, run, scale, unit) {
    const whole = { x: 0, y: 0, width: sheet.width, height: sheet.height };
    let seen = whole;
    const pixel = () => seen.width / (svg.clientWidth || 1); // in metres

    function show(next) {
      const within = (least, value, most) => Math.min(Math.max(value, least), most);
      const width = within(whole.width / CLOSEST, next.width, whole.width), height = (width * whole.height) / whole.width;
      seen = { x: within(0, next.x, whole.width - width), y: within(0, next.y, whole.height - height), width, height };
      svg.setAttribute("viewBox", `${seen.x} ${seen.y} ${seen.width} ${seen.height}`);
      frame.classList.toggle("is-close", width < whole.width);
      measure();
    }

    function measure() {
      const small = unit === "km" && pixel() < 9, one = small ? 1 : METRES[unit];
      const room = (pixel() * 110) / one, power = 10 ** Math.floor(Math.log10(room));
      const length = power * [5, 2, 1].find((step) => step * power <= room), long = (length * one) / pixel();
      scale.picture.setAttribute("width", Math.ceil(long + 2));
      scale.bar.setAttribute("d", `M1 1v6h${long.toFixed(1)}v-6`);
      scale.words.textContent = `${written(3).format(length)}\u00a0${small ? "m" : unit}`;
    }

    function zoom(factor) {
      const width = seen.width / factor, height = seen.height / factor;
      let [x, y] = [seen.x + seen.width / 2, seen.y + seen.height / 2];
      const off = (place) => Math.hypot(place[0] - x, place[1] - y);
      const nearest = run.reduce((one, other) => (off(other) < off(one) ? other : one));
      if (off(nearest) > height / 2) [x, y] = nearest; // or the run would be out of sight
      show({ x: x - width / 2, y: y - height / 2, width });
    }

    const move = (right, down) => show({ ...seen, x: seen.x + right, y: seen.y + down });
    function near(places) {
      const [xs, ys] = [0, 1].map((side) => places.map((place) => place[side]));
      const [x, y] = [xs, ys].map((of) => (Math.min(...of) + Math.max(...of)) / 2);
      const high = Math.max(...ys) - Math.min(...ys), wide = Math.max(...xs) - Math.min(...xs);
      const width = Math.max(wide, (high * whole.width) / whole.height) * 2, height = (width * whole.height) / whole.width;
      show({ x: x - width / 2, y: y - height / 2, width });
    }

    new ResizeObserver(measure).observe(svg);
    show(whole);
    return { zoom, move, near, reset: () => show(whole), pixel };
  }

  function letMove(frame, svg, lens) {
    const isClose = () => frame.classList.contains("is-close");
    let from = null;
    svg.addEventListener("pointerdown", (event) => {
      if (event.button || !isClose()) return;
      from = event;
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      if (event.pointerId !== from?.pointerId) return;
      lens.move((from.clientX - event.clientX) * lens.pixel(), (from.clientY - event.clientY) * lens.pixel());
      from = event;
    });
    svg.addEventListener("lostpointercapture", () => (from = null));
    const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    frame.addEventListener("keydown", (event) => {
      const to = keys[event.key];
      if (!to || event.altKey || event.ctrlKey || event.metaKey || !isClose()) return;
      event.preventDefault(); // the page stays where it is
      lens.move(...to.map((way) => way * 100 * lens.pixel()));
    });
  }

  function legend(figure, surfaces, shades, unit, marks, light) {
    const list = made(figure, "ul", { class: "grounds", "aria-label": "Surfaces; a button lights up its part of the map" });
    let chosen = null;
    for (const part of surfaces) {
      const item = made(made(list, "li"), "button", { type: "button", class: "stretch", "aria-pressed": false });
      paint(made(item, "svg:svg", { class: "sample", "aria-hidden": "true" }), "M1 5H43", part, shades);
      made(item, "span", {}, part.surface);
      made(item, "b", {}, far(part.metres, unit));
      for (const event of ["pointerenter", "focus"]) item.addEventListener(event, () => light(part.surface));
      for (const event of ["pointerleave", "blur"]) item.addEventListener(event, () => light(chosen));
      item.addEventListener("click", () => {
        chosen = chosen === part.surface ? null : part.surface;
        for (const button of list.querySelectorAll("button")) button.ariaPressed = button === item && chosen !== null;
        light(chosen);
      });
    }
    for (const name of marks) {
      const item = made(list, "li"), sample = made(item, "svg:svg", { class: "sample short", "aria-hidden": "true" });
      mark(sample, name, "8 7");
      made(item, "span", {}, name);
    }
  }

  function caption(figure, about, leftOut) {
    const words = made(figure, "figcaption", { class: "quiet small" });
    if (about.note) made(words, "p", {}, about.note);
    const credit = made(words, "p");
    if (about.attribution) {
      made(credit, "a", { href: "https://www.openstreetmap.org/copyright", rel: "noreferrer" }, about.attribution);
      credit.append(about.map_date ? `, map of ${about.map_date.slice(0, 10)}. ` : ". ");
    }
    if (leftOut) credit.append(`Smaller ways that are not drawn: ${written(0).format(leftOut)}.`);
  }

  function draw(figure, found) {
    const { unit, what = "run" } = figure.dataset, { surfaces } = found.about;
    const of = (kind) => found.features.filter((part) => part.geometry && part.properties.kind === kind), parts = of("run");
    const sheet = paper(found.bbox);
    figure.replaceChildren();
    const label = `Map of the ${what} by surface: ${surfaces.map((part) => `${part.surface} ${far(part.metres, unit)}`).join(", ")}`;
    const frame = made(figure, "div", { class: "frame", tabindex: 0, role: "group", "aria-label": "Map; arrow keys move it once it is enlarged" });
    const size = { width: Math.round((HEIGHT * sheet.width) / sheet.height), height: HEIGHT };
    const svg = made(frame, "svg:svg", { role: "img", "aria-label": label, ...size });
    const ways = made(svg, "svg:g", { class: "map-ways" });
    for (const { geometry, properties } of of("way")) stroke(ways, geometry.coordinates.map(sheet.line).join(""), `way-${properties.class}`);
    const shades = shadesOf(surfaces), light = drawRun(svg, parts, shades, sheet, unit);
    const tools = made(figure, "div", { class: "tools" });
    const button = (text, name, act) => made(tools, "button", { type: "button", class: "button", "aria-label": name }, text).addEventListener("click", act);
    const scale = made(tools, "span", { class: "scale quiet small" });
    const picture = made(scale, "svg:svg", { "aria-hidden": "true", height: 8 }), bar = stroke(picture, "", "bar-line");
    const run = parts.flatMap(({ geometry }) => geometry.coordinates.map(sheet.place));
    const lens = Lens(frame, svg, sheet, run, { picture, bar, words: made(scale, "span") }, unit);
    const asked = parts.filter(({ properties }) => properties.ground === "asked");
    if (asked.length) lens.near(asked.flatMap(({ geometry }) => geometry.coordinates.map(sheet.place)));
    button("+", "Enlarge the map", () => lens.zoom(STEP));
    button("−", "Make the map smaller", () => lens.zoom(1 / STEP));
    button(`Whole ${what}`, `Show the whole ${what}`, lens.reset);
    letMove(frame, svg, lens);
    legend(figure, surfaces, shades, unit, ["start", "end", ...(asked.length ? ["middle"] : [])], light);
    caption(figure, found.about, found.left_out);
  }

  async function fetched(figure) {
    showText(figure, "Drawing the map …");
    try {
      const { src, found: given } = figure.dataset;
      const found = given ? JSON.parse(given) : await (await fetch(src, { cache: "no-store" })).json();
      if (found.missing) showText(figure, found.missing);
      else draw(figure, found);
    } catch {
      showText(figure, "The map cannot be drawn just now.");
    }
  }

  const drawAll = () => document.querySelectorAll("figure.map").forEach(fetched);
  drawAll();
  addEventListener("sent", drawAll); // by upload.js
})();
