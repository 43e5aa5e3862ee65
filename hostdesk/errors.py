"""Errors that a host can act on.

Raise a HostdeskError when the world is at fault: OBS is closed, the disk is full.
Anything else that escapes is our bug; it is logged with its traceback and reported.

    HostdeskError
    ├── ObsError            the broadcast software
    ├── RecordingError      a file that was to be read
    ├── JournalError        our own files
    ├── RoomError           live rooms that cannot be added or changed as asked
    └── the rest            content, settings, engine and seats
"""

from typing import ClassVar


class HostdeskError(Exception):
    """A known failure, with words for the host.

    ``code`` names two lines in resources/text: ``error.<code>.message`` (what
    happened) and ``error.<code>.hint`` (what to do now).
    """

    code: ClassVar[str]

    def __init__(self, **params: str | int) -> None:
        super().__init__(f"{self.code} {params}")
        self.params = params


class ObsError(HostdeskError):
    """OBS is not there, or does not do what we ask."""

    code = "obs"


class ObsUnreachableError(ObsError):
    """Nothing answers at OBS's address. Params: host, port."""

    code = "obs_unreachable"


class ObsPasswordError(ObsError):
    """OBS answered, and refused our password (close code 4009)."""

    code = "obs_password"


class ObsKickedError(ObsError):
    """OBS ended our session, or speaks another protocol version. Params: close_code."""

    code = "obs_kicked"


class ObsProtocolError(ObsError):
    """OBS said something that the protocol does not allow. Params: detail."""

    code = "obs_protocol"


class ObsRefusedError(ObsError):
    """OBS understood the request and said no. Params: request, status, reason."""

    code = "obs_refused"


class ObsSilentError(ObsError):
    """The connection stands, but OBS does not answer (hung). Params: seconds."""

    code = "obs_silent"


class ObsOnAirError(ObsError):
    """A rehearsal may not touch an OBS that streams, records or feeds its virtual camera."""

    code = "obs_on_air"


class PicturesError(HostdeskError):
    """The picture painter did not answer or could not write. Params: detail."""

    code = "pictures"


class RecordingError(HostdeskError):
    """A recording cannot be read at all. Params: path."""

    code = "recording"


class RecordingMissingError(RecordingError):
    """No such file. Params: path."""

    code = "recording_missing"


class RecordingFolderError(RecordingError):
    """A folder was given. Params: path."""

    code = "recording_folder"


class RecordingForbiddenError(RecordingError):
    """No permission to read it. Params: path."""

    code = "recording_forbidden"


class RecordingEmptyError(RecordingError):
    """Nothing in it. Params: path."""

    code = "recording_empty"


class RecordingUnknownError(RecordingError):
    """None of the formats that we read. Params: path."""

    code = "recording_unknown"


class RecordingHostileError(RecordingError):
    """XML with a document type or entities: refused. Params: path."""

    code = "recording_hostile"


class JournalError(HostdeskError):
    """One of our own files cannot be opened. Params: path."""

    code = "journal"


class JournalNewerError(JournalError):
    """Written by a newer hostdesk. Params: path, version."""

    code = "journal_newer"


class DiskFullError(JournalError):
    """The journal cannot be written. The show goes on. Params: path."""

    code = "disk_full"


class ShowUnknownError(HostdeskError):
    """No show of that name. Params: name."""

    code = "show_unknown"


class ContentError(HostdeskError):
    """A content file is wrong. Params: file, entry, field, detail."""

    code = "content"


class SettingsError(HostdeskError):
    """The settings file cannot be used; defaults hold. Params: path, detail."""

    code = "settings"


class SettingsUnkeptError(SettingsError):
    """The settings cannot be written; they are as before. Params: path, detail."""

    code = "settings_unkept"


class EngineRunningError(HostdeskError):
    """Another engine holds this data folder. Params: pid."""

    code = "engine_running"


class EngineAwayError(HostdeskError):
    """No engine answers."""

    code = "engine_away"


class AskRefusedError(HostdeskError):
    """The desk cannot do what was asked now. Params: reason."""

    code = "ask_refused"


class AskStaleError(HostdeskError):
    """The ask waited too long and was not sent."""

    code = "ask_stale"


class RoomError(HostdeskError):
    """A live room cannot be what was asked."""

    code = "source"


class PlatformUnknownError(RoomError):
    """No such platform. Params: platform, known."""

    code = "source_platform"


class RoomUnknownError(RoomError):
    """No such room. Params: name."""

    code = "source_unknown"


class RoomExistsError(RoomError):
    """There is a room of this id. Params: name."""

    code = "source_exists"


class RoomIncompleteError(RoomError):
    """Something is not filled in. Params: room, missing."""

    code = "source_incomplete"


class RoomFieldError(RoomError):
    """No such field, or a value that cannot be. Params: platform, field, known."""

    code = "source_field"


class RoomValueError(RoomError):
    """A field cannot have this value. Params: field, value, reason."""

    code = "source_value"


class RoomUnnamedError(RoomError):
    """Nobody said which room, or which file. Params: action."""

    code = "source_unnamed"


class LoginImpossibleError(RoomError):
    """Nobody can log in for this room. Params: reason, room."""

    code = "login_impossible"


class ChatRoomGoneError(RoomError):
    """The room to speak in is not there (any more). Params: room."""

    code = "chat_room_gone"


class RoomSecretError(RoomError):
    """A secret was written on the command line, where others see it. Params: room, field."""

    code = "source_secret"
