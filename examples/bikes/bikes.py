"""The bike rentals of 2011 as the ISLP package ships them, and the columns that the model looks at."""

import importlib.util
import pathlib

import pandas as pd

FEATURES = ["season", "hr", "weekday", "workingday", "holiday", "weathersit", "temp", "hum", "windspeed"]
TARGET = "bikers"


def shipped() -> pathlib.Path:
    """ISLP itself is not imported: only its data is wanted."""
    spec = importlib.util.find_spec("ISLP")
    if spec is None or spec.origin is None:
        raise SystemExit("The package ISLP is not installed: pip install --no-deps ISLP==0.6.0")
    return pathlib.Path(spec.origin).parent / "data" / "Bikeshare.csv"


def table(path: str = "") -> pd.DataFrame:
    """8,645 hours of 2011 with an `event_time` in UTC, or another file of that form."""
    rows = pd.read_csv(path or shipped())
    days = pd.to_timedelta(rows["day"] - 1, unit="D") + pd.to_timedelta(rows["hr"].astype(int), unit="h")
    rows.insert(0, "event_time", pd.Timestamp("2011-01-01", tz="UTC") + days)
    return rows.sort_values("event_time", kind="stable").reset_index(drop=True)
