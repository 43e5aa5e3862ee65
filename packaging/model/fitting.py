"""One independent classifier a label: a linear one on runs that are weighted as naive Bayes would.

Wang and Manning 2012 ("Baselines and bigrams") for the weighting, Platt 1999 for the
calibration, on lines that the classifier had not seen (out of fold).
"""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from hostdesk.analysis.classifier import Judgement
from hostdesk.analysis.features import LONGEST_HEARD, LONGEST_WRITTEN, hints, runs, share
from hostdesk.analysis.normalise import Normal

Vector = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Read = tuple[Normal, Judgement]

SMOOTH = 1.0
MOST_RATIO = 4.0
"""Natural logarithms: one run that was seen in ten lines must not decide alone."""
HINT_WEIGHT = 0.35
LEAST_SEEN = 4
"""Lines in which a run must have been seen; spellings and names die out below."""


class Fitted(msgspec.Struct, frozen=True):
    """Of one label: a weight for each column, and what is added."""

    weights: Vector
    bias: float


class Columns:
    """The runs and hints that are looked at, and lines as rows over them."""

    def __init__(self, read: Sequence[Read]) -> None:
        """Learns the runs that occur often enough in ``read``, whose rows are `learned`."""
        self._written = CountVectorizer(analyzer=_written, min_df=LEAST_SEEN)
        self._heard = CountVectorizer(analyzer=_heard, min_df=LEAST_SEEN)
        self._hints = CountVectorizer(analyzer=_hinted)
        counts = [each.fit_transform(read) for each in self._counters]
        self.learned = _weighed(read, counts)

    @property
    def _counters(self) -> tuple[CountVectorizer, CountVectorizer, CountVectorizer]:
        return self._written, self._heard, self._hints

    @property
    def names(self) -> tuple[list[str], list[str], list[str]]:
        """Names of the columns: runs as written, as heard, hints."""
        written, heard, hinted = (list(each.get_feature_names_out()) for each in self._counters)
        return written, heard, hinted

    def rows(self, read: Sequence[Read]) -> sparse.csr_matrix:
        """(lines × columns): a run counts by the comment's length, a hint in full."""
        return _weighed(read, [each.transform(read) for each in self._counters])


def _weighed(read: Sequence[Read], counts: Sequence[sparse.csr_matrix]) -> sparse.csr_matrix:
    shares = sparse.diags([share(normal) for normal, _ in read])
    written, heard, hinted = counts
    return sparse.hstack([shares @ written, shares @ heard, HINT_WEIGHT * hinted], format="csr")


def _written(read: Read) -> Iterable[str]:
    return runs(read[0].text, LONGEST_WRITTEN)


def _heard(read: Read) -> Iterable[str]:
    return runs(read[0].sound, LONGEST_HEARD)


def _hinted(read: Read) -> Iterable[str]:
    return hints(*read)


def ratios(rows: sparse.csr_matrix, holds: Flags, weight: Vector) -> Vector:
    """log of how much more often each column is seen where the label holds."""
    seen = rows.copy()
    seen.data = np.ones_like(seen.data)
    with_it = SMOOTH + seen.T @ (weight * holds)
    without = SMOOTH + seen.T @ (weight * ~holds)
    found = np.log(with_it / with_it.sum()) - np.log(without / without.sum())
    return np.clip(found, -MOST_RATIO, MOST_RATIO)


def fit(rows: sparse.csr_matrix, holds: Flags, weight: Vector, cost: float, seed: int) -> Fitted:
    """Weights of one label."""
    ratio = ratios(rows, holds, weight)
    model = LinearSVC(C=cost, random_state=seed, intercept_scaling=4.0, tol=0.01)
    model.fit(rows @ sparse.diags(ratio), holds, sample_weight=weight)
    return Fitted(model.coef_[0] * ratio, float(model.intercept_[0]))


def score(fitted: Fitted, rows: sparse.csr_matrix) -> Vector:
    """What the label gets, before it is made a probability."""
    return np.asarray(rows @ fitted.weights + fitted.bias)


def calibrate(scores: Vector, holds: Flags) -> tuple[float, float]:
    """(slope, offset) of the logistic curve through unseen lines."""
    model = LogisticRegression(C=1e3)
    model.fit(scores.reshape(-1, 1), holds)
    return float(model.coef_[0][0]), float(model.intercept_[0])
