"""What the package sends and what it expects, as JSON, for a test to hold against schema.graphql."""

import inspect
import json
import typing
from dataclasses import is_dataclass

from trojanscope import Client, Run, queries, records
from trojanscope.reading import fields_of, inner, is_list

TYPES = {str: "str", int: "int", float: "float", bool: "bool", typing.Any: "any"}


def nullable(hint):
    return typing.get_origin(hint) is typing.Union and type(None) in typing.get_args(hint)


def typed(hint):
    """What is left of a type without Optional and list."""
    if typing.get_origin(hint) is typing.Union and not nullable(hint):
        return {"type": "any"}
    bare = inner(hint)
    if is_dataclass(bare):
        return {"record": bare.__name__}
    if typing.get_origin(bare) is typing.Literal:
        return {"values": sorted(typing.get_args(bare))}
    return {"type": TYPES.get(bare, "any")}


def field(hint):
    return {"nullable": nullable(hint), "list": is_list(hint), **typed(hint)}


def argument(parameter, hint):
    """An Optional argument is left out where it is None; the others have the schema's default, or none."""
    bare = [each for each in typing.get_args(hint) if each is not type(None)][0] if nullable(hint) else hint
    several = typing.get_origin(bare) in (list, typing.get_origin(typing.Sequence[str]))
    default = None if parameter.default is parameter.empty else parameter.default
    kind = typed(typing.get_args(bare)[0] if several else bare)
    required = parameter.default is parameter.empty
    return {"required": required, "default": default, "list": several, **kind}


def method(function):
    hints = typing.get_type_hints(function, localns={"pandas": typing.Any})
    parameters = inspect.signature(function).parameters
    return {name: argument(parameters[name], hints[name]) for name in parameters if name != "self"}


def texts(found):
    return [text for each in found for text in (each.values() if isinstance(each, dict) else [each])]


def public(owner):
    return {name: each for name, each in inspect.getmembers(owner, callable) if not name.startswith("_")}


print(
    json.dumps(
        {
            "queries": texts(
                value for name, value in vars(queries).items() if name.isupper() and name != "PAGE"
            ),
            "records": {
                name: {key: field(hint) for key, hint in fields_of(record).items()}
                for name, record in vars(records).items()
                if is_dataclass(record)
            },
            "methods": {name: method(each) for name, each in public(Client).items()},
            "undocumented": [
                f"{owner.__name__}.{name}"
                for owner in (Client, Run)
                for name, each in public(owner).items()
                if not each.__doc__
            ]
            + [
                name
                for name, each in vars(records).items()
                if is_dataclass(each) and each.__doc__.startswith(f"{name}(")
            ],
        }
    )
)
