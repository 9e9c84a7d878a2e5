"""Decodes `scalar-v1` tokens (docs/tokens.md): clip.tokens events or their `data`, one JSON object a line on stdin.
Writes PREFIX-N.npy (24 × 20 × 36 × [x, y, valid]) and PREFIX-N.ppm a clip:  decode_tokens.py PREFIX < events.ndjson"""
import json, sys
import numpy as np

GLOBAL = [2 * n + n**3 // 128 for n in range(64)]
RESIDUAL = [0, 8, 16, 26, 38, 52, 70, 94, 125, 165, 220, 300, 420, 600, 900]
GRIDS = [(24, 1), (12, 1), (8, 1), (24, 2), (12, 2), (24, 4), (12, 4), (8, 4)]  # slices, side
SWING, MID = [0, 32, 76, 136, 218, 330, 480], [0, 28, 73, 145, 260]
LUMA = [[(0, 0, range(0, 1013, 46)), (0, 1, SWING), (1, 2, [0, 25, 65, 130])],
        [(1, 0, SWING), (2, 1, [0, 21, 55, 110]), (0, 2, [0, 30, 79, 156, 280]), (3, 0, [0, 69, 180])],
        [(1, 1, [0, 19, 51, 100, 180]), (2, 0, MID), (0, 3, [0, 29, 75, 150]), (2, 2, [0, 19, 50, 100])]]
CHROMA = [[(0, 0, [8 * n + 3 * n * n // 2 for n in range(25)]), (0, 1, [0, 13, 34, 67, 120]),
           (1, 0, [0, 16, 42, 84, 150])]]
COS = np.array([[round(2048 * np.sqrt(.5 if k == 0 else 1) * np.cos((2 * n + 1) * k * np.pi / 16)) for n in range(8)]
                for k in range(8)])

def value(table, level):  # of a signed level
    return table[level] if level >= 0 else -table[-level]

def motion(ids):
    at = iter(ids)
    slices, side = GRIDS[(next(at) - 2000) // 6]
    wide, cells, out = 36 // side, 720 // side**2, []
    for s in range(slices):
        first = next(at)
        if first != 1999:  # else: the slice before once more
            gx, gy, row = value(GLOBAL, first - 63), value(GLOBAL, next(at) - 191), next(at)
            if row != 1998:  # else: the same blocks are valid
                mask = np.array([[row - 256 >> b & 1 for b in range(9)]] + [
                    [i - 256 >> b & 1 for b in range(9)] for i in (next(at) for _ in range(4))], bool)
            valid = np.kron(mask, np.ones((4 // side, 4 // side), bool)).ravel()
            before = res if s else np.zeros((cells, 2), int)
            res, last = np.zeros((cells, 2), int), np.zeros(2)
            todo = list(np.flatnonzero(valid))
            while todo:
                i = next(at)
                if i == 1997: break  # the rest of the slice rests
                base = max(b for b in (768, 1609, 1736, 1863, 1990) if b <= i)
                for _ in range(1 if base == 768 else i - base + 1):
                    c = todo.pop(0)
                    if base == 768: last = [value(RESIDUAL, n - 14) for n in divmod(i - 768, 29)]
                    elif base == 1609: last = np.zeros(2)
                    elif base == 1736: last = res[c - wide] if c >= wide else np.zeros(2)
                    elif base == 1863: last = before[c]
                    res[c] = last
        field = np.zeros((cells, 3), np.float32)
        field[valid] = np.c_[(res + [gx, gy])[valid] / [640, 360], np.ones(valid.sum())]
        out += [np.kron(field.reshape(-1, wide, 3), np.ones((side, side, 1), np.float32))] * (24 // slices)
    return np.array(out)

def plane(ids, layout, wide):
    blocks = []
    for group in np.reshape(ids, (-1, len(layout))):
        spectrum = np.zeros((8, 8), int)
        for number, coefficients in zip(group, layout):
            for row, column, table in reversed(coefficients):
                number, digit = divmod(int(number), 2 * len(table) - 1)
                spectrum[row, column] = value(table, digit - len(table) + 1)
        blocks.append((COS.T @ spectrum @ COS + (1 << 23) >> 24) + 128)
    return np.clip(np.reshape(blocks, (-1, wide, 8, 8)).transpose(0, 2, 1, 3).reshape(-1, 8 * wide), 0, 255)

def thumbnail(ids):
    y = plane(ids[:540], LUMA, 18)
    cb, cr = (np.kron(plane(part, CHROMA, 9), np.ones((2, 2))) - 128 for part in (ids[540:585], ids[585:]))
    rgb = np.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], -1)
    return np.clip(np.floor(rgb + 0.5), 0, 255).astype(np.uint8)

if __name__ == "__main__":
    for n, line in enumerate(sys.stdin):
        data = json.loads(line)
        data = data.get("data", data)
        np.save(f"{sys.argv[1]}-{n}.npy", motion(data["motion"]["ids"]))
        with open(f"{sys.argv[1]}-{n}.ppm", "wb") as file:
            file.write(b"P6 144 80 255\n" + thumbnail(data["key"]["ids"]).tobytes())
