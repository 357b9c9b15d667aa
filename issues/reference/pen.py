"""Writing rows from files: what is the same is left alone, every change is written down.

What a person has changed in the browser is not written over, unless that is asked for.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from geodata.models import City
from issues.actions.configure import facts, record_change
from issues.models import ConfigurationChange, User

Values = dict[str, Any]
Field = tuple[str, str, str]
"""Kind of a row, its key, one of its columns."""


@dataclass(frozen=True, slots=True)
class Change:
    """How many rows of one table were made, changed, switched off, already right, or spared."""

    created: int = 0
    changed: int = 0
    retired: int = 0
    same: int = 0
    spared: int = 0

    @property
    def did_something(self) -> bool:
        """Whether any row is another now."""
        return bool(self.created + self.changed + self.retired)


@dataclass(slots=True)
class Pen:
    """Who writes, and what has come of it.

    Attributes:
        actor: the administrator; None for a command of the operator.
        reason: why, for the history.
        hands: the columns that a person changed last: they stay as they are.
        history: False for a city that begins with its files.
        faults: what no column takes; nothing of the load may stand then.
        spared: the rows that a person's change kept from the files.
    """

    actor: User | None = None
    reason: str = ""
    hands: frozenset[Field] = frozenset()
    history: bool = True
    faults: list[str] = field(default_factory=list)
    spared: list[str] = field(default_factory=list)

    def update(self, row: models.Model, values: Values) -> str:
        """Write what differs; say which count of a `Change` the row belongs to."""
        differing = [name for name, value in values.items() if getattr(row, name) != value]
        if not differing:
            return "same"
        kind, key = type(row).__name__.lower(), str(row.pk)
        free = [name for name in differing if (kind, key, name) not in self.hands]
        if len(free) < len(differing):
            self.spared.append(f"{kind} {row}")
        if not free:
            return "spared"
        before = facts(row, *free)
        for name in free:
            setattr(row, name, values[name])
        if self._fits(row, free):
            row.save(update_fields=free)
            if self.history:
                record_change(self.actor, row, before, facts(row, *free), self.reason)
        return "changed"

    def create(self, model: type[models.Model], values: Values) -> None:
        """Make a row of these columns, its owner among them."""
        row = model(**values)
        if not self._fits(row, list(values)):
            return
        row.save()
        if self.history:
            record_change(self.actor, row, {}, facts(row), self.reason)

    def retire(self, row: models.Model) -> str:
        """Switch off a row that no file names any more; a table without a switch keeps it."""
        if not getattr(row, "active", False):
            return ""
        written = self.update(row, {"active": False})
        return "retired" if written == "changed" else written

    def delete(self, row: models.Model) -> None:
        """Take a row away that no file names any more."""
        record_change(self.actor, row, facts(row), {}, self.reason)
        row.delete()

    def upsert(self, rows: Any, *, key: str, wanted: Mapping[str, Values]) -> Change:
        """Make, change, leave or switch off the rows of one table.

        Args:
            rows: the related manager of the owner, e.g. `city.departments`.
            key: the column by which rows are known; unique for the owner.
            wanted: key → the columns that the file decides.
        """
        known = {getattr(row, key): row for row in rows.all()}
        owner = {rows.field.name: rows.instance}
        counts: Counter[str] = Counter()
        for code, values in wanted.items():
            if code in known:
                counts[self.update(known[code], values)] += 1
            else:
                self.create(rows.model, owner | {key: code} | values)
                counts["created"] += 1
        counts.update(self.retire(row) for code, row in known.items() if code not in wanted)
        return counted(counts)

    def _fits(self, row: models.Model, names: list[str]) -> bool:
        """Whether the columns take the values; what they do not take becomes a fault."""
        fields = row._meta.concrete_fields  # noqa: SLF001  Django's documented _meta
        others = {one.name for one in fields if one.name not in names or one.is_relation}
        try:
            row.clean_fields(exclude=others)
        except ValidationError as error:
            kind = type(row).__name__.lower()
            self.faults += [
                f"{kind} {row}: {name}: {' '.join(texts)}"
                for name, texts in error.message_dict.items()
            ]
            return False
        return True


def counted(counts: Mapping[str, int]) -> Change:
    """Make the counts of one table; a row that was off already counts as nothing."""
    return Change(**{name: count for name, count in counts.items() if name})


def by_hand(city: City) -> frozenset[Field]:
    """Find the columns of a city's configuration that a person changed last."""
    last = (
        ConfigurationChange.objects.filter(city=city)
        .order_by("kind", "object_id", "field", "-pk")
        .distinct("kind", "object_id", "field")
    )
    rows = last.values_list("kind", "object_id", "field", "actor")
    return frozenset((kind, key, name) for kind, key, name, actor in rows if actor is not None)
