"""Which column of a shop's order list is what, by the names that stand above them."""

import re
import unicodedata
from typing import Any

import msgspec

from hostdesk.content.files import read_entries, read_toml
from hostdesk.errors import ContentError
from hostdesk.sources.orders_lines import plain

NAME = "shops/columns.toml"
ROLES = ("order", "account", "name", "masked", "item", "batch", "time", "paid", "status")
_UNSEEN = re.compile(r"[\s()（）\[\]【】_\-:：*]+")


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """What one shop calls its columns."""

    id: str
    zh: str
    en: str
    source: str
    """Where the names were seen."""
    platform: str = ""
    order: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    item: tuple[str, ...] = ()
    batch: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    paid: tuple[str, ...] = ()
    status: tuple[str, ...] = ()

    def columns(self, role: str) -> tuple[str, ...]:
        """The names of one role of `ROLES`, the best first."""
        names: tuple[str, ...] = getattr(self, role)
        return names


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """All shops that we know, and words that mean the same in each."""

    shops: tuple[Shop, ...]
    unpaid: tuple[str, ...] = ()
    shared_names: tuple[str, ...] = ()


class Layout(msgspec.Struct, frozen=True):
    """A header row that was understood."""

    shop: Shop
    places: dict[str, int]
    """Role to column number."""
    width: int


def load_columns() -> Columns:
    """The shipped names of columns, or the user's own.

    Raises:
        ContentError: the file is wrong.
    """
    shops = tuple(read_entries(NAME, "shop", Shop))
    table = read_toml(NAME)
    if not shops:
        raise ContentError(file=NAME, entry="", field="shop", detail="write [[shop]] entries")
    return Columns(
        shops=shops, unpaid=_words(table, "unpaid"), shared_names=_words(table, "shared_names")
    )


def understand(cells: list[str], columns: Columns) -> Layout | None:
    """The layout that a header row describes, of the shop that explains most of it.

    None where it is no header row: not one column that matters, and another beside it.
    """
    places = {header_key(plain(cell)): n for n, cell in reversed(list(enumerate(cells)))}
    best: Layout | None = None
    for shop in columns.shops:
        found: dict[str, int] = {}
        for role in ROLES:
            keys = [header_key(name) for name in shop.columns(role)]
            place = next((places[key] for key in keys if key in places), None)
            if place is not None:
                found[role] = place
        if best is None or len(found) > len(best.places):
            best = Layout(shop, found, len(cells))
    if best is None or len(best.places) < 2:
        return None
    return best if best.places.keys() & {"order", "account", "name"} else None


def header_key(cell: str) -> str:
    """The name of a column without case, blanks, brackets and the like."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", cell).casefold())


def _words(table: dict[str, Any], field: str) -> tuple[str, ...]:
    try:
        return msgspec.convert(table.get(field, ()), tuple[str, ...])
    except msgspec.ValidationError as exc:
        raise ContentError(file=NAME, entry="", field=field, detail=str(exc)) from exc
