"""Rendered scenes with exact truth: 640 x 360 luma, 25 pictures a second.

Times are seconds, places pixels. An object enters or leaves when its centre crosses the border; it stops, starts and turns at the
corner of its path; light and camera movements begin with their ramp, and a camera movement ends with it.
"""

import math

import numpy as np

WIDTH, HEIGHT, RATE = 640, 360, 25
COLUMNS, ROWS = 36, 20
CANVAS_WIDTH, CANVAS_HEIGHT = 2240, 1440

CAMERA_KINDS = ["pan", "tilt", "zoom", "shake", "pan-then-object"]
OBJECT_KINDS = [
    "cross", "stop", "start", "turn-90", "turn-180", "two", "slow-small", "cut", "cut-object", "light", "light-object",
    "rain-object", "night-object", "sway-object", "low-contrast",
]
SILENT_KINDS = ["empty", "rain", "night", "flicker", "sway", "clock"]


def smooth_noise(random, height, width, scales):
    result = np.zeros((height, width), np.float32)
    for cell, amplitude in scales:
        rows, columns = height // cell + 2, width // cell + 2
        grid = random.uniform(-amplitude, amplitude, (rows, columns)).astype(np.float32)
        y, x = np.arange(height) / cell, np.arange(width) / cell
        row, column = y.astype(int), x.astype(int)
        v, u = (y - row), (x - column)
        v, u = (v * v * (3 - 2 * v)).astype(np.float32), (u * u * (3 - 2 * u)).astype(np.float32)
        across = grid[:, column] * (1 - u) + grid[:, column + 1] * u
        result += across[row] * (1 - v)[:, None] + across[row + 1] * v[:, None]
    return result


def textured(random):
    tone = random.uniform(95, 150)
    scales = [(128, 35), (32, 25), (16, 22), (8, 16)]
    return np.clip(tone + random.uniform(0.6, 1.0) * smooth_noise(random, CANVAS_HEIGHT, CANVAS_WIDTH, scales), 10, 245)


def flat(random):
    """A gradient with a few plain rectangles."""
    y, x = np.mgrid[0:CANVAS_HEIGHT, 0:CANVAS_WIDTH].astype(np.float32)
    slope = random.uniform(-30, 30, 2)
    canvas = random.uniform(90, 160) + slope[0] * (x / CANVAS_WIDTH - 0.5) + slope[1] * (y / CANVAS_HEIGHT - 0.5)
    for _ in range(random.integers(8, 22)):
        width, height = random.integers(60, 260), random.integers(60, 220)
        left, top = random.integers(0, CANVAS_WIDTH - width), random.integers(0, CANVAS_HEIGHT - height)
        canvas[top : top + height, left : left + width] += random.choice([-1, 1]) * random.uniform(15, 50)
    return np.clip(canvas, 10, 245).astype(np.float32)


class Thing:
    """A textured patch on a path of corners (time, x, y) of its centre; it is there from the first corner to the last."""

    def __init__(self, random, width, height, path, contrast, around, clear=False):
        self.width, self.height, self.path = width, height, path
        patch = smooth_noise(random, height, width, [(16, 22), (8, 14)]) * (0.35 if clear else 1)
        tone = around + contrast
        y, x = np.mgrid[0:height, 0:width]
        self.alpha = np.ones((height, width), np.float32)
        if random.random() < 0.5:
            radius = ((x - (width - 1) / 2) / (width / 2)) ** 2 + ((y - (height - 1) / 2) / (height / 2)) ** 2
            self.alpha = np.clip((1.05 - radius) * 8, 0, 1).astype(np.float32)
        self.patch = np.clip(tone + patch, 5, 250).astype(np.float32)

    def centre(self, time):
        for (t0, x0, y0), (t1, x1, y1) in zip(self.path, self.path[1:]):
            if t0 <= time <= t1:
                part = (time - t0) / (t1 - t0)
                return x0 + part * (x1 - x0), y0 + part * (y1 - y0)
        return None

    def draw(self, picture, time):
        centre = self.centre(time)
        if centre is None:
            return
        x, y = centre[0] - self.width / 2, centre[1] - self.height / 2
        left, top = math.floor(x), math.floor(y)
        u, v = x - left, y - top
        # The patch moved by a part of a pixel: the mean of its four whole neighbours.
        wide = np.zeros((2, self.height + 1, self.width + 1), np.float32)
        for dy, dx, weight in [(0, 0, (1 - u) * (1 - v)), (0, 1, u * (1 - v)), (1, 0, (1 - u) * v), (1, 1, u * v)]:
            place = np.s_[dy : dy + self.height, dx : dx + self.width]
            wide[0][place] += weight * self.alpha * self.patch
            wide[1][place] += weight * self.alpha
        x0, x1, y0, y1 = max(left, 0), min(left + self.width + 1, WIDTH), max(top, 0), min(top + self.height + 1, HEIGHT)
        if x0 >= x1 or y0 >= y1:
            return
        part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        picture[y0:y1, x0:x1] = picture[y0:y1, x0:x1] * (1 - wide[1][part]) + wide[0][part]


