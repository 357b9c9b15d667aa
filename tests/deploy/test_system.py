"""Only what is missing is installed."""

from pathlib import Path

import pytest

from deploy import system


@pytest.mark.parametrize(
    ("os_release", "is_ours"),
    [
        ('ID=debian\nVERSION_ID="12"\n', True),
        ('ID=debian\nVERSION_ID="13"\n', False),
        ('ID=ubuntu\nVERSION_ID="12"\n', False),
        ("", False),
    ],
)
def test_package_names_are_meant_for_debian_12(
    tmp_path: Path, os_release: str, *, is_ours: bool
) -> None:
    file = tmp_path / "os-release"
    file.write_text(os_release)

    assert system.is_debian_12(file) is is_ours


def test_a_machine_without_os_release_is_not_debian(tmp_path: Path) -> None:
    assert not system.is_debian_12(tmp_path / "none")


def test_installed_packages_are_not_missing() -> None:
    assert system.missing(["dpkg", "civicmap-no-such-package"]) == ["civicmap-no-such-package"]


def test_a_given_database_needs_no_server_package() -> None:
    assert not set(system.SERVER) & set(system.wanted(server=False, tests=False))


def test_only_the_tests_need_a_browser() -> None:
    assert "chromium-headless-shell" in system.wanted(server=True, tests=True)
    assert "chromium-headless-shell" not in system.wanted(server=True, tests=False)
