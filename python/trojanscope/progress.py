"""How far a job is, for people: a tqdm bar where tqdm is installed, else lines. Both go to stderr."""

from __future__ import annotations

import sys
import time
import warnings
from typing import Any, Optional

from .records import JobProgress

TENTHS = 10
SHOWN_EVERY_S = 0.2


class Silent:
    """Shows nothing."""

    def show(self, progress: JobProgress) -> None:
        pass

    def close(self) -> None:
        pass


class Lines(Silent):
    """A line for each stage, and at each tenth of it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.told: Optional[tuple[str, int]] = None

    def show(self, progress: JobProgress) -> None:
        stage = stage_of(progress)
        tenth = TENTHS * progress.done // progress.total if progress.total else 0
        if (stage, tenth) == self.told:
            return
        self.told = (stage, tenth)
        count = f" {progress.done}/{progress.total} {progress.unit}" if progress.total else ""
        print(f"{self.title}: {stage}{count}", file=sys.stderr, flush=True)


class Bar(Silent):
    """A bar of tqdm's, begun anew at each stage."""

    def __init__(self, title: str, bar: Any) -> None:
        self.title = title
        self.bar = bar
        self.stage: Optional[str] = None
        self.shown = 0.0

    def show(self, progress: JobProgress) -> None:
        stage = stage_of(progress)
        begins = stage != self.stage
        self.stage = stage
        self.bar.set_description_str(f"{self.title}: {stage}", refresh=False)
        self.bar.unit = f" {progress.unit}" if progress.unit else "it"
        if begins and progress.status != "SUCCEEDED":
            self.bar.reset(progress.total or None)
        self.bar.total = progress.total or None
        self.bar.n = progress.done
        if begins or time.monotonic() - self.shown > SHOWN_EVERY_S:
            self.shown = time.monotonic()
            self.bar.refresh()

    def close(self) -> None:
        self.bar.close()


def stage_of(progress: JobProgress) -> str:
    return "waiting" if progress.status == "QUEUED" else progress.stage or progress.status.lower()


def display(title: str, wanted: bool) -> Silent:
    """What shows a job of this title."""
    if not wanted:
        return Silent()
    with warnings.catch_warnings():
        # That there is no ipywidgets is no matter: the bar is of text then.
        warnings.simplefilter("ignore")
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return Lines(title)
        return Bar(title, tqdm(total=None, desc=title, leave=True))
