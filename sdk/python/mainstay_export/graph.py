"""Mends what converters leave at the ends of a graph."""


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
