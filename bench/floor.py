"""The floor: a bare Flask application that parses a JSON POST and echoes it."""

from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.post("/echo")
def echo() -> Response:
    """Parse the JSON body and send it back: the least a Flask JSON API can do."""
    return jsonify(request.get_json())


@app.get("/readyz")
def readyz() -> Response:
    """Say that the worker is up."""
    return jsonify(status="ready")