class Movement:
    """A camera movement: speed rises and falls over `ramp` seconds at its ends."""

    def __init__(self, kind, start, end, ramp, rate, random):
        self.kind, self.start, self.end, self.ramp, self.rate = kind, start, end, ramp, rate
        self.waves = []
        if kind == "shake":
            for _ in range(2):
                waves = [(random.uniform(4, 9), random.uniform(1.3, 2.6)), (random.uniform(1, 3), random.uniform(2.5, 4.5))]
                self.waves.append([(a, f, random.uniform(0, 2 * math.pi)) for a, f in waves])

    def speed_integral(self, time):
        """The integral of a trapezoid of height 1 from the start to `time`."""
        t = min(max(time - self.start, 0), self.end - self.start)
        rise, whole = self.ramp, self.end - self.start
        result = min(t, rise) ** 2 / (2 * rise) + max(min(t, whole - rise) - rise, 0)
        late = max(t - (whole - rise), 0)
        return result + late - late**2 / (2 * rise)

    def apply(self, time, view):
        """`view` is what the camera shows: centre x, centre y, pixels of the canvas a pixel of the picture."""
        if self.kind == "zoom":
            view[2] *= math.exp(-self.rate[0] * self.speed_integral(time))
        elif self.kind == "shake":
            if self.start < time < self.end:
                strength = min((time - self.start) / self.ramp, (self.end - time) / self.ramp, 1)
                for axis in range(2):
                    view[axis] += strength * sum(a * math.sin(2 * math.pi * f * time + p) for a, f, p in self.waves[axis])
        else:
            # Content moves with `rate`; the camera's view goes the other way.
            amount = self.speed_integral(time)
            view[0] -= self.rate[0] * amount * view[2]
            view[1] -= self.rate[1] * amount * view[2]


