"""Lines of a file of any size: a line of many megabytes is not kept whole beyond a limit."""

from collections.abc import Iterator
from typing import BinaryIO

from hostdesk.sources.recorded.recording import Trouble

MAX_LINE = 16 * 1024 * 1024
"""A longer line is none of a line format's; it is counted and passed over."""


def read_lines(stream: BinaryIO, trouble: Trouble) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line that holds something."""
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            trouble.at(number)
            _pass_over(stream)
            continue
        stripped = line.strip().removeprefix(b"\xef\xbb\xbf")
        if stripped:
            yield number, stripped


def _pass_over(stream: BinaryIO) -> None:
    while rest := stream.readline(MAX_LINE):
        if rest.endswith(b"\n"):
            return
