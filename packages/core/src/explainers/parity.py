"""Explains decisions in PyTorch as the methods' papers say, for the parity test beside.

usage: parity.py FOLDER CASES
CASES is a JSON list; each has a name, a label and what each method is asked with. FOLDER holds NAME.images.safetensors with
one image [1,h,w,c], and a bundle NAME where the network is one of trojanscope's; else it is made here and NAME.onnx written.
Of each: NAME.maps.safetensors with a map [h,w] for each method, and the difference of logits that one of them has to sum to.
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[4] / "python"))
from trojanscope_bundle import load, read_safetensors, write_safetensors  # noqa: E402


class Residual(nn.Module):
    """Two convolutions, a block whose shortcut comes in behind its last one, and a squeezed side path with maps of 1×1."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.body = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1))
        self.last = nn.ReLU()
        self.squeeze = nn.Conv2d(8, 8, 1)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        x = self.stem(x)
        x = self.last(x + self.body(x))
        pooled = F.adaptive_avg_pool2d(x, 1)
        return self.head(torch.flatten(pooled * torch.sigmoid(self.squeeze(pooled)), 1))


class Plain(nn.Sequential):
    """No residual: the maps are those behind the activation, before pooling."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(3, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 7, 3), nn.LeakyReLU(0.1),
            nn.MaxPool2d(2), nn.Flatten(), nn.Linear(112, 5),
        )


class Dense(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(768, 12), nn.ReLU(), nn.Linear(12, 5))


MADE = {"residual": Residual, "plain": Plain, "dense": Dense}


def maps_and_score(module, images, label):
    """The maps of the last convolution, [1,k,h,w], and the logit that comes of them."""
    found = []
    if hasattr(module, "conv2"):
        # A LeNet has no part whose output they are: what lies behind them is written out.
        handle = module.conv2.register_forward_pre_hook(lambda _, inputs: found.append(inputs[0]))
        module(images)
        handle.remove()
        maps = torch.relu(module.conv2(found[0]))
        x = torch.flatten(torch.max_pool2d(maps, 2), 1)
        x = torch.relu(module.fc2(torch.relu(module.fc1(x))))
        return maps, module.fc3(x)[0, label]
    part = module.last if isinstance(module, Residual) else module[4] if isinstance(module, Plain) else module.layer4
    handle = part.register_forward_hook(lambda _, __, output: found.append(output))
    score = module(images)[0, label]
    handle.remove()
    return found[0], score


def nchw(images):
    return images.permute(0, 3, 1, 2)


def fill_of(image, fill):
    if fill == "MEAN":
        return image.mean((0, 1), keepdim=True).expand_as(image)
    return torch.full_like(image, {"BLACK": 0.0, "GREY": 0.5, "WHITE": 1.0}[fill])


def integrated_gradients(module, image, label, steps, baseline):
    start = fill_of(image, baseline)
    shares = (torch.arange(steps, dtype=image.dtype) + 0.5) / steps
    total = torch.zeros_like(image)
    for part in shares.split(32):
        images = (start + part[:, None, None, None] * (image - start)).requires_grad_(True)
        (gradient,) = torch.autograd.grad(module(nchw(images))[:, label].sum(), images)
        total += gradient.sum(0) / steps
    with torch.no_grad():
        ends = module(nchw(torch.stack([image, start])))[:, label]
    return ((image - start) * total).sum(-1), ends[0] - ends[1]


def grad_cam(module, image, label, sign):
    maps, score = maps_and_score(module, nchw(image[None]), label)
    (gradient,) = torch.autograd.grad(score, maps)
    small = (gradient.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True).detach()
    if sign == "POSITIVE":
        small = torch.relu(small)
    return F.interpolate(small, image.shape[:2], mode="bilinear", align_corners=False)[0, 0]


def occlusion(module, image, label, side, step, fill):
    height, width = image.shape[:2]
    grey = fill_of(image, fill)
    total, times = torch.zeros(height, width), torch.zeros(height, width)
    with torch.no_grad():
        whole = module(nchw(image[None]))[0, label]
        for top in range(0, max(0, height - side) + step, step):
            for left in range(0, max(0, width - side) + step, step):
                covered = image.clone()
                area = (slice(top, top + side), slice(left, left + side))
                covered[area] = grey[area]
                total[area] += whole - module(nchw(covered[None]))[0, label]
                times[area] += 1
    return total / times


def explain(folder, case):
    name, label = case["name"], case["label"]
    (images,) = read_safetensors(str(folder / f"{name}.images.safetensors")).values()
    image = torch.as_tensor(images)[0]
    if name in MADE:
        torch.manual_seed(1)
        module = MADE[name]().eval()
        for norm in (part for part in module.modules() if isinstance(part, nn.BatchNorm2d)):
            norm.running_mean.uniform_(-0.2, 0.2)
            norm.running_var.uniform_(0.5, 1.5)
        # One of them for any number of images, the others for one.
        dynamic = {"x": {0: "n"}} if name == "residual" else {}
        to = str(folder / f"{name}.onnx")
        torch.onnx.export(module, nchw(image[None]), to, opset_version=13, input_names=["x"], dynamic_axes=dynamic)
    else:
        module = load(str(folder / name)).eval()
    maps = {}
    maps["integratedGradients"], gained = integrated_gradients(module, image, label, **case["integratedGradients"])
    maps["gained"] = gained[None]
    if name != "dense":
        maps["gradCam"] = grad_cam(module, image, label, **case["gradCam"])
    # In 64 bits, as in the test of networks from elsewhere: a ReLU that stands on its edge falls either way in 32.
    maps["exact"], _ = integrated_gradients(module.double(), image.double(), label, **case["integratedGradients"])
    maps["occlusion"] = occlusion(module.float(), image, label, **case["occlusion"])
    arrays = {key: value.detach().contiguous().numpy() for key, value in maps.items()}
    write_safetensors(str(folder / f"{name}.maps.safetensors"), arrays)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for case in json.loads(sys.argv[2]):
        explain(Path(sys.argv[1]), case)
