"""Many stock clients of one host that call at the same moment all find the server."""

import json
import subprocess

import cooee

CLIENTS = 100

CALL = """
import json, sys, threading
from discovery_client import discover_one, load_config

config = load_config(discovery_port=int(sys.argv[1]), timeout=0.5)
together, ports = threading.Barrier(int(sys.argv[2])), []

def call():
    together.wait()
    server = discover_one(config)
    ports.append(server and server.port)

calls = [threading.Thread(target=call) for _ in range(together.parties)]
for one in calls:
    one.start()
for one in calls:
    one.join()
json.dump(ports, sys.stdout)
"""


def test_all_of_them_find_the_server(stock_python: str, free_port: int) -> None:
    with cooee.Responder(port=free_port, service_port=8123) as responder:
        ran = subprocess.run(
            [stock_python, "-c", CALL, str(free_port), str(CLIENTS)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [8123] * CLIENTS, responder.stats
