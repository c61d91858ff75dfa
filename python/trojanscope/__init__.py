"""Python client of a trojanscope server. Begin with `Client`; docs/python.md is its page.

from trojanscope import Client
client = Client("http://127.0.0.1:4000")
client.curves(transform="rotation", target="IMAGE")
"""

from . import records
from .client import Client
from .errors import JobFailed, TrojanscopeError, Unreachable
from .reading import frame
from .runs import Run

__all__ = ["Client", "JobFailed", "Run", "TrojanscopeError", "Unreachable", "frame", "records"]
__version__ = "0.1.0"
