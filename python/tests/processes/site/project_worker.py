"""A program that loads the project, and serves nothing that its own sockets tell."""

import sys

import django

django.setup()
sys.stdin.read()
