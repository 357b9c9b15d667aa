"""What came from the field: every op of a crew's log, once, with what became of it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from issues.models.cases import Issue
from issues.models.people import User
from issues.workflow import Step


class FieldOp(models.Model):
    """One op of a crew's log, as it was sent and answered; written by `actions.replay` alone.

    The sender's id is the key: the same op has one answer for ever. What collided with somebody
    else's step keeps its words here, so that the office reads both.
    """

    class State(models.TextChoices):
        """What became of it."""

        DONE = "done", _("tersimpan")
        CONFLICT = "conflict", _("bertabrakan")
        REFUSED = "refused", _("ditolak")

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, null=True, related_name="field_ops")
    step = models.CharField(max_length=10)
    note = models.TextField(blank=True)
    base_version = models.PositiveIntegerField(help_text=_("versi yang dilihat petugas"))
    sent_at = models.DateTimeField(help_text=_("menurut alat petugas"))
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    result_version = models.PositiveIntegerField(null=True)
    body_hash = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)

    class Meta:
        """What collided is found by its issue."""

        verbose_name = verbose_name_plural = _("langkah dari lapangan")
        ordering: ClassVar = ["received_at", "pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["issue"], condition=models.Q(state="conflict"), name="field_op_in_conflict"
            )
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.state}"

    @property
    def label(self) -> str:
        """The step in words."""
        return str(Step(self.step).label)
