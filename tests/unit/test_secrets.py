"""A keyring that does not open is no reason to stop."""

import pytest

from hostdesk.secrets import OBS_PASSWORD, Secrets


class Locked:
    def get_password(self, service, name):
        raise RuntimeError("locked")

    def set_password(self, service, name, value):
        raise RuntimeError("locked")


@pytest.mark.expects_log
def test_a_locked_keyring_is_said_and_the_password_holds_for_this_run():
    secrets = Secrets(Locked())
    assert secrets.get(OBS_PASSWORD) == ""
    assert not secrets.is_kept
    secrets = Secrets(Locked())
    assert secrets.set(OBS_PASSWORD, "geheim") is False
    assert (secrets.get(OBS_PASSWORD), secrets.is_kept) == ("geheim", False)
