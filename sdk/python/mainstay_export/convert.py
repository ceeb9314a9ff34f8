"""From an estimator to a graph, by skl2onnx."""

import contextlib

from .estimator import is_missing, parts_of
from .graph import finish_classifier, split_columns, strip_zipmap

OPSET = {"": 18, "ai.onnx.ml": 3}


def attempts(columns):
    """How columns are laid into tensors, the usual way first: (one tensor for all?, float type)."""
    if columns.as_array:
        return [(True, "FP32"), (True, "FP64")]
    if "string" in columns.kinds:
        return [(False, "FP32"), (False, "INT"), (False, "FP64")]
    return [(False, "FP32"), (True, "FP32"), (False, "INT"), (False, "FP64"), (True, "FP64")]


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
