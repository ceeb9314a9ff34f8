"""A model that is an ONNX file already."""

import os
import shutil

from .compare import TOLERANCE, session_of
from .folder import column_names
from .graph import strip_zipmap
from .refusal import NotExportable, lacks, short


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
