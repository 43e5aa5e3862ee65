"""Takes the pictures of docs/: the real window on real rehearsals, under its own Xvfb.

    .venv/bin/python docs/take_pictures.py      (make pictures)

Each picture is a rehearsal played fast up to a moment, then at life's pace, with the
presses that an assistant would make there.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.engine_process import EngineProcess, until
from tests.e2e.real_window import RealWindow

from hostdesk.content.shows import demo_shows
from hostdesk.events import CardChosen, NoticeAsked, PlanOpened, ReplyUsed

PICTURES = ROOT / "docs" / "pictures"
SPEED = "12"
SHOTS = (
    ("freeze618", "accident", "assistant-freeze", "1180x760", ("zh", "en")),
    ("pilling", "mass_complaint", "assistant-pilling", "1180x760", ("zh",)),
    ("smear", "raid", "assistant-smear", "1180x760", ("zh", "en")),
    ("freeze618", "accident", "column-freeze", "420x900", ("zh",)),
)


def main() -> int:
    """All pictures; a card that never comes is a failure."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        display, server = start_display(Path(folder))
        try:
            for number, (show, kind, name, size, languages) in enumerate(SHOTS):
                for language in languages:
                    target = PICTURES / f"{name}-{language}.png"
                    data = Path(folder) / f"{number}-{language}" / "desk"
                    take(show, kind, target, size, language, data, display)
                    print(target.relative_to(ROOT))
        finally:
            server.terminate()
            server.wait()
    return 0


def take(show, kind, target, size, language, data, display):
    """One rehearsal up to its card, the presses, and the picture."""
    [found] = [each for each in demo_shows() if each.name == show]
    engine = EngineProcess(
        data, "--replay", str(found.path), "--title", found.title[language],
        "--speed", SPEED, "--lang", language, "--stay",
    )  # fmt: skip
    engine.start()
    try:
        window = RealWindow(data, display, "--size", size, "--lang", language, "--replay", show)
        try:
            with engine.seat() as seat:
                seat.until(lambda: card_of(seat, kind), what=f"a card of kind {kind}")
                press(seat, card_of(seat, kind))
                time.sleep(2.0)  # half a minute of the show: a settled picture
            window.do("grab", str(target))
        finally:
            window.kill()
    finally:
        engine.stop()


def card_of(seat, kind):
    """The card of this kind, once it is there."""
    panel = seat.panels.get("cards")
    return next((card for card in panel.cards if card.kind == kind), None) if panel else None


def press(seat, card):
    """What an assistant would do: look at it, open the plan, say a line, put a notice up."""
    seat.ask(CardChosen, card_id=card.card_id)
    if card.plan_id:
        seat.ask(PlanOpened, plan_id=card.plan_id, card_id=card.card_id)
    until(lambda: seat.listen(0.1) or True)
    seat.until(lambda: seat.panels["advice"].card_id == card.card_id)
    [first, *_] = seat.panels["advice"].suggestions
    seat.ask(ReplyUsed, text=first.say, way="teleprompter", reply_id=first.reply_id)
    ready = [t for t in seat.panels["templates"].templates if not t.missing and not t.binds]
    if ready:
        seat.ask(NoticeAsked, text=ready[0].text, notice_kind=ready[0].notice_kind)


def start_display(folder):
    """An X server of our own."""
    number = folder / "display"
    with number.open("w") as out:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
            stdout=out, stderr=subprocess.DEVNULL, env=os.environ,
        )  # fmt: skip
    until(lambda: number.read_text().strip(), what="Xvfb")
    return f":{number.read_text().strip()}", server


if __name__ == "__main__":
    sys.exit(main())
