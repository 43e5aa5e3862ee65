"""Composition root of the engine process: builds, joins, starts and stops in order. No Qt."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from hostdesk import clock, logs, paths, settings_file
from hostdesk.broadcast.pictures import Pictures
from hostdesk.content.counsel import load_counsel
from hostdesk.content.lexicons import load_tables
from hostdesk.engine import Engine
from hostdesk.errors import EngineRunningError, HostdeskError
from hostdesk.events import AnyAsk, AnyEvent, Comment, SourceState, Tick, WallJumped
from hostdesk.feeds import Feeds, chosen_feeds
from hostdesk.ports import NowMs, Post
from hostdesk.seats import link_file
from hostdesk.seats.protocol import Answer, Page
from hostdesk.seats.server import SeatServer
from hostdesk.show_keeper import ShowKeeper
from hostdesk.stage import Stage, chosen_stage

log = logging.getLogger("hostdesk.engine_main")

IDLE_END_S = 600.0
"""The engine ends ten minutes after the last seat and the last source."""
REHEARSAL_IDLE_END_S = 60.0
WALL_JUMP_MS = 2_000
EXIT_RUNNING = 3
NICE = 5
"""The broadcast software comes first."""
