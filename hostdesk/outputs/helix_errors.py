"""What can go wrong when something is said or done at Twitch. Words: ``sources_twitch_login``."""

from hostdesk.errors import HostdeskError


class TwitchError(HostdeskError):
    """Twitch did not do what was asked."""

    code = "helix"


class TwitchLoggedOutError(TwitchError):
    """The login is not valid any more, or there is none."""

    code = "helix_logged_out"


class TwitchScopeError(TwitchError):
    """The login does not allow this; a new one with more rights does."""

    code = "helix_scope"


class TwitchDroppedError(TwitchError):
    """Taken, and then not shown to anybody. Params: reason (a key of ``reason.*``, or words)."""

    code = "helix_dropped"


class TwitchRefusedError(TwitchError):
    """Understood, and refused. Params: status, reason (Twitch's own words)."""

    code = "helix_refused"


class TwitchTooLongError(TwitchError):
    """More characters than Twitch takes; nothing was sent. Params: limit, length."""

    code = "helix_too_long"


class TwitchBusyError(TwitchError):
    """Twitch wants less for a while; nothing was done. Params: seconds."""

    code = "helix_busy"


class TwitchAwayError(TwitchError):
    """Twitch cannot be reached or is out of order. Params: status (0 = not reached)."""

    code = "helix_away"


class TwitchUnsureError(TwitchError):
    """Asked, and no answer came: it may have been done."""

    code = "helix_unsure"
