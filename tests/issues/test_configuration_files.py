"""A city's whole configuration as files: out, in again, tried out first, and never half."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from geodata.models import City, RoutingRule
from issues import reference
from issues.models import Category, ConfigurationChange, Holiday, ReplyTemplate, Unit
from issues.workflow import Role, Step
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    """Denpasar as shipped, with what only the browser adds."""
    of = reference.load(reference.read("denpasar")).city
    dishub = of.departments.get(code="DISHUB")
    Unit.objects.create(department=dishub, code="pju", name="Bidang PJU")
    ReplyTemplate.objects.create(
        city=of, department=dishub, step=Step.RESOLVE, name="Lampu", text="Sudah menyala."
    )
    of.banner = "Banjir: hindari Jalan Imam Bonjol."
    of.banner_until = datetime(2026, 12, 3, 12, tzinfo=UTC)
    of.save()
    return of


def as_city(files, slug):
    """The same files for another city."""
    texts = reference.bundle.texts(files)
    named = texts["city.toml"].replace(b'slug = "denpasar"', f'slug = "{slug}"'.encode())
    return reference.parse(texts | {"city.toml": named.replace(b'"DPS"', b'"XYZ"')})


def changed(packed, name, old, new):
    """A packed city with other words in one of its files."""
    texts = reference.bundle.texts(packed)
    assert old.encode() in texts[name]
    return reference.bundle.zipped(
        texts | {name: texts[name].replace(old.encode(), new.encode(), 1)}
    )


def test_what_is_written_is_read_back_without_a_change(city):
    again = reference.load(reference.unpack(reference.pack(city)), over_hands=True)

    assert again.changed_nothing
    assert not ConfigurationChange.objects.exists()


def test_a_city_out_and_into_an_empty_one_is_the_same_to_the_byte(city):
    packed = reference.pack(city)

    twin = reference.load(as_city(packed, "kembar")).city

    texts = reference.write(twin)
    mine = texts | {
        "city.toml": texts["city.toml"].replace("kembar", "denpasar").replace("XYZ", "DPS")
    }
    assert mine == reference.write(city)
    assert reference.pack(city) == packed
    assert Unit.objects.filter(department__city=twin).count() == 1
    assert ReplyTemplate.objects.filter(city=twin).count() == 1


def test_boundaries_lie_beside_them_for_their_own_door(city):
    make.villages(of=city)

    with zipfile.ZipFile(io.BytesIO(reference.pack(city))) as archive:
        assert "batas/village.geojson" in archive.namelist()
        assert b"EPSG" not in archive.read("batas/village.geojson")


def test_a_trial_names_every_field_and_changes_nothing(city, boss):
    packed = changed(
        reference.pack(city), "rules.toml", 'department = "DISHUB"', 'department = "DLHK"'
    )

    trial = reference.try_out(city, reference.unpack(packed), actor=boss)

    assert [(line.kind, line.field) for line in trial.lines] == [("routingrule", "department")]
    assert reference.pack(city) != packed
    assert not ConfigurationChange.objects.exists()


def test_what_was_tried_is_brought_in_whole_with_its_history(city, boss):
    packed = changed(reference.pack(city), "categories.toml", 'icon = "road"', 'icon = "tree"')
    sealed = reference.seal(city, packed)

    files = reference.unseal(city, sealed)
    reference.bring_in(city, files, actor=boss, reason="Ikon baru.")

    line = ConfigurationChange.objects.get()
    assert (line.actor, line.field, line.before, line.after) == (boss, "icon", "road", "tree")
    assert line.reason == "Ikon baru."
    with pytest.raises(reference.StaleTrial):
        reference.unseal(city, sealed)


def test_a_day_that_the_files_no_longer_name_is_taken_away(city, boss):
    day = Holiday.objects.filter(city=city).first()
    texts = reference.bundle.texts(reference.pack(city))
    rows = texts["holidays.toml"].split(b"[[holiday]]")
    less = b"[[holiday]]".join([rows[0], *rows[2:]])

    reference.bring_in(city, reference.parse(texts | {"holidays.toml": less}), actor=boss)

    assert not Holiday.objects.filter(pk=day.pk).exists()
    assert ConfigurationChange.objects.filter(kind="holiday", after__isnull=True).exists()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("rules.toml", 'department = "DISHUB"', 'department = "NIHIL"', "tidak dikenal"),
        ("rules.toml", "priority = ", 'priority = "tinggi" # ', "jenis nilai yang lain"),
        ("departments.toml", 'short_name = "Dishub"', f'short_name = "{"x" * 99}"', "short_name"),
        ("city.toml", "metric_srid = ", 'metric_srid = "UTM" # ', "jenis nilai yang lain"),
        ("units.toml", 'department = "DISHUB"', 'department = "NIHIL"', "tidak dikenal"),
        ("city.toml", 'slug = "denpasar"', 'slug = "kota-batu"', "milik"),
        ("city.toml", "slug = ", "slug = [", "city.toml"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_of_it_is_taken(city, name, old, new, said):
    before = reference.write(city)
    packed = changed(reference.pack(city), name, old, new)

    with pytest.raises(reference.BadReference) as refused:
        reference.bring_in(city, reference.unpack(packed), actor=None)

    assert said in " ".join(refused.value.problems)
    assert reference.write(city) == before


def test_a_bomb_is_not_unpacked(city):
    bomb = reference.bundle.zipped({"city.toml": b"#" * 50_000_000})

    with pytest.raises(reference.BadReference, match=r"city\.toml: lebih dari"):
        reference.unpack(bomb)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nothing", b"slug = 1"])
def test_what_is_no_zip_is_said_to_be_none(data):
    with pytest.raises(reference.BadReference, match="ZIP"):
        reference.unpack(data)


def test_loading_the_shipped_files_spares_what_a_person_has_changed(city, boss):
    files = reference.read("denpasar")
    rule, kind = RoutingRule.objects.filter(city=city)[:1].get(), Category.objects.first()
    hand = changed(
        reference.pack(city), "rules.toml", f'source = "{rule.source}"', 'source = "Keputusan 7"'
    )
    reference.bring_in(city, reference.unpack(hand), actor=boss)
    kind.icon = "tree"
    kind.save()

    summary = reference.load(files)

    assert RoutingRule.objects.filter(source="Keputusan 7").exists()
    assert Category.objects.get(pk=kind.pk).icon != "tree"
    assert len(summary.spared) >= 1
    forced = reference.load(files, over_hands=True)
    assert not RoutingRule.objects.filter(source="Keputusan 7").exists()
    assert forced.spared == ()
    assert City.objects.count() == 1


# In the browser ------------------------------------------------------------------------------


def upload(client, packed):
    file = SimpleUploadedFile("kota.zip", packed, content_type="application/zip")
    return client.post(reverse("configuration"), {"file": file})


@pytest.fixture
def office_of(client, city, boss):
    client.force_login(boss)
    return client


@pytest.fixture
def boss(city):
    return make.user(Role.ADMINISTRATOR)


def test_an_administrator_takes_it_out_looks_and_brings_it_in(office_of, city):
    packed = b"".join(office_of.get(reverse("configuration-file")))
    packed = changed(packed, "categories.toml", 'icon = "road"', 'icon = "tree"')

    looked = upload(office_of, packed)
    sealed = looked.context["apply"]["sealed"].value()
    assert "road" in looked.content.decode()
    assert not ConfigurationChange.objects.exists()
    done = office_of.post(
        reverse("configuration-apply"), {"sealed": sealed, "reason": "Ikon baru."}, follow=True
    )

    assert "1 baris diperbarui." in done.content.decode()
    assert ConfigurationChange.objects.get().after == "tree"
    again = office_of.post(reverse("configuration-apply"), {"sealed": sealed, "reason": "Lagi."})
    assert again.status_code == 422
    assert "berubah sejak pratinjau" in again.content.decode()


def test_without_a_reason_nothing_is_brought_in_and_the_files_are_not_lost(office_of, city):
    packed = changed(reference.pack(city), "categories.toml", 'icon = "road"', 'icon = "tree"')
    sealed = upload(office_of, packed).context["apply"]["sealed"].value()

    refused = office_of.post(reverse("configuration-apply"), {"sealed": sealed, "reason": ""})

    assert refused.status_code == 422
    assert refused.context["apply"]["sealed"].value() == sealed


def test_faults_are_listed_and_nothing_is_offered(office_of):
    refused = upload(office_of, b"no zip")

    assert refused.status_code == 422
    assert "ZIP" in refused.content.decode()
    assert "apply" not in refused.context


def test_the_commands_carry_a_city_to_another_machine(city, tmp_path):
    file = tmp_path / "kota.zip"
    call_command("export_configuration", "denpasar", str(file), stdout=io.StringIO())
    said = io.StringIO()

    call_command("import_configuration", str(file), stdout=said)

    assert "0 baru, 0 diubah" in said.getvalue()
    file.write_bytes(b"x")
    with pytest.raises(CommandError, match="ZIP"):
        call_command("import_configuration", str(file))
