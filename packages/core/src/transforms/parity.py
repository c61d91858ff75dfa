"""What Pillow does to images: cases as JSON on standard input, pixels as JSON on standard output, in base64.

For pillow.parity.test.ts and testing/ownNetwork.py. Needs Pillow alone.
"""

import base64
import io
import json
import math
import sys

from PIL import Image, ImageEnhance


def on_canvas(image, part, left, top):
    canvas = Image.new(image.mode, image.size)
    canvas.paste(part, (left, top))
    return canvas


def half(difference):
    """Crop and paste offsets are the floor of half the difference."""
    return difference // 2 if difference >= 0 else -(-difference // 2)


def scale(image, factor, box):
    if factor == 1:
        return image
    left, top, width, height = box
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    part = image.crop((left, top, left + width, top + height)).resize(size, Image.NEAREST)
    return on_canvas(image, part, left + half(width - size[0]), top + half(height - size[1]))


def shrink(image, by, box, pad):
    left, top, width, height = box
    size = (max(1, width - by), max(1, height - by))
    part = image.crop((left, top, left + width, top + height)).resize(size, Image.NEAREST)
    return on_canvas(image, part, left + pad[0], top + pad[1])


def translate(image, shift, wraps):
    width, height = image.size
    if not wraps:
        return on_canvas(image, image, *shift)
    dx, dy = shift[0] % width, shift[1] % height
    canvas = Image.new(image.mode, image.size)
    for x in (dx, dx - width):
        for y in (dy, dy - height):
            canvas.paste(image, (x, y))
    return canvas


def product(a, b):
    return [[sum(a[i][k] * b[k][j] for k in range(3)) for j in range(3)] for i in range(3)]


def inverse(m):
    """Of 3 × 3, but for a factor."""
    def cofactor(i, j):
        (a, b), (c, d) = [[m[r % 3][k % 3] for k in (j + 1, j + 2)] for r in (i + 1, i + 2)]
        return a * d - b * c
    return [[cofactor(j, i) for j in range(3)] for i in range(3)]


def tilt(image, degrees):
    """The plane's points go to where a camera two longer sides in front of it sees them; Pillow wants the way back."""
    width, height = image.size
    sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    far = 2 * max(width, height)
    seen = [[far * cos, 0, 0], [0, far, 0], [sin, 0, far]]
    to_middle = [[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]]
    from_middle = [[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]]
    back = inverse(product(product(from_middle, seen), to_middle))
    coefficients = [value / back[2][2] for row in back for value in row][:8]
    return image.transform(image.size, Image.PERSPECTIVE, coefficients, Image.NEAREST)


def jpeg(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def transformed(image, operation, value, target, box, shift):
    left, top, width, height = box
    if operation == "rotation" and target == "IMAGE":
        return image.rotate(value, Image.NEAREST)
    if operation == "rotation":
        return image.rotate(-value, Image.NEAREST, center=(left + width / 2, top + height / 2))
    if operation == "scaling":
        return scale(image, value, box)
    if operation == "shrinkPad":
        return shrink(image, value, box, shift)
    if operation == "translation":
        return translate(image, shift, target == "IMAGE")
    if operation == "perspective":
        return tilt(image, value)
    if operation == "brightness":
        return ImageEnhance.Brightness(image).enhance(value)
    if operation == "contrast":
        return ImageEnhance.Contrast(image).enhance(value)
    return jpeg(image, value)


def answer(case):
    mode = "RGB" if case["channels"] == 3 else "L"
    image = Image.frombytes(mode, (case["width"], case["height"]), base64.b64decode(case["pixels"]))
    return transformed(image, *(case[name] for name in ("operation", "value", "target", "box", "shift")))


if __name__ == "__main__":
    cases = json.load(sys.stdin)
    json.dump([base64.b64encode(answer(case).tobytes()).decode() for case in cases], sys.stdout)
