"""The order list that a shop exports, read line by line.

Of each line only what `hostdesk.desk.buyers.Order` names is kept. Phone numbers, addresses
and plain names of recipients are gone with the line; an account's id is kept as a hash.
"""

import datetime
import heapq
import itertools
import re
import sys
from pathlib import Path

import msgspec

from hostdesk.desk.buyers import TAIL, Order, buyer_hash, mask_key
from hostdesk.errors import HostdeskError
from hostdesk.sources.orders_columns import Columns, Layout, load_columns, understand
from hostdesk.sources.orders_lines import (
    Record,
    Records,
    best_delimiter,
    encoding_of,
    lines_of,
    plain,
)
from hostdesk.sources.orders_times import moment_ms
from hostdesk.sources.recordings import cleaning

MAX_ORDERS = 100_000
"""Orders kept, the newest; about 40 MB. Older ones are counted."""
TOLD_LINES = 20
HEADER_WITHIN = 20
"""Some exports have a title or remarks above the names of the columns."""
MAX_TEXT = 120

_DIGIT = re.compile(r"\d")
_CONTACT = re.compile(r"(?:\+?86[ -]?)?1\d\d[\d*]{4}\d{4}|\+\d[\d -]{6,16}|\S+@\S+\.\S+")


class OrdersError(HostdeskError):
    """An order list cannot be read. Params: path."""

    code = "orders"


class OrdersMissingError(OrdersError):
    """No such file. Params: path."""

    code = "orders_missing"


class OrdersForbiddenError(OrdersError):
    """No permission to read it. Params: path."""

    code = "orders_forbidden"


class OrdersEmptyError(OrdersError):
    """Nothing in it. Params: path."""

    code = "orders_empty"


class OrdersSheetError(OrdersError):
    """A workbook (xlsx, xls), not a text file. Params: path."""

    code = "orders_sheet"


class OrdersColumnsError(OrdersError):
    """No row in it names columns that we know. Params: path."""

    code = "orders_columns"


class OrderList(msgspec.Struct, kw_only=True):
    """What was read, and what was not."""

    orders: tuple[Order, ...] = ()
    shop: str = ""
    """Id of the shop in ``resources/shops/columns.toml``."""
    encoding: str = ""
    columns: tuple[str, ...] = ()
    """Roles that were found, see `orders_columns.ROLES`."""
    can_match: bool = False
    """It tells who bought; without, orders can only be looked up by number."""
    skipped: int = 0
    skipped_lines: tuple[int, ...] = ()
    """Numbers of the first `TOLD_LINES` lines that could not be read."""
    unpaid: int = 0
    """Lines that are no order yet."""
    beyond: int = 0
    """Older orders that are not kept."""


def read_orders(
    file: Path,
    *,
    zone_offset_min: int = 480,
    columns: Columns | None = None,
    limit: int = MAX_ORDERS,
) -> OrderList:
    """Read an order list. Takes seconds for 100,000 lines: call it in a thread.

    Times without a zone are those of ``zone_offset_min`` (minutes east of UTC).

    Raises:
        OrdersError: one of its kinds.
        ContentError: the file of column names is wrong.
    """
    known = load_columns() if columns is None else columns
    _check(file)
    try:
        return _Reading(file, known, zone_offset_min, limit).result()
    except OSError as exc:
        raise OrdersError(path=str(file)) from exc


