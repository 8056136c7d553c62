"""Make the databases of the older site with the Django of its time; print them as SQL.

    python older_site.py original                      # Django 3.0: all its models in one app
    python older_site.py modular original.sql          # Django 4.2: the apps of today
    python older_site.py modular-600k original.sql     # and an account that has logged in since

They are recorded in crates/site/tests/data. Tables, migrations, content types and permissions are
Django's; rows, accounts and times are made up, and the passwords are told here.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

HERE = Path(__file__).resolve().parent

ADDRESSES = [
    (1, 18, "Juniper Lane", "Astoria", "OR", 97103, "USA"),
    (2, 4, "Cannery Row", "Monterey", "CA", 93940, "USA"),
    (3, 2750, "N. Lake Road", "Madison", "WI", 53704, "USA"),
    (4, 9, "Bell Street", "Salem", "MA", 1970, "USA"),
    (5, 611, "O'Hara Avenue", "Reno", "NV", 89501, "USA"),
    (6, 9999, "Last Street", "Key West", "FL", 33040, "USA"),
]
LETTINGS = [
    (1, "Lighthouse Keeper's Loft", 1),
    (2, "Bay Window", 2),
    (3, "The \"Boat House\" w/ Jetty", 3),
    (4, "Clock Tower Studio", 4),
    (5, "Orchard & Orangery", 5),
    (6, "Café Upstairs", 6),
]
PASSWORD = "Harbour-lamp-7"
# name, first name, last name, salt
USERS = [
    ("keeper", "", "", "keeperSalt12"),
    ("2early", "Nora", "Quist", "earlySalt012"),
    ("Marlow", "Marlow", "Ibsen", "marlowSalt12"),
    ("SeaGlass", "Inès", "O'Dowd", "seaGlassSalt"),
    ("Timber", "Tim", "Berg", "timberSalt12"),
]
PROFILES = [(1, "Lisbon", 5), (2, "Bergen", 4), (3, "Valparaíso", 3), (4, "", 2)]
APPS = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"]


# Content types and permissions are made by the names alone, in this order.
MODELS = """
from django.db import models
class Address(models.Model): pass
class Profile(models.Model): pass
class Letting(models.Model): pass
"""


def configure(apps, path, **options):
    settings.configure(
        SECRET_KEY="of-the-older-site-and-of-no-use",
        INSTALLED_APPS=[*apps, *(f"django.contrib.{app}" for app in APPS)],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}},
        USE_TZ=True,
        USE_I18N=False,
        **options,
    )
    django.setup()


def original(path, folder):
    # The app as it was: the peer's own has given its models away, and migrations that tell so.
    app = folder / "oc_lettings_site"
    (app / "migrations").mkdir(parents=True)
    (app / "__init__.py").touch()
    (app / "migrations/__init__.py").touch()
    (app / "models.py").write_text(MODELS)
    shutil.copy(HERE / "oc_lettings_site/migrations/0001_initial.py", app / "migrations")
    sys.path.insert(0, str(folder))
    configure(["oc_lettings_site"], path)
    call_command("migrate", verbosity=0)
    fill(path)


def fill(path):
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore

    joined = "2019-04-05 06:07:08"
    users = [
        (number, make_password(PASSWORD, salt), None, number == 1, name, first, last, mail(name),
         number == 1, True, joined)
        for number, (name, first, last, salt) in enumerate(USERS, 1)
    ]
    keeper = {
        "_auth_user_id": "1",
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": User(password=users[0][1]).get_session_auth_hash(),
    }
    with sqlite3.connect(path) as database:
        many = database.executemany
        many(insert("oc_lettings_site_address", 7), ADDRESSES)
        many(insert("oc_lettings_site_letting", 3), LETTINGS)
        many(
            "INSERT INTO auth_user (id, password, last_login, is_superuser, username, first_name,"
            " last_name, email, is_staff, is_active, date_joined)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            users,
        )
        many(insert("oc_lettings_site_profile", 3), PROFILES)
        database.execute("UPDATE auth_user SET last_login = ? WHERE id = 1", [joined + ".123456"])
        types = dict(database.execute("SELECT model, id FROM django_content_type"))
        many(
            "INSERT INTO django_admin_log (action_time, object_id, object_repr, change_message,"
            " content_type_id, user_id, action_flag) VALUES (?, ?, ?, ?, ?, 1, ?)",
            history(types),
        )
        database.execute(
            "INSERT INTO django_session VALUES (?, ?, '2019-04-19 06:07:08.123456')",
            ["sessionofthekeeperoftheoldsite00", SessionStore().encode(keeper)],
        )
        date_migrations(database, 1, "2019-04-01")
    database.close()


def history(types):
    """Who was added and changed when: five entries about users, the others about what has moved."""
    added, changed = '[{"added": {}}]', '[{"changed": {"fields": ["First name", "Email address"]}}]'
    entries = [(name, types["user"], number, added, 1) for number, (name, *_) in enumerate(USERS, 1)]
    entries[0] = (USERS[1][0], types["user"], 2, changed, 2)
    for number, _, street, *_ in ADDRESSES:
        entries.append((street, types["address"], number, added, 1))
    entries += [(title, types["letting"], number, added, 1) for number, title, _ in LETTINGS]
    return [
        (f"2019-04-06 07:{minute:02}:09.{minute:06}", str(key), name, message, model, flag)
        for minute, (name, model, key, message, flag) in enumerate(entries)
    ]


def modular(path, has_logged_in):
    sys.path.insert(0, str(HERE))
    configure(
        ["oc_lettings_site", "lettings", "profiles"],
        path,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    call_command("migrate", verbosity=0)
    from django.contrib.auth.hashers import make_password

    with sqlite3.connect(path) as database:
        date_migrations(database, 19, "2023-05-06")
        if has_logged_in:
            encoded = make_password(PASSWORD, "keeperSaltOf22Signs000")
            database.execute(
                "UPDATE auth_user SET password = ?, last_login = '2023-05-07 08:09:10.112233'"
                " WHERE id = 1",
                [encoded],
            )
            database.executescript(OF_OTHERS)
    database.close()


# That site was divided by others, who named their migrations otherwise and had Letting come first.
OF_OTHERS = """
    UPDATE django_migrations SET name = '0002_copy_data' WHERE name = '0002_migrate_data';
    UPDATE django_migrations SET name = '0002_remove_legacy_models'
        WHERE name = '0002_delete_old_models';
    UPDATE django_migrations SET name = '0003_rename_related_name'
        WHERE name = '0003_alter_profile_user';
    UPDATE django_content_type SET model = 'swapped' WHERE id = 10;
    UPDATE django_content_type SET model = 'address' WHERE id = 11;
    UPDATE django_content_type SET model = 'letting' WHERE id = 10;
    UPDATE auth_permission SET codename = replace(codename, 'address', 'letting'),
        name = replace(name, 'address', 'letting') WHERE content_type_id = 10;
    UPDATE auth_permission SET codename = replace(codename, 'letting', 'address'),
        name = replace(name, 'letting', 'address') WHERE content_type_id = 11;
