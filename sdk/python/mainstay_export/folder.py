"""What lies in the folder of a logged model."""

import json
import os

from .refusal import NotExportable, lacks

MLFLOW_KINDS = {
    "double": "float", "float": "float", "long": "int", "integer": "int", "boolean": "bool", "string": "string",
}


class Columns:
    """What the model takes: ordered named columns, and whether it takes them as one array."""

    def __init__(self, names, kinds, required, as_array):
        self.names, self.kinds, self.required, self.as_array = names, kinds, required, as_array


def read_mlmodel(root):
    path = os.path.join(root, "MLmodel")
    if not os.path.exists(path):
        return None
    try:
        import yaml
    except ImportError as error:
        raise lacks("PyYAML") from error
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file) or {}


def read_example(root, mlmodel):
    """The rows logged as input example, as a DataFrame or array; None if there are none."""
    info = (mlmodel or {}).get("saved_input_example_info") or {}
    name = info.get("artifact_path")
    if not name or info.get("type") not in ("dataframe", "ndarray"):
        return None
    path = os.path.join(root, name)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    if info["type"] == "ndarray":
        import numpy

        values = next(iter(data.values())) if isinstance(data, dict) else data
        return numpy.asarray(values)
    import pandas

    orient = info.get("pandas_orient", "split")
    if orient == "split":
        return pandas.DataFrame(data["data"], columns=data.get("columns"))
    return pandas.DataFrame(data)


def columns_of(mlmodel, model, example):
    """From the signature, else from the example, else from what the estimator remembers."""
    inputs = json.loads(((mlmodel.get("signature") or {}).get("inputs")) or "[]")
    if inputs and all("name" in entry and entry.get("type") in MLFLOW_KINDS for entry in inputs):
        return Columns(
            [entry["name"] for entry in inputs],
            [MLFLOW_KINDS[entry["type"]] for entry in inputs],
            [entry.get("required", True) for entry in inputs],
            False,
        )
    if example is not None and hasattr(example, "columns"):
        kinds = [frame_kind(example[name]) for name in example.columns]
        return Columns([str(name) for name in example.columns], kinds, [True] * len(kinds), False)
    names = getattr(model, "feature_names_in_", None)
    width = getattr(model, "n_features_in_", None)
    if example is not None and getattr(example, "ndim", 0) == 2:
        width = example.shape[1]
    if names is not None:
        return Columns([str(name) for name in names], ["float"] * len(names), [True] * len(names), False)
    if not width:
        raise NotExportable("neither a signature nor an input example says which columns it takes")
    return Columns([f"x{i}" for i in range(width)], ["float"] * width, [True] * width, True)


def frame_kind(series):
    if series.dtype == bool:
        return "bool"
    if series.dtype.kind in "iu":
        return "int"
    return "float" if series.dtype.kind == "f" else "string"


def column_names(mlmodel):
    """What an MLflow signature calls the columns of a graph that takes them all in one tensor."""
    known = json.loads((((mlmodel or {}).get("signature") or {}).get("inputs")) or "[]")
    return [entry["name"] for entry in known if "name" in entry and entry.get("type") in MLFLOW_KINDS]
