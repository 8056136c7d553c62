//! What Django writes beside us shows on pages that are cached, and its `migrate` may change the
//! table of lettings while pages are read.

use std::fs;
use std::path::Path;

use super::beside::{PASSWORDS, SiteBesideDjango, log_in};
use super::{DJANGO_5_2, command};
use crate::freshness::{ReadSite, Writer, update};
use crate::support::Backend;

async fn start(backend: Backend) -> ReadSite {
    let SiteBesideDjango { app, ours, theirs } = SiteBesideDjango::start(DJANGO_5_2, backend).await;
    let browser = log_in(&ours, PASSWORDS[0]);
    ReadSite::start(app, ours, Some(theirs), browser).await
}

async fn what_django_commits_shows(backend: Backend) {
    let mut site = start(backend).await;
    let writers = [Writer::Django, Writer::Admin, Writer::Sql];
    site.write_by_chance(&writers).await;
    site.finish();
}

#[tokio::test]
async fn what_django_commits_shows_on_sqlite() {
    what_django_commits_shows(Backend::Sqlite).await;
}

#[tokio::test]
async fn what_django_commits_shows_on_postgresql() {
    what_django_commits_shows(Backend::Postgres).await;
}

/// Writes a project with the peer's settings and one more migration. Forwards it makes the title
/// longer and adds a column, for which Django rebuilds the table on SQLite and alters it on
/// PostgreSQL; each way it writes an edition.
fn write_project(folder: &Path, [forwards, backwards]: [u64; 2]) {
    let settings = "from peer.settings import *\n\
        MIGRATION_MODULES = {'lettings': 'later.migrations'}\n";
    let package = "from lettings import migrations\n__path__ += migrations.__path__\n";
    let migration = format!(
        "from django.db import migrations, models\n\
        class Migration(migrations.Migration):\n    \
            dependencies = [('lettings', '0002_migrate_data')]\n    \
            operations = [\n        \
                migrations.AlterField('letting', 'title', models.CharField(max_length=300)),\n        \
                migrations.AddField('letting', 'note', models.CharField(max_length=9, default='')),\n        \
                migrations.RunSQL(\"{}\", \"{}\"),\n    \
            ]\n",
        update(forwards),
        update(backwards)
    );
    fs::create_dir_all(folder.join("later/migrations")).unwrap();
    for (name, text) in [
        ("__init__.py", ""),
        ("settings.py", settings),
        ("migrations/__init__.py", package),
        ("migrations/0003_longer_title.py", &migration),
    ] {
        fs::write(folder.join("later").join(name), text).unwrap();
    }
}

/// Runs `migrate lettings NAME` of that project.
fn migrate(site: &ReadSite, folder: &Path, name: &str) {
    let mut migrate = command(DJANGO_5_2.python());
    migrate
        .args(["manage.py", "migrate", "lettings", name])
        .env("DATABASE_URL", &site.app.database.url)
        .env("DJANGO_SETTINGS_MODULE", "later.settings")
        .env("PYTHONPATH", folder);
    let output = migrate.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

async fn pages_stand_a_migration_of_django(backend: Backend) {
    let mut site = start(backend).await;
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        for name in ["0003", "0002"] {
            site.write(Writer::Sql).await;
            let edition = site.next_edition();
            write_project(folder.path(), [edition; 2]);
            migrate(&site, folder.path(), name);
            site.wait_until_shown();
        }
        site.write(Writer::Admin).await;
        site.wait_until_shown();
    }
    site.finish();
}

#[tokio::test]
async fn pages_stand_a_migration_of_django_on_sqlite() {
    pages_stand_a_migration_of_django(Backend::Sqlite).await;
}

#[tokio::test]
async fn pages_stand_a_migration_of_django_on_postgresql() {
    pages_stand_a_migration_of_django(Backend::Postgres).await;
}
