"""What people say in public about an issue, once somebody of the city has read it."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from geodata.models import City
from issues.models.cases import Issue
from issues.models.people import User


class CommentQuerySet(models.QuerySet["Comment"]):
    """Comments by who may read them."""

    def shown(self) -> Self:
        """Keep what everybody may read: released, of an issue that everybody may see."""
        return self.filter(state=Comment.State.SHOWN, issue__public_detail__isnull=False)

    def waiting(self) -> Self:
        """Keep what nobody of the city has read yet; who paid for it is heard first."""
        return self.filter(state=Comment.State.WAITING).order_by("-paid", "at", "pk")


class Comment(models.Model):
    """What somebody says about an issue; written by `actions.comments`.

    `person` is a keyed hash of an account or a device, as in `Support`: it lets its author take it
    back and names nobody. `name` is whatever they want to be called.
    """

    class State(models.TextChoices):
        """Whether everybody may read it."""

        WAITING = "waiting", _("menunggu ditinjau")
        SHOWN = "shown", _("tampil")
        REFUSED = "refused", _("ditolak")

    uuid = models.UUIDField(unique=True, help_text=_("dibuat pengirim; kunci idempotensi"))
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="comments")
    person = models.CharField(max_length=64)
    user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    paid = models.BooleanField(default=False, help_text=_("dengan akun atau bukti kerja"))
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reviewed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        """What waits has no reader yet; whatever does not wait was read."""

        verbose_name = _("komentar")
        verbose_name_plural = _("komentar")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", reviewed_at__isnull=True)
                | (~models.Q(state="waiting") & models.Q(reviewed_at__isnull=False)),
                name="comment_was_read_unless_it_waits",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["city", "at"],
                condition=models.Q(state="waiting"),
                name="comment_waits",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
