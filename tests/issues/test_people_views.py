"""The pages of rights: invite, accept, change, stand in, leave; nobody on their own behalf."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from issues import jobs
from issues.models import ConfigurationChange, Invitation, Membership, Unit, User
from issues.workflow import Role
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db
NEW = "kata-sandi-baru-yang-panjang"
PEOPLE = "/kerja/atur/orang"


@pytest.fixture(autouse=True)
def _forgetful():
    cache.clear()


@pytest.fixture
def boss():
    make.world()
    return make.user(Role.ADMINISTRATOR, first_name="Ayu")


@pytest.fixture
def desk(boss):
    return office.enter(Client(), boss)


def page_of(someone):
    return reverse("person", args=[someone.pk])


def liaison(**fields):
    return make.user(Role.LIAISON, department=make.department("DISHUB"), **fields)


def invite(desk, email="baru@kota.example", **fields):
    data = {"email": email, "name": "Made", "role": "crew", "do": "invite"}
    data["department"] = make.department("DISHUB").pk
    return desk.post(PEOPLE, data | fields)


def link():
    """The address in the letter of the newest invitation, as the worker sends it."""
    jobs.invite(invitation_id=Invitation.objects.latest("pk").pk)
    return re.search(r"https?://[^/]+(/undangan/\S+)", mail.outbox[-1].body)[1]


def accept(address, **fields):
    data = {"name": "Made Baru", "password1": NEW, "password2": NEW}
    return Client().post(address, data | fields)


def story(obj):
    rows = ConfigurationChange.objects.filter(object_id=str(obj.pk), kind=obj._meta.model_name)
    return {row.field: (row.before, row.after) for row in rows}


# Coming --------------------------------------------------------------------------------------


def test_who_is_invited_writes_name_and_password_and_works(desk, boss):
    unit = Unit.objects.create(department=make.department("DISHUB"), code="pju", name="Regu PJU")
    invite(desk, unit=unit.pk, area_code="1.2")

    answer = accept(link())

    someone = User.objects.get(email="baru@kota.example")
    [held] = someone.memberships.all()
    assert answer.url == reverse("account_login")
    assert (held.role, held.unit, held.area_code) == (Role.CREW, unit, "1.2")
    assert mail.outbox[0].to == ["baru@kota.example"]
    assert story(held)["role"] == (None, "crew")
    fresh = Client()
    log_in = {"login": someone.email, "password": NEW}
    assert fresh.post(reverse("account_login"), log_in).url == "/kerja/"
    assert fresh.get(reverse("crew")).status_code == 200


@pytest.mark.parametrize("how", ["used", "revoked", "expired", "replaced", "forged"])
def test_a_link_opens_once_and_only_while_it_is_open(desk, how):
    invite(desk)
    address = link()
    invitation = Invitation.objects.get()
    if how == "used":
        accept(address)
    if how == "revoked":
        desk.post(PEOPLE, {"do": "revoke", "invitation": invitation.pk})
    if how == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    if how == "replaced":
        invite(desk)
    if how == "forged":
        address = address[:-3] + "abc"
    password = User.objects.filter(email="baru@kota.example").values_list("password", flat=True)
    before = list(password)

    assert Client().get(address).status_code == 410
    assert accept(address, password1=NEW + "2", password2=NEW + "2").status_code == 410
    assert list(password.all()) == before


def test_an_invitation_of_somebody_who_was_removed_does_not_open(desk, boss):
    someone = liaison(username="ketut")
    batu = make.city(slug="batu", prefix="KBT")
    Invitation.objects.create(
        city=batu, email=someone.email, role=Role.LEADER, invited_by=boss, at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    address = link()

    desk.post(page_of(someone), {"do": "deactivate"})

    assert accept(address).status_code == 410
    assert not User.objects.get(pk=someone.pk).is_active


def test_whoever_lost_the_right_to_invite_has_invited_nobody(desk):
    other = make.user(Role.ADMINISTRATOR)
    invite(office.enter(Client(), other))
    address = link()

    desk.post(page_of(other), {"do": "deactivate"})

    assert accept(address).status_code == 410


@pytest.mark.parametrize("password", ["pendek", "password1234", "baru@kota.example"])
def test_a_weak_password_is_told_beside_the_form(desk, password):
    invite(desk)

    answer = accept(link(), password1=password, password2=password)

    assert answer.status_code == 422
    assert 'role="alert"' in office.words(answer)
    assert not User.objects.filter(email="baru@kota.example").exists()


def test_somebody_who_works_here_is_not_invited_again(desk):
    answer = invite(desk, email=liaison().email.upper())

    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_a_citizen_who_is_invited_keeps_the_account_and_gets_a_password(desk):
    citizen = User.objects.create(username="w-1", email="baru@kota.example")
    citizen.set_unusable_password()
    citizen.save()
    invite(desk)

    accept(link())

    citizen.refresh_from_db()
    assert citizen.check_password(NEW)
    assert EmailAddress.objects.get(user=citizen).verified


@pytest.mark.parametrize(("role", "department"), [("liaison", ""), ("leader", "DISHUB")])
def test_role_and_department_must_go_together(desk, role, department):
    key = make.department(department).pk if department else ""

    assert invite(desk, role=role, department=key).status_code == 422


# Roles ---------------------------------------------------------------------------------------


def test_a_changed_role_bites_on_the_next_request_and_is_written_down(desk):
    someone = make.user(Role.DISPATCHER)
    theirs = office.enter(Client(), someone)
    held = someone.memberships.get()
    before = theirs.get("/kerja/triase").status_code
    data = {"do": "change", "membership": held.pk, f"role{held.pk}-role": "leader"}

    desk.post(page_of(someone), data | {f"role{held.pk}-reason": "mutasi"})

    assert (before, theirs.get("/kerja/triase").status_code) == (200, 404)
    assert story(held) == {"role": ("dispatcher", "leader")}
    assert ConfigurationChange.objects.get().reason == "mutasi"


def test_another_role_is_given_and_taken(desk):
    someone = liaison()
    theirs = office.enter(Client(), someone)

    desk.post(page_of(someone), {"do": "grant", "grant-role": "dispatcher"})
    given = theirs.get("/kerja/triase").status_code
    row = someone.memberships.get(role=Role.DISPATCHER)
    desk.post(page_of(someone), {"do": "withdraw", "membership": row.pk, "why": "selesai"})

    assert (given, theirs.get("/kerja/triase").status_code) == (200, 404)
    assert theirs.get("/kerja/papan").status_code == 200


def test_the_same_role_twice_is_refused_in_words(desk):
    someone = make.user(Role.LEADER)

    answer = desk.post(page_of(someone), {"do": "grant", "grant-role": "leader"})

    assert answer.status_code == 422
    assert "sudah punya peran itu" in office.words(answer)


def test_an_administrators_role_opens_the_administration_and_its_end_closes_it(desk):
    someone = make.user(Role.LEADER)
    theirs = office.enter(Client(), someone)

    desk.post(page_of(someone), {"do": "grant", "grant-role": "administrator"})
    opened = theirs.get("/admin/").status_code
    row = someone.memberships.get(role=Role.ADMINISTRATOR)
    desk.post(page_of(someone), {"do": "withdraw", "membership": row.pk})

    assert (opened, theirs.get("/admin/").status_code) == (200, 404)
    assert not User.objects.get(pk=someone.pk).is_superuser


# Nobody on their own behalf ------------------------------------------------------------------

DEEDS = ["grant", "change", "withdraw", "deactivate", "reactivate", "end_sessions", "forget_factor"]


@pytest.mark.parametrize("do", DEEDS)
def test_nobody_changes_their_own_rights(desk, boss, do):
    held = boss.memberships.get()
    data = {"do": do, "membership": held.pk, "grant-role": "leader"}

    answer = desk.post(page_of(boss), data | {f"role{held.pk}-role": "leader"})

    assert answer.status_code == 422
    assert [row.role for row in boss.memberships.all()] == [Role.ADMINISTRATOR]
    assert User.objects.get(pk=boss.pk).is_active
    assert not ConfigurationChange.objects.exists()


def test_nobody_makes_themselves_a_deputy(desk, boss):
    held = make.user(Role.DISPATCHER).memberships.get()

    answer = stand_in(desk, held, boss)

    assert answer.status_code == 422
    assert boss.memberships.count() == 1


@pytest.mark.parametrize("name", ["user_add", "user_change", "user_delete"])
def test_the_administrations_back_door_changes_no_right(desk, boss, name):
    User.objects.filter(pk=boss.pk).update(is_staff=True, is_superuser=True)
    args = [] if name == "user_add" else [boss.pk]
    data = {"email": boss.email, "memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0}

    answer = desk.post(reverse(f"admin:issues_{name}", args=args), data | {"post": "yes"})

    assert answer.status_code == 403
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.LEADER])
def test_who_is_no_administrator_finds_no_page_of_people(boss, role):
    client = office.enter(Client(), make.user(role))

    assert {client.get(path).status_code for path in (PEOPLE, page_of(boss))} == {404}


def test_people_of_another_city_look_like_nobody(desk):
    stranger = make.user()
    batu = make.city(slug="batu", prefix="KBT")
    Membership.objects.create(user=stranger, city=batu, role=Role.LEADER)

    assert desk.get(page_of(stranger)).status_code == 404
    assert desk.post(page_of(stranger), {"do": "deactivate"}).status_code == 404
    assert stranger.email not in office.words(desk.get(PEOPLE))


# Standing in ---------------------------------------------------------------------------------


def stand_in(desk, held, deputy, first=0, last=3):
    today = timezone.localdate()
    days = {"first": today + timedelta(days=first), "last": today + timedelta(days=last)}
    data = {f"leave{held.pk}-{name}": day.isoformat() for name, day in days.items()}
    data[f"leave{held.pk}-deputy"] = deputy.pk
    return desk.post(page_of(held.user), {"do": "stand_in", "membership": held.pk, **data})


def test_a_deputy_acts_for_the_absent_between_two_days(desk):
    issue = make.issue()
    absent, deputy = liaison(first_name="Wayan"), make.user(Role.LEADER)
    theirs = office.enter(Client(), deputy)

    stand_in(desk, absent.memberships.get(), deputy)

    assert "mewakili Wayan" in office.words(desk.get(PEOPLE))
    assert "Anda mewakili Wayan sebagai admin penghubung" in office.words(theirs.get("/kerja/"))
    posted = {"step": "accept", "version": issue.version, "photo_id": make.uuid(1)}
    assert theirs.post(reverse("step", args=[issue.number]), posted).status_code == 302


@pytest.mark.parametrize(("first", "last"), [(-9, -2), (1, 5)])
def test_before_and_after_the_leave_there_is_no_right(desk, first, last):
    issue, deputy = make.issue(), make.user(Role.LEADER)
    held = liaison().memberships.get()
    span = {"starts_at": first, "ends_at": last}
    Membership.objects.create(
        user=deputy, city=make.city(), role=held.role, department=held.department, deputy_of=held,
        **{name: timezone.now() + timedelta(days=day) for name, day in span.items()},
    )  # fmt: skip
    theirs = office.enter(Client(), deputy)
    posted = {"step": "accept", "version": issue.version, "photo_id": make.uuid(1)}

    assert theirs.post(reverse("step", args=[issue.number]), posted).status_code == 404
    assert "admin penghubung" not in office.words(theirs.get("/kerja/"))


@pytest.mark.parametrize(("first", "last"), [(0, 400), (3, 1), (-5, -3)])
def test_a_leave_has_an_end_and_no_past(desk, first, last):
    answer = stand_in(desk, liaison().memberships.get(), make.user(Role.LEADER), first, last)

    assert answer.status_code == 422
    assert not Membership.objects.filter(deputy_of__isnull=False).exists()


@pytest.mark.parametrize("how", ["withdraw", "deactivate"])
def test_a_deputy_goes_with_the_right_they_stand_in_for(desk, how):
    absent, deputy = make.user(Role.DISPATCHER), make.user(Role.LEADER)
    held = absent.memberships.get()
    stand_in(desk, held, deputy)
    theirs = office.enter(Client(), deputy)
    before = theirs.get("/kerja/triase").status_code

    desk.post(page_of(absent), {"do": how, "membership": held.pk})

    assert (before, theirs.get("/kerja/triase").status_code) == (200, 404)


# Leaving -------------------------------------------------------------------------------------


def test_a_leavers_sessions_end_at_once_and_stay_over(desk):
    someone = make.user(Role.DISPATCHER)
    phone, computer = office.enter(Client(), someone), office.enter(Client(), someone)
    before = {client.get("/kerja/").status_code for client in (phone, computer)}

    desk.post(page_of(someone), {"do": "deactivate", "why": "pindah tugas"})
    after = {client.get("/kerja/").status_code for client in (phone, computer)}
    desk.post(page_of(someone), {"do": "reactivate"})

    assert (before, after) == ({200}, {302})
    assert {client.get("/kerja/").status_code for client in (phone, computer)} == {302}
    assert office.enter(Client(), User.objects.get(pk=someone.pk)).get("/kerja/").status_code == 200


def test_a_lost_phone_is_logged_out_everywhere(desk):
    someone = make.user(Role.DISPATCHER)
    phone = office.enter(Client(), someone)

    desk.post(page_of(someone), {"do": "end_sessions"})

    assert phone.get("/kerja/").status_code == 302
    assert User.objects.get(pk=someone.pk).is_active


def test_a_lost_second_factor_is_taken_away(desk):
    someone = make.user(Role.DISPATCHER)
    Authenticator.objects.create(user=someone, type="totp", data={"secret": "x"})

    desk.post(page_of(someone), {"do": "forget_factor", "why": "ponsel hilang"})

    assert not Authenticator.objects.exists()


# The history ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sql", ["UPDATE {} SET reason = ''", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["issues_configurationchange", "issues_access"])
def test_the_trail_is_only_ever_added_to(desk, table, sql):
    office.also(make.user(), Role.LEADER)
    someone = make.user(Role.DISPATCHER)
    desk.post(page_of(someone), {"do": "end_sessions"})
    make.issue().accesses.create(
        actor=someone, at=timezone.now(), kind="identity", purpose="law", reason="x"
    )

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql.format(table))


def test_units_are_added_renamed_and_written_down(desk):
    dishub = make.department("DISHUB")
    data = {"department": dishub.pk, "code": "pju", "name": "Bidang PJU", "active": "on"}
    desk.post(reverse("units"), data)

    desk.post(reverse("units"), data | {"name": "Bidang Lampu"})

    unit = Unit.objects.get()
    assert unit.name == "Bidang Lampu"
    assert story(unit)["name"] == ("Bidang PJU", "Bidang Lampu")
    assert "Bidang Lampu" in office.words(desk.get(reverse("units")))


# The list ------------------------------------------------------------------------------------


def test_the_list_is_searched_by_name_and_role(desk):
    liaison(first_name="Komang")
    make.user(Role.LEADER, first_name="Putu")

    by_name = office.words(desk.get(PEOPLE, {"cari": "koma"})).split('class="rows people"')[1]
    by_role = office.words(desk.get(PEOPLE, {"peran": "leader"})).split('class="rows people"')[1]

    assert ("Komang" in by_name, "Putu" in by_name) == (True, False)
    assert ("Komang" in by_role, "Putu" in by_role) == (False, True)


def test_the_list_goes_on_by_key(desk):
    for number in range(45):
        make.user(Role.LEADER, username=f"orang-{number:02}")

    first = desk.get(PEOPLE)
    second = desk.get(f"{PEOPLE}?{first.context['after']}")

    emails = [one.email for page in (first, second) for one in page.context["people"]]
    assert len(emails) == len(set(emails)) == 46


@pytest.mark.parametrize("people", [2, 12])
def test_the_list_costs_the_same_for_few_and_for_many(desk, people, django_assert_max_num_queries):
    for _ in range(people):
        liaison()
    desk.get(PEOPLE)

    with django_assert_max_num_queries(12):
        desk.get(PEOPLE)


def test_a_page_of_rights_costs_few_statements(desk, django_assert_max_num_queries):
    someone = office.also(liaison(), Role.LEADER)
    stand_in(desk, someone.memberships.first(), make.user(Role.LEADER))
    desk.get(page_of(someone))

    with django_assert_max_num_queries(12):
        assert desk.get(page_of(someone)).status_code == 200
