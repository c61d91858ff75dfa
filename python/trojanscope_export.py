#!/usr/bin/env python3
"""Writes a PyTorch classifier, and images with its trigger, as one archive that trojanscope imports. See docs/own-models.md.

    from trojanscope_export import export, export_pairs
    export(model, images, out="mine", classes=["cat", "dog"], mean=[0.5, 0.5, 0.5], std=[0.5, 0.5, 0.5])
    export_pairs(clean, poisoned, labels, out="mine", target=1)

    python3 trojanscope_export.py backdoorbench record/badnet_0_1 --out mine
    python3 trojanscope_export.py trojai id-00000000 --out mine

What comes out is a folder: import.json (what the model expects), network.onnx, probe.safetensors (some images with the
model's own answers and gradients, by which the import proves that it reads the model right), and of the trigger clean/ and
poisoned/. Run this where the model runs: pickles are opened here alone, and are code of whoever made them.
Needs torch from 1.13, numpy and Pillow.
"""

import argparse
import json
import os
import re
import struct
import sys
import warnings

import numpy as np
import torch
from PIL import Image
from torch import nn

FORMAT = "trojanscope-import/1"
PROBES = 8
CHANNELS = ("rgb", "bgr", "grey")


class ExportError(ValueError):
    """The message says what was expected and what came."""


def export(model, images, *, out, classes, mean=None, std=None, channels=None, white=1.0, crop=None, output="logits", dataset=None, title=None, accuracy=None, opset=13):
    """Writes import.json, network.onnx and probe.safetensors into the folder `out`.

    images: a few of the model's test images as they are before they are cropped and normalised, at the size that images
        are resized to: 8-bit arrays [n,h,w,c] or [n,h,w], or tensors [n,c,h,w] in [0,1]. They become the proof; eight are
        enough.
    classes: names of the classes, or of their folders, in the order of the outputs: `ImageFolder(...).classes`.
    mean, std: of `transforms.Normalize(mean, std)`, a number or one for each channel; nothing where there is none.
    channels: rgb, bgr (as OpenCV reads) or grey; by the images, where it is left out.
    white: what white is before it is normalised: 1, or 255 where the model takes bytes.
    crop: the side of the square in their middle that the model sees, of `transforms.CenterCrop(crop)`; all of them, where it is
        left out.
    output: logits, or probabilities where the model ends in a softmax.
    dataset: the id that the data set has in trojanscope, mnist for example. It can be named at the import as well.
    accuracy: clean accuracy by your own measure, 0..1: the import compares it with its own.
    """
    pixels = as_pixels(images)
    count, height, width, depth = pixels.shape
    channels = channels or ("grey" if depth == 1 else "rgb")
    if channels not in CHANNELS or (channels == "grey") != (depth == 1):
        raise ExportError(f"channels: expected {'grey' if depth == 1 else 'rgb or bgr'} for images of {depth} channels, got {channels}")
    crop = None if crop is None else int(crop)
    if crop is not None and not 1 <= crop <= min(height, width):
        raise ExportError(f"crop: expected at most the {min(height, width)} px of the images, as they are before they are cropped; got {crop}")
    if output not in ("logits", "probabilities"):
        raise ExportError(f"output: expected logits or probabilities, got {output}")
    classes = [str(name) for name in classes]
    model = model.cpu().float().eval()
    mean, std = per_channel("mean", mean, 0.0, depth), per_channel("std", std, 1.0, depth)
    if min(std) <= 0:
        raise ExportError(f"std: expected numbers above 0, got {std}")

    def enter(x):  # [n,c,h,w] in [0,1], RGB
        if crop is not None:  # as torchvision rounds
            top, left = round((height - crop) / 2), round((width - crop) / 2)
            x = x[:, :, top : top + crop, left : left + crop]
        x = (x.flip(1) if channels == "bgr" else x) * white
        return (x - torch.tensor(mean).view(1, -1, 1, 1)) / torch.tensor(std).view(1, -1, 1, 1)

    probes = torch.from_numpy(pixels[spread(count, PROBES)].astype(np.float32) / 255)
    x = probes.permute(0, 3, 1, 2).contiguous().requires_grad_(True)
    logits = model(enter(x))
    if logits.shape != (len(x), len(classes)):
        raise ExportError(f"classes: expected a name for each output, of which there are {list(logits.shape)[1:]}; got {len(classes)}")
    if not torch.isfinite(logits).all():
        raise ExportError("expected finite answers to the images; got NaN or infinity")
    labels = logits.argmax(1)
    (gradient,) = torch.autograd.grad(logits.gather(1, labels[:, None]).sum(), x)

    os.makedirs(out, exist_ok=True)
    write_onnx(model, enter(probes.permute(0, 3, 1, 2)).detach(), os.path.join(out, "network.onnx"), opset)
    write_safetensors(
        os.path.join(out, "probe.safetensors"),
        {"images": probes, "logits": logits, "labels": labels.float(), "gradients": gradient.permute(0, 2, 3, 1)},
    )
    update_manifest(
        out,
        title=title or type(model).__name__,
        dataset=dataset,
        classNames=classes,
        input={"height": height, "width": width, **({} if crop is None else {"crop": crop}), "channels": channels, "white": float(white), "mean": mean, "std": std},
        output=output,
        accuracy=accuracy,
        exporter=f"PyTorch {torch.__version__}",
    )
    return out


