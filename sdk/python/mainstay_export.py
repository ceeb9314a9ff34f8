"""Exports one logged model to ONNX and compares the two. Started by the control process, once per model.

    python -I mainstay_export.py FOLDER MEMORY_BYTES

FOLDER/model holds the files as they were logged: an MLflow model folder (with MLmodel) or a bare ONNX file.
Written are FOLDER/model.onnx and FOLDER/result.json: {state, reason, signature, difference}, where state is
ready, failed (exported, but too far from the original) or not_exportable. An ONNX file has no signature here, for the
data plane reads it off the graph; {columns} names its inputs where MLflow knows names. The model's own code runs here and
nowhere else in Mainstay; the caller gives no secret, bounds time, and bounds memory by MEMORY_BYTES.

Uses whatever the Python it is started with has: skl2onnx for scikit-learn, onnx and onnxruntime for all.
"""

import contextlib
import json
import os
import re
import shutil
import sys
import warnings

TOLERANCE = 1e-3
OPSET = {"": 18, "ai.onnx.ml": 3}
MLFLOW_KINDS = {
    "double": "float", "float": "float", "long": "int", "integer": "int", "boolean": "bool", "string": "string",
}
ONNX_DTYPES = {
    "tensor(float)": "FP32", "tensor(double)": "FP64", "tensor(int64)": "INT64", "tensor(int32)": "INT32",
    "tensor(bool)": "BOOL", "tensor(string)": "BYTES",
}
DTYPE_KINDS = {"FP32": "float", "FP64": "float", "INT64": "int", "INT32": "int", "BOOL": "bool", "BYTES": "string"}


class NotExportable(Exception):
    """Says in one sentence why the model has no ONNX form."""


def lacks(package):
    return NotExportable(
        f"the Python that exports models ({sys.executable}) has no {package}; install it there or name another "
        "Python with MAINSTAY_PYTHON, then register the model again"
    )


class Columns:
    """What the model takes: ordered named columns, and whether it takes them as one array."""

    def __init__(self, names, kinds, required, as_array):
        self.names, self.kinds, self.required, self.as_array = names, kinds, required, as_array


# --- reading the folder ------------------------------------------------------------------------------------------


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


# --- scikit-learn ------------------------------------------------------------------------------------------------


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


def attempts(columns):
    """How columns are laid into tensors, the usual way first: (one tensor for all?, float type)."""
    if columns.as_array:
        return [(True, "FP32"), (True, "FP64")]
    if "string" in columns.kinds:
        return [(False, "FP32"), (False, "INT"), (False, "FP64")]
    return [(False, "FP32"), (True, "FP32"), (False, "INT"), (False, "FP64"), (True, "FP64")]


def parts_of(estimator):
    """The estimator and all that it is made of, as fitted."""
    held, seen = [estimator], set()
    while held:
        part = held.pop()
        if isinstance(part, dict):
            held.extend(part.values())
        elif isinstance(part, (list, tuple)) or (getattr(part, "dtype", None) == object and getattr(part, "ndim", 0)):
            held.extend(part)
        elif hasattr(part, "get_params") and not isinstance(part, type) and id(part) not in seen:
            seen.add(id(part))
            yield part
            held.extend(vars(part).values())


def is_missing(value):
    return value is None or value != value


def as_converted(part):
    """Attributes of an estimator as skl2onnx understands them; a missing text is '' in a tensor."""
    kind = type(part).__name__
    if kind == "VotingClassifier":
        yield "flatten_transform", False  # concerns transform alone, which nobody serves
    if kind == "SimpleImputer" and getattr(part, "statistics_", None) is not None:
        if part.statistics_.dtype == object and is_missing(part.missing_values):
            yield "missing_values", ""
    if kind in ("OneHotEncoder", "OrdinalEncoder") and hasattr(part, "categories_"):
        yield "categories_", [spell_missing(known) for known in part.categories_]


def spell_missing(categories):
    if categories.dtype != object:
        return categories
    spelt = categories.copy()
    spelt[[is_missing(value) for value in categories]] = ""
    return spelt


@contextlib.contextmanager
def in_converters_words(model):
    changed = [(part, name, getattr(part, name), value) for part in parts_of(model) for name, value in as_converted(part)]
    try:
        for part, name, _, value in changed:
            setattr(part, name, value)
        yield
    finally:
        for part, name, value, _ in changed:
            setattr(part, name, value)


