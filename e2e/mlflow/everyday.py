"""What people do with the client on an ordinary day, beyond the core of cases.py."""

import os
import tempfile
import time
import warnings

import mlflow
import numpy as np
import pandas as pd
from harness import URI, case, client, frame, refused
from mlflow.entities import Metric, Param, RunTag, ViewType


@case
def tables_figures_images_and_texts():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with mlflow.start_run() as run:
        mlflow.log_table({"question": ["a"], "answer": ["b"]}, "table.json")
        mlflow.log_table(pd.DataFrame({"question": ["c"], "answer": ["d"]}), "table.json")
        figure, axis = pyplot.subplots()
        axis.plot([1, 2])
        mlflow.log_figure(figure, "plots/line.png")
        mlflow.log_image(np.zeros((8, 8, 3), dtype=np.uint8), "image.png")
        mlflow.log_image(np.zeros((8, 8, 3), dtype=np.uint8), key="steps", step=1)
        mlflow.log_text("text", "notes/a.md")
        mlflow.log_dict({"k": [1]}, "conf.yaml")
    table = mlflow.load_table("table.json", run_ids=[run.info.run_id])
    assert table["question"].tolist() == ["a", "c"], table
    assert {entry.path for entry in client.list_artifacts(run.info.run_id)} >= {"table.json", "plots", "image.png", "images", "notes", "conf.yaml"}
    assert mlflow.artifacts.load_image(f"runs:/{run.info.run_id}/image.png").size == (8, 8)
    assert mlflow.artifacts.load_dict(f"runs:/{run.info.run_id}/table.json")["columns"] == ["question", "answer"]
    with tempfile.TemporaryDirectory() as folder:
        local = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, dst_path=folder)
        assert sorted(os.listdir(local)) == sorted(["table.json", "plots", "image.png", "images", "notes", "conf.yaml"]), os.listdir(local)
        assert mlflow.artifacts.list_artifacts(artifact_uri=f"runs:/{run.info.run_id}/notes")[0].path.endswith("a.md")


@case
def models_evaluate():
    from sklearn.linear_model import LinearRegression

    data, y = frame()
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(LinearRegression().fit(data[["temp", "hr"]], y), name="m", input_example=data[["temp", "hr"]].head(3), pip_requirements=["scikit-learn"])
        table = data[["temp", "hr"]].assign(target=y)
        result = mlflow.models.evaluate(info.model_uri, table, targets="target", model_type="regressor", evaluator_config={"log_explainer": False})
    read = client.get_run(run.info.run_id)
    assert abs(read.data.metrics["mean_absolute_error"] - result.metrics["mean_absolute_error"]) < 1e-9
    assert read.inputs.dataset_inputs, "the evaluated table is an input of the run"


@case
def autolog_of_a_search():
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV

    data, y = frame(60)
    mlflow.sklearn.autolog(log_models=False, silent=True)
    try:
        with mlflow.start_run() as run:
            GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2).fit(data[["temp", "hr"]], y)
    finally:
        mlflow.sklearn.autolog(disable=True)
    children = client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{run.info.run_id}'")
    assert len(children) == 2 and client.get_run(run.info.run_id).data.params["best_alpha"] in ("0.1", "1.0")


@case
def asynchronous_logging():
    with mlflow.start_run() as run:
        for step in range(300):
            mlflow.log_metric("loss", 1 / (step + 1), step=step, synchronous=False)
        mlflow.log_params({f"p{i}": i for i in range(250)}, synchronous=False)
        mlflow.set_tags({"a": "b"}, synchronous=False)
        mlflow.flush_async_logging()
    read = client.get_run(run.info.run_id)
    assert len(client.get_metric_history(run.info.run_id, "loss")) == 300
    assert len(read.data.params) == 250 and read.data.tags["a"] == "b"


