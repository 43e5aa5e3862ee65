"""What the shop knows of those who write: its order list, matched to authors on receipt.

The match is part of the comment before it is journaled, so that replay needs no list.
"""

import asyncio
import logging
from pathlib import Path

import msgspec

from hostdesk.desk.buyers import Buyers
from hostdesk.errors import HostdeskError
from hostdesk.events import AnyEvent, Comment
from hostdesk.sources.orders_columns import load_columns
from hostdesk.sources.orders_csv import OrderList, read_orders

log = logging.getLogger("hostdesk.shop_facts")


class ShopFacts:
    """The order list in use, if any."""

    def __init__(self, zone_offset_min: int) -> None:
        self._zone_offset_min = zone_offset_min
        self._buyers: Buyers | None = None
        self._path = ""

    async def use(self, path: str) -> None:
        """Read another list (in a thread, it may take seconds); empty = none.

        One that cannot be read leaves comments as they are; the reason is in the log, and
        was said where the file was chosen.
        """
        if path == self._path:
            return
        self._path, self._buyers = path, None
        if not path:
            return
        try:
            listed, buyers = await asyncio.to_thread(_load, Path(path), self._zone_offset_min)
        except HostdeskError as exc:
            log.warning("order list not used: %s", exc.code)
            return
        except Exception:
            log.exception("order list not used: a bug of ours")  # no list is worth a show
            return
        log.info("order list: %d orders", len(listed.orders))
        if path == self._path and listed.can_match:
            self._buyers = buyers

    def stamp(self, event: AnyEvent) -> AnyEvent:
        """The event; a comment with what the list says of its author."""
        if self._buyers is None or not isinstance(event, Comment) or event.has_order is not None:
            return event
        buyer = self._buyers.match(event.author_id, event.author_name, event.platform)
        if buyer is None:
            return event
        return msgspec.structs.replace(event, has_order=buyer.has_order, order=buyer.certainty)


def _load(path: Path, zone_offset_min: int) -> tuple[OrderList, Buyers]:
    columns = load_columns()
    listed = read_orders(path, zone_offset_min=zone_offset_min, columns=columns)
    return listed, Buyers(listed.orders, columns.shared_names)
