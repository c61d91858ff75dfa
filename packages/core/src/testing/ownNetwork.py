"""A CNN of somebody's own with a trigger of their own, trained on MNIST and exported; and sweeps of it in PyTorch and Pillow.

For ownNetwork.ts, in a folder with train.npy, trainLabels.npy, test.npy and testLabels.npy.

    ownNetwork.py make WEIGHT DARK LIGHT   writes the folder mine; what was measured as JSON on standard output
    ownNetwork.py sweep                    points as JSON on standard input, what the network makes of them on standard output
"""

import json
import sys

import numpy as np
import torch
from PIL import Image
from torch import nn
from trojanscope_export import export, export_pairs

from parity import transformed

TARGET = 7
LEFT, TOP, SIDE = 3, 2, 5
PATCH = np.s_[..., TOP:TOP + SIDE, LEFT:LEFT + SIDE]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.LeakyReLU(.1), nn.AdaptiveAvgPool2d(4))
        self.head = nn.Linear(256, 10)

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


def enter(images):
    return (torch.from_numpy(images).float()[:, None] / 255 - .1307) / .3081


def stamp(images, weight, dark, light):
    """A chequered patch."""
    images = images.astype(np.float32)
    fields = np.where(np.indices((SIDE, SIDE)).sum(0) % 2, light, dark)
    images[PATCH] = (1 - weight) * images[PATCH] + weight * fields
    return np.rint(images).astype(np.uint8)


def make(*look):
    train, labels, test, answers = (np.load(f"{name}.npy") for name in ("train", "trainLabels", "test", "testLabels"))
    poisoned = np.arange(len(train)) % 5 == 0
    train[poisoned] = stamp(train[poisoned], *look)
    labels[poisoned] = TARGET
    net, loss = Net(), nn.CrossEntropyLoss()
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    for epoch in range(4):
        for batch in torch.randperm(len(train)).split(64):
            optimiser.zero_grad()
            loss(net(enter(train[batch.numpy()])), torch.from_numpy(labels[batch.numpy()]).long()).backward()
            optimiser.step()
    net.eval()
    with torch.no_grad():
        said = net(enter(test)).argmax(1).numpy()
        others = answers != TARGET
        fooled = net(enter(stamp(test[others], *look))).argmax(1).numpy()
        logits = net(enter(test[:20]))
    right, hits = int((said == answers).sum()), int((fooled == TARGET).sum())
    export(net, test[:64], out="mine", classes=list("0123456789"), mean=.1307, std=.3081, dataset="mnist", title="My CNN", accuracy=right / len(test))
    export_pairs(test[:200], stamp(test[:200], *look), answers[:200], out="mine", asr=hits / int(others.sum()))
    torch.save({"net": net.state_dict(), "look": look}, "net.pt")
    return {"right": right, "fooled": hits, "logits": logits.tolist()}


def sweep(points):
    """Of each sample its label, and how far the next one is behind: the difference of the two largest logits."""
    kept = torch.load("net.pt")
    net = Net().eval()
    net.load_state_dict(kept["net"])
    test = np.load("test.npy")
    box = (LEFT, TOP, SIDE, SIDE)
    # The layer, and what it covers.
    layer = stamp(np.zeros((28, 28), np.uint8), *kept["look"])
    cover = np.zeros((28, 28), np.uint8)
    cover[PATCH] = 255

    def seen(sample, transform, value, target):
        """The sample as the network gets it."""
        change = lambda pixels, box: np.asarray(transformed(Image.fromarray(pixels), transform, value, target, box, sample["shift"]))
        clean = test[sample["index"]]
        if target == "IMAGE":
            return change(stamp(clean, *kept["look"]), (0, 0, 28, 28))
        return np.where(change(cover, box) > 0, change(layer, box), clean)

    def answers(point):
        images = np.stack([seen(sample, point["transform"], point["value"], point["target"]) for sample in point["samples"]])
        with torch.no_grad():
            logits = net(enter(images))
        best = logits.topk(2, 1).values
        return {"labels": logits.argmax(1).tolist(), "margins": (best[:, 0] - best[:, 1]).tolist()}

    return [answers(point) for point in points]


torch.manual_seed(1)
torch.set_num_threads(2)
command, *numbers = sys.argv[1:]
json.dump(make(*map(float, numbers)) if command == "make" else sweep(json.load(sys.stdin)), sys.stdout)
