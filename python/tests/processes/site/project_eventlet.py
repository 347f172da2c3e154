"""Serves the site by eventlet's own server."""

import sys
import warnings

warnings.simplefilter("ignore")
import eventlet  # noqa: E402

eventlet.monkey_patch()
import eventlet.wsgi  # noqa: E402
from project_wsgi import application  # noqa: E402

eventlet.wsgi.server(eventlet.listen(("127.0.0.1", int(sys.argv[1]))), application)
