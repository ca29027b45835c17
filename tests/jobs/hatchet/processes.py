"""Which processes there are below another one, and whether they live."""

import subprocess
from pathlib import Path


def descendants(pid: int) -> dict[int, str]:
    """The processes below this one, with their commands."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    found: dict[int, str] = {}
    wanted = {pid}
    while wanted:
        below = {int(row[0]): row[2] for row in rows if int(row[1]) in wanted and int(row[0]) not in found}
        found |= below
        wanted = set(below)
    return found


def is_alive(pid: int) -> bool:
    """Whether the process does anything any more; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
