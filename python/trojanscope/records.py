"""What the server tells, as records. Fields are named, and null, as in GraphQL; packages/schema/schema.graphql says of
each what it means. Rates are shares from 0 to 1, times are ISO 8601 in UTC.

A field that is listed here is asked for; `Client.execute` gets everything else.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Literal, Optional

if TYPE_CHECKING:
    import numpy

JobStatus = Literal["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
ModelKind = Literal["BENIGN", "TROJANED"]
OutcomeKind = Literal["TARGET", "TRUTH", "OTHER"]
TransformTarget = Literal["TRIGGER", "IMAGE"]
TransformId = Literal[
    "translation", "scaling", "rotation", "mirror", "brightness", "contrast", "blur", "noise", "jpeg", "perspective",
    "shrinkPad", "photograph",
]  # fmt: skip
AttackId = Literal[
    "badnets", "blend", "uat", "dfst", "refool", "sig", "bpp", "wanet", "adaptiveBlend", "batt", "layer", "additive",
    "warp", "pairs", "poisonedSet",
]  # fmt: skip
DetectorId = Literal["geometricConsistency", "composedConsistency", "strip", "scaleUp", "teco"]
StudyPresetId = Literal[
    "quickstart", "smoke", "paper_mnist", "paper", "defences_mnist", "defences_gtsrb", "own",
]  # fmt: skip
ErrorCode = Literal[
    "BAD_USER_INPUT", "NOT_FOUND", "CONFLICT", "UNSUPPORTED", "DATA_MISSING", "DATA_DAMAGED", "ENGINE_UNAVAILABLE",
    "ABORTED", "UNAUTHENTICATED", "FORBIDDEN", "LIMIT_EXCEEDED", "RATE_LIMITED", "DISK_FULL", "TIMEOUT", "INTERNAL",
]  # fmt: skip


@dataclass(frozen=True)
class Image:
    """A picture on the server, fetched when it is looked at. In a notebook it shows itself."""

    url: str
    thumbnailUrl: str
    width: int
    height: int
    _load: Callable[[str], bytes] = field(compare=False)

    def __repr__(self) -> str:
        return f"Image({self.width}×{self.height}, {self.url[:40]!r})"

    def png(self) -> bytes:
        """The picture as the bytes of a PNG file. Raises TrojanscopeError where the server refuses it."""
        if self.url.startswith("data:"):
            return base64.b64decode(self.url.partition(",")[2])
        return self._load(self.url)

    def array(self) -> "numpy.ndarray[Any, Any]":
        """The picture as an array of bytes (uint8): [height, width, 3], of grey ones too; 4 with transparency.

        Needs numpy and Pillow. Raises as `png`.
        """
        try:
            import numpy
            from PIL import Image as Pillow
        except ImportError as error:
            raise ImportError(
                "Arrays of pictures need numpy and Pillow: `pip install numpy pillow`."
            ) from error
        with Pillow.open(io.BytesIO(self.png())) as picture:
            return numpy.array(picture.convert("RGBA" if picture.mode.endswith("A") else "RGB"))

    def _repr_png_(self) -> bytes:
        return self.png()


@dataclass(frozen=True)
class Rate:
    """A share, what it was counted from, and Wilson's 95 % interval."""

    value: float
    numerator: int
    denominator: int
    low: float
    high: float


@dataclass(frozen=True)
class Label:
    """A class of a data set, by its index from 0."""

    index: int
    name: str


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the image."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Ref:
    """Something that is told by its id alone: `Client.get(id)` has the rest."""

    id: str


@dataclass(frozen=True)
class Named:
    """A model, by id and name."""

    id: str
    name: str


@dataclass(frozen=True)
class Titled:
    """Something of the catalog, by id and title."""

    id: str
    title: str


@dataclass(frozen=True)
class AttackRef:
    """An attack, by its id."""

    id: AttackId


@dataclass(frozen=True)
class DetectorRef:
    """A detector, by its id."""

    id: DetectorId


@dataclass(frozen=True)
class TransformRef:
    """A transform, by its id."""

    id: TransformId


@dataclass(frozen=True)
class Transform:
    """A transform, with the unit of its values."""

    id: TransformId
    title: str
    unit: str


@dataclass(frozen=True)
class JobError:
    """Why a job failed."""

    code: ErrorCode
    message: str


@dataclass(frozen=True)
class JobProgress:
    """How far a job is; `total` is 0 while it is not known."""

    status: JobStatus
    stage: str
    done: int
    total: int
    unit: str
    etaSeconds: Optional[float]


@dataclass(frozen=True)
class Job:
    """A piece of work: a training, a sweep, explanations."""

    id: str
    kind: str
    title: str
    status: JobStatus
    attempt: int
    progress: Optional[JobProgress]
    error: Optional[JobError]
    model: Optional[Named]
    sweep: Optional[Ref]
    waitsFor: list[Ref]
    queuePosition: Optional[int]
    startsInSeconds: Optional[float]
    createdAt: str
    startedAt: Optional[str]
    finishedAt: Optional[str]