def accept_flags():
    """skl2onnx 1.20 gives flags where onnx 1.23 takes whole numbers only (histogram gradient boosting)."""
    from onnx import helper

    if getattr(helper.make_attribute, "accepts_flags", False):
        return
    strict = helper.make_attribute

    def make_attribute(key, value, *more, **named):
        if isinstance(value, (list, tuple)) and any(isinstance(item, bool) or type(item).__name__ == "bool" for item in value):
            value = [int(item) for item in value]
        return strict(key, value, *more, **named)

    make_attribute.accepts_flags = True
    helper.make_attribute = make_attribute


def follow_missing():
    """
    skl2onnx 1.20 leaves out where a tree of scikit-learn sends missing values, and never comes back from a split
    that tells missing from present (its threshold is infinite).
    """
    from skl2onnx.common import tree_ensemble
    from skl2onnx.operator_converters import decision_tree, gradient_boosting, random_forest

    if getattr(tree_ensemble.sklearn_threshold, "knows_infinity", False):
        return
    find, add = tree_ensemble.sklearn_threshold, tree_ensemble.add_tree_to_attribute_pairs

    def sklearn_threshold(threshold, dtype, mode):
        return find(threshold, dtype, mode) if abs(threshold) != float("inf") else threshold

    def add_tree_to_attribute_pairs(attributes, is_classifier, tree, *more, **named):
        add(attributes, is_classifier, tree, *more, **named)
        tracks = attributes["nodes_missing_value_tracks_true"]
        tracks[len(tracks) - tree.node_count :] = [int(goes_left) for goes_left in tree.missing_go_to_left]

    sklearn_threshold.knows_infinity = True
    tree_ensemble.sklearn_threshold = sklearn_threshold
    for module in (tree_ensemble, decision_tree, gradient_boosting, random_forest):
        if hasattr(module, "add_tree_to_attribute_pairs"):
            module.add_tree_to_attribute_pairs = add_tree_to_attribute_pairs


def options_of(model):
    """A ZipMap turns probabilities into dictionaries. The locale that texts are lowered in must be on every machine."""
    options = {id(model): {"zipmap": False}} if hasattr(model, "predict_proba") else {}
    for part in parts_of(model):
        if type(part).__name__ in ("CountVectorizer", "TfidfVectorizer"):
            options[id(part)] = {"locale": "C.UTF-8"}
        elif type(part).__name__ == "LinearSVC":
            options[id(part)] = {"raw_scores": False}  # without an option of its own it is given one that it refuses
    return options or None


def convert(model, columns, one_tensor, float_type):
    accept_flags()
    follow_missing()
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType

    number = DoubleTensorType if float_type == "FP64" else FloatTensorType

    def tensor_type(kind):
        if kind == "string":
            return StringTensorType
        return Int64TensorType if kind == "int" and float_type == "INT" else number

    if one_tensor:
        inputs = [("columns", number([None, len(columns.names)]))]
    else:
        inputs = [(name, tensor_type(kind)([None, 1])) for name, kind in zip(columns.names, columns.kinds)]
    with in_converters_words(model):
        onx = convert_sklearn(model, initial_types=inputs, options=options_of(model), target_opset=OPSET)
    if one_tensor and not columns.as_array:
        onx = split_columns(onx, columns, number is DoubleTensorType)
    return finish_classifier(strip_zipmap(onx), model) if hasattr(model, "classes_") else strip_zipmap(onx)


def finish_classifier(onx, model):
    """Labels that were true and false are so again, and scores that are no probabilities go."""
    import numpy
    from onnx import TensorProto, helper

    if not hasattr(model, "predict_proba"):
        del onx.graph.output[1:]
    if numpy.asarray(model.classes_).dtype != bool:
        return onx
    label = onx.graph.output[0]
    for node in onx.graph.node:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name == label.name:
                    names[i] = "label_number"
    onx.graph.node.append(helper.make_node("Cast", ["label_number"], [label.name], to=TensorProto.BOOL))
    label.type.tensor_type.elem_type = TensorProto.BOOL
    return onx


def split_columns(onx, columns, double):
    """Puts a Concat before the graph, so that it takes one tensor per column."""
    from onnx import TensorProto, helper

    graph = onx.graph
    kind = TensorProto.DOUBLE if double else TensorProto.FLOAT
    old = graph.input[0].name
    del graph.input[:]
    graph.input.extend(helper.make_tensor_value_info(name, kind, [None, 1]) for name in columns.names)
    graph.node.insert(0, helper.make_node("Concat", list(columns.names), [old], axis=1))
    return onx


def strip_zipmap(onx):
    """A ZipMap turns probabilities into a list of dictionaries, which no tensor protocol can carry."""
    from onnx import TensorProto, helper

    for node in [node for node in onx.graph.node if node.op_type == "ZipMap"]:
        for i, output in enumerate(onx.graph.output):
            if output.name == node.output[0]:
                onx.graph.output.remove(output)
                value = helper.make_tensor_value_info(node.input[0], TensorProto.FLOAT, [None, None])
                onx.graph.output.insert(i, value)
        onx.graph.node.remove(node)
    return onx


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


