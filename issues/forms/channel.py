"""What somebody of the desk types of a call, a post or a letter: pasted first, then completed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata import geometry
from geodata.errors import BadCoordinate
from geodata.models import City
from geodata.streets import Found
from issues.actions import Draft
from issues.forms.kinds import grouped_leaves
from issues.forms.lists import choose
from issues.forms.words import LineField, TextField
from issues.models import Issue

MOST: Final = 4000
_OLDEST: Final = timedelta(days=60)
_CHOSEN: Final = (
    Issue.Channel.RADIO,
    Issue.Channel.PUSDALOPS,
    Issue.Channel.WHATSAPP,
    Issue.Channel.FACEBOOK,
    Issue.Channel.TWITTER,
    Issue.Channel.INSTAGRAM,
    Issue.Channel.EMAIL,
    Issue.Channel.WALK_IN,
    Issue.Channel.LAPOR,
)
CHANNELS: Final = [(one, one.label) for one in _CHOSEN]
ELSEWHERE: Final = "lain"


class PasteForm(forms.Form):
    """The first step: the words as they stood, and where they stood."""

    channel = forms.ChoiceField(label=gettext_lazy("Asal"), choices=CHANNELS)
    text = TextField(
        label=gettext_lazy("Tempel teksnya, atau tulis apa yang diceritakan"),
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    url = forms.URLField(
        label=gettext_lazy("Tautan kiriman aslinya"),
        required=False,
        max_length=500,
        assume_scheme="https",
    )


class EntryForm(forms.Form):
    """The second step: all that makes an issue, proposed from the words."""

    uuid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    letter = forms.IntegerField(widget=forms.HiddenInput, required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Asal"), choices=CHANNELS)
    url = forms.URLField(
        label=gettext_lazy("Tautan kiriman aslinya"),
        required=False,
        max_length=500,
        assume_scheme="https",
    )
    service_code = forms.ChoiceField(label=gettext_lazy("Jenis masalah"))
    place = forms.ChoiceField(
        label=gettext_lazy("Tempat"), required=False, widget=forms.RadioSelect
    )
    search = LineField(label=gettext_lazy("Cari tempat lain"), required=False, max_length=80)
    address = LineField(
        label=gettext_lazy("Tempat menurut pelapor"), required=False, max_length=300
    )
    text = TextField(
        label=gettext_lazy("Apa yang terjadi?"),
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    name = LineField(label=gettext_lazy("Nama pelapor"), required=False, max_length=120)
    email = forms.EmailField(label=gettext_lazy("Surel pelapor"), required=False, max_length=254)
    phone = forms.RegexField(
        r"^\+?[\d\s().\-]{6,29}$", label=gettext_lazy("Telepon pelapor"), required=False
    )
    consent = forms.BooleanField(
        label=gettext_lazy("Pelapor setuju dikabari lewat kontak ini"), required=False
    )
    anonymous = forms.BooleanField(label=gettext_lazy("Anonim"), required=False)
    confidential = forms.BooleanField(label=gettext_lazy("Rahasia"), required=False)
    received_at = forms.DateTimeField(
        label=gettext_lazy("Diterima kota"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(
        self, data: Any = None, *, city: City, places: Sequence[Found] = (), **kwargs: Any
    ) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.city = city
        choose(self, "service_code", [("", "–"), *grouped_leaves(city)])
        found = [(key(one), f"{one.name}, {one.detail}".rstrip(", ")) for one in places]
        posted = str(self.data.get("place", "")) if self.is_bound else ""
        known = {value for value, _label in found}
        if posted not in {"", ELSEWHERE, *known} and spot(posted):
            found.append((posted, _("tempat yang dipilih tadi")))
        choose(self, "place", [*found, (ELSEWHERE, _("tanpa titik di peta"))])

    def clean_received_at(self) -> datetime | None:
        """Refuse what lies ahead, or long ago: that is what imports are for."""
        at: datetime | None = self.cleaned_data["received_at"]
        now = timezone.now()
        if at and not now - _OLDEST <= at <= now:
            raise ValidationError(_("Paling lama 60 hari yang lalu, dan bukan di masa depan."))
        return at

    def draft(self) -> Draft:
        """Make the draft of a valid form."""
        given = self.cleaned_data
        point = spot(given["place"]) or (None, None)
        return Draft(
            uuid=given["uuid"],
            service_code=given["service_code"],
            description=given["text"],
            lon=point[0],
            lat=point[1],
            address=given["address"],
            anonymous=given["anonymous"],
            confidential=given["confidential"],
            name=given["name"],
            email=given["email"],
            phone=given["phone"],
            consent=given["consent"],
            channel=given["channel"],
        )


def key(found: Found) -> str:
    """Write a found place as the value of a choice."""
    return f"{found.lon:.6f},{found.lat:.6f}"


def spot(value: str) -> tuple[float, float] | None:
    """Read a place back: degrees, longitude before latitude; None for anything else."""
    lon, comma, lat = value.partition(",")
    if not comma:
        return None
    try:
        point = geometry.point(float(lon), float(lat))
    except (ValueError, BadCoordinate):
        return None
    return point.x, point.y
