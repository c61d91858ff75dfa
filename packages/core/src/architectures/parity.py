"""LeNet in PyTorch on our weights: logits, and the gradient of one logit by the image, for lenet.parity.test.ts.

    python3 parity.py WEIGHTS.safetensors INPUT.safetensors OUTPUT.safetensors

Input: `images` [n,h,w,c]. Output: `logits` [n,classes], `gradient` [n,h,w,c] of the sum of the third logits. Needs torch.
"""

import json
import struct
import sys

import torch
import torch.nn.functional as F


def read(path):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    arrays = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        start, end = entry["data_offsets"]
        flat = torch.frombuffer(bytearray(data[8 + length + start : 8 + length + end]), dtype=torch.float32)
        arrays[name] = flat.reshape(entry["shape"])
    return arrays


def write(path, arrays):
    header, chunks, offset = {}, [], 0
    for name, tensor in arrays.items():
        flat = tensor.detach().contiguous().flatten().tolist()
        chunk = struct.pack(f"<{len(flat)}f", *flat)
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(chunk)]}
        offset += len(chunk)
        chunks.append(chunk)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


weights = read(sys.argv[1])
images = read(sys.argv[2])["images"].requires_grad_(True)


def convolution(x, name, padding):
    # Ours are [height, width, in, out].
    return F.conv2d(x, weights[f"{name}/kernel"].permute(3, 2, 0, 1), weights[f"{name}/bias"], padding=padding)


def dense(x, name):
    return x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]


x = images.permute(0, 3, 1, 2)
# The textbook's order: ReLU, then pooling.
x = F.max_pool2d(F.relu(convolution(x, "conv1", 2)), 2)
x = F.max_pool2d(F.relu(convolution(x, "conv2", 0)), 2)
# Flattened as ours are: channels last.
x = x.permute(0, 2, 3, 1).flatten(1)
logits = dense(F.relu(dense(F.relu(dense(x, "dense1")), "dense2")), "dense3")
(gradient,) = torch.autograd.grad(logits[:, 2].sum(), images)
write(sys.argv[3], {"logits": logits, "gradient": gradient})
