"""Work that was started, to be waited for."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Callable, Generic, Iterator, Optional, Sequence, TypeVar

from . import queries
from .errors import JobFailed, TrojanscopeError, Unreachable
from .progress import display
from .records import Job, JobProgress

if TYPE_CHECKING:
    from .client import Client

R = TypeVar("R")

ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
#: A websocket that says nothing for so long may be dead: then the server is asked.
SILENCE_S = 30.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0


class Run(Generic[R]):
    """Something that the server works at. It goes on whether or not anybody waits.

    id: of what is made: a model, a sweep, a detection, a range, a study; of explanations and imports, of their job.
        `Client.run(id)` finds it again, in another program too.
    """

    def __init__(
        self, client: "Client[Any]", id: str, jobs: Callable[[], Sequence[str]], fetch: Callable[[], R]
    ) -> None:
        self.id = id
        self._client = client
        self._jobs = jobs
        self._fetch = fetch

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    def fetch(self) -> R:
        """What is made as it is now, finished or not."""
        return self._fetch()

    def jobs(self) -> list[Job]:
        """Its jobs, with their status, progress and errors; none where all of it was there already."""
        return list(self._each())

    def wait(self, timeout: Optional[float] = None, progress: bool = True) -> R:
        """Waits for the end, and gives what was made.

        timeout: seconds; None waits as long as it takes. Raises TimeoutError then, and the work goes on.
        progress: whether to show how far it is, on stderr: a bar of tqdm's where it is installed, else lines.

        Survives a websocket that is cut and a server that restarts: then it asks until it can listen again, and
        gives up with Unreachable only if the server is away for as long as the client's `patience`. Ctrl-C stops
        the waiting, not the work. Raises JobFailed where the work, or what it needs first, fails or is cancelled.
        """
        until = None if timeout is None else time.monotonic() + timeout
        try:
            for job in self._jobs():
                self._follow(job, until, progress)
        except KeyboardInterrupt:
            again = f"client.run({self.id!r}).wait() waits again, client.run({self.id!r}).cancel() stops it"
            print(f"\nNo longer waiting; the server goes on: {again}.", file=sys.stderr)
            raise
        return self._fetch()

    def cancel(self) -> None:
        """Stops what is queued or running of it; what was done is kept. Raises TrojanscopeError, FORBIDDEN for
        example.
        """
        for job in self._each():
            if job.status not in ENDED:
                self._client._mutate(queries.CANCEL, {"jobId": job.id})

    def retry(self) -> "Run[R]":
        """Queues again what failed or was cancelled, and what it needs; it goes on from what is done."""
        for job in self._each():
            if job.status in ("FAILED", "CANCELLED"):
                self._client._mutate(queries.RETRY, {"jobId": job.id})
        return self

    def _each(self) -> Iterator[Job]:
        """One by one: what is done to one may change the next."""
        for id in self._jobs():
            yield self._client._get(Job, id)

    def _follow(self, job_id: str, until: Optional[float], progress: bool) -> None:
        job = self._client._get(Job, job_id)
        for need in job.waitsFor:
            self._follow(need.id, until, progress)
        if job.status not in ENDED:
            shown = display(job.title, progress)
            try:
                for now in self._watch(job_id, until):
                    shown.show(now)
            finally:
                shown.close()
            job = self._client._get(Job, job_id)
        if job.status != "SUCCEEDED":
            raise JobFailed(job)

    def _watch(self, job_id: str, until: Optional[float]) -> Iterator[JobProgress]:
        """What the subscription says to the job's end; what the server says when asked, while there is none."""
        pause = FIRST_PAUSE_S
        wire = self._client._wire

        def silence() -> float:
            return SILENCE_S if until is None else max(0.01, min(SILENCE_S, until - time.monotonic()))

        while True:
            try:
                for data in wire.subscribe(queries.PROGRESS, {"jobId": job_id}, silence):
                    now = self._client._read(JobProgress, data["jobProgress"])
                    yield now
                    pause = FIRST_PAUSE_S
                    if now.status in ENDED:
                        return
                    self._check(until)
            except Unreachable:
                pass
            except TrojanscopeError as error:
                if error.code != "RATE_LIMITED":
                    raise
            self._check(until)
            job = self._client._get(Job, job_id)
            if job.progress:
                yield job.progress
            if job.status in ENDED:
                return
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _check(self, until: Optional[float]) -> None:
        if until is not None and time.monotonic() >= until:
            raise TimeoutError(f"{self.id} has not ended in time; the server goes on with it.")