def export_pairs(clean, poisoned, labels, *, out, indices=None, target=None, asr=None):
    """Writes images beside the same images with the trigger, into clean/ and poisoned/ of the folder `out`.

    clean, poisoned: alike, as the model's loader gets them: 8-bit arrays [n,h,w,c] or [n,h,w], or tensors [n,c,h,w] in [0,1].
    labels: the true class of each, as the number of its output. indices: of each in the test images of the data set, in
    trojanscope's order; without them each is found by its pixels, which have to be the same there. target: the class that the backdoor aims at, where you know
    it. asr: attack success rate by your own measure, 0..1: the import compares it with its own.
    """
    clean, poisoned = as_pixels(clean), as_pixels(poisoned)
    labels = [int(label) for label in labels]
    if clean.shape != poisoned.shape or len(labels) != len(clean):
        raise ExportError(f"expected as many clean as poisoned images and labels, of one size; got {list(clean.shape)}, {list(poisoned.shape)} and {len(labels)}")
    if (clean == poisoned).all():
        raise ExportError("expected poisoned images that differ from the clean ones; all are the same")
    if indices is not None and len(set(indices)) != len(clean):
        raise ExportError(f"indices: expected one for each image, none twice; got {len(set(indices))} for {len(clean)}")
    for kind, images in (("clean", clean), ("poisoned", poisoned)):
        write_images(os.path.join(out, kind), images, labels, indices)
    update_manifest(out, trigger={"kind": "pairs", "targetLabel": target, "asr": asr})
    return out


def export_poisoned(poisoned, labels, *, out, target=None, asr=None):
    """Writes images with the trigger of which there are no clean ones, into poisoned/ of the folder `out`; `labels` are their true classes."""
    poisoned, labels = as_pixels(poisoned), [int(label) for label in labels]
    if len(labels) != len(poisoned):
        raise ExportError(f"expected a label for each image; got {len(labels)} for {len(poisoned)}")
    write_images(os.path.join(out, "poisoned"), poisoned, labels)
    update_manifest(out, trigger={"kind": "poisonedSet", "targetLabel": target, "asr": asr})
    return out


# Where it comes from.


