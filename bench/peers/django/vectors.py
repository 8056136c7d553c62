"""Print what this release of Django makes of given passwords, texts and sessions, as JSON.

The answers are recorded in crates/accounts/tests/data, a file for each release, for tests that run
where there is no Django; `cargo xtask record` writes them anew. What Django draws by chance is given here and the clock stands still, so
that a release prints the same again; only what zlib has compressed may differ between machines.
"""

import inspect
import json
import time

import django
from django.conf import settings

NOW = 1_780_000_000
KEYS = [
    "of-recorded-answers-alone-0123456789-abcdefghijklmnopqrstuv",
    "a-key-of-recorded-answers-that-was-given-up",
    "clé-des-réponses-enregistrées-€",
]
LONG_SALT, SHORT_SALT = "recordedSaltOf22Signs0", "twelveSigns0"
PASSWORD = "Harbour-lamp-7"

settings.configure(
    SECRET_KEY=KEYS[0],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    USE_I18N=False,
    USE_TZ=True,
    PASSWORD_HASHERS=[
        f"django.contrib.auth.hashers.{name}PasswordHasher"
        for name in ("PBKDF2", "PBKDF2SHA1", "MD5", "Scrypt")
        if name != "Scrypt" or django.VERSION >= (4, 0)
    ],
)
django.setup()
time.time = lambda: NOW

# These read the settings, so they come after `setup`.
from django.contrib.auth import hashers  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.auth.tokens import PasswordResetTokenGenerator  # noqa: E402
from django.contrib.messages.storage.base import Message  # noqa: E402
from django.contrib.messages.storage.cookie import CookieStorage  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core import signing  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.middleware import csrf  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.utils.crypto import salted_hmac  # noqa: E402
from django.utils.dateparse import parse_datetime  # noqa: E402
from django.utils.safestring import mark_safe  # noqa: E402

IS_OLDEST = django.VERSION < (3, 1)
ALGORITHMS = ["sha1"] if IS_OLDEST else ["sha1", "sha256"]


def password_hashes():
    pbkdf2 = hashers.get_hasher("pbkdf2_sha256")
    made = [
        (PASSWORD, pbkdf2.encode(PASSWORD, salt, rounds))
        for rounds in (1, 2, 1000, pbkdf2.iterations)
        for salt in (SHORT_SALT, LONG_SALT)
    ]
    odd = ["", " between blanks ", "Straße-façade-€-日本", "z" * 200]
    made += [(password, pbkdf2.encode(password, LONG_SALT, 1000)) for password in odd]
    made.append((PASSWORD, hashers.get_hasher("pbkdf2_sha1").encode(PASSWORD, LONG_SALT, 1000)))
    made.append((PASSWORD, hashers.get_hasher("md5").encode(PASSWORD, LONG_SALT)))
    if django.VERSION >= (4, 0):
        made.append((PASSWORD, hashers.get_hasher("scrypt").encode(PASSWORD, LONG_SALT)))
    return [password_hash(password, encoded) for password, encoded in made]


def password_hash(password, encoded):
    hasher = hashers.identify_hasher(encoded)
    assert hashers.check_password(password, encoded)
    answer = {"password": password, "encoded": encoded, "algorithm": hasher.algorithm}
    if hasher.algorithm == "pbkdf2_sha256":
        _, rounds, salt, _ = encoded.split("$")
        update = hasher.must_update(encoded)
        answer.update(iterations=int(rounds), salt=salt, must_update=bool(update))
    return answer


def refused_passwords():
    encoded = hashers.get_hasher("pbkdf2_sha256").encode(PASSWORD, LONG_SALT, 1000)
    asked = [(PASSWORD.lower(), encoded), (PASSWORD + " ", encoded), (PASSWORD, encoded[:-1])]
    asked += [(PASSWORD, stored) for stored in ("!" + "n" * 40, "", "plain", "unknown$1$salt$hash")]
    for password, stored in asked:
        assert not hashers.check_password(password, stored)
    return [
        {"password": password, "encoded": stored, "is_usable": hashers.is_password_usable(stored)}
        for password, stored in asked
    ]


def summary():
    hasher = hashers.get_hasher("pbkdf2_sha256")
    fields = hasher.safe_summary(hasher.encode(PASSWORD, LONG_SALT, 1000))
    return {str(name): str(value) for name, value in fields.items()}


def base62(number):
    if hasattr(signing, "b62_encode"):
        return signing.b62_encode(number)
    return signing.baseconv.base62.encode(number)


def hmacs():
    return [
        {
            "key_salt": key_salt,
            "value": value,
            "secret": KEYS[0],
            "algorithm": algorithm,
            "hex": hmac(key_salt, value, algorithm),
        }
        for key_salt, value in (("a salt", "a value"), ("django.contrib.sessions", "naïve"), ("", ""))
        for algorithm in ALGORITHMS
    ]


def hmac(key_salt, value, algorithm):
    options = {} if IS_OLDEST else {"algorithm": algorithm}
    return salted_hmac(key_salt, value, KEYS[0], **options).hexdigest()


def signed(signer, salts, values):
    return [
        {"salt": salt, "value": value, "signed": signer(salt=salt).sign(value)}
        for salt in salts
        for value in values
    ]


def objects():
    values = [None, True, "text", [], {}, {"one": 1}, {"k": "é€ <>&"}, [1, -2.5, "é"], {"long": "na" * 300}]
    values.append({"first": "a", "second": {"third": [None]}})
    return [
        {
            "object": value,
            "salt": salt,
            "key": key,
            "is_compressed": compress,
            "value": signing.dumps(value, key=key, salt=salt, compress=compress),
        }
        for value in values
        for salt, key in (("django.core.signing", KEYS[0]), ("another salt", KEYS[2]))
        for compress in (False, True)
    ]


