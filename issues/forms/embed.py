"""What another site may choose of the map that it shows in a frame."""

from typing import Any, Final

from django import forms

from issues.forms.filters import SwitchField

DRAWINGS: Final = ("heat", "hotspots", "areas")


class EmbedForm(forms.Form):
    """Parts are shown unless switched off by 0; `drawing` says what the map draws at first."""

    title = SwitchField(required=False)
    legend = SwitchField(required=False)
    list = SwitchField(required=False)
    search = SwitchField(required=False)
    drawing = forms.ChoiceField(required=False, choices=[(name, name) for name in DRAWINGS])

    @classmethod
    def names(cls) -> frozenset[str]:
        """Name the options as the address does."""
        return frozenset(cls.base_fields)

    @property
    def options(self) -> dict[str, Any]:
        """What was chosen; everything is shown where the choice cannot be read."""
        asked = self.cleaned_data if self.is_valid() else {}
        parts = {name: asked.get(name) is not False for name in self.fields if name != "drawing"}
        return {**parts, "drawing": asked.get("drawing", "")}
