"""Exports networks of random weights as ONNX, with what PyTorch computes of them, for the parity test beside.

usage: parity.py FOLDER NAME:SIDE:OPSET[:fixed] …
Of each: NAME.onnx, and NAME.bin with images, logits, gradients and gradients in 64 bits, one after the other.
"""

import math
import sys

import torch
from torch import nn
from torch.nn import functional as F

IMAGES = 2
CLASSES = 10


class SmallCnn(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.LeakyReLU(0.1),
            nn.AvgPool2d(3, 2, 1, ceil_mode=True), nn.Flatten(), nn.Dropout(),
            nn.Linear(784, 32), nn.Tanh(), nn.Linear(32, CLASSES),
        )


class Basic(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(),
            nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout),
        )
        same = stride == 1 and cin == cout
        self.skip = nn.Identity() if same else nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        return F.relu(self.body(x) + self.skip(x))


class PreAct(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(cin), nn.BatchNorm2d(cout)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.skip = None if stride == 1 and cin == cout else nn.Conv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x):
        y = F.relu(self.norm1(x))
        skip = x if self.skip is None else self.skip(y)
        return self.conv2(F.relu(self.norm2(self.conv1(y)))) + skip


def stages(block):
    widths = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)]
    return [block(*width) for width in widths]


def resnet18():
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        *stages(Basic), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, CLASSES),
    )


class PreActResNet18(nn.Module):
    """BackdoorBench's: pools by 4 and views."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.layers = nn.Sequential(*stages(PreAct))
        self.linear = nn.Linear(512, CLASSES)

    def forward(self, x):
        y = F.avg_pool2d(self.layers(self.conv1(x)), 4)
        return self.linear(y.view(y.size(0), -1))


def vgg11_bn():
    layers, cin = [], 3
    for width in [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]:
        if width == "M":
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers += [nn.Conv2d(cin, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            cin = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, CLASSES))


class Inverted(nn.Module):
    """MobileNetV2's block, and with squeeze EfficientNet's."""

    def __init__(self, cin, cout, stride, expand, kernel=3, squeeze=False):
        super().__init__()
        act, wide = (nn.SiLU if squeeze else nn.ReLU6), cin * expand
        body = [] if expand == 1 else [nn.Conv2d(cin, wide, 1, bias=False), nn.BatchNorm2d(wide), act()]
        body += [nn.Conv2d(wide, wide, kernel, stride, kernel // 2, groups=wide, bias=False), nn.BatchNorm2d(wide), act()]
        if squeeze:
            body.append(Squeeze(wide, max(1, cin // 4)))
        self.body = nn.Sequential(*body, nn.Conv2d(wide, cout, 1, bias=False), nn.BatchNorm2d(cout))
        self.same = stride == 1 and cin == cout

    def forward(self, x):
        return x + self.body(x) if self.same else self.body(x)


class Squeeze(nn.Module):
    def __init__(self, wide, narrow):
        super().__init__()
        self.down, self.up = nn.Conv2d(wide, narrow, 1), nn.Conv2d(narrow, wide, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.up(F.silu(self.down(F.adaptive_avg_pool2d(x, 1)))))


def inverted(rows, first, last, squeeze):
    act = nn.SiLU if squeeze else nn.ReLU6
    layers, cin = [nn.Conv2d(3, first, 3, 2, 1, bias=False), nn.BatchNorm2d(first), act()], first
    for expand, cout, count, stride, kernel in rows:
        for i in range(count):
            layers.append(Inverted(cin, cout, stride if i == 0 else 1, expand, kernel, squeeze))
            cin = cout
    layers += [nn.Conv2d(cin, last, 1, bias=False), nn.BatchNorm2d(last), act(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Dropout(0.2), nn.Linear(last, CLASSES))


def mobilenet_v2():
    rows = [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 32, 3, 2, 3), (6, 64, 4, 2, 3), (6, 96, 3, 1, 3), (6, 160, 3, 2, 3), (6, 320, 1, 1, 3)]
    return inverted(rows, 32, 1280, False)


def efficientnet_b0():
    rows = [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]
    return inverted(rows, 32, 1280, True)


class Dense(nn.Module):
    def __init__(self, cin):
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(cin), nn.ReLU(), nn.Conv2d(cin, 128, 1, bias=False),
            nn.BatchNorm2d(128), nn.ReLU(), nn.Conv2d(128, 32, 3, padding=1, bias=False),
        )

    def forward(self, x):
        return torch.cat([x, self.body(x)], 1)


def densenet121():
    layers, width = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
    for i, count in enumerate([6, 12, 24, 16]):
        for _ in range(count):
            layers.append(Dense(width))
            width += 32
        if i < 3:
            layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width // 2, 1, bias=False), nn.AvgPool2d(2, 2)]
            width //= 2
    return nn.Sequential(*layers, nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, CLASSES))


class LastNorm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Next(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.depth = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm, self.up, self.down = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.scale = nn.Parameter(torch.full((width, 1, 1), 0.5))

    def forward(self, x):
        y = self.norm(self.depth(x).permute(0, 2, 3, 1))
        return x + self.scale * self.down(F.gelu(self.up(y))).permute(0, 3, 1, 2)


def convnext_tiny():
    layers, widths = [nn.Conv2d(3, 96, 4, 4), LastNorm(96)], [96, 192, 384, 768]
    for i, count in enumerate([3, 3, 9, 3]):
        layers += [Next(widths[i]) for _ in range(count)]
        if i < 3:
            layers += [LastNorm(widths[i]), nn.Conv2d(widths[i], widths[i + 1], 2, 2)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), LastNorm(768), nn.Flatten(), nn.Linear(768, CLASSES))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        n, t, width = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)).softmax(-1)
        return self.out((weights @ v).transpose(1, 2).reshape(n, t, width))


class Encoder(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class SmallViT(nn.Module):
    def __init__(self, width=64, patch=4, tokens=64):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.position = nn.Parameter(torch.randn(1, tokens + 1, width))
        self.blocks = nn.Sequential(*[Encoder(width, 4) for _ in range(4)], nn.LayerNorm(width))
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        y = self.patches(x).flatten(2).transpose(1, 2)
        y = torch.cat([self.token.expand(y.shape[0], -1, -1), y], 1) + self.position
        return self.head(self.blocks(y)[:, 0])


class Grouped(nn.Sequential):
    """Groups, dilation, uneven strides and transposed convolutions."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(3, 16, 3, 2, 1), nn.SiLU(), nn.Conv2d(16, 32, 3, padding=2, dilation=2, groups=4), nn.GroupNorm(4, 32),
            nn.Hardswish(), nn.Conv2d(32, 32, 3, (2, 1), 1, groups=32), nn.PReLU(32), nn.ConvTranspose2d(32, 8, 3, 2, 1, 1, groups=2),
            nn.PixelShuffle(2), nn.ELU(), nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, CLASSES),
        )


