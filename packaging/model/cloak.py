"""Ways in which people hide a word from a filter, for lines that train (never those that measure).

Seeded: the same line is hidden in the same way each time.
"""

import random
from collections.abc import Mapping

_DRAWN = (
    "马🐴 妈🐴 猪🐷 狗🐶 鸡🐔 鸭🦆 牛🐮 龟🐢 猴🐒 屎💩 吐🤮 死💀 鬼👻 "
    "丑🤡 蛋🥚 草🌿 日☀️ 火🔥 脑🧠 人👤 女♀️ 男♂️ 手✋ 嘴👄 眼👀 心❤️ "
    "钱💰 滚⚽ 虫🐛 瓜🍉 菜🥬 茶🍵 花🌸 刀🔪 枪🔫 "
)
EMOJI = {pair[0]: pair[1:] for pair in _DRAWN.split()}
MARKS = " .·*_-、~+"


class Cloaker:
    """Hides characters of a line behind homophones, emoji, pinyin or marks."""

    def __init__(self, syllables: Mapping[str, str], seed: int) -> None:
        """``syllables``: toneless syllable → all characters read like it."""
        self._of = {char: name for name, chars in reversed(syllables.items()) for char in chars}
        self._chars = {name: chars[:24] for name, chars in syllables.items()}
        self._dice = random.Random(seed)

    def homophones(self, text: str, share: float = 0.3) -> str:
        """A share of the Chinese characters becomes others that sound the same."""
        return "".join(self._alike(char) if self._dice.random() < share else char for char in text)

    def emoji(self, text: str) -> str:
        """Characters for which there is a picture become that picture; the others homophones."""
        drawn = "".join(EMOJI.get(char, char) for char in text)
        return self.homophones(text) if drawn == text else drawn

    def pinyin(self, text: str, share: float = 0.3) -> str:
        """A share of the Chinese characters becomes their pinyin."""
        dice = self._dice
        return "".join(
            self._of[char] if char in self._of and dice.random() < share else char for char in text
        )

    def spread(self, text: str) -> str:
        """Marks between two or three neighbouring characters."""
        if len(text) < 2:
            return text
        at = self._dice.randrange(len(text) - 1)
        mark = self._dice.choice(MARKS)
        return text[:at] + mark.join(text[at : at + 3]) + text[at + 3 :]

    def any(self, text: str) -> str:
        """One of the ways."""
        return self._dice.choice((self.homophones, self.emoji, self.pinyin, self.spread))(text)

    def _alike(self, char: str) -> str:
        syllable = self._of.get(char)
        if syllable is None:
            return char
        others = self._chars[syllable].replace(char, "")
        return self._dice.choice(others) if others else char
