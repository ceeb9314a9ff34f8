"""How far the ONNX form is from the original, on the rows of the input example."""

from .estimator import is_missing

TOLERANCE = 1e-3
ONNX_DTYPES = {
    "tensor(float)": "FP32", "tensor(double)": "FP64", "tensor(int64)": "INT64", "tensor(int32)": "INT32",
    "tensor(bool)": "BOOL", "tensor(string)": "BYTES",
}


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
