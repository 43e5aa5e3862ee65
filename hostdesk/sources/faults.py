"""What went wrong with a connection, in our own codes. The words stand in ``resources/text``."""

import email.utils
import math
import socket
import ssl

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from hostdesk.sources.steps import Fault

LONGEST_RETRY_S = 600.0
"""A platform may ask us to wait; not for longer than this without trying again."""
_REDIRECT, _UNAUTHORISED, _FORBIDDEN, _TOO_MANY = 300, 401, 403, 429
_TOO_BIG = 1009
_DISTRUST = {
    9: "tls_too_early", 10: "tls_expired", 18: "tls_unknown", 19: "tls_unknown",
    20: "tls_unknown", 21: "tls_unknown", 62: "tls_other_name", 64: "tls_other_name",
}  # fmt: skip
"""OpenSSL's X509_V_ERR_*: why a certificate is not trusted."""
_NO_TLS = dict.fromkeys(("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"), "tls_none")
"""OpenSSL's reasons: what answers there does not encrypt."""


def fault_of(error: BaseException, now_ms: int) -> Fault:
    """The fault behind an exception of connecting or reading. ``now_ms``: UTC milliseconds."""
    match error:
        case socket.gaierror():
            return Fault(code="source_dns")
        case ssl.SSLCertVerificationError():
            reason = _DISTRUST.get(error.verify_code, error.verify_message)
            return Fault(code="source_tls", params={"reason": reason})
        case ssl.SSLError():
            found = getattr(error, "reason", None) or "TLS"
            return Fault(code="source_tls", params={"reason": _NO_TLS.get(found, found)})
        case TimeoutError():
            return Fault(code="source_timeout")
        case InvalidStatus():
            answer = error.response
            return refused(answer.status_code, answer.headers.get("Retry-After", ""), now_ms)
        case ConnectionClosed():
            return _closed(error)
        case WebSocketException():
            return Fault(code="source_protocol")
        case _:
            return Fault(code="source_unreachable")


def refused(status: int, retry_after: str, now_ms: int) -> Fault:
    """The fault of an HTTP status that is not success."""
    if status < _REDIRECT:
        return Fault(code="source_protocol")  # success, but of something that is no live room
    params: dict[str, str | int] = {"status": status}
    if status == _UNAUTHORISED:
        return Fault(code="source_logged_out", state="logged_out", params=params)
    if status == _FORBIDDEN:
        return Fault(code="source_forbidden", state="refused", params=params)
    if status == _TOO_MANY:
        wait_s = retry_after_s(retry_after, now_ms)
        params["seconds"] = round(wait_s)
        return Fault(code="source_too_many", retry_s=wait_s, params=params)
    return Fault(code="source_status", params=params)


def retry_after_s(header: str, now_ms: int) -> float:
    """Seconds that a ``Retry-After`` header asks for (a number, or an HTTP date), bounded."""
    try:
        wait_s = float(header)
    except ValueError:
        try:
            at = email.utils.parsedate_to_datetime(header)
            wait_s = at.timestamp() - now_ms / 1000
        except (ValueError, TypeError, OverflowError):
            wait_s = 0.0
    if math.isnan(wait_s):
        return 0.0
    return min(max(wait_s, 0.0), LONGEST_RETRY_S)


def _closed(error: ConnectionClosed) -> Fault:
    ours = error.sent.code if error.sent else 0
    theirs = error.rcvd.code if error.rcvd else 0
    if _TOO_BIG in (ours, theirs):
        return Fault(code="source_too_big")
    return Fault(code="source_closed", params={"close_code": theirs} if theirs else {})
