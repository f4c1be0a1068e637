"""The rules over HTTP: a plain Flask application of small blueprints.

`create_app(settings)` loads the rulebook, proves the engine in a child process, and serves the addresses of
docs/api.md. Errors are always RFC 9457 problem documents in Chinese or English; nothing a person sends is
ever logged. This room holds no rules and decides nothing: it hands bodies to `app.intake`, requests to
`app.engine`, and questions about the rules to `app.language`.
"""

from .application import create_app
from .settings import Settings

__all__ = ["Settings", "create_app"]
