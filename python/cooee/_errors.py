"""The exceptions of this package. The engine raises them too."""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cooee._core import Owner


class CooeeError(Exception):
    """The base of this package's exceptions, which do not include TypeError and Python's own."""

    __module__ = "cooee"


class ConfigError(CooeeError, ValueError):
    """A setting is invalid. Trying again does not help; the named value has to change."""

    __module__ = "cooee"


class NoSuchInterface(ConfigError):
    """An interface was named that this host does not have."""

    __module__ = "cooee"


class NetworkError(CooeeError, OSError):
    """The system refused something. Trying again may help."""

    __module__ = "cooee"

    def __init__(self, message: str, errno: int | None = None) -> None:
        super().__init__(message)
        self.errno = errno


class PortInUse(NetworkError):
    """Another process has the port.

    port: the port.
    owner: the process that has it, if the system reports it.
    """

    __module__ = "cooee"

    def __init__(self, message: str, port: int = 0, owner: Owner | None = None) -> None:
        super().__init__(message, errno.EADDRINUSE)
        self.port = port
        self.owner = owner


class NotPermitted(NetworkError, PermissionError):
    """The system does not permit it, such as a port below 1024, or because of a firewall."""

    __module__ = "cooee"

    def __init__(self, message: str) -> None:
        super().__init__(message, errno.EACCES)


class AddressNotAvailable(NetworkError):
    """No interface of this host has the address."""

    __module__ = "cooee"

    def __init__(self, message: str) -> None:
        super().__init__(message, errno.EADDRNOTAVAIL)


class NoInterface(NetworkError):
    """No interface can send broadcasts, and no host or subnet was named."""

    __module__ = "cooee"

    def __init__(self, message: str) -> None:
        super().__init__(message, errno.ENETDOWN)
