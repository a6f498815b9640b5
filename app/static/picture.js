// A button with data-hl-picture names a chart; what it shows becomes a PNG with words above it.
// One listener serves the whole app. Nothing leaves the browser.
if (!window.hlPicture) {
  window.hlPicture = true;
  const scale = 2, edge = 16;

  // Words, and Chinese letters one by one, as long as they fit the width.
  const wrapped = (pen, text, width) => {
    const lines = [];
    let line = "";
    for (const word of text.match(/[!-~]+\s*|\s+|[^ -~]/gu) ?? []) {
      const parts = pen.measureText(word).width > width ? [...word] : [word];
      for (const part of parts) {
        if (line && pen.measureText((line + part).trimEnd()).width > width) {
          lines.push(line);
          line = "";
        }
        line += part;
      }
    }
    return line ? [...lines, line] : lines;
  };

  // Plotly draws on layers that lie on each other; the picture has them in one.
  const drawing = (plot) => {
    const [first, ...layers] = plot.querySelectorAll(".main-svg");
    const whole = first.cloneNode(true);
    for (const layer of layers) {
      for (const part of layer.children) whole.append(part.cloneNode(true));
    }
    const image = new Image();
    image.src = "data:image/svg+xml;charset=utf-8," +
      encodeURIComponent(new XMLSerializer().serializeToString(whole));
    return image.decode().then(() => image);
  };

  const paint = (image, size, texts, look) => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const font = (row) => `${row ? "" : "600 "}${row ? 12 : 16}px ${look.fontFamily}`;
    const rows = texts.flatMap((text, place) => {
      pen.font = font(place);
      return wrapped(pen, text, size.width).map((line) => ({ line, place }));
    });
    const top = edge + rows.reduce((sum, row) => sum + (row.place ? 17 : 24), 0) + edge / 2;
    canvas.width = scale * (size.width + 2 * edge);
    canvas.height = scale * (top + size.height + edge);
    pen.scale(scale, scale);
    pen.fillStyle = look.getPropertyValue("--hl-paper");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    let y = edge;
    for (const row of rows) {
      y += row.place ? 17 : 24;
      pen.font = font(row.place);
      pen.fillStyle = look.getPropertyValue(row.place ? "--hl-muted" : "--hl-ink");
      pen.fillText(row.line, edge, y - 6);
    }
    pen.drawImage(image, edge, top, size.width, size.height);
    return canvas;
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-hl-picture]");
    if (!button) return;
    const { hlPicture, hlWords, hlMade, hlFile } = button.dataset;
    const plot = document.querySelector(`.st-key-${CSS.escape(hlPicture)} .js-plotly-plot`);
    const moment = new Date().toISOString().slice(0, 16).replace("T", " ");
    const texts = [...hlWords.split("\n"), `${hlMade.trim()} ${moment} UTC`];
    const box = plot.querySelector(".main-svg").getBoundingClientRect();
    const canvas = paint(await drawing(plot), box, texts, getComputedStyle(button));
    canvas.toBlob((content) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(content);
      link.download = hlFile;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    });
  });
}