@dataclass(frozen=True)
class Provenance:
    """What made a model."""

    seed: int
    trainedHere: bool


@dataclass(frozen=True)
class PoisonRecord:
    """How many training images carry the trigger."""

    rate: float
    planned: int
    effective: Optional[int]


@dataclass(frozen=True)
class Model:
    """A classifier, benign or trojaned. `cleanAccuracy` and `asr` are there once it is trained."""

    id: str
    name: str
    kind: ModelKind
    status: JobStatus
    dataset: Ref
    architecture: Ref
    attack: Optional[AttackRef]
    attackParameters: Optional[Any]
    targetLabel: Optional[Label]
    cleanAccuracy: Optional[Rate]
    asr: Optional[Rate]
    poison: Optional[PoisonRecord]
    benign: Optional[Named]
    width: int
    height: int
    provenance: Provenance
    tags: list[str]
    notes: str
    warnings: list[str]
    createdAt: str
    job: Optional[Ref]


@dataclass(frozen=True)
class Point:
    """One value of a sweep: how often the backdoor fired there, and what happened else. `benignAccuracy` is the clean
    baseline, `robustAccuracy` the trojaned images still taken for their true label."""

    id: str
    value: float
    asr: Rate
    asrDrop: float
    pValue: Optional[float]
    cleanAccuracy: Rate
    benignAccuracy: Rate
    robustAccuracy: Rate
    errorRate: Optional[Rate]
    cleanTarget: Optional[Rate]
    targetCount: int
    truthCount: int
    otherCount: int
    visibleTrigger: Optional[float]


@dataclass(frozen=True)
class Sweep:
    """One model under one transform at several values. Its points: `Client.curves(sweepIds=[sweep.id])`."""

    id: str
    status: JobStatus
    model: Named
    transform: Transform
    target: TransformTarget
    values: list[float]
    samples: int
    samplesUsed: Optional[int]
    seed: int
    tags: list[str]
    notes: str
    createdAt: str
    job: Optional[Ref]


@dataclass(frozen=True)
class CurveModel:
    """The model of a curve, and what its trigger looks like."""

    id: str
    name: str
    attack: Optional[AttackRef]
    attackParameters: Optional[Any]


@dataclass(frozen=True)
class RobustnessCurve:
    """One model under one transform and target, point by point."""

    model: CurveModel
    sweep: Ref
    transform: TransformRef
    target: TransformTarget
    unit: str
    points: list[Point]


@dataclass(frozen=True)
class Sample:
    """An image of a data set, by its place in the split from 0."""

    index: int
    image: Image


@dataclass(frozen=True)
class Outcome:
    """What became of one sample at one point. `image` is what the model saw, transformed and with the trigger."""

    id: str
    kind: OutcomeKind
    predicted: Label
    confidence: float
    trueLabel: Label
    identityKind: OutcomeKind
    cleanPrediction: Label
    cleanPredictionHere: Optional[Label]
    cleanConfidenceHere: Optional[float]
    benignPredictionHere: Optional[Label]
    visibleTrigger: Optional[float]
    transformParameters: Any
    image: Image
    sample: Sample


@dataclass(frozen=True)
class SaliencyScores:
    """What a saliency map is worth; a score is null where there is nothing to score."""

    triggerEnergy: Optional[float]
    chanceEnergy: Optional[float]
    pointingHit: Optional[bool]
    pointingNear: Optional[bool]
    rankAccuracy: Optional[float]
    iou: Optional[float]
    deletion: Optional[float]
    insertion: Optional[float]
    randomDeletion: Optional[float]
    randomInsertion: Optional[float]
    completenessError: Optional[float]


@dataclass(frozen=True)
class Explanation:
    """A saliency map of one decision. The pictures are there once it succeeded."""

    id: str
    status: JobStatus
    method: str
    settings: Any
    model: Named
    outcome: Optional[Ref]
    explainedLabel: Optional[Label]
    scores: Optional[SaliencyScores]
    noScore: Optional[str]
    triggerBox: Optional[Box]
    image: Optional[Image]
    saliency: Optional[Image]
    overlay: Optional[Image]
    createdAt: str
    job: Optional[Ref]


@dataclass(frozen=True)
class MeanScore:
    """A mean over maps with its 95 % interval, which is null of a single map."""

    value: float
    low: Optional[float]
    high: Optional[float]
    maps: int


@dataclass(frozen=True)
class ExplainerScores:
    """What one method's maps come to: of the images whose trigger was defeated, or of those untransformed, which
    fire.
    """

    explainer: Titled
    defeated: bool
    triggerEnergy: Optional[MeanScore]
    chanceEnergy: Optional[MeanScore]
    rankAccuracy: Optional[MeanScore]
    iou: Optional[MeanScore]
    pointing: Rate
    pointingNear: Rate
    deletion: Optional[MeanScore]
    insertion: Optional[MeanScore]
    deletionGain: Optional[MeanScore]
    insertionGain: Optional[MeanScore]
    completenessError: Optional[float]


