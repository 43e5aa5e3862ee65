"""Lines of IRC with the tags of IRCv3, taken apart. Nothing here raises.

Source: RFC 1459, part 2.3, and ircv3.net "Message Tags":
``[@tags SP] [:prefix SP] COMMAND params [:trailing]``.
"""

import re

import msgspec

from hostdesk.sources.steps import Frame

MAX_LINE = 16_384
"""Characters. IRCv3 allows 8,191 bytes of tags beside a message of 512."""
MAX_PARAMS = 15

_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPED = {":": ";", "s": " ", "r": "\r", "n": "\n"}
"""After a backslash; any other character stands for itself."""


class IrcLine(msgspec.Struct, frozen=True, gc=False):
    """One line. ``tags`` are as written: read them with `tag`."""

    command: str
    """In capitals, or three digits."""
    params: list[str]
    """The last one may hold spaces."""
    prefix: str = ""
    tags: dict[str, str] = {}

    def tag(self, name: str) -> str:
        """The value of a tag; "" where it is empty or missing."""
        value = self.tags.get(name, "")
        return unescaped(value) if "\\" in value else value

    @property
    def login(self) -> str:
        """The name before "!" in the prefix: who sent the line."""
        return self.prefix.partition("!")[0]

    def param(self, number: int) -> str:
        """A parameter by its place; "" where there are fewer."""
        return self.params[number] if number < len(self.params) else ""


def lines_of(frame: Frame) -> list[str]:
    """The lines of a frame, without their ends and without empty ones.

    Ended by LF or CR LF only: a viewer may write any other line break that Unicode has.
    """
    text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
    return [line for each in text.split("\n") if (line := each.rstrip("\r"))]


def parsed(line: str) -> IrcLine | None:
    """One line taken apart; None where it is none, or too long to be one."""
    if len(line) > MAX_LINE:
        return None
    tags = prefix = ""
    if line.startswith("@"):
        tags, _, line = line[1:].partition(" ")
        line = line.lstrip(" ")
    if line.startswith(":"):
        prefix, _, line = line[1:].partition(" ")
        line = line.lstrip(" ")
    middle, has_trailing, trailing = line.partition(" :")
    params = [word for word in middle.split(" ") if word][:MAX_PARAMS]
    command = params.pop(0) if params else ""
    if not (command.isascii() and command.isalnum()):
        return None
    if has_trailing:
        params.append(trailing)
    return IrcLine(command.upper(), params, prefix, _tags_of(tags) if tags else {})


def unescaped(value: str) -> str:
    """The value of a tag as it was meant; a single backslash at the end is dropped."""
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), value)


def _tags_of(text: str) -> dict[str, str]:
    try:
        return dict([pair.split("=", 1) for pair in text.split(";")])
    except ValueError:  # a tag without a value
        parts = [pair.partition("=") for pair in text.split(";")]
        return {key: value for key, _, value in parts if key}
