"""What goes wrong, as exceptions with a code and a field. docs/errors.md lists the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence

if TYPE_CHECKING:
    from .records import Job


class TrojanscopeError(Exception):
    """The server refused, or could not do, what was asked.

    code: one of docs/errors.md, such as BAD_USER_INPUT; UNREACHABLE where no answer came (`Unreachable`).
    message: what was expected, what came and what to do.
    field: path of the input field at fault, as GraphQL names it: ("attack", "badnets", "patchSizePx"); empty when
        it is none.
    data: what was found in spite of the error, of `Client.execute`; None where nothing was.
    others: further errors of the same answer.
    """

    def __init__(
        self,
        code: str,
        message: str,
        field: Sequence[str] = (),
        *,
        data: Optional[Mapping[str, Any]] = None,
        others: Sequence["TrojanscopeError"] = (),
    ) -> None:
        self.code = code
        self.message = message
        self.field = tuple(str(part) for part in field)
        self.data = data
        self.others = tuple(others)
        super().__init__(f"{code}: {message}")


class Unreachable(TrojanscopeError):
    """No answer came from the server for as long as the client's `patience`: it is away, or not where the client
    looks.
    """

    def __init__(self, message: str) -> None:
        super().__init__("UNREACHABLE", message)


class JobFailed(TrojanscopeError):
    """What was waited for failed or was cancelled (code ABORTED). `job` tells which job; `Run.retry()` queues it
    again.
    """

    def __init__(self, job: "Job") -> None:
        self.job = job
        if job.error:
            super().__init__(job.error.code, f"{job.title}: {job.error.message}")
        else:
            super().__init__("ABORTED", f"{job.title}: it was cancelled. What was done is kept.")


def error_of(
    errors: Sequence[Mapping[str, Any]], data: Optional[Mapping[str, Any]] = None
) -> TrojanscopeError:
    """GraphQL's errors, or those of a payload, as one exception: the first, with the others."""
    first, *rest = [_single(error, data) for error in errors]
    first.others = tuple(rest)
    return first


def _single(error: Mapping[str, Any], data: Optional[Mapping[str, Any]]) -> TrojanscopeError:
    told = {**error, **(error.get("extensions") or {})}
    return TrojanscopeError(told.get("code", "INTERNAL"), told["message"], told.get("field") or (), data=data)
