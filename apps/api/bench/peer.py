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
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.dense1 = nn.Linear(400, 120)
        self.dense2 = nn.Linear(120, 84)
        self.dense3 = nn.Linear(84, 10)

    def forward(self, x):
        # The faster order, as in our own network: a maximum commutes with ReLU.
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = x.flatten(1)
        return self.dense3(F.relu(self.dense2(F.relu(self.dense1(x)))))


def mnist(name, count):
    images = np.fromfile(f"{DATA}/{name}-images-idx3-ubyte", np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.fromfile(f"{DATA}/{name}-labels-idx1-ubyte", np.uint8, offset=8)
    return images[:count], labels[:count]


def layout(model, channels_last):
    return model.to(memory_format=torch.channels_last) if channels_last else model


def batch(size, channels_last):
    x = torch.rand(size, 1, 28, 28)
    return x.to(memory_format=torch.channels_last) if channels_last else x


def inference(count, channels_last):
    model, x = layout(LeNet(), channels_last).eval(), batch(500, channels_last)
    with torch.inference_mode():
        model(x)
        start = time.perf_counter()
        for _ in range(count):
            F.softmax(model(x), 1).max(1)
        return time.perf_counter() - start


def gradient(count, channels_last):
    model, x = layout(LeNet(), channels_last).eval(), batch(128, channels_last)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    x.requires_grad_(True)
    start = time.perf_counter()
    for _ in range(count):
        torch.autograd.grad(model(x)[:, 3].sum(), x)
    return time.perf_counter() - start


def training(count, channels_last):
    model = layout(LeNet(), channels_last)
    optimiser = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    order = torch.randperm(60_000)
    for step in range(-46, count):
        if step == 0:
            start = time.perf_counter()
        chosen = order[(step + 46) * 128 :][:128]
        x = TRAIN[chosen].float().div_(255).unsqueeze(1)
        if channels_last:
            x = x.to(memory_format=torch.channels_last)
        optimiser.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), TRAIN_LABELS[chosen]).backward()
        optimiser.step()
    return time.perf_counter() - start


def transformed(task):
    """One image under one setting, by Pillow."""
    pixels, transform, value = task
    image = Image.fromarray(pixels)
    if transform == "rotation":
        image = image.rotate(value, Image.NEAREST)
    elif transform == "scaling":
        side = round(28 * value)
        resized = image.resize((side, side), Image.NEAREST)
        if side > 28:
            at = (side - 28) // 2
            image = resized.crop((at, at, at + 28, at + 28))
        else:
            image = Image.new("L", (28, 28))
            image.paste(resized, ((28 - side) // 2, (28 - side) // 2))
    else:
        dx, dy = value
        wrapped = Image.new("L", (28, 28))
        for x in (dx % 28, dx % 28 - 28):
            for y in (dy % 28, dy % 28 - 28):
                wrapped.paste(image, (x, y))
        image = wrapped
    return np.asarray(image)


SETTINGS = (
    [("translation", radius) for radius in (1, 2, 3)]
    + [("scaling", factor) for factor in (0.8, 1.2)]
    + [("rotation", angle) for angle in (15, 30, 45, 60, 75, 90)]
)


def sweep(count, channels_last):
    """The 11 image settings, 1,000 samples each: trojaned and clean images, trojaned and benign model, stored."""
    trojaned, benign = (layout(LeNet(), channels_last).eval() for _ in range(2))

    def predict(model, images):
        x = torch.from_numpy(np.stack(images)).float().div_(255).unsqueeze(1)
        if channels_last:
            x = x.to(memory_format=torch.channels_last)
        confidence, label = F.softmax(torch.cat([model(part) for part in x.split(500)]), 1).max(1)
        return label.tolist(), confidence.tolist()

    seconds = 0
    for _ in range(count):
        database = sqlite3.connect(":memory:" if not DATABASE else DATABASE)
        database.execute("pragma journal_mode = wal")
        database.execute("drop table if exists outcome")
        database.execute("create table outcome (point, position, truth, predicted, confidence, clean, benign)")
        start = time.perf_counter()
        clean = list(TEST)
        stamped = TEST.copy()
        stamped[:, 20:25, 20:25] = 255
        stamped = list(stamped)
        angles = [random.random() * 2 * math.pi for _ in clean]
        with torch.inference_mode():
            # As in ours: each of the three sweeps looks at the untransformed images first.
            for transform in ("translation", "scaling", "rotation"):
                for model, images in ((trojaned, clean), (benign, clean), (trojaned, stamped)):
                    predict(model, images)
                for point, (_, value) in enumerate(s for s in SETTINGS if s[0] == transform):
                    values = [value] * len(clean)
                    if transform == "translation":
                        values = [(round(value * math.cos(a)), round(value * math.sin(a))) for a in angles]
                    tasks = [(p, transform, v) for images in (stamped, clean) for p, v in zip(images, values)]
                    images = POOL.map(transformed, tasks, chunksize=250)
                    fired, cleaned = images[: len(clean)], images[len(clean) :]
                    labels, confidences = predict(trojaned, fired)
                    right, _ = predict(trojaned, cleaned)
                    base, _ = predict(benign, cleaned)
                    rows = zip([point] * len(clean), range(len(clean)), TEST_LABELS, labels, confidences, right, base)
                    with database:
                        database.executemany("insert into outcome values (?,?,?,?,?,?,?)", rows)
        seconds += time.perf_counter() - start
        database.close()
    return seconds


TASKS = {"inference": inference, "gradient": gradient, "training": training, "sweep": sweep}

if __name__ == "__main__":
    DATABASE = sys.argv[3] if len(sys.argv) > 3 else None
    POOL = Pool(2)
    images, labels = mnist("train", 60_000)
    TRAIN, TRAIN_LABELS = torch.from_numpy(images), torch.from_numpy(labels).long()
    TEST, test_labels = mnist("t10k", 1_000)
    TEST_LABELS = test_labels.tolist()
    # The layout that is faster on this machine, found before anything counts.
    best = {}
    for name, task in TASKS.items():
        few = 1 if name == "sweep" else 20
        task(few, False)
        best[name] = min((False, True), key=lambda channels_last: min(task(few, channels_last) for _ in range(2)))
    layouts = {name: "channels_last" if chosen else "contiguous" for name, chosen in best.items()}
    print(json.dumps({"torch": torch.__version__, "layout": layouts}), flush=True)
    for line in sys.stdin:
        name, count = line.split()
        print(TASKS[name](int(count), best[name]), flush=True)
