"""The choice of another kind for a report, by somebody of the city."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.models import City
from issues import actions
from issues.forms.lists import choose
from issues.models import Category, Issue


def grouped_leaves(city: City) -> list[tuple[str, list[tuple[str, str]]]]:
    """Group the kinds that can be chosen under their parents, in the order of the screen."""
    kinds = list(Category.objects.filter(city=city, active=True))
    parents = {kind.parent_id for kind in kinds}
    names = {kind.pk: kind.label for kind in kinds}
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in kinds:
        if kind.pk not in parents:
            group = names.get(kind.parent_id or kind.pk, kind.label)
            groups.setdefault(group, []).append((kind.service_code, kind.label))
    return list(groups.items())


class KindForm(forms.Form):
    """Another kind, the version that was seen, and whether a blurred place may be shown."""

    service_code = forms.ChoiceField(label=gettext_lazy("Jenis yang benar"))
    exact = forms.BooleanField(
        label=gettext_lazy("Tempat tepat boleh publik"),
        help_text=gettext_lazy("Sampai sekarang publik hanya melihat tempatnya kira-kira."),
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, issue: Issue, proposed: str = "") -> None:
        super().__init__(
            data,
            initial={"version": issue.version, "service_code": proposed},
            label_suffix="",
        )
        kinds = list(Category.objects.filter(city=issue.city, active=True))
        self.leaves = {
            kind.service_code: kind
            for kind in kinds
            if kind.pk not in {one.parent_id for one in kinds} and kind.pk != issue.category_id
        }
        self.issue = issue
        if issue.category.exact_place:
            del self.fields["exact"]
        choose(self, "service_code", [("", "–"), *self._grouped(kinds)])

    def _grouped(self, kinds: list[Category]) -> list[tuple[str, Any]]:
        """Group the kinds under their parents, in the order of the screen."""
        groups: dict[str, list[tuple[str, str]]] = {}
        names = {kind.pk: kind.label for kind in kinds}
        for kind in self.leaves.values():
            group = names.get(kind.parent_id or kind.pk, kind.label)
            groups.setdefault(group, []).append((kind.service_code, kind.label))
        return list(groups.items())

    def clean(self) -> dict[str, Any]:
        """Refuse a kind that would show a blurred place exactly, unless that is ticked."""
        kind = self.leaves.get(self.cleaned_data.get("service_code", ""))
        if kind and actions.widens(self.issue, kind) and not self.cleaned_data["exact"]:
            words = _(
                "Jenis ini menunjukkan tempat yang tepat kepada semua orang. "
                "Centang bila tempat laporan ini boleh terlihat; bila tidak, pilih jenis lain."
            )
            self.add_error("exact", words)
        return self.cleaned_data

    @property
    def category(self) -> Category:
        """The kind that was chosen; the form must be valid."""
        return self.leaves[self.cleaned_data["service_code"]]
