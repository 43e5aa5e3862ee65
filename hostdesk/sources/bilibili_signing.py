"""How Bilibili's Open Live wants its calls signed.

Source: open-live.bilibili.com, "签名" (signature version 1.0).
"""

import hashlib
import hmac

METHOD = "HMAC-SHA256"
VERSION = "1.0"


class Keys:
    """The user's own access key and its secret. Never shown, whoever prints it."""

    __slots__ = ("_key_id", "_key_secret")

    def __init__(self, key_id: str, key_secret: str) -> None:
        self._key_id, self._key_secret = key_id.strip(), key_secret.strip()

    @property
    def is_usable(self) -> bool:
        """Both are there, and the id can stand in an HTTP header."""
        fits = self._key_id.isascii() and self._key_id.isprintable()
        return bool(self._key_id and self._key_secret) and fits

    def headers(self, body: bytes, *, nonce: str, now_s: int) -> dict[str, str]:
        """Headers of a call with exactly this ``body``; each ``nonce`` is used once."""
        signed = {
            "x-bili-accesskeyid": self._key_id,
            "x-bili-content-md5": hashlib.md5(body, usedforsecurity=False).hexdigest(),
            "x-bili-signature-method": METHOD,
            "x-bili-signature-nonce": nonce,
            "x-bili-signature-version": VERSION,
            "x-bili-timestamp": str(now_s),
        }
        text = "\n".join(f"{name}:{value}" for name, value in sorted(signed.items()))
        secret = self._key_secret.encode()
        return {
            **signed,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Authorization": hmac.new(secret, text.encode(), hashlib.sha256).hexdigest(),
        }