@case
def large_batches():
    run = client.create_run("0")
    client.log_batch(
        run.info.run_id,
        metrics=[Metric(f"m{i % 500}", i, 1, i // 500) for i in range(2500)],
        params=[Param(f"p{i}", "x" * 6000) for i in range(100)],
        tags=[RunTag(f"t{i}", "y" * 5000) for i in range(100)],
    )
    read = client.get_run(run.info.run_id)
    assert len(read.data.metrics) == 500 and len(read.data.params) == 100 and len(read.data.params["p9"]) == 6000


@case
def the_life_of_a_run():
    experiment = client.create_experiment(f"run life {time.time()}")
    run = client.create_run(experiment, run_name="ünïque name", tags={"mlflow.user": "ann"})
    client.set_terminated(run.info.run_id, "FAILED", end_time=1_700_000_000_000)
    read = client.get_run(run.info.run_id)
    assert read.info.status == "FAILED" and read.info.end_time == 1_700_000_000_000
    client.update_run(run.info.run_id, status="FINISHED", name="other")
    assert client.get_run(run.info.run_id).info.run_name == "other"
    client.set_tag(run.info.run_id, "k", "v")
    client.delete_tag(run.info.run_id, "k")
    refused("RESOURCE_DOES_NOT_EXIST", client.delete_tag, run.info.run_id, "k")
    assert [r.info.run_id for r in client.search_runs([experiment], "run_name = 'other' and status = 'FINISHED'")] == [run.info.run_id]
    client.delete_run(run.info.run_id)
    refused("INVALID_PARAMETER_VALUE", client.log_metric, run.info.run_id, "m", 1)
    assert [r.info.run_id for r in client.search_runs([experiment], run_view_type=ViewType.ALL)] == [run.info.run_id]
    client.restore_run(run.info.run_id)
    client.log_metric(run.info.run_id, "m", 1)
    mlflow.set_experiment(experiment_id=experiment)
    with mlflow.start_run(run_id=run.info.run_id):
        mlflow.log_metric("m", 2)
    assert client.get_run(run.info.run_id).data.metrics == {"m": 2.0}


@case
def experiments_by_the_fluent_calls():
    name = f"fluent {time.time()}"
    mlflow.set_experiment(name)
    mlflow.set_experiment_tags({"team": "a", "k": "v"})
    mlflow.set_experiment_tag("k", "w")
    assert mlflow.get_experiment_by_name(name).tags == {"team": "a", "k": "w"}
    with mlflow.start_run(description="why", log_system_metrics=False):
        mlflow.set_tags({"a": 1})
    found = mlflow.search_runs(experiment_names=[name], filter_string="tags.a = '1'", order_by=["attributes.start_time DESC"])
    assert len(found) == 1 and found["tags.mlflow.note.content"][0] == "why"
    assert len(mlflow.search_experiments(filter_string=f"name = '{name}'")) == 1
    assert mlflow.last_active_run().info.run_id == found["run_id"][0]
    mlflow.delete_run(found["run_id"][0])
    mlflow.delete_experiment(mlflow.get_experiment_by_name(name).experiment_id)
    assert name not in [experiment.name for experiment in mlflow.search_experiments()]
    mlflow.set_experiment("basics")


@case
def the_ways_to_a_version():
    from sklearn.linear_model import LinearRegression

    data, y = frame(40)
    name = f"ways-{time.time_ns()}"
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(LinearRegression().fit(data[["temp", "hr"]], y), name="model", input_example=data[["temp", "hr"]].head(3), pip_requirements=["scikit-learn"])
    by_run = mlflow.register_model(f"runs:/{run.info.run_id}/model", name)
    assert by_run.run_id == run.info.run_id and client.get_model_version(name, by_run.version).status == "READY"
    client.set_registered_model_alias(name, "champion", by_run.version)
    copied = client.copy_model_version(f"models:/{name}@champion", name + "-prod")
    again = client.copy_model_version(f"models:/{name}/{by_run.version}", name + "-prod")
    assert (str(copied.version), str(again.version)) == ("1", "2")
    assert len(mlflow.pyfunc.load_model(f"models:/{name}-prod/latest").predict(data[["temp", "hr"]])) == 40
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client.transition_model_version_stage(name, by_run.version, "Production")
        assert len(mlflow.sklearn.load_model(f"models:/{name}/Production").coef_) == 2
    assert mlflow.models.get_model_info(f"models:/{name}/1").signature is not None
    assert client.get_model_version_download_uri(name, "1")
    found = mlflow.search_model_versions(filter_string=f"name = '{name}-prod'", order_by=["version_number DESC"])
    assert [str(version.version) for version in found] == ["2", "1"]
    assert name in [model.name for model in mlflow.search_registered_models(filter_string=f"name = '{name}'")]
    assert mlflow.search_logged_models([run.info.experiment_id], f"name = 'model' and source_run_id = '{run.info.run_id}'")["model_id"].tolist() == [info.model_id]


@case
def datasets_of_several_kinds():
    data, y = frame(30)
    with mlflow.start_run() as run:
        mlflow.log_input(mlflow.data.from_pandas(data, targets="hr", name="p"), context="training", tags={"fold": "1"})
        mlflow.log_input(mlflow.data.from_numpy(data[["temp", "hr"]].to_numpy(), targets=y.to_numpy(), name="n"), context="testing")
    read = client.get_run(run.info.run_id)
    assert {entry.dataset.name for entry in read.inputs.dataset_inputs} == {"p", "n"}
    first = next(entry for entry in read.inputs.dataset_inputs if entry.dataset.name == "p")
    assert {tag.key: tag.value for tag in first.tags} == {"mlflow.data.context": "training", "fold": "1"}
    assert mlflow.data.get_source(first.dataset) is not None


@case
def traces_do_not_break_training():
    @mlflow.trace
    def score(x):
        with mlflow.start_span("inner") as span:
            span.set_inputs({"x": x})
        return x * 2

    started = time.time()
    with mlflow.start_run() as run:
        assert score(2) == 4
        mlflow.log_metric("m", 1)
        mlflow.flush_trace_async_logging()
    assert client.get_run(run.info.run_id).data.metrics == {"m": 1.0}
    assert time.time() - started < 20, "a refusal is not repeated"


def mlflow_cli(*words):
    from click.testing import CliRunner
    from mlflow.cli import cli

    done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output[-800:]
    return done.output


@case
def its_command_line():
    name = f"cli {time.time()}"
    mlflow_cli("experiments", "create", "-n", name)
    experiment = client.get_experiment_by_name(name).experiment_id
    run = client.create_run(experiment, run_name="cli run")
    client.log_text(run.info.run_id, "x", "a/b.txt")
    assert name in mlflow_cli("experiments", "search")
    assert run.info.run_id in mlflow_cli("runs", "list", "--experiment-id", experiment)
    assert run.info.run_id in mlflow_cli("runs", "describe", "--run-id", run.info.run_id)
    assert "a/b.txt" in mlflow_cli("artifacts", "list", "-r", run.info.run_id, "-a", "a")
    mlflow_cli("artifacts", "download", "-r", run.info.run_id, "-a", "a/b.txt", "-d", tempfile.mkdtemp())
