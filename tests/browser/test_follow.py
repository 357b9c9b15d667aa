"""Following in a browser: drawn by taps, by keys, without a script; push only on a tap."""

import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import expect

from issues.models import PushDevice, Subscription
from issues.notifications import links
from tests import make
from tests.browser.citizen import DESK, PHONE, faults
from tests.issues import follower
from tests.issues.push_service import Browser, key_text

pytestmark = pytest.mark.django_db(transaction=True)
READY = "document.querySelector('#map .leaflet-map-pane') !== null"


@pytest.fixture(autouse=True)
def _world(queue, settings):
    settings.VAPID_PRIVATE_KEY = key_text(ec.generate_private_key(ec.SECP256R1()))
    make.world()


def draw(page):
    page.get_by_label("Daerah yang saya tandai di peta").check()
    expect(page.locator("#map")).to_be_visible()
    page.wait_for_function(READY)


def finish(page):
    page.get_by_label("Alamat surel").fill(follower.EMAIL)
    page.get_by_role("button", name="Ikuti", exact=True).click()
    expect(page.get_by_text("Hampir selesai")).to_be_visible()
    return Subscription.objects.get()


def test_a_shape_is_drawn_by_taps(visit):
    page = visit("/ikuti", **PHONE)
    draw(page)
    page.locator("#map").scroll_into_view_if_needed()
    box = page.locator("#map").bounding_box()
    for x, y in ((0.3, 0.3), (0.7, 0.3), (0.5, 0.7)):
        page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.wait_for_timeout(350)  # two quick taps are a zoom

    expect(page.locator("#draw-status")).to_contain_text("3 titik")
    assert finish(page).shape.num_coords == 4


def test_a_shape_is_drawn_from_the_keyboard(visit):
    page = visit("/ikuti", **DESK)
    draw(page)
    page.get_by_role("button", name="Taruh titik di tengah").press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        page.locator("#map").focus()
        before = page.evaluate("document.querySelector('.leaflet-map-pane').style.transform")
        page.keyboard.press(key)
        page.wait_for_function(
            "old => document.querySelector('.leaflet-map-pane').style.transform !== old", arg=before
        )
        page.wait_for_timeout(400)  # the map glides
        page.get_by_role("button", name="Taruh titik di tengah").press("Enter")

    expect(page.locator("#draw-status")).to_contain_text("3 titik")
    page.get_by_role("button", name="Hapus titik terakhir").press("Enter")
    expect(page.locator("#draw-status")).to_contain_text("2 titik")
    page.get_by_role("button", name="Lingkaran di tengah").press("Enter")
    assert finish(page).shape.num_coords == 33


def test_without_a_script_every_part_is_there(visit):
    page = visit("/ikuti", **DESK, java_script_enabled=False)
    page.get_by_label("Satu desa, kelurahan, atau kecamatan").check()
    page.get_by_label("Desa, kelurahan, atau kecamatan", exact=True).select_option("1.2")

    assert finish(page).area_code == "1.2"


def test_c16_a_letters_yes_and_end_are_one_press_each(visit):
    page = visit("/ikuti", **PHONE)
    subscription = finish(page)
    page.goto(f"/ikuti/ya/{links.make(links.CONFIRM, subscription.pk)}")
    page.get_by_role("button", name="Ya, kabari saya").click()
    expect(page.get_by_role("heading", name=re.compile("Seluruh"))).to_be_visible()
    page.goto(f"/berhenti/{links.make(links.STOP, subscription.pk)}")
    page.get_by_role("button", name="Berhenti").click()
    expect(page.get_by_text("Sudah berhenti")).to_be_visible()

    assert not Subscription.objects.running().exists()


FAKE = """
  const device = DEVICE;
  const worker = {pushManager: {
    getSubscription: async () => globalThis.subscribed ? {...device, toJSON: () => device} : null,
    subscribe: async (options) => {
      globalThis.subscribed = true;
      globalThis.keyLength = options.applicationServerKey.length;
      return {...device, toJSON: () => device};
    },
  }};
  Object.defineProperty(navigator.serviceWorker, "ready", {get: () => Promise.resolve(worker)});
  navigator.serviceWorker.getRegistration = async () => worker;
  Notification.requestPermission = async () => {
    globalThis.asked = (globalThis.asked ?? 0) + 1;
    return "granted";
  };
"""


def test_push_is_asked_for_on_a_tap_and_never_before(visit):
    """The browser's own push service is the outside here: its three calls are played."""
    page = visit("/privasi", **PHONE)
    page.add_init_script(FAKE.replace("DEVICE", json.dumps(Browser().json)))
    page.goto("/ikuti")
    page.get_by_label("Notifikasi di perangkat ini").check()
    assert page.evaluate("globalThis.asked") is None
    page.get_by_role("button", name="Ikuti", exact=True).click()
    expect(page.get_by_text("Anda akan dikabari.")).to_be_visible()

    assert PushDevice.objects.count() == 1
    assert Subscription.objects.running().get().by_push


@pytest.mark.parametrize("view", [PHONE, DESK], ids=["390", "1280"])
@pytest.mark.parametrize("language", ["id-ID", "en-GB"])
def test_every_page_of_following_is_clean(visit, view, language):
    subscription = follower.follows()
    page = visit("/ikuti?bentuk=ya", **view)
    page.set_extra_http_headers({"Accept-Language": language})
    for path in (
        "/ikuti?bentuk=ya",
        "/ikuti",
        f"/berhenti/{links.make(links.STOP, subscription.pk)}",
        f"/ikuti/ya/{links.make(links.CONFIRM, subscription.pk)}",
        f"/langganan/{links.make(links.MANAGE, subscription.subscriber_id)}",
        "/langganan",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert faults(page) == [], path
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
        assert not wide, path
