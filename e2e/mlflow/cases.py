"""The unmodified MLflow client against a Mainstay server: each function is one case. Started by main.py."""

import json
import math
import os
import tempfile
import time

import mlflow
import numpy as np
from harness import URI, case, client, frame, refused
from mlflow.entities import Metric, Param, RunTag, ViewType


@case
def run_with_params_metrics_and_tags():
    mlflow.set_experiment("basics")
    with mlflow.start_run(run_name="first", tags={"team": "a"}) as run:
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"depth": 3, "name": "x y"})
        mlflow.log_metric("rmse", 0.5, step=0)
        mlflow.log_metric("rmse", 0.4, step=2)
        mlflow.log_metric("rmse", 0.9, step=1)
        mlflow.log_metrics({"nan": float("nan"), "inf": float("inf"), "a/b c-d": 1})
        mlflow.set_tag("mlflow.note.content", "ümlaut ✓")
    read = client.get_run(run.info.run_id)
    assert read.info.status == "FINISHED" and read.info.run_name == "first"
    assert read.data.params == {"lr": "0.1", "depth": "3", "name": "x y"}
    assert read.data.metrics["rmse"] == 0.4, "latest is by step, not by time of writing"
    assert math.isnan(read.data.metrics["nan"]) and read.data.metrics["inf"] == math.inf
    assert read.data.tags["mlflow.note.content"] == "ümlaut ✓" and read.data.tags["team"] == "a"
    history = client.get_metric_history(run.info.run_id, "rmse")
    assert [(point.step, point.value) for point in history] == [(0, 0.5), (1, 0.9), (2, 0.4)]


@case
def params_are_written_once():
    with mlflow.start_run() as run:
        mlflow.log_param("a", 1)
        mlflow.log_param("a", 1)
        refused("INVALID_PARAMETER_VALUE", client.log_param, run.info.run_id, "a", 2)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_run, "0" * 32)
    refused("INVALID_PARAMETER_VALUE", client.log_metric, run.info.run_id, "a//b", 1)


@case
def experiments_have_a_life():
    name = f"life {time.time()}"
    identity = client.create_experiment(name, tags={"k": "v"})
    refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, name)
    client.set_experiment_tag(identity, "k", "w")
    run = client.create_run(identity)
    client.delete_experiment(identity)
    assert client.get_experiment(identity).lifecycle_stage == "deleted"
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "deleted"
    client.restore_experiment(identity)
    client.rename_experiment(identity, name + " 2")
    read = client.get_experiment(identity)
    assert read.name == name + " 2" and read.tags == {"k": "w"} and read.artifact_location == f"mlflow-artifacts:/{identity}"
    assert client.get_experiment_by_name("there is none") is None
    client.delete_experiment_tag(identity, "k")
    assert client.get_experiment(identity).tags == {}


@case
def artifacts_in_nested_folders():
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "a/b"))
        for path in ("top.txt", "a/one.json", "a/b/two.csv"):
            with open(os.path.join(folder, path), "w") as file:
                file.write('{"x": 1}' if path.endswith("json") else path)
        mlflow.log_artifacts(folder, "data")
        mlflow.log_text("hello", "notes/hello world ü.txt")
        mlflow.log_dict({"a": [1, 2]}, "conf.json")
        run_id = run.info.run_id
    assert sorted(entry.path for entry in client.list_artifacts(run_id)) == ["conf.json", "data", "notes"]
    assert sorted((entry.path, entry.is_dir) for entry in client.list_artifacts(run_id, "data")) == [("data/a", True), ("data/top.txt", False)]
    local = client.download_artifacts(run_id, "data")
    with open(os.path.join(local, "a/b/two.csv")) as file:
        assert file.read() == "a/b/two.csv"
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/notes/hello world ü.txt") == "hello"
    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/conf.json") == {"a": [1, 2]}


