"""Browses as the documentation of python-zeroconf has it, until there are as many as wanted."""

import json
import sys
import threading
import time

from zeroconf import ServiceBrowser, ServiceListener, Zeroconf

wanted, patience = int(sys.argv[1]), float(sys.argv[2])


class Listener(ServiceListener):
    def __init__(self):
        self.found = set()
        self.enough = threading.Event()

    def add_service(self, zc, type_, name):
        info = zc.get_service_info(type_, name)
        if info and info.parsed_addresses():
            self.found.add(name)
        if len(self.found) >= wanted:
            self.enough.set()

    def update_service(self, zc, type_, name):
        pass

    def remove_service(self, zc, type_, name):
        pass


began = time.perf_counter()
zeroconf = Zeroconf()
listener = Listener()
browser = ServiceBrowser(zeroconf, "_cooee-bench._udp.local.", listener)
listener.enough.wait(patience)
took = time.perf_counter() - began
print(json.dumps({"seconds": took, "found": len(listener.found)}), flush=True)
zeroconf.close()
