"""Feed arbitrary files to the reader of order lists, and match what it read.

Needs atheris, which is no dependency of hostdesk: ``pip install atheris``, then
``python tests/fuzz/fuzz_orders.py -max_total_time=600``.
"""

import functools
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

LIMIT = 20


def take(data: bytes) -> None:
    """As the whole list, and behind an honest header: an error of ours, or a bounded list."""
    for content in (data, "主订单编号,买家昵称,买家账号,支付完成时间\n".encode() + data):
        _read(content)


def _read(content: bytes) -> None:
    from hostdesk.desk.buyers import TAIL, Buyers
    from hostdesk.sources.orders_csv import MAX_TEXT, OrdersError, read_orders

    with tempfile.TemporaryDirectory(prefix="fuzz-orders-") as folder:
        file = Path(folder) / "orders.csv"
        file.write_bytes(content)
        try:
            told = read_orders(file, columns=_columns(), limit=LIMIT)
        except OrdersError:
            return
    assert len(told.orders) <= LIMIT
    for order in told.orders:
        assert len(order.tail) <= TAIL
        assert max(len(order.name), len(order.item), len(order.batch)) <= MAX_TEXT
        order.name.encode()
    buyers = Buyers(told.orders)
    for order in told.orders:
        buyers.match("someone", order.name, order.platform)


@functools.cache
def _columns() -> "Columns":  # noqa: F821  (imported late, so that atheris sees it)
    from hostdesk.sources.orders_columns import load_columns

    return load_columns()


def main() -> None:
    """Run until it is stopped."""
    import atheris

    with atheris.instrument_imports(include=["hostdesk"]):
        from hostdesk.sources import orders_csv  # noqa: F401  (instrumented on import)
    atheris.Setup(sys.argv, take)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
