"""What went wrong beneath an HTTP call, in our own codes."""

import httpx

from hostdesk.sources.faults import fault_of
from hostdesk.sources.steps import Fault


def fault_behind(error: BaseException, now_ms: int) -> Fault:
    """The fault of a call that got no answer; the system's own error tells more than httpx's."""
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return Fault(code="source_timeout")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return fault_of(cause, now_ms)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ProtocolError):
        return Fault(code="source_protocol")
    return Fault(code="source_unreachable")
