"""Print what Django finds in the database of DATABASE_URL, as one JSON object; write nothing."""

import json
import os
import re

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")
django.setup()

# These read the settings and the models, so they come after `setup`.
from django.apps import apps  # noqa: E402
from django.contrib.auth.management import _get_all_permissions  # noqa: E402
from django.contrib.auth.models import Permission  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

from lettings.models import Letting  # noqa: E402
from profiles.models import Profile  # noqa: E402


def facts():
    content_types = ContentType.objects.all()
    return {
        "content_types": sorted(label(content_type) for content_type in content_types),
        "stale_content_types": sorted(
            label(content_type)
            for content_type in content_types
            if content_type.model_class() is None
        ),
        "permissions": sorted(
            f"{app}.{codename}"
            for app, codename in Permission.objects.values_list(
                "content_type__app_label", "codename"
            )
        ),
        "missing_permissions": missing_permissions(),
        "lettings": [
            [letting.id, letting.title, str(letting.address)]
            for letting in Letting.objects.select_related("address").order_by("id")
        ],
        "profiles": [
            [profile.id, profile.user.username, profile.favorite_city]
            for profile in Profile.objects.select_related("user").order_by("id")
        ],
        "unapplied": unapplied(),
        "changes": changes(),
        "schema": schema(),
    }


def label(content_type):
    return f"{content_type.app_label}.{content_type.model}"


def missing_permissions():
    """What `create_permissions` would add (Django 5.2 contrib/auth/management/__init__.py)."""
    present = set(
        Permission.objects.values_list(
            "content_type__app_label", "content_type__model", "codename"
        )
    )
    return sorted(
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_models()
        for codename, _ in _get_all_permissions(model._meta)
        if (model._meta.app_label, model._meta.model_name, codename) not in present
    )


def unapplied():
    """What `migrate` would apply; like `migrate`, refuse a history out of order."""
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def changes():
    try:
        call_command("makemigrations", "--check", "--dry-run", "--noinput", verbosity=0)
    except SystemExit:
        return True
    return False


def schema():
    """The tables of the installed apps; equal for two databases alike but for column order."""
    tables = set(connection.introspection.django_table_names(only_existing=True))
    tables.add(MigrationRecorder.Migration._meta.db_table)
    describe = {"sqlite": sqlite_table, "postgresql": postgres_table}[connection.vendor]
    with connection.cursor() as cursor:
        return {table: describe(cursor, table) for table in tables}


def sqlite_table(cursor, table):
    indexes = sqlite_indexes(cursor, table)
    return {
        "columns": {
            name: " | ".join(
                [
                    kind.lower(),
                    "not null" if notnull else "null",
                    *([f"pk {pk}"] if pk else []),
                    *(["unique"] if sqlite_is_unique(name, indexes) else []),
                    *([f"default {default}"] if default is not None else []),
                    *([f"hidden {hidden}"] if hidden else []),
                ]
            )
            for _, name, kind, notnull, default, pk, hidden in select(
                cursor, "SELECT * FROM pragma_table_xinfo(%s)", table
            )
        },
        "indexes": indexes,
        "foreign_keys": sorted(
            f"{source} -> {target}.{column}"
            f" | on update {on_update} | on delete {on_delete} | match {match}"
            for _, _, target, source, column, on_update, on_delete, match in select(
                cursor, "SELECT * FROM pragma_foreign_key_list(%s)", table
            )
        ),
        # What no PRAGMA tells: CHECK, AUTOINCREMENT, DEFERRABLE, COLLATE.
        "definitions": sqlite_definitions(
            value(cursor, "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", table)
        ),
        "triggers": dict(
            select(
                cursor,
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
                table,
            )
        ),
    }


