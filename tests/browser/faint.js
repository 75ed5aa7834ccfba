// Every text of a page that stands out too little from what is behind it (WCAG 2.2, AA: 4.5 to 1).
() => {
  const rgb = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = (colour) => { const [r, g, b] = rgb(colour).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (element) => { for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor; if ((rgb(colour)[3] ?? 1) > 0.99) return colour; } return "rgb(255,255,255)"; };
  const found = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || element.closest("svg, script, noscript, [hidden], .skip") || !element.checkVisibility()) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.add(`${ratio.toFixed(2)} ${element.className} ${walk.currentNode.data.trim().slice(0, 30)}`);
  }
  return [...found];
}
