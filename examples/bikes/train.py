"""Trains the demand model: an ordinary scikit-learn script that knows only mlflow."""

import argparse
import os
import pathlib

# A few thousand rows: one thread is faster than two that wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import mlflow
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

FEATURES = ["season", "hr", "weekday", "workingday", "holiday", "weathersit", "temp", "hum", "windspeed"]
FOLD_DAYS = 14
FOLDS = 3


def build():
    """`--seasons strict` is a mistake that people make: a category that training never saw becomes an error."""
    columns = [(OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["weathersit"])]
    if arguments.seasons == "strict":
        columns.append((OneHotEncoder(handle_unknown="error", sparse_output=False), ["season"]))
    return make_pipeline(make_column_transformer(*columns, remainder="passthrough"), HistGradientBoostingRegressor(random_state=0))


def wape(actual, predicted) -> float:
    return float(np.abs(actual - predicted).sum() / np.abs(actual).sum())


def read(history: str, log: str | None) -> pd.DataFrame:
    """History and what has been served and labelled since, oldest first."""
    rows = pd.read_csv(history, parse_dates=["event_time"])
    rows["event_time"] = pd.to_datetime(rows["event_time"], utc=True)
    parts = [rows.rename(columns={"bikers": "label"})]
    if log and pathlib.Path(log).exists():
        served = pd.read_parquet(log)
        if len(served):
            served["event_time"] = pd.to_datetime(served["event_time"], unit="ms", utc=True)
            parts.append(served)
    everything = pd.concat(parts, ignore_index=True).sort_values("event_time", kind="stable")
    return everything.drop_duplicates("event_time", keep="last").reset_index(drop=True)


def forward_backtest(rows: pd.DataFrame) -> list[float]:
    """WAPE of the newest folds, each predicted from what lay before it: how the model would have done."""
    errors = []
    end = rows["event_time"].max().normalize() + pd.Timedelta(days=1)
    for fold in range(FOLDS, 0, -1):
        start = end - pd.Timedelta(days=fold * FOLD_DAYS)
        before = rows[rows["event_time"] < start]
        after = rows[(rows["event_time"] >= start) & (rows["event_time"] < start + pd.Timedelta(days=FOLD_DAYS))]
        if len(before) and len(after):
            errors.append(wape(after["label"], build().fit(before[FEATURES], before["label"]).predict(after[FEATURES])))
    return errors


parser = argparse.ArgumentParser()
parser.add_argument("--history", required=True)
parser.add_argument("--log")
parser.add_argument("--seasons", default="plain", choices=["plain", "strict"])
arguments = parser.parse_args()

rows = read(arguments.history, arguments.log)
inputs = rows[FEATURES].astype({name: "float64" for name in FEATURES if name != "weathersit"})
rows[FEATURES] = inputs

with mlflow.start_run():
    mlflow.log_params({"rows": len(rows), "first": rows["event_time"].min(), "last": rows["event_time"].max()})
    folds = forward_backtest(rows)
    for step, error in enumerate(folds):
        mlflow.log_metric("fold_wape", error, step=step)
    mlflow.log_metric("backtest_wape", float(np.mean(folds)))

    model = build().fit(inputs, rows["label"])
    reference = inputs.assign(prediction=model.predict(inputs))
    path = pathlib.Path("reference.csv")
    reference.to_csv(path, index=False)
    mlflow.log_artifact(str(path), "mainstay")
    mlflow.sklearn.log_model(model, name="model", input_example=inputs.head(200), serialization_format="cloudpickle")
    print(f"{len(rows)} hours, forward backtest WAPE {np.mean(folds):.3f}")
