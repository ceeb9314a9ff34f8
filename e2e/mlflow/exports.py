"""Registration of models as people build them: what is exported, how it answers, what is refused and why."""

import json
import time
import urllib.request

import mlflow
import numpy as np
import pandas as pd
from harness import URI, case, frame


def exported(name):
    for _ in range(900):
        with urllib.request.urlopen(f"{URI}/api/v1/models/{name}/versions/1") as answer:
            version = json.load(answer)
        if version["status"] != "PENDING_REGISTRATION":
            return version
        time.sleep(0.2)
    raise AssertionError(f"{name} is still being exported")


def log(name, model, data):
    with mlflow.start_run():
        mlflow.sklearn.log_model(
            model, name="model", input_example=data.head(60), registered_model_name=name,
            serialization_format="cloudpickle", pip_requirements=["scikit-learn"], await_registration_for=0,
        )  # fmt: skip


@case
def models_as_people_build_them_are_exported():
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestRegressor, VotingClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.svm import LinearSVC

    whole, y = frame()
    holed = whole.mask(np.random.default_rng(1).random(whole.shape) < 0.1)
    numbers = ["temp", "hr"]
    texts = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    columns = ColumnTransformer([("n", SimpleImputer(), numbers), ("t", texts, ["season"])])
    words = ColumnTransformer([("w", TfidfVectorizer(), "season")])
    votes = VotingClassifier([("a", LogisticRegression(max_iter=999))], voting="soft")
    # Model, training rows, target, what may be missing, kinds of the outputs.
    models = {
        "missing-texts": (make_pipeline(columns, GradientBoostingClassifier(n_estimators=5)), holed, y > 10, {"temp", "hr", "season"}, ["bool", "float", "float"]),
        "forest": (RandomForestRegressor(5), holed[numbers], y, {"temp", "hr"}, ["float"]),
        "two-answers": (RandomForestRegressor(5), whole[numbers], np.column_stack([y, -y]), {"temp", "hr"}, ["float", "float"]),
        "scores": (make_pipeline(StandardScaler(), LinearSVC()), whole[numbers], whole.season, set(), ["string"]),
        "votes": (votes, whole[numbers], whole.season, set(), ["string", "float", "float", "float"]),
        "words": (make_pipeline(words, LogisticRegression()), whole.assign(season="Kind " + whole.season * 3), y > 10, {"temp", "hr"}, ["bool", "float", "float"]),
    }
    for name, (model, data, target, _, _) in models.items():
        log(name, model.fit(data, target), data)
    for name, (_, _, _, missing, kinds) in models.items():
        onnx = exported(name)["onnx"]
        assert onnx["state"] == "ready" and onnx["difference"]["rows"] == 60, (name, onnx)
        signature = onnx["signature"]
        assert {column["name"] for column in signature["inputs"] if column["missing"]} == missing, (name, signature)
        assert [column["kind"] for column in signature["outputs"]] == kinds, (name, signature)


@case
def a_refusal_says_what_to_do():
    from sklearn.dummy import DummyRegressor
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression
    from sklearn.multioutput import MultiOutputClassifier

    data, y = frame()
    data = data[["temp", "hr"]]
    stamps = data.assign(hr=1.7e9 + data.hr)
    log("nobody", DummyRegressor().fit(data, y), data)
    log("categories", HistGradientBoostingRegressor(max_iter=5, categorical_features=["hr"]).fit(data, y), data)
    log("stamps", HistGradientBoostingRegressor(max_iter=5).fit(stamps, y), stamps)
    log("labels", MultiOutputClassifier(LogisticRegression()).fit(data, np.column_stack([y > 10, y > 5])), data)
    expected = {
        "nobody": ("not_exportable", "no converter for DummyRegressor"),
        "categories": ("failed", "categorical_features=None"),
        "stamps": ("failed", "subtract a constant"),
        "labels": ("not_exportable", "one model for each label"),
    }
    for name, (state, text) in expected.items():
        onnx = exported(name)["onnx"]
        assert onnx["state"] == state and text in onnx["reason"], (name, onnx)


@case
def graphs_are_registered_as_the_plane_can_serve_them():
    from onnx import TensorProto, helper, numpy_helper

    def graph(shape, width=2):
        weights = numpy_helper.from_array(np.ones((width, 300), dtype=np.float32), "w")
        value = helper.make_tensor_value_info
        made = helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [value("x", TensorProto.FLOAT, shape)],
            [value("y", TensorProto.FLOAT, None)], [weights],
        )  # fmt: skip
        return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    named = mlflow.models.infer_signature(pd.DataFrame({"a": [1.0], "b": [2.0]}))
    graphs = {
        "beside": (graph(["n", 2]), {"signature": named, "save_as_external_data": True}),
        "deep": (graph(["n", 3, 2]), {}),
        "fixed": (graph([8, 2]), {}),
    }
    for name, (model, more) in graphs.items():
        with mlflow.start_run():
            mlflow.onnx.log_model(model, name="model", registered_model_name=name, pip_requirements=["onnx"], await_registration_for=0, **more)
    beside = exported("beside")["onnx"]
    assert beside["state"] == "ready" and len(beside["signature"]["outputs"]) == 300, beside
    assert [column["name"] for column in beside["signature"]["inputs"]] == ["a", "b"], beside["signature"]["inputs"]
    assert "3 dimensions" in exported("deep")["onnx"]["reason"]
    assert "exactly 8 rows" in exported("fixed")["onnx"]["reason"]
