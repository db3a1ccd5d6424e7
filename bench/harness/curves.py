# SPDX-License-Identifier: MIT
"""An SVG of curves over percentiles, readable on light and dark ground."""
import math
from html import escape

# Colours that people with any colour vision tell apart (Okabe and Ito), by light and dark ground.
COLORS = {"gateway": ("#0072b2", "#56b4e9"), "nginx": ("#009e73", "#2fc99a"),
          "haproxy": ("#d55e00", "#ff8a3d"), "envoy": ("#aa4499", "#dd88cc")}
OTHERS = [("#7a6a00", "#e6d34f"), ("#555555", "#bbbbbb")]
WIDTH, PANEL, LEFT, RIGHT, TOP, GAP, BOTTOM = 880, 250, 74, 24, 84, 66, 62
PERCENTILES = [0, 50, 75, 90, 95, 99, 99.5, 99.9]
LAST = 99.9
FLOOR_MICROSECONDS = 1.0


def _x(share):
    """Each step to the right is another nine: the tail has as much room as the middle."""
    share = min(share, LAST / 100)
    return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(1 - share) / math.log10(1 - LAST / 100)


class _Panel:
    """One figure's axes and curves, `top` pixels down."""

    def __init__(self, top, curves, bar):
        self.top, self.curves, self.bar = top, curves, bar
        values = [value for _, points in curves for share, value in points if share <= LAST / 100]
        highest = max(values + [bar])
        self.low, self.high = 0, math.ceil(math.log10(highest * 1.05))

    def y(self, microseconds):
        level = math.log10(max(microseconds, FLOOR_MICROSECONDS))
        return self.top + PANEL * (1 - (level - self.low) / (self.high - self.low))

    def axes(self, title):
        bottom, parts = self.top + PANEL, []
        parts.append(f'<text class="title" x="{LEFT}" y="{self.top - 14}">{escape(title)}</text>')
        for power in range(self.low, self.high + 1):
            y = self.y(10 ** power)
            label = {0: "≤1 µs", 1: "10 µs", 2: "100 µs", 3: "1 ms", 4: "10 ms", 5: "100 ms",
                     6: "1 s", 7: "10 s"}.get(power, f"1e{power} µs")
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" '
                         f'y2="{y:.1f}"/><text x="{LEFT - 8}" y="{y + 4:.1f}" '
                         f'text-anchor="end">{label}</text>')
        for percentile in PERCENTILES:
            x = _x(percentile / 100)
            label = "median" if percentile == 50 else f"{percentile:g} %"
            parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{self.top}" '
                         f'y2="{bottom}"/><text x="{x:.1f}" y="{bottom + 17}" '
                         f'text-anchor="middle">{label}</text>')
        y = self.y(self.bar)
        parts.append(f'<line class="bar" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" '
                     f'y2="{y:.1f}"/><text class="barlabel" x="{LEFT + 6}" y="{y - 5:.1f}">'
                     f'{self.bar / 1000:g} ms, the bar at 99 %</text>')
        return parts

    def lines(self, classes):
        parts = []
        for name, points in self.curves:
            path = " ".join(f"{_x(share):.1f},{self.y(value):.1f}" for share, value in points
                            if share <= LAST / 100)
            parts.append(f'<polyline class="curve {classes[name]}" points="{path}"/>')
        return parts


def _style(names):
    """({name: class}, CSS)"""
    classes, light, dark = {}, [], []
    spare = list(OTHERS)
    for index, name in enumerate(names):
        plain = name.split(" ")[0]
        colors = COLORS.get(plain) or (spare.pop(0) if spare else OTHERS[-1])
        classes[name] = f"s{index}"
        light.append(f".s{index}{{stroke:{colors[0]};fill:{colors[0]}}}")
        dark.append(f".s{index}{{stroke:{colors[1]};fill:{colors[1]}}}")
    css = (
        "text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:14px;font-weight:600}"
        ".head{font-size:17px;font-weight:600}.note{fill:#666}.ground{fill:#fff}"
        ".grid{stroke:#ddd}.bar{stroke:#333;stroke-dasharray:6 4}.barlabel{font-style:italic}"
        "polyline.curve{fill:none;stroke-width:2.2;stroke-linejoin:round}"
        "polyline.mine{stroke-width:3.2}" + "".join(light)
        + "@media(prefers-color-scheme:dark){text{fill:#ddd}.note{fill:#aaa}.ground{fill:#161b22}"
        ".grid{stroke:#30363d}.bar{stroke:#ddd}" + "".join(dark)
        # Whatever comes last wins: curves stay lines.
        + "}polyline.curve{fill:none!important}")
    return classes, css


def draw(head, note, panels, bar):
    """`panels`: [(title, [(name, [(share, microseconds)])])]; `bar` in microseconds."""
    names = list(dict.fromkeys(name for _, curves in panels for name, _ in curves))
    classes, css = _style(names)
    if "gateway" in classes:
        css += f"polyline.{classes['gateway']}{{stroke-width:3.4}}"
    height = TOP + len(panels) * (PANEL + GAP) + BOTTOM - GAP + 34
    parts = [f'<text class="head" x="{LEFT}" y="26">{escape(head)}</text>']
    x = LEFT
    for name in names:
        parts.append(f'<rect class="{classes[name]}" x="{x}" y="41" width="18" height="4"/>'
                     f'<text x="{x + 24}" y="48">{escape(name)}</text>')
        x += 44 + 8 * len(name)
    for index, (title, curves) in enumerate(panels):
        panel = _Panel(TOP + 10 + index * (PANEL + GAP), curves, bar)
        parts += panel.axes(title) + panel.lines(classes)
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{height - 34}" text-anchor="middle">'
                 "percentile (each step to the right shows rarer cases)</text>")
    parts.append(f'<text class="note" x="{LEFT}" y="{height - 12}">{escape(note)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img"><title>{escape(head)}</title>'
            f'<style>{css}</style><rect class="ground" width="100%" height="100%"/>'
            + "\n".join(parts) + "</svg>\n")
