"""The letter that invites somebody to work here; the link in it is signed when it is sent."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from issues.models import Invitation
from issues.notifications import links, paper


def invitation_letter(invitation: Invitation) -> EmailMessage | None:
    """Write to whom an administrator has invited; None where the invitation is no longer open."""
    if not invitation.is_open:
        return None
    link = invitation_page(invitation)
    with translation.override(settings.LANGUAGE_CODE), paper.local(invitation.city):
        body = render_to_string("mail/invitation.txt", {"invitation": invitation, "link": link})
        subject = _("Undangan bekerja di CivicMap %(city)s") % {"city": invitation.city.short_name}
    name = f"invitation.{invitation.pk}"
    return paper.write([invitation.email], subject, body, name=name, thread=name)


def invitation_page(invitation: Invitation) -> str:
    """Address the page on which somebody takes an invitation."""
    return paper.address("invitation", links.make(links.INVITE, invitation.pk))


def invited(token: str) -> Invitation | None:
    """Find the invitation that a link opens; None for a wrong, used, revoked or old one."""
    key = links.read(links.INVITE, token)
    if key is None:
        return None
    found = Invitation.objects.select_related("city", "department", "unit").filter(pk=key).first()
    return found if found is not None and found.is_open else None