def sqlite_indexes(cursor, table):
    """The indexes by name; one that a column definition made is named by what it is."""
    indexes = {}
    for name, unique, origin, partial in select(
        cursor, 'SELECT name, "unique", origin, partial FROM pragma_index_list(%s)', table
    ):
        keys = select(
            cursor, 'SELECT name, "desc", coll FROM pragma_index_xinfo(%s) WHERE key', name
        )
        columns = [
            f"{column}{' desc' if desc else ''}{'' if collation == 'BINARY' else ' ' + collation}"
            for column, desc, collation in keys
        ]
        index = {"columns": columns, "unique": bool(unique)}
        if partial or any(column is None for column, _, _ in keys):
            index["sql"] = value(
                cursor, "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = %s", name
            )
        made_by = {"u": "UNIQUE", "pk": "PRIMARY KEY"}.get(origin)
        indexes[f"{made_by} ({', '.join(columns)})" if made_by else name] = index
    return indexes


def sqlite_is_unique(column, indexes):
    return any(
        index["unique"] and index["columns"] == [column] and "sql" not in index
        for index in indexes.values()
    )


def sqlite_definitions(sql):
    """The parts of a CREATE TABLE, sorted; case, quotes and white space do not count."""
    definitions, depth = [""], 0
    for token in re.findall(r"""'(?:[^']|'')*'|"[^"]*"|\w+|[^\w\s]""", sql.partition("(")[2]):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "," and depth == 0:
            definitions.append("")
        else:
            token = token if token.startswith("'") else token.strip('"').lower()
            definitions[-1] += f" {token}" if definitions[-1] else token
    # The last one also holds the closing bracket and the options behind it.
    definitions[-1], _, options = definitions[-1].rpartition(" )")
    return sorted(definitions) + [f"options:{options}"]


def postgres_table(cursor, table):
    table = connection.ops.quote_name(table)
    return {
        "columns": dict(select(cursor, POSTGRES_COLUMNS, table, table)),
        "indexes": dict(select(cursor, POSTGRES_INDEXES, table)),
        "constraints": dict(select(cursor, POSTGRES_CONSTRAINTS, table)),
        "triggers": dict(select(cursor, POSTGRES_TRIGGERS, table)),
        "options": value(cursor, POSTGRES_OPTIONS, table),
    }


# `pretty` (true) leaves out the schema of what the search path finds.
POSTGRES_COLUMNS = """
    SELECT a.attname, concat_ws(' | ',
        format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END,
        CASE a.attidentity WHEN 'd' THEN 'identity by default' WHEN 'a' THEN 'identity always' END,
        CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || c.collname END,
        CASE WHEN a.attgenerated = '' THEN 'default ' ELSE 'generated ' END
            || pg_get_expr(d.adbin, d.adrelid, true),
        CASE WHEN s.seqrelid IS NOT NULL THEN
            format('sequence %%s %%s from %%s by %%s, %%s to %%s, cache %%s, cycle %%s',
                s.seqrelid::regclass, s.seqtypid::regtype, s.seqstart, s.seqincrement,
                s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
        END)
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation c ON c.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_sequence s ON s.seqrelid = pg_get_serial_sequence(%s, a.attname)::regclass
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""

POSTGRES_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid, 0, true)
        || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END
    FROM pg_index WHERE indrelid = %s::regclass
"""

POSTGRES_CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass
"""

POSTGRES_TRIGGERS = """
    SELECT tgname, pg_get_triggerdef(oid, true) FROM pg_trigger
    WHERE tgrelid = %s::regclass AND NOT tgisinternal
"""

POSTGRES_OPTIONS = """
    SELECT format('kind %%s | persistence %%s | row security %%s | %%s',
        relkind, relpersistence, relrowsecurity, array_to_string(reloptions, ', '))
    FROM pg_class WHERE oid = %s::regclass
"""


def select(cursor, sql, *parameters):
    cursor.execute(sql, parameters)
    return cursor.fetchall()


def value(cursor, sql, *parameters):
    return select(cursor, sql, *parameters)[0][0]


if __name__ == "__main__":
    print(json.dumps(facts(), indent=2, sort_keys=True))
