"""Feed arbitrary bytes to every parser of recordings.

Needs atheris, which is no dependency of hostdesk: ``pip install atheris``, then
``python tests/fuzz/fuzz_recordings.py tests/shows/formats -max_total_time=600``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def take(data: bytes) -> None:
    """All of it at once and cut in two: the same events, in order, and no error at all."""
    from hostdesk.sources.recordings.decoding import decoded, encoding_of
    from hostdesk.sources.recordings.detecting import PARSERS, format_of
    from hostdesk.sources.recordings.tally import Tally

    text = "".join(decoded([data], encoding_of(data)))
    for form in {format_of(text), sorted(PARSERS)[len(data) % len(PARSERS)]} - {""}:
        whole, halves = PARSERS[form](Tally()), PARSERS[form](Tally())
        events = whole.feed(text) + whole.finish()
        middle = len(text) // 2
        assert halves.feed(text[:middle]) + halves.feed(text[middle:]) + halves.finish() == events
        times = [event.at_ms for event in events]
        assert times == sorted(times)


def main() -> None:
    """Run until it is stopped."""
    import atheris

    with atheris.instrument_imports(include=["hostdesk"]):
        from hostdesk.sources import recordings  # noqa: F401  (instrumented on import)
    atheris.Setup(sys.argv, take)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
