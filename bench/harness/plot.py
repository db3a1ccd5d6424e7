# SPDX-License-Identifier: MIT
"""One SVG: each metric as bars relative to the first peer (shorter is better, except req/s)."""
from html import escape

from .report import METRICS

COLORS = ["#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#9c755f"]
LABEL, BAR, ROW, TOP = 330, 460, 16, 56


def _bar(y, color, share, text):
    width = max(1.0, min(share, 2.0) / 2.0 * BAR)
    return (f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="{ROW - 4}" fill="{color}"/>'
            f'<text x="{LABEL + width + 6:.1f}" y="{y + 10}">{escape(text)}</text>')


def draw(summary, names, base):
    """The SVG's text; `base` is the server whose bar is 1.0."""
    names = [name for name in names if name != "direct"]
    parts, y = [], TOP
    for key, row in summary.items():
        if base not in row or row[base]["value"] <= 0:
            continue
        label, unit, better, _ = METRICS[key]
        note = " (longer is better)" if better == "high" else ""
        parts.append(f'<text x="{LABEL - 8}" y="{y + 12}" text-anchor="end">'
                     f"{escape(label + note)}</text>")
        for index, name in enumerate(names):
            if name not in row:
                continue
            value = row[name]["value"]
            share = value / row[base]["value"]
            parts.append(_bar(y, COLORS[index % len(COLORS)], share,
                              f"{value:,.1f} {unit} ({share:.2f})"))
            y += ROW
        y += ROW // 2
    line = LABEL + BAR / 2
    parts.append(f'<line x1="{line}" x2="{line}" y1="{TOP - 6}" y2="{y}" stroke="#888" '
                 'stroke-dasharray="3 3"/>')
    for index, name in enumerate(names):
        x = LABEL + 120 * index
        parts.append(f'<rect x="{x}" y="28" width="12" height="12" '
                     f'fill="{COLORS[index % len(COLORS)]}"/>'
                     f'<text x="{x + 18}" y="38">{escape(name)}</text>')
    size = f'width="{LABEL + BAR + 170}" height="{y + 10}"'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" '
            f'font-size="11"><rect width="100%" height="100%" fill="white"/>'
            f'<text x="8" y="18" font-size="13">Relative to {escape(base)} in the same run'
            f"</text>{''.join(parts)}</svg>\n")
