"""Texts that were judged a moment ago: crowds repeat themselves, so half the work is saved.

Only short texts are kept, in `Tables`, outside of what a checkpoint saves: judging is a
pure function of the text, so forgetting changes nothing.
"""

from hostdesk.analysis.classifier import Classifier, Judgement
from hostdesk.analysis.normalise import Normal
from hostdesk.analysis.tables import Tables

Known = tuple[Normal, Judgement]

MAX_TEXTS = 2_048
MAX_CHARS = 48


def judge_cached(tables: Tables, classifier: Classifier, text: str) -> Known:
    """The normal form and the judgement of ``text``."""
    key = (type(classifier).__name__, text)
    known: Known | None = tables.memo.get(key)
    if known is not None:
        return known
    normal = tables.read(text)
    known = (normal, classifier.judge(normal))
    if len(text) <= MAX_CHARS:
        if len(tables.memo) >= MAX_TEXTS:
            tables.memo.clear()
        tables.memo[key] = known
    return known