"""


def mail(name):
    return f"{name.lower()}@site.example"


def insert(table, columns):
    return f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"


def date_migrations(database, first, day):
    """They are dated when they ran; every run shall make the same file."""
    database.execute(
        "UPDATE django_migrations SET applied = ? || printf(' 10:00:%02d.000001', id) WHERE id >= ?",
        [day, first],
    )


def script(path):
    database = sqlite3.connect(path)
    select = database.execute
    yield "PRAGMA foreign_keys = OFF;"
    yield "BEGIN;"
    names = "SELECT name, sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL ORDER BY rowid"
    for name, sql in select(names, ["table"]).fetchall():
        if name != "sqlite_sequence":
            yield f"{sql};"
    for (name,) in select("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall():
        columns = [row[1] for row in select(f'PRAGMA table_info("{name}")')]
        values = " || ', ' || ".join(f'quote("{column}")' for column in columns)
        if name == "sqlite_sequence":
            yield "DELETE FROM sqlite_sequence;"
        for (row,) in select(f'SELECT {values} FROM "{name}" ORDER BY rowid'):
            yield f'INSERT INTO "{name}" VALUES ({row});'
    for _, sql in select(names, ["index"]).fetchall():
        yield f"{sql};"
    yield "COMMIT;"
    database.close()


def main(kind, *files):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "site.sqlite3"
        if kind == "original":
            original(path, Path(folder))
        else:
            with sqlite3.connect(path) as database:
                database.executescript(Path(files[0]).read_text())
            database.close()
            modular(path, kind == "modular-600k")
        print("\n".join(script(path)))


os.chdir(HERE)
main(*sys.argv[1:])
