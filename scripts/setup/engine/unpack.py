"""Unpacks what tfjs-node needs from wheels: python3 unpack.py FOLDER_OF_WHEELS DESTINATION"""

import pathlib
import shutil
import sys
import zipfile

# What begins with the one goes to where the other says.
MOVES = {
    "tensorflow/libtensorflow_cc.so.2": "lib/libtensorflow_cc.so.2",
    "tensorflow/libtensorflow_framework.so.2": "lib/libtensorflow_framework.so.2",
    "tensorflow/include/tensorflow/c/": "include/tensorflow/c/",
    "tensorflow/include/tensorflow/core/platform/": "include/tensorflow/core/platform/",
    "tensorflow/include/tsl/": "include/tsl/",
    "tensorflow/include/xla/tsl/": "include/xla/tsl/",
    "nvidia/": "nvidia/",  # libtensorflow_cc looks for CUDA in ../nvidia/*/lib
}


def destination(name):
    for prefix, target in MOVES.items():
        if name.startswith(prefix) and not name.endswith("/"):
            if prefix == "nvidia/" and ("/include/" in name or name.endswith(".a")):
                return None  # for compiling CUDA programs
            return target + name[len(prefix) :]
    return None


wheels, folder = map(pathlib.Path, sys.argv[1:])
for path in sorted(wheels.glob("*.whl")):
    with zipfile.ZipFile(path) as wheel:
        for entry in wheel.infolist():
            target = destination(entry.filename)
            if target is None:
                continue
            file = folder / target
            file.parent.mkdir(parents=True, exist_ok=True)
            with wheel.open(entry) as packed, open(file, "wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
            if entry.external_attr >> 16 & 0o100:
                file.chmod(0o755)
    path.unlink()  # pip's own cache keeps it; here it is only in the way