@case
def a_large_file_is_streamed():
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "large.bin")
        block = os.urandom(1 << 20)
        with open(path, "wb") as file:
            for i in range(200):
                file.write(block[i:] + block[:i])
        mlflow.log_artifact(path)
        local = client.download_artifacts(run.info.run_id, "large.bin", folder)
        assert os.path.getsize(local) == 200 << 20


@case
def nested_runs():
    with mlflow.start_run() as parent:
        with mlflow.start_run(nested=True) as child:
            pass
    found = client.search_runs([parent.info.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert [run.info.run_id for run in found] == [child.info.run_id]


@case
def search_with_filters_and_order():
    experiment = client.create_experiment(f"search {time.time()}")
    runs = []
    for i in range(25):
        run = client.create_run(experiment, start_time=1_000_000 + i, run_name=f"r{i:02}", tags={"Team": "A" if i % 2 else "b"})
        client.log_batch(
            run.info.run_id,
            metrics=[Metric("m", float("nan") if i == 3 else i, 1, 0)] if i != 4 else [],
            params=[Param("p", f"v{i % 5}"), Param("with space", str(i))],
        )
        runs.append(run.info.run_id)
    names = lambda text="", **more: [run.info.run_name for run in client.search_runs([experiment], text, **more)]
    assert names()[:2] == ["r24", "r23"]
    assert names("metrics.m > 22") == ["r24", "r23"]
    assert names("metrics.m >= 22 and params.p = 'v4'") == ["r24"]
    assert names("params.p = 'v4' or metrics.m = 22") == ["r24", "r22", "r19", "r14", "r09", "r04"]
    assert names("params.`with space` = '7'") == ["r07"]
    assert names("tags.Team = 'a'") == [] and len(names("tags.Team ilike 'a'")) == 12
    assert names("tags.Team LIKE 'A%' and attributes.run_name = 'r01'") == ["r01"]
    assert names("attributes.start_time < 1000002") == ["r01", "r00"]
    assert names("attributes.run_name IN ('r01', 'r02')") == ["r02", "r01"]
    assert names(f"attributes.run_id IN ('{runs[3]}')") == ["r03"]
    assert names("params.none IS NULL and metrics.m < 1") == ["r00"]
    ordered = names(order_by=["metrics.m DESC"])
    assert ordered[0] == "r24" and ordered[-2:] == ["r03", "r04"], "NaN after numbers, absent last"
    ordered = names(order_by=["metrics.m ASC"])
    assert ordered[0] == "r00" and ordered[-2:] == ["r03", "r04"]
    seen, token = [], None
    while True:
        page = client.search_runs([experiment], order_by=["params.p DESC", "metrics.m"], max_results=7, page_token=token)
        seen += [run.info.run_id for run in page]
        token = page.token
        if not token:
            break
    assert len(seen) == 25 and len(set(seen)) == 25
    for bad in ("metrics.m > 'x'", "metrics.m >", "nope.x = 1", "params.p > 'x'", "attributes.nope = 'x'", "and", "((metrics.m = 1)"):
        refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], bad)
    for loose in ("metrics.m < 1 and", "and metrics.m < 1", f"metrics.m < 1 and run_id in {tuple(runs[:1])}"):
        assert "r00" in names(loose), loose
    client.delete_run(runs[0])
    assert names("attributes.run_name = 'r00'") == []
    assert names("attributes.run_name = 'r00'", run_view_type=ViewType.DELETED_ONLY) == ["r00"]
    client.restore_run(runs[0])
    assert len(mlflow.search_runs([experiment])) == 25


@case
def search_experiments_pages():
    for i in range(5):
        client.create_experiment(f"page {time.time()} {i}", tags={"kind": f"k{i}"})
    assert len(client.search_experiments(filter_string="name LIKE 'page %' and tags.kind = 'k3'")) == 1
    first = client.search_experiments(max_results=2, order_by=["name DESC"])
    second = client.search_experiments(max_results=2, order_by=["name DESC"], page_token=first.token)
    assert first[0].name > first[1].name > second[0].name


