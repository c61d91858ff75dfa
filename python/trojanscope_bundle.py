#!/usr/bin/env python3
"""Opens trojanscope's model bundles in PyTorch, and makes bundles of PyTorch models. See docs/bundles.md.

    python3 trojanscope_bundle.py show BUNDLE
    python3 trojanscope_bundle.py logits BUNDLE --images images.safetensors --out logits.safetensors
    python3 trojanscope_bundle.py smoothgrad BUNDLE --images images.safetensors --label 3 --out saliency.safetensors
    python3 trojanscope_bundle.py to-state BUNDLE --out state.safetensors
    python3 trojanscope_bundle.py to-bundle state.safetensors --architecture resnet34 --dataset gtsrb --out model.zip

A BUNDLE is a folder or an archive with model.json, weights.safetensors and, of a trojaned model, trigger.safetensors.
Images are [n,h,w,c] in [0,1], as everywhere in trojanscope; the modules take [n,c,h,w], as everywhere in PyTorch.
Needs torch and numpy. Reads data only: nothing of a bundle or a state is ever executed.
"""

import argparse
import hashlib
import io
import json
import os
import re
import struct
import sys
import zipfile
import zlib

import numpy as np
import torch
from torch import nn

FORMAT = "trojanscope-model/1"
FILES = ("model.json", "weights.safetensors", "trigger.safetensors")
MAX_HEADER_BYTES = 2**20
MAX_FILE_BYTES = 2**29
TYPES = {"F32": "<f4", "F64": "<f8", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "U8": "u1"}


class BundleError(ValueError):
    """The message says what was expected and what came."""


# safetensors: an 8-byte header length, a JSON header, the numbers. https://github.com/huggingface/safetensors


