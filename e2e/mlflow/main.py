"""Runs the cases, all or the named ones.

    python main.py TRACKING_URI [CASE …]

Prints one line of JSON per case: {"case", "ok", "seconds", "error"?}.
"""

import cases  # noqa: F401
import everyday  # noqa: F401
import exports  # noqa: F401
from harness import main

if __name__ == "__main__":
    main()
