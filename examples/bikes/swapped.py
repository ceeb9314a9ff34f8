"""Logs a version whose training read two columns in the wrong order: hr stands where weekday should, and the reverse."""

import argparse

import bikes
import mlflow
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

parser = argparse.ArgumentParser()
parser.add_argument("--to", required=True, help="first day that is left out of training")
parser.add_argument("--out", required=True, help="folder for the MLflow model")
arguments = parser.parse_args()

rows = bikes.table()
rows = rows[rows["event_time"] < pd.Timestamp(arguments.to, tz="UTC")]
inputs = rows[bikes.FEATURES].astype({name: "float64" for name in bikes.FEATURES if name != "weathersit"})
wrong = inputs.rename(columns={"hr": "weekday", "weekday": "hr"})[bikes.FEATURES]
weather = make_column_transformer((OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["weathersit"]), remainder="passthrough")
model = make_pipeline(weather, HistGradientBoostingRegressor(random_state=0)).fit(wrong, rows[bikes.TARGET])
mlflow.sklearn.save_model(model, arguments.out, input_example=wrong.head(200), serialization_format="cloudpickle")
print(f"trained on {len(rows)} hours with hr and weekday swapped")