@case
def inputs_and_datasets():
    data, _ = frame(20)
    dataset = mlflow.data.from_pandas(data, name="bikes")
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="training")
        mlflow.log_input(dataset, context="training")
    read = client.get_run(run.info.run_id)
    assert [entry.dataset.name for entry in read.inputs.dataset_inputs] == ["bikes"]
    assert read.inputs.dataset_inputs[0].tags[0].value == "training"
    found = client.search_runs([run.info.experiment_id], "datasets.name = 'bikes' and dataset.context = 'training'")
    assert run.info.run_id in [entry.info.run_id for entry in found]


@case
def metric_history_in_pages():
    with mlflow.start_run() as run:
        for start in range(0, 3000, 1000):
            client.log_batch(run.info.run_id, metrics=[Metric("loss", i / 3, i, i) for i in range(start, start + 1000)])
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [point.step for point in history] == list(range(3000))
    import requests

    answer = requests.get(
        f"{URI}/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval",
        params={"run_ids": run.info.run_id, "metric_key": "loss", "max_results": 5, "start_step": 0, "end_step": 9},
    ).json()
    assert [point["step"] for point in answer["metrics"]] == [0, 2, 4, 6, 9], answer


@case
def sklearn_autolog_and_logged_models():
    from sklearn.linear_model import LinearRegression

    data, y = frame()
    mlflow.sklearn.autolog(log_input_examples=True)
    try:
        with mlflow.start_run() as run:
            LinearRegression().fit(data[["temp", "hr"]], y)
    finally:
        mlflow.sklearn.autolog(disable=True)
    read = client.get_run(run.info.run_id)
    assert read.data.params["fit_intercept"] == "True" and "training_root_mean_squared_error" in read.data.metrics
    assert len(read.outputs.model_outputs) == 1
    model = client.get_logged_model(read.outputs.model_outputs[0].model_id)
    assert model.status == "READY" and model.source_run_id == run.info.run_id
    assert model.params["fit_intercept"] == "True"
    found = mlflow.search_logged_models([run.info.experiment_id], f"source_run_id = '{run.info.run_id}'", output_format="list")
    assert [entry.model_id for entry in found] == [model.model_id]
    found = client.search_logged_models([run.info.experiment_id], "params.fit_intercept = 'True'", order_by=[{"field_name": "creation_timestamp", "ascending": False}])
    assert model.model_id in [entry.model_id for entry in found]
    assert "MLmodel" in [os.path.basename(entry.path) for entry in client.list_artifacts(run.info.run_id, "model")]
    mlflow.sklearn.load_model(f"models:/{model.model_id}").predict(data[["temp", "hr"]].head(2))
    client.set_logged_model_tags(model.model_id, {"a": "b"})
    assert client.get_logged_model(model.model_id).tags["a"] == "b"
    client.delete_logged_model_tag(model.model_id, "a")


def pipeline(classify=False):
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    data, y = frame()
    before = ColumnTransformer([("c", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["season"]), ("n", StandardScaler(), ["temp", "hr"])])
    last = RandomForestClassifier(5, random_state=1) if classify else HistGradientBoostingRegressor(max_iter=20, random_state=1)
    return Pipeline([("before", before), ("model", last)]).fit(data, (y > 12).map({True: "high", False: "low"}) if classify else y), data


