"""Shapes of the field: ops of a crew's log, photos with time and place, what a crew has seen."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.models import Jurisdiction
from issues.actions import Capture, Draft, Op
from issues.actions.field import STEPS
from issues.forms.desk import MAX_NOTE
from issues.forms.lists import choose
from issues.forms.words import LineField, MomentField, TextField
from issues.models import Category, Issue, Photo, User
from issues.workflow import Step

NO_CLOCK: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""For a phone whose clock was lost: its op counts as late, and is flagged."""
MOST_KINDS: Final = 8
"""So many problems are seen at one place at once."""
_MOST_WORDS: Final = 1000
_MOST_VERSION: Final = 2**31 - 1


def plain(given: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Keep what a form can read of a JSON object: texts and numbers under known names."""
    if not isinstance(given, dict):
        return {}
    return {
        name: given[name]
        for name in names
        if isinstance(given.get(name), str | int | float) and not isinstance(given[name], bool)
    }


class OpForm(forms.Form):
    """One op of a crew's log."""

    id = forms.UUIDField()
    number = LineField(max_length=24)
    base = forms.IntegerField(min_value=1, max_value=_MOST_VERSION)
    step = forms.ChoiceField(choices=[(step, step.label) for step in Step if step in STEPS])
    note = TextField(required=False, max_length=MAX_NOTE)
    at = MomentField(required=False)

    @classmethod
    def of(cls, given: Any) -> "OpForm":
        """Read an op out of JSON."""
        return cls(plain(given, tuple(cls.base_fields)))

    @property
    def op(self) -> Op:
        """The op, of a valid form."""
        values = self.cleaned_data
        return Op(
            id=values["id"],
            number=values["number"].upper(),
            base=values["base"],
            step=Step(values["step"]),
            note=values["note"],
            at=values["at"] or NO_CLOCK,
        )


class CaptureForm(forms.Form):
    """When and where a photo was taken, as the phone says; nothing of it is demanded."""

    taken_at = MomentField(required=False)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90)
    accuracy = forms.FloatField(required=False, min_value=0, max_value=1e6)

    @property
    def capture(self) -> Capture:
        """What is known; nonsense says nothing."""
        self.is_valid()
        values = self.cleaned_data
        placed = values.get("lon") is not None and values.get("lat") is not None
        return Capture(
            at=values.get("taken_at"),
            lon=values["lon"] if placed else None,
            lat=values["lat"] if placed else None,
            accuracy_m=values.get("accuracy"),
        )


class PhotoForm(CaptureForm):
    """One photo from the field."""

    id = forms.UUIDField()
    number = LineField(max_length=24)
    kind = forms.ChoiceField(
        choices=[(Photo.Kind.BEFORE, "before"), (Photo.Kind.AFTER, "after")],
    )
    sha256 = forms.RegexField(r"^[0-9a-fA-F]{64}$", required=False)
    file = forms.FileField(allow_empty_file=True)


class SightingForm(forms.Form):
    """One or more problems that a crew sees at one place."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Apa saja masalahnya?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Pilih paling sedikit satu jenis.")},
    )
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    area = forms.ChoiceField(label=gettext_lazy("Desa/kelurahan"), required=False)
    accuracy = forms.FloatField(
        required=False, min_value=0, max_value=1e6, widget=forms.HiddenInput
    )
    at = MomentField(required=False, widget=forms.HiddenInput)
    words = TextField(
        label=gettext_lazy("Keterangan (boleh kosong)"),
        required=False,
        max_length=_MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        kinds: list[Category],
        areas: list[Jurisdiction],
        **options: Any,
    ) -> None:
        """Shape the form.

        Args:
            data: what was sent, if anything; `categories` as a list.
            kinds: what can be reported, active leaves of the city.
            areas: where, for who cannot say a point.
            options: of Django's form.
        """
        super().__init__(data, label_suffix="", **options)
        self.kinds = kinds
        choose(self, "categories", [(one.service_code, one.label) for one in kinds])
        named = [(one.code, str(one)) for one in areas]
        choose(self, "area", [("", _("Pilih desa/kelurahan")), *named])

    def clean_categories(self) -> list[str]:
        """Refuse more kinds than anybody sees at once."""
        codes: list[str] = list(dict.fromkeys(self.cleaned_data["categories"]))
        if len(codes) > MOST_KINDS:
            words = {"most": MOST_KINDS}
            raise forms.ValidationError(_("Paling banyak %(most)d jenis sekaligus.") % words)
        return codes

    def clean(self) -> dict[str, Any]:
        """Demand a place: a point, else a village."""
        values = super().clean() or {}
        whole = values.get("lon") is not None and values.get("lat") is not None
        if not whole and not values.get("area") and not self.errors.keys() & {"lon", "lat", "area"}:
            self.add_error("lat", _("Tunjukkan tempatnya."))
        return values

    def drafts(self, user: User, language: str) -> list[Draft]:
        """Make a report of each kind; the same sighting sent again makes the same reports."""
        values = self.cleaned_data
        placed = values["lon"] is not None and values["lat"] is not None
        return [
            Draft(
                uuid=report_id(values["id"], code),
                service_code=code,
                description=values["words"],
                lon=values["lon"] if placed else None,
                lat=values["lat"] if placed else None,
                area_code="" if placed else values["area"],
                accuracy_m=values["accuracy"],
                observed_at=values["at"],
                language=language,
                consent=True,
                user=user,
                channel=Issue.Channel.CREW,
            )
            for code in values["categories"]
        ]


def report_id(sighting: UUID, code: str) -> UUID:
    """Name the report of one kind in a sighting."""
    return uuid5(sighting, code)


def picture_id(sighting: UUID, code: str) -> UUID:
    """Name the photo of a sighting as one report has it."""
    return uuid5(sighting, f"{code}/photo")
