"""Feed arbitrary answers to what we ask by HTTP: Bilibili's calls, Twitch's login and Helix.

Needs atheris, which is no dependency of hostdesk: ``pip install atheris``, then
``python tests/fuzz/fuzz_answers.py -max_total_time=600``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

NOW_MS = 1_781_784_000_000
STATUSES = (200, 204, 301, 400, 401, 403, 404, 409, 429, 500, 503)


def take(data: bytes) -> None:
    """The first byte picks a status, the second cuts the rest into a header and a body."""
    status = STATUSES[(data[:1] or b"\0")[0] % len(STATUSES)]
    cut = (data[1:2] or b"\0")[0] % 40
    header, body = data[2 : 2 + cut].decode("latin-1"), data[2 + cut :]
    _as_refusal(status, header)
    _as_bilibili(body)
    _as_twitch(status, header, body)


def _as_refusal(status: int, header: str) -> None:
    from hostdesk.sources.faults import LONGEST_RETRY_S, refused

    assert 0 <= refused(status, header, NOW_MS).retry_s <= LONGEST_RETRY_S


def _as_bilibili(body: bytes) -> None:
    from hostdesk.sources import bilibili_app
    from hostdesk.sources.steps import SourceFaultError

    for into in (bilibili_app._Started, bilibili_app._Nothing):
        caught = None
        try:
            bilibili_app._told(body, into)
        except SourceFaultError as exc:
            caught = exc
        assert caught is None or caught.__cause__ is None, "what a decoder quotes may be a secret"


def _as_twitch(status: int, header: str, body: bytes) -> None:
    from hostdesk.outputs import helix_http
    from hostdesk.sources import twitch_device, twitch_http
    from hostdesk.sources.faults import LONGEST_RETRY_S

    told = twitch_http._read(body)
    headers = {"date": header, "ratelimit-reset": header, "retry-after": header}
    answer = twitch_http.Answer(status=status, headers=headers, told=told)
    fault = twitch_http.fault_of_answer(answer, NOW_MS)
    assert 0 <= fault.retry_s <= LONGEST_RETRY_S
    code = twitch_device.device_code_of(status, told, NOW_MS)
    if isinstance(code, twitch_device.DeviceCode):
        assert NOW_MS < code.expires_ms <= NOW_MS + 3_600_000
        flow = twitch_device.DeviceFlow(code, NOW_MS)
        flow.answered(status, told, NOW_MS)
        assert flow.next_ms > NOW_MS
    twitch_device.renewed(status, told)
    twitch_device.account_of(status, told)
    assert isinstance(helix_http._read(body), dict)
    helix_http._number(header)
    helix_http._server_s(header, NOW_MS)


def main() -> None:
    """Run until it is stopped."""
    import atheris

    with atheris.instrument_imports(include=["hostdesk"]):
        from hostdesk.outputs import helix_http  # noqa: F401  (instrumented on import)
        from hostdesk.sources import bilibili_app, twitch_device, twitch_http  # noqa: F401
    atheris.Setup(sys.argv, take)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
