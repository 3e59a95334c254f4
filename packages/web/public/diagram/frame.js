// Draws diagrams for the page that holds this frame. The text is a stranger's, so the frame is a sandbox: an origin of its
// own, no network, no storage. All that leaves it is a picture, which the page shows as an image, where nothing can run.
const COLOURS = {
  light: { paper: "#fdfaf4", wool: "#f4f0e6", ink: "#161d2b", ash: "#636975", line: "#dbd7cf" },
  dark: { paper: "#0f131b", wool: "#171c25", ink: "#efebe2", ash: "#989fab", line: "#2e333d" },
};
/** Edges of a diagram: drawing takes longer than in proportion to them. */
const MOST_EDGES = 200;
const MOST_CHARACTERS = 8_000;

function configure(dark) {
  const { ash, ink, paper, wool, line } = COLOURS[dark ? "dark" : "light"];
  const config = {
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    maxTextSize: MOST_CHARACTERS,
    maxEdges: MOST_EDGES,
    // An image has the system's fonts alone, and words that are HTML would not be drawn in it.
    fontFamily: "'Segoe UI', system-ui, sans-serif",
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    theme: "base",
    themeVariables: {
      darkMode: dark,
      fontSize: "14px",
      ...{ background: paper, primaryColor: wool, secondaryColor: paper, tertiaryColor: paper },
      ...{ primaryTextColor: ink, secondaryTextColor: ink, tertiaryTextColor: ink, textColor: ink },
      ...{ primaryBorderColor: ash, secondaryBorderColor: line, tertiaryBorderColor: line, lineColor: ash },
      ...{ noteBkgColor: wool, noteTextColor: ink, noteBorderColor: line, edgeLabelBackground: paper },
    },
  };
  // A text may set nothing of what is set here.
  return { ...config, secure: ["secure", "themeCSS", "theme", "dompurifyConfig", ...Object.keys(config)] };
}

async function draw({ text, dark }) {
  const { mermaid } = globalThis;
  mermaid.initialize(configure(dark));
  const { svg } = await mermaid.render("diagram", text);
  document.body.innerHTML = svg;
  const drawn = document.querySelector("svg");
  const { width, height } = drawn.viewBox.baseVal;
  drawn.setAttribute("width", width);
  drawn.setAttribute("height", height);
  return { svg: new XMLSerializer().serializeToString(drawn), width, height };
}

addEventListener("message", ({ data, ports: [port] }) => {
  draw(data).then(
    (drawing) => port.postMessage(drawing),
    (thrown) => port.postMessage({ failed: String(thrown).slice(0, 500) }),
  );
});
