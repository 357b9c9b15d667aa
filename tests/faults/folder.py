"""A folder to kill: `python -m tests.faults.folder SOURCE` folds until it is stopped."""

import sys

import django


def main(name):
    django.setup()
    from geodata import pyramid  # noqa: PLC0415 - Django must be set up first
    from tests.geodata import counted  # noqa: PLC0415 - as above

    source = {"places": counted.PLACES, "stays": counted.STAYS}[name]
    print("folding", flush=True)  # noqa: T201 - whoever waits for us reads it
    while True:
        pyramid.fold(source)


if __name__ == "__main__":
    main(sys.argv[1])
