"""本机断网: every room at once and the uplink too is this machine's network, nothing less."""

import pytest

from hostdesk.desk.rows import StatusPanel
from hostdesk.desk.status import Status
from hostdesk.events import SourceState, Stream


def told(*events):
    status = Status(StatusPanel())
    for at_ms, event in enumerate(events):
        if isinstance(event, str):
            status.stream(Stream(at_ms=at_ms, state=event))
        else:
            source_id, state, *code = event
            status.source(
                SourceState(at_ms=at_ms, source_id=source_id, state=state, error_code="".join(code))
            )
    return status.panel.offline


DOWN = ("b", "stalled"), ("t", "reconnecting")


@pytest.mark.parametrize(
    ("events", "offline", "why"),
    [
        (("started", *DOWN), False, "the uplink stands: it is the platforms, or a firewall"),
        (("started", *DOWN, "reconnecting"), True, "rooms and uplink together"),
        (("started", "reconnecting", *DOWN), True, "in any order"),
        (("started", "reconnecting", *DOWN, ("y", "live")), False, "one room is still heard"),
        (("started", "reconnecting", *DOWN, ("inbox", "quiet")), True, "the inbox is this machine"),
        (("started", "reconnecting"), False, "the uplink alone is an accident of its own"),
        (("started", "reconnecting", *DOWN, "reconnected"), False, "it is over with the uplink"),
        (
            (("b", "reconnecting", "source_dns"), ("t", "reconnecting", "source_dns")),
            True,
            "no name of any platform is found, and nothing is being streamed",
        ),
        ((("b", "reconnecting", "source_dns"),), False, "one name proves little"),
    ],
)
def test_offline_is_said_when_everything_is_gone(events, offline, why):
    assert told(*events) == offline, why
