"""Our own schema: `hostdesk.sources.inbox_schema`."""

from typing import Any

import msgspec

from hostdesk.sources.inbox_formats.reading import UNREADABLE, Reading, items_of
from hostdesk.sources.inbox_schema import Batch, Item, Loose
from hostdesk.sources.recordings import cleaning

_BATCH = msgspec.json.Decoder(Batch)
_ITEM = msgspec.json.Decoder(Item)
_ITEMS = msgspec.json.Decoder(list[Item])


def read_item(text: str) -> Reading:
    """One item. Raises what msgspec raises; then try `read_loosely`."""
    return Reading(form="own", items=[_ITEM.decode(text)])


def read_items(text: str) -> Reading:
    """A list of items. Raises what msgspec raises; then try `read_loosely`."""
    return Reading(form="own", items=_ITEMS.decode(text))


def read_batch(text: str, *, is_greeting: bool) -> Reading:
    """A batch, or a greeting. Raises what msgspec raises; then try `read_loosely`."""
    batch = _BATCH.decode(text)
    return _reading(batch, batch.items, 0, is_greeting=is_greeting)


def read_loosely(found: object) -> Reading:
    """One of the three with something odd in it: what can be read of it."""
    if isinstance(found, list):
        items, skipped = items_of(found)
        return Reading(form="own", items=items, skipped=skipped)
    if not isinstance(found, dict):
        return UNREADABLE
    if "items" not in found and "token" not in found:
        items, skipped = items_of([found])
        return Reading(form="own", items=items, skipped=skipped)
    return _loose_batch(found)


def _loose_batch(found: dict[str, Any]) -> Reading:
    items, skipped = items_of(cleaning.listing(found.get("items")))
    token = found.get("token")
    common = Batch(
        token=token if isinstance(token, str) else None,
        batch=plain(found.get("batch")),
        source=plain(found.get("source")),
        platform=plain(found.get("platform")),
        room=plain(found.get("room")),
    )
    odd_list = "items" in found and not isinstance(found["items"], list)
    return _reading(common, items, skipped + odd_list, is_greeting="items" not in found)


def _reading(batch: Batch, items: list[Item], skipped: int, *, is_greeting: bool) -> Reading:
    return Reading(
        form="own",
        items=items,
        source=cleaning.name(batch.source),
        platform=cleaning.name(batch.platform),
        room=plain(batch.room),
        token=batch.token,
        batch=plain(batch.batch),
        skipped=skipped,
        is_greeting=is_greeting,
    )


def plain(value: Loose | object) -> str:
    """A name or an id as text. A number that lost digits on its way (2^53) is none."""
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= cleaning.MAX_ID and value.isprintable():
        return value.strip()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) <= 2**53 else ""
    return cleaning.identity(value)
