"""Keys that stand twice in one object of a JSON text, of which parsers keep the last without a word."""

import json
import re
from typing import Any

_text = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
HOLDERS = {dict, list}
Steps = tuple[str | int, ...]


class _Object(dict[str, Any]):
    """An object that remembers a key that stood in it twice."""

    repeated: str | None = None


def repeated_key(text: bytes, parsed: Any) -> Steps | None:  # noqa: ANN401 -- any JSON value
    """Place of the first key that stands twice, None where none does; `parsed` is what a parser made of the text.

    A text without repeated keys has as many colons outside of its strings as the parsed objects have keys, which is
    quick to see; only one that has more is read again.
    """
    colons = text.count(b":")
    if isinstance(parsed, dict) and colons == len(parsed):
        return None
    keys = _keys(parsed)
    if colons == keys or _text.sub(b"", text).count(b":") == keys:
        return None
    return _place(json.loads(text, object_pairs_hook=_object, parse_int=float), ())


def _keys(value: Any) -> int:  # noqa: ANN401
    """Number of keys of all objects, level by level."""
    count, level = 0, [value]
    while level:
        objects = [one for one in level if type(one) is dict]
        lists = [one for one in level if type(one) is list]
        count += sum(map(len, objects))
        inner = [*(one.values() for one in objects), *lists]
        # Thousands of genes with a number each are looked at without a loop.
        level = [
            one for some in inner if not HOLDERS.isdisjoint(map(type, some)) for one in some if type(one) in HOLDERS
        ]
    return count


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object()
    for key, value in pairs:
        if key in found and found.repeated is None:
            found.repeated = key
        found[key] = value
    return found


def _place(value: Any, steps: Steps) -> Steps | None:  # noqa: ANN401
    if isinstance(value, _Object) and value.repeated is not None:
        return (*steps, value.repeated)
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    places = (_place(item, (*steps, step)) for step, item in inner)
    return next((place for place in places if place is not None), None)
