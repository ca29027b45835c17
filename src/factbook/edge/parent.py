"""Ends an HTTP process whose parent is gone, so that a service killed outright leaves nothing listening."""

import multiprocessing
import os
import signal
import threading
import time

_SECONDS_TO_FINISH = 5.0


def end_with_parent() -> None:
    """Wait for the parent's end in a daemon thread, then ask this process to finish as the parent would have, and end it if it does not.

    Does nothing in a process that was not started by `multiprocessing`.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_SECONDS_TO_FINISH)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()
