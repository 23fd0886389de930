"""Mail goes to the server, or to a file; a failure is one that may be tried again."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from docflow import mail
from docflow.config import Settings
from docflow.core.errors import ProviderError

TEXT = "Құрметті Әлия!\nКүшіне енді: № 12-ӘҒҚҢӨҰҮҺІ.\n"


class _Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one mail needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.received.append(body)  # type: ignore[attr-defined]
            refused = command == b"RCPT" and b"refused" in line
            self.wfile.write(
                b"550 nobody here\r\n" if refused else b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n"
            )
            if command == b"QUIT":
                return


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received: list[bytes] = []


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def settings(tmp_path: Path, port: int) -> Settings:
    return Settings.of(
        {
            "data_dir": tmp_path,
            "mail_host": "127.0.0.1",
            "mail_port": port,
            "mail_security": "none",
            "mail_from": "docflow@university.kz",
        }
    )


def test_a_mail_reaches_the_server_in_kazakh(server: _Server, tmp_path: Path) -> None:
    mail.send(
        settings(tmp_path, server.server_address[1]), "a@b.kz", "Қол қою", TEXT, message_id="doc-7", language="kk"
    )
    message = message_from_bytes(server.received[0], policy=policy.default)
    assert (message["To"], message["From"], message["Subject"]) == ("a@b.kz", "docflow@university.kz", "Қол қою")
    assert (message["Message-ID"], message["Content-Language"]) == ("<doc-7@university.kz>", "kk")
    assert message.get_content().replace("\r\n", "\n") == TEXT


def test_without_a_server_mail_is_a_private_file(tmp_path: Path) -> None:
    mail.send(Settings.of({"data_dir": tmp_path}), "a@b.kz", "Қол\nқою", TEXT)
    (written,) = (tmp_path / "outbox").iterdir()
    message = message_from_bytes(written.read_bytes(), policy=policy.default)
    assert message["Subject"] == "Қол қою"
    assert message.get_content() == TEXT
    assert written.stat().st_mode & 0o777 == 0o600


def test_a_server_that_is_away_may_be_tried_again(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        # It stays taken, and nobody listens: no other program can be given it meanwhile.
        port = closed.getsockname()[1]
        with pytest.raises(ProviderError, match="ConnectionRefusedError"):
            mail.send(settings(tmp_path, port), "a@b.kz", "x", "y")


def test_a_refused_recipient_is_a_provider_error(server: _Server, tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="SMTPRecipientsRefused"):
        mail.send(settings(tmp_path, server.server_address[1]), "refused@b.kz", "x", "y")


@pytest.mark.parametrize("address", ["", "nobody", "a@b.kz\nBcc: c@d.kz", "a@"])
def test_what_is_no_address_is_told(tmp_path: Path, address: str) -> None:
    with pytest.raises(ProviderError, match="is not a mail address"):
        mail.send(Settings.of({"data_dir": tmp_path}), address, "x", "y")
