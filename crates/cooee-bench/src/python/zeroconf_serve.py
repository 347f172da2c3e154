"""Serves as the documentation of python-zeroconf has it, until killed."""

import socket
import sys
import threading

from zeroconf import ServiceInfo, Zeroconf

zeroconf = Zeroconf()
info = ServiceInfo(
    "_cooee-bench._udp.local.",
    "server._cooee-bench._udp.local.",
    addresses=[socket.inet_aton(sys.argv[1])],
    port=8000,
    server="server.local.",
)
zeroconf.register_service(info)  # returns when the name is probed
print("ready", flush=True)
threading.Event().wait()
