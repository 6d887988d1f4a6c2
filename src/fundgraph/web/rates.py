"""A limit on how often one client may ask, if the settings set one."""

from __future__ import annotations

from flask import Flask, request

from fundgraph.errors import UsageError

_FREE = ("/healthz", "/readyz", "/metrics")


def install(app: Flask, rate: str) -> None:
    """Limit the requests of each client to a rate such as ``120/minute``; none if it is empty.

    Clients are told apart by address: behind a proxy the setting ``proxies`` has to say so. Raises
    :class:`UsageError` for a rate that cannot be read.
    """
    if not rate:
        return
    from flask_limiter import Limiter  # slow to import, and seldom needed
    from flask_limiter.util import get_remote_address
    from limits import parse_many

    try:
        parse_many(rate)
    except ValueError as error:
        raise UsageError(f"the setting 'rate_limit' is no rate: {rate!r}", hint="Such as 120/minute") from error
    limiter = Limiter(
        get_remote_address, app=app, default_limits=[rate], storage_uri="memory://", headers_enabled=True,
        strategy="moving-window",
    )  # fmt: skip
    limiter.request_filter(lambda: request.path in _FREE or request.endpoint == "static")