class _Reading:
    """One reading of one file."""

    def __init__(self, file: Path, columns: Columns, zone_offset_min: int, limit: int) -> None:
        self._file, self._columns, self._limit = file, columns, limit
        self._zone = datetime.timezone(datetime.timedelta(minutes=zone_offset_min))
        self._encoding = encoding_of(file)
        self._kept: list[tuple[int, int, Order]] = []
        """A heap while it is full: the oldest first."""
        self._told = OrderList(encoding=self._encoding)
        self._skipped_lines: list[int] = []
        self._before = Order()
        self._was_paid = False

    def result(self) -> OrderList:
        layout, header_line, delimiter = self._header()
        lines = lines_of(self._file, self._encoding)
        body = itertools.dropwhile(lambda line: line[0] <= header_line, lines)
        for record in Records(body, delimiter):
            self._take(record, layout, is_first=record[0] == header_line + 1)
        told = self._told
        told.orders = tuple(order for _, _, order in sorted(self._kept, key=_by_line))
        told.shop, told.columns = layout.shop.id, tuple(layout.places)
        told.can_match = any(order.buyer or order.name for order in told.orders)
        told.skipped_lines = tuple(self._skipped_lines)
        return told

    def _header(self) -> tuple[Layout, int, str]:
        """The row that names most columns among the first few, where it stands, and its cut."""
        best: tuple[int, Layout, int, str] | None = None
        lines = lines_of(self._file, self._encoding)
        for number, line in itertools.islice(lines, HEADER_WITHIN):
            delimiter, score = best_delimiter(line or "", self._score)
            if score and (best is None or score > best[0]):
                [(_, cells)] = Records(iter([(number, line)]), delimiter)
                if cells and (layout := understand(cells, self._columns)):
                    best = (score, layout, number, delimiter)
        if best is None:
            raise OrdersColumnsError(path=str(self._file))
        return best[1:]

    def _score(self, cells: list[str]) -> int:
        layout = understand(cells, self._columns)
        return len(layout.places) if layout else 0

    def _take(self, record: Record, layout: Layout, *, is_first: bool) -> None:
        number, cells = record
        if cells is None or not _is_whole(cells, layout):
            self._skip(number)
            return
        told = {role: plain(cells[place]) for role, place in layout.places.items()}
        if told.get("order") and not _DIGIT.search(told["order"]):
            if not is_first:  # under the names some shops explain them
                self._skip(number)
            return
        if not any(told.get(role) for role in ("order", "account", "name", "masked")):
            self._skip(number)
            return
        self._keep(number, self._order(told, layout), told)

    def _order(self, told: dict[str, str], layout: Layout) -> Order:
        account, name = _no_contact(told.get("account", "")), _no_contact(told.get("name", ""))
        if not name and mask_key(told.get("masked", "")) is not None:
            name = told["masked"]
        return Order(
            tail=told.get("order", "").strip("# ")[-TAIL:],
            buyer="" if not account or mask_key(account) is not None else buyer_hash(account),
            name=cleaning.name(name),
            item=sys.intern(cleaning.text(told.get("item", ""), MAX_TEXT)),
            batch=sys.intern(cleaning.text(told.get("batch", ""), MAX_TEXT)),
            at_ms=self._moment(told.get("paid", "")) or self._moment(told.get("time", "")),
            platform=layout.shop.platform,
        )

    def _keep(self, number: int, order: Order, told: dict[str, str]) -> None:
        if self._continues(order, told):
            before = self._before
            order = msgspec.structs.replace(
                order, name=before.name, buyer=before.buyer, at_ms=before.at_ms
            )
        else:
            self._was_paid = self._is_paid(told)
        self._before = order
        if not self._was_paid:
            self._told.unpaid += 1
            return
        kept = (order.at_ms or 0, number, order)
        if len(self._kept) < self._limit:
            heapq.heappush(self._kept, kept)
            return
        heapq.heappushpop(self._kept, kept)
        self._told.beyond += 1

    def _continues(self, order: Order, told: dict[str, str]) -> bool:
        """A further item of the order above: some exports leave the rest of its line empty."""
        same = bool(order.tail) and order.tail == self._before.tail
        return same and not any(told.get(r) for r in ("name", "account", "time", "paid", "status"))

    def _is_paid(self, told: dict[str, str]) -> bool:
        status = told.get("status", "").casefold()
        if any(word in status for word in self._columns.unpaid):
            return False
        return "paid" not in told or bool(told["paid"].strip("-/ "))

    def _skip(self, number: int) -> None:
        self._told.skipped += 1
        if len(self._skipped_lines) < TOLD_LINES:
            self._skipped_lines.append(number)

    def _moment(self, text: str) -> int | None:
        return moment_ms(text, self._zone)


def _no_contact(told: str) -> str:
    """Where a buyer is called by a phone number or an address of mail, nothing is kept."""
    return "" if _CONTACT.fullmatch(told) else told


def _is_whole(cells: list[str], layout: Layout) -> bool:
    """As many cells as names of columns; empty ones at the end may be more or fewer."""
    if len(cells) > layout.width and any(cell.strip() for cell in cells[layout.width :]):
        return False
    wanted = layout.places.values()
    return max(wanted) < len(cells) and not any("\ufffd" in cells[place] for place in wanted)


def _by_line(kept: tuple[int, int, Order]) -> int:
    return kept[1]


def _check(file: Path) -> None:
    """Fail early and in words.

    Raises:
        OrdersError: one of its kinds.
    """
    try:
        if not file.exists():
            raise OrdersMissingError(path=str(file))
        if not file.is_file():
            raise OrdersError(path=str(file))  # a folder; a pipe or device would wait for ever
        with file.open("rb") as stream:
            head = stream.read(1 << 12)
    except PermissionError as exc:
        raise OrdersForbiddenError(path=str(file)) from exc
    except (OSError, ValueError) as exc:
        raise OrdersError(path=str(file)) from exc
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise OrdersEmptyError(path=str(file))
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise OrdersSheetError(path=str(file))
