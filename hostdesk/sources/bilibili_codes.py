"""The numbers with which Bilibili's Open Live refuses a call, as our faults.

Source: open-live.bilibili.com, "错误码" (public error codes).
"""

from hostdesk.sources.steps import Fault

ENDED = "bilibili_ended"
GONE = frozenset({7000, 7003})
"""No such game, or its heartbeat came too late: it must be started again."""

_PERSON = {
    4000: "bilibili_params",
    4001: "bilibili_app",
    4002: "bilibili_key",
    4007: "bilibili_address",
    4008: "bilibili_permission",
    5004: "bilibili_permission",
    5005: "bilibili_permission",
    6000: "bilibili_verification",
    6001: "bilibili_verification",
    6002: "bilibili_verification",
    6003: "bilibili_verification",
    7007: "bilibili_code",
    8002: "bilibili_permission",
}
"""Somebody must change something; trying again does not help."""

_PROGRAM = frozenset({4005, 4006, 4010, 4011, 4012, 4013})
"""We asked in a way that the platform no longer takes."""

_WAITS = {
    4003: ("bilibili_clock", 60),
    4009: ("bilibili_busy", 30),
    7001: ("bilibili_cooldown", 10),
    7002: ("bilibili_taken", 60),
}
"""It passes by itself, after so many seconds."""


def fault_of_code(number: int) -> Fault:
    """Why a call was refused, and whether a person must act. ``number`` is not 0."""
    params: dict[str, str | int] = {"number": number}
    if number in _PERSON:
        return Fault(code=_PERSON[number], params=params, state="refused")
    if number in _PROGRAM:
        return Fault(code="bilibili_outdated", params=params, state="refused")
    if number in _WAITS:
        code, wait_s = _WAITS[number]
        return Fault(code=code, params={**params, "seconds": wait_s}, retry_s=wait_s)
    code = ENDED if number in GONE else "bilibili_service"
    return Fault(code=code, params=params)
