"""Why a model has no ONNX form, in a sentence."""

import re
import sys


class NotExportable(Exception):
    """Says in one sentence why the model has no ONNX form."""


def lacks(package):
    return NotExportable(
        f"the Python that exports models ({sys.executable}) has no {package}; install it there or name another "
        "Python with MAINSTAY_PYTHON, then register the model again"
    )


def short(error):
    """Its first line, without the place in onnxruntime's source."""
    text = f"{type(error).__name__}: {error}".strip().splitlines()
    return re.sub(r"/\S+\.(?:cc|h):\d+ .*?\) ", "", text[0])[:300] if text else type(error).__name__
