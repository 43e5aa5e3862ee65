"""Carrying a command out, and turning however that ended into an event."""

import logging

from hostdesk.commands import AnyCommand
from hostdesk.errors import HostdeskError
from hostdesk.events import CommandDone, CommandFailed, CommandId
from hostdesk.ports import NowMs, Output

log = logging.getLogger("hostdesk.performing")


class Performer:
    """Performs commands on one output. The only broad ``except`` beside the engine's."""

    def __init__(self, output: Output, now_ms: NowMs) -> None:
        self._output, self._now_ms = output, now_ms

    async def perform(self, command: AnyCommand) -> CommandDone | CommandFailed:
        """The world's answer; `CommandFailed` with a code where it did not do it."""
        command_id = CommandId(command.command_id)
        try:
            await self._output.perform(command)
        except HostdeskError as exc:
            log.warning("%s failed: %s", command_id, exc.code)
            return CommandFailed(
                at_ms=self._now_ms(), command_id=command_id, error_code=exc.code, params=exc.params
            )
        except Exception:
            log.exception("bug in %s", command_id)
            return CommandFailed(at_ms=self._now_ms(), command_id=command_id, error_code="bug")
        return CommandDone(at_ms=self._now_ms(), command_id=command_id)
