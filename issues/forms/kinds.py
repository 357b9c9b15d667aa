"""The choice of another kind for a report, by somebody of the city."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from issues.models import Category, Issue


class KindForm(forms.Form):
    """Another kind, and the version that was seen."""

    service_code = forms.ChoiceField(label=gettext_lazy("Jenis yang benar"))
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
        field = self.fields["service_code"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker: declared above
        field.choices = [("", "–"), *self._grouped(kinds)]

    def _grouped(self, kinds: list[Category]) -> list[tuple[str, Any]]:
        """Group the kinds under their parents, in the order of the screen."""
        groups: dict[str, list[tuple[str, str]]] = {}
        names = {kind.pk: kind.label for kind in kinds}
        for kind in self.leaves.values():
            group = names.get(kind.parent_id or kind.pk, kind.label)
            groups.setdefault(group, []).append((kind.service_code, kind.label))
        return list(groups.items())

    @property
    def category(self) -> Category:
        """The kind that was chosen; the form must be valid."""
        return self.leaves[self.cleaned_data["service_code"]]
