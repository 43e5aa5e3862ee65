"""The show as one picture: pace, labels, moments, notices, replies. Plain SVG without styles.

Only presentation attributes are used, so that browsers and Qt's SVG renderer draw the same.
"""

from html import escape

from hostdesk.review.rows import Bin, ShowReview
from hostdesk.review.telling import MINUTE_MS, Teller

WIDTH, GUTTER, RIGHT = 960, 108, 14
PACE_TOP, PACE_HEIGHT = 22, 96
STRIP, ROW = 15, 20
MAX_COLUMNS = 288
MAX_ROWS = 4
MAX_MARKS = 400

INK, SOFT, RULE, GROUND = "#22303c", "#5b6b79", "#d9dfe4", "#f3f5f6"
PACE_FILL, PACE_LINE = "#cfd9e2", "#7d93a6"
MOMENT_COLOURS = {"accident": "#c2571a", "mass_complaint": "#1f6fb2", "raid": "#7b4fa3"}
LABEL_COLOURS = {
    "complaint": "#1f6fb2",
    "accident": "#c2571a",
    "hostile": "#b03a48",
    "rumour": "#9a7410",
}
NOTICE_COLOUR, REPLY_COLOUR = "#2b8a6e", "#2b8a6e"
_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1_440, 10_080, 525_600)
_FONT = 'font-family="Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"'