@dataclass(frozen=True)
class ExplainerComparison:
    """All methods over the same samples of a model. `frame(comparison.rows)` is its table."""

    samples: int
    waiting: int
    rows: list[ExplainerScores]
    missing: list[Titled]


@dataclass(frozen=True)
class SweepRef:
    """A sweep, and the model that it is of."""

    id: str
    model: Named


@dataclass(frozen=True)
class ComparedPoint:
    """A point with the comparison of methods at it; null where none was asked for."""

    id: str
    sweep: SweepRef
    explainerComparison: Optional[ExplainerComparison]


@dataclass(frozen=True)
class Auroc:
    """The area under a ROC curve with its 95 % interval; 0.5 is chance."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class OperatingPoint:
    """What a detector does where at most the share `atMost` of the clean images is flagged."""

    atMost: float
    threshold: Optional[float]
    truePositiveRate: Rate
    falsePositiveRate: Rate


@dataclass(frozen=True)
class RocPoint:
    """A threshold's place on a ROC curve."""

    falsePositiveRate: float
    truePositiveRate: float
    threshold: Optional[float]


@dataclass(frozen=True)
class DetectionMeasures:
    """How well a detector tells trojaned images from clean ones of the same samples; `why` says why not."""

    auroc: Optional[Auroc]
    clean: Optional[int]
    trojaned: Optional[int]
    why: Optional[str]
    at: list[OperatingPoint]
    roc: list[RocPoint]


@dataclass(frozen=True)
class DetectionControls:
    """What no detector may tell apart."""

    permuted: Optional[Auroc]
    otherClean: Optional[Auroc]


@dataclass(frozen=True)
class Detection:
    """One detector tried on one trojaned model; `benignMeasures` is the floor. Measures are there once it is done."""

    id: str
    status: JobStatus
    model: Named
    benign: Optional[Named]
    detector: DetectorRef
    parameters: Any
    measures: Optional[DetectionMeasures]
    benignMeasures: Optional[DetectionMeasures]
    controls: Optional[DetectionControls]
    samples: int
    samplesUsed: Optional[int]
    seed: int
    queries: int
    tags: list[str]
    notes: str
    createdAt: str
    job: Optional[Ref]


@dataclass(frozen=True)
class RangeTrial:
    """One value that a search for the largest range tried."""

    value: float
    accuracy: Rate
    holds: bool


@dataclass(frozen=True)
class LargestRange:
    """How far clean images can be transformed until a model no longer classifies them right."""

    id: str
    status: JobStatus
    model: Named
    transform: Transform
    lastHeld: Optional[RangeTrial]
    firstFailed: Optional[RangeTrial]
    trials: list[RangeTrial]
    limit: float
    step: float
    precision: float
    tolerance: float
    samples: int
    samplesUsed: int
    seed: int
    createdAt: str
    job: Optional[Ref]


@dataclass(frozen=True)
class JobOfStudy:
    """A job of a study, in short."""

    id: str
    title: str
    status: JobStatus


@dataclass(frozen=True)
class Preset:
    """What a study was made from."""

    id: StudyPresetId
    title: str


@dataclass(frozen=True)
class Study:
    """Models, sweeps and explanations that belong together."""

    id: str
    name: str
    status: JobStatus
    preset: Preset
    seed: int
    options: Any
    models: list[Named]
    sweeps: list[Ref]
    jobs: list[JobOfStudy]
    tags: list[str]
    notes: str
    createdAt: str
    finishedAt: Optional[str]


@dataclass(frozen=True)
class ClassProbability:
    """How sure the model is of a class."""

    label: Label
    probability: float


@dataclass(frozen=True)
class Probe:
    """What a model makes of one sample; nothing of it is stored. `kind` and `visibleTrigger` are null without trigger,
    maps and scores where none was asked for."""

    kind: Optional[OutcomeKind]
    predicted: Label
    trueLabel: Label
    probabilities: list[ClassProbability]
    explainedLabel: Optional[Label]
    image: Image
    saliency: Optional[Image]
    overlay: Optional[Image]
    untrainedSaliency: Optional[Image]
    scores: Optional[SaliencyScores]
    noScore: Optional[str]
    triggerBox: Optional[Box]
    visibleTrigger: Optional[float]
    seconds: float


@dataclass(frozen=True)
class CreatedUpload:
    """An upload with the address to PUT its file to, which is shown this once."""

    url: str
    upload: Ref


#: What `Client.get` knows, by the name of its GraphQL type.
NODES: dict[str, type] = {
    record.__name__: record
    for record in (Model, Sweep, Point, Outcome, Detection, Explanation, Job, Study, LargestRange)
}
