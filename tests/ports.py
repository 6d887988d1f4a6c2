"""Ports for servers that have to be told which one to listen on."""

from __future__ import annotations

import os
import random
import socket
from pathlib import Path

LOWEST = 10240
"""Below are the ports of well-known services."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on, and that nobody is given before its server starts.

    A port that the system picks is soon picked again, for a server or for a connection that goes out. So this one is
    from below those that the system gives away, by chance, and another for each process of the tests.
    """
    highest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0]) - 1
    chance = random.Random(f"{os.getpid()} {os.urandom(8).hex()}")
    for _ in range(100):
        port = chance.randint(LOWEST, highest)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no port between {LOWEST} and {highest} is free")
