"""Colours, sizes and the style sheet: dark, calm, nothing blinks.

Every colour of text reaches 4.5 : 1 on the ground that it stands on; a test counts.
Colour is never the only sign: an icon and a word always stand beside it.
"""

from PySide6.QtGui import QColor, QPalette

from hostdesk import paths
from hostdesk.findings import Lane
from hostdesk.views.fonts import FAMILIES

GROUND = "#14181d"
PANEL = "#1b2127"
RAISED = "#242c34"
FIELD = "#10141a"
LINE = "#323c46"
TEXT = "#e9e6dd"
SOFT = "#b3bcc4"
DIM = "#8f9aa5"
ACCENT = "#7fc4b8"
ON_ACCENT = "#0f201e"
WARN = "#e3b55b"
TROUBLE = "#f0937f"
GOOD = "#86c99a"

LANE_COLOURS: dict[Lane | None, str] = {
    Lane.ANSWER: "#8fbbe8",
    Lane.VERIFY: "#d9bd6a",
    Lane.SUPPORT: "#8ed0c0",
    Lane.ACCIDENT: "#f0a077",
    Lane.DISPOSE: "#cfa0dc",
    None: SOFT,
}
LANE_ICONS: dict[Lane | None, str] = {
    Lane.ANSWER: "answer",
    Lane.VERIFY: "verify",
    Lane.SUPPORT: "support",
    Lane.ACCIDENT: "accident",
    Lane.DISPOSE: "dispose",
    None: "note",
}

TEXT_PX = 14
SMALL_PX = 12
TITLE_PX = 15
BIG_PX = 17
GAP = 8

HOLD_MS = 800
"""How long money, disposal and the like are held (design 4)."""
NARROW_PX = 800
"""A window narrower than this is the one-column desk."""


def palette() -> QPalette:
    """Our own dark palette: the platform's dark scheme is not reported everywhere."""
    made = QPalette()
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, GROUND),
        (roles.WindowText, TEXT),
        (roles.Base, FIELD),
        (roles.AlternateBase, PANEL),
        (roles.Text, TEXT),
        (roles.Button, RAISED),
        (roles.ButtonText, TEXT),
        (roles.ToolTipBase, RAISED),
        (roles.ToolTipText, TEXT),
        (roles.PlaceholderText, DIM),
        (roles.Highlight, ACCENT),
        (roles.HighlightedText, ON_ACCENT),
    ):
        made.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor("#6f7984"))
    return made


_FONTS = ", ".join(f'"{family}"' for family in FAMILIES)
_DOWN = (paths.resources() / "icons" / "chevron.svg").as_posix()
_CHECK = (paths.resources() / "icons" / "check.svg").as_posix()

STYLE = f"""
QWidget {{ color: {TEXT}; font-size: {TEXT_PX}px; font-family: {_FONTS}; }}
QMainWindow, QWidget#desk, QWidget#column {{ background: {GROUND}; }}
QWidget#page {{ background: {PANEL}; }}
QFrame#panel {{ background: {PANEL}; border: 1px solid {LINE}; border-radius: 8px; }}
QFrame#card {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 6px; }}
QFrame#card[chosen="true"] {{ border: 1px solid {ACCENT}; }}
QFrame#strip {{ background: {PANEL}; border: none; border-bottom: 1px solid {LINE}; }}
QLabel {{ background: transparent; border: none; }}
QLabel[look="title"] {{ font-size: {TITLE_PX}px; font-weight: 600; }}
QLabel[look="heading"] {{ color: {SOFT}; font-size: {SMALL_PX}px; font-weight: 600; }}
QLabel[look="soft"] {{ color: {SOFT}; }}
QLabel[look="small"] {{ color: {SOFT}; font-size: {SMALL_PX}px; }}
QLabel[look="say"] {{ font-size: {BIG_PX}px; }}
QLabel[look="warn"] {{ color: {WARN}; }}
QLabel[look="trouble"] {{ color: {TROUBLE}; }}
QLabel[look="good"] {{ color: {GOOD}; }}
QLabel#rehearsal {{ background: #3a3220; color: {WARN}; padding: 3px 10px; font-weight: 600; }}
QLabel#away {{ background: #40251f; color: #ffc4b4; padding: 5px 10px; font-weight: 600; }}
QPushButton {{
  background: #2e3842; border: 1px solid #42505c; border-radius: 5px;
  padding: 4px 10px; min-height: 20px;
}}
QPushButton:hover {{ background: #384550; }}
QPushButton:pressed {{ background: #222a31; }}
QPushButton:focus {{ border: 1px solid {ACCENT}; }}
QPushButton:disabled {{ color: #7b858f; background: #20272e; border-color: #2c353e; }}
QPushButton[look="main"] {{
  background: {ACCENT}; color: {ON_ACCENT}; border-color: {ACCENT}; font-weight: 600;
}}
QPushButton[look="main"]:hover {{ background: #94d3c8; }}
QPushButton[look="main"]:focus {{ border: 1px solid {TEXT}; }}
QPushButton[look="main"]:disabled {{ background: #2a3b3a; color: #8aa09c; border-color: #2a3b3a; }}
QPushButton[look="quiet"] {{ background: transparent; border-color: transparent; color: {SOFT}; }}
QPushButton[look="quiet"]:hover {{ background: {RAISED}; color: {TEXT}; }}
QPushButton[look="quiet"]:focus {{ border: 1px solid {ACCENT}; }}
QPushButton[look="quiet"]:disabled {{ color: #6f7984; }}
QPushButton:checked {{ background: #27403d; border-color: {ACCENT}; color: {TEXT}; }}
QPushButton#latest {{
  background: {ACCENT}; color: {ON_ACCENT}; border: none; border-radius: 13px;
  padding: 3px 14px; font-weight: 600;
}}
QLineEdit, QPlainTextEdit {{
  background: {FIELD}; border: 1px solid {LINE}; border-radius: 5px; padding: 4px 6px;
  selection-background-color: {ACCENT}; selection-color: {ON_ACCENT};
}}
QLineEdit:focus, QPlainTextEdit:focus {{ border: 1px solid {ACCENT}; }}
QComboBox, QSpinBox {{
  background: {FIELD}; border: 1px solid {LINE}; border-radius: 5px; padding: 3px 6px;
  min-height: 20px;
}}
QComboBox:focus, QSpinBox:focus {{ border: 1px solid {ACCENT}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url("{_DOWN}"); width: 10px; height: 10px; }}
QComboBox QAbstractItemView {{
  background: {RAISED}; color: {TEXT}; border: 1px solid {LINE};
  selection-background-color: {ACCENT}; selection-color: {ON_ACCENT};
}}
QSpinBox::up-button, QSpinBox::down-button {{ width: 0; border: none; }}
QCheckBox {{ spacing: 7px; background: transparent; }}
QCheckBox::indicator {{
  width: 15px; height: 15px; border: 1px solid #6c7a86; border-radius: 4px; background: {FIELD};
}}
QCheckBox::indicator:checked {{
  background: {ACCENT}; border-color: {ACCENT}; image: url("{_CHECK}");
}}
QCheckBox:focus {{ color: {ACCENT}; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{
  background: #46535f; border-radius: 4px; min-height: 28px; margin: 1px;
}}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px; }}
"""
