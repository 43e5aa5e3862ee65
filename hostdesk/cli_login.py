"""``hostdesk connect login`` and ``logout``: a code to type at the platform's own page."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Iterator

from hostdesk import clock
from hostdesk.accounts import Accounts
from hostdesk.room_fields import room_named
from hostdesk.seats import scripting
from hostdesk.seats.link_file import LinkFacts
from hostdesk.seats.protocol import LoginWanted, LoginWish, LogoutWanted
from hostdesk.secret_store import Secrets
from hostdesk.settings import Login, Settings
from hostdesk.text import Words

MINUTE_MS = 60_000


def command(
    args: argparse.Namespace, say: Words, settings: Settings, engine: LinkFacts | None
) -> int:
    """Follow one login to its end; 1 where it failed, or would be lost with this command."""
    room = room_named(settings, args.words, args.action)
    wish: LoginWish = LogoutWanted(room_id=room.room_id)
    if args.action == "login":
        wish = LoginWanted(room_id=room.room_id, reads_only=args.read_only)
    if engine is not None:
        return _told(scripting.logins(engine, wish), say)
    store = Secrets()
    if isinstance(wish, LoginWanted) and not store.is_kept_now():
        print(" ".join(say.error(store.error_code, {})), file=sys.stderr)
        print(say("connect.login_needs_engine", id=room.room_id), file=sys.stderr)
        return 1
    accounts = Accounts(store, clock.now_ms)
    return asyncio.run(_followed(accounts.serve(wish, settings), say))


def _told(steps: Iterator[Login], say: Words) -> int:
    failed = True
    for told in steps:
        failed = _print(told, say)
    return 1 if failed else 0


async def _followed(steps: AsyncIterator[Login], say: Words) -> int:
    failed = True
    async for told in steps:
        failed = _print(told, say)
    return 1 if failed else 0


def _print(told: Login, say: Words) -> bool:
    """One step in words; whether the command would fail if it were the last."""
    if told.step == "failed":
        print(" ".join(say.error(told.error_code, told.params)), file=sys.stderr)
        return True
    minutes = max(1, round((told.expires_ms - clock.now_ms()) / MINUTE_MS))
    words = say(
        f"login.{told.step}",
        url=told.url,
        code=told.user_code,
        minutes=minutes,
        login=told.login,
    )
    print(words, flush=True)
    return told.step == "code"
