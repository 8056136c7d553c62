"""Serve the project on a free port of loopback, one request at a time; tell first which it is."""

import os
import sys
from wsgiref.simple_server import make_server

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")

server = make_server("127.0.0.1", 0, get_wsgi_application())
print(f"listening on http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
server.serve_forever()