class Scene:
    def __init__(self, kind, ground, seed, seconds=None):
        # The words of a name count in the seed, so that no two scenes share their numbers.
        words = [ord(c) for c in f"{kind}/{ground}"]
        random = self.random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed] + words)))
        self.kind, self.ground, self.name = kind, ground, f"{kind}-{ground}-{seed}"
        self.seconds = seconds or round(float(random.uniform(16, 20)), 2)
        make = {"textured": textured, "flat": flat}[ground]
        self.canvas = [make(random)]
        self.things, self.movements, self.events = [], [], []
        self.cut = None
        self.gain = [(0.0, 1.0)]
        self.noise = float(random.uniform(1.5, 4))
        self.flicker = (0, 0)
        self.rain = self.sway = self.clock = None
        self.direction_of = {}
        self._compose(kind.removesuffix("-object") if kind.split("-")[0] in ("rain", "night", "sway") else kind, random, make)
        self.events.sort(key=lambda e: e["start_s"])
        self.pool = random.standard_normal(3_000_017, np.float32)
        self.texture = self._texture_share()
        self.is_camera = bool(self.movements)
        self.observable = not self.is_camera or self.texture >= 0.2
        self.static = None

    # What happens

    def _compose(self, kind, random, make):
        self.start = float(random.uniform(2.5, 4))
        has_object = self.kind.endswith("-object") or self.kind in OBJECT_KINDS and self.kind not in ("cut", "light")
        if kind in ("rain",):
            count = int(random.integers(50, 140))
            self.rain = dict(
                x=random.uniform(0, WIDTH, count), y=random.uniform(0, HEIGHT, count), length=random.integers(8, 22, count),
                speed=random.uniform(350, 650, count), strength=random.uniform(20, 55, count), slant=random.uniform(-0.15, 0.15))
        if kind == "night":
            self.gain, self.noise = [(0.0, 0.28)], float(random.uniform(7, 11))
        if kind == "flicker":
            self.flicker = (float(random.uniform(0.02, 0.06)), float(random.uniform(1.5, 7)))
        if kind == "sway":
            width, height = int(random.integers(90, 200)), int(random.integers(70, 160))
            left, top = int(random.integers(10, WIDTH - width - 10)), int(random.integers(10, HEIGHT - height - 10))
            patch = 110 + smooth_noise(random, height + 12, width + 12, [(32, 25), (16, 22), (8, 16)])
            self.sway = (left, top, width, height, patch, random.uniform(1.5, 4), random.uniform(0.3, 0.9))
        if kind == "clock":
            self.clock = (int(random.choice([12, 400])), int(random.choice([10, 320])), int(random.integers(0, 86400)))
        if kind in ("cut", "cut-object"):
            self.cut = float(random.uniform(4, 6))
            self.canvas.append(make(random))
            self._tell("cut", self.cut)
            self.start = self.cut + float(random.uniform(3, 4))
        if kind in ("light", "light-object"):
            dark = float(random.uniform(0.25, 0.6))
            ramps = random.choice([0.04, 0.2, 0.5], 2)
            off, on = float(random.uniform(4, 5.5)), float(random.uniform(9.5, 11.5))
            self.gain = [(off, 1.0), (off + ramps[0], dark), (on, dark), (on + ramps[1], 1.0)]
            self._tell("light-off", off)
            self._tell("light-on", on)
            self.start, self.seconds = on + 3.5, max(self.seconds, 20)
        if kind in CAMERA_KINDS:
            self._compose_camera(kind, random)
        if has_object:
            self._compose_object(kind, random)

    def _compose_camera(self, kind, random):
        time = self.start
        sign = 1
        for _ in range(1 if kind == "pan-then-object" else 2):
            end = time + float(random.uniform(1.8, 3.5))
            ramp = float(random.uniform(0.12, 0.3))
            sign = sign if random.random() < 0.5 else -sign
            if kind == "zoom":
                rate = (sign * float(random.uniform(0.09, 0.25)), 0)
            else:
                speed = float(np.exp(random.uniform(np.log(35), np.log(180))))
                lean = float(random.uniform(-0.15, 0.15))
                rate = (sign * speed * lean, sign * speed) if kind == "tilt" else (sign * speed, sign * speed * lean)
            type = kind.split("-")[0]
            movement = Movement(type, time, end, ramp, rate, random)
            self.movements.append(movement)
            self._tell(type, time, velocity=rate if type in ("pan", "tilt") else None)
            self._tell("camera-end", end)
            time = end + float(random.uniform(3, 4))
            sign = -sign
        self.start = time
        self.seconds = max(self.seconds, time + 2)

    def _compose_object(self, kind, random):
        size = lambda: int(random.integers(40, 111))
        speed = float(np.exp(random.uniform(np.log(60), np.log(220))))
        width, height = size(), size()
        contrast = float(random.choice([-1, 1]) * random.uniform(35, 70))
        if kind == "slow-small":
            width, height = int(random.integers(18, 29)), int(random.integers(18, 29))
            speed = float(random.uniform(10, 25))
            contrast *= 1.3
        if kind == "low-contrast":
            contrast = float(random.choice([-1, 1]) * random.uniform(8, 14))
        if kind == "night":
            contrast *= 1.5
        around = float(self.canvas[-1].mean())
        if not 30 < around + contrast < 225:
            contrast = -contrast

        def add(path, w, h, c):
            self.things.append(Thing(random, w, h, path, c, around, clear=kind == "low-contrast"))

        t = self.start
        if kind in ("stop", "start", "turn-90", "turn-180"):
            speed = min(speed, 150)
            side = random.choice([-1, 1])
            y = float(random.uniform(110, 250))
            x0 = -width / 2 - 2 if side > 0 else WIDTH + width / 2 + 2
            x1 = float(random.uniform(260, 380))
            border = 0 if side > 0 else WIDTH
            t1 = t + abs(x1 - x0) / speed
            if kind == "start":
                t1 = t + 1
                add([(0, x1, y), (t1, x1, y)] + self._away(random, t1, x1, y, side, 0, speed, width, height), width, height, contrast)
                self._tell("start", t1, velocity=(side * speed, 0))
                return
            self._tell("enter", t + abs(border - x0) / speed, velocity=(side * speed, 0))
            path = [(t, x0, y), (t1, x1, y)]
            if kind == "stop":
                self._tell("stop", t1)
                t2 = t1 + float(random.uniform(3, 4.5))
                path.append((t2, x1, y))
                side = side if random.random() < 0.6 else -side
                self._tell("start", t2, velocity=(side * speed, 0))
                path += self._away(random, t2, x1, y, side, 0, speed, width, height)
            elif kind == "turn-90":
                way = 1 if y < HEIGHT / 2 else -1
                self._tell("turn", t1, velocity=(0, way * speed))
                path += self._away(random, t1, x1, y, 0, way, speed, width, height)
            else:
                self._tell("turn", t1, velocity=(-side * speed, 0))
                path += self._away(random, t1, x1, y, -side, 0, speed, width, height)
            add(path, width, height, contrast)
            return
        if kind == "slow-small":
            side = random.choice([-1, 1])
            y = float(random.uniform(60, 300))
            x = float(random.uniform(120, 220)) if side > 0 else float(random.uniform(420, 520))
            # It stands at first, goes, and stands again: a whole crossing would take a minute.
            t2 = t + float(random.uniform(6, 8))
            end = x + side * speed * (t2 - t)
            self.seconds = t2 + 3.5
            add([(0, x, y), (t, x, y), (t2, end, y), (self.seconds + 1, end, y)], width, height, contrast)
            self._tell("start", t, velocity=(side * speed, 0))
            self._tell("stop", t2)
            return
        self._cross(random, t, speed, width, height, contrast, add, horizontal=random.random() < 0.7)
        if kind in ("cross", "pan-then-object"):
            if kind == "cross":
                t = self.seconds + 0.5
                self._cross(random, t, float(random.uniform(60, 220)), size(), size(), -contrast, add, random.random() < 0.7)
        if kind == "two":
            # At the same time, above and below.
            lanes = [float(random.uniform(70, 120)), float(random.uniform(240, 290))]
            self.things.clear()
            self.events.clear()
            self.seconds = 12
            for lane, extra in zip(lanes, [0, float(random.uniform(0.5, 2))]):
                self._cross(
                    random, t + extra, float(random.uniform(60, 180)), int(random.integers(40, 90)), int(random.integers(40, 80)),
                    float(random.choice([-1, 1]) * random.uniform(35, 60)), add, True, lane)

    def _away(self, random, t, x, y, dx, dy, speed, width, height):
        """The way out, with its event."""
        if dx:
            border, out = (WIDTH, WIDTH + width / 2 + 2) if dx > 0 else (0, -width / 2 - 2)
            leave, end, corner = t + abs(border - x) / speed, t + abs(out - x) / speed, (out, y)
        else:
            border, out = (HEIGHT, HEIGHT + height / 2 + 2) if dy > 0 else (0, -height / 2 - 2)
            leave, end, corner = t + abs(border - y) / speed, t + abs(out - y) / speed, (x, out)
        self._tell("leave", leave, velocity=(dx * speed, dy * speed))
        self.seconds = max(self.seconds, leave + 3)
        return [(end, *corner)]

    def _cross(self, random, t, speed, width, height, contrast, add, horizontal, lane=None):
        side = int(random.choice([-1, 1]))
        if horizontal:
            y = lane or float(random.uniform(70, 290))
            x0 = -width / 2 - 2 if side > 0 else WIDTH + width / 2 + 2
            enter = t + (width / 2 + 2) / speed
            velocity = (side * speed, 0)
            add([(t, x0, y)] + self._away(random, t, x0, y, side, 0, speed, width, height), width, height, contrast)
        else:
            x = float(random.uniform(100, 540))
            y0 = -height / 2 - 2 if side > 0 else HEIGHT + height / 2 + 2
            enter = t + (height / 2 + 2) / speed
            velocity = (0, side * speed)
            add([(t, x, y0)] + self._away(random, t, x, y0, 0, side, speed, width, height), width, height, contrast)
        self._tell("enter", enter, velocity=velocity)

    def _tell(self, type, time, velocity=None):
        event = {"kind": type, "start_s": round(float(time), 3)}
        if velocity is not None:
            event["velocity"] = [round(float(v), 2) for v in velocity]
        self.events.append(event)

    # Pictures

    def _view(self, time):
        view = [CANVAS_WIDTH / 2, CANVAS_HEIGHT / 2, 1.0]
        for movement in self.movements:
            movement.apply(time, view)
        return view

    def _ground(self, time):
        canvas = self.canvas[1 if self.cut is not None and time >= self.cut else 0]
        moving = any(m.start < time < m.end for m in self.movements)
        key = (id(canvas), sum(m.end <= time for m in self.movements))
        if not moving and self.static and self.static[0] == key:
            return self.static[1].copy()
        cx, cy, scale = self._view(time)
        x = np.clip(cx + (np.arange(WIDTH) + 0.5 - WIDTH / 2) * scale - 0.5, 0, CANVAS_WIDTH - 1.001)
        y = np.clip(cy + (np.arange(HEIGHT) + 0.5 - HEIGHT / 2) * scale - 0.5, 0, CANVAS_HEIGHT - 1.001)
        column, row = x.astype(int), y.astype(int)
        u, v = (x - column).astype(np.float32), (y - row).astype(np.float32)[:, None]
        top, left = row[0], column[0]
        part = canvas[top : row[-1] + 2, left : column[-1] + 2]
        across = part[:, column - left] * (1 - u) + part[:, column - left + 1] * u
        result = across[row - top] * (1 - v) + across[row - top + 1] * v
        if not moving:
            self.static = (key, result)
            return result.copy()
        return result

    def _texture_share(self):
        self.static = None
        ground = self._ground(0.0)
        quarter = ground.reshape(HEIGHT // 4, 4, WIDTH // 4, 4).mean((1, 3))
        rows = np.linspace(0, HEIGHT // 4, ROWS + 1).astype(int)
        columns = np.linspace(0, WIDTH // 4, COLUMNS + 1).astype(int)
        cells = [quarter[a:b, c:d].std() for a, b in zip(rows, rows[1:]) for c, d in zip(columns, columns[1:])]
        return float(np.mean(np.array(cells) > 4))

    def _level(self, time):
        times, levels = zip(*self.gain)
        return float(np.interp(time, times, levels))

    def pictures(self):
        random = self.random
        pool = self.pool * np.float32(self.noise)
        size = WIDTH * HEIGHT
        for index in range(int(self.seconds * RATE)):
            time = index / RATE
            picture = self._ground(time)
            if self.sway:
                self._draw_sway(picture, time)
            for thing in self.things:
                thing.draw(picture, time)
            if self.rain:
                self._draw_rain(picture, random)
            level = self._level(time)
            if self.flicker[0]:
                level *= 1 + self.flicker[0] * math.sin(2 * math.pi * self.flicker[1] * time)
            if level != 1:
                picture *= np.float32(level)
            offset = int(random.integers(0, len(pool) - size))
            picture += pool[offset : offset + size].reshape(HEIGHT, WIDTH)
            if self.clock:
                self._draw_clock(picture, time)
            np.clip(picture, 0, 255, out=picture)
            yield picture.astype(np.uint8).tobytes()

    def _draw_sway(self, picture, time):
        left, top, width, height, patch, amplitude, frequency = self.sway
        shift = 6 + amplitude * math.sin(2 * math.pi * frequency * time)
        whole = int(shift)
        u = np.float32(shift - whole)
        part = patch[6 : 6 + height, whole : whole + width + 1]
        picture[top : top + height, left : left + width] = part[:, :width] * (1 - u) + part[:, 1:] * u

    def _draw_rain(self, picture, random):
        rain = self.rain
        rain["y"] += rain["speed"] / RATE
        rain["x"] += rain["slant"] * rain["speed"] / RATE
        out = rain["y"] > HEIGHT
        rain["y"][out] = random.uniform(-20, 0, out.sum())
        rain["x"][out] = random.uniform(0, WIDTH, out.sum())
        steps = np.arange(22)[None, :]
        y = rain["y"][:, None] - steps
        x = rain["x"][:, None] - steps * rain["slant"]
        inside = (steps < rain["length"][:, None]) & (y >= 0) & (y < HEIGHT) & (x >= 0) & (x < WIDTH)
        strength = np.broadcast_to(rain["strength"][:, None], inside.shape)
        picture[y[inside].astype(int), x[inside].astype(int)] += strength[inside].astype(np.float32)

    def _draw_clock(self, picture, time):
        left, top, begin = self.clock
        seconds = begin + int(time)
        text = f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        picture[top : top + 28, left : left + 8 * 18 + 6] = 20
        for place, letter in enumerate(text):
            bits = GLYPHS[letter]
            glyph = np.array([[row >> (4 - column) & 1 for column in range(5)] for row in bits], np.float32)
            glyph = np.kron(glyph, np.ones((3, 3), np.float32)) * 215 + 20
            x = left + 4 + place * 18
            picture[top + 3 : top + 24, x : x + 15] = glyph


GLYPHS = {
    "0": (14, 17, 19, 21, 25, 17, 14), "1": (4, 12, 4, 4, 4, 4, 14), "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14), "4": (2, 6, 10, 18, 31, 2, 2), "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14), "7": (31, 1, 2, 4, 8, 8, 8), "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12), ":": (0, 4, 4, 0, 4, 4, 0),
}


# How many scenes of a kind on each ground a set has. A camera scene shows two movements, the others up to two objects.
TUNING = {kind: (1, 1) for kind in OBJECT_KINDS} | {"pan": (2, 1), "tilt": (2, 1), "zoom": (2, 1), "shake": (2, 1), "pan-then-object": (1, 1)}
HELD_OUT = {
    "cross": (3, 3), "stop": (3, 3), "start": (1, 1), "turn-90": (2, 2), "turn-180": (2, 2), "two": (2, 2),
    "slow-small": (1, 1), "cut": (2, 2), "cut-object": (3, 3), "light": (2, 2), "light-object": (2, 2), "rain-object": (1, 1),
    "night-object": (1, 1), "sway-object": (1, 1), "low-contrast": (1, 1),
    "pan": (4, 2), "tilt": (4, 2), "zoom": (4, 2), "shake": (4, 2), "pan-then-object": (2, 1),
}


def scene_set(plan, seed):
    """(kind, ground, seed) of every scene of a set."""
    return [
        (kind, ground, seed + index)
        for kind, counts in plan.items()
        for ground, count in zip(("textured", "flat"), counts)
        for index in range(count)
    ]


def silent_set(seed):
    return [(kind, ground, seed) for kind in SILENT_KINDS for ground in ("textured", "flat")]
