"""What reached the city by other ways: posts and letters, and which issue came of them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from geodata.models import City
from issues.models.cases import Issue
from issues.models.people import User


class Post(models.Model):
    """Where an issue was first told of: the address of a post; written by `actions.channels`.

    One post is one issue, however often somebody pastes it.
    """

    issue = models.OneToOneField(
        Issue, on_delete=models.CASCADE, primary_key=True, related_name="post"
    )
    city = models.ForeignKey(City, on_delete=models.PROTECT, db_index=False, related_name="+")
    url = models.URLField(max_length=500)
    canonical = models.CharField(
        max_length=500, help_text=_("alamat tanpa hiasan, untuk dibandingkan")
    )
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A post is taken in once a city."""

        constraints: ClassVar = [
            models.UniqueConstraint("city", "canonical", name="post_is_taken_in_once")
        ]

    def __str__(self) -> str:
        return self.url


class Letter(models.Model):
    """One e-mail that came to the city's mailbox; written by `actions.channels`.

    A reply is joined to its issue at once; anything else waits for the desk, which makes it an
    issue or sets it aside. Its bytes go once that is done.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("menunggu")
        TAKEN = "taken", _("menjadi laporan")
        JOINED = "joined", _("balasan")
        ASIDE = "aside", _("dikesampingkan")
        IGNORED = "ignored", _("balasan otomatis")

    city = models.ForeignKey(City, on_delete=models.PROTECT, db_index=False, related_name="+")
    message_id = models.CharField(max_length=250)
    sender = models.EmailField(blank=True)
    sender_name = models.CharField(max_length=120, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    photos = models.PositiveSmallIntegerField(default=0)
    raw = models.BinaryField(default=bytes)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    issue = models.ForeignKey(
        Issue, on_delete=models.SET_NULL, null=True, blank=True, related_name="letters"
    )
    received_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        """Each message once; what waits, oldest first."""

        verbose_name = _("surel")
        verbose_name_plural = _("surel")
        ordering: ClassVar = ["received_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("city", "message_id", name="letter_comes_in_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["city", "received_at"],
                condition=models.Q(state="waiting"),
                name="letter_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id
