"""What is not well with a source, in words: the same in the strip, the settings and a terminal."""

from hostdesk.desk.rows import SourceRow
from hostdesk.text import Words


def troubles(row: SourceRow, say: Words, *, is_offline: bool = False) -> list[str]:
    """What is wrong, and what to do now; ``is_offline``: the machine's own fault, told once."""
    told: list[str] = []
    if row.error_code and not is_offline:
        told.append(" ".join(say.error(row.error_code, row.params)))
    if row.state == "covered":
        told.append(_of_page(row, say) or say("status.covered"))
    if row.masked:
        told.append(say("status.masked"))
    return told


def notes(row: SourceRow, say: Words) -> list[str]:
    """What to know of a source that works."""
    if row.error_code or row.state == "covered":
        return []
    told = [_of_page(row, say)]
    if "quota_minutes" in row.params:
        told.append(say("youtube.quota", **row.params))
    return [each for each in told if each]


def before_adding(platform: str, say: Words) -> list[str]:
    """What a person must know before a room of this platform is read for the first time."""
    return [*before_reading(platform, say), *_of_grab(platform, "inbox.grab_open", say)]


def before_reading(platform: str, say: Words) -> list[str]:
    """What a person must know each time that reading a room of this platform is switched on."""
    return _of_grab(platform, "inbox.grab_warning", say)


def _of_grab(platform: str, key: str, say: Words) -> list[str]:
    return [say(key)] if platform == "barrage_grab" else []


def _of_page(row: SourceRow, say: Words) -> str:
    """What the browser extension says of the page that it reads."""
    return say.get(f"status.page.{row.params.get('page', '')}", "")
