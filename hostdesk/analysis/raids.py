"""The same words from many cheap accounts: a suspicion with its evidence, never a verdict."""

from collections import OrderedDict

from hostdesk.analysis.copies import Cluster, Copied, Copies
from hostdesk.analysis.slots import Slots
from hostdesk.analysis.spoken import MAX_SEQS, Numbers, Spoken, distinct
from hostdesk.analysis.suspicion import MIN_AUTHORS, Suspicion, suspect
from hostdesk.findings import Evidence, Finding, Flavour, Label

COOL_DOWN_MS = 300_000
"""A campaign that is silent for so long is over; one cluster alarms once in this time."""

_GROWTH = 1.5
_EVERY_MS = 5_000
_MAX_PEOPLE = 2_000
_RELEASED = 2_000
_TEMPLATED = ("hostile", "rumour", "ad", "complaint")


class _Campaign:
    """Clusters of one flavour that go on at the same time."""

    def __init__(self, finding_id: str, since_ms: int) -> None:
        self.finding_id = finding_id
        self.since_ms = since_ms
        self.last_ms = since_ms
        self.people: OrderedDict[int, Copied] = OrderedDict()
        self.lines: set[int] = set()
        self.labels: tuple[Label, ...] = ()
        self.evidence: tuple[Evidence, ...] = ()
        self.confidence = 0.0
        self.told = 0
        self.told_ms = 0

    def take(self, suspicion: Suspicion, now_ms: int) -> None:
        for line in suspicion.lines:
            if line.author in self.people or len(self.people) < _MAX_PEOPLE:
                self.people[line.author] = line
                self.lines.add(line.seq)
        self.last_ms = now_ms
        if suspicion.confidence >= self.confidence:
            self.labels = suspicion.labels
            self.evidence = suspicion.evidence
            self.confidence = suspicion.confidence


class Raids:
    """Watches copies for accounts that are unusual in this room."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._copies = Copies()
        self._slots = Slots()
        self._campaigns: dict[Flavour, _Campaign] = {}
        self._released: OrderedDict[int, None] = OrderedDict()

    def receive(self, spoken: Spoken, *, hurried: bool) -> list[Finding]:
        """Take one comment. ``hurried``: judging is behind, leave the second track out."""
        if spoken.who.ordered or _own_story(spoken):
            self._release(spoken.who.author)
        if _has_amnesty(spoken):
            return []
        found = self._suspect(self._copies.add(spoken), spoken)
        if found is None and not hurried:
            found = self._suspect_template(spoken)
        return self._campaign(found, spoken.at_ms) if found else []

    def passes(self, now_ms: int) -> list[Finding]:
        """Time went by: campaigns that fell silent are over."""
        over: list[Finding] = []
        for flavour, campaign in list(self._campaigns.items()):
            if now_ms - campaign.last_ms >= COOL_DOWN_MS:
                over.append(_finding(campaign, flavour, now_ms, "closed"))
                del self._campaigns[flavour]
        return over

    def _suspect(self, cluster: Cluster | None, spoken: Spoken) -> Suspicion | None:
        if cluster is None or len(cluster.lines) < MIN_AUTHORS:
            return None
        return suspect(cluster, spoken.at_ms, self._released)

    def _suspect_template(self, spoken: Spoken) -> Suspicion | None:
        cluster = self._slots.add(spoken)
        if cluster is None:
            return None
        found = suspect(cluster, spoken.at_ms, self._released)
        return found if found and found.flavour in _TEMPLATED else None

    def _release(self, author: int) -> None:
        self._released[author] = None
        self._released.move_to_end(author)
        if len(self._released) > _RELEASED:
            self._released.popitem(last=False)
        for campaign in self._campaigns.values():
            campaign.people.pop(author, None)

    def _campaign(self, found: Suspicion, now_ms: int) -> list[Finding]:
        campaign = self._campaigns.get(found.flavour)
        if campaign is None:
            since = min(line.at_ms for line in found.lines)
            campaign = _Campaign(self._numbers.take("raid"), since)
            self._campaigns[found.flavour] = campaign
        campaign.take(found, now_ms)
        people = len(campaign.people)
        grown = people >= campaign.told * _GROWTH
        more = people > campaign.told and now_ms - campaign.told_ms >= _EVERY_MS
        if not grown and not more:
            return []
        state = "grew" if campaign.told else "opened"
        campaign.told, campaign.told_ms = people, now_ms
        return [_finding(campaign, found.flavour, now_ms, state)]


def _own_story(spoken: Spoken) -> bool:
    """A story that nobody else tells in the same words: checked again in the cluster."""
    return spoken.judged.owner and spoken.has(Label.COMPLAINT) and not spoken.judged.style


def _has_amnesty(spoken: Spoken) -> bool:
    return (
        spoken.who.masked
        or spoken.invited
        or spoken.judged.echo
        or spoken.judged.recovery
        or spoken.judged.asked_accident
        or spoken.has(Label.ACCIDENT)
    )


def _finding(campaign: _Campaign, flavour: Flavour, now_ms: int, state: str) -> Finding:
    newest = list(campaign.people.values())[-MAX_SEQS:]
    return Finding(
        finding_id=campaign.finding_id,
        finding_kind="raid",
        state="closed" if state == "closed" else "grew" if state == "grew" else "opened",
        at_ms=now_ms,
        since_ms=campaign.since_ms,
        topic="copies",
        flavour=flavour,
        labels=campaign.labels,
        authors=len(campaign.people),
        comments=max(len(campaign.lines), len(campaign.people)),
        sample=distinct([line.text for line in reversed(newest)]),
        seqs=tuple(line.seq for line in newest),
        evidence=campaign.evidence,
        confidence=campaign.confidence,
    )