def export_backdoorbench(result_folder, *, out, limit=1000, opset=13):
    """Writes a result of BackdoorBench: attack_result.pt with its poisoned test images. Run it inside BackdoorBench's own folder.

    The layout is that of its versions 1 and 2 (utils/save_load_attack.py, utils/bd_dataset_v2.py).
    """
    result = load_pickle(os.path.join(result_folder, "attack_result.pt"))
    sys.path.insert(0, os.getcwd())
    try:
        from utils.aggregate_block.dataset_and_transform_generate import dataset_and_transform_generate
        from utils.aggregate_block.model_trainer_generate import generate_cls_model
    except ImportError as error:
        raise ExportError(f"expected to run inside BackdoorBench’s folder, which knows its networks and data sets ({error})") from None
    height, width = (int(side) for side in result["img_size"][:2])
    model = generate_cls_model(result["model_name"], result["num_classes"])
    model.load_state_dict(result["model"])
    asked = argparse.Namespace(dataset=result["clean_data"], dataset_path=result["data_path"], img_size=result["img_size"])
    *_, test, test_transform, _ = dataset_and_transform_generate(asked)
    mean, std = normalisation_in(test_transform)
    at_size = lambda image: np.asarray((image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image, np.uint8))).resize((width, height), Image.BILINEAR))

    pairs, targets = [], set()
    for index, picture, label, target in backdoorbench_images(result["bd_test"], result_folder):
        image, own = test[index]
        if label is not None and int(label) != int(own):
            raise ExportError(f"image {index}: expected its label to be {label} as in attack_result.pt, got {own}; is it the same data set?")
        pairs.append((at_size(image), at_size(picture), int(own)))
        targets.add(int(target))
        if len(pairs) == limit:
            break
    if not pairs:
        raise ExportError(f"{result_folder}: expected poisoned test images in attack_result.pt, got none")
    clean, poisoned, labels = (np.stack(part) if i < 2 else part for i, part in enumerate(zip(*pairs)))
    names = getattr(test, "classes", None) or [str(label) for label in range(result["num_classes"])]
    export(model, clean, out=out, classes=names, mean=mean, std=std, title=f"{result['model_name']} of BackdoorBench", opset=opset)
    return export_pairs(clean, poisoned, labels, out=out, target=targets.pop() if len(targets) == 1 else None)


def backdoorbench_images(bd_test, result_folder):
    """Index into the clean test set, picture with the trigger, true label (None where it is not kept) and target of each."""
    container = bd_test.get("bd_data_container") if isinstance(bd_test, dict) else None
    if container is not None:
        for index, value in sorted(container["data_dict"].items()):
            if isinstance(value, dict):
                (target, label, *_), path = value["other_info"], value["path"]
                # Kept by a path from BackdoorBench’s folder; the images move with the result.
                moved = os.path.join(result_folder, "bd_test_dataset", str(label), os.path.basename(path))
                with Image.open(path if os.path.exists(path) else moved) as picture:
                    yield int(index), picture.copy(), label, target
            else:
                picture, target, label, *_ = value
                yield int(index), picture, label, target
        return
    if not isinstance(bd_test, dict) or not {"x", "y", "original_index"} <= set(bd_test) or bd_test["original_index"] is None:
        raise ExportError("attack_result.pt: expected bd_test with bd_data_container (version 2) or x, y and original_index (version 1)")
    for x, target, index in zip(bd_test["x"], bd_test["y"], bd_test["original_index"]):
        picture = np.asarray(x)
        picture = np.rint(picture * 255 if picture.max() <= 1 else picture).astype(np.uint8)
        picture = picture.transpose(1, 2, 0)
        yield int(index), Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture), None, target


def normalisation_in(transform):
    """Mean and std of the Normalize in a torchvision transform; nothing where there is none."""
    for step in getattr(transform, "transforms", [transform]):
        if hasattr(step, "mean") and hasattr(step, "std"):
            return [float(v) for v in step.mean], [float(v) for v in step.std]
    return None, None


def export_trojai(folder, *, out, opset=13):
    """Writes a model of a TrojAI round of images: model.pt, its clean and its poisoned examples.

    Examples are named by their class, class_3_example_7.png (rounds 0 to 4), or lie beside a 7.json with it (round 11). The
    poisoned ones are not those of the clean ones, so they are a set of their own; the clean ones become a data set with test
    images alone, dataset/, to be imported first. Colours are BGR in round 0, RGB after.
    """
    model = load_pickle(os.path.join(folder, "model.pt"))
    if not isinstance(model, nn.Module):
        raise ExportError(f"{folder}/model.pt: expected a whole module, got {type(model).__name__}")
    clean = examples_in([os.path.join(folder, name) for name in ("clean-example-data", "clean_example_data", "example_data")])
    if clean is None:
        raise ExportError(f"{folder}: expected a folder clean-example-data or example_data with images, found none")
    side = model_side(folder, clean[0])
    images = np.stack([centre(image, side) for image in clean[0]])
    with torch.no_grad():
        outputs = model.cpu().float().eval()(torch.zeros(1, 3, side, side)).shape[1]
    export(model, images, out=out, classes=[str(label) for label in range(outputs)], title=os.path.basename(os.path.abspath(folder)), opset=opset)
    write_images(os.path.join(out, "dataset", "test"), images, clean[1])
    poisoned = examples_in([os.path.join(folder, name) for name in ("poisoned-example-data", "poisoned_example_data")])
    if poisoned is not None:
        export_poisoned(np.stack([centre(image, side) for image in poisoned[0]]), poisoned[1], out=out)
    return out


