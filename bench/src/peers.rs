//! The servers that are compared with ours.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use xtask::{django, process};

use crate::load::MeasuredServer;

pub(super) const PEERS: &str = "bench/peers";

/// A command of the site, to collect or to serve.
pub(super) fn site(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().envs([
        ("SECRET_KEY", "for-the-measurement"),
        ("ALLOWED_HOSTS", "127.0.0.1"),
        ("STATICFILES_DIRS", "sources"),
        ("LOG_LEVEL", "warning"),
    ]);
    command
}

pub(super) fn ours(program: &str, folder: &Path) -> anyhow::Result<MeasuredServer> {
    let port = process::free_port()?;
    let mut command = site(program, folder);
    command.args(["serve", "--bind", &format!("127.0.0.1:{port}")]);
    MeasuredServer::start("ours", port, &mut command)
}

/// Debian's nginx, with a worker for each core.
pub(super) fn nginx(folder: &Path) -> anyhow::Result<MeasuredServer> {
    start_nginx("nginx/nginx.conf", folder, &[])
}

/// Debian's nginx with a configuration of the peers' folder, in which the marks are replaced.
pub(super) fn start_nginx(
    template: &str,
    folder: &Path,
    replacements: &[(&str, &str)],
) -> anyhow::Result<MeasuredServer> {
    let nginx =
        process::find("nginx").context("nginx was not found: apt-get install nginx-light")?;
    let port = process::free_port()?;
    let template = process::repository().join(PEERS).join(template);
    let configuration = fs::read_to_string(template).context("read the configuration of nginx")?;
    let mut configuration = configuration
        .replace("@PORT@", &port.to_string())
        .replace("@FOLDER@", &folder.to_string_lossy());
    for (mark, text) in replacements {
        configuration = configuration.replace(mark, text);
    }
    let path = folder.join("nginx.conf");
    fs::write(&path, configuration)?;
    // If root starts nginx, its workers are another user's, who must be able to read the files.
    process::read(process::command("chmod", &["-R", "a+rX"]).arg(folder))?;
    MeasuredServer::start("nginx", port, Command::new(nginx).arg("-c").arg(path))
}

/// hyper and nothing else, with one file for every address.
pub(super) fn hyper(program: &str, file: &Path) -> anyhow::Result<MeasuredServer> {
    let port = process::free_port()?;
    let mut command = Command::new(program);
    command.arg(port.to_string()).arg(file);
    MeasuredServer::start("hyper", port, &mut command)
}

/// WhiteNoise in a Django project, under Gunicorn as it is by itself, with a worker for each core.
pub(super) fn whitenoise(folder: &Path) -> anyhow::Result<MeasuredServer> {
    let port = process::free_port()?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut command = django_project(&folder.join("staticfiles"))?;
    command
        .args(["-m", "gunicorn", "--workers", &workers.to_string()])
        .args(["--bind", &format!("127.0.0.1:{port}"), "wsgi"]);
    MeasuredServer::start("whitenoise", port, &mut command)
}

/// A command of Python in the project with WhiteNoise.
pub(super) fn django_project(static_root: &Path) -> anyhow::Result<Command> {
    let python = django::python_of("whitenoise")?;
    let mut command = Command::new(python);
    command
        .current_dir(process::repository().join(PEERS).join("whitenoise"))
        .env("STATIC_ROOT", static_root)
        .env("DJANGO_SETTINGS_MODULE", "settings")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}
