"""The settings, as a page over the desk: no dialog, the feed goes on beside it."""

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from hostdesk.settings import Settings
from hostdesk.text import LOCALES, Words
from hostdesk.views.widgets import PanelFrame, button, label, row

UNCHANGED = "••••••••"


class SettingsPage(PanelFrame):
    """Shows settings; emits what they should be, and a password only when one was typed."""

    save_wanted = Signal(object, object)
    """`Settings`, and the new OBS password or None."""
    close_wanted = Signal()

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
        note = "settings.password_kept" if is_kept else "settings.password_run"
        self.told.setText(trouble or self._words(note))

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
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setColumnStretch(1, 1)
        form.setColumnStretch(3, 1)
        fields: dict[str, QWidget] = {
            "platform": self.platform,
            "contact": self.contact,
            "shop": self.shop,
            "obs_host": self.obs_host,
            "obs_port": self.obs_port,
            "obs_password": self.password,
            "locale": self.language,
        }
        for number, (name, field) in enumerate(fields.items()):
            caption = self._words(f"setting.{name}")
            field.setAccessibleName(caption)
            down, side = divmod(number, 2)
            form.addWidget(label(caption, "soft"), down, side * 2)
            form.addWidget(field, down, side * 2 + 1)
        self.body.addWidget(self.heading)
        self.body.addLayout(form)
        self.body.addWidget(self.told)
        self.body.addLayout(row(self.save, self.close_it, 1))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _on_save(self) -> None:
        self.save_wanted.emit(self.wished(), self.password.text() or None)
        self.told.setText(self._words("settings.saved"))