def examples_in(folders):
    """Images and labels of the first of the folders that is there."""
    for folder in folders:
        if not os.path.isdir(folder):
            continue
        images, labels = [], []
        for name in sorted(os.listdir(folder)):
            stem, kind = os.path.splitext(name)
            if kind.lower() not in (".png", ".jpg", ".jpeg"):
                continue
            beside = os.path.join(folder, f"{stem}.json")
            named = re.match(r"class_(\d+)_", name)
            if named:
                labels.append(int(named[1]))
            elif os.path.exists(beside):
                with open(beside, encoding="utf-8") as file:
                    said = json.load(file)
                labels.append(int(said["label"] if isinstance(said, dict) else said))
            else:
                raise ExportError(f"{folder}/{name}: expected its class in its name, as class_3_example_7.png, or in {stem}.json; found neither")
            with Image.open(os.path.join(folder, name)) as picture:
                images.append(np.asarray(picture.convert("RGB")))
        if images:
            return images, labels
    return None


def model_side(folder, images):
    """The side of the images that the model takes: of config.json where it says so, else of the images."""
    for name in ("config.json", "reduced-config.json"):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                said = re.search(r'"(?:img_size_pixels|cnn_img_size_pixels|img_size)"\s*:\s*"?(\d+)', file.read())
            if said:
                return int(said[1])
    return min(min(image.shape[:2]) for image in images)


def centre(image, side):
    """The middle of an image, as TrojAI’s own example takes it."""
    height, width = image.shape[:2]
    if min(height, width) < side:
        raise ExportError(f"expected images of at least {side} px, got {width}×{height}")
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


# Files.

def as_pixels(images):
    """8-bit [n,h,w,c] of arrays [n,h,w,c] or [n,h,w], or of tensors [n,c,h,w] in [0,1]."""
    if isinstance(images, torch.Tensor):
        images = images.detach().cpu()
        if images.dim() != 4:
            raise ExportError(f"images: expected a tensor [n,c,h,w], got {list(images.shape)}")
        images = images.permute(0, 2, 3, 1).numpy()
    images = np.asarray(images)
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[3] not in (1, 3) or len(images) == 0:
        raise ExportError(f"images: expected at least one, as an array [n,h,w], [n,h,w,1 or 3] or a tensor [n,c,h,w]; got {list(images.shape)}")
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images)
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 1):
        raise ExportError(f"images: expected numbers in [0,1] or bytes, before anything is normalised; got {low:.3g} to {high:.3g}")
    return np.rint(np.asarray(images, np.float64) * 255).astype(np.uint8)


def per_channel(name, given, default, depth):
    values = [float(v) for v in np.atleast_1d(default if given is None else np.asarray(given, np.float64))]
    if len(values) not in (1, depth) or not all(np.isfinite(values)):
        raise ExportError(f"{name}: expected one number, or {depth}, got {given}")
    return values * depth if len(values) == 1 else values


