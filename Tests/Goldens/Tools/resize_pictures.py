"""Prints what Pillow makes of small made pictures, for PillowBicubicTests: python3 resize_pictures.py

Needs Pillow. A picture's sample is (x * x * 7 + y * 29 + channel * 50 + x * y * 3) mod 256.
"""
import zlib
from PIL import Image

SIZES = [(17, 9, 5, 7), (6, 5, 13, 11), (40, 30, 40, 12), (31, 7, 8, 21), (1, 1, 3, 2), (97, 61, 224, 224), (500, 333, 224, 224), (768, 432, 224, 224)]

for width, height, new_width, new_height in SIZES:
    samples = bytes(
        (x * x * 7 + y * 29 + c * 50 + x * y * 3) % 256 for y in range(height) for x in range(width) for c in range(3))
    image = Image.frombytes("RGB", (width, height), samples).resize((new_width, new_height), Image.BICUBIC).tobytes()
    first = ", ".join(str(value) for value in image[:6])
    print(f"Case(from: ({width}, {height}), to: ({new_width}, {new_height}), first: [{first}], sum: {sum(image)}, adler: {zlib.adler32(image)}),")
