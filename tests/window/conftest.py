"""Windows are tested on the offscreen platform unless the caller chose another one."""

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def zh():
    from hostdesk.text import words

    return words("zh")


@pytest.fixture
def en():
    from hostdesk.text import words

    return words("en")
