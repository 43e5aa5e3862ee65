"""The line that says where the notice is. Shown means seen: it never says more than is proven."""

import dataclasses

from hostdesk.desk.rows import NoticePanel
from hostdesk.text import Words
from hostdesk.views import theme
from hostdesk.views.clocks import duration


@dataclasses.dataclass(frozen=True)
class StateLine:
    """Words with the look and icon that stand beside them."""

    text: str
    look: str
    icon: str
    colour: str


def state_line(words: Words, panel: NoticePanel, now_ms: int) -> StateLine:
    """Where the notice is, in one sentence."""
    match panel.phase:
        case "seen":
            clock = duration(now_ms - (panel.seen_since_ms or now_ms))
            key = "notice.state.seen_rehearsal" if panel.rehearsal else "notice.state.seen"
            return StateLine(words(key, clock=clock), "good", "eye", theme.GOOD)
        case "no_uplink":
            return StateLine(words("notice.state.no_uplink"), "warn", "eye-off", theme.WARN)
        case "unseen":
            why = words.get(f"notice.unseen.{panel.reason}", "")
            text = words("notice.state.unseen", why=why)
            return StateLine(text, "warn", "eye-off", theme.WARN)
        case "failed":
            text = " ".join(words.error(panel.error_code, panel.params))
            return StateLine(text, "trouble", "accident", theme.TROUBLE)
        case "none":
            return StateLine(words("notice.state.none"), "soft", "note", theme.DIM)
        case _:
            return StateLine(words(f"notice.state.{panel.phase}"), "soft", "progress", theme.SOFT)
