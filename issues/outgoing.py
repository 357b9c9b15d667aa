"""The one door by which this server calls another one: by https, to named hosts, and no farther.

An address may have been chosen by a stranger (a browser names its own push service), so the host
must stand in a list, the address that it resolves to must be public when we connect, and nobody
can send us on: redirects are answers like any other. Source: OWASP, SSRF prevention.
"""

import ipaddress
import re
import socket
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

TIMEOUT_S: Final = 10
MOST_BYTES: Final = 64 * 1024
_HTTPS: Final = 443
# One spelling and no other: what two parsers could read in two ways is refused.
_ADDRESS: Final = re.compile(
    r"https://(?P<host>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+)"
    r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*"
)


_HIDING: Final = tuple(
    map(
        ipaddress.ip_network,
        ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16"),
    )
)
"""Addresses that hold another one, of IPv4, to which a gateway may lead. Source: RFC 4291, 6052,
8215, 4380, 3056."""


class ForbiddenHost(Exception):
    """The address leads where this server does not go."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other server said: status, and what of its headers and words fits."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_allowed(url: str, hosts: Collection[str]) -> bool:
    """Tell whether an address may be called.

    Args:
        url: `https://host/path`, in small letters up to the path; no port, no name, no number as
            host.
        hosts: names, or `*.name` for every name below it.
    """
    found = _ADDRESS.fullmatch(url)
    if not found or found["host"].rsplit(".", 1)[-1].isdigit():
        return False
    return any(_matches(found["host"], pattern) for pattern in hosts)


def _matches(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def post(url: str, body: bytes, headers: Mapping[str, str], *, hosts: Collection[str]) -> Answer:
    """Send bytes to another server; what it answers is the caller's to judge.

    Raises:
        ForbiddenHost: the address is none of `hosts`, or its name leads into a private network.
        OSError: no connection, or no answer in time.
    """
    if not is_allowed(url, hosts):
        raise ForbiddenHost
    parts = urlsplit(url)
    connection = _connection(parts.hostname or "")
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("POST", target, body, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read(MOST_BYTES))
    except HTTPException as error:
        message = "the other server speaks no HTTP"
        raise ConnectionError(message) from error
    finally:
        connection.close()


def _connection(host: str) -> HTTPSConnection:
    """Open the way to a host: by the operator's own proxy where there is one."""
    if not settings.OUTGOING_PROXY:
        return _Public(host, timeout=TIMEOUT_S)
    # The proxy is spoken to in the clear; what goes through it is sealed for the host behind it.
    name, _colon, port = settings.OUTGOING_PROXY.rpartition(":")
    through = HTTPSConnection(name, int(port), timeout=TIMEOUT_S, context=_trust())
    through.set_tunnel(host, _HTTPS)
    return through


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Public(HTTPSConnection):
    """A connection to a public address: looked up once, and that very address is called."""

    def connect(self) -> None:
        """Connect and shake hands.

        Raises:
            ForbiddenHost: the name leads to an address that is not public.
        """
        plain = socket.create_connection((_address(self.host), _HTTPS), timeout=TIMEOUT_S)
        self.sock = _trust().wrap_socket(plain, server_hostname=self.host)


def _address(host: str) -> str:
    """Look up a host; every address must be public, or none is called."""
    found = [entry[4][0] for entry in socket.getaddrinfo(host, _HTTPS, type=socket.SOCK_STREAM)]
    if not all(is_public(str(address)) for address in found):
        raise ForbiddenHost
    return str(found[0])


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the public net; what hides another one does not."""
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if any(ip in net for net in _HIDING if net.version == ip.version):
        return False
    return ip.is_global and not ip.is_multicast
