"""Prints the public functions, classes and values of every module, and how they are called."""

import inspect
import json
from importlib import import_module

from django.conf import settings

MODULES = (
    "discovery_client",
    "discovery_client.config",
    "discovery_client.network",
    "discovery_client.network.interfaces",
    "discovery_client.network.socket",
    "discovery_client.network.utils",
    "discovery_client.results",
    "discovery_client_django",
    "discovery_client_django.apps",
    "discovery_client_django.management.commands.discover_servers",
    "django_udp_discovery",
    "django_udp_discovery.apps",
    "django_udp_discovery.conf",
    "django_udp_discovery.listener",
    "django_udp_discovery.management.commands.start_discovery",
    "django_udp_discovery.utility",
)


def parameters(thing):
    if inspect.isclass(thing) and not hasattr(thing, "__dataclass_fields__"):
        return "a class"
    if not callable(thing):
        return repr(thing) if isinstance(thing, (str, int)) else "a value"
    signature = inspect.signature(thing)
    return [(p.name, str(p.kind), repr(p.default)) for p in signature.parameters.values()]


def public(module):
    names = set(getattr(module, "__all__", ())) | {"__version__"}
    for name, thing in vars(module).items():
        if not name.startswith("_") and getattr(thing, "__module__", "") == module.__name__:
            names.add(name)
    return {name: parameters(getattr(module, name)) for name in names if hasattr(module, name)}


settings.configure()
print(json.dumps({name: public(import_module(name)) for name in MODULES}))
