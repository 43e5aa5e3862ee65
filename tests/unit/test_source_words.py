"""What is not well with a source is said in the same words wherever it is shown."""

import ssl
from typing import get_args

import pytest

from hostdesk.desk.rows import SourceRow
from hostdesk.events import SourceStateName
from hostdesk.source_words import notes, troubles
from hostdesk.sources.faults import fault_of
from hostdesk.text import LOCALES, words


def source(state="live", **more):
    return SourceRow(source_id="inbox:bridge/7", state=state, last_ms=1, **more)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("state", get_args(SourceStateName))
def test_every_state_has_a_word(state, locale):
    assert words(locale).has(f"status.source.{state}")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_covered_page_says_what_to_do(locale):
    say = words(locale)
    assert troubles(source("covered"), say) == [say("status.covered")]
    folded = source("covered", params={"page": "list_hidden"})
    assert troubles(folded, say) == [say("status.page.list_hidden")]
    assert notes(folded, say) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_page_that_is_read_by_its_shape_is_no_trouble_but_is_said(locale):
    say, row = words(locale), source(params={"page": "by_shape"})
    assert troubles(row, say) == []
    assert notes(row, say) == [say("status.page.by_shape")]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", ["inbox_page_changed", "inbox_logged_out", "inbox_bridge_away"])
def test_what_a_bridge_could_not_do_has_two_sentences(code, locale):
    say = words(locale)
    assert troubles(source("refused", error_code=code), say) == [" ".join(say.error(code, {}))]


def test_a_page_says_nothing_that_we_have_no_words_for():
    row = source("covered", params={"page": "<b>press here</b>"})
    assert troubles(row, words("zh")) == [words("zh")("status.covered")]


def test_a_machine_without_a_network_says_it_once_and_not_for_each_source():
    row = source("reconnecting", error_code="source_dns", masked=True)
    assert troubles(row, words("zh"), is_offline=True) == [words("zh")("status.masked")]


def test_the_quota_is_told_while_all_is_well():
    quota = {"quota_units": 900, "quota_minutes": 90, "every_s": 6}
    assert notes(source(params=quota), words("zh")) == [words("zh")("youtube.quota", **quota)]
    assert notes(source("refused", error_code="youtube_quota", params=quota), words("zh")) == []


def distrust(code, message):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


def no_tls(reason):
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "zh", "en"),
    [
        (distrust(10, "certificate has expired"), "证书过期了", "has expired"),
        (distrust(9, "certificate is not yet valid"), "还没到生效时间", "not valid yet"),
        (distrust(18, "self-signed certificate"), "证书不可信", "not trusted"),
        (distrust(62, "Hostname mismatch"), "别的网站", "another site"),
        (distrust(23, "certificate revoked"), "certificate revoked", "certificate revoked"),
        (no_tls("WRONG_VERSION_NUMBER"), "没有加密", "does not encrypt"),
        (no_tls("TLSV1_ALERT_INTERNAL_ERROR"), "TLSV1_ALERT", "TLSV1_ALERT"),
    ],
)
def test_why_there_is_no_encrypted_connection_is_said_in_words(error, zh, en):
    fault = fault_of(error, 0)
    row = source("reconnecting", error_code=fault.code, params=fault.params)
    assert zh in troubles(row, words("zh"))[0]
    assert en in troubles(row, words("en"))[0]
