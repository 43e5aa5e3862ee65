"""The elements of a broken XML file, one by one: expat, started again behind each fault."""

import contextlib
import re
from collections.abc import Callable
from xml.parsers import expat

from hostdesk.sources.recordings.cleaning import MAX_TEXT
from hostdesk.sources.recordings.tally import Tally

MAX_TOKEN = 1 << 22
"""Bytes of one start tag; a longer one is given up."""

_CHUNK = 1 << 16
_ROOT = b"<r><i>"
"""Fed first, so that several roots, none, or an end tag too many do no harm."""
_ILLEGAL = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")
"""References to control characters: some recorders write them, XML forbids them."""
_BARE = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)|<(?![A-Za-z/!?])")
"""Signs that a recorder forgot to escape ("<3"), and entities that XML does not know."""
_FORBIDDEN = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)")
_DECLARATION = re.compile(r"<\?xml\b[^<>]*>")
_LOOK_BACK = 12
"""Characters held back, so that none of these is cut by the end of a piece."""
_DECLARATION_BACK = 200
_LEFT_OVER = frozenset(
    expat.errors.codes[text]
    for text in (expat.errors.XML_ERROR_TAG_MISMATCH, expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT)
)
"""Faults that lose nothing, where no element is open: end tags of what was passed over."""

Element = Callable[[str, dict[str, str], str], None]
"""Takes name, attributes and text of each wanted element."""


class XmlStream:
    """Takes text in pieces of any size; hands on elements of the names in ``wanted``.

    A document type or an entity in it makes it hostile: all before it was handed on,
    nothing behind it is.
    """

    def __init__(self, wanted: frozenset[str], element: Element, tally: Tally) -> None:
        self._wanted, self._element, self._tally = wanted, element, tally
        self._next = re.compile(rb"<(?:%s)[\s>/]" % "|".join(sorted(wanted)).encode())
        self.is_hostile = False
        self._held = ""
        self._tail = b""
        """Bytes behind the last ``>``, not parsed yet."""
        self._pending = b""
        """Bytes of the token that is not complete; starts at ``_offset`` of the parser's bytes."""
        self._seeking = False
        self._lines_before = 0
        self._open: tuple[str, dict[str, str], int] | None = None
        self._said: list[str] = []
        self._said_size = 0
        self._start_parser()

    def feed(self, text: str) -> None:
        """Take the next piece."""
        if self.is_hostile:
            return
        text = self._held + text
        self._held = ""
        if forbidden := _FORBIDDEN.search(text):
            self._feed_all(text[: forbidden.start()])
            self._flush()
            self.is_hostile = True
            return
        text, self._held = _cut(text)
        self._feed_all(text)

    def finish(self) -> None:
        """The text is over; an element that was cut off is counted."""
        if self.is_hostile:
            return
        self._feed_all(self._held)
        self._flush()
        cut_off = self._open is not None or self._next.match(self._pending) is not None
        if cut_off and not self._seeking:
            self._tally.skip(self._line_of_open())

    def _feed_all(self, text: str) -> None:
        text = _BARE.sub(_escaped, _ILLEGAL.sub("", _DECLARATION.sub("", text)))
        data = text.encode("utf-8", "replace")
        for start in range(0, len(data), _CHUNK):
            self._feed(data[start : start + _CHUNK])

    def _feed(self, data: bytes) -> None:
        """Parse up to the last ``>``.

        An expat with reparse deferral (2.6.0, and older ones that distributions mended) waits
        with a token that was cut until there is twice as much; so none is ever cut here.
        """
        data = self._tail + data
        cut = data.rfind(b">") + 1
        if len(data) - cut > MAX_TOKEN:
            cut = len(data)
        self._tail = data[cut:]
        self._work(data[:cut])

    def _flush(self) -> None:
        """Parse what is left, complete or not."""
        tail, self._tail = self._tail, b""
        self._work(tail)
        with contextlib.suppress(expat.ExpatError):  # our own root is never closed
            self._parser.Parse(b"", True)

    def _work(self, data: bytes) -> None:
        while data:
            if self._seeking:
                data = self._found(self._pending + data)
                continue
            self._pending += data
            data = self._parse(data)

    def _parse(self, data: bytes) -> bytes:
        """Parse; what must be parsed again after a fault."""
        parser = self._parser
        try:
            parser.Parse(data, False)
        except expat.ExpatError as exc:
            is_loss = self._open is not None or exc.code not in _LEFT_OVER
            return self._after_fault(max(parser.ErrorByteIndex, self._offset), is_loss=is_loss)
        used = parser.CurrentByteIndex - self._offset
        if used > 0:
            self._pending = self._pending[used:]
            self._offset += used
        if len(self._pending) > MAX_TOKEN:
            return self._after_fault(self._offset, is_loss=True)
        return b""

    def _after_fault(self, index: int, *, is_loss: bool) -> bytes:
        rest = self._pending[index - self._offset :]
        if is_loss:
            self._tally.skip(self._line_of_open())
        self._lines_before += self._parser.ErrorLineNumber - 1 + rest.count(b"\n", 0, 1)
        self._pending, self._seeking = b"", True
        self._open = None
        return rest[1:]

    def _found(self, data: bytes) -> bytes:
        """Go on at the next wanted element in ``data``; b"" where none begins yet."""
        match = self._next.search(data)
        if match is None:
            keep = max(data.rfind(b"<"), len(data) - 32)
            self._lines_before += data.count(b"\n", 0, max(keep, 0))
            self._pending = data[max(keep, 0) :]
            return b""
        self._lines_before += data.count(b"\n", 0, match.start())
        self._start_parser()
        return data[match.start() :]

    def _start_parser(self) -> None:
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._started
        self._parser.EndElementHandler = self._ended
        self._parser.CharacterDataHandler = self._said_more
        self._parser.Parse(_ROOT, False)
        self._pending, self._offset, self._seeking = b"", len(_ROOT), False

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        if name in self._wanted:
            if self._open is not None:  # its end tag is missing
                self._tally.skip(self._line_of_open())
            self._open = (name, attributes, self._parser.CurrentLineNumber)
            self._said, self._said_size = [], 0

    def _said_more(self, text: str) -> None:
        if self._open is not None and self._said_size <= MAX_TEXT + 1_000:
            self._said.append(text)
            self._said_size += len(text)

    def _ended(self, name: str) -> None:
        if self._open is None or self._open[0] != name:
            return
        name, attributes, _ = self._open
        self._open = None
        self._element(name, attributes, "".join(self._said))

    def _line_of_open(self) -> int:
        line = self._open[2] if self._open is not None else self._parser.CurrentLineNumber
        return self._lines_before + line


def _cut(text: str) -> tuple[str, str]:
    """What can be parsed now, and the rest that needs what follows."""
    cut = max(text.rfind("<", -_LOOK_BACK), text.rfind("&", -_LOOK_BACK))
    declared = text.rfind("<?", -_DECLARATION_BACK)
    if declared >= 0 and ">" not in text[declared:]:
        cut = declared
    return (text, "") if cut < 0 else (text[:cut], text[cut:])


def _escaped(bare: re.Match[str]) -> str:
    return "&amp;" if bare[0] == "&" else "&lt;"
