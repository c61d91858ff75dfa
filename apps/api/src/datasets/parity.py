"""What Pillow makes of image files: for imageFile.parity.test.ts. Needs Pillow alone.

`make` writes images of many kinds as JSON on standard output, name: base64; `read` takes such JSON on standard input and
says for each what `convert` makes of it, {"RGB": base64, "L": base64, "size": [w, h]}, or why Pillow refuses it.
"""

import base64
import io
import json
import random
import sys
import warnings

from PIL import Image

warnings.simplefilter("ignore")
draw = random.Random(1)


def noise(mode, width, height):
    size = len(Image.new(mode, (width, height)).tobytes())
    return Image.frombytes(mode, (width, height), draw.randbytes(size))


def photograph(width, height):
    """Smooth, as JPEG is made for, with some grain."""
    image = Image.new("RGB", (width, height))
    image.putdata(
        [
            (x * 255 // width, (x * y * 255) // (width * height), (y * 7 + draw.randrange(60)) % 256)
            for y in range(height)
            for x in range(width)
        ]
    )
    return image


def saved(image, kind, **options):
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def make():
    colours, picture = noise("RGB", 200, 150), photograph(67, 45)
    palette = picture.convert("P", palette=Image.ADAPTIVE, colors=200)
    few = picture.convert("P", palette=Image.ADAPTIVE, colors=11)
    files = {"colours.png": saved(colours, "PNG"), "interlaced.gif": saved(palette, "GIF", interlace=1)}
    for name, image in {
        "rgb": picture,
        "grey": picture.convert("L"),
        "palette": palette,
        "few": few,
        "bits": picture.convert("1"),
    }.items():
        for ending, kind in {"png": "PNG", "gif": "GIF", "tif": "TIFF", "bmp": "BMP"}.items():
            files[f"{name}.{ending}"] = saved(image, kind)
        if image.mode in ("RGB", "L"):
            files[f"{name}.ppm"] = saved(image, "PPM")
            files[f"{name}.webp"] = saved(image.convert("RGB"), "WEBP", lossless=True)
    files["lossy.webp"] = saved(picture, "WEBP", quality=70)
    files["top-down.bmp"] = turned_bmp(saved(picture, "BMP"), picture.height)
    files["os2.bmp"] = old_bmp(picture)
    files["x.bmp"] = saved(picture.convert("RGBA"), "BMP")
    for name, image, options in [
        ("baseline", picture, {"quality": 90}),
        ("whole", picture, {"quality": 90, "subsampling": 0}),
        ("half", picture, {"quality": 70, "subsampling": 1}),
        ("progressive", picture, {"quality": 90, "progressive": True}),
        ("progressive-whole", picture, {"quality": 60, "progressive": True, "subsampling": 0}),
        ("optimised", picture, {"quality": 40, "optimize": True}),
        ("grey", picture.convert("L"), {}),
        ("grey-progressive", picture.convert("L"), {"progressive": True}),
        ("cmyk", picture.convert("CMYK"), {"quality": 95}),
        ("tiny", picture.crop((0, 0, 1, 3)), {}),
    ]:
        files[f"{name}.jpg"] = saved(image, "JPEG", **options)
    for compression in ["tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"]:
        files[f"{compression}.tif"] = saved(picture, "TIFF", compression=compression)
    files["group4.tif"] = saved(picture.convert("1"), "TIFF", compression="group4")
    files["cmyk.tif"] = saved(picture.convert("CMYK"), "TIFF")
    other = picture.rotate(180)
    files["pages.tif"] = saved(picture, "TIFF", save_all=True, append_images=[other])
    files["frames.webp"] = saved(picture, "WEBP", save_all=True, append_images=[other], lossless=True)
    files["frames.gif"] = saved(palette, "GIF", save_all=True, append_images=[other.convert("P")])
    return {name: base64.b64encode(content).decode() for name, content in files.items()}


def turned_bmp(bmp, height):
    """Another picture: the same rows, said to come from the top."""
    return bmp[:22] + (-height).to_bytes(4, "little", signed=True) + bmp[26:]


def old_bmp(image):
    pixels = saved(image, "BMP")[54:]
    size = b"".join(side.to_bytes(2, "little") for side in image.size)
    header = (12).to_bytes(4, "little") + size + b"\1\0\30\0"
    return b"BM" + (26 + len(pixels)).to_bytes(4, "little") + bytes(4) + (26).to_bytes(4, "little") + header + pixels


def read(content):
    try:
        image = Image.open(io.BytesIO(base64.b64decode(content)))
        image.load()
        modes = {mode: base64.b64encode(image.convert(mode).tobytes()).decode() for mode in ("RGB", "L")}
        return {**modes, "size": image.size}
    except Exception as error:
        return str(error) or repr(error)


if sys.argv[1] == "make":
    json.dump(make(), sys.stdout)
else:
    json.dump({name: read(content) for name, content in json.load(sys.stdin).items()}, sys.stdout)
