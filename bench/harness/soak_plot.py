# SPDX-License-Identifier: MIT
"""Lines over time as an SVG, readable on light and dark ground."""
from html import escape

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 880, 150, 74, 24, 56, 52
STYLE = ("svg{background:#fff;color:#222;font:12px sans-serif}text{fill:currentColor}"
         ".grid{stroke:#8886;stroke-width:1}.line{fill:none;stroke:#0072b2;stroke-width:1.5}"
         ".title{font-weight:bold}@media(prefers-color-scheme:dark){svg{background:#111;"
         "color:#ddd}.line{stroke:#56b4e9}}")


def _panel(top, title, points, seconds):
    values = [value for _, value in points]
    low, high = min(values), max(values)
    margin = max(1, (high - low) * 0.1)
    low, high = max(0, low - margin), high + margin

    def place(point):
        x = LEFT + (WIDTH - LEFT - RIGHT) * point[0] / seconds
        return f"{x:.1f},{top + PANEL * (1 - (point[1] - low) / (high - low)):.1f}"
    parts = [f'<text class="title" x="{LEFT}" y="{top - 10}">{escape(title)}</text>']
    for share in (0, 0.5, 1):
        y = top + PANEL * (1 - share)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
                     f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">'
                     f'{low + share * (high - low):,.0f}</text>')
    parts.append(f'<polyline class="line" points="{" ".join(map(place, points))}"/>')
    return parts


def draw(head, panels, seconds):
    """`panels`: (title, [(second, value)])."""
    seconds = max([seconds, *(second for _, points in panels for second, _ in points)])
    height = TOP + len(panels) * (PANEL + GAP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">',
             f"<style>{STYLE}</style>",
             f'<text class="title" x="{LEFT}" y="22">{escape(head)}</text>']
    for index, (title, points) in enumerate(panels):
        parts += _panel(TOP + index * (PANEL + GAP), title, points, seconds)
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{height - 12}" text-anchor="end">'
                 f"{seconds:.0f} seconds</text></svg>")
    return "\n".join(parts)
