"""The peer: the paper's pipeline in its own tools, PyTorch and Pillow, as fast as they go on a CPU.

Reads a task name and a count from each line of standard input, runs it, answers with seconds. Settings: two threads,
channels_last where it is faster, inference mode, two Pillow processes.
"""

import json
import math
import random
import sqlite3
import sys
import time
from multiprocessing import Pool

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

THREADS = int(sys.argv[1])
DATA = sys.argv[2]
torch.set_num_threads(THREADS)
torch.manual_seed(1)


class LeNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.dense1 = nn.Linear(400, 120)
        self.dense2 = nn.Linear(120, 84)
        self.dense3 = nn.Linear(84, classes)

    def forward(self, x):
        # The faster order, as in our own network: a maximum commutes with ReLU.
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = x.flatten(1)
        return self.dense3(F.relu(self.dense2(F.relu(self.dense1(x)))))


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.shortcut = nn.Identity()
        if inputs != width:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)), inplace=True)))
        return F.relu(y + self.shortcut(x), inplace=True)


class ResNet34(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.norm = nn.BatchNorm2d(64)
        blocks, inputs = [], 64
        for width, count, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            for index in range(count):
                blocks.append(Block(inputs, width, 1 if index else stride))
                inputs = width
        self.blocks = nn.Sequential(*blocks)
        self.dense = nn.Linear(512, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.stem(x)), inplace=True), 3, 2, 1)
        return self.dense(self.blocks(x).mean((2, 3)))


def network(about, channels_last, folded=False):
    """`folded`: for inference, batch normalisation inside the convolutions, as in ours."""
    model = (LeNet if about["channels"] == 1 else ResNet34)(about["classes"])
    if folded and about["channels"] == 3:
        fuse = torch.nn.utils.fusion.fuse_conv_bn_eval
        model.eval()
        model.stem, model.norm = fuse(model.stem, model.norm), nn.Identity()
        for block in model.blocks:
            block.conv1, block.norm1 = fuse(block.conv1, block.norm1), nn.Identity()
            block.conv2, block.norm2 = fuse(block.conv2, block.norm2), nn.Identity()
            if isinstance(block.shortcut, nn.Sequential):
                block.shortcut = fuse(*block.shortcut)
    return model.to(memory_format=torch.channels_last) if channels_last else model


def mnist(name, count):
    images = np.fromfile(f"{DATA}/{name}-images-idx3-ubyte", np.uint8, offset=16).reshape(-1, 28, 28, 1)
    labels = np.fromfile(f"{DATA}/{name}-labels-idx1-ubyte", np.uint8, offset=8)
    return images[:count], labels[:count]


def noise(about, count):
    shape = (count, about["side"], about["side"], about["channels"])
    images = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    return images, np.arange(count) % about["classes"]


def batch(about, size, channels_last):
    x = torch.rand(size, about["channels"], about["side"], about["side"])
    return x.to(memory_format=torch.channels_last) if channels_last else x


def floats(pixels, channels_last):
    """[n,h,w,c] bytes to [n,c,h,w] in [0,1]."""
    x = pixels.permute(0, 3, 1, 2).float().div_(255)
    return x.contiguous(memory_format=torch.channels_last) if channels_last else x.contiguous()


def inference(about, count, channels_last):
    model = network(about, channels_last, folded=True).eval()
    x = batch(about, about["inferenceBatch"], channels_last)
    with torch.inference_mode():
        model(x)
        start = time.perf_counter()
        for _ in range(count):
            F.softmax(model(x), 1).max(1)
        return time.perf_counter() - start


def gradient(about, count, channels_last):
    model, x = network(about, channels_last, folded=True).eval(), batch(about, about["batch"], channels_last)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    x.requires_grad_(True)
    start = time.perf_counter()
    for _ in range(count):
        torch.autograd.grad(model(x)[:, 3].sum(), x)
    return time.perf_counter() - start


def training(about, count, channels_last):
    model, size = network(about, channels_last).train(), about["batch"]
    optimiser = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    warm_up = math.ceil(count / 9)
    images, labels = DATA_OF(about, "train")
    order = torch.randperm(len(images))
    for step in range(-warm_up, count):
        if step == 0:
            start = time.perf_counter()
        chosen = order[(step + warm_up) * size :][:size]
        x = floats(images[chosen], channels_last)
        optimiser.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), labels[chosen]).backward()
        optimiser.step()
    return time.perf_counter() - start


