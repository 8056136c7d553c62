"""WhiteNoise around nothing: the folder STATIC_ROOT under /static/."""

import os

from whitenoise import WhiteNoise


def nothing(environ, start_response):
    start_response("404 Not Found", [])
    return [b""]


application = WhiteNoise(nothing, root=os.environ["STATIC_ROOT"], prefix="static/")
