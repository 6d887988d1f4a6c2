"""Headers that keep browsers from doing what a page of ours never needs."""

from __future__ import annotations

from flask import Flask, Response, request

#: For pages: everything from here, nothing else, no script or style within the page.
_POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
    "font-src": "'self'", "connect-src": "'self'", "manifest-src": "'self'", "form-action": "'self'",
    "base-uri": "'none'", "object-src": "'none'", "frame-ancestors": "'self'",
}  # fmt: skip
#: The editor lays itself out by styles of its own.
_EDITORS = ("/editor", "/sparql", "/sparql/")
#: For what is no page: shown on its own it may do nothing at all.
_BARE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_NEVER = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def policy(path: str) -> str:
    """Return the content security policy of a page."""
    parts = dict(_POLICY)
    if path in _EDITORS:
        parts["style-src"] += " 'unsafe-inline'"
    return "; ".join(f"{name} {sources}" for name, sources in parts.items())


def headers(response: Response) -> Response:
    """Set the headers."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", policy(request.path))
        response.headers["Permissions-Policy"] = _NEVER
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    elif (response.mimetype or "").endswith("xml"):
        response.headers["Content-Security-Policy"] = _BARE
    return response


def install(app: Flask, public_url: str) -> None:
    """Have an application set the headers on every answer; with https outside, browsers are told to stay there."""
    app.after_request(headers)
    if public_url.startswith("https://"):

        def strict(response: Response) -> Response:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
            return response

        app.after_request(strict)
