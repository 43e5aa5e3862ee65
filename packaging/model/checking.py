"""Looks at our own labelled lines: near-copies, what of the held-out part leaked, the balance.

``python -m model.checking`` (with ``packaging`` on the path) prints what it counts; 1 where a
line is too near to another one.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from model.examples import Example, our_lines

NEAR = 0.6
"""Shared ÷ all runs of three characters; from here on two lines say the same."""
LEAKED = 0.5
"""The same, for a held-out line and one that trains."""
_RUN = 3


def runs_of(text: str) -> frozenset[str]:
    """Its runs of three characters, blanks left out; a shorter text is one run."""
    packed = "".join(text.split())
    return frozenset(packed[at : at + _RUN] for at in range(max(1, len(packed) - _RUN + 1)))


def near_pairs(
    ones: Sequence[Example], others: Sequence[Example], least: float
) -> Iterator[tuple[Example, Example, float]]:
    """Pairs that are at least so alike; among themselves where both are the same list."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    sets = [runs_of(each.text) for each in others]
    for at, found in enumerate(sets):
        for run in found:
            places[run].append(at)
    for number, one in enumerate(ones):
        mine = runs_of(one.text)
        shared = Counter(at for run in mine for at in places[run])
        for at, count in sorted(shared.items()):
            alike = count / (len(mine) + len(sets[at]) - count)
            if alike >= least and (ones is not others or number < at):
                yield one, others[at], alike


def main() -> int:
    """Print the balance, and every line that is too near to another."""
    training, held = our_lines(held=False), our_lines(held=True)
    for name, lines in (("training", training), ("held out", held)):
        labels = Counter(label.value for each in lines for label in each.labels)
        kinds = Counter(each.kind for each in lines)
        print(f"{name}: {len(lines)} lines")
        for counted in (labels, kinds):
            print("  " + ", ".join(f"{what} {n}" for what, n in counted.most_common()))
    found = [
        *near_pairs(training, training, NEAR),
        *near_pairs(held, held, NEAR),
        *near_pairs(held, training, LEAKED),
    ]
    for one, other, alike in found:
        print(f"{alike:.2f}\t{one.line_id} {one.text}\t{other.line_id} {other.text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