def sessions():
    user = {
        "_auth_user_id": "1",
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": User(password="!").get_session_auth_hash(),
    }
    messages = {"_messages": '[["__json_message",0,25,"hi"]]'}
    values = [{}, {"one": "word"}, {"u": "é€"}, user, {**user, "_session_expiry": 0}, messages]
    store = SessionStore()
    made = [{"data": value, "key": KEYS[0], "encoded": store.encode(value)} for value in values]
    with override_settings(SECRET_KEY=KEYS[2]):
        made.append({"data": user, "key": KEYS[2], "encoded": SessionStore().encode(user)})
    encoded = store.encode(user)
    half = len(encoded) // 2
    broken = ["", "a:b:c", "Z" * 40, encoded[1:], encoded[:half] + encoded[half + 1 :], encoded[:-6]]
    assert not any(reads(value) for value in broken)
    # Until 3.2 what 3.0 had written was read.
    legacy = getattr(store, "_legacy_encode", None)
    return {
        "kept": made,
        "broken": broken,
        "of_before": [{"data": user, "encoded": legacy(user)}] if legacy else [],
    }


def reads(encoded):
    try:
        return SessionStore().decode(encoded)
    except ValueError:
        # Django 3.0 stumbles over what is no base64.
        return None


def auth_hashes():
    made = []
    for key in KEYS:
        for password in ("!none", "pbkdf2_sha256$1000$salt$hash"):
            with override_settings(SECRET_KEY=key):
                user = User(password=password)
                made.append(auth_hash(key, password, ALGORITHMS[-1], user.get_session_auth_hash()))
                if hasattr(user, "_legacy_get_session_auth_hash"):
                    legacy = user._legacy_get_session_auth_hash()
                    made.append(auth_hash(key, password, "sha1", legacy))
    return made


def auth_hash(key, password, algorithm, made):
    return {"secret": key, "password_field": password, "algorithm": algorithm, "hash": made}


def form_tokens():
    mask_secret = getattr(csrf, "_mask_cipher_secret", None) or csrf._salt_cipher_secret
    letters = csrf.CSRF_ALLOWED_CHARS
    secrets = [letters[:32], letters[30:], letters[::2] + "9"]
    masks = ["a" * 32, "9" * 32, letters[20:52], letters[1::2] + "a"]
    made = []
    for secret in secrets:
        for mask in masks:
            csrf._get_new_csrf_string = lambda mask=mask: mask
            made.append({"secret": secret, "token": mask_secret(secret)})
    return made


def message_cookies():
    many = [
        [Message(25, "The group “X” was added successfully.")],
        [Message(25, mark_safe('The group “<a href="/admin/">Y</a>” was changed.'))],
        [Message(30, "Take care", "tag"), Message(40, "This failed")],
        [Message(25, "yes " * 100)],
    ]
    return [
        {
            "messages": [
                {
                    "level": message.level,
                    "text": message.message,
                    "is_html": hasattr(message.message, "__html__"),
                    "extra_tags": message.extra_tags,
                }
                for message in messages
            ],
            "cookie": CookieStorage(HttpRequest())._encode(messages),
        }
        for messages in many
    ]


def reset_token():
    last_login, seconds = "2026-02-03 04:05:06", 780_000_000
    user = User(pk=7, password="pbkdf2_sha256$1000$salt$hash", email="ann@site.example")
    user.last_login = parse_datetime(last_login + "Z")
    generator = PasswordResetTokenGenerator()
    make = generator._make_token_with_timestamp
    has_key = "secret" in inspect.signature(make).parameters
    return {
        "pk": user.pk,
        "password": user.password,
        "email": user.email,
        "last_login": last_login,
        "timestamp": seconds,
        "token": make(user, seconds, *([KEYS[0]] if has_key else [])),
    }


def answers():
    numbers = [0, 1, 9, 10, 35, 36, 61, 62, 3843, 3844, NOW, 2**31, -5]
    pbkdf2 = hashers.get_hasher("pbkdf2_sha256")
    cookie_signer = getattr(signing, "get_cookie_signer", None)
    return {
        "release": ".".join(map(str, django.VERSION[:2])),
        "secret_key": KEYS[0],
        "now": NOW,
        "iterations": pbkdf2.iterations,
        "passwords": password_hashes(),
        "refused_passwords": refused_passwords(),
        "unusable_length": len(hashers.make_password(None)),
        "summary": {"password": PASSWORD, "salt": LONG_SALT, "iterations": 1000, "fields": summary()},
        "base62": {str(number): base62(number) for number in numbers},
        "hmacs": hmacs(),
        "signed": signed(signing.Signer, ["a salt", "django.core"], ["word", "é", "a:b"]),
        "signed_with_time": signed(signing.TimestampSigner, ["a salt", "another"], ["word"]),
        "signed_for_cookie": [
            {
                "salt": "a salt",
                "value": "word",
                "signed": cookie_signer(salt="a salt").sign("word")
                if cookie_signer
                else signing.TimestampSigner(
                    b"django.http.cookies" + KEYS[0].encode(), salt="a salt"
                ).sign("word"),
            }
        ],
        "objects": objects(),
        "sessions": sessions(),
        "auth_hashes": auth_hashes(),
        "form_tokens": form_tokens(),
        "message_cookies": message_cookies(),
        "reset_token": reset_token(),
    }


print(json.dumps(answers(), ensure_ascii=False, indent=1, sort_keys=True))
