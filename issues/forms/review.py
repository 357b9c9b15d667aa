"""Shapes of the review: which words and photos become public, and the boxes over a photo."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues import privacy
from issues.forms.lists import choose
from issues.forms.words import TextField
from issues.models import Issue, Photo
from issues.privacy import MASK

if TYPE_CHECKING:
    from django.http import QueryDict

    FormSet = forms.BaseFormSet["BoxForm"]
else:
    FormSet = forms.BaseFormSet

MAX_TEXT: Final = 8000
MAX_BOXES: Final = 8


class ReviewForm(forms.Form):
    """Release words and photos: the public text, what of it is masked, and each photo by itself."""

    black = MASK

    version = forms.IntegerField(widget=forms.HiddenInput)
    public_text = TextField(
        label=gettext_lazy("Teks untuk publik"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "Kosongkan bila tidak ada kalimat yang boleh publik. Teks asli tetap tersimpan."
        ),
    )
    mask = forms.MultipleChoiceField(
        label=gettext_lazy("Samarkan"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Yang tampak seperti data pribadi. Hapus centang bila memang boleh publik."
        ),
    )
    photos = forms.MultipleChoiceField(
        label=gettext_lazy("Foto yang boleh publik"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        data: "QueryDict | None" = None,
        *,
        issue: Issue,
        photos: Iterable[Photo],
        draft: "QueryDict | None" = None,
    ) -> None:
        """Shape the form.

        Args:
            data: what was sent, if anything.
            issue: what is reviewed.
            photos: all its photos.
            draft: what was typed before the reviewer went to black out a photo.
        """
        self.clean_photos_of_issue = [photo for photo in photos if photo.state == Photo.State.CLEAN]
        text = issue.public_text if issue.reviewed_at else issue.description
        initial = {
            "version": issue.version,
            "public_text": text,
            "photos": [str(photo.pk) for photo in self.clean_photos_of_issue if photo.public],
        }
        if draft is not None:
            words = {"public_text": draft.get("public_text", "")}
            initial |= {**words, "photos": draft.getlist("photos")}
        super().__init__(data, auto_id="review_%s", initial=initial, label_suffix="")
        self._typed = draft if data is None else data
        typed = text if self._typed is None else self._typed.get("public_text", "")
        self.offered = _personal(issue.description, typed)
        choose(self, "mask", [(one, one) for one in self.offered])
        self.fields["mask"].initial = self.offered
        choose(
            self, "photos", [(str(photo.pk), str(photo.pk)) for photo in self.clean_photos_of_issue]
        )

    def clean(self) -> dict[str, Any]:
        """Mask what is ticked; ask about anything personal that the reviewer was not shown."""
        values = super().clean() or {}
        text = values.get("public_text") or ""
        for piece in sorted(values.get("mask") or [], key=len, reverse=True):
            text = text.replace(piece, MASK)
        data: QueryDict = self.data  # type: ignore[assignment]  # a bound form of a request
        unseen = set(_personal(text)) - set(data.getlist("offered"))
        if unseen:
            self.add_error(
                "public_text",
                _("Ini tampak seperti data pribadi: %(pieces)s. Pilih mana yang disamarkan.")
                % {"pieces": ", ".join(sorted(unseen))},
            )
        if self._hidden_from_reviewer():
            self.add_error(
                "photos", _("Ada foto yang baru siap sejak halaman ini dibuka. Periksa juga.")
            )
        values["public_text"] = text.strip()
        return values

    def _hidden_from_reviewer(self) -> set[str]:
        """List photos that became ready while the page lay open: a review would bury them."""
        data: QueryDict = self.data  # type: ignore[assignment]  # a bound form of a request
        seen = {*data.getlist("shown"), *data.getlist("photos")}
        return {str(photo.pk) for photo in self.clean_photos_of_issue} - seen

    @property
    def masked(self) -> set[str]:
        """Say which boxes of `mask` are ticked: all, but for what the reviewer has unticked."""
        if self._typed is None:
            return set(self.offered)
        asked, ticked = self._typed.getlist("offered"), self._typed.getlist("mask")
        return set(ticked) | (set(self.offered) - set(asked))

    @property
    def released(self) -> set[str]:
        """Say which photos are ticked."""
        return set(self["photos"].value() or [])


def _personal(*texts: str) -> list[str]:
    """List what may name a person in some texts, each once, in order."""
    found = (text[span.start : span.end] for text in texts for span in privacy.find_personal(text))
    return list(dict.fromkeys(found))


# Boxes over a photo --------------------------------------------------------------------------


class BoxForm(forms.Form):
    """One rectangle on a photo in percent of its width and height, upper left corner first."""

    x = forms.FloatField(label=gettext_lazy("Kiri"), min_value=0, max_value=100, required=False)
    y = forms.FloatField(label=gettext_lazy("Atas"), min_value=0, max_value=100, required=False)
    w = forms.FloatField(label=gettext_lazy("Lebar"), min_value=0, max_value=100, required=False)
    h = forms.FloatField(label=gettext_lazy("Tinggi"), min_value=0, max_value=100, required=False)
    sides: ClassVar = ("x", "y", "w", "h")

    def clean(self) -> dict[str, Any]:
        """Demand all four numbers or none, and a box with a size on the photo."""
        values = super().clean() or {}
        numbers = [values.get(side) for side in self.sides]
        if self.errors or all(number is None for number in numbers):
            return values
        if None in numbers or not values["w"] or not values["h"]:
            raise forms.ValidationError(_("Isi keempat angka: kiri, atas, lebar, dan tinggi."))
        values["w"] = min(values["w"], 100 - values["x"])
        values["h"] = min(values["h"], 100 - values["y"])
        if values["w"] <= 0 or values["h"] <= 0:
            raise forms.ValidationError(_("Kotak ini berada di luar foto."))
        return values


class Boxes(FormSet):
    """Rows of boxes; empty rows do not count, but one box must be there."""

    @property
    def version(self) -> int | None:
        """Which version of the issue the person saw; None where the form does not tell."""
        said = (self.data or {}).get("version", "")
        return int(said) if said.isdecimal() else None

    def clean(self) -> None:
        """Demand at least one box."""
        if not any(self.errors) and not self.boxes():
            raise forms.ValidationError(_("Gambarlah paling sedikit satu kotak."))

    def refuse(self, message: str) -> None:
        """Say why the boxes were not burnt in."""
        self.non_form_errors().append(message)

    def boxes(self) -> list[tuple[float, float, float, float]]:
        """List the boxes as fractions of width and height."""
        rows = [row.cleaned_data for row in self.forms if row.cleaned_data.get("w")]
        return [(row["x"] / 100, row["y"] / 100, row["w"] / 100, row["h"] / 100) for row in rows]


_BoxFormSet = forms.formset_factory(
    BoxForm,
    formset=Boxes,
    extra=MAX_BOXES,
    max_num=MAX_BOXES,
    absolute_max=MAX_BOXES,
    validate_max=True,
)


def boxes_over(data: "QueryDict | None") -> Boxes:
    """Make the rows of boxes over a photo, empty or as they were sent."""
    return cast("Boxes", _BoxFormSet(data, prefix="box"))
