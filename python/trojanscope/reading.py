"""From a record's type come the GraphQL that asks for it, the object made of an answer, and the columns of a table."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, Callable, Iterable, Mapping, Optional, Union, get_args, get_origin, get_type_hints

from .records import Image

Load = Callable[[str], bytes]


@lru_cache(maxsize=None)
def fields_of(record: type) -> Mapping[str, Any]:
    """Fields of a record with their types; a field that begins with _ is the client's own."""
    hints = get_type_hints(record)
    return {field.name: hints[field.name] for field in fields(record) if not field.name.startswith("_")}


def inner(hint: Any) -> Any:
    """What is left of a type without Optional and list."""
    if get_origin(hint) is Union:
        (hint,) = [each for each in get_args(hint) if each is not type(None)]
        return inner(hint)
    return inner(get_args(hint)[0]) if get_origin(hint) is list else hint


def is_list(hint: Any) -> bool:
    """Whether there are several, or may be."""
    return get_origin(hint) is list or any(get_origin(each) is list for each in get_args(hint))


def selection(record: type) -> str:
    """What to ask for: `value asr { value low high }`."""
    return " ".join(
        f"{name} {{ {selection(inner(hint))} }}" if _is_record(hint) else name
        for name, hint in fields_of(record).items()
    )


def read(hint: Any, answer: Any, load: Load) -> Any:
    """The record of an answer, with records inside. `load` gets the bytes of a picture by its address."""
    record: Any = inner(hint)
    if answer is None or record is Any:
        return answer
    if isinstance(answer, list):
        return [read(record, each, load) for each in answer]
    if not _is_record(record):
        # JSON has no other numbers: 15 may be one that is not whole.
        return float(answer) if record is float else answer
    given = {name: read(of, answer[name], load) for name, of in fields_of(record).items()}
    return record(**given, _load=load) if record is Image else record(**given)


def columns(record: type, prefix: str = "") -> list[str]:
    """Paths of GraphQL fields, `asr.low`: records inside are laid flat; lists, pictures and JSON are a column each."""
    found: list[str] = []
    for name, hint in fields_of(record).items():
        found += columns(inner(hint), f"{prefix}{name}.") if _lies_flat(hint) else [prefix + name]
    return found


def row(record: type, value: Optional[Any], prefix: str = "") -> dict[str, Any]:
    """The cells of a record; None under every column of what is null."""
    cells: dict[str, Any] = {}
    for name, hint in fields_of(record).items():
        cell = None if value is None else getattr(value, name)
        cells.update(
            row(inner(hint), cell, f"{prefix}{name}.") if _lies_flat(hint) else {prefix + name: cell}
        )
    return cells


def _is_record(hint: Any) -> bool:
    return is_dataclass(inner(hint))


def _lies_flat(hint: Any) -> bool:
    return _is_record(hint) and inner(hint) is not Image and not is_list(hint)


def frame(records: Iterable[Any]) -> Any:
    """Records of one type as a pandas DataFrame, a row each, the columns being paths of GraphQL fields.

    For lists inside records, such as `frame(detection.measures.roc)`. None at all make an empty frame without columns.
    """
    given = list(records)
    return as_frame([row(type(each), each) for each in given], columns(type(given[0])) if given else [])


def as_frame(rows: list[dict[str, Any]], names: list[str]) -> Any:
    """Rows as a pandas DataFrame that has these columns in any case."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            "Tables are pandas DataFrames, and pandas is not installed: `pip install pandas`, or ask "
            "Client(..., frames=False) for lists of dicts."
        ) from error
    return pandas.DataFrame(rows, columns=names)
