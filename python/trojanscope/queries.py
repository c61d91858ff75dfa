"""Every request that the package sends, made from the types of what it gets. Checked against schema.graphql by a
test.
"""

from __future__ import annotations

from . import records as r
from .reading import selection

PAGE = "pageInfo { endCursor hasNextPage }"


def _list(field: str, record: type, filter: str, order: str) -> str:
    return (
        f"query ($first: Int, $after: String, $filter: {filter}, $orderBy: {order}) {{ "
        f"{field}(first: $first, after: $after, filter: $filter, orderBy: $orderBy) "
        f"{{ nodes {{ {selection(record)} }} {PAGE} }} }}"
    )


def _start(mutation: str, input: str, made: str, record: type) -> str:
    return (
        f"mutation ($input: {input}!) {{ {mutation}(input: $input) "
        f"{{ {made} {{ {selection(record)} }} errors {{ code message field }} }} }}"
    )


def _node(record: type) -> str:
    name = "Point" if record is r.ComparedPoint else record.__name__
    return f"query ($id: ID!) {{ node(id: $id) {{ __typename ... on {name} {{ {selection(record)} }} }} }}"


TYPE = "query ($id: ID!) { node(id: $id) { __typename } }"
NODE = {name: _node(record) for name, record in r.NODES.items()}
COMPARISON = _node(r.ComparedPoint)
EXPLANATIONS = (
    f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Explanation {{ {selection(r.Explanation)} }} }} }}"
)

MODELS = _list("models", r.Model, "ModelFilter", "ModelOrder")
SWEEPS = _list("sweeps", r.Sweep, "SweepFilter", "SweepOrder")
DETECTIONS = _list("detections", r.Detection, "DetectionFilter", "DetectionOrder")
JOBS = _list("jobs", r.Job, "JobFilter", "JobOrder")
CURVES = f"query ($filter: CurveFilter!) {{ robustnessCurves(filter: $filter) {{ {selection(r.RobustnessCurve)} }} }}"
OUTCOMES = (
    "query ($id: ID!, $first: Int, $after: String, $filter: OutcomeFilter, $orderBy: OutcomeOrder) { node(id: $id) { "
    "... on Point { outcomes(first: $first, after: $after, filter: $filter, orderBy: $orderBy) "
    f"{{ nodes {{ {selection(r.Outcome)} }} {PAGE} }} }} }} }}"
)
PROBE = f"query ($input: ProbeInput!) {{ probe(input: $input) {{ {selection(r.Probe)} }} }}"

TRAIN = _start("trainModel", "TrainModelInput", "model", r.Model)
IMPLANT = _start("implantBackdoor", "ImplantBackdoorInput", "model", r.Model)
SWEEP = _start("runSweep", "RunSweepInput", "sweep", r.Sweep)
DETECT = _start("runDetector", "RunDetectorInput", "detection", r.Detection)
EXPLAIN = _start("explain", "ExplainInput", "explanations", r.Explanation)
COMPARE = _start("compareExplainers", "CompareExplainersInput", "point", r.ComparedPoint)
RANGE = _start("findLargestRange", "FindLargestRangeInput", "range", r.LargestRange)
STUDY = _start("runStudy", "RunStudyInput", "study", r.Study)
UPLOAD = _start("createUpload", "CreateUploadInput", "created", r.CreatedUpload)
IMPORT_MODEL = _start("importModel", "ImportModelInput", "job", r.Job)
IMPORT_DATASET = _start("importDataset", "ImportDatasetInput", "job", r.Job)
CANCEL = _start("cancelJob", "CancelJobInput", "job", r.Job)
RETRY = _start("retryJob", "RetryJobInput", "job", r.Job)

PROGRESS = f"subscription ($jobId: ID!) {{ jobProgress(jobId: $jobId) {{ {selection(r.JobProgress)} }} }}"
