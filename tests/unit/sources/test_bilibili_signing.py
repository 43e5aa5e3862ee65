from hostdesk.sources.bilibili_signing import Keys

BODY = b'{"code":"ABCDEFGHIJK1","app_id":1}'


def test_a_call_is_signed_as_documented():
    headers = Keys("test-ak", "test-sk").headers(BODY, nonce="nonce-1", now_s=1_700_000_000)
    assert headers == {
        "x-bili-accesskeyid": "test-ak",
        "x-bili-content-md5": "f3a3e7a83c487ef0ec888a72e1214d15",
        "x-bili-signature-method": "HMAC-SHA256",
        "x-bili-signature-nonce": "nonce-1",
        "x-bili-signature-version": "1.0",
        "x-bili-timestamp": "1700000000",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Authorization": "95f2fba87e6153014221810d6466c6ba10bce8f73e3864273e1062bee514bb1f",
    }


def test_a_copied_key_may_bring_blanks():
    blank = Keys(" test-ak\n", "\ttest-sk ").headers(BODY, nonce="n", now_s=1)
    assert blank == Keys("test-ak", "test-sk").headers(BODY, nonce="n", now_s=1)


def test_the_secret_is_in_no_header_and_not_shown():
    keys = Keys("test-ak", "test-sk-very-secret")
    headers = keys.headers(BODY, nonce="n", now_s=1)
    assert "very-secret" not in str(headers)
    assert "secret" not in repr(keys)
    assert "secret" not in str(keys)


def test_keys_that_cannot_be_sent_are_known_before():
    assert Keys("ak", "sk").is_usable
    assert not Keys("", "sk").is_usable
    assert not Keys("ak", " ").is_usable
    assert not Keys("密钥", "sk").is_usable
    assert not Keys("a\r\nX-Other: 1", "sk").is_usable
    assert Keys("ak", "密钥").headers(BODY, nonce="n", now_s=1)["Authorization"]
