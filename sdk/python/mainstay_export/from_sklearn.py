"""A model that was logged as one of scikit-learn."""

import os
import re
import sys

from .compare import TOLERANCE, compare, missing_columns, rows_of, session_of
from .convert import attempts, convert
from .estimator import parts_of
from .folder import columns_of, read_example
from .refusal import NotExportable, lacks, short
from .signature import declare_widths, output_widths, sklearn_signature


def load_sklearn(root, flavor):
    path = os.path.join(root, flavor.get("pickled_model") or "model.pkl")
    kind = flavor.get("serialization_format")
    if flavor.get("code"):
        sys.path.insert(0, os.path.join(root, flavor["code"]))
    try:
        if kind == "skops":
            import skops.io

            return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
        if kind == "cloudpickle":
            import cloudpickle  # noqa: F401 (pickles refer to it)
        import pickle

        with open(path, "rb") as file:
            return pickle.load(file)
    except ModuleNotFoundError as error:
        raise lacks(error.name) from error
    except Exception as error:
        raise NotExportable(f"the model could not be loaded: {short(error)}") from error


def export_sklearn(root, mlmodel, flavor, target):
    model = load_sklearn(root, flavor)
    if not hasattr(model, "predict"):
        raise NotExportable("it has no predict")
    if isinstance(getattr(model, "classes_", None), list):
        raise NotExportable("it predicts several labels at once; log one model for each label")
    example = read_example(root, mlmodel)
    columns = columns_of(mlmodel, model, example)
    try:
        import skl2onnx  # noqa: F401
    except ImportError as error:
        raise lacks("skl2onnx") from error
    reasons, best = [], None
    for one_tensor, float_type in attempts(columns):
        try:
            onx = convert(model, columns, one_tensor, float_type)
            session = session_of(onx.SerializeToString())
            difference = compare(model, session, columns, example)
        except Exception as error:  # each layout fails in its own way; the next may work
            reasons.append(short(error))
            continue
        if best is None or (difference and difference["max_rel"] < best[2]["max_rel"]):
            best = (onx, session, difference)
        if difference is None or difference["max_rel"] <= TOLERANCE:
            break
    if best is None:
        raise NotExportable(why_not(model, reasons))
    onx, session, difference = best
    widths = output_widths(session, columns, example)
    declare_widths(onx, widths)
    with open(target, "wb") as file:
        file.write(onx.SerializeToString())
    missing = missing_columns(model, session, columns, example)
    signature = sklearn_signature(model, session, columns, missing, widths)
    return verdict(signature, difference, advice(model, columns, example))


def verdict(signature, difference, hint=None):
    if difference is not None and difference["max_rel"] > TOLERANCE:
        reason = (
            f"the ONNX form differs from the original by {difference['max_abs']:.3g} "
            f"({difference['max_rel']:.3g} of the output's scale, allowed {TOLERANCE:g}) "
            f"on {difference['rows']} rows of the input example{hint or ''}"
        )
        return {"state": "failed", "reason": reason, "signature": signature, "difference": difference}
    reason = None if difference is not None else "no input example: the difference to the original is unknown"
    return {"state": "ready", "reason": reason, "signature": signature, "difference": difference}


def why_not(model, reasons):
    """The first refusal that is about the model, not about how its columns were laid."""
    reason = next((text for text in reasons if not text.startswith("InvalidInputLength")), reasons[-1])
    unknown = re.search(r"shape calculator for type '<class '(?:.*\.)?(\w+)'>'", reason)
    if unknown:
        reason = f"it has no converter for {unknown[1]}"
    elsewhere = "; replace that part, or make the ONNX file yourself and log it with mlflow.onnx"
    return f"skl2onnx could not convert it: {reason}{advice(model) or elsewhere}"


def advice(model, columns=None, example=None):
    """What is known to lead a converted model astray, as the end of a sentence."""
    categorical = [getattr(part, "is_categorical_", None) for part in parts_of(model)]
    if any(flags is not None and flags.any() for flags in categorical):
        return (
            "; skl2onnx does not know the categories of histogram gradient boosting: encode them before it "
            "(OneHotEncoder, TargetEncoder) and leave categorical_features=None"
        )
    coarse = coarse_columns(columns, example) if example is not None else []
    if coarse:
        names = ", ".join(repr(name) for name in coarse)
        return f"; {names}: numbers with more digits than 32 bits hold, subtract a constant before training"
    return None


def coarse_columns(columns, example):
    """Columns whose values fall together when they are rounded to 32 bits."""
    import numpy

    rows = rows_of(example, columns)
    found = []
    for i, (name, kind) in enumerate(zip(columns.names, columns.kinds)):
        if kind in ("float", "int"):
            values = {row[i] for row in rows if row[i] is not None}
            if len({float(numpy.float32(value)) for value in values}) < 0.9 * len(values):
                found.append(name)
    return found