class Timeline:
    """Draws one look back, top down."""

    def __init__(self, review: ShowReview, tell: Teller) -> None:
        self._review, self._tell = review, tell
        facts = review.facts
        self._start = facts.opened_ms
        ends = [each.at_ms + review.pace.step_ms for each in review.pace.bins[-1:]]
        self._end = max([facts.last_ms, self._start + MINUTE_MS, *ends])
        self._parts: list[str] = []
        self._y = float(PACE_TOP)

    def draw(self) -> str:
        """The picture as an ``<svg>`` element."""
        self._pace()
        self._strips()
        self._moments()
        self._notices()
        self._replies()
        height = round(self._y + 8)
        title = escape(self._tell.say("review.timeline"))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" '
            f'height="{height}" viewBox="0 0 {WIDTH} {height}" {_FONT} font-size="12">'
            f"<title>{title}</title>{''.join(self._grid(height))}{''.join(self._parts)}</svg>"
        )

    def _x(self, at_ms: float) -> float:
        share = (at_ms - self._start) / (self._end - self._start)
        return round(GUTTER + min(1.0, max(0.0, share)) * (WIDTH - GUTTER - RIGHT), 1)

    def _grid(self, height: int) -> list[str]:
        minutes = (self._end - self._start) / MINUTE_MS
        step = next((n for n in _STEPS_MIN if minutes / n <= 10), _STEPS_MIN[-1]) * MINUTE_MS
        first = -(-self._start // step) * step
        parts = []
        for at_ms in range(first, self._end + 1, step)[:20]:
            x = self._x(at_ms)
            parts.append(_line(x, PACE_TOP - 4, x, height - 6, RULE))
            if x < WIDTH - 40:
                parts.append(_text(x + 3, 13, self._tell.hour(at_ms), SOFT, size=11))
        return parts

    def _pace(self) -> None:
        columns, width_ms = _columns(self._review, self._start, self._end)
        per_step = width_ms / self._review.pace.step_ms
        most = max((column.comments for column in columns), default=0)
        bottom = PACE_TOP + PACE_HEIGHT
        say = self._tell.say
        self._parts.append(_text(4, PACE_TOP + 12, say("review.pace"), INK))
        if most:
            per_min = most / per_step * MINUTE_MS / self._review.pace.step_ms
            top = say("review.pace_most", n=round(per_min))
            self._parts.append(_text(4, PACE_TOP + 28, top, SOFT, size=11))
        for column in columns:
            x, right = self._x(column.at_ms), self._x(column.at_ms + width_ms)
            tall = PACE_HEIGHT * column.comments / most
            self._parts.append(_rect(x, bottom - tall, max(0.8, right - x - 0.4), tall, PACE_FILL))
            self._parts.append(_rect(x, bottom - tall, max(0.8, right - x - 0.4), 1.2, PACE_LINE))
        self._parts.append(_line(GUTTER, bottom, WIDTH - RIGHT, bottom, PACE_LINE))
        self._y = bottom + 8.0

    def _strips(self) -> None:
        columns, width_ms = _columns(self._review, self._start, self._end)
        for name, colour in LABEL_COLOURS.items():
            counts = [(column.at_ms, getattr(column, name)) for column in columns]
            most = max((count for _, count in counts), default=0)
            if not most:
                continue
            self._parts.append(_text(4, self._y + 12, self._tell.label(name), INK))
            for at_ms, count in counts:
                if count:
                    x, right = self._x(at_ms), self._x(at_ms + width_ms)
                    tall = max(2.0, STRIP * count / most)
                    top = self._y + STRIP - tall
                    self._parts.append(_rect(x, top, max(1.2, right - x - 0.4), tall, colour))
            self._y += STRIP + 6

    def _moments(self) -> None:
        moments = self._review.moments[:MAX_MARKS]
        if not moments:
            return
        ends: list[float] = []
        self._parts.append(_text(4, self._y + 14, self._tell.say("review.moments"), INK))
        for number, moment in enumerate(moments, 1):
            x = self._x(moment.since_ms)
            right = max(x + 16, self._x(moment.over_ms or self._end))
            row = next((n for n, end in enumerate(ends) if end <= x), len(ends))
            row = min(row, MAX_ROWS - 1)
            ends[row : row + 1] = [right + 2]
            top = self._y + row * ROW
            colour = MOMENT_COLOURS[moment.kind]
            self._parts.append(_rect(x, top, right - x, ROW - 4, colour, round_px=2))
            self._parts.append(_text(x + 4, top + 12, str(number), "#ffffff", size=11))
        self._y += len(ends) * ROW + 4

    def _notices(self) -> None:
        notices = self._review.notices[:MAX_MARKS]
        if not notices:
            return
        self._parts.append(_text(4, self._y + 12, self._tell.say("review.notices"), INK))
        for notice in notices:
            x = self._x(notice.asked_ms)
            right = max(x + 4, self._x(notice.gone_ms or notice.asked_ms))
            self._parts.append(
                _rect(x, self._y + 3, right - x, 10, GROUND, line=NOTICE_COLOUR, round_px=2)
            )
            if notice.seen_ms is not None:
                seen = self._x(notice.seen_ms)
                until = max(seen + 3, self._x(notice.seen_ms + notice.seen_for_ms))
                self._parts.append(
                    _rect(seen, self._y + 3, until - seen, 10, NOTICE_COLOUR, round_px=2)
                )
        self._y += ROW

    def _replies(self) -> None:
        replies = self._review.replies[:MAX_MARKS]
        if not replies:
            return
        self._parts.append(_text(4, self._y + 12, self._tell.say("review.replies"), INK))
        for reply in replies:
            self._parts.append(_rect(self._x(reply.at_ms), self._y + 2, 2, 12, REPLY_COLOUR))
        self._y += ROW


def _columns(review: ShowReview, start: int, end: int) -> tuple[list[Bin], int]:
    """The pace in at most `MAX_COLUMNS` columns, and how much time one of them is."""
    step = review.pace.step_ms
    width_ms = step * max(1, -(-(end - start) // (step * MAX_COLUMNS)))
    sums: dict[int, list[int]] = {}
    for each in review.pace.bins:
        column = sums.setdefault(each.at_ms // width_ms, [0] * 5)
        for place, name in enumerate(("comments", *LABEL_COLOURS)):
            column[place] += getattr(each, name)
    return [
        Bin(at_ms=number * width_ms, comments=told[0],
            **dict(zip(LABEL_COLOURS, told[1:], strict=True)))
        for number, told in sorted(sums.items())
    ], width_ms  # fmt: skip


def _text(x: float, y: float, text: str, colour: str, *, size: int = 12) -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}" font-size="{size}">{escape(text)}</text>'


def _line(x: float, y: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x}" y1="{y}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="1"/>'


def _rect(
    x: float, y: float, width: float, height: float, colour: str, *,
    line: str = "", round_px: int = 0,
) -> str:  # fmt: skip
    stroke = f' stroke="{line}"' if line else ""
    corner = f' rx="{round_px}"' if round_px else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'fill="{colour}"{stroke}{corner}/>'
    )
