"""Shapes of the desk: filters from the address bar, one form per step, a crew's place."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues import workflow
from issues.errors import (
    DifferentSubmission,
    MissingDuty,
    PhotoRefused,
    StorageFull,
    TooManyPhotos,
)
from issues.forms.lists import choose
from issues.forms.words import LineField, TextField
from issues.models import Issue, Photo
from issues.photos import MAX_BYTES
from issues.workflow import (
    PUBLIC_NOTES,
    REPORTER_NOTES,
    Duty,
    Status,
    Step,
)

MAX_NOTE: Final = 4000
PROOFS: Final = frozenset({Step.FIX, Step.RESOLVE})
PHOTO_STEPS: Final = PROOFS | {Step.ATTACH}
KEYS: Final = {
    Step.VERIFY: "v",
    Step.ASSIGN: "a",
    Step.REROUTE: "a",
    Step.ASK: "s",
    Step.REJECT: "r",
    Step.CONFIDE: "x",
}
"""One key each for what a dispatcher decides most."""


def said(error: Exception) -> str:
    """Say in the reader's language what a domain error means."""
    reason = getattr(error, "reason", "")
    return str(reason) or _((type(error).__doc__ or "").strip())


# Steps ---------------------------------------------------------------------------------------


class StepForm(forms.Form):
    """What one step asks of whoever takes it: the duties of the workflow table and no more."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    photo_id = forms.UUIDField(widget=forms.HiddenInput)
    photo = forms.FileField(
        label=gettext_lazy("Foto"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/heic"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Diambil"), choices=Photo.Kind.choices, initial=Photo.Kind.AFTER
    )
    department = forms.TypedChoiceField(
        label=gettext_lazy("Dinas"), required=False, coerce=int, empty_value=None
    )
    original = LineField(label=gettext_lazy("Nomor laporan asli"), max_length=24)
    note = TextField(
        label=gettext_lazy("Catatan"),
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        step: Step,
        issue: Issue,
        departments: Sequence[tuple[str, list[tuple[int, str]]]] = (),
        proven: bool = False,
    ) -> None:
        """Shape the form.

        Args:
            data: what was sent, if anything.
            files: the photo that was sent, if any.
            step: the step to take.
            issue: what it is taken on, as it stands now.
            departments: groups of (id, name) to choose from, the router's proposal first.
            proven: whether the issue has an *after* photo already.
        """
        initial = {"version": issue.version, "photo_id": uuid4()}
        super().__init__(data, files, auto_id=f"{step}_%s", initial=initial, label_suffix="")
        self.step, self.issue, self.proven = step, issue, proven
        self.templates: list[dict[str, str]] = []
        cell = workflow.TABLE.get((Status(issue.status), step))
        self.duties = cell.duties if cell else frozenset()
        self._keep_what_is_asked()
        self._word_the_note()
        if "department" in self.fields:
            choose(self, "department", [("", _("Pilih dinas")), *departments])

    def _keep_what_is_asked(self) -> None:
        asked = {
            "photo": self.step in PHOTO_STEPS,
            "photo_id": self.step in PHOTO_STEPS,
            "kind": self.step is Step.ATTACH,
            "department": self.step in {Step.ASSIGN, Step.REROUTE},
            "original": Duty.ORIGINAL in self.duties,
            "note": self.step is not Step.ATTACH,
        }
        for name in [name for name, kept in asked.items() if not kept]:
            del self.fields[name]
        if self.step is Step.ATTACH:
            self.fields["photo"].required = True
        if Duty.DEPARTMENT in self.duties:
            self.fields["department"].required = True
        if self.step in PROOFS:
            self.fields["photo"].label = _("Foto sesudah")
            self.fields["photo"].widget.attrs["capture"] = "environment"

    def _word_the_note(self) -> None:
        if "note" not in self.fields:
            return
        note = self.fields["note"]
        note.required = bool(self.duties & {Duty.NOTE, Duty.REASON})
        label, note.help_text = _label(self.step, self.duties), _readers(self.step)
        note.label = (
            label
            if note.required or Duty.PROOF in self.duties
            else _("%(label)s (boleh kosong)") % {"label": label}
        )

    @property
    def label(self) -> str:
        """Name of the step on its button."""
        return str(self.step.label)

    @property
    def key(self) -> str:
        """The key that opens the form at the desk; empty for most."""
        return KEYS.get(self.step, "")

    @property
    def button(self) -> str:
        """Word of the button that sends the form; never the heading's once more for a repair."""
        if self.step is Step.WRITE:
            return _("Kirim pesan")
        return _("Simpan sebagai selesai") if self.step in PROOFS else self.label

    @property
    def is_plain(self) -> bool:
        """Whether one tap is enough: the step demands nothing."""
        return not self.duties and self.step in {
            Step.VERIFY,
            Step.ACCEPT,
            Step.START,
            Step.VALIDATE,
        }

    def clean_photo(self) -> Any:
        """Refuse a file that is too large before its bytes are read."""
        photo = self.cleaned_data.get("photo")
        if photo and photo.size > MAX_BYTES:
            raise forms.ValidationError(_("Foto lebih besar dari 12 MB, kirim yang lebih kecil."))
        return photo

    def clean_original(self) -> Issue:
        """Find the issue that a duplicate points to."""
        number = self.cleaned_data["original"].upper()
        original = Issue.objects.filter(city=self.issue.city_id, number=number).first()
        if original is None or original == self.issue or original.status == Status.DUPLICATE:
            raise forms.ValidationError(
                _("Tidak ada laporan dengan nomor itu yang dapat menjadi asli.")
            )
        return original

    def clean(self) -> dict[str, Any]:
        """Demand proof where the table does: an *after* photo, or a note why there is none."""
        values = super().clean() or {}
        given = values.get("photo") or values.get("note") or self.proven or "photo" in self.errors
        if Duty.PROOF in self.duties and not given:
            self.add_error(
                "photo", _("Ambil foto sesudah perbaikan, atau tulis mengapa tidak ada foto.")
            )
        return values

    def refuse(self, error: Exception) -> None:
        """Show a domain error beside the field that it is about."""
        if isinstance(error, MissingDuty):
            field = {
                Duty.PROOF: "photo",
                Duty.DEPARTMENT: "department",
                Duty.ORIGINAL: "original",
            }.get(Duty(error.duty), "note")
        elif isinstance(error, PhotoRefused | TooManyPhotos | StorageFull | DifferentSubmission):
            field = "photo"
        else:
            field = ""
        # The form comes back with a new key, so that the same photo can simply be sent again.
        text = _("Foto belum tersimpan. Pilih foto itu sekali lagi, lalu kirim.")
        again = isinstance(error, DifferentSubmission)
        self.add_error(field if field in self.fields else None, text if again else said(error))


