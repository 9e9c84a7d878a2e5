"""Renders the street of the pictures in docs/decode.md as raw RGB video: 640 x 360, 25 a second, eight seconds.

For four seconds the camera stands while a car drives to the right and a walker goes to the left; then the camera pans.

    python3 render_street.py | ffmpeg -f rawvideo -pix_fmt rgb24 -s 640x360 -r 25 -i - -c:v libx264 -g 100 -bf 0 street.mp4
    videowire run --json street.mp4 > street.ndjson
    videowire decode street.ndjson -o street
"""
import sys

import numpy as np

WIDTH, HEIGHT, RATE = 640, 360, 25
WORLD = 1200
random = np.random.default_rng(7)


def noise(height, width, cell, strength):
    """Smooth noise: without texture an encoder finds no motion."""
    grid = random.normal(0, strength, (height // cell + 2, width // cell + 2))
    y, x = np.arange(height) / cell, np.arange(width) / cell
    i, j, u, v = y.astype(int), x.astype(int), (y % 1)[:, None], (x % 1)[None, :]
    upper = grid[i][:, j] * (1 - v) + grid[i][:, j + 1] * v
    lower = grid[i + 1][:, j] * (1 - v) + grid[i + 1][:, j + 1] * v
    return (upper * (1 - u) + lower * u)[:, :, None]


def box(picture, x, y, width, height, colour):
    picture[int(y):int(y + height), max(int(x), 0):max(int(x + width), 0)] = colour


def disc(picture, x, y, radius, colour):
    rows, columns = np.ogrid[:picture.shape[0], :picture.shape[1]]
    picture[(columns - x) ** 2 + (rows - y) ** 2 < radius ** 2] = colour


def street():
    world = np.zeros((HEIGHT, WORLD, 3))
    world[:] = np.linspace([120, 170, 225], [205, 225, 240], HEIGHT)[:, None]
    columns = np.arange(WORLD)
    hills = 165 + 22 * np.sin(columns / 130) + 10 * np.sin(columns / 47)
    world[np.arange(HEIGHT)[:, None] > hills[None, :]] = [105, 150, 90]
    box(world, 0, 225, WORLD, 135, [112, 110, 108])
    box(world, 0, 215, WORLD, 18, [176, 170, 160])
    for x in range(0, WORLD, 90):
        box(world, x, 290, 45, 6, [235, 235, 225])
    for x, colour in [(60, [196, 120, 90]), (420, [215, 190, 130]), (830, [150, 130, 160])]:
        box(world, x, 110, 170, 110, colour)
        for row in range(35):
            box(world, x - 10 + 2.6 * row, 109 - row, 190 - 5.2 * row, 1, [110, 60, 50])
        for dx in (20, 70, 120):
            box(world, x + dx, 130, 30, 34, [70, 90, 120])
        box(world, x + 72, 176, 28, 44, [80, 50, 40])
    for x in (310, 700, 1100):
        box(world, x - 5, 165, 10, 55, [95, 70, 50])
        disc(world, x, 140, 38, [60, 115, 60])
    return world + noise(HEIGHT, WORLD, 5, 7) + noise(HEIGHT, WORLD, 17, 7)


def car():
    sprite = np.full((70, 150, 3), -1.0)
    box(sprite, 0, 26, 150, 30, [200, 40, 40])
    box(sprite, 32, 4, 80, 26, [200, 40, 40])
    box(sprite, 40, 9, 28, 18, [175, 205, 225])
    box(sprite, 76, 9, 28, 18, [175, 205, 225])
    for x in (32, 118):
        disc(sprite, x, 55, 15, [30, 30, 34])
        disc(sprite, x, 55, 7, [170, 170, 175])
    return sprite + noise(70, 150, 4, 9) * (sprite >= 0)


def walker():
    sprite = np.full((100, 36, 3), -1.0)
    disc(sprite, 18, 13, 11, [225, 180, 150])
    box(sprite, 6, 25, 24, 42, [50, 80, 190])
    box(sprite, 8, 67, 9, 32, [50, 45, 60])
    box(sprite, 20, 67, 9, 32, [50, 45, 60])
    return sprite + noise(100, 36, 4, 9) * (sprite >= 0)


def put(picture, sprite, x, y):
    x, y = int(round(x)), int(y)
    height, width = sprite.shape[:2]
    left, right = max(-x, 0), min(picture.shape[1] - x, width)
    if left < right:
        part = sprite[:, left:right]
        area = picture[y:y + height, x + left:x + right]
        area[:] = np.where(part >= 0, part, area)


def main():
    world, red_car, person = street(), car(), walker()
    for number in range(8 * RATE):
        time = number / RATE
        picture = world.copy()
        put(picture, person, 560 - 60 * time, 195)
        put(picture, red_car, 20 + 120 * time, 265)
        camera = int(round(130 * max(time - 4, 0)))
        view = picture[:, camera:camera + WIDTH] + random.normal(0, 1.5, (HEIGHT, WIDTH, 1))
        sys.stdout.buffer.write(view.clip(0, 255).astype(np.uint8).tobytes())


main()
