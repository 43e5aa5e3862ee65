"""XML as recorders really write it, made fit for a strict parser: UTF-8, no control characters."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

CHUNK = 64 * 1024
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ILLEGAL_REFERENCE = re.compile(r"&#(?:x[0-9a-fA-F]{1,8}|[0-9]{1,9});")
_BARE_AMPERSAND = re.compile(r"&(?!#?\w{1,31};)")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding=[\"']([A-Za-z0-9._-]{1,40})[\"']")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_TAIL = 40
"""Characters kept back, so that a reference cut by a chunk's edge is seen whole."""


def clean_chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The file as UTF-8 in pieces, without its XML declaration."""
    head = stream.read(CHUNK)
    decoder = codecs.getincrementaldecoder(encoding_of(head))("replace")
    waiting, first = "", True
    while head:
        waiting += decoder.decode(head)
        if first:
            waiting, first = _DECLARATION.sub("", waiting.removeprefix("\ufeff"), count=1), False
        keep = _cut(waiting)
        yield _fit(waiting[:keep])
        waiting = waiting[keep:]
        head = stream.read(CHUNK)
    yield _fit(waiting + decoder.decode(b"", final=True))


def encoding_of(head: bytes) -> str:
    """The encoding of a file that begins so: BOM, declaration, UTF-8, or GB 18030."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    declared = _DECLARED.search(head[:400])
    name = declared[1].decode("ascii", "replace").lower() if declared else "utf-8"
    if name in ("gb2312", "gbk", "gb18030"):
        return "gb18030"
    return "utf-8" if _is_utf8(head) else "gb18030" if _is_gb(head) else "utf-8"


def _is_utf8(head: bytes) -> bool:
    return _decodes(head, "utf-8")


def _is_gb(head: bytes) -> bool:
    return _decodes(head, "gb18030")


def _decodes(head: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _cut(text: str) -> int:
    """Where to cut so that no character reference is torn."""
    start = text.rfind("&", max(0, len(text) - _TAIL))
    if start < 0 or ";" in text[start:]:
        return len(text)
    return start


def _fit(text: str) -> bytes:
    plain = _ILLEGAL.sub("", text)
    plain = _ILLEGAL_REFERENCE.sub(_reference, plain)
    return _BARE_AMPERSAND.sub("&amp;", plain).encode("utf-8", "replace")


def _reference(match: re.Match[str]) -> str:
    digits = match[0][2:-1]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return ""
    return "" if _ILLEGAL.match(chr(code)) else match[0]
