"""What the cases share: the client, the list of cases and the run of them."""

import json
import os
import sys
import time
import traceback

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

URI = sys.argv[1]
# The client prints to standard output; only results belong there.
results, sys.stdout = sys.stdout, sys.stderr
# What the client starts of its own, its command line included, speaks to the same server.
os.environ["MLFLOW_TRACKING_URI"] = URI
mlflow.set_tracking_uri(URI)
client = MlflowClient()
cases = []


def case(function):
    cases.append(function)
    return function


def refused(code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except MlflowException as error:
        assert error.error_code == code, f"{error.error_code}: {error.message}"
        return
    raise AssertionError("was not refused")


def frame(rows=200):
    rng = np.random.default_rng(7)
    data = pd.DataFrame({"temp": rng.random(rows), "hr": rng.integers(0, 24, rows).astype(float), "season": rng.choice(["a", "b", "c"], rows)})
    return data, data.temp * 3 + data.hr + (data.season == "a")


def main():
    failed = 0
    only = sys.argv[2:]
    for function in cases:
        if only and function.__name__ not in only:
            continue
        started = time.time()
        result = {"case": function.__name__, "ok": True}
        try:
            function()
        except Exception:
            while mlflow.active_run():
                mlflow.end_run()
            failed += 1
            result.update(ok=False, error=traceback.format_exc()[-2500:])
        result["seconds"] = round(time.time() - started, 2)
        print(json.dumps(result), file=results, flush=True)
    sys.exit(1 if failed else 0)