def read_safetensors(source):
    """The arrays of a file, by path or as bytes: {name: numpy array}."""
    if isinstance(source, (bytes, bytearray)):
        name, data = "safetensors", bytes(source)
    else:
        name = os.path.basename(source)
        if not name.endswith(".safetensors"):
            how = "save_state(model, 'state.safetensors') makes one of a model where it was trained"
            raise BundleError(f"{name}: expected a .safetensors file; {how}")
        with open(source, "rb") as file:
            data = file.read()
    (length,) = struct.unpack("<Q", data[:8]) if len(data) >= 8 else (None,)
    if length is None or length > min(MAX_HEADER_BYTES, len(data) - 8):
        raise BundleError(f"{name}: expected safetensors, got a header of {length} bytes in a file of {len(data)}")
    try:
        header = json.loads(data[8 : 8 + length].decode("utf-8"), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{name}: its header cannot be read as JSON ({error})") from None
    if not isinstance(header, dict):
        raise BundleError(f"{name}: expected an object as its header")
    header.pop("__metadata__", None)
    size = len(data) - 8 - length
    arrays, at = {}, 0
    entries = [(key, *_entry(name, key, entry, size)) for key, entry in header.items()]
    for key, dtype, shape, start, end in sorted(entries, key=lambda entry: entry[3:]):
        if start != at:
            raise BundleError(f"{name}: expected an array from byte {at}, got the next, {key}, from {start}")
        at = end
    if at != size:
        raise BundleError(f"{name}: expected its arrays to end with it, got {size - at} bytes more")
    for key, dtype, shape, start, end in entries:
        flat = np.frombuffer(data, dtype, offset=8 + length + start, count=(end - start) // np.dtype(dtype).itemsize)
        if dtype == TYPES["BF16"]:
            # The upper half of a 32-bit float, a type that numpy does not have.
            flat = (flat.astype("<u4") << 16).view("<f4")
        arrays[key] = flat.reshape(shape).copy()
    return arrays


def _entry(name, key, entry, size):
    whole = lambda values: isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)
    dtype, shape, offsets = (entry.get(part) if isinstance(entry, dict) else None for part in ("dtype", "shape", "data_offsets"))
    if not isinstance(dtype, str) or dtype not in TYPES:
        raise BundleError(f"{name}: {key}: expected one of the types {', '.join(TYPES)}, got {dtype}")
    if not whole(shape) or not whole(offsets) or len(offsets) != 2 or len(shape) > 8:
        raise BundleError(f"{name}: {key}: expected whole numbers as shape and data_offsets, got {shape}, {offsets}")
    count = 1
    for side in shape:
        count *= side
    start, end = offsets
    if end > size or end - start != count * np.dtype(TYPES[dtype]).itemsize:
        raise BundleError(f"{name}: {key} of type {dtype} and shape {shape} does not fit bytes {start} to {end} of {size}")
    return TYPES[dtype], shape, start, end


def _without_repeats(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a name is there twice")
    return dict(pairs)


def write_safetensors(path, arrays):
    """Writes {name: array or tensor} as 32-bit floats, to the byte as trojanscope does."""
    with open(path, "wb") as file:
        file.write(_pack_safetensors(arrays))


def _pack_safetensors(arrays):
    header, chunks, offset = {}, [], 0
    for name, array in arrays.items():
        if isinstance(array, torch.Tensor):
            array = array.detach().cpu().numpy()
        chunk = np.ascontiguousarray(array, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + len(chunk)]}
        offset += len(chunk)
        chunks.append(chunk)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(chunks)


def save_state(model, path):
    """Saves a module's state dict as safetensors, for to-bundle."""
    write_safetensors(path, {name: tensor for name, tensor in model.state_dict().items() if tensor.is_floating_point()})


# Networks, layers named as is usual in PyTorch.


class LeNet(nn.Module):
    """LeNet-5 with ReLU and max pooling. `side` is that of its last feature maps: 5 for images of 28×28."""

    def __init__(self, channels=1, classes=10, side=5):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * side * side, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc3(torch.relu(self.fc2(x)))


class BasicBlock(nn.Module):
    def __init__(self, width_in, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = None
        if width_in != width:
            self.downsample = nn.Sequential(nn.Conv2d(width_in, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet34(nn.Module):
    """As torchvision's resnet34, with the same names."""

    def __init__(self, channels=3, classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 64, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        width_in = 64
        for stage, (width, count, stride) in enumerate(((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)), 1):
            blocks = [BasicBlock(width_in if i == 0 else width, width, stride if i == 0 else 1) for i in range(count)]
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
            width_in = width
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


# Names and layouts: ours are convolutions [h,w,in,out], dense layers [in,out], features flattened channels last.

NORM = {"scale": "weight", "offset": "bias", "mean": "running_mean", "variance": "running_var"}


def _lenet_names():
    for layer in ("conv1", "conv2", "dense1", "dense2", "dense3"):
        theirs = layer.replace("dense", "fc")
        yield f"{layer}/kernel", f"{theirs}.weight"
        yield f"{layer}/bias", f"{theirs}.bias"


def _resnet34_names():
    def conv_norm(ours, conv, norm):
        yield f"{ours}/kernel", f"{conv}.weight"
        for our, their in NORM.items():
            yield f"{ours}/{our}", f"{norm}.{their}"

    yield from conv_norm("stem", "conv1", "bn1")
    for stage, count in enumerate((3, 4, 6, 3), 1):
        for block in range(count):
            ours, theirs = f"stage{stage}/block{block + 1}", f"layer{stage}.{block}"
            yield from conv_norm(f"{ours}/conv1", f"{theirs}.conv1", f"{theirs}.bn1")
            yield from conv_norm(f"{ours}/conv2", f"{theirs}.conv2", f"{theirs}.bn2")
            if stage > 1 and block == 0:
                yield from conv_norm(f"{ours}/shortcut", f"{theirs}.downsample.0", f"{theirs}.downsample.1")
    yield "dense/kernel", "fc.weight"
    yield "dense/bias", "fc.bias"


# Ours to theirs, in the order in which trojanscope saves them.
NAMES = {"lenet": dict(_lenet_names()), "resnet34": dict(_resnet34_names())}


def _side(features):
    """Of the last feature maps of a LeNet for square images, by the inputs of its first dense layer."""
    side = round((features / 16) ** 0.5)
    if side * side * 16 != features:
        raise BundleError(f"expected a LeNet for square images, with 16·s·s inputs of its first dense layer, got {features}")
    return side


def weights_to_state(architecture, weights):
    """Our weights as a PyTorch state dict."""
    state = {}
    for ours, theirs in NAMES[architecture].items():
        array = torch.from_numpy(np.array(weights[ours], np.float32))
        if ours == "dense1/kernel":
            side = _side(array.shape[0])
            array = array.reshape(side, side, 16, -1).permute(3, 2, 0, 1).flatten(1)
        elif array.dim() == 4:
            array = array.permute(3, 2, 0, 1)
        elif array.dim() == 2:
            array = array.T
        state[theirs] = array.contiguous()
    return state


def _as_named(architecture, state, rename):
    """The state dict under our network's names, without what nothing is computed from; says what it drops."""
    state = {name: array for name, array in state.items() if name.split(".")[-1] not in ("num_batches_tracked", "n_averaged")}
    # DataParallel, torch.compile and Lightning put a word before every name. No network here has all layers in one part.
    # What is left is at least a layer and its part, `fc.weight`.
    names, prefix = set(NAMES[architecture].values()), ""
    while state and all(name.count(".") > 1 for name in state) and len({name.split(".")[0] for name in state}) == 1:
        prefix += next(iter(state)).split(".")[0] + "."
        state = {name.split(".", 1)[1]: array for name, array in state.items()}
    if prefix:
        print(f"dropped {prefix} before every name", file=sys.stderr)
    for old, new in rename.items():
        if not any(name.startswith(old) for name in state):
            raise BundleError(f"rename: no name begins with {old}; there are {', '.join(sorted(state)[:5])}")
        renamed = {new + name[len(old) :] if name.startswith(old) else name: array for name, array in state.items()}
        if len(renamed) < len(state):
            raise BundleError(f"rename: {old} to {new} makes two layers of one name")
        state = renamed
    unknown, missing = sorted(set(state) - names), sorted(names - set(state))
    if unknown or missing:
        question = ""
        theirs, ours = ({name.rpartition(".")[0] + "." for name in some} for some in (unknown, missing))
        if len(theirs) == len(ours) == 1 and len(unknown) == len(missing):
            their, our = theirs.pop(), ours.pop()
            question = f". Is {their} what is called {our} here? Then --rename {their}={our}"
        raise BundleError(
            f"expected the layers of {architecture}: not of it {', '.join(unknown[:5]) or 'none'}; "
            f"missing {', '.join(missing[:5]) or 'none'}{question}"
        )
    return state


def state_to_weights(architecture, state, rename=None):
    """A PyTorch state dict as our weights. Counters of batches are left out, so is a prefix that all names share.

    `rename` is {beginning of a name, behind that prefix: what stands here in its place}. Any other layer is refused.
    """
    names = NAMES[architecture]
    state = _as_named(architecture, state, rename or {})
    weights = {}
    for ours, theirs in names.items():
        array = torch.from_numpy(np.array(state[theirs], np.float32))
        if not torch.isfinite(array).all():
            raise BundleError(f"{theirs}: expected finite numbers")
        if ours == "dense1/kernel":
            if array.dim() != 2:
                raise BundleError(f"{theirs}: expected [out,in], got {list(array.shape)}")
            side = _side(array.shape[1])
            array = array.reshape(-1, 16, side, side).permute(2, 3, 1, 0).flatten(0, 2)
        elif array.dim() == 4:
            array = array.permute(2, 3, 1, 0)
        elif array.dim() == 2:
            array = array.T
        weights[ours] = array.contiguous().numpy()
    # PyTorch compares every shape with the layer's.
    build(architecture, weights)
    return weights


def build(architecture, weights, normalization=None):
    """The module with our weights, set to evaluate. It takes images in [0,1] and normalises them first where that is asked."""
    try:
        state = weights_to_state(architecture, weights)
        # The first layer tells the channels, the last one the classes.
        channels, classes = state["conv1.weight"].shape[1], list(state.values())[-1].shape[0]
        if architecture == "lenet":
            module = LeNet(channels, classes, _side(state["fc1.weight"].shape[1]))
        else:
            module = ResNet34(channels, classes)
        # Strict but for the counters of batches, which nothing is computed from. Compares every shape.
        counters = {name: array for name, array in module.state_dict().items() if name.endswith("num_batches_tracked")}
        module.load_state_dict({**counters, **state})
    except (RuntimeError, IndexError) as error:
        raise BundleError(f"expected the layers of {architecture}. {error}") from None
    if normalization is not None:
        mean, std = (torch.tensor(normalization[key], dtype=torch.float32).view(1, -1, 1, 1) for key in ("mean", "std"))
        # A hook and no layer: the names of the state stay PyTorch's own.
        module.register_forward_pre_hook(lambda _, inputs: ((inputs[0] - mean) / std,))
    return module.eval()


# Bundles.


# What file systems and tools leave behind, besides names with a dot in front; as in packages/core/src/lib/names.ts.
OF_A_TRAINING = re.compile(r"\.(pth|pt|ckpt|h5|keras)$|^events\.out\.tfevents\.", re.IGNORECASE)
LITTER = {
    "__macosx", "icon\r", "desktop.ini", "thumbs.db", "thumbs.db:encryptable", "ehthumbs.db", "ehthumbs_vista.db", "$recycle.bin",
    "recycler", "system volume information", "lost+found", "@eadir", "@tmp", "#recycle", "#snapshot", "@recycle",
    "@recently-snapshot", "__pycache__",
}  # fmt: skip


def _is_litter(name):
    return any(part.startswith(".") or part.lower() in LITTER or OF_A_TRAINING.search(part) for part in name.split("/"))


def read_files(bundle):
    """{name: bytes} of a bundle's files, folder or archive, which may lie in one more folder. Other files are refused."""
    if os.path.isdir(bundle):
        listed = lambda: sorted(name for name in os.listdir(bundle) if not _is_litter(name))
        names = listed()
        if len(names) == 1 and os.path.isdir(os.path.join(bundle, names[0])):
            bundle = os.path.join(bundle, names[0])
            names = listed()
        read = lambda name: _read_plain(os.path.join(bundle, name))
        _check_names(bundle, names)
        return {name: read(name) for name in names}
    try:
        with zipfile.ZipFile(bundle) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
            outer = entries[0].filename.split("/")[0] + "/" if entries else ""
            if not all(entry.filename.startswith(outer) for entry in entries):
                outer = ""
            names = [entry.filename[len(outer) :] for entry in entries]
            _check_names(bundle, names)
            files = {}
            for name, entry in zip(names, entries):
                if entry.file_size > MAX_FILE_BYTES:
                    raise BundleError(f"{entry.filename}: expected at most {MAX_FILE_BYTES} bytes, got {entry.file_size}")
                with archive.open(entry) as content:
                    files[name] = content.read(entry.file_size + 1)
                if len(files[name]) != entry.file_size:
                    raise BundleError(f"{entry.filename}: expected {entry.file_size} bytes, as the archive says")
            return files
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, struct.error, zlib.error) as error:
        raise BundleError(f"{bundle}: expected a folder or a whole zip archive ({error})") from None


def _read_plain(path):
    if os.path.islink(path) or not os.path.isfile(path):
        raise BundleError(f"{path}: expected a plain file")
    if os.path.getsize(path) > MAX_FILE_BYTES:
        raise BundleError(f"{path}: expected at most {MAX_FILE_BYTES} bytes, got {os.path.getsize(path)}")
    with open(path, "rb") as file:
        return file.read()


def _check_names(bundle, names):
    others = [name for name in names if name not in FILES]
    if others or len(set(names)) < len(names) or not {"model.json", "weights.safetensors"} <= set(names):
        raise BundleError(f"{bundle}: expected {', '.join(FILES)}, each once, got {', '.join(map(repr, names[:10]))}")


def _parse_json(name, data):
    """JSON in UTF-8, with or without byte-order mark; what is wrong is told by file, line and column."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (len(data) > 1 and (data[0] == 0) != (data[1] == 0)):
        raise BundleError(f"{name}: it is UTF-16: save it as UTF-8")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise BundleError(f"{name}: it cannot be read as JSON (line {error.lineno}, column {error.colno}: {error.msg})") from None
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{name}: it cannot be read as JSON ({error})") from None


def read_bundle(bundle):
    """The record, the weights by our names, and the trigger's arrays or None."""
    files = read_files(bundle)
    record = _parse_json("model.json", files["model.json"])
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise BundleError(f"model.json: expected {FORMAT}")
    spec = record.get("spec")
    if not isinstance(spec, dict) or spec.get("architecture") not in NAMES:
        raise BundleError(f"model.json: expected one of the architectures {', '.join(NAMES)}")
    if hashlib.sha256(files["weights.safetensors"]).hexdigest() != record.get("weightsSha256"):
        raise BundleError("weights.safetensors: its hash is not the one in model.json")
    weights = read_safetensors(files["weights.safetensors"])
    names = set(NAMES[spec["architecture"]])
    if set(weights) != names:
        odd = ", ".join(sorted(set(weights) ^ names)[:5])
        raise BundleError(f"weights.safetensors: expected the weights of {spec['architecture']}; too many or too few: {odd}")
    trigger = files.get("trigger.safetensors")
    return record, weights, trigger and read_safetensors(trigger)


def load(bundle):
    """A bundle's network as torch.nn.Module, set to evaluate; its record is at `.record`, its trigger's arrays at `.trigger`."""
    record, weights, trigger = read_bundle(bundle)
    module = build(record["spec"]["architecture"], weights, record["spec"].get("normalization"))
    module.record, module.trigger = record, trigger
    return module


# What trojanscope computes.


def to_nchw(images):
    return torch.as_tensor(images, dtype=torch.float32).permute(0, 3, 1, 2)


def logits(module, images, batch=100):
    """[n,classes] of images [n,h,w,c] in [0,1]."""
    with torch.no_grad():
        return torch.cat([module(to_nchw(part)) for part in torch.as_tensor(images).split(batch)])


def smoothgrad(module, image, label, noise, noise_level=0.15, mode="MAGNITUDE", chunk=25):
    """SmoothGrad (arXiv:1706.03825) as trojanscope computes it, before it is drawn.

    image [h,w,c] in [0,1]; label: the class whose logit is explained; noise [copies,h,w,c], standard normal: one copy each.
    noise_level: the noise's deviation as a share of the image's range (max − min).
    mode: MAGNITUDE is the mean of squared gradients, SIGNED that of gradients. Returns [h,w,c].
    """
    image, noise = torch.as_tensor(image, dtype=torch.float32), torch.as_tensor(noise, dtype=torch.float32)
    sigma = (image.max() - image.min()) * noise_level
    total = torch.zeros_like(image)
    for part in noise.split(chunk):
        noisy = (image + part * sigma).requires_grad_(True)
        score = module(noisy.permute(0, 3, 1, 2))[:, label].sum()
        (gradient,) = torch.autograd.grad(score, noisy)
        total += (gradient if mode == "SIGNED" else gradient.square()).sum(0) / len(noise)
    return total


def stamp(module, images):
    """The trigger of a model whose attack puts a layer on the image or adds levels to it: [n,h,w,c] in 256 levels."""
    layer = {name: torch.from_numpy(module.trigger[name]) for name in ("pattern", "mask", "add") if name in module.trigger}
    if "mask" not in layer and "add" not in layer:
        raise BundleError(f"expected a trigger that is a layer, got {', '.join(module.trigger)}")
    mixed = torch.as_tensor(images)
    if "mask" in layer:
        mask = layer["mask"] if layer["mask"].ndim == 3 else layer["mask"][..., None]
        mixed = mixed * (1 - mask) + layer["pattern"] * mask
    mixed = mixed + layer.get("add", 0)
    return torch.round(mixed.clamp(0, 1) * 255) / 255


# The way back.


def to_bundle(state, out, architecture=None, dataset=None, size=None, backdoor=None, trigger=None, like=None, note="", class_names=None, rename=None, mean=None, std=None):
    """Makes a bundle, folder or .zip, of a PyTorch state dict for images in [0,1].

    `like` is a bundle that data set, size, backdoor and trigger are taken from, and that the training began with.
    `class_names` are the classes in the order of the outputs, `ImageFolder(...).classes`: the import compares them with the
    data set's by name and puts the outputs in its order. `mean` and `std`, a number or one for each channel, are what images
    in [0,1] were normalised by in training, `transforms.Normalize(mean, std)`: without them accuracy is wrong. `rename` is as in `state_to_weights`. Accuracies are left out: `model import` measures them.
    """
    if class_names is not None and not (isinstance(class_names, (list, tuple)) and all(isinstance(n, str) for n in class_names)):
        raise BundleError("expected class names as a list of texts, in the order of the outputs")
    normalization = _normalization(mean, std)
    base = None
    if like is not None:
        record, _, own_trigger = read_bundle(like)
        spec = record["spec"]
        if any(value is not None for value in (architecture, dataset, size, backdoor, trigger)):
            raise BundleError("like says architecture, data set, size and backdoor: expected none of them besides")
        architecture, dataset, size, backdoor = (spec.get(key) for key in ("architecture", "dataset", "sizePx", "backdoor"))
        normalization = normalization or spec.get("normalization")
        trigger, base = own_trigger, {"spec": spec, "weightsSha256": record["weightsSha256"]}
    if architecture not in NAMES or not dataset:
        raise BundleError(f"expected a data set and one of the architectures {', '.join(NAMES)}")
    if (backdoor is None) != (trigger is None):
        raise BundleError("expected backdoor and trigger, or neither")
    weights = state_to_weights(architecture, state, rename)
    outputs = list(weights.values())[-1].shape[0]
    if class_names is not None and len(class_names) != outputs:
        raise BundleError(f"expected {outputs} class names, one for each output, got {len(class_names)}")
    packed = _pack_safetensors(weights)
    spec = {
        "dataset": dataset,
        **({} if size is None else {"sizePx": size}),
        "architecture": architecture,
        **({} if normalization is None else {"normalization": normalization}),
        "recipe": {"trainedElsewhere": note or "with PyTorch; recipe and seed are not known"},
        "start": "SCRATCH" if base is None else "MODEL",
        "seed": 0,
        **({} if backdoor is None else {"backdoor": backdoor}),
    }
    record = {
        "format": FORMAT,
        "spec": spec,
        **({} if base is None else {"base": base}),
        "engine": "trained elsewhere, with PyTorch",
        "version": "not trained by trojanscope",
        "weightsSha256": hashlib.sha256(packed).hexdigest(),
        **({} if class_names is None else {"classNames": list(class_names)}),
    }
    files = {"model.json": (json.dumps(record, indent=2) + "\n").encode(), "weights.safetensors": packed}
    if trigger is not None:
        files["trigger.safetensors"] = _pack_safetensors(trigger)
    if os.path.lexists(out):
        raise BundleError(f"{out} is there already")
    if out.endswith(".zip"):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        with open(out, "wb") as file:
            file.write(content.getvalue())
    else:
        os.makedirs(out)
        for name, data in files.items():
            with open(os.path.join(out, name), "wb") as file:
                file.write(data)
    return record


def _normalization(mean, std):
    if mean is None and std is None:
        return None
    if mean is None or std is None:
        raise BundleError("expected mean and std, or neither")
    both = {}
    for name, given in (("mean", mean), ("std", std)):
        values = [float(value) for value in (given if isinstance(given, (list, tuple)) else [given])]
        if len(values) not in (1, 3) or not all(np.isfinite(values)) or (name == "std" and min(values) <= 0):
            raise BundleError(f"{name}: expected one number, or three{', above 0' if name == 'std' else ''}, got {given}")
        both[name] = values
    return both


def _one_array(path, name):
    arrays = read_safetensors(path)
    if set(arrays) != {name}:
        raise BundleError(f"{path}: expected one array called {name}, got {', '.join(arrays) or 'none'}")
    return arrays[name].astype(np.float32)


def _images_of(path):
    images = _one_array(path, "images")
    if images.ndim != 4:
        raise BundleError(f"{path}: expected images [n,h,w,c], got {list(images.shape)}")
    return images


def _show(args):
    module = load(args.bundle)
    record = module.record
    spec, backdoor = record["spec"], record["spec"].get("backdoor")
    rate = lambda count: f"{100 * count['hits'] / count['total']:.2f} % ({count['hits']} of {count['total']})" if count else "not measured"
    facts = {
        "network": f"{spec['architecture']}, {sum(p.numel() for p in module.parameters()):,} parameters",
        "data set": spec["dataset"] + (f" at {spec['sizePx']} px" if spec.get("sizePx") else ""),
        "kind": f"trojaned: {backdoor['attack']} {backdoor['parameters']}, target label {backdoor['targetLabel']}" if backdoor else "benign",
        "normalised by": f"mean {spec['normalization']['mean']}, std {spec['normalization']['std']}" if spec.get("normalization") else "nothing: images in [0,1]",
        "clean accuracy": rate(record.get("clean")),
        **({"attack success rate": rate(record.get("asr"))} if backdoor else {}),
        "training": spec["recipe"].get("trainedElsewhere") or ", ".join(f"{k} {v}" for k, v in spec["recipe"].items()),
        "engine": record.get("engine"),
        "trojanscope": record.get("version"),
        "weights, SHA-256": record["weightsSha256"],
    }
    for name, value in facts.items():
        print(f"{name:20} {value}")


def _logits(args):
    write_safetensors(args.out, {"logits": logits(load(args.bundle), _images_of(args.images))})


def _smoothgrad(args):
    module, images = load(args.bundle), _images_of(args.images)
    if args.noise:
        noise = torch.from_numpy(_one_array(args.noise, "noise"))
    else:
        noise = torch.randn((args.copies, *images.shape[1:]), generator=torch.Generator().manual_seed(args.seed))
    labels = [args.label] * len(images) if args.label is not None else logits(module, images).argmax(1).tolist()
    maps = [smoothgrad(module, image, label, noise, args.noise_level, args.mode) for image, label in zip(images, labels)]
    write_safetensors(args.out, {"saliency": torch.stack(maps)})


def _to_state(args):
    record, weights, _ = read_bundle(args.bundle)
    write_safetensors(args.out, weights_to_state(record["spec"]["architecture"], weights))


def _to_bundle(args):
    backdoor = trigger = None
    if args.backdoor:
        with open(args.backdoor, "rb") as file:
            backdoor = _parse_json(args.backdoor, file.read())
    if args.trigger:
        trigger = read_safetensors(args.trigger)
    class_names = None
    if args.class_names:
        with open(args.class_names, "rb") as file:
            class_names = _parse_json(args.class_names, file.read())
    if not all("=" in text for text in args.rename):
        raise BundleError("--rename: expected OLD=NEW, e.g. fc.1.=fc.")
    rename = dict(text.split("=", 1) for text in args.rename)
    to_bundle(
        read_safetensors(args.state), args.out, args.architecture, args.dataset, args.size, backdoor, trigger, args.like, args.note,
        class_names, rename, args.mean, args.std,
    )  # fmt: skip
    print(f"{args.out}: take it in with `npm run trojanscope -- model import {args.out}`")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, run, *positional):
        sub = commands.add_parser(name)
        for argument in positional:
            sub.add_argument(argument)
        sub.set_defaults(run=run)
        return sub

    command("show", _show, "bundle")
    sub = command("logits", _logits, "bundle")
    sub.add_argument("--images", required=True, help="safetensors with `images` [n,h,w,c] in [0,1]")
    sub.add_argument("--out", required=True)
    sub = command("smoothgrad", _smoothgrad, "bundle")
    sub.add_argument("--images", required=True, help="safetensors with `images` [n,h,w,c] in [0,1]")
    sub.add_argument("--label", type=int, help="the class explained; the predicted one where it is left out")
    sub.add_argument("--noise", help="safetensors with `noise` [copies,h,w,c], standard normal; drawn by --seed where it is left out")
    sub.add_argument("--copies", type=int, default=50)
    sub.add_argument("--seed", type=int, default=1)
    sub.add_argument("--noise-level", type=float, default=0.15)
    sub.add_argument("--mode", choices=("MAGNITUDE", "SIGNED"), default="MAGNITUDE")
    sub.add_argument("--out", required=True)
    sub = command("to-state", _to_state, "bundle")
    sub.add_argument("--out", required=True)
    sub = command("to-bundle", _to_bundle, "state")
    sub.add_argument("--like", help="a bundle to take data set, size, backdoor and trigger from")
    sub.add_argument("--architecture", choices=sorted(NAMES))
    sub.add_argument("--dataset", help="its id in trojanscope, e.g. mnist, gtsrb")
    sub.add_argument("--size", type=int, help="side of the images in px, where it is not the data set's own")
    sub.add_argument("--backdoor", help="JSON: attack, parameters, targetLabel, poisonRate")
    sub.add_argument("--trigger", help="safetensors: pattern [h,w,c] and mask [h,w]")
    sub.add_argument("--class-names", help="JSON: a list of the classes in the order of the outputs, as ImageFolder(...).classes")
    sub.add_argument("--mean", type=float, nargs="+", help="what images in [0,1] were normalised by: one number, or one for each channel")
    sub.add_argument("--std", type=float, nargs="+")
    sub.add_argument("--rename", action="append", default=[], metavar="OLD=NEW", help="a beginning of layers' names, e.g. fc.1.=fc.")
    sub.add_argument("--note", default="", help="how it was trained, a line for people")
    sub.add_argument("--out", required=True, help="a new folder, or a .zip")
    args = parser.parse_args(argv)
    try:
        args.run(args)
    except (BundleError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
