"""What tests of places may ask for."""

from pathlib import Path

import pytest

from geodata.models import City
from tests.geodata import ground


@pytest.fixture
def denpasar(shared_data: Path, db: None) -> City:
    """The real city."""
    return ground.denpasar(shared_data)
