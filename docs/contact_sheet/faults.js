// What can be found wrong with a drawn page without a person's eye: [kind, detail] pairs.
() => {
  const found = [];
  const short = (text) => text.trim().replace(/\s+/g, " ").slice(0, 60);
  const main = document.querySelector("[data-testid=stMain]");
  for (const part of [document.documentElement, main]) {
    if (part && part.scrollWidth > part.clientWidth)
      found.push(["sideways", `${part.scrollWidth} > ${part.clientWidth}`]);
  }
  for (const wrong of document.querySelectorAll("[data-testid=stException], .hl-state.hl-wrong"))
    found.push(["error", short(wrong.innerText)]);
  if (document.querySelector("[data-testid=stSkeleton]")) found.push(["unfinished", "skeleton"]);

  // Text that is cut by the box it is in; boxes that scroll show it all.
  const unseen = ".hl-unseen, [hidden], [aria-hidden=true], [data-testid=stIconMaterial], script, style, option";
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const words = [];
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const own = node.parentElement;
    if (!node.data.trim() || own.closest(unseen)) continue;
    if (!own.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    range.selectNodeContents(node);
    const at = range.getBoundingClientRect();
    if (!at.width || !at.height || own.getBoundingClientRect().width < 3) continue; // for screen readers
    if (!own.closest("code, pre, svg .hoverlayer")) words.push(node.data);
    if (own.closest("svg")) continue;
    for (let box = own; box && box !== main; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (/auto|scroll/.test(style.overflowX + style.overflowY)) break;
      if (!/hidden|clip/.test(style.overflowX)) continue;
      const room = box.getBoundingClientRect();
      if (at.right > room.right + 1.5 || at.bottom > room.bottom + 4) {
        found.push(["cut", short(node.data)]);
        break;
      }
    }
  }

  // Charts: texts outside of the drawing, and texts on top of each other.
  for (const plot of document.querySelectorAll(".js-plotly-plot")) {
    const room = plot.getBoundingClientRect();
    const drawn = [...plot.querySelectorAll("svg text")]
      .filter((text) => text.textContent.trim() && !text.closest(".hoverlayer, .modebar"))
      .filter((text) => text.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      .map((text) => ({ text, at: text.getBoundingClientRect(), turn: text.getScreenCTM().b }))
      .filter(({ at }) => at.width > 0);
    for (const { text, at } of drawn)
      if (at.left < room.left - 1 || at.right > room.right + 1 || at.top < room.top - 1 || at.bottom > room.bottom + 1)
        found.push(["outside chart", short(text.textContent)]);
    const level = drawn.filter(({ turn }) => Math.abs(turn) < 0.01);
    level.forEach((one, place) => {
      for (const other of level.slice(place + 1)) {
        const across = Math.min(one.at.right, other.at.right) - Math.max(one.at.left, other.at.left);
        const down = Math.min(one.at.bottom, other.at.bottom) - Math.max(one.at.top, other.at.top);
        if (across > 2 && down > 4)
          found.push(["overlap", `${short(one.text.textContent)} / ${short(other.text.textContent)}`]);
      }
    });
  }
  for (const named of document.querySelectorAll("input:placeholder-shown, textarea:placeholder-shown"))
    if (named.checkVisibility()) words.push(named.placeholder);
  return { found, words };
}
