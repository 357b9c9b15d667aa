"""The history of what administrators change: a row for each field, in the change's transaction.

Whoever writes configuration takes `facts` before and after, and hands both to `record_change`.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.models import Model
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from geodata.models import City
from issues.models import ConfigurationChange, User

_OWNERS: Final = ("city", "department", "category", "edition")
"""By which of its columns a row is found to be a city's, directly or through another row."""
_LONGEST: Final = 200


def record_change(
    actor: User | None,
    obj: Model,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str = "",
    *,
    city: City | None = None,
) -> list[ConfigurationChange]:
    """Write down what has changed of a row, a line for each field that differs.

    Args:
        actor: who changed it; None for a command of the operator.
        obj: the row; one that was deleted must still have its key.
        before: its fields before; empty for a new row.
        after: its fields after; empty for a deleted one.
        reason: why, where somebody said so.
        city: whose it is, where the row itself does not tell.

    Returns:
        The lines; none where nothing differs.

    Raises:
        TransactionManagementError: the change and its history would not be one.
    """
    if not transaction.get_connection().in_atomic_block:
        message = "a change belongs to the transaction of its data"
        raise TransactionManagementError(message)
    old = {name: _plain(value) for name, value in before.items()}
    new = {name: _plain(value) for name, value in after.items()}
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    whose = city or city_of(obj)
    lines = [
        ConfigurationChange(
            city=whose,
            at=timezone.now(),
            actor=actor,
            kind=type(obj).__name__.lower(),
            object_id=str(obj.pk),
            object=str(obj)[:_LONGEST],
            field=name,
            before=old.get(name),
            after=new.get(name),
            reason=reason,
        )
        for name in differing
    ]
    return ConfigurationChange.objects.bulk_create(lines)


def facts(obj: Model, *fields: str) -> dict[str, Any]:
    """Read the columns of a row as `record_change` compares them; all of them by default."""
    columns = obj._meta.concrete_fields  # noqa: SLF001  Django's documented _meta
    names = fields or tuple(field.name for field in columns if not field.primary_key)
    return {name: _plain(_value(obj, name)) for name in names}


def _value(obj: Model, name: str) -> Any:
    """Read a column; what it points to is named by its key and its words."""
    value = getattr(obj, name)
    return f"{value.pk} {value}" if isinstance(value, Model) else value


def _plain(value: Any) -> Any:
    """Write a value as JSON holds it: drawings as WKT, spans of time as their two ends."""
    if isinstance(value, GEOSGeometry):
        return value.ewkt
    if hasattr(value, "lower") and hasattr(value, "upper_inc"):
        return [_plain(value.lower), _plain(value.upper)]
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)


def city_of(obj: Model) -> City:
    """Find the city of a row.

    Raises:
        LookupError: neither the row nor what it belongs to names one.
    """
    if isinstance(obj, City):
        return obj
    for name in _OWNERS:
        owner = getattr(obj, name, None)
        if isinstance(owner, Model):
            return city_of(owner)
    message = f"{type(obj).__name__} belongs to no city"
    raise LookupError(message)
