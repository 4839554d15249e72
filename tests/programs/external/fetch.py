"""Fetches Debian source packages into a folder of the build, with apt but without touching this machine's own lists: other
people's test programs are run by our tests, and none of their code lies in our tree.

apt gets a configuration of its own: the system's sources with `deb-src` in place of `deb`, and every state and cache folder
below ours. What was fetched once is kept.
"""
import contextlib
import fcntl
import pathlib
import re
import subprocess
import tarfile

SOURCES = (pathlib.Path("/etc/apt/sources.list"), pathlib.Path("/etc/apt/sources.list.d"))


class no_answer(Exception):
    """The registry does not answer: these tests cannot run, and say so."""


class broken(Exception):
    """The registry answers and yet something went wrong: a failure."""


@contextlib.contextmanager
def alone(folder):
    """Two tests share what is fetched: one at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def as_sources(text, deb822):
    """The entries of a sources file, for source packages."""
    if deb822:
        return re.sub(r"(?m)^Types:.*$", "Types: deb-src", text)
    return "".join(f"deb-src {line[4:]}\n" for line in text.splitlines() if line.startswith("deb "))


def system_sources():
    """(name, text) for each active sources file of the distribution itself."""
    for where in SOURCES:
        files = [where] if where.is_file() else sorted(where.glob("*")) if where.is_dir() else []
        for path in files:
            if path.suffix not in (".list", ".sources"):
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            if "debian.org" in text:
                yield path.name, as_sources(text, path.suffix == ".sources")


def configure(folder):
    """Writes apt's private configuration; returns the environment that selects it."""
    for name in ("parts", "lists/partial", "cache/archives/partial", "downloads"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, text in system_sources():
        (folder / "parts" / name).write_text(text, encoding="utf-8")
    configuration = folder / "apt.conf"
    configuration.write_text(f'Dir::Etc::SourceList "/dev/null";\nDir::Etc::SourceParts "{folder}/parts";\n'
                             f'Dir::State::Lists "{folder}/lists";\nDir::Cache "{folder}/cache";\n'
                             'Acquire::Retries "2";\nAPT::Update::Error-Mode "any";\n', encoding="utf-8")
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "APT_CONFIG": str(configuration), "LC_ALL": "C"}


def download(package, folder):
    """The upstream tar file of a source package, fetched if it is not there yet. Raises no_answer or broken."""
    with alone(folder.parent):
        return download_alone(package, folder)


def download_alone(package, folder):
    have = sorted((folder / "downloads").glob(f"{package}_*.orig.tar.*")) if folder.is_dir() else []
    if have:
        return have[-1]
    environment = configure(folder)
    update = subprocess.run(["apt-get", "update", "-qq"], env=environment, capture_output=True, text=True, check=False)
    if update.returncode != 0:
        raise no_answer(f"apt-get update: {update.stderr.strip().splitlines()[-1:] or update.returncode}")
    source = subprocess.run(["apt-get", "source", "-qq", "--download-only", package], env=environment, capture_output=True,
                            text=True, check=False, cwd=folder / "downloads")
    have = sorted((folder / "downloads").glob(f"{package}_*.orig.tar.*"))
    if source.returncode != 0 or not have:
        raise broken(f"apt-get source {package}: {source.stderr.strip()}")
    return have[-1]


def members_below(archive, pattern):
    return [one for one in archive if re.search(pattern, one.name) and (one.isfile() or one.isdir())
            and not one.name.startswith("/") and ".." not in one.name.split("/")]


def unpack(tar, pattern, into):
    """The files of a tar whose names match, below `into`, once: a mark says that all of it is there."""
    done = into / ".complete"
    with alone(into.parent):
        if not done.exists():
            into.mkdir(exist_ok=True)
            with tarfile.open(tar) as archive:
                archive.extractall(into, members_below(archive, pattern))
            done.touch()
    return into


def inner_tar(tar, pattern, into):
    """The tar inside a tar (GCC's package), unpacked beside it."""
    unpack(tar, pattern, into)
    found = [path for path in into.rglob("*") if re.search(pattern, path.as_posix())]
    if len(found) != 1:
        raise broken(f"{tar.name} holds {len(found)} files like {pattern}")
    return found[0]
