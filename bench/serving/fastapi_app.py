"""The usual hand-written service: FastAPI, pydantic, onnxruntime; no log, no profiles, no routing."""
import sys

import numpy as np
import onnxruntime as ort
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = ort.InferenceSession(sys.argv[1], options)
app = FastAPI()


class Request(BaseModel):
    instances: list[list[float]]


@app.post("/invocations")
async def predict(request: Request):
    (result,) = session.run(None, {"X": np.asarray(request.instances, dtype=np.float32)})
    return {"predictions": result.tolist()}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
