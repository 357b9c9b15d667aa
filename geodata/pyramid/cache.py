"""Chunks that this process has read before, by tile, the longest unused forgotten first.

A version is a random number that is never given twice, so what is kept can only be right or unused.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, NamedTuple

from geodata.pyramid.block import Block
from geodata.pyramid.shape import Slot

MOST_BYTES: Final = 64 * 2**20


class Address(NamedTuple):
    """Where a tile lies."""

    source: str
    scope: int
    z: int
    tile: int


@dataclass(frozen=True, slots=True)
class Stored:
    """One chunk; tier 0 is the chunk, tier 1 what has been added to it since."""

    tile: int
    slot: Slot
    tier: int
    version: int
    block: Block


Tile = dict[tuple[Slot, int], Stored]
_lock: Final = Lock()
_tiles: Final[OrderedDict[Address, Tile]] = OrderedDict()
_size = [0]


def versions(addresses: Iterable[Address]) -> dict[int, Stored]:
    """Find what is kept of some tiles, by version."""
    found: dict[int, Stored] = {}
    with _lock:
        for address in addresses:
            if address in _tiles:
                _tiles.move_to_end(address)
                found |= {stored.version: stored for stored in _tiles[address].values()}
    return found


def keep(addresses: Sequence[Address], chunks: Iterable[Stored]) -> None:
    """Keep chunks, each in the place of its older versions."""
    by_tile = {address.tile: address for address in addresses}
    with _lock:
        for stored in chunks:
            tile = _tiles.setdefault(by_tile[stored.tile], {})
            before = tile.get((stored.slot, stored.tier))
            if before is not stored:
                _size[0] += stored.block.size - (before.block.size if before else 0)
                tile[stored.slot, stored.tier] = stored
        while _size[0] > MOST_BYTES and _tiles:
            _address, oldest = _tiles.popitem(last=False)
            _size[0] -= sum(stored.block.size for stored in oldest.values())


def clear() -> None:
    """Forget everything."""
    with _lock:
        _tiles.clear()
        _size[0] = 0