# --- comparing ---------------------------------------------------------------------------------------------------


def session_of(model):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def feeds(session, columns, rows):
    """Rows of cells (lists) as the tensors that the session takes."""
    import numpy

    def array(values, spec):
        dtype = {"FP32": "float32", "FP64": "float64", "INT64": "int64", "INT32": "int32", "BOOL": "bool"}.get(
            ONNX_DTYPES.get(spec.type)
        )
        if dtype is None:
            return numpy.array([["" if v is None else str(v) for v in row] for row in values], dtype=object)
        return numpy.array([[float("nan") if v is None else v for v in row] for row in values]).astype(dtype)

    specs = session.get_inputs()
    if len(specs) == 1 and len(columns.names) > 1:
        return {specs[0].name: array(rows, specs[0])}
    place = {name: i for i, name in enumerate(columns.names)}
    result = {}
    for i, spec in enumerate(specs):
        at = place.get(spec.name, i)
        column = array([[row[at]] for row in rows], spec)
        result[spec.name] = column[:, 0] if len(spec.shape or []) == 1 else column
    return result


def rows_of(example, columns):
    import numpy

    if hasattr(example, "columns"):
        frame = example[columns.names] if set(columns.names) <= set(example.columns) else example
        return frame.astype(object).where(frame.notna(), None).values.tolist()
    array = numpy.asarray(example)
    return (array if array.ndim > 1 else array.reshape(1, -1)).tolist()


def original_input(columns, rows, example):
    import numpy
    import pandas

    if columns.as_array:
        return numpy.array([[float("nan") if v is None else v for v in row] for row in rows], dtype=float)
    frame = pandas.DataFrame(rows, columns=columns.names)
    for name, kind in zip(columns.names, columns.kinds):
        if kind == "float" or (kind == "int" and frame[name].isna().any()):
            frame[name] = frame[name].astype(float)
        elif kind == "int":
            frame[name] = frame[name].astype("int64")
        elif kind == "bool":
            frame[name] = frame[name].astype(bool)
        elif example is not None and hasattr(example, "columns") and name in example.columns:
            absent = next((value for value in example[name] if is_missing(value)), float("nan"))
            frame[name] = frame[name].where(frame[name].notna(), absent).astype(example[name].dtype)
    return frame


def compare_rows(model, session, columns, rows, example):
    """(largest absolute difference, largest absolute original output) over predictions and probabilities."""
    import numpy

    given = original_input(columns, rows, example)
    names = [output.name for output in session.get_outputs()]
    answers = dict(zip(names, session.run(names, feeds(session, columns, rows))))
    expected = numpy.asarray(model.predict(given))
    if hasattr(model, "classes_"):
        labels = numpy.asarray(answers[names[0]]).reshape(expected.shape)
        wrong = labels.astype(str) != expected.astype(str)
        worst, scale = (1.0 if wrong.any() else 0.0), 1.0
        if len(names) > 1 and hasattr(model, "predict_proba"):
            probabilities = numpy.asarray(model.predict_proba(given), dtype=float)
            own = numpy.asarray(answers[names[1]], dtype=float).reshape(probabilities.shape)
            worst = max(worst, float(numpy.max(numpy.abs(own - probabilities))))
        return worst, scale
    expected = expected.astype(float)
    own = numpy.asarray(answers[names[0]], dtype=float).reshape(expected.shape)
    apart = numpy.abs(own - expected)
    apart = numpy.where(numpy.isnan(own) & numpy.isnan(expected), 0.0, apart)
    return float(numpy.max(apart)), float(numpy.max(numpy.abs(numpy.nan_to_num(expected))))


def compare(model, session, columns, example):
    """None if there is nothing to compare on: the difference is then unknown, not zero."""
    if example is None:
        return None
    rows = rows_of(example, columns)
    if not rows:
        return None
    worst, scale = compare_rows(model, session, columns, rows, example)
    if worst != worst:
        raise ValueError("the ONNX form answers NaN where the original does not")
    return {"max_abs": worst, "max_rel": worst / max(scale, 1e-12), "rows": len(rows), "tolerance": TOLERANCE}


def missing_columns(model, session, columns, example):
    """Columns in which missing values lead original and ONNX form to the same answers, whatever the rest of the row."""
    if example is None:
        return {name for name, required in zip(columns.names, columns.required) if not required}
    rows = rows_of(example, columns)
    found = set()
    for i, (name, kind) in enumerate(zip(columns.names, columns.kinds)):
        if kind not in ("float", "string"):
            continue
        holed = [[*row[:i], None, *row[i + 1 :]] for row in rows]
        try:
            worst, scale = compare_rows(model, session, columns, holed, example)
        except Exception:  # the original refuses it, so the column may not be missing
            continue
        if worst <= TOLERANCE * max(scale, 1e-12):
            found.add(name)
    return found


