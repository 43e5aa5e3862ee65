"""Settings and secrets as one thing that a seat can look at and change."""

import secrets
from collections.abc import Callable, Sequence

import msgspec

from hostdesk import paths, settings_file
from hostdesk.errors import HostdeskError, SettingsError
from hostdesk.seats.protocol import SaveSettings, SettingsNow
from hostdesk.secret_store import OBS_PASSWORD, Secrets
from hostdesk.settings import INBOX, PLATFORMS, Settings

INBOX_TOKEN = f"{INBOX}.token"

Used = Callable[[Settings, Sequence[str]], None]
"""Called after a change, with the rooms whose secrets are new."""


class SettingsKeeper:
    """Keeps what people choose: settings in their file, secrets in the keyring."""

    def __init__(
        self,
        settings: Settings,
        problem: SettingsError | None,
        store: Secrets,
        platforms: tuple[tuple[str, str], ...],
    ) -> None:
        self.settings = settings
        self._problem, self._store, self._platforms = problem, store, platforms
        self.used: Used = _nobody

    async def serve(self, wish: SaveSettings | None) -> SettingsNow:
        """The settings as they stand, after keeping what a person wants them to be."""
        error: HostdeskError | None = self._problem
        if wish is not None:
            error = await self._keep(wish)
        known = await self._store.get_many([*self._names(), OBS_PASSWORD, INBOX_TOKEN])
        return SettingsNow(
            settings=self.settings,
            has_password=bool(known[OBS_PASSWORD]),
            password_is_kept=self._store.is_kept is not False,
            keyring_error=self._store.error_code,
            platforms=self._platforms,
            known_secrets=tuple(name for name in self._names() if known[name]),
            inbox_token=known[INBOX_TOKEN] if self.settings.inbox else "",
            error_code=error.code if error else "",
            params=error.params if error else {},
        )

    async def make_token(self) -> None:
        """An inbox that is on has a token; the first time it is made here."""
        if not self.settings.inbox or await self._store.get(INBOX_TOKEN):
            return
        made = {INBOX_TOKEN: secrets.token_urlsafe(24)}
        if self._store.error_code:  # a token may lie in the locked keyring: leave it there
            self._store.hold(made)
        else:
            await self._store.set_many(made)

    def _names(self) -> list[str]:
        return [
            f"{room.room_id}.{secret}"
            for room in self.settings.rooms
            if room.platform in PLATFORMS
            for secret in (
                *PLATFORMS[room.platform].secrets,
                *PLATFORMS[room.platform].logins,
            )
        ]

    async def _keep(self, wish: SaveSettings) -> SettingsError | None:
        try:
            settings_file.save(paths.make_private(paths.data_folder()), wish.settings)
        except SettingsError as exc:
            return exc
        before, self.settings, self._problem = self.settings, wish.settings, None
        gone = {room.room_id for room in before.rooms} - {
            room.room_id for room in wish.settings.rooms
        }
        if changed := _secrets(wish, before, gone):
            await self._store.set_many(changed)
        await self.make_token()
        self.used(wish.settings, [name.partition(".")[0] for name in wish.secrets])
        return None


def _secrets(wish: SaveSettings, before: Settings, gone: set[str]) -> dict[str, str]:
    """What to keep, and (empty) what to forget: secrets leave with their room."""
    wanted = dict(wish.secrets)
    if wish.obs_password is not None:
        wanted[OBS_PASSWORD] = wish.obs_password
    for room in before.rooms:
        kind = PLATFORMS.get(room.platform)
        if room.room_id in gone and kind is not None:
            wanted |= {f"{room.room_id}.{name}": "" for name in (*kind.secrets, *kind.logins)}
    return wanted


def with_room_changed(settings: Settings, room_id: str, **fields: object) -> Settings:
    """The settings with some fields of one room changed."""
    rooms = tuple(
        msgspec.structs.replace(room, **fields) if room.room_id == room_id else room
        for room in settings.rooms
    )
    return msgspec.structs.replace(settings, rooms=rooms)


def _nobody(settings: Settings, renewed: Sequence[str]) -> None:
    """Until the engine is built there is nobody to tell."""