def _label(step: Step, duties: frozenset[Duty]) -> str:
    """Say what a note is for."""
    labels = {
        Step.RESPOND: _("Tanggapan"),
        Step.COMMENT: _("Tanggapan"),
        Step.SCHEDULE: _("Rencana: kapan dan siapa"),
        Step.ASK: _("Pertanyaan"),
        Step.ANSWER: _("Jawaban pelapor"),
        Step.FORWARD: _("Diteruskan ke mana dan untuk apa"),
        Step.RECEIVE: _("Jawaban instansi"),
        Step.FIX: _("Catatan, atau alasan tanpa foto"),
        Step.RESOLVE: _("Catatan, atau alasan tanpa foto"),
        Step.NOTE: _("Catatan internal"),
        Step.PAUSE: _("Mengapa jamnya harus berhenti"),
        Step.NOT_FOUND: _("Apa yang Anda lihat di lokasi?"),
        Step.HELP: _("Bantuan apa yang perlu?"),
        Step.WRITE: _("Pesan kepada pelapor"),
    }
    return labels.get(step, _("Alasan") if Duty.REASON in duties else _("Catatan"))


def _readers(step: Step) -> str:
    """Say who will read a note."""
    if step in PUBLIC_NOTES:
        return _("Dibaca publik dan pelapor.")
    if step in REPORTER_NOTES:
        return _("Dibaca pelapor dan petugas, tidak publik.")
    return _("Hanya dibaca petugas, tidak pernah publik.")


# The crew's place ----------------------------------------------------------------------------


class HereForm(forms.Form):
    """Where a crew stands, rounded by the phone to some hundred metres; never stored."""

    lon = forms.FloatField(min_value=-180, max_value=180)
    lat = forms.FloatField(min_value=-90, max_value=90)
