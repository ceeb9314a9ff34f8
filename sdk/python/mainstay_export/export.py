"""Exports one logged model to ONNX and compares the two. Started by the control process, once per model.

    python -I sdk/python FOLDER MEMORY_BYTES

FOLDER/model holds the files as they were logged: an MLflow model folder (with MLmodel) or a bare ONNX file.
Written are FOLDER/model.onnx and FOLDER/result.json: {state, reason, signature, difference}, where state is
ready, failed (exported, but too far from the original) or not_exportable. An ONNX file has no signature here, for the
data plane reads it off the graph; {columns} names its inputs where MLflow knows names. The model's own code runs here and
nowhere else in Mainstay; the caller gives no secret, bounds time, and bounds memory by MEMORY_BYTES.

Uses whatever the Python it is started with has: skl2onnx for scikit-learn, onnx and onnxruntime for all.
"""

import json
import os
import sys
import warnings

from .folder import read_mlmodel
from .from_onnx import export_onnx
from .from_sklearn import export_sklearn
from .refusal import NotExportable


def export(root, target):
    mlmodel = read_mlmodel(root)
    if mlmodel is None:
        files = [os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names]
        found = [path for path in files if path.endswith(".onnx")]
        if len(found) != 1:
            raise NotExportable("it is neither an MLflow model folder (with MLmodel) nor one ONNX file")
        return export_onnx(found[0], None, target)
    flavors = mlmodel.get("flavors") or {}
    if "onnx" in flavors:
        return export_onnx(os.path.join(root, flavors["onnx"].get("data") or "model.onnx"), mlmodel, target)
    if "sklearn" in flavors:
        return export_sklearn(root, mlmodel, flavors["sklearn"], target)
    names = ", ".join(sorted(flavors)) or "none"
    raise NotExportable(f"no flavor of it exports to ONNX (it has: {names}); log it with mlflow.onnx or mlflow.sklearn")


def limit_memory(size):
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        # Not every system can; the time limit still holds.
        return


def main():
    folder = sys.argv[1]
    limit_memory(int(sys.argv[2]))
    warnings.simplefilter("ignore")
    try:
        result = export(os.path.join(folder, "model"), os.path.join(folder, "model.onnx"))
    except NotExportable as error:
        result = {"state": "not_exportable", "reason": str(error), "signature": None, "difference": None}
    except MemoryError:
        result = {"state": "not_exportable", "reason": "it ran out of memory", "signature": None, "difference": None}
    with open(os.path.join(folder, "result.json"), "w", encoding="utf-8") as file:
        json.dump(result, file)