NETWORKS = {
    "smallCnn": SmallCnn, "resnet18": resnet18, "preActResNet18": PreActResNet18, "vgg11Bn": vgg11_bn,
    "mobileNetV2": mobilenet_v2, "denseNet121": densenet121, "efficientNetB0": efficientnet_b0,
    "convNextTiny": convnext_tiny, "smallViT": SmallViT, "grouped": Grouped,
}


def prepare(network):
    """Weights as trained ones are: no statistic is that of a fresh network."""
    generator = torch.Generator().manual_seed(1)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.copy_(0.1 * torch.randn(module.num_features, generator=generator))
            module.running_var.copy_(0.5 + torch.rand(module.num_features, generator=generator))
            module.weight.data.copy_(0.8 + 0.4 * torch.rand(module.num_features, generator=generator))
            module.bias.data.copy_(0.1 * torch.randn(module.num_features, generator=generator))
    return network.eval()


def gradient_of(network, images):
    """Of each image's largest logit."""
    own = images.clone().requires_grad_()
    logits = network(own)
    logits.max(1).values.sum().backward()
    return logits.detach(), own.grad


def main(folder, *cases):
    for case in cases:
        name, side, opset, *fixed = case.split(":")
        torch.manual_seed(0)
        network = prepare(NETWORKS[name]())
        images = torch.rand(IMAGES, 3, int(side), int(side), generator=torch.Generator().manual_seed(2))
        logits, gradient = gradient_of(network, images)
        _, exact = gradient_of(network.double(), images.double())
        network.float()
        axes = {} if fixed else {"x": {0: "n"}, "y": {0: "n"}}
        path = f"{folder}/{name}"
        torch.onnx.export(network, images[:1], f"{path}.onnx", opset_version=int(opset), input_names=["x"], output_names=["y"], dynamic_axes=axes)
        with open(f"{path}.bin", "wb") as file:
            for tensor in [images.permute(0, 2, 3, 1), logits, gradient.permute(0, 2, 3, 1), exact.permute(0, 2, 3, 1)]:
                file.write(tensor.contiguous().to(torch.float32).numpy().tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
