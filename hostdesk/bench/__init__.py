"""``hostdesk bench``: what the shipped program costs, measured on the shipped program."""

import argparse

from hostdesk.text import Words


def command(args: argparse.Namespace, say: Words) -> int:
    """Run the benchmarks named in ``args.names`` (all of them by default); 1 = a bar is missed."""
    from hostdesk.bench.running import run  # late: the probes live beside it and start fast

    return run(args.names, say, as_json=args.json, quick=getattr(args, "quick", False))
