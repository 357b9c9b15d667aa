"""Words that offices write again and again: filled, previewed, with history."""

import pytest

from issues.forms.replies import filled
from issues.models import ConfigurationChange, ReplyTemplate
from issues.workflow import Role, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

PAGE = "/kerja/atur/contoh"
TEXT = "Laporan {nomor} tentang {jenis} kami tangani. {lain}"


def template(**fields):
    values = {"step": Step.RESPOND, "name": "Terima kasih", "text": "Laporan {nomor} kami terima."}
    return ReplyTemplate.objects.create(city=make.city(), **(values | fields))


def administrator(client):
    return office.enter(client, make.user(Role.ADMINISTRATOR))


def form(**fields):
    return {
        "step": "respond",
        "category": "",
        "department": "",
        "name": "Sudah dijadwalkan",
        "text": "Laporan {nomor} dijadwalkan.",
        "active": "on",
    } | fields


def test_a_template_says_what_the_issue_says():
    issue = make.issue()

    said = filled(TEXT, issue)

    assert said == f"Laporan {issue.number} tentang {issue.category.label} kami tangani. {{lain}}"


def test_a_form_offers_those_of_its_step_kind_and_department(client):
    issue = make.issue()
    fitting = template(department=issue.department, category=issue.category)
    template(name="Lain", department=make.department("PUPR"))
    template(name="Langkah lain", step=Step.ASK)
    template(name="Tidak dipakai", active=False)

    page = office.liaison(client).get(f"/kerja/laporan/{issue.number}")

    forms = [form for group in page.context["groups"] for form in group.forms]
    respond = next(form for form in forms if form.step == Step.RESPOND)
    assert [one["name"] for one in respond.templates] == [fitting.name]
    assert respond.templates[0]["text"] == f"Laporan {issue.number} kami terima."


def test_a_new_template_is_kept_with_who_wrote_it(client):
    make.world()

    done = administrator(client).post(PAGE, form())

    assert done.status_code == 302
    assert ReplyTemplate.objects.get().name == "Sudah dijadwalkan"
    assert ConfigurationChange.objects.filter(kind="replytemplate", field="text").exists()


def test_a_preview_keeps_nothing(client):
    issue = make.issue()

    page = administrator(client).post(PAGE, form(preview="1"))

    assert page.context["preview"] == f"Laporan {issue.number} dijadwalkan."
    assert not ReplyTemplate.objects.exists()


@pytest.mark.parametrize("wrong", [{"text": "Halo {nama}"}, {"name": ""}, {"step": "hide"}])
def test_what_makes_no_sense_is_said(client, wrong):
    make.world()

    assert administrator(client).post(PAGE, form(**wrong)).status_code == 422


def test_one_name_stands_once(client):
    template(name="Sudah dijadwalkan")

    assert administrator(client).post(PAGE, form()).status_code == 422