def version_of(name, version):
    import requests

    answer = requests.get(f"{URI}/api/v1/models/{name}/versions/{version}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@case
def register_alias_and_load():
    model, data = pipeline()
    name = f"bike-{time.time_ns()}"
    with mlflow.start_run() as run:
        mlflow.log_metric("mae", 1.5)
        mlflow.log_text("temp,hr,season\n1,2,a\n", "mainstay/reference.csv")
        info = mlflow.sklearn.log_model(model, name="model", input_example=data.head(10), serialization_format="cloudpickle")
        version = mlflow.register_model(info.model_uri, name, tags={"stage": "test"})
    assert version.version == "1" or version.version == 1
    read = client.get_model_version(name, "1")
    assert read.status == "READY" and read.run_id == run.info.run_id and read.tags == {"stage": "test"}
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_tag(name, "team", "x")
    assert client.get_registered_model(name).aliases == {"champion": "1"}
    assert client.get_model_version_by_alias(name, "champion").version == "1"
    loaded = mlflow.pyfunc.load_model(f"models:/{name}@champion")
    assert np.allclose(loaded.predict(data.head(5)), model.predict(data.head(5)))
    shown = version_of(name, 1)
    assert shown["onnx"]["state"] == "ready", shown["onnx"]
    assert shown["onnx"]["difference"]["max_rel"] < 1e-3 and shown["onnx"]["difference"]["rows"] == 10
    assert [column["name"] for column in shown["onnx"]["signature"]["inputs"]] == ["temp", "hr", "season"]
    assert shown["reference_digest"] and {"mae": 1.5} == {point["key"]: point["value"] for point in shown["run_metrics"] if point["key"] == "mae"}
    started = time.time()
    second = mlflow.register_model(info.model_uri, name)
    assert str(second.version) == "2" and second.status == "READY" and time.time() - started < 2, "the same tree is exported once"
    tags = client.get_logged_model(info.model_id).tags["mlflow.modelVersions"]
    assert {entry["version"] for entry in json.loads(tags)} >= {"1", "2"}


@case
def classifier_with_label_and_probabilities():
    model, data = pipeline(classify=True)
    name = f"class-{time.time_ns()}"
    with mlflow.start_run():
        mlflow.sklearn.log_model(model, name="m", input_example=data.head(10), registered_model_name=name, serialization_format="cloudpickle")
    shown = version_of(name, 1)
    assert shown["onnx"]["state"] == "ready", shown["onnx"]
    assert [column["name"] for column in shown["onnx"]["signature"]["outputs"]] == ["label", "probability_high", "probability_low"]


@case
def without_an_example_the_difference_is_unknown():
    from sklearn.linear_model import LinearRegression

    data, y = frame()
    name = f"noex-{time.time_ns()}"
    with mlflow.start_run():
        mlflow.sklearn.log_model(LinearRegression().fit(data[["temp", "hr"]], y), name="m", registered_model_name=name)
    shown = version_of(name, 1)
    assert shown["onnx"]["state"] == "ready" and shown["onnx"]["difference"] is None, shown["onnx"]


@case
def what_cannot_be_exported_is_ready_but_says_so():
    class Echo(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return model_input

    name = f"echo-{time.time_ns()}"
    with mlflow.start_run():
        mlflow.pyfunc.log_model(name="m", python_model=Echo(), registered_model_name=name)
    shown = version_of(name, 1)
    assert shown["status"] == "READY" and shown["onnx"]["state"] == "not_exportable", shown
    assert "python_function" in shown["onnx"]["reason"]


@case
def an_onnx_model():
    from skl2onnx import to_onnx
    from sklearn.linear_model import LinearRegression

    data, y = frame()
    array = data[["temp", "hr"]].to_numpy().astype(np.float32)
    onx = to_onnx(LinearRegression().fit(array, y), array[:1])
    name = f"onnx-{time.time_ns()}"
    with mlflow.start_run():
        mlflow.onnx.log_model(onx, name="m", input_example=array[:3], registered_model_name=name)
    shown = version_of(name, 1)
    assert shown["onnx"]["state"] == "ready" and shown["onnx"]["signature"]["onnx"]["inputs"][0]["dtype"] == "FP32", shown["onnx"]
    loaded = mlflow.pyfunc.load_model(f"models:/{name}/1")
    assert loaded.predict(array[:3]) is not None


@case
def registry_life():
    name = f"life-{time.time_ns()}"
    client.create_registered_model(name, tags={"a": "1"}, description="d")
    refused("RESOURCE_ALREADY_EXISTS", client.create_registered_model, name)
    run = client.create_run("0")
    client.log_text(run.info.run_id, "x", "folder/file.txt")
    for _ in range(3):
        client.create_model_version(name, f"runs:/{run.info.run_id}/folder", run.info.run_id)
    client.delete_model_version(name, "3")
    assert client.create_model_version(name, f"{run.info.artifact_uri}/folder", run.info.run_id).version in (4, "4")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, name, "3")
    client.transition_model_version_stage(name, "1", "staging")
    client.transition_model_version_stage(name, "2", "Staging", archive_existing_versions=True)
    assert client.get_model_version(name, "1").current_stage == "Archived"
    assert [str(v.version) for v in client.get_latest_versions(name, ["Staging"])] == ["2"]
    assert {str(v.version) for v in client.get_latest_versions(name)} == {"1", "2", "4"}
    client.update_model_version(name, "1", "text")
    client.set_model_version_tag(name, "1", "k", "v")
    found = client.search_model_versions(f"name = '{name}' and tags.k = 'v'")
    assert [str(v.version) for v in found] == ["1"] and found[0].description == "text"
    assert len(client.search_model_versions(f"run_id = '{run.info.run_id}'")) == 3
    assert [m.name for m in client.search_registered_models(f"name LIKE '{name[:12]}%' and tags.a = '1'")].count(name) == 1
    for bad in ("runs:/" + "0" * 32 + "/x", "/etc", "mlflow-artifacts:/0/../etc", "file:///etc/passwd"):
        refused("INVALID_PARAMETER_VALUE", client.create_model_version, name, bad, run.info.run_id)
    refused("INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, name, "none")
    refused("INVALID_PARAMETER_VALUE", client.set_registered_model_alias, name, "latest", "1")
    client.set_registered_model_alias(name, "a", "1")
    client.delete_model_version(name, "1")
    assert client.get_registered_model(name).aliases == {}
    client.rename_registered_model(name, name + "-2")
    client.delete_registered_model(name + "-2")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, name + "-2")


@case
def many_versions_in_pages():
    name = f"many-{time.time_ns()}"
    client.create_registered_model(name)
    for _ in range(12):
        client.create_model_version(name, "s3://bucket/x")
    first = client.search_model_versions(f"name = '{name}'", max_results=5, order_by=["version_number ASC"])
    second = client.search_model_versions(f"name = '{name}'", max_results=5, order_by=["version_number ASC"], page_token=first.token)
    assert [int(v.version) for v in list(first) + list(second)] == list(range(1, 11))


@case
def logged_model_metrics_on_datasets():
    data, _ = frame(20)
    dataset = mlflow.data.from_pandas(data, name="eval")
    experiment = client.create_experiment(f"lm {time.time()}")
    with mlflow.start_run(experiment_id=experiment):
        models = [mlflow.create_external_model(name=f"m{i}", model_type="t") for i in range(3)]
        for i, model in enumerate(models):
            mlflow.log_metric("acc", i / 10, model_id=model.model_id, dataset=dataset)
    named = lambda **more: [m.name for m in client.search_logged_models([experiment], **more)]
    assert set(named(filter_string="metrics.acc >= 0.1")) == {"m1", "m2"}
    assert named(order_by=[{"field_name": "metrics.acc", "ascending": False}]) == ["m2", "m1", "m0"]
    assert set(named(filter_string="metrics.acc >= 0.1", datasets=[{"dataset_name": "eval", "dataset_digest": dataset.digest}])) == {"m1", "m2"}
    assert named(filter_string="name = 'm1'") == ["m1"]
    first = client.search_logged_models([experiment], max_results=2)
    assert len(first) == 2 and len(client.search_logged_models([experiment], max_results=2, page_token=first.token)) == 1


@case
def what_is_absent_says_so_at_once():
    started = time.time()
    refused("NOT_IMPLEMENTED", client.search_traces, locations=["0"])
    assert time.time() - started < 3
