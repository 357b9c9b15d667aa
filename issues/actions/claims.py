"""Whose account a report belongs to: said once by whoever has proved it."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q

from issues.actions.reporter import correct
from issues.addresses import spellings
from issues.models import Comment, Issue, Reporter, User, bears


def claim_proved(user: User) -> int:
    """Give an account the reports that bear its proved addresses and are nobody's yet.

    By an e-mail address all of them: their secret links went there. By a phone number none that
    is confidential: a slip in a number opens those to nobody.

    Returns:
        How many.
    """
    own = Q(pk__in=[])
    if user.email:
        own |= bears(user.email)
    if user.phone and user.phone_verified:
        own |= Q(phone__in=spellings(user.phone), issue__confidential=False)
    rows = Reporter.objects.filter(own, user=None).values_list("pk", flat=True)
    return Reporter.objects.filter(pk__in=list(rows), user=None).update(user=user)


def claim(issue: Issue, user: User) -> bool:
    """Give an account a report whose secret the caller has proved; False where it is another's."""
    mine = Reporter.objects.filter(Q(user=None) | Q(user=user), pk=issue.pk)
    return mine.update(user=user) > 0


def forget(user: User, *, contacts: bool) -> None:
    """Remove who somebody is from their account, which ends; their reports stay with the city.

    Args:
        user: a citizen; the row stays without a name, because events point to it.
        contacts: whether names and contacts go from their reports, too.
    """
    with transaction.atomic():
        reports = Reporter.objects.filter(user=user)
        if contacts:
            _strip(list(reports.values_list("pk", flat=True)))
        reports.update(user=None)
        user.first_name = user.last_name = user.email = user.phone = user.language = ""
        user.phone_verified = user.is_active = False
        user.username = f"-{user.pk}"
        user.set_unusable_password()
        user.save()
        EmailAddress.objects.filter(user=user).delete()
        user.subscribers.all().delete()
        Comment.objects.filter(user=user).update(user=None, name="")


def _strip(issues: list[int]) -> None:
    """Remove names and contacts from reports; each tells so, without them, in an event."""
    for pk in sorted(issues):
        correct(pk, name="", email="", phone="")