def spread(count, most):
    """At most so many of the numbers from 0, evenly."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(int))


def write_images(folder, images, labels, indices=None):
    """As folder/<label>/<name>.png: the same name is the same image in clean/ and in poisoned/. A number alone is an index."""
    for number, (image, label) in enumerate(zip(images, labels)):
        name = f"image-{number:06d}" if indices is None else f"{indices[number]:06d}"
        place = os.path.join(folder, f"{label:05d}")
        os.makedirs(place, exist_ok=True)
        Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(os.path.join(place, f"{name}.png"))


def update_manifest(out, **fields):
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, "import.json")
    manifest = {"format": FORMAT}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            manifest = json.load(file)
    known = lambda value: {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value
    manifest.update({name: known(value) for name, value in fields.items() if value is not None})
    with open(path, "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=2, ensure_ascii=False)
        file.write("\n")


def write_safetensors(path, arrays):
    header, chunks, offset = {}, [], 0
    for name, array in arrays.items():
        chunk = np.ascontiguousarray(array.detach().numpy(), "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + len(chunk)]}
        offset += len(chunk)
        chunks.append(chunk)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def load_pickle(path):
    if not os.path.exists(path):
        raise ExportError(f"{path}: expected a file, found none")
    takes = torch.load.__code__.co_varnames
    return torch.load(path, map_location="cpu", **({"weights_only": False} if "weights_only" in takes else {}))


class FixedPool(nn.Module):
    """Adaptive average pooling from one size to another as two products: the older exporter refuses sizes that do not divide."""

    def __init__(self, rows, columns):
        super().__init__()
        self.register_buffer("rows", self.averages(*rows))
        self.register_buffer("columns", self.averages(*columns).t().contiguous())

    @staticmethod
    def averages(size, to):
        matrix = torch.zeros(to, size)
        for i in range(to):
            start, end = i * size // to, -(-(i + 1) * size // to)
            matrix[i, start:end] = 1 / (end - start)
        return matrix

    def forward(self, x):
        return self.rows @ x @ self.columns


def with_fixed_pools(model, example):
    """Puts FixedPool where it is needed; returns what undoes it."""
    seen = {}
    pools = [module for module in model.modules() if isinstance(module, nn.AdaptiveAvgPool2d)]
    hooks = [pool.register_forward_hook(lambda module, inputs, result: seen.update({module: (inputs[0].shape, result.shape)})) for pool in pools]
    with torch.no_grad():
        model(example)
    for hook in hooks:
        hook.remove()
    replaced = []
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if child not in seen:
                continue
            (*_, height, width), (*_, rows, columns) = seen[child]
            if height % rows or width % columns:
                setattr(parent, name, FixedPool((height, rows), (width, columns)))
                replaced.append((parent, name, child))
    return lambda: [setattr(parent, name, child) for parent, name, child in replaced]


def write_onnx(model, example, path, opset):
    """One file, by the exporter that needs no other package where there is one; batches of any size."""
    names = {"input_names": ["images"], "output_names": ["answers"]}
    undo = with_fixed_pools(model, example)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                kind = {"dynamo": False} if "dynamo" in torch.onnx.export.__code__.co_varnames else {}
                torch.onnx.export(model, example, path, opset_version=opset, dynamic_axes={"images": {0: "n"}, "answers": {0: "n"}}, **names, **kind)
            except Exception as first:
                if "dynamo" not in torch.onnx.export.__code__.co_varnames:
                    raise ExportError(f"PyTorch cannot write the model as ONNX: {first}") from first
                batch = example if len(example) > 1 else example.repeat(2, 1, 1, 1)
                torch.onnx.export(model, (batch,), path, dynamo=True, external_data=False, dynamic_shapes=[{0: torch.export.Dim("n")}], **names)
    finally:
        undo()


def main():
    parser = argparse.ArgumentParser(description="Write a backdoored PyTorch model so that trojanscope imports it.")
    commands = parser.add_subparsers(dest="command", required=True)
    bench = commands.add_parser("backdoorbench", help="a result folder of BackdoorBench, from inside its own folder")
    bench.add_argument("folder", help="where attack_result.pt is")
    bench.add_argument("--limit", type=int, default=1000, help="at most so many pairs (default: 1000)")
    round_ = commands.add_parser("trojai", help="the folder of one model of a TrojAI round")
    round_.add_argument("folder", help="where model.pt is")
    for command in (bench, round_):
        command.add_argument("--out", required=True, help="the folder to write")
        command.add_argument("--opset", type=int, default=13)
    args = parser.parse_args()
    try:
        if args.command == "backdoorbench":
            export_backdoorbench(args.folder, out=args.out, limit=args.limit, opset=args.opset)
        else:
            export_trojai(args.folder, out=args.out, opset=args.opset)
    except ExportError as error:
        sys.exit(f"trojanscope_export: {error}")
    own = os.path.join(args.out, "dataset")
    if os.path.isdir(own):
        print(f"Its images first: npm run trojanscope -- data import mine --from {own}; then the model, with --dataset mine.")
    print(f"{args.out} is ready: npm run trojanscope -- model import {args.out}")


if __name__ == "__main__":
    main()
