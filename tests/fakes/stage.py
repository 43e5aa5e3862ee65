"""An output that does what a test says. The real ones are tested against real OBS in tests/e2e."""

import asyncio


class FakeStage:
    """Remembers commands; fails with ``error`` where one is set, waits while ``held``."""

    def __init__(self):
        self.commands = []
        self.error = None
        self.held = None

    def hold(self):
        self.held = asyncio.Event()
        return self.held

    async def perform(self, command):
        self.commands.append(command)
        if self.held is not None:
            await self.held.wait()
        if self.error is not None:
            raise self.error
