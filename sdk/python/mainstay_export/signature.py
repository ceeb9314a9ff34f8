"""The ordered, named columns of a version and the tensors that hold them."""

from .compare import ONNX_DTYPES, feeds, rows_of
from .refusal import NotExportable

DTYPE_KINDS = {"FP32": "float", "FP64": "float", "INT64": "int", "INT32": "int", "BOOL": "bool", "BYTES": "string"}


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