def transformed(task):
    """One image under one setting, by Pillow."""
    pixels, transform, value = task
    grey = pixels.shape[2] == 1
    image = Image.fromarray(pixels[:, :, 0] if grey else pixels)
    size, mode = image.width, image.mode
    if transform == "rotation":
        image = image.rotate(value, Image.NEAREST)
    elif transform == "scaling":
        side = round(size * value)
        resized = image.resize((side, side), Image.NEAREST)
        if side > size:
            at = (side - size) // 2
            image = resized.crop((at, at, at + size, at + size))
        else:
            image = Image.new(mode, (size, size))
            image.paste(resized, ((size - side) // 2, (size - side) // 2))
    else:
        dx, dy = value
        wrapped = Image.new(mode, (size, size))
        for x in (dx % size, dx % size - size):
            for y in (dy % size, dy % size - size):
                wrapped.paste(image, (x, y))
        image = wrapped
    array = np.asarray(image)
    return array[:, :, None] if grey else array


SETTINGS = (
    [("translation", radius) for radius in (1, 2, 3)]
    + [("scaling", factor) for factor in (0.8, 1.2)]
    + [("rotation", angle) for angle in (15, 30, 45, 60, 75, 90)]
)


def layers(about, transform, values):
    """The trigger under a setting, one for each sample: of those that are alike, one. Pattern is white, so the mask is all."""
    side = about["side"]
    mask = np.zeros((side, side, 1), np.uint8)
    mask[side - 8 : side - 3, side - 8 : side - 3] = 255
    known = {}
    for value in values:
        if value not in known:
            if transform == "translation":
                known[value] = transformed((mask, transform, value))
            else:
                # About its own centre.
                around = Image.fromarray(mask[side - 8 : side - 3, side - 8 : side - 3, 0])
                if transform == "rotation":
                    patch = around.rotate(value, Image.NEAREST, expand=True)
                else:
                    patch = around.resize((round(5 * value),) * 2, Image.NEAREST)
                canvas = Image.new("L", (side, side))
                canvas.paste(patch, (side - 6 - patch.width // 2, side - 6 - patch.height // 2))
                known[value] = np.asarray(canvas)[:, :, None]
    return np.stack([known[value] for value in values])


def evaluate(about, channels_last, targets, second=False):
    """The settings of image and trigger: trojaned and clean images, trojaned and benign model, stored.

    Each network sees untransformed pictures once, and of a second model the benign one has said all.
    """
    trojaned, benign = (network(about, channels_last, folded=True).eval() for _ in range(2))
    images, truth = DATA_OF(about, "test")
    side, truth = about["side"], truth.tolist()

    def predict(model, images):
        x = torch.from_numpy(images)
        parts = [model(floats(part, channels_last)) for part in x.split(about["inferenceBatch"])]
        confidence, label = F.softmax(torch.cat(parts), 1).max(1)
        return label.tolist(), confidence.tolist()

    database = sqlite3.connect(DATABASE)
    database.execute("pragma journal_mode = wal")
    database.execute("drop table if exists outcome")
    database.execute("create table outcome (point, position, truth, predicted, confidence, clean, benign)")
    start = time.perf_counter()
    clean = images.numpy()
    stamped = clean.copy()
    stamped[:, side - 8 : side - 3, side - 8 : side - 3] = 255
    angles = [random.random() * 2 * math.pi for _ in clean]
    unknown = [0] * len(clean)
    with torch.inference_mode():
        predict(trojaned, stamped)
        untouched, _ = predict(trojaned, clean)
        untouched_benign = unknown if second else predict(benign, clean)[0]
        for target in targets:
            for point, (transform, value) in enumerate(SETTINGS):
                values = [value] * len(clean)
                if transform == "translation":
                    values = [(round(value * math.cos(a)), round(value * math.sin(a))) for a in angles]
                if target == "TRIGGER":
                    labels, confidences = predict(trojaned, np.maximum(clean, layers(about, transform, values)))
                    right, base = untouched, untouched_benign
                else:
                    tasks = [(p, transform, v) for some in (stamped, clean) for p, v in zip(some, values)]
                    changed = np.stack(POOL.map(transformed, tasks, chunksize=math.ceil(len(tasks) / 8)))
                    fired, cleaned = changed[: len(clean)], changed[len(clean) :]
                    labels, confidences = predict(trojaned, fired)
                    right, _ = predict(trojaned, cleaned)
                    base = unknown if second else predict(benign, cleaned)[0]
                rows = zip([point] * len(clean), range(len(clean)), truth, labels, confidences, right, base)
                with database:
                    database.executemany("insert into outcome values (?,?,?,?,?,?,?)", rows)
    seconds = time.perf_counter() - start
    database.close()
    return seconds


def sweep(about, count, channels_last):
    return sum(evaluate(about, channels_last, ["IMAGE"]) for _ in range(count))


def evaluation(about, count, channels_last):
    return sum(evaluate(about, channels_last, ["TRIGGER", "IMAGE"]) for _ in range(count))


def second(about, count, channels_last):
    return sum(evaluate(about, channels_last, ["TRIGGER", "IMAGE"], second=True) for _ in range(count))


TASKS = {
    "inference": inference,
    "gradient": gradient,
    "training": training,
    "sweep": sweep,
    "evaluation": evaluation,
    "second": second,
}
SPLITS = {}


def DATA_OF(about, split):
    key = (about["dataset"], split)
    if key not in SPLITS:
        if about["dataset"] == "mnist":
            images, labels = mnist("train", 60_000) if split == "train" else mnist("t10k", about["samples"])
        else:
            count = about["batch"] * (about["counts"]["training"] + 2) if split == "train" else about["samples"]
            images, labels = noise(about, count)
        SPLITS[key] = torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64))
    return SPLITS[key]


def run(name, count, channels_last):
    which, task = name.split(" ")
    return TASKS[task](NETWORKS[which], count, channels_last)


if __name__ == "__main__":
    DATABASE, NAMES, NETWORKS = sys.argv[3], sys.argv[4].split(","), json.loads(sys.argv[5])
    SHORT = "--short" in sys.argv
    POOL = Pool(2)
    # The layout that is faster on this machine, found before anything counts.
    best = {}
    for name in NAMES:
        if SHORT:
            best[name] = False
            continue
        which, task = name.split(" ")
        few = max(1, NETWORKS[which]["counts"][task] // 5)
        run(name, few, False)
        best[name] = min((False, True), key=lambda last: min(run(name, few, last) for _ in range(2)))
    layouts = {name: "channels_last" if chosen else "contiguous" for name, chosen in best.items()}
    print(json.dumps({"torch": torch.__version__, "layout": layouts}), flush=True)
    for line in sys.stdin:
        name, count = line.strip().rsplit(" ", 1)
        print(run(name, int(count), best[name]), flush=True)
