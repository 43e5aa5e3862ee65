"""Why YouTube said no, in our own codes. The words stand in ``sources_youtube.toml``.

Source: https://developers.google.com/youtube/v3/live/docs/errors and Google's common error
format (``error.errors[].reason``, ``error.details[].reason``, ``error.status``).
"""

from typing import Any

from hostdesk.sources import faults
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.steps import Fault
from hostdesk.sources.youtube_quota import resets_ms

LOOK_AGAIN_S = 1_800.0
"""Google may give new quota before we expect it (a raise, a clock): look this often."""
CHAT_OFF = Fault(code="youtube_chat_off", state="refused", retry_s=300.0)

_BAD_REQUEST = 400
_QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_BY_REASON = {
    "keyInvalid": Fault(code="youtube_key", state="logged_out"),
    "API_KEY_INVALID": Fault(code="youtube_key", state="logged_out"),
    "keyExpired": Fault(code="youtube_key", state="logged_out"),
    "accessNotConfigured": Fault(code="youtube_api_off", state="refused"),
    "SERVICE_DISABLED": Fault(code="youtube_api_off", state="refused"),
    "ipRefererBlocked": Fault(code="youtube_key_limited", state="refused"),
    "API_KEY_SERVICE_BLOCKED": Fault(code="youtube_key_limited", state="refused"),
    "API_KEY_IP_ADDRESS_BLOCKED": Fault(code="youtube_key_limited", state="refused"),
    "API_KEY_HTTP_REFERRER_BLOCKED": Fault(code="youtube_key_limited", state="refused"),
    "liveChatDisabled": CHAT_OFF,
    "liveChatNotFound": Fault(code="youtube_chat_gone", retry_s=5.0),
    "videoNotFound": Fault(code="youtube_no_video", state="refused"),
    "forbidden": Fault(code="youtube_forbidden", state="refused"),
    "insufficientPermissions": Fault(code="youtube_forbidden", state="refused"),
}


def reasons(told: dict[str, Any]) -> set[str]:
    """Every reason that an error answer names."""
    error = cleaning.mapping(told.get("error"))
    named = [*cleaning.listing(error.get("errors")), *cleaning.listing(error.get("details"))]
    return {cleaning.name(cleaning.mapping(each).get("reason")) for each in named} - {""}


def is_page_lost(status: int, why: set[str]) -> bool:
    """Whether our place in the chat may be what was refused ("pageTokenInvalid" and the like)."""
    return status == _BAD_REQUEST and not why & (_BY_REASON.keys() | _QUOTA | _TOO_FAST)


def refused(status: int, why: set[str], retry_after: str, now_ms: int, *, every_ms: int) -> Fault:
    """The fault of an answer that is not success. ``every_ms``: our pace until now."""
    if why & _QUOTA:
        return quota_spent(now_ms)
    if why & _TOO_FAST:
        wait_s = max(faults.retry_after_s(retry_after, now_ms), 2 * every_ms / 1000, 1.0)
        wait_s = min(wait_s, faults.LONGEST_RETRY_S)
        return Fault(code="source_too_many", retry_s=wait_s, params={"seconds": round(wait_s)})
    for reason, fault in _BY_REASON.items():
        if reason in why:
            return fault
    return faults.refused(status, retry_after, now_ms)


def quota_spent(now_ms: int) -> Fault:
    """No more units today. A person can wait, or take another key."""
    left_s = (resets_ms(now_ms) - now_ms) / 1000
    return Fault(
        code="youtube_quota",
        state="refused",
        params={"hours": max(1, round(left_s / 3600))},
        retry_s=max(1.0, min(left_s, LOOK_AGAIN_S)),
    )
