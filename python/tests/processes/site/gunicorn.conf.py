"""With --preload, Django is set up in the master only; the workers report by this hook."""

from project_app import report


def post_worker_init(_: object) -> None:
    report()
