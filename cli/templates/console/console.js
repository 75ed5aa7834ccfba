// Keeps the live parts of a page as the server has them. Where scripts are off, <noscript> reloads the page instead.
"use strict";
const every = Number(document.body.dataset.every) * 1000;
const shown = new WeakMap(); // what the server last said of a part

function touched(part) {
  const fields = [...part.querySelectorAll("input:not([type=hidden]), textarea, select")];
  return fields.some((field) => field === document.activeElement || (
    field.type === "checkbox" ? field.checked !== field.defaultChecked
      : field.options ? [...field.options].some((option) => option.selected !== option.defaultSelected)
        : field.value !== field.defaultValue));
}

function replace(part, fresh) {
  if (shown.get(part) === fresh.innerHTML || touched(part)) return;
  const known = shown.has(part);
  shown.set(part, fresh.innerHTML);
  if (!known && part.innerHTML === fresh.innerHTML) return;
  for (const kept of part.querySelectorAll("details[id]")) {
    const same = fresh.querySelector(`#${CSS.escape(kept.id)}`);
    if (same) same.open = kept.open;
  }
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && (focused.id ? `#${CSS.escape(focused.id)}`
    : focused.getAttribute("href") ? `a[href="${CSS.escape(focused.getAttribute("href"))}"]` : null);
  part.replaceChildren(...fresh.childNodes);
  if (place) part.querySelector(place)?.focus({ preventScroll: true });
}

let looking = false;
async function look() {
  if (document.hidden || looking) return;
  looking = true;
  try {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.title = page.title;
    if (page.body.dataset.page !== document.body.dataset.page) return void location.reload();
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      if (fresh) replace(part, fresh);
    }
    document.getElementById("stale").hidden = true;
  } catch {
    document.getElementById("stale").hidden = false;
  } finally {
    looking = false;
  }
}

if (every) { // a page that says why something was not done stands as it is
  setInterval(look, every);
  document.addEventListener("visibilitychange", look);
}
