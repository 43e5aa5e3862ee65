"""What one pushed message holds, whoever wrote it."""

import json

import msgspec

from hostdesk.sources.inbox_schema import Item


class Reading(msgspec.Struct, kw_only=True):
    """The items of one message, in order."""

    form: str
    """Whose format it is: "own", "barrage_grab", "wxlivespy", "user_script"; "" = nobody's."""
    items: list[Item] = []
    source: str = ""
    platform: str = ""
    room: str = ""
    """What holds for items that do not say it themselves."""
    token: str | None = None
    batch: str = ""
    skipped: int = 0
    """Items that could not be read."""
    is_greeting: bool = False

    @property
    def is_unreadable(self) -> bool:
        """Nothing of it could be understood."""
        return not self.form or (self.skipped > 0 and not self.items)


UNREADABLE = Reading(form="", skipped=1)


def loosely(text: str) -> object:
    """JSON as Python reads it: half surrogate pairs and NaN are let pass. None where it is none."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def items_of(found: list[object]) -> tuple[list[Item], int]:
    """The items of a list of which some are broken, and how many were."""
    items: list[Item] = []
    skipped = 0
    for each in found:
        try:
            items.append(msgspec.convert(each, Item, strict=False))
        except (msgspec.ValidationError, RecursionError, UnicodeEncodeError):
            skipped += 1
    return items, skipped
