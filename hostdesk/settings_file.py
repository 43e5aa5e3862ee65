"""Reading and writing ``settings.toml``. A broken file never stops a show."""

import hashlib
import os
import tomllib
from pathlib import Path

import msgspec

from hostdesk.errors import SettingsError, SettingsUnkeptError
from hostdesk.settings import Settings

NAME = "settings.toml"


def load(data: Path) -> tuple[Settings, SettingsError | None]:
    """The settings of ``data``; the defaults and the reason where they cannot be used."""
    file = data / NAME
    try:
        if not file.is_file():
            return Settings(), None
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(table, Settings), None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        return Settings(), SettingsError(path=str(file), detail=str(exc))


def save(data: Path, settings: Settings) -> None:
    """Write all settings; the file is whole or untouched, whatever happens.

    Raises:
        SettingsUnkeptError: the folder cannot be written, or a text is none.
    """
    names = [name for name in Settings.__struct_fields__ if name != "rooms"]
    file = data / NAME
    new = file.with_suffix(".new")
    try:
        lines = [f"{name} = {_toml(getattr(settings, name))}" for name in names]
        for room in settings.rooms:
            lines += ["", "[[rooms]]"]
            fields = msgspec.to_builtins(room)
            lines += [f"{name} = {_toml(value)}" for name, value in fields.items()]
        new.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.replace(new, file)  # noqa: PTH105  (atomic on every system)
    except (OSError, UnicodeEncodeError) as exc:  # half a character, from a command line
        raise SettingsUnkeptError(path=str(file), detail=str(exc)) from exc


def fingerprint(settings: Settings) -> str:
    """A short hash of all values, for `ShowOpened`."""
    return hashlib.sha256(msgspec.json.encode(settings)).hexdigest()[:16]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    # a JSON string is a TOML basic string, but for the one character that only TOML escapes
    quoted = msgspec.json.encode(str(value)).decode()
    return quoted.replace("\x7f", "\\u007f")