# --- signatures --------------------------------------------------------------------------------------------------


def tensor(spec, columns):
    dtype = ONNX_DTYPES.get(spec.type)
    if dtype is None:
        raise NotExportable(f"tensor {spec.name} has the type {spec.type}, which is not served")
    return {"name": spec.name, "dtype": dtype, "columns": columns}


def input_tensors(session, names):
    specs = session.get_inputs()
    if len(specs) == 1:
        return [tensor(specs[0], names)]
    return [tensor(spec, [spec.name]) for spec in specs]


def output_widths(session, columns, example):
    """How many values each output has for one row; many converters leave it open."""
    import numpy

    rows = rows_of(example, columns) if example is not None else []
    row = rows[0] if rows else ["" if kind == "string" else 0 for kind in columns.kinds]
    names = [output.name for output in session.get_outputs()]
    return [numpy.asarray(answer).size for answer in session.run(names, feeds(session, columns, [row]))]


def declare_widths(onx, widths):
    """Some converters declare another number of values than they give (forests with several targets)."""
    for output, width in zip(onx.graph.output, widths):
        dims = output.type.tensor_type.shape.dim
        if len(dims) == 2:
            dims[1].dim_value = width


def sklearn_signature(model, session, columns, missing, widths):
    inputs = [
        {"name": name, "kind": kind, "missing": name in missing} for name, kind in zip(columns.names, columns.kinds)
    ]
    specs = session.get_outputs()
    if hasattr(model, "classes_"):
        classes = [str(label) for label in list(model.classes_)]
        outputs = [tensor(specs[0], ["label"])]
        if len(specs) > 1:
            outputs.append(tensor(specs[1], [f"probability_{label}" for label in classes]))
    else:
        names = ["prediction"] if widths[0] == 1 else [f"prediction_{i}" for i in range(widths[0])]
        outputs = [tensor(specs[0], names)]
    shown = [
        {"name": name, "kind": DTYPE_KINDS[output["dtype"]], "missing": False}
        for output in outputs
        for name in output["columns"]
    ]
    return {"inputs": inputs, "outputs": shown, "onnx": {"inputs": input_tensors(session, columns.names), "outputs": outputs}}


def column_names(mlmodel):
    """What an MLflow signature calls the columns of a graph that takes them all in one tensor."""
    known = json.loads((((mlmodel or {}).get("signature") or {}).get("inputs")) or "[]")
    return [entry["name"] for entry in known if "name" in entry and entry.get("type") in MLFLOW_KINDS]


def assert_whole(onx, folder):
    """Weights may lie in files beside the graph. onnx reads none that are links, as those that we were given are."""
    beside = {entry.value for tensor in onx.graph.initializer for entry in tensor.external_data if entry.key == "location"}
    absent = sorted(name for name in beside if not os.path.isfile(os.path.join(folder, name)))
    if absent:
        raise NotExportable(f"its weights lie in {', '.join(absent)}, which is not here; register the folder that holds all files")
    if beside:
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if os.path.islink(path):
                shutil.copyfile(path, path + ".copy")
                os.replace(path + ".copy", path)


def export_onnx(path, mlmodel, target):
    """Takes the file as it is, save a ZipMap at its end; there is no original to differ from."""
    try:
        import onnx
    except ImportError as error:
        raise lacks("onnx") from error
    try:
        assert_whole(onnx.load(path, load_external_data=False), os.path.dirname(path))
        graph = strip_zipmap(onnx.load(path)).SerializeToString()
        session_of(graph)
    except NotExportable:
        raise
    except ImportError as error:
        raise lacks("onnxruntime") from error
    except Exception as error:
        raise NotExportable(f"the ONNX file could not be loaded: {short(error)}") from error
    with open(target, "wb") as file:
        file.write(graph)
    difference = {"max_abs": 0.0, "max_rel": 0.0, "rows": 0, "tolerance": TOLERANCE}
    return {"state": "ready", "reason": None, "signature": None, "columns": column_names(mlmodel), "difference": difference}


# --- the whole ---------------------------------------------------------------------------------------------------


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


def short(error):
    """Its first line, without the place in onnxruntime's source."""
    text = f"{type(error).__name__}: {error}".strip().splitlines()
    return re.sub(r"/\S+\.(?:cc|h):\d+ .*?\) ", "", text[0])[:300] if text else type(error).__name__


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


if __name__ == "__main__":
    main()
