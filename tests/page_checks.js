// What test_browser.py asks of a page that is open: each check returns the faults that it sees, as texts.
() => {
  const AA = 4.5, AA_LARGE = 3, LARGE = 24, LARGE_BOLD = 18.66, BOLD = 700;

  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[aria-hidden=true]");
  const named = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 90);
  const all = (selector) => [...document.querySelectorAll(selector)];

  // Colours: red, green, blue from 0 to 255, and how opaque.
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const colour = (text) => {
    if (!known.has(text)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = text;
      pen.fillRect(0, 0, 1, 1);
      const [red, green, blue, opaque] = pen.getImageData(0, 0, 1, 1).data;
      known.set(text, [red, green, blue, opaque / 255]);
    }
    return known.get(text);
  };
  const over = (above, below) => [0, 1, 2].map((i) => above[i] * above[3] + below[i] * (1 - above[3]));
  const background = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(colour(getComputedStyle(at).backgroundColor));
    const canvasColour = colour(getComputedStyle(document.documentElement).colorScheme.includes("dark")
      && matchMedia("(prefers-color-scheme: dark)").matches ? "#121212" : "#ffffff");
    return layers.reverse().reduce((below, above) => over(above, below), canvasColour);
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };

  const texts = function* () {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (walker.currentNode.data.trim() && element.checkVisibility({ visibilityProperty: true })) yield element;
    }
  };
  const ink = (element) => {
    const style = getComputedStyle(element);
    return element.closest("svg") ? (style.fill === "none" ? style.stroke : style.fill) : style.color;
  };
  const pale = () => {
    const faults = [], seen = new Set();
    for (const element of [...texts(), ...all("svg.formula")]) {
      if (seen.has(element) || !element.checkVisibility({ visibilityProperty: true })) continue;
      seen.add(element);
      const style = getComputedStyle(element), below = background(element);
      const size = parseFloat(style.fontSize), weight = parseInt(style.fontWeight);
      const asked = size >= LARGE || (size >= LARGE_BOLD && weight >= BOLD) ? AA_LARGE : AA;
      const found = contrast(over(colour(ink(element)), below), below);
      if (found < asked) faults.push(`contrast ${found.toFixed(2)} below ${asked}: ${named(element)}`);
    }
    return faults;
  };

  const wide = () => {
    const room = document.documentElement.clientWidth, needed = document.documentElement.scrollWidth;
    return needed > room ? [`the page is ${needed} wide in a window of ${room}`] : [];
  };

  const label = (element) => {
    const ids = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    const title = element.querySelector(":scope > title");
    return [element.getAttribute("aria-label"), element.getAttribute("alt"), title && title.textContent,
      ...ids.map((id) => document.getElementById(id)?.textContent)].filter((text) => text && text.trim()).join(" ");
  };
  const mute = () => [
    ...all("img, [role=img], svg").filter((element) =>
      shown(element) && !label(element) && !element.parentElement.closest("[role=img]") && element.checkVisibility()
      && element.getBoundingClientRect().width > 0),
    ...all("figure").filter((figure) => shown(figure) && !label(figure) && !figure.querySelector("figcaption, [role=img]")),
  ].map((element) => `no text alternative: ${named(element)}`);

  const lost = () => all("a[href^='#']").filter((link) => {
    const target = decodeURIComponent(link.getAttribute("href").slice(1));
    return target && !document.getElementById(target);
  }).map((link) => `leads nowhere: ${named(link)}`);

  const twice = () => {
    const ids = all("[id]").map((element) => element.id);
    return ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `two elements of the id ${id}`);
  };

  const skipped = () => {
    const levels = all("h1, h2, h3, h4, h5, h6").filter(shown).map((heading) => [heading, Number(heading.tagName[1])]);
    const faults = levels.filter(([, level], i) => level > (i ? levels[i - 1][1] : 0) + 1);
    const first = levels.filter(([, level]) => level === 1).length;
    return [...faults.map(([heading]) => `a level of headings is left out: ${named(heading)}`),
      ...(first === 1 ? [] : [`${first} headings of level 1`])];
  };

  // What scrolls by itself has to be reached by the keyboard, or hold something that is.
  const stuck = () => all("*").filter((element) => {
    if (!shown(element) || element.closest("svg")) return false;
    const flow = getComputedStyle(element).overflowX;
    if (flow !== "auto" && flow !== "scroll") return false;
    return element.scrollWidth > element.clientWidth + 1 && element.tabIndex < 0 && !element.querySelector("a[href], summary");
  }).map((element) => `scrolls, but the keyboard does not reach it: ${named(element)}`);

  const untypeset = () => all("code.formula").filter(shown).map((element) => `not typeset: ${named(element)}`);

  return [...untypeset(), ...wide(), ...pale(), ...mute(), ...lost(), ...twice(), ...skipped(), ...stuck()];
}
