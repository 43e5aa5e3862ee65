"""Contact details in a comment: somebody else's private data, or an invitation to leave."""

import re

_ANY = re.compile(r"\d{5}|[a-z0-9_-]{6}|[^\W_]{2}(?:路|街|栋|室|号楼)")
_PRIVATE = re.compile(
    r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"  # mobile number, 11 digits
    r"|(?<!\d)\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dx](?![\dx])"  # identity number, 18 characters
    r"|(?:[^\W\d_]{2,8}(?:省|市|区|县|镇))[^\W_]{0,12}(?:路|街|道|村|小区)[^\W_]{0,6}\d+(?:号|栋|单元|室)"
    r"|\d+(?:栋|号楼|单元)\d+(?:室|号)?"
)
_INVITES = re.compile(
    r"(?:(?<![a-z])(?:v|vx|wx|wechat|qq|tg|telegram|whatsapp)|微信?|薇信?|威信|卫星|扣扣|企鹅|裙|群|加[我她他]?)"
    r"[ :号是+]{0,3}[a-z]{0,3}[\d_-]*\d{4,}[a-z0-9_-]*"
    r"|https?://|www?\.|(?<![a-z0-9])(?:[a-z0-9-]+\.)+(?:com|cn|net|top|xyz|vip|cc|shop)(?![a-z])"
)


def private_data(normal: str) -> list[tuple[int, int]]:
    """Where telephone, identity numbers or street addresses stand."""
    if not _ANY.search(normal):
        return []
    return [found.span() for found in _PRIVATE.finditer(normal)]


def solicitations(normal: str) -> list[tuple[int, int]]:
    """Where a messenger account or a web address stands."""
    if "." not in normal and not _ANY.search(normal):
        return []
    return [found.span() for found in _INVITES.finditer(normal)]
