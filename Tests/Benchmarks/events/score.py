"""Matches reported events with true ones and prints the tables of docs/motion-events.md."""

import numpy as np

TYPES = ["enter", "leave", "stop", "start", "turn", "cut", "light-on", "light-off", "pan", "tilt", "zoom", "shake", "camera-end"]
# Reports in the first and last moments of a clip count for nothing.
HEAD, TAIL = 0.5, 0.4


def match(truth, reports, tolerance):
    """Pairs (true, reported) of one type: as many as possible, then as near as possible.

    For times on a line with |difference| as the cost some best pairing keeps the order, so an alignment finds what the Hungarian method finds.
    """
    truth, reports = sorted(truth, key=lambda e: e["start_s"]), sorted(reports, key=lambda e: e["start_s"])
    best = {(0, 0): ((0, 0.0), [])}
    for i in range(len(truth) + 1):
        for j in range(len(reports) + 1):
            options = [best[p] for p in ((i - 1, j), (i, j - 1)) if p in best]
            if i and j:
                error = abs(truth[i - 1]["start_s"] - reports[j - 1]["start_s"])
                if error <= tolerance:
                    (count, cost), pairs = best[(i - 1, j - 1)]
                    options.append(((count - 1, cost + error), pairs + [(truth[i - 1], reports[j - 1])]))
            if options:
                best[(i, j)] = min(options, key=lambda o: o[0])
    return best[(len(truth), len(reports))][1]


class Tally:
    def __init__(self):
        self.hits, self.misses, self.false = 0, 0, 0

    def add(self, hits, misses, false):
        self.hits, self.misses, self.false = self.hits + hits, self.misses + misses, self.false + false

    @property
    def precision(self):
        return self.hits / max(self.hits + self.false, 1)

    @property
    def recall(self):
        return self.hits / max(self.hits + self.misses, 1)

    @property
    def f1(self):
        return 2 * self.hits / max(2 * self.hits + self.misses + self.false, 1)

    def __str__(self):
        return f"{self.hits:5} {self.misses:5} {self.false:5}   {self.precision:.3f}  {self.recall:.3f}  {self.f1:.3f}"


HEADER = f"{'':24} found missed false   P      R      F1"


def velocity(report):
    moves = report.get("content_velocity") or (report.get("region") or {}).get("velocity")
    return np.array(moves) * (640, 360) if moves else None


class Score:
    """Of many clips; `add` takes (truth, encoder, reports)."""

    def __init__(self, tolerance=1.0):
        self.tolerance = tolerance
        self.whole, self.encoders, self.types = Tally(), {}, {t: Tally() for t in TYPES}
        self.errors, self.delays, self.directions, self.mistakes = {t: [] for t in TYPES}, {t: [] for t in TYPES}, [], []

    def add(self, truth, encoder, reports):
        reports = [r for r in reports if HEAD <= r["start_s"] <= truth["seconds"] - TAIL]
        for type in TYPES:
            true = [e for e in truth["events"] if e["kind"] == type]
            told = [r for r in reports if r["kind"] == type]
            pairs = match(true, told, self.tolerance)
            counts = len(pairs), len(true) - len(pairs), len(told) - len(pairs)
            for tally in (self.whole, self.encoders.setdefault(encoder, Tally()), self.types[type]):
                tally.add(*counts)
            for a, b in pairs:
                self.errors[type].append(abs(b["start_s"] - a["start_s"]))
                self.delays[type].append(b["known_s"] - a["start_s"])
                seen = velocity(b)
                if "velocity" in a and seen is not None:
                    real = np.array(a["velocity"])
                    lengths = np.linalg.norm(real) * np.linalg.norm(seen)
                    self.directions.append(bool(lengths > 0 and real @ seen >= lengths * np.sqrt(0.5)))
            found, told_right = {id(a) for a, _ in pairs}, {id(b) for _, b in pairs}
            self.mistakes += [(truth["name"], encoder, "missed", e["kind"], e["start_s"], e["start_s"]) for e in true if id(e) not in found]
            self.mistakes += [
                (truth["name"], encoder, "false", r["kind"], round(r["start_s"], 2), round(r["known_s"], 2)) for r in told if id(r) not in told_right]

    def print(self):
        print(HEADER)
        print(f"{'all':24}{self.whole}")
        for name in sorted(self.encoders):
            print(f"{'encoder ' + name:24}{self.encoders[name]}")
        print(f"\n{HEADER}  start error    delay, s (median/p95)")
        for type in TYPES:
            print(f"{type:24}{self.types[type]}  {middle(self.errors[type])}    {middle(self.delays[type])}")
        errors, delays = (sum(x.values(), []) for x in (self.errors, self.delays))
        print(f"{'all':24}{self.whole}  {middle(errors)}    {middle(delays)}")
        if self.directions:
            print(f"direction within 45 degrees: {sum(self.directions)} of {len(self.directions)}")


def middle(values):
    return f"{np.median(values):.2f}/{np.percentile(values, 95):.2f}" if values else "   -     "


def met(truth, calls, near=4.0):
    """How many true events have a caption call soon after."""
    return sum(any(0 <= call - event["start_s"] <= near for call in calls) for event in truth["events"])
