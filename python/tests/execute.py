"""Executes a notebook from its beginning to its end, and prints its outputs as JSON. The first error ends it.

python3 execute.py NOTEBOOK
"""

import json
import os
import sys

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=os.path.dirname(sys.argv[1]))
print(json.dumps([output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]))
