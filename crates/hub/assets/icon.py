"""Draws icon.png: five voices, one hall. Needs nothing but Python: python3 icon.py"""
import struct
import zlib

SIZE, FINE = 256, 4  # pixels; samples across each of them
NIGHT, DUSK = (27, 29, 54), (58, 44, 92)
# Each voice: its colour, and the half of its height.
VOICES = [((255, 111, 105), 38), ((255, 183, 77), 66), ((255, 241, 150), 88), ((110, 214, 170), 58), ((100, 181, 246), 30)]
WIDE, STEP = 11, 36  # half of a voice's width; from voice to voice


def in_pill(x, y, half_width, half_height, radius):
    dx, dy = max(abs(x) - half_width + radius, 0), max(abs(y) - half_height + radius, 0)
    return dx * dx + dy * dy <= radius * radius


def sample(x, y):
    x, y = x - SIZE / 2, y - SIZE / 2
    if not in_pill(x, y, 124, 124, 56):
        return None
    for place, (colour, half) in enumerate(VOICES):
        if in_pill(x - (place - 2) * STEP, y, WIDE, half, WIDE):
            return colour
    shade = (y + SIZE / 2) / SIZE
    return tuple(round(a + (b - a) * shade) for a, b in zip(NIGHT, DUSK))


def pixel(px, py):
    offsets = [(i + 0.5) / FINE for i in range(FINE)]
    hits = [c for oy in offsets for ox in offsets if (c := sample(px + ox, py + oy))]
    if not hits:
        return bytes(4)
    return bytes([*(round(sum(channel) / len(hits)) for channel in zip(*hits)), round(255 * len(hits) / FINE**2)])


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(SIZE)) for y in range(SIZE))
head = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
with open("icon.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
