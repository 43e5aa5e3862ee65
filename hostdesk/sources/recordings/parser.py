"""The shape of a format's parser."""

from typing import Protocol

from hostdesk.events import AnyEvent


class Parser(Protocol):
    """Turns the text of a recording into events, sans-IO. Never raises, whatever comes.

    Made with the `Tally` of what cannot be read.
    """

    @property
    def is_hostile(self) -> bool:
        """Refuse the file: what was read before may be used."""
        ...

    def feed(self, text: str) -> list[AnyEvent]:
        """Take the next piece, of any size; the events that are complete with it."""
        ...

    def finish(self) -> list[AnyEvent]:
        """The text is over; the events that were held back."""
        ...
