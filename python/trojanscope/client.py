"""The client: tables of what there is, records by id, and what starts work."""

from __future__ import annotations

import hashlib
import os
import uuid
import zipfile
from io import BytesIO
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Generic,
    Iterator,
    Literal,
    Mapping,
    Optional,
    Protocol,
    Sequence,
    TypeVar,
    Union,
    cast,
    overload,
)

from . import queries
from . import records as r
from .errors import TrojanscopeError, error_of
from .reading import as_frame, columns, read, row
from .runs import Run
from .wire import Wire

if TYPE_CHECKING:
    import pandas

ADDRESS = "http://127.0.0.1:4000"
PAGE_SIZE = 100
SMALLEST_PAGE = 10
#: The largest archive that a server takes.
MAXIMUM_UPLOAD_BYTES = 2**30

Row = dict[str, Any]
Input = Mapping[str, Any]
T = TypeVar("T")
R = TypeVar("R")


class HasId(Protocol):
    """Whatever has an id: a record, a run, a row of a DataFrame."""

    @property
    def id(self) -> str: ...


class Client(Generic[T]):
    """A server, and what one may do there.

    Arguments, fields and columns are named as in GraphQL (packages/schema/schema.graphql), and what is left out has the
    server's default. Every method raises TrojanscopeError, with `code` and `field`, where the server refuses, and
    Unreachable where none answers. What starts work gives a `Run` at once; `run.wait()` waits for it.

    url: where the server is, with its path where it has one; TROJANSCOPE_URL, or http://127.0.0.1:4000, when left out.
    token: an access token, `ts_pat_…`, of a server with accounts; TROJANSCOPE_TOKEN when left out.
    frames: True: tables are pandas DataFrames; False: lists of dicts with the same keys, for which nothing is needed.
    timeout: seconds that one request may take.
    patience: seconds for which a request is asked again while the server is away or says that it is busy (429, 503; it
        tells how long to wait). Nothing is started twice thereby: each start has a key, `idempotencyKey`, by which the
        server knows it again.
    """

    @overload
    def __init__(
        self: "Client[pandas.DataFrame]",
        url: Optional[str] = None,
        token: Optional[str] = None,
        *,
        frames: Literal[True] = True,
        timeout: float = 60.0,
        patience: float = 120.0,
    ) -> None: ...

    @overload
    def __init__(
        self: "Client[list[Row]]",
        url: Optional[str] = None,
        token: Optional[str] = None,
        *,
        frames: Literal[False],
        timeout: float = 60.0,
        patience: float = 120.0,
    ) -> None: ...

    def __init__(
        self,
        url: Optional[str] = None,
        token: Optional[str] = None,
        *,
        frames: bool = True,
        timeout: float = 60.0,
        patience: float = 120.0,
    ) -> None:
        self.url = (url or os.environ.get("TROJANSCOPE_URL") or ADDRESS).rstrip("/")
        self._frames = frames
        self._wire = Wire(self.url, token or os.environ.get("TROJANSCOPE_TOKEN"), timeout, patience)

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def __enter__(self) -> "Client[T]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections. Work on the server goes on."""
        self._wire.close()

    # Anything at all

    def execute(self, query: str, variables: Optional[Input] = None) -> dict[str, Any]:
        """Sends a query or mutation of one's own, for everything that has no method, and gives its data.

        Raises TrojanscopeError for GraphQL's errors, with what was found beside them as `data`; `errors` of a
        mutation's payload are data. A mutation without `idempotencyKey` in its variable `input` is sent once.
        """
        return self._wire.ask(query, variables or {})

    def subscribe(
        self, query: str, variables: Optional[Input] = None, *, silence: Optional[float] = None
    ) -> Iterator[dict[str, Any]]:
        """Sends a subscription, and gives its data piece by piece, to its end.

        silence: seconds after which Unreachable is raised where nothing comes, as where the connection is cut;
        None waits.
        """
        return self._wire.subscribe(query, variables or {}, lambda: silence)

    def get(self, id: str) -> Any:
        """A model, sweep, point, outcome, detection, explanation, job, study or range by its id, as a record.

        Raises TrojanscopeError NOT_FOUND where there is none, UNSUPPORTED for other things (`execute` has them).
        """
        return self._get(self._type(id), id)

    # Tables

    def models(
        self, *, filter: Optional[Input] = None, orderBy: Optional[Input] = None, limit: Optional[int] = None
    ) -> T:
        """Models, newest first: a row each, with the fields of `records.Model` as columns (`asr.value`, 0 to 1).

        filter: a ModelFilter: {"kind": "TROJANED", "dataset": "mnist", "tags": ["ours"]}. orderBy: a ModelOrder:
        {"field": "ASR", "direction": "DESC"}. limit: at most so many; all when left out.
        """
        return self._list(queries.MODELS, "models", r.Model, filter, orderBy, limit)

    def sweeps(
        self, *, filter: Optional[Input] = None, orderBy: Optional[Input] = None, limit: Optional[int] = None
    ) -> T:
        """Sweeps, newest first: a row each, with the fields of `records.Sweep` as columns.

        filter: a SweepFilter: {"modelId": …, "transform": "rotation"}. orderBy: a SweepOrder. limit: at most so many.
        """
        return self._list(queries.SWEEPS, "sweeps", r.Sweep, filter, orderBy, limit)

    def detections(
        self, *, filter: Optional[Input] = None, orderBy: Optional[Input] = None, limit: Optional[int] = None
    ) -> T:
        """Detectors tried on models, newest first: a row each, with the fields of `records.Detection` as columns.

        `measures.auroc.value` is 0.5 by chance, `measures.at` and `measures.roc` are lists of records.
        filter: a DetectionFilter: {"modelId": …, "newest": True}. orderBy: a DetectionOrder. limit: at most so many.
        """
        return self._list(queries.DETECTIONS, "detections", r.Detection, filter, orderBy, limit)

    def jobs(
        self, *, filter: Optional[Input] = None, orderBy: Optional[Input] = None, limit: Optional[int] = None
    ) -> T:
        """Jobs, newest first: a row each, with the fields of `records.Job` as columns.

        filter: a JobFilter: {"status": ["QUEUED", "RUNNING"]}. orderBy: a JobOrder. limit: at most so many.
        """
        return self._list(queries.JOBS, "jobs", r.Job, filter, orderBy, limit)

    def curves(
        self,
        *,
        transform: Optional[r.TransformId] = None,
        target: Optional[r.TransformTarget] = None,
        modelIds: Optional[Sequence[str]] = None,
        sweepIds: Optional[Sequence[str]] = None,
    ) -> T:
        """Robustness curves: a row for each point, in the order of the values asked for.

        Columns are the fields of `records.Point` (`id`, `value` in `unit`, `asr.value`, `asr.low`, `asr.high`, all 0 to
        1) and of the curve it is on (`model.name`, `model.attackParameters`, `sweep.id`, `transform.id`, `target`).
        Of each model, transform and target the newest finished sweep; of `sweepIds` exactly these, finished or not.
        """
        wanted = _given(transform=transform, target=target, modelIds=modelIds, sweepIds=sweepIds)
        answer = self.execute(queries.CURVES, {"filter": wanted})["robustnessCurves"]
        rows = []
        for curve in self._read(list[r.RobustnessCurve], answer):
            along = row(r.RobustnessCurve, curve)
            along.pop("points")
            rows += [{**along, **row(r.Point, point)} for point in curve.points]
        names = [name for name in columns(r.RobustnessCurve) if name != "points"]
        return self._table(rows, names + columns(r.Point))

    def outcomes(
        self,
        point: Union[str, HasId],
        *,
        kind: Optional[r.OutcomeKind] = None,
        orderBy: Optional[Input] = None,
        limit: Optional[int] = None,
    ) -> T:
        """The samples behind a point, as they were drawn: a row each, with the fields of `records.Outcome` as columns.

        `image` is what the model saw, `sample.image` the clean one: pictures that are fetched when they are looked at,
        `outcomes["image"][0].array()` being bytes of [height, width] or [height, width, 3].

        point: its id, as `curves` has it in the column `id`, or what has one. kind: only what fired (TARGET), is
        taken for its true label (TRUTH) or for another (OTHER). orderBy: an OutcomeOrder. limit: at most so many.
        """
        id = point if isinstance(point, str) else point.id
        more = {"id": id, **_given(filter=_given(kind=kind), orderBy=orderBy)}
        nodes = self._pages(queries.OUTCOMES, lambda data: _found(data["node"], id)["outcomes"], more, limit)
        return self._table(
            [row(r.Outcome, self._read(r.Outcome, node)) for node in nodes], columns(r.Outcome)
        )

    # One sample

    def probe(
        self,
        *,
        modelId: str,
        sampleIndex: int,
        trigger: bool = False,
        transform: Optional[Input] = None,
        explain: Optional[Input] = None,
        untrained: bool = False,
        seed: int = 1,
    ) -> r.Probe:
        """Looks at one test sample through one trained model, at once; nothing of it is stored.

        sampleIndex: its place in the test split, from 0. trigger: whether to put the trigger on it.
        transform: a ProbeTransformInput: {"transform": "rotation", "target": "IMAGE", "value": 15}.
        explain: a SmoothGradInput for a saliency map as well: {} or {"method": {"gradCam": {}}}.
        untrained: whether to explain the network with random weights too, as a control; only with `explain`.
        """
        answer = self.execute(queries.PROBE, {"input": _arguments(locals())})["probe"]
        return cast(r.Probe, self._read(r.Probe, answer))

    # What starts work

    def train(
        self,
        *,
        dataset: str,
        architecture: str,
        name: Optional[str] = None,
        seed: int = 1,
        sizePx: Optional[int] = None,
        recipe: Optional[Input] = None,
        normalization: Optional[Input] = None,
        startFromModelId: Optional[str] = None,
        idempotencyKey: Optional[str] = None,
    ) -> Run[r.Model]:
        """Queues the training of a benign model (`trainModel`).

        dataset, architecture: by their ids in the catalog: "mnist", "lenet". sizePx: side that images are resized
        to, 1 to 512. recipe: a RecipeInput: {"epochs": 5}; the architecture's own where left out. normalization:
        {"mean": [0.5], "std": [0.5]}. startFromModelId: a trained model of the same layers to start from.
        """
        return self._made(queries.TRAIN, _arguments(locals()), r.Model)

    def implant(
        self,
        *,
        dataset: str,
        architecture: str,
        attack: Input,
        targetLabel: int = 0,
        benignModelId: Optional[str] = None,
        startFromBenign: bool = False,
        poisonRate: Optional[float] = None,
        coverRatio: Optional[float] = None,
        trainingTransforms: Optional[Input] = None,
        name: Optional[str] = None,
        seed: int = 1,
        sizePx: Optional[int] = None,
        recipe: Optional[Input] = None,
        normalization: Optional[Input] = None,
        idempotencyKey: Optional[str] = None,
    ) -> Run[r.Model]:
        """Queues the training of a trojaned model (`implantBackdoor`); of a benign one first, where none is named.

        attack: one attack with its parameters: {"badnets": {"patchSizePx": 3, "pattern": "cross"}}; {} are the paper's.
        targetLabel: what the backdoor makes the model say. poisonRate: share of the training images that get the
        trigger, above 0 to 0.9. coverRatio: images with the trigger that keep their label, for each poisoned one,
        0 to 10.
        trainingTransforms: {"target": "TRIGGER", "transforms": [{"transform": "rotation", "from": -15, "to": 15}]}.
        startFromBenign: retrain the benign model. The rest as in `train`.
        """
        return self._made(queries.IMPLANT, _arguments(locals()), r.Model)

    def run_sweep(
        self,
        *,
        modelId: str,
        transform: r.TransformId,
        target: r.TransformTarget,
        values: Optional[Sequence[float]] = None,
        samples: int = 1000,
        seed: int = 1,
        eligibility: Literal["TRUE_LABEL", "BENIGN_PREDICTION"] = "TRUE_LABEL",
        idempotencyKey: Optional[str] = None,
    ) -> Run[r.Sweep]:
        """Queues a sweep of a trained trojaned model (`runSweep`). `curves(sweepIds=[run.id])` are its points.

        target: TRIGGER before it is put on, or the whole IMAGE. values: in the transform's unit, each once, 1 to
        100; the paper's when left out. samples: test images at each value, the same at all, 1 to 10,000.
        """
        return self._made(queries.SWEEP, _arguments(locals()), r.Sweep)

    def run_detector(
        self,
        *,
        modelId: str,
        detector: Input,
        samples: int = 1000,
        seed: int = 1,
        idempotencyKey: Optional[str] = None,
    ) -> Run[r.Detection]:
        """Queues the trial of a detector on a trained trojaned model and the benign one beside it (`runDetector`).

        detector: one with its parameters: {"strip": {}}. samples: test images judged, clean and trojaned, 20 to 10,000.
        """
        return self._made(queries.DETECT, _arguments(locals()), r.Detection)

    def find_largest_range(
        self,
        *,
        modelId: str,
        transform: r.TransformId,
        limit: Optional[float] = None,
        step: Optional[float] = None,
        precision: Optional[float] = None,
        tolerance: float = 0.05,
        samples: int = 1000,
        seed: int = 1,
        idempotencyKey: Optional[str] = None,
    ) -> Run[r.LargestRange]:
        """Queues a search for how far clean images can be transformed and still be classified right
        (`findLargestRange`).

        limit: how far to go from the identity. step, precision: how far apart values are on the way out, and in
        the end.
        tolerance: how much lower accuracy may be and hold, 0 to 1. samples: clean images at each value, 1 to 10,000.
        """
        return self._made(queries.RANGE, _arguments(locals()), r.LargestRange)

    def explain(
        self,
        *,
        outcomeIds: Sequence[str],
        method: Optional[Input] = None,
        copies: int = 50,
        noiseLevel: float = 0.15,
        mode: Literal["MAGNITUDE", "SIGNED"] = "MAGNITUDE",
        explainedClass: Literal["PREDICTED", "TARGET", "TRUE"] = "PREDICTED",
        margin: Optional[float] = None,
        seed: int = 1,
        idempotencyKey: Optional[str] = None,
    ) -> Run[list[r.Explanation]]:
        """Queues explanations of outcomes, in their order; those that exist are not computed again.

        outcomeIds: 1 to 100, of one model, as `outcomes` has them in the column `id`. method: another than SmoothGrad,
        with its parameters: {"gradCam": {}}; else copies (1 to 1,000), noiseLevel (0 to 1) and mode are SmoothGrad's.
        margin: how near to the trigger counts as near, as a share of the image's longer side, 0 to 0.5.
        """
        made = self._read(list[r.Explanation], self._start(queries.EXPLAIN, _arguments(locals())))
        ids = [explanation.id for explanation in made]
        jobs = list(dict.fromkeys(each.job.id for each in made if each.job))

        def fetch() -> list[r.Explanation]:
            nodes = self.execute(queries.EXPLANATIONS, {"ids": ids})["nodes"]
            return cast("list[r.Explanation]", self._read(list[r.Explanation], nodes))

        return Run(self, (jobs or ids)[-1], lambda: jobs, fetch)

    def compare_explainers(
        self, *, pointId: str, samples: int = 50, idempotencyKey: Optional[str] = None
    ) -> Run[r.ExplainerComparison]:
        """Queues explanations by every method, of samples that fire untransformed and of the same at a point that
        defeats the trigger (`compareExplainers`). `frame(run.wait().rows)` is the table of methods.

        pointId: a point of a sweep that has the identity too. samples: how many, 2 to 100.
        """
        self._start(queries.COMPARE, _arguments(locals()))
        return self._comparison(pointId)

    def run_study(
        self,
        *,
        preset: Optional[r.StudyPresetId] = None,
        document: Optional[str] = None,
        name: Optional[str] = None,
        seed: int = 1,
        seeds: int = 1,
        sizePx: Optional[int] = None,
        styleFolder: Optional[str] = None,
        generatorFile: Optional[str] = None,
        pictureFile: Optional[str] = None,
        idempotencyKey: Optional[str] = None,
    ) -> Run[r.Study]:
        """Queues all that a study consists of (`runStudy`); what is there already is taken over. `wait` goes job
        by job.

        preset: a study that is ready to run. document: instead, the text of one's own, YAML or JSON (docs/studies.md),
        which says all else itself. seeds: how many, 1 to 20, from `seed` on. sizePx: side that images are resized to,
        32 to 512. The files are absolute paths on the server.
        """
        return self._made(queries.STUDY, _arguments(locals()), r.Study)

    def import_model(
        self,
        path: Union[str, "os.PathLike[str]"],
        *,
        dataset: Optional[str] = None,
        targetLabel: Optional[int] = None,
        benignModelId: Optional[str] = None,
        name: Optional[str] = None,
        measure: bool = False,
        mean: Optional[Sequence[float]] = None,
        std: Optional[Sequence[float]] = None,
        channels: Optional[Literal["rgb", "bgr"]] = None,
        classOrder: Optional[Literal["numeric", "codepoint"]] = None,
    ) -> Run[r.Model]:
        """Sends a model of one's own, and queues its import (`createUpload`, `importModel`; docs/own-models.md).

        path: a folder that `trojanscope_export` wrote, a bundle as a folder or a zip archive, or an .onnx file; at most
        1 GiB. dataset, targetLabel: where the folder does not say them. The rest says how the network takes its images.
        `run.wait()` gives the model; JobFailed says what is not as it should be.
        """
        given = _arguments({name: value for name, value in locals().items() if name != "path"})
        job = self._import(queries.IMPORT_MODEL, "MODEL", path, given)

        def fetch() -> r.Model:
            model = self._get(r.Job, job).model
            return self._get(r.Model, _found(model, job).id)

        return Run(self, job, lambda: [job], fetch)

    def import_dataset(
        self,
        path: Union[str, "os.PathLike[str]"],
        *,
        datasetId: str,
        skipUnreadable: bool = False,
    ) -> Run[r.Job]:
        """Sends a data set, and queues its import (`createUpload`, `importDataset`; docs/data.md).

        path: a folder of class folders, or a zip archive of one, at most 1 GiB. datasetId: its id from now on.
        skipUnreadable: leave out files that cannot be read, instead of refusing them all.
        """
        given = _arguments({name: value for name, value in locals().items() if name != "path"})
        job = self._import(queries.IMPORT_DATASET, "DATASET", path, given)
        return Run(self, job, lambda: [job], lambda: self._get(r.Job, job))

    def run(self, id: str) -> Run[Any]:
        """What was started before, here or elsewhere, by its id: of a model, sweep, detection, range, study,
        explanation or job, or of a point for the comparison of methods there."""
        record = self._type(id)
        if record is r.Point:
            return self._comparison(id)
        if record is r.Outcome:
            raise TrojanscopeError("UNSUPPORTED", f"{id} is an outcome, which no job of its own makes.")
        return self._run(record, id)

    # Inside

    def _type(self, id: str) -> type:
        name = _found(self.execute(queries.TYPE, {"id": id})["node"], id)["__typename"]
        if name not in r.NODES:
            raise TrojanscopeError(
                "UNSUPPORTED", f"{id} is of the type {name}, which has no record here; `execute` has it."
            )
        return r.NODES[name]

    def _get(self, record: type[R], id: str) -> R:
        answer = self.execute(queries.NODE[record.__name__], {"id": id})["node"]
        return cast(R, self._read(record, _found(answer, id)))

    def _read(self, hint: Any, answer: Any) -> Any:
        return read(hint, answer, self._wire.picture)

    def _table(self, rows: list[Row], names: list[str]) -> T:
        return cast(T, as_frame(rows, names) if self._frames else rows)

    def _list(
        self,
        query: str,
        field: str,
        record: type,
        filter: Optional[Input],
        orderBy: Optional[Input],
        limit: Optional[int],
    ) -> T:
        nodes = self._pages(query, lambda data: data[field], _given(filter=filter, orderBy=orderBy), limit)
        return self._table([row(record, self._read(record, node)) for node in nodes], columns(record))

    def _pages(
        self, query: str, of: Callable[[Any], Any], variables: Input, limit: Optional[int]
    ) -> Iterator[dict[str, Any]]:
        """Page by page; smaller ones, where the server had not the time for one."""
        size, after, left = PAGE_SIZE, None, limit
        while left is None or left > 0:
            first = size if left is None else min(size, left)
            try:
                page = of(self.execute(query, {**variables, "first": first, "after": after}))
            except TrojanscopeError as error:
                if error.code != "TIMEOUT" or first <= SMALLEST_PAGE:
                    raise
                size = first // 2
                continue
            yield from page["nodes"]
            left = None if left is None else left - len(page["nodes"])
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return

    def _mutate(self, mutation: str, input: Input) -> Any:
        """What a mutation made. Raises what its payload has of errors."""
        (payload,) = self.execute(mutation, {"input": input}).values()
        if payload["errors"]:
            raise error_of(payload["errors"])
        (made,) = [value for name, value in payload.items() if name != "errors"]
        return made

    def _start(self, mutation: str, input: Input) -> Any:
        """Mutates with a key, under which a request that is sent again starts nothing twice."""
        return self._mutate(mutation, {"idempotencyKey": str(uuid.uuid4()), **input})

    def _made(self, mutation: str, input: Input, record: type[R]) -> Run[R]:
        return self._run(record, self._start(mutation, input)["id"])

    def _run(self, record: type[R], id: str) -> Run[R]:
        def jobs() -> list[str]:
            if record is r.Job:
                return [id]
            made: Any = self._get(record, id)
            if isinstance(made, r.Study):
                return [job.id for job in made.jobs]
            return [made.job.id] if made.job else []

        return Run(self, id, jobs, lambda: self._get(record, id))

    def _comparison(self, point_id: str) -> Run[r.ExplainerComparison]:
        def point() -> r.ComparedPoint:
            found = self.execute(queries.COMPARISON, {"id": point_id})["node"]
            return cast(r.ComparedPoint, self._read(r.ComparedPoint, _found(found, point_id)))

        def jobs() -> list[str]:
            # A point does not tell its jobs: those that explain its model, if any is left.
            wanted = {"modelId": point().sweep.model.id, "kind": ["explain"], "status": ["QUEUED", "RUNNING"]}
            return [
                job["id"]
                for job in self._pages(queries.JOBS, lambda data: data["jobs"], {"filter": wanted}, None)
            ]

        def fetch() -> r.ExplainerComparison:
            return _found(point().explainerComparison, f"comparison of methods at {point_id}")

        return Run(self, point_id, jobs, fetch)

    def _import(self, mutation: str, kind: str, path: Union[str, "os.PathLike[str]"], given: Input) -> str:
        name, file = _archive(os.fspath(path))
        about = {
            "kind": kind,
            "fileName": name,
            "bytes": len(file),
            "sha256": hashlib.sha256(file).hexdigest(),
        }
        created = self._read(r.CreatedUpload, self._mutate(queries.UPLOAD, about))
        self._wire.put(created.url, file)
        return cast(str, self._start(mutation, {**given, "uploadId": created.upload.id})["id"])


def _given(**values: Any) -> dict[str, Any]:
    """Those that are."""
    return {name: value for name, value in values.items() if value is not None}


def _arguments(names: Mapping[str, Any]) -> dict[str, Any]:
    """The input that a method was given, from its names."""
    return _given(**{name: value for name, value in names.items() if name != "self"})


def _found(thing: Optional[R], id: str) -> R:
    if thing is None:
        raise TrojanscopeError("NOT_FOUND", f"There is no {id}.")
    return thing


def _archive(path: str) -> tuple[str, bytes]:
    """A file as it is, a folder as a zip archive, with its name."""
    if not os.path.isdir(path):
        with open(path, "rb") as file:
            return os.path.basename(path), file.read(MAXIMUM_UPLOAD_BYTES + 1)
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for folder, _, names in os.walk(path):
            for name in names:
                place = os.path.join(folder, name)
                zipped.write(place, os.path.relpath(place, path))
    return f"{os.path.basename(os.path.abspath(path))}.zip", archive.getvalue()
