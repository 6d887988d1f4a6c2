"""Who may write: holders of a bearer token; on loopback, with ``--open``, everybody who sits at the machine."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from urllib.parse import urlsplit

from flask import request

from fundgraph.errors import UsageError
from fundgraph.web.context import Writer, context
from fundgraph.web.protocol import BadRequest

_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,500})", re.IGNORECASE)
_IN_URL = ("access_token", "token", "authorization")


def new_token() -> tuple[str, str]:
    """Return a new token, and what to put into the setting ``token_hash``."""
    token = secrets.token_urlsafe(32)
    return token, hash_of(token)


def hash_of(token: str) -> str:
    """Return what is kept of a token. It is 256 random bits, so that one round of SHA-256 is enough."""
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


def hashes(setting: str) -> tuple[str, ...]:
    """Return the hashes in a setting, which commas or spaces part. Raises :class:`UsageError` for anything else."""
    found = tuple(re.split(r"[\s,]+", setting.strip())) if setting.strip() else ()
    if not all(_HASH.fullmatch(one) for one in found):
        raise UsageError("the setting 'token_hash' holds no hash of a token", hint="Make one: fundgraph token")
    return found


def writer() -> Writer:
    """Return who writes, if the request may; otherwise raise the answer that says why not."""
    found = context().writer
    if found is None:
        raise BadRequest(403, "updates", "No updates", "updates are off: no token is configured", ("GET", "HEAD"))
    if any(name in request.args for name in _IN_URL):
        raise BadRequest(
            400, "token-in-url", "A token in the address", "a token is sent in the header Authorization"
        )
    if context().open:
        _at_this_machine()
    else:
        _with_token()
    return found


def is_known(token: str) -> bool:
    """Tell whether a token is one of those that the settings know."""
    wanted = hash_of(token)
    known = [hmac.compare_digest(wanted, one) for one in hashes(context().settings.token_hash)]  # all, always
    return any(known)


def _with_token() -> None:
    given = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    if given is None:
        raise _challenge("a token is needed: Authorization: Bearer …", "")
    if not is_known(given[1]):
        raise _challenge("the token is not known here", ', error="invalid_token"')


def _challenge(detail: str, more: str) -> BadRequest:
    denied = BadRequest(401, "token", "Not authorised", detail)
    denied.response.headers["WWW-Authenticate"] = f'Bearer realm="fundgraph"{more}'
    return denied


def _at_this_machine() -> None:
    """Refuse what a web page somewhere makes a browser send: another origin, or a name that points here."""
    origin = request.headers.get("Origin")
    foreign = request.headers.get("Sec-Fetch-Site", "none") in ("cross-site", "same-site")
    if foreign or (origin is not None and urlsplit(origin).netloc != request.host):
        raise BadRequest(
            403, "origin", "Another origin", "open writes are taken from this machine's own pages only"
        )
    if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        raise BadRequest(403, "host", "Another host", "open writes are taken at a loopback address only")


def is_loopback(host: str) -> bool:
    """Tell whether a name or address means this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
