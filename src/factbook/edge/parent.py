"""Ends an HTTP process whose parent is gone, so that a service killed outright leaves nothing listening."""

import os
import signal
import threading
import time

_LOOK_EVERY_SECONDS = 0.5


def end_with_parent() -> None:
    """Watch the parent from a daemon thread; once it has changed, ask this process to finish as the parent would have."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_LOOK_EVERY_SECONDS * 10)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()
