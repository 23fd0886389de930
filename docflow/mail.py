"""The one module that knows SMTP: send a mail, or write it to a file where no server is configured."""

from __future__ import annotations

import os
import secrets
import smtplib
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from docflow.config import Settings
from docflow.core.errors import ProviderError
from docflow.core.messages import _l

TIMEOUT_SECONDS = 20


def send(
    settings: Settings,
    to: str,
    subject: str,
    text: str,
    *,
    now: datetime | None = None,
    message_id: str | None = None,
    language: str = "",
) -> None:
    """Send plain *text*; raises ``ProviderError``, which is safe to try again, and nothing else.

    Call it from a job or after the commit, never inside a unit of work. Give the same *message_id* at every attempt:
    a mail that was sent just before a crash is sent again, and readers' programs show it once.
    """
    message = _message(settings, to, subject, text, now=now, message_id=message_id, language=language)
    try:
        if settings.mail_host:
            _deliver(settings, message)
        else:
            _write(settings.outbox_dir, message)
    except (OSError, smtplib.SMTPException) as error:
        raise ProviderError(
            _l("The mail could not be sent: %(reason)s. It will be tried again.", reason=type(error).__name__)
        ) from error


def _message(
    settings: Settings, to: str, subject: str, text: str, *, now: datetime | None, message_id: str | None, language: str
) -> EmailMessage:
    sender = settings.mail_from
    message = EmailMessage()
    try:
        message["From"] = Address(addr_spec=sender)
        message["To"] = Address(addr_spec=to)
        message["Subject"] = " ".join(subject.split())
    except (ValueError, IndexError) as error:
        raise ProviderError(_l("%(address)s is not a mail address.", address=to)) from error
    message["Date"] = format_datetime(now or datetime.now(UTC))
    domain = sender.rpartition("@")[2]
    message["Message-ID"] = f"<{message_id}@{domain}>" if message_id else make_msgid(domain=domain)
    # Nobody's holiday notice is to answer (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)  # before the header: it clears whatever begins with Content-
    if language:
        message["Content-Language"] = language
    return message


def _deliver(settings: Settings, message: EmailMessage) -> None:
    context = ssl.create_default_context()
    address = (settings.mail_host, settings.mail_port)
    if settings.mail_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(*address, timeout=TIMEOUT_SECONDS)
    with server:
        if settings.mail_security == "starttls":
            server.starttls(context=context)
        if settings.mail_user:
            server.login(settings.mail_user, settings.mail_password)
        server.send_message(message)


def _write(directory: Path, message: EmailMessage) -> None:
    """Write whole or not at all, named so that a listing is in the order of sending."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.eml"
    draft = directory / f".{name}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(bytes(message))
    draft.rename(directory / name)
