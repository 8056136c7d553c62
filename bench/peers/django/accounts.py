"""Log in, and tell whose a session is, as Django does it; print the answer as JSON.

    python accounts.py log-in USERNAME PASSWORD
    python accounts.py visitor SESSION_KEY
    python accounts.py violations USERNAME PASSWORD...
    python accounts.py reset-link USERNAME
    python accounts.py reset-user UID TOKEN
    python accounts.py reset-users EMAIL
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")
django.setup()

# These read the settings and the models, so they come after `setup`.
from django.contrib import auth, messages  # noqa: E402
from django.contrib.auth.forms import PasswordResetForm  # noqa: E402
from django.contrib.auth.password_validation import validate_password  # noqa: E402
from django.contrib.auth.tokens import default_token_generator  # noqa: E402
from django.contrib.auth.views import PasswordResetConfirmView  # noqa: E402
from django.contrib.messages.storage.session import SessionStorage  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.utils.encoding import force_bytes  # noqa: E402
from django.utils.http import urlsafe_base64_encode  # noqa: E402


def request_with(session):
    request = HttpRequest()
    request.session = session
    return request


def log_in(username, password):
    """The session of whoever has that password, with a message in it; null for nobody."""
    user = auth.authenticate(username=username, password=password)
    if user is None:
        return None
    request = request_with(SessionStore())
    auth.login(request, user)
    storage = SessionStorage(request)
    storage.add(messages.SUCCESS, "Welcome “back”.")
    storage.update(None)
    request.session.save()
    user.refresh_from_db()
    return {"session_key": request.session.session_key, "password": user.password}


def visitor(session_key):
    """Who has that session, and the messages in it."""
    request = request_with(SessionStore(session_key))
    user = auth.get_user(request)
    shown = [message.message for message in SessionStorage(request)]
    return {"username": user.get_username() or None, "messages": shown}


def violations(username, *passwords):
    """The codes of the rules that each password breaks."""
    return [broken_rules(password, username) for password in passwords]


def broken_rules(password, username):
    try:
        validate_password(password, auth.get_user_model()(username=username))
    except ValidationError as error:
        return [problem.code for problem in error.error_list]
    return []


def reset_link(username):
    """The two parts of a link for a new password."""
    user = auth.get_user_model().objects.get(username=username)
    token = default_token_generator.make_token(user)
    return {"uid": urlsafe_base64_encode(force_bytes(user.pk)), "token": token}


def reset_user(uid, token):
    """Whom such a link lets in; null for nobody."""
    user = PasswordResetConfirmView().get_user(uid)
    valid = user is not None and default_token_generator.check_token(user, token)
    return user.get_username() if valid else None


def reset_users(email):
    """Who is written such a link."""
    return sorted((user.get_username() for user in PasswordResetForm().get_users(email)), key=str.lower)


COMMANDS = {
    "log-in": log_in,
    "visitor": visitor,
    "violations": violations,
    "reset-link": reset_link,
    "reset-user": reset_user,
    "reset-users": reset_users,
}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
