"""Draws docs/motion-accuracy.svg from the output of the known-flow test:

    swift test -c release --disable-testable-imports --filter KnownFlowTests | python3 Tests/Goldens/Tools/plot_known_flow.py > docs/motion-accuracy.svg
"""

import sys

WIDTH, ROW, LEFT, RIGHT, TOP = 860, 16, 190, 660, 56
SCALE = (RIGHT - LEFT) / 0.5
COLOURS = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#9c755f"]


def read(lines):
    settings = {}
    for line in lines:
        at = line.find("known-flow;")
        if at >= 0:
            _, setting, limit, scene, error, coverage, ambiguity = line[at:].strip().split(";")
            entry = settings.setdefault(setting, {"limit": float(limit), "ambiguity": ambiguity, "scenes": []})
            entry["scenes"].append((scene, float(error), float(coverage)))
    return settings


def text(x, y, words, anchor="start", size=12, colour="#222", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}">{words}</text>')


def draw_setting(name, entry, top):
    scenes = entry["scenes"]
    bottom = top + ROW * len(scenes)
    limit = LEFT + entry["limit"] * SCALE
    parts = [text(LEFT - 10, top + 14, name, "end", 13, weight="bold"),
             text(LEFT - 10, top + 30, "references " + entry["ambiguity"], "end", 11, "#666")]
    for row, (scene, error, coverage) in enumerate(scenes):
        y = top + row * ROW
        colour = COLOURS[row % len(COLOURS)]
        end = LEFT + error * SCALE
        parts.append(f'<rect x="{LEFT}" y="{y + 2}" width="{max(error * SCALE, 1):.1f}" height="{ROW - 4}" fill="{colour}"/>')
        parts.append(text(end + 6, y + 12, f"{scene} {error:.3f}", size=11))
        parts.append(text(WIDTH - 20, y + 12, f"{coverage:.0%}", "end", 11))
    parts.append(f'<line x1="{limit:.1f}" y1="{top}" x2="{limit:.1f}" y2="{bottom}" stroke="#c00" stroke-dasharray="4 3"/>')
    return parts, bottom + 18


def draw(settings):
    top, parts = TOP, []
    for name, entry in settings.items():
        drawn, top = draw_setting(name, entry, top)
        parts += drawn
    axis = []
    for tenth in range(6):
        x = LEFT + tenth / 10 * SCALE
        axis.append(f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{top - 12}" stroke="#ddd"/>')
        axis.append(text(x, top + 4, f"{tenth / 10:.1f}", "middle", 11, "#666"))
    axis.append(text(20, TOP - 34, "Mean endpoint error of the motion field, pixels per source picture "
                                     "(dashed: limit of the test)", size=13, weight="bold"))
    axis.append(text(WIDTH - 20, TOP - 12, "coverage", "end", 11, "#666"))
    return [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top + 16}" font-family="sans-serif">',
            f'<rect width="{WIDTH}" height="{top + 16}" fill="white"/>'] + axis + parts + ["</svg>"]


def main():
    settings = read(sys.stdin)
    if not settings:
        sys.exit("no known-flow lines on standard input: pipe the test's output here")
    # The order of tests varies; that of the figure does not.
    print("\n".join(draw(dict(sorted(settings.items())))))


main()
