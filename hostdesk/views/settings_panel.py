"""The settings, as a page over the desk: no dialog, the feed goes on beside it."""

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFormLayout,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from hostdesk.settings import Settings
from hostdesk.text import LOCALES, Words
from hostdesk.views import theme
from hostdesk.views.rooms_panel import RoomsPanel
from hostdesk.views.widgets import PanelFrame, button, label, row

UNCHANGED = "••••••••"
WIDE_PX = 700
"""From this width on the rooms stand beside the other settings."""


class SettingsPage(PanelFrame):
    """Shows settings; emits what they should be, and a password only when one was typed."""

    save_wanted = Signal(object, object)
    """`Settings`, and the new OBS password or None."""
    close_wanted = Signal()
    rooms_wanted = Signal(object, object)
    """`Settings` with other rooms, and secrets of rooms by name."""
    again_wanted = Signal(str)
    login_wanted = Signal(str, bool)

    def __init__(self, words: Words) -> None:
        super().__init__(words("settings.heading"))
        self._words = words
        self._settings = Settings()
        self.language, self.platform = QComboBox(), QComboBox()
        self.shop, self.contact = QLineEdit(), QLineEdit()
        self.obs_host, self.obs_port = QLineEdit(), QSpinBox()
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.told = label(look="small", wraps=True)
        self.save = button(words("settings.save"), "main")
        self.close_it = button(words("settings.close"))
        self.rooms = RoomsPanel(words)
        self.rooms.wanted.connect(self.rooms_wanted)
        self.rooms.again_wanted.connect(self.again_wanted)
        self.rooms.login_wanted.connect(self.login_wanted)
        self._lay_out()
        self.save.clicked.connect(self._on_save)
        self.close_it.clicked.connect(self.close_wanted)

    def show_settings(
        self,
        settings: Settings,
        *,
        has_password: bool,
        is_kept: bool,
        platforms: tuple[tuple[str, str], ...],
        keyring_error: str = "",
        trouble: str,
    ) -> None:
        """Show what the engine says. ``is_kept``: a password survives this run."""
        self._settings = settings
        self.platform.clear()
        for platform_id, name in platforms:
            self.platform.addItem(name, platform_id)
        self.platform.setCurrentIndex(max(0, self.platform.findData(settings.platform)))
        self.language.setCurrentIndex(self.language.findData(settings.locale))
        self.shop.setText(settings.shop)
        self.contact.setText(settings.contact)
        self.obs_host.setText(settings.obs_host)
        self.obs_port.setValue(settings.obs_port)
        self.password.clear()
        self.password.setPlaceholderText(UNCHANGED if has_password else "")
        why = " ".join(self._words.error(keyring_error, {})) if keyring_error else ""
        note = "settings.password_kept" if is_kept else "settings.password_run"
        self.told.setText(trouble or why or self._words(note))

    def wished(self) -> Settings:
        """The settings as the fields say."""
        return msgspec.structs.replace(
            self._settings,
            locale=self.language.currentData(),
            platform=self.platform.currentData() or self._settings.platform,
            shop=self.shop.text().strip(),
            contact=self.contact.text().strip(),
            obs_host=self.obs_host.text().strip() or Settings().obs_host,
            obs_port=self.obs_port.value(),
        )

    def _lay_out(self) -> None:
        for locale in LOCALES:
            self.language.addItem(self._words(f"settings.locale_{locale}"), locale)
        self.obs_port.setRange(1, 65535)
        for line in (self.shop, self.contact, self.obs_host):
            line.setMaxLength(80)
        fields: dict[str, QWidget] = {
            "platform": self.platform,
            "contact": self.contact,
            "shop": self.shop,
            "obs_host": self.obs_host,
            "obs_port": self.obs_port,
            "obs_password": self.password,
            "locale": self.language,
        }
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, field in fields.items():
            caption = self._words(f"setting.{name}")
            field.setAccessibleName(caption)
            field.setMinimumWidth(80)
            form.addRow(label(caption, "soft"), field)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addWidget(self.told)
        left.addLayout(row(self.save, 1))
        left.addStretch(1)
        right = QVBoxLayout()
        right.addWidget(self.rooms)
        right.addStretch(1)
        inside = QWidget()
        inside.setObjectName("page")
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        self._halves.setContentsMargins(0, 0, theme.GAP, 0)
        self._halves.setSpacing(3 * theme.GAP)
        self._halves.addLayout(left, 1)
        self._halves.addLayout(right, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        self.body.addLayout(row(self.heading, 1, self.close_it))
        self.body.addWidget(area)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = event.size().width() >= WIDE_PX
        self._halves.setDirection(
            QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        )
        super().resizeEvent(event)

    def _on_save(self) -> None:
        self.save_wanted.emit(self.wished(), self.password.text() or None)
        self.told.setText(self._words("settings.saved"))
