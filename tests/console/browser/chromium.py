"""The browser that pages are tested in: Debian's Chromium. It is looked for, and installed only where that is asked for."""

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_INSTALL = (("apt-get", "update", "-q"), ("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"))
_INSTALL_SECONDS = 900


class NoBrowser(Exception):
    """There is no Chromium on this machine. The text says what is missing."""


def find_browser() -> str:
    """The path of Chromium. `NoBrowser` says that there is none."""
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    raise NoBrowser("no browser: Chromium is not on PATH; Debian's is installed by `apt-get install chromium`")


def installed_browser() -> str:
    """The path of Chromium, installed now if it is missing and this is Debian's root. `NoBrowser` says what stood in the way."""
    try:
        return find_browser()
    except NoBrowser:
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            raise
    for command in _INSTALL:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        )
        if done.returncode:
            raise NoBrowser(
                f"no browser: `{' '.join(command)}` failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'it said nothing'}"
            )
    return find_browser()


if __name__ == "__main__":
    try:
        sys.stderr.write(f"Pages are tested in {installed_browser()}.\n")
    except NoBrowser as missing:
        sys.stderr.write(f"Pages are not tested in a browser: {missing}\n")
