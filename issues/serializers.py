"""Shapes of the JSON doors: what comes in and what goes out, as the API's schema documents it."""

from typing import Any, Final

from rest_framework import serializers

from geodata import positions

PRIVACY_WORDS: Final = ("normal", "anonim", "rahasia", "anonim_rahasia")
"""What the schema offers; `forms.report.PRIVACY` says what each means, a test that both agree."""


class DegreesField(serializers.FloatField):
    """A coordinate, EPSG:4326: a number, or one as addresses write it; no other digits."""

    def __init__(self, most: float, **more: Any) -> None:
        super().__init__(min_value=-most, max_value=most, **more)

    def to_internal_value(self, data: Any) -> float:
        """Read the number.

        Raises:
            ValidationError: it is none.
        """
        try:
            return super().to_internal_value(positions.number(data))
        except ValueError:
            self.fail("invalid")


class ContactShape(serializers.Serializer[Any]):
    """How to reach the reporter; never public."""

    name = serializers.CharField(required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(required=False, allow_blank=True)


class SubmissionShape(serializers.Serializer[Any]):
    """A report as `POST /api/issues` takes it; `forms.report.ReportForm` holds its rules."""

    id = serializers.UUIDField(help_text="dibuat pengirim; kunci idempotensi")
    service_code = serializers.CharField()
    lat = serializers.FloatField(required=False, help_text="derajat, EPSG:4326")
    lon = serializers.FloatField(required=False, help_text="derajat, EPSG:4326")
    accuracy_m = serializers.FloatField(required=False)
    area_code = serializers.CharField(
        required=False, help_text="desa/kelurahan, kecamatan, atau kota, bila tanpa titik"
    )
    street = serializers.CharField(
        required=False, help_text="seluruh jalan ini, bila bukan satu titik"
    )
    side = serializers.CharField(
        required=False, help_text="`side` dari `edge` di `/api/route`, bila titiknya dekat batas"
    )
    address = serializers.CharField(required=False)
    description = serializers.CharField(
        required=False, help_text="boleh kosong bila ada foto atau jawaban"
    )
    photo_count = serializers.IntegerField(
        required=False, help_text="banyaknya foto yang akan menyusul"
    )
    privacy = serializers.ChoiceField(choices=list(PRIVACY_WORDS), required=False)
    contact = ContactShape(required=False)
    consent = serializers.BooleanField(required=False)
    answers = serializers.DictField(
        required=False,
        help_text="kode pertanyaan (`/api/categories`) → teks, angka, ya/tidak, atau daftar kode",
    )
    assets = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="kode aset dari `/peta/aset`"
    )
    observed_at = serializers.DateTimeField(required=False, help_text="menurut jam pengirim")
    proof = serializers.CharField(
        required=False, help_text="jawaban atas `/api/effort`; tanpa itu laporan diperiksa dulu"
    )
    channel = serializers.ChoiceField(choices=["web", "mobile", "api"], required=False)


class ReceiptShape(serializers.Serializer[Any]):
    """The acknowledgement: who holds it cannot lose the report."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    tracking_url = serializers.CharField()
    token = serializers.CharField(help_text="rahasia: membuka halaman pelapor dan unggahan foto")
    department = serializers.CharField(allow_null=True)
    sentence = serializers.CharField()
    status = serializers.CharField()
    held = serializers.BooleanField(help_text="diperiksa dulu sebelum publik dan diteruskan")
    received_at = serializers.DateTimeField()
    dispose_by = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    photos_url = serializers.CharField()


class ChoiceShape(serializers.Serializer[Any]):
    """One choice of a question."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the wire's name


class QuestionShape(serializers.Serializer[Any]):
    """What is asked about a kind; it shows where each `condition` holds.

    `condition` is the code of an earlier question → the codes of which one must be given. A
    `notice` asks nothing; one that `stops` refuses the report.
    """

    code = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=["text", "number", "date", "choice", "choices", "asset", "notice"]
    )
    label = serializers.CharField()  # type: ignore[assignment]  # the wire's name
    hint = serializers.CharField(allow_blank=True)
    required = serializers.BooleanField()  # type: ignore[assignment]  # the wire's name
    choices = ChoiceShape(many=True)
    condition = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    layer = serializers.CharField(allow_blank=True)
    least = serializers.FloatField(allow_null=True)
    most = serializers.FloatField(allow_null=True)
    stops = serializers.BooleanField()


class CategoryShape(serializers.Serializer[Any]):
    """A kind of problem; `group` is its parent's code."""

    service_code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    group = serializers.CharField(allow_null=True)
    group_name = serializers.CharField(allow_null=True)
    keywords = serializers.ListField(child=serializers.CharField())
    icon = serializers.CharField()
    nature = serializers.CharField()
    confidential = serializers.BooleanField()
    fast_lane = serializers.BooleanField()
    warning = serializers.CharField(allow_blank=True)
    questions = QuestionShape(many=True)


class BodyShape(serializers.Serializer[Any]):
    """A department by code and name."""

    code = serializers.CharField()
    name = serializers.CharField()


class AreaShape(serializers.Serializer[Any]):
    """The area of a point and the edition that drew it."""

    code = serializers.CharField()
    name = serializers.CharField()
    edition = serializers.CharField()
    approximate = serializers.BooleanField()


class SecondShape(serializers.Serializer[Any]):
    """Who came second and why not."""

    department = BodyShape()
    why_not = serializers.CharField(allow_blank=True)


class SideShape(serializers.Serializer[Any]):
    """One side of an edge; `side` goes into the report."""

    side = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the wire's name
    department = BodyShape()


class EdgeShape(serializers.Serializer[Any]):
    """What is asked where the point is too inexact to say who is responsible."""

    question = serializers.CharField()
    choices = SideShape(many=True)


class RouteShape(serializers.Serializer[Any]):
    """Who is responsible at a point."""

    covered = serializers.BooleanField()
    sentence = serializers.CharField()
    department = BodyShape(allow_null=True)
    rule = serializers.CharField(allow_null=True)
    area = AreaShape(allow_null=True)
    street = serializers.CharField(allow_blank=True)
    edge_m = serializers.FloatField(allow_null=True)
    near_edge = serializers.BooleanField()
    second = SecondShape(allow_null=True)
    neighbour = serializers.CharField(allow_blank=True)
    border_m = serializers.FloatField(allow_null=True)
    edge = EdgeShape(allow_null=True)


class PhotoShape(serializers.Serializer[Any]):
    """A photo that was kept; it shows only after cleaning and review."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    sha256 = serializers.CharField()


class UploadShape(serializers.Serializer[Any]):
    """One photo of `POST /api/issues/<id>/photos`; send the same `id` again after a failure."""

    id = serializers.UUIDField()
    photo = serializers.FileField()
    sha256 = serializers.CharField(required=False, help_text="bila diberikan, harus cocok")


class FeatureShape(serializers.Serializer[Any]):
    """One public issue as a GeoJSON feature. Source: RFC 7946."""

    type = serializers.CharField()
    id = serializers.CharField()
    geometry = serializers.DictField(allow_null=True)
    properties = serializers.DictField()


class CollectionShape(serializers.Serializer[Any]):
    """A page of public issues; `next` is the key of the next page."""

    type = serializers.CharField()
    features = FeatureShape(many=True)
    next = serializers.CharField(allow_null=True)


class ErrorShape(serializers.Serializer[Any]):
    """The one shape of errors: `{"error": {"code", "message", "fields"}}`."""

    error = serializers.DictField()
