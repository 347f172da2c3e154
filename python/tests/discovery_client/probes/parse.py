"""Reads prefixes and responses in hexadecimal; prints what ``parse_response`` makes of each."""

import json
import sys

from discovery_client.network.socket import parse_response

lines = (line.split(",") for line in sys.stdin.read().splitlines())
print(json.dumps([parse_response(bytes.fromhex(r), bytes.fromhex(p)) for p, r in lines]))
