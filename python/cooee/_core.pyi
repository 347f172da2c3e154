from collections.abc import Callable, Iterable
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from types import TracebackType
from typing import Any, Literal, final, type_check_only

from typing_extensions import Self, TypeAlias

from cooee._found import Found

__version__: str

Address: TypeAlias = str | IPv4Address
Network: TypeAlias = str | IPv4Network | IPv4Address
Wait: TypeAlias = Literal["settled", "full", "first"]
Trust: TypeAlias = Literal["none", "unverified"]
Ended: TypeAlias = Literal["settled", "deadline", "first", "stopped"]
Kind: TypeAlias = Literal["broadcast", "loopback", "point-to-point"]
State: TypeAlias = Literal["answering", "standing-by", "stopped"]
Ahead: TypeAlias = Literal["cooee", "foreign", "unknown"]
Happening: TypeAlias = Literal[State, "answered", "interfaces-changed"]
