"""Who of those who write has an order, by the shop's list, and how certain that is. Pure.

What somebody says of themselves ("我买过") is no part of this: words are judged by
`hostdesk.analysis`, the list is the shop's. An order found here never follows from words.
"""

import hashlib
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Literal

import msgspec

Certainty = Literal["sure", "likely", "possible"]
"""sure: the account itself, or a full nickname that the list gives to one account only ·
likely: a full nickname that stands for one buyer as far as the list tells · possible: a masked
name fits, several buyers are called so, or the name is one that thousands have."""

MOST_SHOWN = 20
"""Orders given with a buyer, the newest first."""
MAX_KNOWN = 12_000
"""Authors whose match is remembered; the one silent longest is forgotten."""
MOST_COMPARED = 200
"""Orders of one name, or behind masked ones, that are looked at, the newest; of more it is not
certain whose they are anyway."""
MAX_GAPPED = 500
"""Masks with more rows of stars than one that are remembered."""
TAIL = 6
"""Characters of an order's number that are kept; people tell the last four."""

_MASK = re.compile(r"[*∗⁎●•■█]+")
_BLANK = re.compile(r"\s+")
_HIDDEN_IDS = frozenset({"", "0", "-1", "null", "none"})
_KEPT_MARKS = frozenset({"Mn", "Mc", "Me"})


