"""What is known about OBS, from its answers and events."""

import pytest

from hostdesk.broadcast.obs_answers import StreamStatus
from hostdesk.broadcast.obs_facts import ObsFacts
from hostdesk.broadcast.obs_protocol import ObsEvent
from hostdesk.events import ObsState, Stream


def stream_event(state, active):
    name = "OBS_WEBSOCKET_OUTPUT_" + state
    return ObsEvent(name="StreamStateChanged", data={"outputActive": active, "outputState": name})


def streams(facts, *events):
    told = [said for event in events for said in facts.receive(event, 5)]
    return [said.state for said in told if isinstance(said, Stream)]


def test_a_drop_of_the_uplink_is_read_from_the_state_not_from_active():
    facts = ObsFacts()
    told = streams(
        facts,
        stream_event("STARTING", False),
        stream_event("STARTED", True),
        stream_event("RECONNECTING", False),
        stream_event("RECONNECTING", False),
        stream_event("RECONNECTED", True),
        stream_event("STOPPING", True),
        stream_event("STOPPED", False),
    )
    assert told == ["started", "reconnecting", "reconnected", "stopped"]


@pytest.mark.parametrize(
    ("why", "before", "status", "told"),
    [
        ("first contact, on air", None, StreamStatus(True), ["started"]),
        ("first contact, idle", None, StreamStatus(False), ["stopped"]),
        ("still on air after a reconnect of ours", "started", StreamStatus(True), []),
        ("came back meanwhile", "reconnected", StreamStatus(True), []),
        ("dropped meanwhile", "started", StreamStatus(True, True), ["reconnecting"]),
        ("stopped meanwhile", "started", StreamStatus(False), ["stopped"]),
        ("still idle", "stopped", StreamStatus(False), []),
    ],
)
def test_after_connecting_only_a_change_is_told(why, before, status, told):
    facts = ObsFacts(stream=before)
    assert [said.state for said in facts.begin(status, 5)] == told, why


def test_an_obs_that_was_idle_from_the_start_did_not_stop():
    (idle,) = ObsFacts().begin(StreamStatus(False), 5)
    assert idle.reason == "idle"


def test_streaming_goes_on_while_it_reconnects():
    facts = ObsFacts(stream="started")
    facts.receive(stream_event("RECONNECTING", False), 5)
    assert facts.is_streaming
    assert facts.state(5).streaming


@pytest.mark.parametrize(
    ("why", "event"),
    [
        ("about to stream", stream_event("STARTING", False)),
        (
            "recording",
            ObsEvent(
                name="RecordStateChanged", data={"outputState": "OBS_WEBSOCKET_OUTPUT_STARTED"}
            ),
        ),
        (
            "virtual camera",
            ObsEvent(
                name="VirtualcamStateChanged",
                data={"outputState": "OBS_WEBSOCKET_OUTPUT_STARTED"},
            ),
        ),
    ],
)
def test_on_air_is_anything_that_reaches_somebody(why, event):
    facts = ObsFacts()
    assert not facts.is_on_air
    facts.receive(event, 5)
    assert facts.is_on_air, why


def test_the_scene_is_followed_and_told():
    facts = ObsFacts(scene="A")
    (state,) = facts.receive(
        ObsEvent(name="CurrentProgramSceneChanged", data={"sceneName": "B"}), 5
    )
    assert isinstance(state, ObsState)
    assert state.scene == facts.scene == "B"
    facts.receive(
        ObsEvent(name="SceneNameChanged", data={"oldSceneName": "B", "sceneName": "直播"}), 5
    )
    assert facts.scene == "直播"


def test_what_obs_takes_down_on_its_way_out_is_nobodys_doing():
    facts = ObsFacts()
    facts.receive(ObsEvent(name="ExitStarted"), 5)
    assert facts.is_exiting
    facts.begin(StreamStatus(False), 6)
    assert not facts.is_exiting
