"""What a citizen writes about their account: an address, a code, a name."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from issues import addresses, messaging
from issues.addresses import Address, Kind
from issues.forms.lists import choose
from issues.forms.words import LineField


class AddressForm(forms.Form):
    """An e-mail address or a phone number, in one field."""

    alamat = LineField(
        max_length=254,
        label=_("Surel atau nomor telepon"),
        help_text=_("Kode enam angka dikirim ke sana. Tanpa kata sandi."),
        error_messages={"required": _("Tulis alamat surel atau nomor telepon Anda.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    website = forms.CharField(
        required=False,
        label=_("Biarkan kosong"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not messaging.is_on():
            self.fields["alamat"].label = _("Alamat surel")

    def clean_alamat(self) -> Address:
        """Read the address in its one form.

        Raises:
            ValidationError: it is none, or a number where no messages are sent.
        """
        address = addresses.read(self.cleaned_data["alamat"])
        if address.kind is Kind.PHONE and not messaging.is_on():
            raise ValidationError(_("Kota ini belum mengirim pesan ke telepon. Tulis surel Anda."))
        return address


class CodeForm(forms.Form):
    """The six digits."""

    kode = LineField(
        max_length=20,
        label=_("Kode enam angka"),
        error_messages={"required": _("Tulis kode yang kami kirim.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )


class ProfileForm(forms.Form):
    """How somebody is called, and in which language they read."""

    nama = LineField(
        required=False,
        max_length=120,
        label=_("Nama"),
        help_text=_("Mengisi formulir laporan untuk Anda. Tidak pernah tampil untuk umum."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    bahasa = forms.ChoiceField(label=_("Bahasa"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choose(self, "bahasa", settings.LANGUAGES)


class LeaveForm(forms.Form):
    """The end of an account."""

    kontak = forms.BooleanField(
        required=False, label=_("Hapus juga nama dan kontak saya dari semua laporan saya")
    )
    yakin = forms.BooleanField(
        label=_("Ya, hapus akun saya"),
        error_messages={"required": _("Centang untuk memastikan.")},
    )
