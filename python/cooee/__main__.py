"""The command ``cooee``, also run as ``python -m cooee``: the same program as cargo's."""

import os
import signal
import sys

from cooee import _core


def _restore() -> None:
    """Undoes what Python does at its start, and does what Rust does."""
    # Ctrl-C is the command's from here on; a signal that is ignored stays so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # No socket may take the number of a standard stream that was closed.
    for stream in range(3):
        try:
            os.fstat(stream)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def main() -> int:
    """Runs the command line of this process, and returns its exit status."""
    _restore()
    return _core._command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
