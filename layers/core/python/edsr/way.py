"""A timeline as a piece of a page: the same on an incident's page and on a dashboard, without any script.

Each function gives HTML whose every word is escaped: nothing that an event says becomes markup of the page around it.
"""

from collections.abc import Sequence
from datetime import datetime

from edsr.legible import escape
from edsr.timeline import Entry

STYLE = """\
ol.way { list-style: none; margin: 0; padding: 0; }
ol.way li { position: relative; padding: 0 0 1.1rem 1.6rem; border-left: 2px solid var(--line, #aab3bf);
  margin-left: .5rem; }
ol.way li:last-child { border-left-color: transparent; padding-bottom: 0; }
ol.way li::before { content: ""; position: absolute; left: -.48rem; top: .38rem; width: .8rem; height: .8rem;
  border-radius: 50%; background: currentColor; border: 2px solid var(--paper, transparent); }
ol.way li.good { color: var(--good, #1c7c4a); } ol.way li.bad { color: var(--bad, #b3261e); }
ol.way li.plain { color: var(--plain, #55657a); }
ol.way .what { font-weight: 600; color: var(--ink, inherit); overflow-wrap: anywhere; }
ol.way .why, ol.way .when { color: var(--soft, #6b7686); overflow-wrap: anywhere; }
ol.way .when { font-size: .82rem; font-variant-numeric: tabular-nums; }
ol.fall { list-style: none; margin: 0; padding: 0; font-size: .82rem; }
ol.fall li { display: grid; grid-template-columns: minmax(5rem, 12rem) 1fr 4.5rem; gap: .6rem;
  align-items: center; padding: .12rem 0; }
ol.fall svg { display: block; width: 100%; height: .7rem; }
ol.fall .what { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
svg.strip { display: block; width: 100%; height: auto; overflow: visible; }
svg.strip .good { color: var(--good, #1c7c4a); } svg.strip .bad { color: var(--bad, #b3261e); }
svg.strip .plain { color: var(--plain, #55657a); }
svg.strip line { stroke: currentColor; stroke-width: 2; opacity: .5; } svg.strip circle { fill: currentColor; }
"""
"""Colours are the page's own where it has some."""

LONG, HIGH, LEAST = 320, 14, 12
"""A strip's size, and how far apart two of its moments are at least, so that each is seen."""


def way(entries: Sequence[Entry]) -> str:
    """Every moment of a timeline below the one before: what, why, when."""
    return f'<ol class="way">\n{"".join(_moment(entry, first=not n) for n, entry in enumerate(entries))}</ol>'


def _moment(entry: Entry, *, first: bool) -> str:
    moment = entry.moment
    why = f'<div class="why">{escape(moment.why)}</div>' if moment.why else ""
    when = f"{clock(moment.at)} UTC" + ("" if first else f" · +{entry.after_s} s")
    when += f" · audit record {moment.seq}" if moment.seq else ""
    tone = escape(moment.tone)
    what = f'<div class="what">{escape(moment.what)}</div>'
    return f'<li class="{tone}">{what}{why}<div class="when">{when}</div></li>\n'


def waterfall(entries: Sequence[Entry]) -> str:
    """Each moment as a bar from the one before to itself, so that what took long is seen at once."""
    total = sum(entry.after_s for entry in entries) or 1.0
    rows, before = [], 0.0
    for entry in entries[1:]:
        left, width = 100 * before / total, 100 * entry.after_s / total
        before += entry.after_s
        bar = f'<rect x="{left:.2f}" width="{max(width, 0.3):.2f}" height="1" fill="currentColor"/>'
        name = escape(entry.moment.what)
        what = f'<div class="what" title="{escape(entry.moment.why)}">{name}</div>'
        picture = f'<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">{bar}</svg>'
        rows.append(f"<li>{what}{picture}<div>{entry.after_s:.3f} s</div></li>\n")
    return f'<ol class="fall">\n{"".join(rows)}</ol>'


def strip(entries: Sequence[Entry]) -> str:
    """A timeline as a line with a dot for each moment, long where much time passed: one incident in a list."""
    lines, dots, at = [], [], float(HIGH) / 2
    spare = LONG - HIGH - LEAST * (len(entries) - 1)
    total = sum(entry.after_s for entry in entries)
    for number, entry in enumerate(entries):
        before, tone = at, escape(entry.moment.tone)
        if number:
            at += LEAST + max(spare, 0) * entry.after_s / (total or 1.0)
            lines.append(f'<line class="{tone}" x1="{before:.1f}" x2="{at:.1f}" y1="7" y2="7"/>')
        title = escape(f"{clock(entry.moment.at)} {entry.moment.what}")
        dots.append(f'<circle class="{tone}" cx="{at:.1f}" cy="7" r="4"><title>{title}</title></circle>')
    last = f"; the last: {entries[-1].moment.what}" if entries else ""
    label = escape(f"{len(entries)} moments in {total:.1f} seconds{last}")
    size = f'viewBox="0 0 {max(LONG, at + HIGH / 2):.0f} {HIGH}"'
    return f'<svg class="strip" {size} role="img" aria-label="{label}">{"".join(lines + dots)}</svg>'


def clock(at: datetime) -> str:
    """`03:04:05.123`."""
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"
