"""A network of one's own, from its folder to its curves and saliency maps, over HTTP with Python alone.

    ownNetwork.py http://127.0.0.1:4000 FOLDER BADNETS_MODEL_ID    what came out, as JSON on standard output
"""

import hashlib
import io
import json
import os
import sys
import time
import urllib.request
import zipfile

server, folder, badnets = sys.argv[1:]
VALUES = {"translation": [0, 2, 4], "scaling": [0.8, 1, 1.3], "rotation": [0, 20, 45, 90]}
DONE = ("SUCCEEDED", "FAILED", "CANCELLED")


def ask(query, **variables):
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{server}/graphql", body, {"content-type": "application/json"})
    answer = json.load(urllib.request.urlopen(request))
    if "errors" in answer:
        raise SystemExit(f"{query}: {answer['errors']}")
    return answer["data"]


def change(name, made, **values):
    """A mutation; what it made."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    answer = ask(f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {made} errors {{ message }} }} }}", input=values)[name]
    if answer["errors"]:
        raise SystemExit(f"{name}: {answer['errors']}")
    return answer


def wait(job, more=""):
    while True:
        found = ask(f"query ($id: ID!) {{ node(id: $id) {{ ... on Job {{ status error {{ message }} {more} }} }} }}", id=job["id"])["node"]
        if found["status"] == "SUCCEEDED":
            return found
        if found["status"] in DONE:
            raise SystemExit(f"{found}")
        time.sleep(0.1)


archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as file:
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            file.write(path, os.path.relpath(path, os.path.dirname(folder)))
content = archive.getvalue()
upload = change("createUpload", "created { url upload { id } }", kind="MODEL", fileName="mine.zip", bytes=len(content), sha256=hashlib.sha256(content).hexdigest())["created"]
urllib.request.urlopen(urllib.request.Request(server + upload["url"], content, method="PUT"))
job = change("importModel", "job { id }", uploadId=upload["upload"]["id"])["job"]
model = wait(job, "model { id name attack { id } targetLabel { index } trigger { box { left top width height } } warnings network { verified { images gradients } notes } }")["model"]

jobs = [
    change("runSweep", "sweep { job { id } }", modelId=model["id"], transform=transform, target=target, values=values, samples=500)["sweep"]["job"]
    for transform, values in VALUES.items()
    for target in ("TRIGGER", "IMAGE")
]
for job in jobs:
    wait(job)
curves = ask(
    """query ($ids: [ID!]!) { robustnessCurves(filter: { modelIds: $ids }) { model { id } transform { id } target
       points { id value asr { numerator denominator low high } cleanAccuracy { value } } } }""",
    ids=[model["id"], badnets],
)["robustnessCurves"]


def outcomes(point):
    with urllib.request.urlopen(f"{server}/downloads/points/{point['id']}/outcomes.ndjson") as rows:
        return [json.loads(row) for row in rows]


own = [curve for curve in curves if curve["model"]["id"] == model["id"]]
for curve in own:
    for point in curve["points"]:
        point["outcomes"] = outcomes(point)

last = next(curve for curve in own if (curve["transform"]["id"], curve["target"]) == ("rotation", "IMAGE"))["points"][-1]
some = ask("query ($id: ID!) { node(id: $id) { ... on Point { outcomes(first: 2) { nodes { id } } } } }", id=last["id"])["node"]["outcomes"]["nodes"]
explained = change("explain", "explanations { id job { id } }", outcomeIds=[outcome["id"] for outcome in some], copies=5)["explanations"]
for explanation in explained:
    wait(explanation["job"])
maps = ask(
    "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Explanation { saliency { url width height } triggerBox { width height } } } }",
    ids=[explanation["id"] for explanation in explained],
)["nodes"]
for one in maps:
    one["bytes"] = urllib.request.urlopen(server + one["saliency"]["url"]).read().hex()

json.dump({"model": model, "own": own, "beside": [curve for curve in curves if curve not in own], "maps": maps}, sys.stdout)
