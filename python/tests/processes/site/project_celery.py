"""A worker whose queue is a directory."""

import os
from pathlib import Path

from celery import Celery

directory = Path(os.environ["TEST_REPORTS"]).parent / "queue"
directory.mkdir(exist_ok=True)

app = Celery(
    "project",
    broker="filesystem://",
    broker_transport_options={
        "data_folder_in": str(directory),
        "data_folder_out": str(directory),
        "control_folder": str(directory),
    },
)