class Order(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that is kept of one line of the shop's list."""

    tail: str = ""
    """The last `TAIL` characters of its number."""
    buyer: str = ""
    """`buyer_hash` of the account; empty where the list does not tell it."""
    name: str = ""
    """The nickname; may be masked ("小*鹿")."""
    item: str = ""
    batch: str = ""
    at_ms: int | None = None
    """When it was paid, else placed; UTC milliseconds."""
    platform: str = ""
    """Where the shop sells, as in `Comment.platform`; empty = not known."""


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """An author of comments for whom the shop's list has orders."""

    certainty: Certainty
    how: Literal["account", "name", "mask"]
    orders: tuple[Order, ...]
    """The newest first, at most `MOST_SHOWN`; of all candidates where there are several."""
    candidates: int = 1
    """How many different buyers it may be."""

    @property
    def has_order(self) -> bool | None:
        """For `Comment.has_order`: True when it holds, None when it is only possible."""
        return None if self.certainty == "possible" else True


class Buyers:
    """The shop's list, ready to be asked for every comment."""

    def __init__(self, orders: Iterable[Order], shared_names: Iterable[str] = ()) -> None:
        """``shared_names``: nicknames that thousands have ("momo"); they prove nothing."""
        self._orders = tuple(sorted(orders, key=_paid_ms, reverse=True))
        self._shared = frozenset(name_key(name) for name in shared_names)
        self._by_account: dict[str, list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        self._masked: dict[str, list[int]] = {}
        self._shapes: dict[tuple[int, int], None] = {}
        """How much of a masked name is seen before and after its one row of stars."""
        self._gapped: dict[str, None] = {}
        """Masks with more rows of stars than one; there are few."""
        self._owners: dict[str, str | None] = {}
        self._known: OrderedDict[tuple[str, str, str], Buyer | None] = OrderedDict()
        for number, order in enumerate(self._orders):
            self._place(number, order)

    def __len__(self) -> int:
        return len(self._orders)

    def match(self, author_id: str, author_name: str, platform: str) -> Buyer | None:
        """The buyer that this author is, as far as the list can tell; None: not in it.

        Two accounts that write under one nickname are never both "sure", nor "likely".
        """
        asked = (platform, author_id, author_name)
        name = name_key(author_name)
        if asked in self._known and not self._is_disputed(name, platform):
            self._known.move_to_end(asked)
            return self._known[asked]
        found = self._found(author_id, name, platform)
        self._known[asked] = found
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return found

    def by_tail(self, tail: str) -> tuple[Order, ...]:
        """Orders whose number ends so (at least four characters); for support, not for matching."""
        told = tail.strip()[-TAIL:]
        if len(told) < 4:
            return ()
        return tuple(
            islice((order for order in self._orders if order.tail.endswith(told)), MOST_SHOWN)
        )

    def _place(self, number: int, order: Order) -> None:
        if order.buyer:
            self._by_account.setdefault(order.buyer, []).append(number)
        mask = mask_key(order.name)
        if mask is None:
            if name := name_key(order.name):
                self._by_name.setdefault(name, []).append(number)
        elif mask.replace("*", ""):
            self._masked.setdefault(mask, []).append(number)
            before, _, after = mask.partition("*")
            if "*" not in after:
                self._shapes[len(before), len(after)] = None
            elif len(self._gapped) < MAX_GAPPED:
                self._gapped[mask] = None

    def _found(self, author_id: str, name: str, platform: str) -> Buyer | None:
        numbers = self._of_account(author_id, platform)
        if numbers:
            return Buyer(certainty="sure", how="account", orders=self._shown(numbers))
        if not name or mask_key(name) is not None:
            return None
        if numbers := self._by_name.get(name, []):
            return self._named(numbers, name, author_id, platform)
        return self._fitting(name, platform)

    def _of_account(self, author_id: str, platform: str) -> list[int]:
        if _is_hidden(author_id):
            return []
        numbers = self._by_account.get(buyer_hash(author_id), [])
        return self._sold_on(platform, numbers)

    def _named(self, numbers: list[int], name: str, author_id: str, platform: str) -> Buyer:
        is_crowd = len(numbers) > MOST_COMPARED
        here = self._sold_on(platform, numbers[:MOST_COMPARED])
        people = {self._person(number) for number in here or numbers}
        is_alone = self._claims(name, author_id, platform)
        certainty: Certainty = "likely"
        if not here or not is_alone or is_crowd or len(people) > 1 or name in self._shared:
            certainty = "possible"
        elif not _is_hidden(author_id) and all(self._orders[n].buyer for n in here):
            certainty = "sure"
        return Buyer(
            certainty=certainty,
            how="name",
            orders=self._shown(here or numbers),
            candidates=len(people),
        )

    def _claims(self, name: str, author_id: str, platform: str) -> bool:
        """Whether this account is the only one in the room that is called so."""
        if _is_hidden(author_id):
            return not self._is_disputed(name, platform)
        owner = self._owners.setdefault(f"{platform}/{name}", author_id)
        if owner != author_id:
            self._owners[f"{platform}/{name}"] = None
        return owner == author_id

    def _is_disputed(self, name: str, platform: str) -> bool:
        return self._owners.get(f"{platform}/{name}", "") is None

    def _fitting(self, name: str, platform: str) -> Buyer | None:
        behind = (number for mask in self._masks(name) for number in self._masked[mask])
        numbers = self._sold_on(platform, islice(behind, MOST_COMPARED))
        if not numbers:
            return None
        people = {self._person(number) for number in numbers}
        return Buyer(
            certainty="possible",
            how="mask",
            orders=self._shown(numbers),
            candidates=len(people),
        )

    def _masks(self, name: str) -> Iterator[str]:
        """The masks behind which ``name`` may stand."""
        for before, after in self._shapes:
            if before + after < len(name):
                mask = f"{name[:before]}*{name[len(name) - after :]}"
                if mask in self._masked:
                    yield mask
        yield from (mask for mask in self._gapped if fits(mask, name))

    def _sold_on(self, platform: str, numbers: Iterable[int]) -> list[int]:
        return [n for n in numbers if self._orders[n].platform in ("", platform)]

    def _person(self, number: int) -> str:
        """Who placed the order, as far as the list tells them apart."""
        order = self._orders[number]
        return order.buyer or f"@{mask_key(order.name) or name_key(order.name)}"

    def _shown(self, numbers: list[int]) -> tuple[Order, ...]:
        return tuple(self._orders[number] for number in sorted(numbers)[:MOST_SHOWN])


def buyer_hash(account: str) -> str:
    """What is kept instead of an account's id."""
    told = account.strip().casefold().encode("utf-8", errors="replace")
    return hashlib.sha256(b"hostdesk buyer " + told).hexdigest()[:16]


def name_key(name: str) -> str:
    """A nickname in one spelling: width, case, blanks and characters that nobody sees."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    seen = (char for char in folded if _is_seen(char))
    return _BLANK.sub(" ", "".join(seen)).strip()


def mask_key(name: str) -> str | None:
    """A masked nickname with one "*" for each row of stars; None where nothing is masked."""
    key = name_key(name)
    return _MASK.sub("*", key) if _MASK.search(key) else None


def fits(mask: str, name: str) -> bool:
    """Whether ``name`` can stand behind ``mask``; each "*" is at least one character."""
    first, *middle, last = mask.split("*")
    if len(name) < len(mask) or not (name.startswith(first) and name.endswith(last)):
        return False
    at, end = len(first) + 1, len(name) - len(last)
    for part in middle:
        found = name.find(part, at, end - 1)
        if found < 0:
            return False
        at = found + len(part) + 1
    return at <= end


def _is_hidden(author_id: str) -> bool:
    return author_id.strip().casefold() in _HIDDEN_IDS or bool(_MASK.search(author_id))


def _is_seen(char: str) -> bool:
    kind = unicodedata.category(char)
    if kind in _KEPT_MARKS:
        return not "\ufe00" <= char <= "\ufe0f"
    return kind not in ("Cf", "Cc", "Cs", "Co", "Cn")


def _paid_ms(order: Order) -> int:
    return order.at_ms or 0
