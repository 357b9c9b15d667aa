"""An honest double of other servers: a proxy that answers in their place, by its own certificate.

The app calls `https://updates.push.services.mozilla.com/…` as ever, checks the certificate as
ever, and lands here. What was sent is decrypted as a browser would (RFC 8291).
"""

import base64
import contextlib
import datetime
import os
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

import http_ece
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "updates.push.services.mozilla.com"


def key_text(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key as the setting has it."""
    number = key.private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


class Browser:
    """A browser with its key and secret."""

    def __init__(self, path: str = "/wpush/v2/abc", host: str = HOST) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.endpoint = f"https://{host}{path}"

    @property
    def json(self) -> dict:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return {
            "endpoint": self.endpoint,
            "keys": {"p256dh": _text(point), "auth": _text(self.secret)},
        }

    def read(self, sealed: bytes) -> str:
        return http_ece.decrypt(
            sealed, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        ).decode()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Request:
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Service:
    """Answers every request with `status`; `moved` is the Location of a redirect."""

    folder: Path
    host: str = HOST
    status: int = 201
    moved: str = ""
    requests: list[Request] = field(default_factory=list)
    tunnels: list[str] = field(default_factory=list)

    def __enter__(self) -> "Service":
        self.cert, key = _certificate(self.folder, self.host)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.cert, key)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                plain, _address = self.socket.accept()
            except OSError:
                return
            plain.settimeout(5)
            with plain, contextlib.suppress(OSError):
                self._answer(plain)

    def _answer(self, plain: socket.socket) -> None:
        line, _headers, _rest = _head(plain)
        self.tunnels.append(line.split()[1])
        plain.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with self.context.wrap_socket(plain, server_side=True) as sealed:
            line, headers, body = _head(sealed)
            while len(body) < int(headers.get("content-length", 0)):
                body += sealed.recv(65536)
            self.requests.append(Request(line, headers, body))
            moved = f"Location: {self.moved}\r\n" if self.moved else ""
            reply = f"HTTP/1.1 {self.status} X\r\n{moved}Content-Length: 0\r\n\r\n"
            sealed.sendall(reply.encode())


def _head(source) -> tuple[str, dict[str, str], bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        more = source.recv(65536)
        if not more:
            raise OSError
        data += more
    head, _gap, rest = data.partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    pairs = (text.split(":", 1) for text in lines)
    return line, {name.lower(): value.strip() for name, value in pairs}, rest


def _certificate(folder: Path, host: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "uji coba")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host), x509.DNSName("localhost")]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert, secret
