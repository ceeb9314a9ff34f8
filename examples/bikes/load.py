"""Writes the rentals up to a day as the history that training starts from."""

import argparse
import pathlib

import bikes
import pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--to", required=True, help="first day that is left out")
parser.add_argument("--out", required=True)
parser.add_argument("--table", default="", help="a file like ISLP's Bikeshare.csv, which is the default")
arguments = parser.parse_args()

rows = bikes.table(arguments.table)
history = rows[rows["event_time"] < pd.Timestamp(arguments.to, tz="UTC")]
out = pathlib.Path(arguments.out)
out.parent.mkdir(parents=True, exist_ok=True)
history[["event_time", *bikes.FEATURES, bikes.TARGET]].to_csv(out, index=False)
print(f"{len(history)} hours up to {arguments.to}")
